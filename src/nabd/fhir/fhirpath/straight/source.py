"""The source of one generated function: lines, indentation, variables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeAlias

from nabd.fhir.fhirpath.equality import distinct
from nabd.fhir.fhirpath.functions.keys import reference_id
from nabd.fhir.fhirpath.syntax import Expression

#: Reads a JSON value: the values found, or ``None``: ask the general engine.
Straight: TypeAlias = Callable[[Any], "list[Any] | None"]


class Unwritable(Exception):  # noqa: N818  (no error: the general engine takes over)
    """The path is more than straight code can say."""


class Var(NamedTuple):
    """A variable of the generated source and the FHIR type of its value (``""``: unknown)."""

    name: str
    type: str


#: Writes what is done with each item of a path.
Body: TypeAlias = Callable[[Var], None]


class Source:
    """One function while it is written."""

    def __init__(self) -> None:
        self.lines = ["def straight(value):", " out = []", " add = out.append"]
        self.names: dict[str, Any] = {"reference_id": reference_id, "distinct": distinct}
        self.indent = 1
        self.count = 0

    def function(self) -> Straight:
        source = "\n".join([*self.lines, " return out"])
        exec(compile(source, "<fhirpath>", "exec"), self.names)
        made: Straight = self.names["straight"]
        return made

    def line(self, text: str) -> None:
        self.lines.append(" " * self.indent + text)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        self.line(head)
        self.indent += 1
        yield
        self.indent -= 1

    def fresh(self, type_name: str = "") -> Var:
        self.count += 1
        return Var(f"v{self.count}", type_name)

    def give_up(self, condition: str) -> None:
        self.line(f"if {condition}: return None")

    def each(self, tree: Expression, focus: Var, this: Var, body: Body) -> None:
        """Write a loop over the items of ``tree``."""
        raise NotImplementedError
