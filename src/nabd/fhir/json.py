"""FHIR JSON as bytes and as plain values, with every digit kept.

https://hl7.org/fhir/R4/json.html
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Callable
from decimal import Context, Inexact, InvalidOperation, Overflow, Rounded, Subnormal
from typing import Any

import msgspec

from nabd.errors import Problem, problem

Json = dict[str, Any]

MAX_DEPTH = 100
MAX_DIGITS = 100  # R4 asks for 18 digits of precision; nobody measures with more than 100
MAX_EXPONENT = 300  # what a double still holds, and with it every index and table

_OTHER = bytes(c for c in range(256) if c not in b"{}[]")
_encode = msgspec.json.Encoder(decimal_format="number").encode
_encode_sorted = msgspec.json.Encoder(decimal_format="number", order="deterministic").encode


# Makes decimals as they are written, and refuses those it would have to round.
_exact = Context(
    prec=MAX_DIGITS,
    Emax=MAX_EXPONENT,
    Emin=-MAX_EXPONENT,
    traps=[InvalidOperation, Inexact, Rounded, Overflow, Subnormal],
).create_decimal


def decoder(kind: Any) -> Callable[[bytes], Any]:
    """Return the function that decodes to a type of msgspec, and ``Any`` within it exactly."""
    return msgspec.json.Decoder(kind, float_hook=_exact).decode


_decode = decoder(Any)


def decode(raw: bytes) -> Any:
    """Read a JSON text; numbers that are not integers become ``Decimal``, digits kept.

    A byte order mark before the text is ignored, as RFC 8259 (section 8.1) allows.

    Raises Problem N2001 when it is not JSON (RFC 8259: UTF-8, no lone surrogates, no NaN),
    N2002 when it is nested deeper than ``MAX_DEPTH``, N2003 for a number longer than
    ``MAX_DIGITS``.  A key that comes twice is *not* seen here; ``nabd.fhir.check`` sees it.
    """
    value = decode_any_depth(raw)
    if may_be_deep(raw):
        forbid_depth(value)
    return value


def decode_any_depth(raw: bytes) -> Any:
    """Read a JSON text as :func:`decode` does, and leave the depth to the caller."""
    try:
        return _decode(raw.removeprefix(BOM_UTF8))
    except RecursionError:
        raise problem("N2002", limit=MAX_DEPTH) from None
    except (ValueError, ArithmeticError) as error:  # msgspec.DecodeError is a ValueError
        raise _refusal(error, raw) from None


def encode(value: Any) -> bytes:
    """Write compact JSON, keys in the order given, every digit as it was read."""
    try:
        return _encode(value)
    except (RecursionError, UnicodeEncodeError) as error:
        raise _unwritable(error) from None


def encode_sorted(value: Any) -> bytes:
    """Write compact JSON with sorted keys: the form that is hashed."""
    try:
        return _encode_sorted(value)
    except (RecursionError, UnicodeEncodeError) as error:
        raise _unwritable(error) from None


def _unwritable(error: Exception) -> Problem:
    if isinstance(error, RecursionError):
        return problem("N2002", limit=MAX_DEPTH)
    return problem("N2001", byte=0)


def _refusal(error: Exception, raw: bytes) -> Problem:
    if isinstance(error, ArithmeticError) or "out of range" in str(error):
        return problem("N2003", digits=MAX_DIGITS, exponent=MAX_EXPONENT)
    return problem("N2001", byte=_position(error, raw))


def _position(error: Exception, raw: bytes) -> int:
    found = re.search(r"\(byte (\d+)\)", str(error))
    if found:
        return int(found[1])
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as wrong:
        return wrong.start
    return len(raw)  # a truncated text


def may_be_deep(raw: bytes) -> bool:
    """Rule depth out without a walk: take the innermost pairs of brackets away, level by level."""
    brackets = raw.translate(None, _OTHER)
    levels = 0
    while len(brackets) > MAX_DEPTH and levels < MAX_DEPTH:
        brackets = brackets.replace(b"{}", b"").replace(b"[]", b"")
        levels += 1
    return levels + len(brackets) > MAX_DEPTH


def forbid_depth(value: Any) -> None:
    """Raise Problem N2002 when a value is nested deeper than ``MAX_DEPTH``."""
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
