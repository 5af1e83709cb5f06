"""A compiled path: what the rest of the house runs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal

from nabd.fhir.fhirpath.compiler import build
from nabd.fhir.fhirpath.evaluation import Evaluation, Resolver, truth
from nabd.fhir.fhirpath.model import Collection, Node, node, plain, resource_type
from nabd.fhir.fhirpath.parser import parse
from nabd.fhir.fhirpath.semantics import check
from nabd.fhir.fhirpath.straight import Straight, straight


class Path:
    """An expression ready to run.  It keeps no state: many threads may share it."""

    __slots__ = ("_run", "_straight", "_tree", "expression", "type")

    def __init__(self, expression: str, type_name: str) -> None:
        tree = parse(expression)
        self.expression = expression
        self.type = type_name
        self._run = build(tree)
        if type_name:
            check(tree, type_name)
        self._tree = tree
        self._straight: Straight | Literal["unwritten"] | None = "unwritten"

    def __call__(
        self,
        resource: Any,
        variables: Mapping[str, Any] | None = None,
        resolver: Resolver | None = None,
    ) -> list[Any]:
        """Evaluate on a resource, or on any element when the type was given; plain values.

        ``variables`` are the ``%names``: plain JSON, nodes, or lists of them.
        """
        if not variables and (quick := self._quick(resource)) is not None:
            return quick
        found = self.nodes(resource, variables, resolver)
        return [value for value in map(plain, found) if value is not None]

    def _quick(self, resource: Any) -> list[Any] | None:
        """Run the straight code; a value that is not as its type says is the other engine's."""
        if self._straight == "unwritten":
            self._straight = straight(self._tree, self.type)
        if self._straight is None or type(resource) is not dict:
            return None
        if resource.get("resourceType", self.type) != self.type:
            return None
        try:
            return self._straight(resource)
        except (AttributeError, TypeError):
            return None

    def nodes(
        self,
        resource: Any,
        variables: Mapping[str, Any] | None = None,
        resolver: Resolver | None = None,
    ) -> Collection:
        """Evaluate, and keep what is known of each item: a :class:`Node` or a system value."""
        root = resource if type(resource) is Node else self._root(resource)
        whole = (variables or {}).get("resource")
        context = node(whole, "Resource") if isinstance(whole, dict) else root
        evaluation = Evaluation(root, context, dict(variables or {}), resolver)
        return self._run(evaluation, evaluation.this)

    def true(
        self,
        resource: Any,
        variables: Mapping[str, Any] | None = None,
        resolver: Resolver | None = None,
    ) -> bool:
        """Evaluate as a rule: false only when the answer is false or empty."""
        return truth(self.nodes(resource, variables, resolver), self.expression) is True

    def _root(self, resource: Any) -> Node:
        own = resource_type(resource) if isinstance(resource, dict) else ""
        return Node(resource, own or self.type)

    def __repr__(self) -> str:
        return f"Path({self.expression!r}, {self.type!r})"


@lru_cache(maxsize=8192)
def compile(expression: str, type_name: str | None = None) -> Path:  # noqa: A001
    """Compile an expression for resources (or elements) of a type; cached.

    With a type, names are checked against the definitions.

    Raises:
        Problem: N2201 to N2208 for an expression that cannot be right.
    """
    return Path(expression, type_name or "")
