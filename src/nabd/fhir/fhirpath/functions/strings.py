"""String manipulation: http://hl7.org/fhirpath/N1/#string-manipulation."""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections.abc import Callable
from typing import Any

from nabd.fhir.fhirpath.evaluation import Evaluation, integer, string, wrong
from nabd.fhir.fhirpath.functions.patterns import pattern
from nabd.fhir.fhirpath.functions.registry import on_values
from nabd.fhir.fhirpath.model import Collection, Node, system

#: ``replace`` may multiply a text; this ends it.
_LONGEST = 10_000_000


def _texts(name: str, count: int, work: Callable[..., Any]) -> None:
    """Register a function of one text and ``count`` texts; an empty one makes the result empty."""

    def call(_: Evaluation, focus: Collection, *arguments: Collection) -> Collection:
        texts = [string(items, f"{name}()") for items in (focus, *arguments)]
        if None in texts:
            return []
        found = work(*texts)
        return [] if found is None else [found]

    on_values(name, count)(call)


def _replace(text: str, old: str, new: str) -> str | None:
    size = (len(text) + 1) * (len(new) + 1)
    return text.replace(old, new) if size <= _LONGEST else None


def _replace_matches(text: str, regex: str, new: str) -> str | None:
    if not regex or (len(text) + 1) * (len(new) + 1) > _LONGEST:
        return text
    return pattern(regex, text).sub(_template(new), text)


def _template(new: str) -> str:
    """Turn ``$1`` and ``${name}`` into Python's references to groups."""
    escaped = new.replace("\\", "\\\\")
    return re.sub(r"\$(?:\{(\w+)\}|(\d+))", lambda m: rf"\g<{m.group(1) or m.group(2)}>", escaped)


_texts("indexOf", 1, str.find)
_texts("lastIndexOf", 1, str.rfind)
_texts("startsWith", 1, str.startswith)
_texts("endsWith", 1, str.endswith)
_texts("contains", 1, str.__contains__)
_texts("upper", 0, str.upper)
_texts("lower", 0, str.lower)
_texts("length", 0, len)
_texts("trim", 0, str.strip)
_texts("replace", 2, _replace)
_texts("matches", 1, lambda text, regex: bool(pattern(regex, text).search(text)))
_texts("matchesFull", 1, lambda text, regex: bool(pattern(regex, text).fullmatch(text)))
_texts("replaceMatches", 2, _replace_matches)


@on_values("substring", 1, 2)
def substring(
    _: Evaluation, focus: Collection, start: Collection, length: Collection | None = None
) -> Collection:
    text, first = string(focus, "substring()"), integer(start, "substring()")
    if text is None or first is None or not 0 <= first < len(text):
        return []
    count = integer(length, "substring()") if length else None
    return [text[first:] if count is None else text[first : first + max(0, count)]]


@on_values("toChars")
def to_chars(_: Evaluation, focus: Collection) -> Collection:
    return list(string(focus, "toChars()") or "")


@on_values("split", 1)
def split(_: Evaluation, focus: Collection, separator: Collection) -> Collection:
    text, by = string(focus, "split()"), string(separator, "split()")
    if text is None or by is None:
        return []
    return text.split(by) if by else list(text)


@on_values("join", 0, 1)
def join(_: Evaluation, focus: Collection, separator: Collection | None = None) -> Collection:
    """Join texts; none give an empty text, as the SQL on FHIR suite expects."""
    by = string(separator, "join()") if separator else ""
    return [(by or "").join(_text(item) for item in focus if _text(item) is not None)]


def _text(item: Any) -> Any:
    value = item.value if type(item) is Node else item
    if value is not None and type(value) is not str:
        raise wrong(item, "System.String", "join()")
    return value


# --- encodings ------------------------------------------------------------------------------------

_ENCODE: dict[str, Callable[[bytes], bytes]] = {
    "base64": base64.b64encode,
    "urlbase64": base64.urlsafe_b64encode,
    "hex": binascii.hexlify,
}
_DECODE: dict[str, Callable[[bytes], bytes]] = {
    "base64": lambda raw: base64.b64decode(raw, validate=True),
    "urlbase64": lambda raw: base64.b64decode(raw, altchars=b"-_", validate=True),
    "hex": binascii.unhexlify,
}


def _encode(text: str, form: str) -> str | None:
    encode = _ENCODE.get(form)
    return encode(text.encode("utf-8", "surrogatepass")).decode("ascii") if encode else None


def _decode(text: str, form: str) -> str | None:
    decode = _DECODE.get(form)
    try:
        return decode(text.encode("ascii")).decode("utf-8") if decode else None
    except (ValueError, UnicodeError):
        return None


def _escape(text: str, form: str) -> str | None:
    if form == "html":
        return html.escape(text)
    return json.dumps(text, ensure_ascii=False)[1:-1] if form == "json" else None


def _unescape(text: str, form: str) -> str | None:
    if form == "html":
        return html.unescape(text)
    if form != "json":
        return None
    try:
        return str(json.loads(f'"{text}"', strict=False))
    except ValueError:
        return text


_texts("encode", 1, _encode)
_texts("decode", 1, _decode)
_texts("escape", 1, _escape)
_texts("unescape", 1, _unescape)


def shown(item: Any) -> Any:
    """Return the system value of an item for ``toString``."""
    return item.value if type(item) is Node and type(item.value) is str else system(item)
