"""What the XHTML of a narrative may hold: invariants txt-1 and txt-2.

https://hl7.org/fhir/R4/narrative.html#xhtml: HTML 4.0 chapters 7 to 11 (without 9.4) and 15,
``<a>``, images and style attributes; no scripts, no forms, no frames, nothing from outside.
"""

from __future__ import annotations

import re
from xml.parsers import expat

XHTML = "http://www.w3.org/1999/xhtml"

_ELEMENTS = (
    "a abbr acronym address area b bdo big blockquote br caption center cite code col colgroup dd "
    "dfn div dl dt em font h1 h2 h3 h4 h5 h6 hr i img kbd li map ol p pre q s samp small span "
    "strike strong sub sup table tbody td tfoot th thead tr tt u ul var"
)
_EVERYWHERE = (
    "accesskey align bgcolor border class clear color compact dir height id idref lang style "
    "tabindex title valign width xml:lang xml:space xmlns char charoff nowrap noshade size type "
    "start value"
)
_SPECIFIC = {
    "a": "charset coords href hreflang name rel rev shape target",
    "area": "alt coords href nohref shape target",
    "blockquote": "cite",
    "col": "span",
    "colgroup": "span",
    "font": "face",
    "img": "alt hspace ismap longdesc name src usemap vspace",
    "map": "name",
    "q": "cite",
    "table": "cellpadding cellspacing frame rules summary",
    "td": "abbr axis colspan headers rowspan scope",
    "th": "abbr axis colspan headers rowspan scope",
}
_ATTRIBUTES = {
    element: frozenset(f"{_EVERYWHERE} {_SPECIFIC.get(element, '')}".split())
    for element in _ELEMENTS.split()
}
_ACTIVE = re.compile(r"\s*(?:javascript|vbscript)\s*:", re.IGNORECASE)
# The usual narrative: one div with plain text. Anything else is parsed.
_PLAIN = re.compile(rf'<div xmlns="{XHTML}">\s*[^<>&\s][^<>&]*</div>\Z')


def is_allowed(div: str) -> bool:
    """Tell whether a narrative follows the rules, and links to no place of its resource."""
    if _PLAIN.match(div) is not None:
        return True
    reading = _read(div)
    return reading is not None and not reading.faults() and not reading.links


def faults(div: str) -> list[str]:
    """List the rules a narrative breaks: "xml", "root", "element", "attribute", "empty"."""
    reading = _read(div)
    return ["xml"] if reading is None else reading.faults()


def links(div: str) -> tuple[set[str], set[str]]:
    """Return the ids that a sound narrative's "#" links name, and those that it has itself."""
    reading = _Reading() if _PLAIN.match(div) else _read(div)
    return (reading.links, reading.anchors) if reading else (set(), set())


def _read(div: str) -> _Reading | None:
    """Parse a narrative; None when it is no XML of its own."""
    reading = _Reading()
    parser = expat.ParserCreate(namespace_separator=None)
    parser.StartElementHandler = reading.start
    parser.CharacterDataHandler = reading.text
    parser.StartDoctypeDeclHandler = reading.doctype
    try:
        parser.Parse(div, True)
    except (expat.ExpatError, UnicodeEncodeError, _DoctypeError):
        return None
    return reading


class _DoctypeError(Exception):
    """A narrative brings a document type, and perhaps entities that grow without end."""


class _Reading:
    """What the parser meets on its way."""

    def __init__(self) -> None:
        self.links: set[str] = set()
        self.anchors: set[str] = set()
        self._found: set[str] = set()
        self._has_content = False
        self._at_root = True

    def faults(self) -> list[str]:
        return sorted(self._found if self._has_content else self._found | {"empty"})

    def start(self, element: str, attributes: dict[str, str]) -> None:
        if self._at_root:
            self._at_root = False
            if element != "div" or attributes.get("xmlns") != XHTML:
                self._found.add("root")
        if element not in _ATTRIBUTES:
            self._found.add("element")
            return
        self._has_content |= element == "img"
        self.anchors |= {attributes[name] for name in ("id", "name") if name in attributes}
        if attributes.get("href", "").startswith("#"):
            self.links.add(attributes["href"][1:])
        if not attributes.keys() <= _ATTRIBUTES[element] or _is_active(attributes):
            self._found.add("attribute")

    def text(self, content: str) -> None:
        self._has_content |= not content.isspace()

    def doctype(self, *_: object) -> None:
        raise _DoctypeError  # before any entity is expanded


def _is_active(attributes: dict[str, str]) -> bool:
    return any(_ACTIVE.match(attributes.get(name, "")) for name in ("href", "src"))
