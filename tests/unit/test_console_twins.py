"""The same table as CSV and JSON: names in both languages, and nothing that a spreadsheet runs."""

from __future__ import annotations

import csv
import io
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from nabd.access.figure import Name
from nabd.access.page import Column, Page, Table
from nabd.web.console.resource import caption, changes, flat
from nabd.web.console.signing import local
from nabd.web.console.twins import twin

COLUMNS = (
    Column("name", "Name", "name"),
    Column("note", "Note"),
    Column("beds", "Beds", "number"),
)


def page(*rows: dict[str, object]) -> Page:
    return Page("list.html", "List", None, Table(COLUMNS, rows))


def read(text: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.decode("utf-8-sig"), newline="")))


def test_csv_has_both_names_and_a_mark_for_spreadsheets() -> None:
    text = twin(page({"name": Name("Fès", "فاس"), "note": "a,b", "beds": -3}), "csv")
    assert text.startswith(b"\xef\xbb\xbf")
    assert read(text) == [
        ["name_fr", "name_ar", "note", "beds"],
        ["Fès", "فاس", "a,b", "-3"],
    ]


def test_json_has_both_names() -> None:
    text = twin(page({"name": Name("Fès", "فاس"), "note": "=1", "beds": None}), "json")
    expected = {"name": {"fr": "Fès", "ar": "فاس"}, "note": "=1", "beds": None}
    assert json.loads(text) == {"page": "list", "rows": [expected]}


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20))
def test_no_cell_begins_like_a_formula(text: str) -> None:
    _, row = read(twin(page({"name": Name(text, ""), "note": text, "beds": 1}), "csv"))
    for cell in (row[0], row[2]):
        assert not cell.startswith(("=", "+", "-", "@", "\t"))
        assert cell.removeprefix("'") == text.removeprefix("'") or cell == text


def test_a_caption_says_what_a_resource_is() -> None:
    assert caption({"name": [{"given": ["Salma"], "family": "Alami"}]}) == "Salma Alami"
    assert caption({"name": "Hôpital Ibn Sina"}) == "Hôpital Ibn Sina"
    assert caption({"code": {"coding": [{"code": "8302-2", "display": "Height"}]}}) == "Height"
    assert caption({"status": "final"}) == ""


def test_changes_name_each_element_that_differs() -> None:
    old = {"id": "1", "name": [{"family": "Alami"}], "active": True}
    new = {"id": "1", "name": [{"family": "Alaoui"}], "gender": "female"}
    found = [(one.path, one.old, one.new) for one in changes(old, new)]
    assert found == [
        ("name[0].family", "Alami", "Alaoui"),
        ("gender", None, "female"),
        ("active", "true", None),
    ]
    assert dict(flat(old))["name[0].family"] == "Alami"


def test_after_sign_in_nobody_is_sent_to_another_machine() -> None:
    assert local("/regions/06?measure=beds") == "/regions/06?measure=beds"
    for target in ("//evil.test", "https://evil.test", "/\\evil.test", "", "javascript:1"):
        assert local(target) == "/"
