"""Types and reflection: http://hl7.org/fhirpath/N1/#types-and-reflection."""

from __future__ import annotations

from nabd.fhir.fhirpath.evaluation import Evaluation, Run, too_many
from nabd.fhir.fhirpath.functions.registry import on_values
from nabd.fhir.fhirpath.model import Collection, Node, TypeName, is_type, narrows, type_of


@on_values("type")
def reflected(_: Evaluation, focus: Collection) -> Collection:
    found = [type_of(item) for item in focus]
    return [Node({"namespace": space, "name": name}, "") for space, name in found]


def type_test(operand: Run, wanted: TypeName) -> Run:
    """Make ``operand is type``."""

    def run(evaluation: Evaluation, focus: Collection) -> Collection:
        items = operand(evaluation, focus)
        if len(items) > 1:
            raise too_many(items, "is")
        return [is_type(items[0], wanted)] if items else []

    return run


def narrowed(operand: Run, wanted: TypeName, *, single: bool) -> Run:
    """Make ``operand as type`` or ``ofType(type)``.

    The operator ``as`` takes many items, against the letter of FHIRPath: R4's own search parameters
    need it (``Observation.component.value as Quantity``).
    """

    def run(evaluation: Evaluation, focus: Collection) -> Collection:
        items = operand(evaluation, focus)
        if single and len(items) > 1:
            raise too_many(items, "as()")
        return [item for item in items if narrows(item, wanted)]

    return run
