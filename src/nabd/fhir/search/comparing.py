"""Compare by the operators of ``_filter``. http://hl7.org/fhir/R4/search_filter.html#ops.

Each becomes the prefix or modifier of a plain search that means the same.  ``ne`` of what has no
order is refused: "some value is another one" cannot be told from hashes, and ``not (… eq …)`` is
what is nearly always meant.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nabd.errors import problem
from nabd.fhir.search import ordered
from nabd.fhir.search.fold import fold
from nabd.fhir.search.hashing import param
from nabd.fhir.search.parameters import Parameter
from nabd.fhir.search.query import Missing, Node, Not, Strings
from nabd.fhir.search.text import unescape

#: Reads a value with a modifier of a plain search.
Plain = Callable[[str, str], Node]

_PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")
#: The modifier of a plain search that means the same.
_SAME: Mapping[str, Mapping[str, str]] = {
    "string": {"co": "contains", "sw": ""},
    "token": {"eq": "", "in": "in", "ss": "below", "sb": "above"},
    "reference": {"eq": "", "re": ""},
    "uri": {"eq": "", "ss": "below", "sb": "above"},
    "composite": {"eq": ""},
}
_RANGED = ("date", "number", "quantity")


def compared(parameter: Parameter, operator: str, text: str, plain: Plain) -> Node:
    """Compare a parameter with a value; N2528 where the operator has no meaning for its type."""
    if operator == "pr" and parameter.bit:
        return _present(parameter, text)
    if parameter.type in _RANGED and operator in _PREFIXES:
        return plain("", f"{operator}{text}")
    if parameter.type == "date" and operator == "po" and parameter.bit:
        return ordered.overlapping(parameter.code, _params(parameter), text)
    if parameter.type == "string" and operator == "eq":
        return Strings(_params(parameter), "whole", fold(unescape(text)))
    if parameter.type == "token" and operator == "ni":
        return Not(plain("in", text))
    modifiers = _SAME.get(parameter.type, {})
    if operator not in modifiers:
        raise problem("N2528", parameter.code, operator=operator, expected=_expected(parameter))
    return plain(modifiers[operator], text)


def _params(parameter: Parameter) -> tuple[int, ...]:
    return tuple(param(branch.name) for branch in parameter.branches)


def _present(parameter: Parameter, text: str) -> Node:
    if text not in ("true", "false"):
        raise problem("N2511", parameter.code)
    missing = Missing(parameter.bit)
    return Not(missing) if text == "true" else missing


def operators(kind: str) -> list[str]:
    """List the operators that a type of parameter is compared by, but for ``pr``."""
    found = list(_PREFIXES) if kind in _RANGED else []
    found += _SAME.get(kind, {})
    found += {"date": ["po"], "string": ["eq"], "token": ["ni"]}.get(kind, [])
    return sorted(found)


def _expected(parameter: Parameter) -> str:
    return ", ".join([*operators(parameter.type), *(["pr"] if parameter.bit else [])])
