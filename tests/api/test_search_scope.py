"""What is out of sight is found by no chain, include, order, list, filter, place or hierarchy."""

from __future__ import annotations

from typing import Any

import pytest
from searching import ADA, BEN, DR, PRESSURE, SMOKER, WEIGHT, ask, ids, observation, patient, put

from nabd.fhir.json import Json
from nabd.fhir.search import term
from nabd.store import Store

MINE, YOURS = term("~place=1"), term("~place=2")
EYES: dict[str, Any] = {"scope": (MINE,)}


def location(id_: str, whole: str = "", **more: Any) -> Json:
    made: Json = {"resourceType": "Location", "id": id_, **more}
    return made | ({"partOf": {"reference": f"Location/{whole}"}} if whole else {})


async def test_scope_holds_everywhere(store: Store) -> None:
    mine, yours = term("~place=1"), term("~place=2")
    await put(store, ADA, WEIGHT, PRESSURE, scope=(mine,))
    await put(store, BEN, SMOKER, scope=(yours,))
    await put(store, DR)
    assert await ids(store, "Patient", scope=(mine,)) == ["ada"]
    assert await ids(store, "Patient", ("name", "ben"), scope=(yours,)) == ["ben"]
    hidden = ("subject:Patient.name", "benali")
    await put(store, observation("leak", "1", "ada"), scope=(yours,))
    assert await ids(store, "Observation", hidden, scope=(yours,)) == []
    assert await ids(store, "Patient", ("_has:Observation:patient:code", "1"), scope=(mine,)) == []
    page = await ask(store, "Observation", ("_id", "leak"), ("_include", "*"), scope=(yours,))
    assert ([one.id for one in page.matches], page.included) == (["leak"], [])
    page = await ask(store, "Patient", ("_revinclude", "Observation:subject"), scope=(mine,))
    assert sorted(one.id for one in page.included) == ["pressure", "weight"]
    opened = {"scope": (mine,), "open_types": ("Practitioner",)}
    assert await ids(store, "Practitioner", **opened) == ["dr"]
    assert await ids(store, "Patient", ("general-practitioner.name", "tazi"), **opened) == ["ada"]
    assert await ids(store, "Practitioner", scope=(mine,)) == []
    page = await ask(store, "Patient", ("_total", "accurate"), ("_count", "1"), scope=(mine,))
    assert page.total == 1


async def test_types_that_may_not_be_read_are_not_touched(clinic: Store) -> None:
    readable = {"readable": frozenset({"Patient", "Practitioner"})}
    assert await ids(clinic, "Observation", **readable) == []
    assert (
        await ids(clinic, "Patient", ("_has:Observation:patient:code", "29463-7"), **readable) == []
    )
    page = await ask(clinic, "Patient", ("_revinclude", "Observation:subject"), **readable)
    assert page.included == []


async def test_an_order_by_reference_does_not_tell_hidden_from_absent(store: Store) -> None:
    await put(store, patient("b"), patient("d"), scope=(MINE,))
    await put(store, patient("a"), patient("e"), scope=(YOURS,))
    seen = [("1", "d"), ("2", "a"), ("3", "never-was"), ("4", "b"), ("5", "e")]
    await put(store, *(observation(id_, "x", who) for id_, who in seen), scope=(MINE,))
    up = await ids(store, "Observation", ("_sort", "subject,_id"), **EYES)
    assert up == ["4", "1", "2", "3", "5"]
    down = await ids(store, "Observation", ("_sort", "-subject,_id"), **EYES)
    assert down == ["1", "4", "2", "3", "5"]
    types = frozenset({"Observation"})
    blind = await ids(store, "Observation", ("_sort", "-subject,_id"), readable=types)
    assert blind == ["1", "2", "3", "4", "5"]
    whole = await ids(store, "Observation", ("_sort", "-subject,_id"))
    assert whole == ["5", "1", "4", "2", "3"]


async def test_a_list_that_is_hidden_lists_nothing(store: Store) -> None:
    def listing(id_: str) -> Json:
        entry = [{"item": {"reference": f"Patient/{one}"}} for one in ("m", "y")]
        return {"resourceType": "List", "id": id_, "status": "current", "mode": "working"} | {
            "entry": entry
        }

    await put(store, patient("m"), listing("mine"), scope=(MINE,))
    await put(store, patient("y"), listing("yours"), scope=(YOURS,))
    assert await ids(store, "Patient", ("_list", "mine"), **EYES) == ["m"]
    assert await ids(store, "Patient", ("_list", "yours"), **EYES) == []
    assert await ids(store, "Patient", ("_list", "yours,List/mine"), **EYES) == ["m"]
    types = frozenset({"Patient"})
    assert await ids(store, "Patient", ("_list", "mine"), readable=types) == []
    assert sorted(await ids(store, "Patient", ("_list", "mine"))) == ["m", "y"]
    assert sorted(await ids(store, "", ("_list", "mine"))) == ["m", "y"]


async def test_a_filter_sees_what_the_reader_sees(store: Store) -> None:
    await put(store, patient("m", gender="male"), observation("om", "x", "m"), scope=(MINE,))
    await put(store, patient("y", gender="male"), scope=(YOURS,))
    await put(store, observation("oy", "x", "y"), scope=(MINE,))
    for text, found in (
        ("patient.gender eq male", ["om"]),
        ("not (patient.gender eq male)", ["oy"]),
        ("subject:Patient.gender eq male and code eq x", ["om"]),
    ):
        assert await ids(store, "Observation", ("_filter", text), **EYES) == found
    page = await ask(store, "Patient", ("_filter", "gender eq male"), ("_summary", "count"), **EYES)
    assert page.total == 1
    has = ("_filter", "_has:Observation:patient:code eq x")
    assert await ids(store, "Patient", has, scope=(YOURS,)) == []


async def test_what_is_near_is_only_what_is_seen(store: Store) -> None:
    here = {"position": {"latitude": 34.02, "longitude": -6.83}}
    await put(store, location("m", **here), scope=(MINE,))
    await put(store, location("y", **here), scope=(YOURS,))
    near = ("near", "34.02|-6.84|5|km")
    assert await ids(store, "Location", near, **EYES) == ["m"]
    for id_, where in (("1", "m"), ("2", "y")):
        role = {"resourceType": "PractitionerRole", "id": id_}
        await put(store, role | {"location": [{"reference": f"Location/{where}"}]}, scope=(MINE,))
    chained = ("location.near", "34.02|-6.84|5|km")
    assert await ids(store, "PractitionerRole", chained, **EYES) == ["1"]
    assert sorted(await ids(store, "PractitionerRole", chained)) == ["1", "2"]


@pytest.fixture
async def hospital(store: Store) -> Store:
    """Two wings; one of them, and so what is in it, is out of sight."""
    await put(store, location("top"), location("left", "top"), location("bed1", "left"))
    wings = [location("top"), location("left", "top"), location("bed1", "left")]
    await put(store, *wings, location("bed2", "right"), scope=(MINE,))
    await put(store, location("right", "top"), scope=(YOURS,))
    for number, where in enumerate(("top", "left", "bed1", "right", "bed2")):
        visit = {
            "resourceType": "Encounter",
            "id": f"e{number}",
            "status": "finished",
            "class": {"code": "IMP"},
            "location": [{"location": {"reference": f"Location/{where}"}}],
        }
        await put(store, visit, scope=(MINE,))
    return store


async def test_a_hierarchy_is_walked_through_what_is_seen(hospital: Store) -> None:
    below = ("location:below", "Location/top")
    assert sorted(await ids(hospital, "Encounter", below)) == ["e0", "e1", "e2", "e3", "e4"]
    assert sorted(await ids(hospital, "Encounter", below, **EYES)) == ["e0", "e1", "e2"]
    above = ("location:above", "bed2")
    assert sorted(await ids(hospital, "Encounter", above)) == ["e0", "e3", "e4"]
    assert sorted(await ids(hospital, "Encounter", above, **EYES)) == ["e4"]
    types = frozenset({"Encounter"})
    assert await ids(hospital, "Encounter", below, readable=types) == ["e0"]
    parts = await ids(hospital, "Location", ("partof:below", "top"))
    assert sorted(parts) == ["bed1", "bed2", "left", "right"]
    several = ("location:below", "Location/right,Location/bed1")
    assert sorted(await ids(hospital, "Encounter", several)) == ["e2", "e3", "e4"]
    total = await ask(hospital, "Encounter", below, ("_summary", "count"), **EYES)
    assert total.total == 3


async def test_a_circle_of_parts_ends(store: Store) -> None:
    await put(store, location("a", "b"), location("b", "a"), location("c", "c"))
    for modifier in ("below", "above"):
        assert sorted(await ids(store, "Location", (f"partof:{modifier}", "a"))) == ["a", "b"]
        assert await ids(store, "Location", (f"partof:{modifier}", "c")) == ["c"]
