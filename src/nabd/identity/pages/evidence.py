"""What speaks for and against one person: a case's fields side by side, and its waterfall."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass

from nabd.access.figure import Limit, Step, Waterfall, msgid
from nabd.identity.model import Model
from nabd.identity.pages import terms
from nabd.identity.pages.people import Human
from nabd.identity.rules import Reason

COUNTED_ONCE = ("household", "same")
LIMITS = {
    "review": msgid("from here a question"),
    "match": msgid("from here one person"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One field of two records, with how far it agrees; the texts are message ids."""

    field: str
    title: str
    sign: str
    level: str
    bits: float | None
    left: tuple[str, ...]
    right: tuple[str, ...]


def lines(left: Human | None, right: Human | None, reasons: tuple[Reason, ...]) -> list[Line]:
    """Put two records side by side, field by field; a record out of sight shows nothing."""
    found = {one.field: one for one in reasons}
    made = (
        _line(field, found.get(field), _values(left, field), _values(right, field))
        for field in _fields(left, right, found)
    )
    return [one for one in made if one.left or one.right]


def _fields(left: Human | None, right: Human | None, weighed: Container[str]) -> Iterator[str]:
    """Name the fields; numbers that each facility gives for itself share a line."""
    yield from ("given", "family", "born", "sex")
    kinds = [kind for one in (left, right) if one for kind, _ in one.identifiers if kind]
    yield from dict.fromkeys(one if one in weighed else one.partition("|")[0] for one in kinds)
    yield from ("phone", "email", "place")


def _values(human: Human | None, field: str) -> tuple[str, ...]:
    if human is None:
        return ()
    match field:
        case "given":
            return human.given
        case "family":
            return human.family
        case "born":
            return (human.born,) if human.born else ()
        case "sex":
            return (human.sex,) if human.sex else ()
        case "phone":
            return human.phones
        case "email":
            return human.emails
        case "place":
            return human.places
        case _:
            return human.numbers(field)


def _line(field: str, reason: Reason | None, left: tuple[str, ...], right: tuple[str, ...]) -> Line:
    level = reason.level if reason else ""
    silent = terms.APART if left and right else terms.ALONE
    return Line(
        field,
        terms.field_title(field),
        terms.sign(level),
        terms.level_title(field, level) if level else silent,
        reason.bits if reason else None,
        left,
        right,
    )


def waterfall(reasons: tuple[Reason, ...], total: float, model: Model) -> Waterfall:
    """Show how the reasons add up; what the prior was follows from the total that was kept."""
    prior = total - sum(one.bits for one in reasons)
    return Waterfall(
        start=Step(msgid("Two records at random"), "", prior),
        steps=tuple(_step(one) for one in reasons),
        total=Step(msgid("Together"), "", total),
        limits=tuple(
            Limit(name, title, getattr(model.thresholds, name)) for name, title in LIMITS.items()
        ),
    )


def _step(one: Reason) -> Step:
    return Step(terms.field_title(one.field), terms.level_title(*one[:2]), one.bits)


def strongest(reasons: tuple[Reason, ...]) -> tuple[Reason | None, Reason | None]:
    """Return what speaks most for one person, and most against; a correction does neither."""
    found = sorted((one for one in reasons if one[:2] != COUNTED_ONCE), key=lambda one: one.bits)
    best, worst = (found[-1], found[0]) if found else (None, None)
    return (
        best if best and best.bits > 0 else None,
        worst if worst and worst.bits < 0 else None,
    )
