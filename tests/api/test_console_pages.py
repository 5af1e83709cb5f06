"""The console over HTTP: who gets which page, in which form, and how it is refused."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterator

import pytest
from console_site import PASSWORD, Site

PAGES = [
    "/country",
    "/country?level=province&measure=inhabitants-per-centre",
    "/regions/01",
    "/provinces/01.051",
    "/facilities?name=h",
    "/facilities/demo-0001",
    "/quality",
    "/quality/completeness",
    "/quality/batches/1",
    "/quality/quarantine",
    "/records/Location?name=Rabat",
    "/records/Location/ma-01",
    "/records/Location/ma-01/history",
    "/records/Location/ma-01/access",
    "/accounts",
    "/audit",
]


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_and_its_twins_answer(site: Site, path: str) -> None:
    bare, _, query = path.partition("?")
    for suffix, media in (("", "text/html"), (".json", "application/json"), (".csv", "text/csv")):
        answer = await site.admin.get(f"{bare}{suffix}?{query}")
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].startswith(media)


async def test_twins_hold_the_rows_of_the_page(site: Site) -> None:
    rows = (await site.djamel.get("/country.json")).json()["rows"]
    assert len(rows) == 12
    first = rows[0]
    assert first["name"] == {"fr": "Tanger-Tétouan-Al Hoceima", "ar": "طنجة-تطوان-الحسيمة"}
    assert first["population"] == 4_030_222
    text = (await site.djamel.get("/country.csv")).content.decode("utf-8-sig")
    table = list(csv.DictReader(io.StringIO(text)))
    assert [row["code"] for row in table] == [row["code"] for row in rows]
    assert table[0]["name_ar"] == "طنجة-تطوان-الحسيمة"


async def test_a_written_resource_changes_the_country_at_once(site: Site) -> None:
    async def beds() -> int:
        rows = (await site.admin.get("/country.json")).json()["rows"]
        return sum(row["beds_existing"] or 0 for row in rows)

    before = await beds()
    found = await site.admin.get("/records/Observation.json")
    number = found.json()["rows"][0]["id"]
    session = site.door.system()
    await session.delete("Observation", number)
    after = await beds()
    assert after <= before
    rows = (await site.admin.get("/records/Observation.json")).json()["rows"]
    assert number not in [row["id"] for row in rows]


async def test_a_stranger_is_sent_to_sign_in_and_back(site: Site) -> None:
    answer = await site.visitor.get("/regions/01?measure=workers")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=/regions/01%3Fmeasure%3Dworkers"
    form = {"name": "djamel", "password": PASSWORD, "next": "/regions/01?measure=workers"}
    answer = await site.visitor.post("/sign-in", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, form["next"])
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert (await site.visitor.get("/country")).status_code == 200
    answer = await site.visitor.post("/sign-out")
    assert answer.headers["location"] == "/sign-in?done=signed-out"
    assert (await site.visitor.get("/country")).status_code == 303


async def test_a_wrong_password_is_told_above_the_form(site: Site) -> None:
    answer = await site.visitor.post("/sign-in", data={"name": "djamel", "password": "no"})
    assert answer.status_code == 401
    assert 'role="alert"' in answer.text and 'href="#name"' in answer.text
    assert 'value="djamel"' in answer.text


async def test_who_guesses_is_told_when_to_come_back(site: Site) -> None:
    form = {"name": "guessed", "password": "wrong"}
    answers = [await site.visitor.post("/sign-in", data=form) for _ in range(8)]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) >= 1


async def test_signing_in_again_ends_the_session_before(site: Site) -> None:
    form = {"name": "djamel", "password": PASSWORD}
    first = await site.visitor.post("/sign-in", data=form)
    before = first.headers["set-cookie"].partition(";")[0]
    second = await site.visitor.post("/sign-in", data=form, headers={"cookie": before})
    after = second.headers["set-cookie"].partition(";")[0]
    site.visitor.cookies.clear()
    for cookie, status in ((before, 303), (after, 200)):
        answer = await site.visitor.get("/country", headers={"cookie": cookie})
        assert answer.status_code == status


async def test_a_form_of_another_site_is_refused(site: Site) -> None:
    elsewhere = {"origin": "https://evil.test"}
    for path in ("/sign-out", "/accounts/amina/state", "/quality/quarantine/1/discard"):
        answer = await site.admin.post(path, data={}, headers=elsewhere)
        assert answer.status_code == 403, path
    form = {"name": "djamel", "password": PASSWORD}
    answer = await site.visitor.post("/sign-in", data=form, headers=elsewhere)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        ("djamel", "/quality", 403),
        ("djamel", "/accounts", 403),
        ("djamel", "/audit", 403),
        ("djamel", "/records/Patient", 403),
        ("salma", "/quality/quarantine", 403),
        ("salma", "/quality/quarantine/1", 403),
        ("amina", "/quality", 403),
        ("tarik", "/country", 403),
        ("tarik", "/audit", 200),
        ("safia", "/quality/quarantine/1", 200),
    ],
)
async def test_a_role_opens_what_is_its_own(site: Site, who: str, path: str, status: int) -> None:
    answer = await getattr(site, who).get(path)
    assert answer.status_code == status
    if status == 403:
        assert "Not allowed" in answer.text and 'href="/"' in answer.text


async def test_the_menu_shows_only_what_may_be_opened(site: Site) -> None:
    text = (await site.djamel.get("/country")).text
    assert 'href="/facilities"' in text
    assert 'href="/accounts"' not in text and 'href="/quality"' not in text


async def test_everybody_is_led_to_a_page_of_theirs(site: Site) -> None:
    for who, first in (("djamel", "/country"), ("tarik", "/audit")):
        answer = await getattr(site, who).get("/")
        assert answer.headers["location"] == first


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nowhere", 404),
        ("/regions/99", 404),
        ("/provinces/%2e%2e%2fetc", 404),
        ("/facilities/none", 404),
        ("/records/Nothing", 404),
        ("/records/Patient/none", 404),
        ("/quality/batches/99999", 404),
        ("/quality/batches/zz", 404),
        ("/quality/quarantine/99999", 404),
        ("/static/x/none.css", 404),
        ("/records/Patient?birthdate=yesterday", 400),
        ("/records/Patient?nonsense=1", 400),
        ("/country?measure=zz&level=%ff", 200),
        ("/country?measure=%00", 400),
        ("/facilities?name=a%00b", 400),
        ("/facilities/%00", 400),
        ("/records/Patient/%00", 400),
        ("/identity/%00", 400),
        ("/accounts/%00", 400),
        ("/audit?account=%00", 400),
        ("/quality/quarantine/99999999999999999999", 404),
        ("/facilities?name=%25_%27%3B--", 200),
    ],
)
async def test_odd_addresses_are_answered_in_words(site: Site, path: str, status: int) -> None:
    answer = await site.admin.get(path, follow_redirects=True)
    assert answer.status_code == status
    assert "<h1" in answer.text and "Traceback" not in answer.text


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/sign-in", "name"),
        ("/quality/quarantine/1/correct", "reason"),
        ("/accounts/new", "display"),
        ("/records/Patient", "family"),
        ("/identity/search", "family"),
    ],
)
async def test_a_text_that_no_database_keeps_is_refused(site: Site, path: str, field: str) -> None:
    given = {"record": "{}", "role": "planner", "place": "national", "password": PASSWORD}
    answer = await site.admin.post(path, data=given | {"name": "nul", field: "a\0b"})
    assert answer.status_code == 400
    assert "N7510" in answer.text


async def test_what_is_no_form_is_refused(site: Site) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    parts = {"content-type": "multipart/form-data"}
    for content, headers in ((b"a" * 3_000_000, form), (b"a", parts), (b"\xff\xfe", form)):
        answer = await site.visitor.post("/sign-in", content=content, headers=headers)
        assert answer.status_code in (400, 401)


@pytest.mark.parametrize("path", ["/sign-in", "/records/Patient", "/identity/search"])
async def test_a_form_without_end_is_refused(site: Site, path: str) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    many = b"&".join(b"f%d=%s" % (number, b"a" * 100_000) for number in range(60))

    async def pieces() -> AsyncIterator[bytes]:
        yield many

    for long in (many, pieces()):
        answer = await site.admin.post(path, content=long, headers=form)
        assert answer.status_code == 400 and "N7511" in answer.text


async def test_a_twin_says_its_problem_to_a_program(site: Site) -> None:
    for path, status, code in (
        ("/records/Patient.json?birthdate=yesterday", 400, "N2504"),
        ("/facilities/none.json", 404, "N1001"),
    ):
        answer = await site.admin.get(path)
        assert answer.status_code == status
        assert answer.json()["issue"][0]["details"]["coding"][0]["code"] == code
    assert (await site.admin.get("/records/Patient.csv?birthdate=yesterday")).status_code == 400


async def test_an_error_is_told_in_the_language_of_the_reader(site: Site) -> None:
    for language, word in (("ar", "غير موجود"), ("fr", "Introuvable"), ("en", "Not found")):
        answer = await site.admin.get("/regions/99", headers={"accept-language": language})
        assert word in answer.text
        assert answer.headers["content-language"] == language


async def test_the_chosen_language_stays(site: Site) -> None:
    answer = await site.amina.get("/country?lang=ar")
    assert '<html lang="ar" dir="rtl">' in answer.text
    answer = await site.amina.get("/country", headers={"accept-language": "fr"})
    assert '<html lang="ar" dir="rtl">' in answer.text
    site.amina.cookies.delete("language")


async def test_what_somebody_typed_is_never_markup(site: Site) -> None:
    bad = "<script>alert(1)</script>"
    for path in ("/facilities?name=", "/audit?account=", "/records/Patient?name=", "/regions/"):
        answer = await site.admin.get(f"{path}{bad}")
        assert bad not in answer.text
    for path in ("/records/Patient", "/identity/search"):
        answer = await site.admin.post(path, data={"family": bad})
        assert answer.status_code == 200 and bad not in answer.text


async def test_pages_carry_a_policy_that_lets_no_script_in(site: Site) -> None:
    answer = await site.admin.get("/country")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "script-src" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    style = re.search(r'href="(/static/\w+/nabd.css)"', answer.text)
    assert style is not None
    css = await site.visitor.get(style[1])
    assert css.status_code == 200 and "immutable" in css.headers["cache-control"]


async def test_what_is_opened_is_in_the_access_log(site: Site) -> None:
    await site.amina.get("/records/Location/ma-06")
    text = (await site.admin.get("/records/Location/ma-06/access")).text
    assert "amina" in text
    rows = (await site.tarik.get("/audit.json?account=amina")).json()["rows"]
    assert ("read", "Location", "ma-06") in [(r["action"], r["type"], r["id"]) for r in rows]


async def test_history_shows_what_changed(site: Site) -> None:
    await site.door.system().patch(
        "Organization", "demo-0001", lambda old: {**old, "name": "Hôpital de l’Avenir"}
    )
    text = (await site.admin.get("/records/Organization/demo-0001/history")).text
    assert "<ins><bdi>Hôpital de l’Avenir</bdi></ins>" in text
    assert "Version 2" in text
    old = await site.admin.get("/records/Organization/demo-0001?version=1")
    assert "Avenir" not in old.text


async def test_a_fault_of_ours_is_a_page_with_a_number_and_nothing_else(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr(site.store, "read", broken)
    answer = await site.visitor.get("/about")
    assert answer.status_code == 500
    assert "N1000" in answer.text and "secret" not in answer.text
    assert 'href="/"' in answer.text


async def test_the_first_page_keeps_what_was_asked_of_it(site: Site) -> None:
    answer = await site.djamel.get("/?lang=ar&measure=workers")
    assert answer.headers["location"] == "/country?lang=ar&measure=workers"


async def test_who_has_to_sign_in_reads_the_form_in_the_language_asked_for(site: Site) -> None:
    site.visitor.cookies.clear()
    answer = await site.visitor.get("/?lang=ar")
    assert answer.headers["location"] == "/sign-in?lang=ar"
    answer = await site.visitor.get("/regions/01?lang=fr&measure=workers")
    assert answer.headers["location"] == "/sign-in?next=/regions/01%3Fmeasure%3Dworkers&lang=fr"
    assert 'lang="fr"' in (await site.visitor.get(answer.headers["location"])).text
    site.visitor.cookies.clear()


async def test_types_that_hold_something_come_first(site: Site) -> None:
    text = (await site.admin.get("/records")).text
    first, _, folded = text.partition("<details>")
    assert 'href="/records/Location"' in first
    assert 'href="/records/Basic"' not in first
    assert 'href="/records/Basic"' in folded
