"""What speaks against linking two records: contradictions, which hold for their whole identities,
and doubts, by which this pair alone never links. Each leaves a question.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nabd.identity import compare
from nabd.identity.agreement import AGREES, OTHERWISE
from nabd.identity.identifiers import strength
from nabd.identity.record import Born, Record

GENERATION = 14  # years: parent and child of one name lie at least so far apart
SLIP_YEARS = 2  # how far off a year is told that has not one wrong digit


def twins(levels: Mapping[str, str]) -> bool:
    """Say whether birth dates agree and given names do not."""
    born = levels.get("born") in ("same", "january", "swapped")
    return born and levels.get("given") in OTHERWISE


def contradictions(a: Record, b: Record, levels: Mapping[str, str]) -> Iterator[str]:
    """Name what forbids to link two records, and the identities they belong to."""
    for field, level in levels.items():
        if level in ("differ", "typing") and strength(field) == "certain":
            yield f"identifier:{field}"
    if levels.get("sex") == "differ" and levels.get("born") == "differ":
        yield "sex-and-birth-date"
    if twins(levels) and levels.get("family") in AGREES:
        yield "twins"
    if _generations(a.born, b.born) and levels.get("given") in AGREES:
        yield "generations"


def _generations(a: Born, b: Born) -> bool:
    return bool(a.year and b.year) and abs(a.year - b.year) >= GENERATION


def doubts(a: Record, b: Record, levels: Mapping[str, str], proven: bool) -> Iterator[str]:
    """Name what these two records lack, so that they alone never link."""
    yield from unnamed(a, b, levels, proven)
    renamed = levels.get("family") in ("differ", "conflict")
    if renamed and not (proven or _reached(levels)):
        yield "family-name"  # a woman's may change; who else says that it is her?
    # a card that is lent, or typed wrong, agrees alone
    named = levels.get("given", "") in AGREES and not renamed
    undated = levels.get("born", "") in ("", "differ", "years") or _far(a.born, b.born)
    if undated and not (proven and named):
        yield "birth-date"


def _far(a: Born, b: Born) -> bool:
    """Say whether two years are neither near nor one digit apart: cousins of one name."""
    near = abs(a.year - b.year) <= SLIP_YEARS or compare.one_slip(str(a.year), str(b.year))
    return bool(a.year and b.year) and not near


def _reached(levels: Mapping[str, str]) -> bool:
    """Say whether they are reached, or insured, under one number."""
    return any(
        level == "same" and (field in ("phone", "email") or strength(field) == "shared")
        for field, level in levels.items()
    )


def unnamed(a: Record, b: Record, levels: Mapping[str, str], proven: bool) -> Iterator[str]:
    """Doubt what has no given name: another one always is a question, a missing one is answered
    by a national identifier."""
    given = levels.get("given", "")
    if a.placeholder or b.placeholder:
        yield "newborn"
    elif given in ("differ", "conflict") or (not proven and given in ("", "initial")):
        yield "given-name"
