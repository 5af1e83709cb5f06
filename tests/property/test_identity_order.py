"""The order in which records arrive decides nothing, up to what stewards are asked.

Records linked in one order and apart in another are joined by a question in the latter: linked
records and questions together always make the same groups.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from nabd.identity.case import Case
from nabd.identity.keys import keys_of, sought_by
from nabd.identity.linking import place
from nabd.identity.model import load
from nabd.identity.record import record_of
from nabd.identity.working import Working

Patient = dict[str, Any]
AT = datetime(2026, 11, 26, tzinfo=UTC)
CNIE = "https://nabd.health/fhir/sid/cnie"

PEOPLE = (
    ("Amine", "Tahraoui", "أمين", "التهراوي", "1972-06-21", "AB1001"),
    ("Amina", "Tahraoui", "أمينة", "التهراوي", "1972-06-21", "AB1002"),
    ("Youssef", "El Idrissi", "يوسف", "الإدريسي", "1990-01-01", "AB1003"),
    ("Youssef", "Idrissi", "يوسف", "الإدريسي", "1961-03-04", "AB1004"),
)


@st.composite
def records(draw: st.DrawFn) -> list[Patient]:
    """Draw two to six records of up to four people who resemble each other."""
    count = draw(st.integers(2, 6))
    return [_record(draw, number) for number in range(count)]


def _record(draw: st.DrawFn, number: int) -> Patient:
    given_, family, arabic_given, arabic_family, born, cnie = draw(st.sampled_from(PEOPLE))
    if draw(st.booleans()):
        given_, family = arabic_given, arabic_family
    if draw(st.integers(0, 5)) == 0:
        given_, family = family, given_
    made: Patient = {"resourceType": "Patient", "id": f"r{number}"}
    made["name"] = [{"family": family, "given": [given_]}]
    made["birthDate"] = draw(st.sampled_from((born, born, born, born[:4], "1972-06-12")))
    made["gender"] = draw(st.sampled_from(("male", "female")))
    if draw(st.booleans()):
        made["identifier"] = [{"system": CNIE, "value": draw(st.sampled_from((cnie, "AB1009")))}]
    if draw(st.booleans()):
        made["address"] = [{"city": "Rabat"}]
    return made


def arrived(patients: list[Patient]) -> Working:
    """Let records arrive one by one."""
    working = Working()
    terms = {p["id"]: {term for term, _ in keys_of(p)} for p in patients}
    for patient in patients:
        id_ = patient["id"]
        asked = {term for term, _ in sought_by(patient)}
        near = [one for one in working.records if terms[one] & asked]
        working.patients[id_], working.records[id_] = patient, record_of(patient)
        place(working, id_, near, load(), AT)
    return working


def groups(working: Working, cases: list[Case]) -> set[frozenset[str]]:
    """Join what is linked, and what is asked about."""
    group = {one: {one} for one in working.records}
    pairs = [(case.left, case.right) for case in cases]
    for identity in working.identities.values():
        pairs += [(one, other) for one in identity.links for other in identity.links]
    for one, other in pairs:
        joined = group[one] | group[other]
        group |= dict.fromkeys(joined, joined)
    return {frozenset(one) for one in group.values()}


@settings(max_examples=150, deadline=None)
@given(records(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_decides_nothing_but_what_is_asked(
    patients: list[Patient], chance: Any
) -> None:
    one = arrived(patients)
    shuffled = list(patients)
    chance.shuffle(shuffled)
    other = arrived(shuffled)
    assert groups(one, list(one.cases.values())) == groups(other, list(other.cases.values()))


@settings(max_examples=150, deadline=None)
@given(records())
def test_two_certain_identifiers_that_contradict_are_never_in_one_identity(
    patients: list[Patient],
) -> None:
    working = arrived(patients)
    for identity in working.identities.values():
        values = {v for one in identity.links for k, v in working.records[one].identifiers}
        assert len(values) <= 1
