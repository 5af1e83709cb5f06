"""Results in their order, page after page, with nothing lost and nothing twice."""

from __future__ import annotations

import pytest
from searching import ask, ids, observation, patient, put

from nabd.errors import Problem
from nabd.store import Store


async def test_order(clinic: Store) -> None:
    assert await ids(clinic, "Observation", ("_sort", "date")) == ["smoker", "weight", "pressure"]
    assert await ids(clinic, "Observation", ("_sort", "-date")) == ["pressure", "weight", "smoker"]
    by_value = await ids(clinic, "Observation", ("_sort", "value-quantity,-_id"))
    assert by_value == ["weight", "smoker", "pressure"]
    assert await ids(clinic, "Patient", ("_sort", "-family")) == ["ben", "ada"]


@pytest.mark.parametrize("order", ["", "date", "-date", "value-quantity", "-_lastUpdated", "-_id"])
async def test_pages_follow_each_other(clinic: Store, order: str) -> None:
    parameters = [("_sort", order)] if order else []
    whole = await ids(clinic, "Observation", *parameters)
    paged: list[str] = []
    cursor = ""
    while True:
        at = [("_cursor", cursor)] if cursor else []
        page = await ask(clinic, "Observation", ("_count", "1"), *parameters, *at)
        paged += [one.id for one in page.matches]
        cursor = page.next
        if not cursor:
            break
    assert paged == whole
    assert len(paged) == 3


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("count", ["1", "2", "3", "20"])
async def test_the_first_of_several_dates_counts_and_none_comes_last(
    store: Store, descending: bool, count: str
) -> None:
    events = {
        "a": ["2024-03-01", "2021-01-01"],
        "b": ["2022-01-01", "2022-01-01"],
        "c": [],
        "d": ["2023-01-01", "2024-03-01"],
        "e": [],
        "f": ["2022-01-01"],
    }
    for id_, dates in events.items():
        dosage = [{"timing": {"event": [date]}} for date in dates]
        await put(
            store,
            {
                "resourceType": "MedicationRequest",
                "id": id_,
                "status": "active",
                "intent": "order",
                "medicationCodeableConcept": {"text": "x"},
                "subject": {"reference": "Patient/p"},
                **({"dosageInstruction": dosage} if dosage else {}),
            },
        )
    seen: list[str] = []
    cursor = ""
    while True:
        at = [("_cursor", cursor)] if cursor else []
        order = ("_sort", "-date,_id" if descending else "date,_id")
        page = await ask(store, "MedicationRequest", order, ("_count", count), *at)
        seen += [one.id for one in page.matches]
        cursor = page.next
        if not cursor:
            break
    assert seen == list("adbfce" if descending else "abfdce")


async def test_pages_go_over_open_ends(store: Store) -> None:
    values = [{"value": 5, "comparator": "<"}, {"value": 3}, {"value": 9, "comparator": ">"}]
    for n, value in enumerate(values):
        await put(store, observation(f"o{n}", "1", "x", valueQuantity=value))
    seen: list[str] = []
    cursor = ""
    while True:
        at = [("_cursor", cursor)] if cursor else []
        page = await ask(store, "Observation", ("_sort", "value-quantity"), ("_count", "1"), *at)
        seen += [one.id for one in page.matches]
        cursor = page.next
        if not cursor:
            break
    assert seen == ["o0", "o1", "o2"]


async def test_pages_stay_while_others_write(store: Store) -> None:
    await put(store, *(patient(f"p{n}") for n in range(20)))
    first = await ask(store, "Patient", ("_count", "7"))
    await put(store, *(patient(f"new{n}") for n in range(20)))
    await put(store, *(patient(f"p{n}", active=True) for n in range(20)))
    seen = [one.id for one in first.matches]
    cursor = first.next
    while cursor:
        page = await ask(store, "Patient", ("_count", "7"), ("_cursor", cursor))
        seen += [one.id for one in page.matches]
        cursor = page.next
    assert sorted(seen) == sorted(f"p{n}" for n in range(20))


@pytest.mark.parametrize(
    "cursor", ["x", "AAAA", "WyIxOjI6Iiwi", "WyI1OjM6IiwxXQ", "WyIxOjI6MyIsMV0"]
)
async def test_a_strange_cursor_is_refused(clinic: Store, cursor: str) -> None:
    with pytest.raises(Problem) as refused:
        await ask(clinic, "Patient", ("_cursor", cursor))
    assert refused.value.issues[0].code == "N2521"
