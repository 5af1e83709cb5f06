"""What a narrative may contain: https://hl7.org/fhir/R4/narrative.html#xhtml."""

from __future__ import annotations

from xml.parsers import expat

_ALLOWED = frozenset(
    """
    a abbr acronym b big blockquote br caption cite code col colgroup dd del dfn div dl dt em h1 h2
    h3 h4 h5 h6 hr i img ins kbd li ol p pre q samp small span strong sub sup table tbody td tfoot
    th thead tr tt ul var
    """.split()  # noqa: SIM905
)
_ATTRIBUTES = frozenset(
    """
    abbr accesskey align alt axis bgcolor border cellhalign cellpadding cellspacing cellvalign char
    charoff charset cite class colspan compact coords dir frame headers height href hreflang hspace
    id lang longdesc name nowrap rel rev rowspan rules scope shape span src start style summary
    tabindex title type valign value vspace width xml:lang xmlns
    """.split()  # noqa: SIM905
)


class _ForbiddenError(Exception):
    """Markup that a narrative may not have."""


def is_safe(text: str) -> bool:
    """Tell whether ``text`` is one ``div`` of allowed elements, with some content."""
    reader = expat.ParserCreate()
    state = _Narrative()
    reader.StartElementHandler = state.start
    reader.CharacterDataHandler = state.text
    reader.StartDoctypeDeclHandler = state.doctype
    try:
        reader.Parse(_named_entities(text), True)
    except (expat.ExpatError, _ForbiddenError, ValueError):
        return False
    return state.content


def _named_entities(text: str) -> str:
    """HTML names entities that XML does not know."""
    return text.replace("&nbsp;", "&#160;").replace("&copy;", "&#169;").replace("&reg;", "&#174;")


class _Narrative:
    def __init__(self) -> None:
        self.depth = 0
        self.content = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        first = self.depth == 1
        if name not in _ALLOWED or (first and name != "div"):
            raise _ForbiddenError
        if attributes.keys() - _ATTRIBUTES:
            raise _ForbiddenError
        self.content = self.content or name == "img"

    def text(self, data: str) -> None:
        self.content = self.content or not data.isspace()

    def doctype(self, *_: object) -> None:
        raise _ForbiddenError
