"""The resource browser: counts in the reader's reach, labelled fields, columns of the type."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import pytest_asyncio
from console_site import Site, opened

from nabd.fhir.json import Json

PEOPLE = {
    "one": ("Alaoui", "العلوي", "female", "1990-04-01"),
    "two": ("Bennani", "البناني", "male", "1991-05-02"),
    "three": ("Chraibi", "الشرايبي", "female", "2001-06-03"),
}


@pytest_asyncio.fixture(scope="module")
async def site(module_database: str) -> AsyncIterator[Site]:
    """A console with three people, the first of them in Al Hoceïma."""
    async with opened(module_database) as one:
        rows = (await one.admin.get("/facilities.json?province=01.051")).json()["rows"]
        keeper = {"managingOrganization": {"reference": f"Organization/{rows[0]['id']}"}}
        for id_ in PEOPLE:
            more = keeper if id_ == "one" else {}
            await one.door.system().create({**person(id_), **more}, id_)
        yield one


def person(id_: str) -> Json:
    latin, arabic, gender, born = PEOPLE[id_]
    names = [name("ar", arabic), name("fr", latin)]
    return {
        "resourceType": "Patient",
        "id": id_,
        "name": names,
        "gender": gender,
        "birthDate": born,
    }


def name(language: str, family: str) -> Json:
    url = "http://hl7.org/fhir/StructureDefinition/language"
    return {"family": family, "extension": [{"url": url, "valueCode": language}]}


async def ids(site: Site, query: str, who: str = "admin") -> set[str]:
    form = parse_qs(query, keep_blank_values=True)
    client: httpx.AsyncClient = getattr(site, who)
    answer = await client.post("/records/Patient.json", data=form, follow_redirects=True)
    return {row["id"] for row in answer.json()["rows"]}


async def counts(site: Site, who: str) -> dict[str, int]:
    rows = (await getattr(site, who).get("/records.json")).json()["rows"]
    return {row["type"]: row["resources"] for row in rows}


async def test_the_front_page_counts_what_the_reader_can_find(site: Site) -> None:
    nation, province, planner = [await counts(site, who) for who in ("admin", "nadia", "djamel")]
    assert (nation["Patient"], province["Patient"]) == (3, 1)
    assert "Patient" not in planner
    async with site.store.read() as connection:
        held = await connection.fetchval("select count(*) from live.facility")
    assert nation["Organization"] == province["Organization"] >= held
    page = (await site.admin.get("/records")).text
    assert "Counted one by one on" in page and "types without resources" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("name=&gender=female&birthdate-from=&birthdate-until=", {"one", "three"}),
        ("birthdate-from=1991-01-01&birthdate-until=1999-12-31", {"two"}),
        ("name=alaoui", {"one"}),
        ("gender=female&parameter=birthdate&value=gt2000", {"three"}),
    ],
)
async def test_labelled_fields_search_as_fhir_does(site: Site, query: str, found: set[str]) -> None:
    assert await ids(site, query) == found


async def test_a_search_of_fhir_fills_the_fields_and_hides_nothing(site: Site) -> None:
    asked = {"gender": "female", "birthdate": ["ge1990-01-01", "lt2000"], "name:exact": "Alaoui"}
    page = (await site.admin.post("/records/Patient", data=asked)).text
    assert '<option value="female" selected>' in page
    assert 'name="birthdate-from" type="date" value="1990-01-01"' in page
    assert re.search(r'value="birthdate"[^§]*?value="lt2000"', page)
    assert 'value="name:exact"' in page and '<details class="more" open>' in page


@pytest.mark.parametrize(
    ("language", "label", "family"),
    [("en", "Birth date from", "Alaoui"), ("fr", "Date de naissance, du", "Alaoui"),
     ("ar", "تاريخ الميلاد من", "العلوي")],
)  # fmt: skip
async def test_fields_and_names_are_in_the_readers_language(
    site: Site, language: str, label: str, family: str
) -> None:
    page = (await site.safia.get(f"/records/Patient?lang={language}&_id=one")).text
    assert label in page
    assert f"<bdi>{family}</bdi>" in page


async def test_the_list_has_the_columns_of_its_type(site: Site) -> None:
    rows = (await site.admin.get("/records/Patient.json?_id=two")).json()["rows"]
    assert rows[0] | {"updated": ""} == {
        "type": "Patient",
        "id": "two",
        "name": "Bennani",
        "birthdate": "1991-05-02",
        "gender": "male",
        "identifier": "",
        "version": 1,
        "updated": "",
    }
    codes = (await site.admin.get("/records/CodeSystem.json")).json()["rows"]
    assert codes and all(row["caption"] for row in codes)


async def test_pages_follow_each_other_until_the_end(site: Site) -> None:
    seen: set[str] = set()
    target = "/records/Patient?_count=2"
    for _ in range(2):
        page = (await site.admin.get(target)).text
        seen |= set(re.findall(r'href="/records/Patient/(\w+)"', page))
        following = re.search(r'href="([^"]+)" rel="next"', page)
        target = following[1].replace("&amp;", "&") if following else ""
    assert seen == PEOPLE.keys() and target == ""


async def test_a_form_that_tells_of_nobody_leads_to_an_address_to_share(site: Site) -> None:
    asked = {"gender": "female", "birthdate-from": "1980-01-01", "name": ""}
    answer = await site.admin.post("/records/Patient", data=asked)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/records/Patient?gender=female&birthdate-from=1980-01-01"
    facility = await site.admin.post("/records/Organization", data={"name": "hop"})
    assert facility.headers["location"] == "/records/Organization?name=hop"
    nothing = await site.admin.post("/records/Patient", data={"name": ""})
    assert nothing.headers["location"] == "/records/Patient"


async def test_no_address_has_the_name_that_is_searched_by(site: Site) -> None:
    asked = {"name": "alaoui", "_count": "1", "gender": "female"}
    page = await site.admin.post("/records/Patient", data=asked)
    assert page.status_code == 200 and 'href="/records/Patient/one"' in page.text
    assert not re.search(r'(?:href|action)="[^"]*alaoui', page.text)
    assert not re.search(r'name="next" value="[^"]*alaoui', page.text)
    rows = (await site.admin.post("/records/Patient.json", data=asked)).json()["rows"]
    assert [row["id"] for row in rows] == ["one"]
    csv = await site.admin.post("/records/Patient.csv", data=asked)
    assert csv.text.count("\n") == 2


@pytest.mark.parametrize(
    "address",
    ["Patient?family:exact=alaoui", "Observation?subject:Patient.name=alaoui",
     "Patient.json?identifier=x|alaoui", "Patient?_filter=name eq alaoui",
     "Observation?patient.phone=alaoui", "Patient?parameter=name&value=alaoui"],
)  # fmt: skip
async def test_an_address_that_names_a_person_is_refused(site: Site, address: str) -> None:
    answer = await site.admin.get(f"/records/{address}")
    assert answer.status_code == 400 and "N7512" in answer.text
    assert "alaoui" not in answer.text


async def test_pages_of_a_search_by_name_follow_each_other_by_forms(site: Site) -> None:
    asked: dict[str, str] = {"name:contains": "a", "_count": "1"}
    seen: list[str] = []
    while asked:
        page = (await site.admin.post("/records/Patient", data=asked)).text
        seen += re.findall(r'href="/records/Patient/(\w+)"', page)
        more = re.search(r'<div class="pages"><form[^>]*>(.*?)</form>', page)
        fields = re.findall(r'name="([^"]+)" value="([^"]*)"', more[1]) if more else []
        asked = {name: unescape(value) for name, value in fields}
    assert len(seen) == len(set(seen)) > 1


async def test_the_next_page_keeps_the_search(site: Site) -> None:
    page = (await site.admin.get("/records/Patient?gender=female&_count=1")).text
    following = re.search(r'href="([^"]+)" rel="next"', page)
    assert following is not None
    asked = parse_qs(urlsplit(following[1].replace("&amp;", "&")).query)
    assert asked["gender"] == ["female"] and "_cursor" in asked


async def test_a_wrong_value_stands_in_a_row_that_the_problem_leads_to(site: Site) -> None:
    answer = await site.admin.get("/records/Patient?birthdate-from=yesterday")
    assert answer.status_code == 400
    assert 'href="#value-0"' in answer.text
    assert 'id="value-0" name="value" value="geyesterday"' in answer.text


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "Alaoui does not find El Alaoui"),
        ("fr", "«\u00a0Alaoui\u00a0» ne donne pas «\u00a0El Alaoui\u00a0»"),
        ("ar", "«جلون» لا يُظهر «بن جلون»"),
    ],
)
async def test_the_field_of_a_name_says_how_it_is_searched_and_where_else(
    site: Site, language: str, told: str
) -> None:
    page = (await site.admin.get(f"/records/Patient?lang={language}", follow_redirects=True)).text
    (hint,) = re.findall(r'<p class="hint" id="names-hint">(.*?)</p>', page)
    assert told in unescape(hint) and 'href="/identity/search"' in hint
    assert re.search(r'<input[^>]*name="name"[^>]*aria-describedby="names-hint"', page)
    assert "names-hint" not in (await site.admin.get("/records/Encounter")).text


async def test_a_part_of_a_name_is_found_as_the_page_says(site: Site) -> None:
    held = [*PEOPLE]
    await site.door.system().update(
        {**person(held[0]), "id": "el", "name": [{"family": "El Alaoui"}]}
    )
    assert "el" not in await ids(site, "name=Alaoui")
    assert "el" in await ids(site, "parameter=name:contains&value=Alaoui")
    await site.door.system().delete("Patient", "el")
