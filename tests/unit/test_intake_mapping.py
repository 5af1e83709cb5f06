"""Mapping files: what they can say, and how clearly they say what is wrong with them."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nabd.errors import Issue, Problem, issue
from nabd.fhir.check import check_value
from nabd.intake.mapping import Mapping, clean, offer, target
from nabd.intake.mapping.plan import Plan

MAPPING = """
name = "clinics"

[source]
format = "csv"

[columns.name]
header = "Nom"
required = true
clean = ["collapse"]

[columns.opened]
header = "Ouverture"
clean = [{ date = "%d/%m/%Y" }]

[columns.beds]
header = "Lits"
clean = ["digits", { number = "integer" }]

[columns.kind]
header = "Type"
codes = "kind"

[columns.phone]
header = "Tel"

[codes.kind]
"Hôpital" = "hosp"

[key]
columns = ["name"]

[[tests]]
expression = "beds.empty() or beds >= 0"
says = "beds are not negative"

[[resources]]
type = "Organization"
id = "o-{key}"
[resources.set]
'name' = "{name}"
'active' = true
'telecom[0].system' = "phone"
'telecom[0].value' = "{phone}"
'identifier[0].system' = "https://example.org/beds"
'identifier[0].value' = "{name} {beds}"
'extension("https://example.org/opened").valueDate' = "{opened}"

[[resources]]
type = "Location"
id = "l-{key}"
when = "kind"
[resources.set]
'name' = "{name}"
'type[0].coding[0].code' = "{kind}"
"""


def plan(text: str = MAPPING) -> Plan:
    """Read a mapping from its text."""
    return Plan(Mapping.parse(text.encode(), "clinics.toml"))


def codes(cells: dict[str, Any]) -> list[str]:
    """Return the codes of what is wrong with a row."""
    return [one.code for one in plan().values(cells)[1]]


def test_a_row_becomes_resources() -> None:
    one = plan()
    cells = {
        "name": " Al\xa0 Amal ",
        "opened": "03/02/2024",
        "beds": "١٢",
        "kind": "Hôpital",
        "phone": "0535",
    }
    values, found = one.values(cells)
    assert found == []
    bundle = one.bundle(values, one.key(values))
    organization, location = (entry["resource"] for entry in bundle["entry"])
    check_value(organization)
    check_value(location)
    assert organization == {
        "resourceType": "Organization",
        "id": organization["id"],
        "name": "Al Amal",
        "active": True,
        "telecom": [{"system": "phone", "value": "0535"}],
        "identifier": [{"system": "https://example.org/beds", "value": "Al Amal 12"}],
        "extension": [{"url": "https://example.org/opened", "valueDate": "2024-02-03"}],
    }
    assert location["type"] == [{"coding": [{"code": "hosp"}]}]
    assert bundle["entry"][0]["request"]["url"] == f"Organization/{organization['id']}"


def test_empty_columns_leave_nothing_behind() -> None:
    one = plan()
    values, found = one.values({"name": "Al Amal"})
    assert found == []
    (entry,) = one.bundle(values, one.key(values))["entry"]
    assert set(entry["resource"]) == {"resourceType", "id", "name", "active"}


def test_the_same_row_always_makes_the_same_id() -> None:
    first, second = (plan().key({"name": name}) for name in ("Al Amal", " al  AMAL "))
    assert first == second != plan().key({"name": "Al Amal 2"})


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({}, ["N5020"]),
        ({"name": "x", "opened": "2024-02-03"}, ["N5023"]),
        ({"name": "x", "beds": "twelve"}, ["N5024"]),
        ({"name": "x", "beds": "1.5"}, ["N5024"]),
        ({"name": "x", "beds": "NaN"}, ["N5024"]),
        ({"name": "x", "kind": "Clinique"}, ["N5021"]),
        ({"name": datetime(2024, 7, 9)}, ["N5022"]),  # noqa: DTZ001 -- as a spreadsheet holds it
        ({"name": "x", "beds": "-3"}, ["N5026"]),
        ({"opened": "?", "beds": "?", "kind": "?"}, ["N5020", "N5023", "N5024", "N5021"]),
    ],
)
def test_every_reason_of_a_row_is_told(cells: dict[str, Any], expected: list[str]) -> None:
    assert codes(cells) == expected


def test_reasons_never_repeat_what_the_cell_holds() -> None:
    found = plan().values({"name": "x", "kind": "SECRET", "beds": "SECRET"})[1]
    assert all("SECRET" not in one.text(lang) for one in found for lang in ("en", "fr", "ar"))


@pytest.mark.parametrize(
    ("old", "new", "code", "where"),
    [
        ('name = "clinics"', "name = [", "N5030", "clinics.toml"),
        ('name = "clinics"', 'nam = "clinics"', "N5031", "nam"),
        ('format = "csv"', 'format = "pdf"', "N5031", "$.source.format"),
        ('format = "csv"', 'format = "csv"\nencoding = "latin"', "N5032", "[source] encoding"),
        ('format = "csv"', 'format = "csv"\ndelimiter = ";;"', "N5032", "[source] delimiter"),
        ('format = "csv"', 'format = "csv"\nheader = 0', "N5032", "[source] header"),
        ('clean = ["collapse"]', 'clean = ["tidy"]', "N5032", "[columns.name] clean"),
        ('codes = "kind"', 'codes = "kinds"', "N5032", "[columns.kind] codes"),
        ('columns = ["name"]', 'columns = ["nom"]', "N5032", "[key] columns"),
        ("beds >= 0", "beds >>= 0", "N5032", "[[tests]] beds are not negative"),
        ('type = "Location"', 'type = "Place"', "N5032", "[[resources]] 2 type"),
        ("'active'", "'activ'", "N5033", "Organization has no activ"),
        ("telecom[0].system", "telecom.system", "N5033", "telecom needs an index"),
        ("'active'", "'active[0]'", "N5033", "active takes no index"),
        ("'active'", "'address[0]'", "N5033", "is a Address"),
        ("'active'", "'a b'", "N5033", "not a path"),
        ('"{name} {beds}"', '"{name} {bed}"', "N5032", "[[resources]] 1"),
        ('when = "kind"', 'when = "sort"', "N5032", "[[resources]] 2 when"),
    ],
)
def test_a_wrong_mapping_says_file_table_and_key(old: str, new: str, code: str, where: str) -> None:
    assert old in MAPPING
    with pytest.raises(Problem) as wrong:
        plan(MAPPING.replace(old, new, 1))
    text = str(wrong.value)
    assert {one.code for one in wrong.value.issues} == {code}
    assert "clinics.toml" in text
    assert where in text


def test_all_that_is_wrong_with_a_mapping_is_told_at_once() -> None:
    wrong = MAPPING.replace('codes = "kind"', 'codes = "x"').replace("'active'", "'activ'")
    with pytest.raises(Problem) as found:
        plan(wrong)
    assert [one.code for one in found.value.issues] == ["N5032", "N5033"]


def test_a_lookup_gives_values_or_its_reason() -> None:
    def capital(asked: Any) -> dict[str, str] | Issue:
        return {"code": "rabat"} if asked == ["MA"] else issue("N5041")

    offer({"capital-of": capital})
    text = MAPPING.replace("[key]", '[lookups.city]\nfind = "capital-of"\nby = ["phone"]\n[key]')
    one = plan(text.replace('"{name} {beds}"', '"{city.code}"'))
    values, found = one.values({"name": "x", "phone": "MA"})
    assert (found, values["city.code"]) == ([], "rabat")
    assert [wrong.code for wrong in one.values({"name": "x", "phone": "FR"})[1]] == ["N5041"]
    with pytest.raises(Problem):
        plan(text.replace("capital-of", "nothing"))


@pytest.mark.parametrize(
    ("step", "value", "expected"),
    [
        ("trim", "  x ", "x"),
        ("collapse", " a \xa0 b\n", "a b"),
        ("upper", "é", "É"),
        ("lower", "É", "é"),
        ("digits", "٢٠٢٤", "2024"),
        ({"replace": r"\s*\(Mun\.?\)?$", "with": ""}, "Ajdir (Mun.)", "Ajdir"),
        ({"day-month": "fr"}, datetime(2025, 7, 9), "9 juillet"),  # noqa: DTZ001
        ({"day-month": "ar"}, "name", "name"),
        ({"date": "%d/%m/%Y"}, datetime(2025, 7, 9), "2025-07-09"),  # noqa: DTZ001
        ({"number": "decimal", "comma": True}, "3,50", Decimal("3.50")),
        ({"number": "integer"}, 3.0, 3),
        ({"boolean": ["oui", "non"]}, "OUI", True),
        ({"boolean": ["oui", "non"]}, "peut-être", "N5025"),
    ],
)
def test_cleaning_steps(step: Any, value: Any, expected: Any) -> None:
    run = clean.step(step)
    assert run is not None
    found = run(value)
    assert (found.code if isinstance(found, Issue) else found) == expected


@pytest.mark.parametrize("step", ["tidy", {}, {"replace": "("}, {"number": "float"}, {"date": 1}])
def test_a_step_that_is_none_is_known_as_none(step: Any) -> None:
    assert clean.step(step) is None or step == {"date": 1}


CELLS = st.one_of(
    st.none(), st.text(max_size=20), st.integers(), st.floats(), st.booleans(), st.datetimes()
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(["name", "opened", "beds", "kind", "phone"]), CELLS))
def test_any_cells_become_valid_json_or_reasons(cells: dict[str, Any]) -> None:
    one = plan()
    values, found = one.values(cells)
    if not found:
        json.dumps(one.bundle(values, one.key(values)), default=str)
    else:
        assert all(wrong.text() and wrong.hint("ar") for wrong in found)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30))
def test_a_target_path_is_read_or_refused(path: str) -> None:
    found = target.parse(path)
    assert found is None or found


def test_target_paths_make_what_they_need() -> None:
    resource: dict[str, Any] = {}
    for path, value in (
        ("name[1].given[0]", "x"),
        ('extension("a").extension("b").valueCode', "y"),
        ("_name.extension('c').valueString", "z"),
    ):
        target.put(resource, target.parse(path) or (), value)
    assert resource["name"][1] == {"given": ["x"]}
    assert resource["extension"] == [{"url": "a", "extension": [{"url": "b", "valueCode": "y"}]}]
    assert target.parent('extension("https://a.b/c").valueCode') == 'extension("https://a.b/c")'
    assert target.parent("name") == ""


def test_a_mapping_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "clinics.toml"
    path.write_text(MAPPING, "utf-8")
    assert Mapping.read(path).name == "clinics"
    path.write_bytes(b"name = '\xff'")
    with pytest.raises(Problem):
        Mapping.read(path)
