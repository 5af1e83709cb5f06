"""Write simple paths as straight Python: no closure, no node, nothing interpreted.

Most paths of views and rules are member names, ``where(system = '…')``, ``first()`` and the like
on types that the definitions know.  For these, Python source is generated that reads the JSON
directly (3 to 10 times faster than closures over nodes).  What this module cannot write it refuses
(``None``), and what the source meets at run time but cannot decide — a primitive with extensions,
several values where one is needed — it leaves to the general engine by returning ``None``.
``tests/property/test_fhirpath_laws.py`` holds both engines against each other.
"""

from __future__ import annotations

from nabd.fhir import definitions
from nabd.fhir.fhirpath.straight.paths import Paths
from nabd.fhir.fhirpath.straight.source import Straight, Unwritable, Var
from nabd.fhir.fhirpath.syntax import Expression

__all__ = ["Straight", "straight"]


def straight(tree: Expression, type_name: str) -> Straight | None:
    """Write ``tree`` for values of a type; ``None`` where it is more than straight code can say."""
    if not definitions.is_type(type_name):
        return None
    writer = Paths()
    try:
        root = Var("value", type_name)
        writer.each(tree, root, root, lambda found: writer.line(f"add({found.name})"))
        return writer.function()
    except (Unwritable, SyntaxError):  # SyntaxError: more than twenty nested loops
        return None
