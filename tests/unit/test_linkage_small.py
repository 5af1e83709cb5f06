"""Batch linkage of registers that have next to nothing: a right answer, or a problem that helps."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest
from bench.register import COLUMNS, Register

from nabd.errors import Problem
from nabd.identity.batch import Settings, link
from nabd.identity.batch.features import SHARED_BY

Row = dict[str, str]
ALL = ("given", "family", "birth_date", "sex", "phone", "commune", "cnie", "idcs", "cnss")
NAMES = ("given", "family")
PERSON = {
    "given": "Ghita", "family": "Tazi", "birth_date": "2019-05-17", "sex": "f",
    "phone": "0661123456", "commune": "C0101", "cnie": "AB123456",
}  # fmt: skip
OTHER = {
    "given": "Ali", "family": "Alaoui", "birth_date": "1950-02-03", "sex": "m",
    "phone": "0677000000", "commune": "C0202", "cnie": "CD987654",
}  # fmt: skip


def records(*people: Row) -> list[Row]:
    return [{"id": str(number), **one} for number, one in enumerate(people)]


def groups(rows: list[Row]) -> list[tuple[str, ...]]:
    return list(link(rows).people())


@pytest.fixture(scope="module")
def rows(shared: Path) -> list[Row]:
    made = Register(3, 0).rows(400)
    return [dict(zip(COLUMNS, one, strict=True)) for one in islice(made, 400)]


def only(rows: list[Row], *columns: str) -> list[Row]:
    return [{name: row[name] for name in ("id", *columns)} for row in rows]


@pytest.mark.parametrize("people", [[], [PERSON]], ids=["no record", "one record"])
def test_who_has_nobody_beside_is_nobody_else(people: list[Row]) -> None:
    found = link(records(*people))
    assert found.report.records == found.report.clusters == len(people)
    assert not [*found.people(), *found.links(), *found.questions()]
    assert link(records(*people), known=found.model).report == found.report


def test_two_alike_are_one_person_and_two_unlike_are_two() -> None:
    assert groups(records(PERSON, PERSON)) == [("0", "1")]
    assert groups(records(PERSON, OTHER)) == []
    assert groups(records(PERSON, OTHER, {**PERSON, "cnie": ""})) == [("0", "2")]


def test_all_records_of_one_person_are_one_person() -> None:
    assert groups(records(*[PERSON] * 30)) == [tuple(map(str, range(30)))]


def test_a_register_in_which_nobody_is_twice_has_only_single_records(rows: list[Row]) -> None:
    once = {row["person"]: row for row in rows}
    assert groups(list(once.values())) == []


def test_a_register_without_errors_finds_every_pair(rows: list[Row]) -> None:
    named = [row for row in {row["person"]: row for row in rows}.values() if row["cnie"]]
    twice = [{**row, "id": f"{turn}-{row['id']}"} for turn in (0, 1) for row in named]
    assert set(groups(twice)) == {(f"0-{row['id']}", f"1-{row['id']}") for row in named}


@pytest.mark.parametrize(
    "missing",
    [("cnie", "idcs", "cnss"), ("birth_date",), ("birth_date", "cnie", "idcs", "cnss"), ("sex",)],
    ids=["no identifier", "no birth date", "neither", "no sex"],
)
def test_what_is_missing_lets_the_rest_be_enough(rows: list[Row], missing: tuple[str, ...]) -> None:
    person = {row["id"]: row["person"] for row in rows}
    found = groups(only(rows, *(name for name in ALL if name not in missing)))
    right = [len({person[one] for one in ids}) == 1 for ids in found]
    assert len(found) > 50
    assert sum(right) / len(right) > 0.95


def test_an_identifier_alone_is_enough(rows: list[Row]) -> None:
    shared = [row["cnie"] for row in rows if row["cnie"]]
    found = groups(only(rows, "cnie"))
    assert len(found) == len({one for one in shared if shared.count(one) > 1})


@pytest.mark.parametrize(
    "columns", [(), *((one,) for one in ALL[:6]), NAMES], ids=lambda columns: " ".join(columns)
)
def test_one_fact_is_no_comparison(rows: list[Row], columns: tuple[str, ...]) -> None:
    with pytest.raises(Problem, match="N6119"):
        link(only(rows, *columns))


def test_records_all_alike_without_identifier_are_no_comparison() -> None:
    with pytest.raises(Problem, match="N6119"):
        link(records(*[{**PERSON, "cnie": ""}] * 30))


@pytest.mark.parametrize("id_", ["0", ""], ids=["an id of another", "no id"])
def test_each_record_needs_an_id_of_its_own(id_: str) -> None:
    with pytest.raises(Problem, match="N6120"):
        link([*records(PERSON, OTHER), {**OTHER, "id": id_}])


def test_a_rare_name_is_no_common_one_because_the_register_is_small(rows: list[Row]) -> None:
    once = list({row["person"]: row for row in rows}.values())[:30]
    rare = {**PERSON, "family": "Yaghmorasen", "cnie": ""}
    found = link([*records(rare, rare), *once])
    (evidence,) = (one.evidence for one in found.links() if {one.left, one.right} == {"0", "1"})
    assert evidence["family"] > 6, "bits; two of 32 would be half of that"


def test_a_number_that_very_many_share_is_nobodys(rows: list[Row]) -> None:
    once = list({row["person"]: row for row in rows}.values())
    assert len(once) > SHARED_BY
    found = link([{**row, "cnie": "X000000"} for row in once])
    assert list(found.people()) == []
    assert found.report.shared == {"cnie": len(once)}, "what is left out is told"


def test_a_number_that_many_share_is_somebodys(rows: list[Row]) -> None:
    once = list({row["person"]: row for row in rows}.values())[: SHARED_BY + 1]
    assert link([{**row, "cnie": "X000000"} for row in once[1:]]).report.shared == {}


def test_settings_may_name_no_identifier(rows: list[Row]) -> None:
    assert link(rows, Settings(identifiers=(), certain=())).report.links > 100


def test_a_birth_date_that_is_no_date_is_left_out_and_counted(rows: list[Row]) -> None:
    dates = ["1950", "1950-02", "1950-02-28", "", "28/02/1950", "February 1950", "19500228"]
    wrong = [{**OTHER, "birth_date": date} for date in dates]
    found = link([*rows, *records(*wrong)])
    assert found.report.undated == 3
    born = {(one.left, one.right): one.evidence["born"] for one in found.links()}
    assert born["0", "2"] > 0 and born["4", "5"] == 0
