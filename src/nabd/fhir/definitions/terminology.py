"""Value sets of the required bindings, and R4's own code systems.

https://hl7.org/fhir/R4/terminologies.html.  Three value sets have no expansion: they are
grammars of other standards, given here as rules.
"""

from __future__ import annotations

import re
from functools import cache, cached_property

import msgspec

from nabd.fhir.definitions.data import lines

_PREFIX = "http://hl7.org/fhir/ValueSet/"
# BCP 13 (RFC 6838 §4.2): type "/" subtype, then parameters. R4 examples use a bare type too.
_MIME = r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*(/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*)?( ?;[^;]*[^; ])*"
# UCUM (https://ucum.org/ucum §2): printable ASCII without spaces; a real check needs its tables.
_UCUM = r"[!-~]+"
# BCP 47 (RFC 5646 §2.1), well-formed language tags.
_LANGUAGE = r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*"

_RULES = {
    _PREFIX + "mimetypes": _MIME,
    _PREFIX + "ucum-units": _UCUM,
    _PREFIX + "all-languages": _LANGUAGE,
}


class ValueSet(msgspec.Struct, frozen=True, dict=True):
    """The codes of a value set by system; a ``rule`` where codes cannot be listed."""

    url: str
    systems: dict[str, frozenset[str]]
    rule: str = ""

    @cached_property
    def codes(self) -> frozenset[str]:
        """All codes, whatever their system; empty where a rule decides."""
        return frozenset().union(*self.systems.values())

    def has(self, code: str) -> bool:
        """Tell whether a bare code, whose system the element implies, is in the value set."""
        if self.rule:
            return re.fullmatch(self.rule, code) is not None
        return code in self.codes

    def contains(self, system: str, code: str) -> bool:
        """Tell whether a coding is in the value set."""
        if self.rule:
            return self.has(code)
        return code in self.systems.get(system, ())


@cache
def value_set(canonical: str) -> ValueSet | None:
    """Find a value set by url, with or without version; None when it is not known here."""
    url = canonical.partition("|")[0]
    if url in _RULES:
        return ValueSet(url, {}, _RULES[url])
    if url not in lines("valueset"):
        return None
    systems = msgspec.json.decode(lines("valueset")[url], type=dict[str, frozenset[str]])
    return ValueSet(url, systems)


@cache
def code_system(url: str) -> frozenset[str] | None:
    """List the codes of one of R4's own code systems (http://hl7.org/fhir/…), else None."""
    if url not in lines("codesystem"):
        return None
    return msgspec.json.decode(lines("codesystem")[url], type=frozenset[str])
