"""FHIR JSON as bytes and as plain values, with every digit kept.

https://hl7.org/fhir/R4/json.html
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from nabd.errors import Problem, problem

Json = dict[str, Any]

MAX_DEPTH = 100
MAX_NUMBER = 100  # characters: R4 asks for 18 digits of precision, and nobody needs more

_encoder = msgspec.json.Encoder(decimal_format="number")
_sorted_encoder = msgspec.json.Encoder(decimal_format="number", order="deterministic")


class _LongNumberError(ValueError):
    """A number with more digits than any measurement has."""


def _exact(digits: str) -> Decimal:
    if len(digits) > MAX_NUMBER:
        raise _LongNumberError
    return Decimal(digits)


_decoder = msgspec.json.Decoder(float_hook=_exact)


def decode(raw: bytes) -> Any:
    """Read a JSON text; numbers that are not integers become ``Decimal``, digits kept.

    Raises Problem N2001 when it is not JSON (RFC 8259: UTF-8 without a byte order mark, no NaN),
    N2002 when it is nested deeper than ``MAX_DEPTH``, N2003 for a number longer than
    ``MAX_NUMBER``.  A key that comes twice is *not* seen here; ``nabd.fhir.check`` sees it.
    """
    try:
        value = _decoder.decode(raw)
    except RecursionError:
        raise problem("N2002", limit=MAX_DEPTH) from None
    except (_LongNumberError, InvalidOperation):
        raise problem("N2003", limit=MAX_NUMBER) from None
    except (ValueError, UnicodeError) as error:  # msgspec.DecodeError is a ValueError
        raise _not_json(error) from None
    if isinstance(value, dict | list) and _is_deep(raw):
        _forbid_depth(value)
    return value


def encode(value: Any) -> bytes:
    """Write compact JSON, keys in the order given, every digit as it was read."""
    return _checked(_encoder.encode, value)


def encode_sorted(value: Any) -> bytes:
    """Write compact JSON with sorted keys: the form that is hashed."""
    return _checked(_sorted_encoder.encode, value)


def _checked(encode_with: Callable[[Any], bytes], value: Any) -> bytes:
    try:
        return encode_with(value)
    except RecursionError:
        raise problem("N2002", limit=MAX_DEPTH) from None
    except UnicodeEncodeError as error:
        raise _not_json(error) from None


def _not_json(error: Exception) -> Problem:
    # A message that quotes the input could quote a patient: keep the position only.
    _, _, position = str(error).rpartition("(byte ")
    return problem("N2001", byte=position.rstrip(")") if position.rstrip(")").isdigit() else "?")


def _is_deep(raw: bytes) -> bool:
    """Rule out depth cheaply: a text cannot be deeper than it has opening brackets in a row."""
    return raw.count(b"[") + raw.count(b"{") > MAX_DEPTH


def _forbid_depth(value: Any) -> None:
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise problem("N2002", limit=MAX_DEPTH)
        level = [
            child
            for parent in level
            for child in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(child, dict | list)
        ]
