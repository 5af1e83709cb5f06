"""The registration desk's search: by posted forms, so that no address names a person.

Nora registers people at a facility; Safia is a steward of the whole country.
"""

from __future__ import annotations

import re

import httpx
from console_site import Site
from desk import CNIE, HERE, THERE, identity_of, person, register


async def test_a_registration_desk_finds_its_records_with_grade_and_reasons(site: Site) -> None:
    record = person(HERE, name=[{"family": "التهراوي", "given": ["أمين"]}], birthDate="1972-06-21")
    await register(site, record)
    asked_for = {"given": "Amine", "family": "Tahraoui", "born": "21/6/1972"}
    page = await site.nora.post("/identity/search", data=asked_for)
    assert page.status_code == 200
    assert f'href="/records/Patient/{record["id"]}"' in page.text
    assert "Birth date: the same" in page.text
    assert "/identity/person/" not in page.text  # that is for stewards
    (row,) = (await site.nora.post("/identity/search.json", data=asked_for)).json()["rows"]
    assert row["id"] == record["id"] and row["grade"] in ("certain", "probable", "possible")
    steward = await site.safia.post("/identity/search", data=asked_for)
    assert f'/identity/person/{(await identity_of(site, record))["id"]}"' in steward.text


async def test_the_search_tells_nothing_of_a_hidden_record_but_that_it_is_certain(
    site: Site,
) -> None:
    numbers = [{"system": CNIE, "value": "QA445566"}]
    record = person(THERE, identifier=numbers, name=[{"family": "Sekkat", "given": ["Hamza"]}])
    await register(site, record)
    known = {"given": "Hamza", "family": "Sekkat", "born": record["birthDate"]}
    known |= {"kind": "cnie", "number": "qa 445566"}
    page = await site.nora.post("/identity/search", data=known)
    assert "A record that you may not see" in page.text
    (row,) = (await site.nora.post("/identity/search.json", data=known)).json()["rows"]
    assert row == dict.fromkeys(row, None) | {
        "id": "",
        "name": {"fr": "", "ar": ""},
        "born": "",
        "facility": {"fr": "", "ar": ""},
        "grade": "certain",
    }
    guess = {"given": "Hamza", "family": "Sekkat", "born": record["birthDate"][:4]}
    answer = await site.nora.post("/identity/search.json", data=guess)
    assert answer.json()["rows"] == []


async def test_a_search_says_what_it_cannot_use(site: Site) -> None:
    async def said(**asked_for: str) -> httpx.Response:
        return await site.nora.post("/identity/search", data=asked_for)

    wrong = await said(given="Hind", born="1980-13")
    assert wrong.status_code == 400 and 'href="#born"' in wrong.text
    assert "A name alone fits too many" in (await said(given="Hind", family="Alami")).text
    nobody = await said(given="Hind", family="Alami", born="1901-02-03")
    assert "Nobody is like this" in nobody.text


async def test_no_address_has_what_is_asked_about_a_person(site: Site) -> None:
    record = person(HERE, name=[{"family": "Zerouali", "given": ["Ghizlane"]}])
    await register(site, record)
    asked_for = {"given": "Ghizlane", "family": "Zerouali", "born": record["birthDate"]}
    page = (await site.nora.post("/identity/search", data=asked_for)).text
    addresses = re.findall(r'(?:href|src|action)="([^"]*)"', page)
    assert not [one for one in addresses if "hizlane" in one or "?given" in one]
    assert not re.search(r'name="next" value="[^"]*hizlane', page)
    assert 'rel="alternate"' not in page  # what lies there is not this page
    again = re.findall(r'<form method="post" action="(/identity/search[^"]*)"(.*?)</form>', page)
    hidden = {(path, *re.findall(r'name="(\w+)" value="([^"]*)"', form)) for path, form in again}
    fields = tuple(asked_for.items())
    tails = ("?lang=ar", "?lang=fr", "?lang=en", ".json", ".csv")
    assert hidden == {(f"/identity/search{tail}", *fields) for tail in tails}
    french = await site.nora.post("/identity/search?lang=fr", data=asked_for)
    assert 'lang="fr"' in french.text and "Ghizlane" in french.text
    assert french.cookies["language"] == "fr"
    site.nora.cookies.delete("language")
    table = await site.nora.post("/identity/search.csv", data=asked_for)
    assert table.headers["content-type"].startswith("text/csv") and "Ghizlane" in table.text


async def test_an_address_that_names_a_person_is_refused_and_not_repeated(site: Site) -> None:
    for suffix in ("", ".json", ".csv"):
        answer = await site.nora.get(f"/identity/search{suffix}?given=Ghizlane&born=1980")
        assert answer.status_code == 400 and "N7512" in answer.text
        assert "Ghizlane" not in answer.text
    assert (await site.nora.get("/identity/search?lang=en")).status_code == 200
    assert (await site.nora.head("/identity/search")).status_code == 200


async def test_a_search_is_posted_from_its_own_site_only(site: Site) -> None:
    asked_for = {"given": "Ghizlane", "born": "1980"}
    elsewhere = {"origin": "https://example.org", "sec-fetch-site": "cross-site"}
    for path in ("/identity/search", "/identity/search.json"):
        answer = await site.nora.post(path, data=asked_for, headers=elsewhere)
        assert answer.status_code == 403
        assert (await site.visitor.post(path, data=asked_for)).status_code == 401
