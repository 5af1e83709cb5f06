"""Find where in a resource a FHIRPath leads: the object, the key and the place in the array."""

from __future__ import annotations

from typing import Any, NamedTuple

from nabd.errors import problem
from nabd.fhir.fhirpath import syntax
from nabd.fhir.fhirpath.compiler import build
from nabd.fhir.fhirpath.evaluation import Evaluation
from nabd.fhir.fhirpath.model import Collection, Node, ancestors, node, plan
from nabd.fhir.fhirpath.syntax import Call, Dot, Expression, Item, Name, Special, TypeTest


class Place(NamedTuple):
    """An element and where it stands; the resource itself stands in no object."""

    node: Node
    owner: dict[str, Any] | None = None
    owner_type: str = ""
    key: str = ""
    at: int | None = None


class Locator:
    """Follows paths in one resource; nodes keep their identity through every filter."""

    def __init__(self, resource: dict[str, Any]) -> None:
        self.root = Place(node(resource, "Resource"))

    def places(self, tree: Expression) -> list[Place]:
        """List the places that a path leads to.

        Raises:
            Problem: N2413 when it leads out of the resource, or to values that are computed.
        """
        match tree:
            case Name(name):
                own = name in ancestors(self.root.node.type)
                return [self.root] if own else members(self.root, name)
            case Special("this"):
                return [self.root]
            case Dot(left, Name(name)):
                return [found for place in self.places(left) for found in members(place, name)]
            case Dot(left, Call() as call):
                return self._kept(self.places(left), call)
            case Item(left, index):
                return self._kept(self.places(left), Item(Special("this"), index))
            case TypeTest("as", operand, name):
                return self._kept(self.places(operand), TypeTest("as", Special("this"), name))
            case Call():
                return self._kept([self.root], tree)
            case _:
                raise problem("N2413")

    def _kept(self, places: list[Place], tree: Expression) -> list[Place]:
        """Run a filter on the nodes of the places and see which it keeps."""
        known = {id(place.node): place for place in places}
        found = self._run(tree, [place.node for place in places])
        if any(id(one) not in known for one in found):
            raise problem("N2413")
        return [known[id(one)] for one in found]

    def _run(self, tree: Expression, focus: Collection) -> Collection:
        root = self.root.node
        evaluation = Evaluation(root, root, {}, None)
        evaluation.this = focus
        return build(tree)(evaluation, focus)


def members(place: Place, name: str) -> list[Place]:
    """List the places of an element of the object at a place."""
    owner = place.node.value
    if not isinstance(owner, dict):
        return []
    found: list[Place] = []
    for key in plan(place.node.type).named.get(name, ()):
        raw, extra = owner.get(key.json), owner.get("_" + key.json)
        if isinstance(raw, list) or isinstance(extra, list):
            rows = _paired(raw or [], extra or [])
            found += [
                Place(node(one, key.type, more), owner, place.node.type, key.json, i)
                for i, (one, more) in enumerate(rows)
            ]
        elif raw is not None or extra is not None:
            found.append(Place(node(raw, key.type, extra), owner, place.node.type, key.json))
    return found


def _paired(raw: list[Any], extra: list[Any]) -> list[tuple[Any, Any]]:
    size = max(len(raw), len(extra))
    return [
        (raw[i] if i < len(raw) else None, extra[i] if i < len(extra) else None)
        for i in range(size)
    ]


def split(tree: Expression) -> tuple[Expression, str]:
    """Cut a path into its owner and the name of the list (``Patient`` and ``identifier``)."""
    match tree:
        case Dot(left, Name(name)):
            return left, name
        case Name(name):
            return syntax.Special("this"), name
        case _:
            raise problem("N2413")
