"""The definitions' own invariants, evaluated as FHIRPath: the judge behind the fast forms.

https://hl7.org/fhir/R4/conformance-rules.html#constraints.  A constraint holds when it is true;
an empty answer (dates that cannot be compared, say) is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from nabd.errors import Issue, Problem, issue
from nabd.fhir import definitions, fhirpath
from nabd.fhir.check.forms import ELSEWHERE
from nabd.fhir.definitions import Invariant

# Where an expression of R4 says less than its own text, later versions corrected it.
_CORRECTED = {
    # "If there are more than one enableWhen, enableBehavior must be specified"
    "que-12": "enableWhen.count() > 1 implies enableBehavior.exists()",
    # "fullUrl cannot be a version specific reference": nothing to say where there is none
    "bdl-8": "fullUrl.exists() implies fullUrl.contains('/_history/').not()",
    # "Must be <= 100": says nothing when there is no probability
    "ras-2": "probability.ofType(decimal).all($this <= 100)",
    # "If the operator is 'exists', the value must be a boolean": of FHIR's boolean
    "que-7": "operator = 'exists' implies (answer is boolean)",
}
# Judged in Python: narratives, and a regular expression that FHIRPath refuses as too costly.
_WRITTEN_OUT = ELSEWHERE | {"txt-1", "txt-2", "eld-19"}


def problems(value: Any, type_name: str, path: str, resource: Any) -> Iterator[Issue]:
    """Yield the invariants of a type that a value breaks."""
    return _broken(of_type(type_name), value, type_name, path, resource)


def problems_of_element(
    value: Any, element: definitions.Element, path: str, resource: Any
) -> Iterator[Issue]:
    """Yield the invariants that only this element of a type has."""
    return _broken(_errors(element.invariants), value, element.type, path, resource)


def _broken(
    rules: tuple[Invariant, ...], value: Any, type_name: str, path: str, resource: Any
) -> Iterator[Issue]:
    for rule in rules:
        expression = _CORRECTED.get(rule.key, rule.expression)
        if not _holds(expression, value, type_name, resource):
            yield issue("N2103", path, key=rule.key, human=rule.human)


def _holds(expression: str, value: Any, type_name: str, resource: Any) -> bool:
    try:
        compiled = fhirpath.compile(expression, type_name)
        return compiled.true(value, {"resource": resource, "context": value})
    except Problem as problem:
        # ras-1 speaks of a Range where the element is a choice: no such name, nothing to break.
        return problem.issues[0].code == "N2204"


@cache
def of_type(type_name: str) -> tuple[Invariant, ...]:
    """List the invariants of a type that FHIRPath judges, with severity error."""
    return _errors(definitions.invariants(type_name))


def _errors(rules: tuple[Invariant, ...]) -> tuple[Invariant, ...]:
    return tuple(r for r in rules if r.severity == "error" and r.key not in _WRITTEN_OUT)
