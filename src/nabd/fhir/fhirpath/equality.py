"""Equality, equivalence and order: http://hl7.org/fhirpath/N1/#equality."""

from __future__ import annotations

from collections.abc import Hashable
from decimal import Decimal
from typing import Any

from nabd.errors import problem
from nabd.fhir.fhirpath import quantity, temporal
from nabd.fhir.fhirpath.model import Collection, Node, system, type_of
from nabd.fhir.fhirpath.numbers import equivalent_decimals
from nabd.fhir.fhirpath.quantity import Quantity
from nabd.fhir.fhirpath.temporal import Temporal

_NUMBERS = (int, Decimal)


def equal(left: Collection, right: Collection) -> bool | None:
    """Compare two collections in order; ``None`` where there is no answer (``=``)."""
    if not left or not right:
        return None
    if len(left) != len(right):
        return False
    answers = [equal_items(a, b) for a, b in zip(left, right, strict=True)]
    if False in answers:
        return False
    return None if None in answers else True


def equal_items(left: Any, right: Any) -> bool | None:
    """Compare two items; ``None`` where precision or units leave it open."""
    a, b = system(left), system(right)
    kind, other = type(a), type(b)
    if kind is other and kind is not Temporal and kind is not Quantity:
        return bool(a == b)
    if kind in _NUMBERS and other in _NUMBERS:
        return bool(a == b)
    if kind is Temporal or other is Temporal:
        return _equal_temporals(*_both_temporal(a, b))
    if kind is Quantity or other is Quantity:
        return _equal_quantities(_as_quantity(a), _as_quantity(b))
    return False


def _equal_temporals(a: Any, b: Any) -> bool | None:
    if type(a) is not Temporal or type(b) is not Temporal or not temporal.comparable(a, b):
        return False
    order = temporal.compare(a, b)
    return None if order is None else order == 0


def _equal_quantities(a: Quantity | None, b: Quantity | None) -> bool | None:
    if a is None or b is None:
        return False
    both = quantity.in_common(a, b)
    return None if both is None else both[0] == both[1]


def _both_temporal(a: Any, b: Any) -> tuple[Any, Any]:
    """Read a text as the date that it is compared with (``birthDate = '1974-12-25'``)."""
    if type(a) is str:
        return _read(a, b), b
    return (a, _read(b, a)) if type(b) is str else (a, b)


def _read(text: str, like: Temporal) -> Temporal | None:
    return temporal.parse_time(text) if like.kind == "Time" else temporal.parse_datetime(text)


def _as_quantity(value: Any) -> Quantity | None:
    if type(value) in _NUMBERS:
        return Quantity(Decimal(value))
    return value if type(value) is Quantity else None


# --- equivalence ----------------------------------------------------------------------------------


def equivalent(left: Collection, right: Collection) -> bool:
    """Compare two collections in any order; two empty ones are equivalent (``~``)."""
    if len(left) != len(right):
        return False
    if len(left) == 1:
        return equivalent_items(left[0], right[0])
    rest = list(right)
    for a in left:
        found = next((i for i, b in enumerate(rest) if equivalent_items(a, b)), None)
        if found is None:
            return False
        del rest[found]
    return True


def equivalent_items(left: Any, right: Any) -> bool:
    """Compare two items: case, blanks and digits beyond the precision do not count."""
    return _alike(system(left), system(right))


def _alike(a: Any, b: Any) -> bool:
    if type(a) is str and type(b) is str:
        return a == b or a.lower().split() == b.lower().split()
    if type(a) in _NUMBERS and type(b) in _NUMBERS:
        return equivalent_decimals(a, b)
    if type(a) is Temporal and type(b) is Temporal:
        return temporal.comparable(a, b) and temporal.compare(a, b) == 0
    if type(a) is Quantity and type(b) is Quantity:
        return quantity.equivalent(a, b)
    if type(a) is dict and type(b) is dict:
        return _alike_objects(a, b)
    if type(a) is list and type(b) is list:
        return equivalent(a, b)
    return equal_items(a, b) is True


def _alike_objects(a: dict[str, Any], b: dict[str, Any]) -> bool:
    """Compare all elements but the ids, which say nothing about the content."""
    names = (a.keys() | b.keys()) - {"id"}
    return all(name in a and name in b and _alike(a[name], b[name]) for name in names)


# --- order ----------------------------------------------------------------------------------------


def order(left: Any, right: Any, where: str) -> int | None:
    """Order two items: -1, 0, 1; ``None`` where there is no answer.

    Raises:
        Problem: N2211 when values of these types have no order.
    """
    a, b = system(left), system(right)
    if a is None or b is None:
        return None
    if type(a) is Temporal or type(b) is Temporal:
        return _temporal_order(*_both_temporal(a, b), where)
    if type(a) is Quantity or type(b) is Quantity:
        return _quantity_order(a, b, where)
    if type(a) is type(b) is str or (type(a) in _NUMBERS and type(b) in _NUMBERS):
        return int(a > b) - int(a < b)
    raise no_order(left, right, where)


def no_order(left: Any, right: Any, where: str) -> Exception:
    """Say that two types have no order (N2211)."""
    found = ", ".join(".".join(type_of(item)) for item in (left, right))
    return problem(
        "N2211",
        expected="Integer | Decimal | String | Date | DateTime | Time | Quantity",
        where=where,
        found=found,
    )


def _temporal_order(a: Any, b: Any, where: str) -> int | None:
    if type(a) is not Temporal or type(b) is not Temporal or not temporal.comparable(a, b):
        raise no_order(a, b, where)
    return temporal.compare(a, b)


def _quantity_order(a: Any, b: Any, where: str) -> int | None:
    left, right = _as_quantity(a), _as_quantity(b)
    if left is None or right is None:
        raise no_order(a, b, where)
    both = quantity.in_common(left, right)
    return None if both is None else (both[0] > both[1]) - (both[0] < both[1])


# --- sets -----------------------------------------------------------------------------------------


class Seen:
    """A set of items under FHIRPath equality; plain values by hash, the others one by one."""

    def __init__(self, items: Collection | None = None) -> None:
        self._keys: set[Hashable] = set()
        self._others: list[Any] = []
        for item in items or ():
            self.add(item)

    def __contains__(self, item: Any) -> bool:
        key = _key(system(item))
        if key is not None:
            return key in self._keys
        return any(equal_items(item, other) is True for other in self._others)

    def add(self, item: Any) -> bool:
        """Add an item; tell whether it is new."""
        key = _key(system(item))
        if key is None:
            if item in self:
                return False
            self._others.append(item)
            return True
        size = len(self._keys)
        self._keys.add(key)
        return len(self._keys) > size


def _key(value: Any) -> Hashable | None:
    if type(value) is Temporal or type(value) is Quantity:
        return None
    if type(value) is bool:
        return ("boolean", value)
    return _frozen(value)


def _frozen(value: Any) -> Hashable:
    if type(value) is dict:
        return frozenset((name, _frozen(one)) for name, one in value.items())
    if type(value) is list:
        return tuple(map(_frozen, value))
    if type(value) is Node:
        return _frozen(value.value)
    hashable: Hashable = value
    return hashable


def distinct(items: Collection) -> Collection:
    """Keep the first of equal items."""
    seen = Seen()
    return [item for item in items if seen.add(item)]
