"""What two records show of one field: the same, a slip, part of it, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from pathlib import Path

import pytest
from bench.register import COLUMNS, Register

from nabd.identity.batch import Linkage, Model, Settings, link
from nabd.identity.batch.pairs import KEPT

Row = dict[str, str]
PERSON = {
    "given": "Ghita", "family": "Tazi", "birth_date": "2019-05-07", "sex": "f",
    "phone": "0661123456", "commune": "C0101", "idcs": "1234567890", "cnie": "AB123456",
}  # fmt: skip


@pytest.fixture(scope="module")
def rows(shared: Path) -> list[Row]:
    made = Register(3, 0).rows(2_000)
    return [dict(zip(COLUMNS, one, strict=True)) for one in islice(made, 2_000)]


@pytest.fixture(scope="module")
def known(rows: list[Row]) -> Model:
    return link(rows).model


def compared(known: Model, *changes: Row) -> Linkage:
    return link([{**PERSON, "id": str(n), **one} for n, one in enumerate(changes)], known=known)


def evidence(known: Model, **change: str) -> Mapping[str, float]:
    found = compared(known, {}, change)
    (only,) = [*found.links(), *found.questions()]
    return only.evidence


@pytest.mark.parametrize(
    "slip",
    ["AB12345", "B123456", "AB1234566", "XAB123456", "AB124456", "AC123456", "BA123456",
     "AB123465", "XB123456", "AB12345X", "ab-123457"],
)  # fmt: skip
def test_a_number_one_slip_away_is_less_against_than_another(known: Model, slip: str) -> None:
    other = evidence(known, cnie="ZX987654")["cnie"]
    assert other < evidence(known, cnie=slip)["cnie"] < evidence(known)["cnie"]


@pytest.mark.parametrize("two", ["AB123", "BA123465", "CD123456", "AB123478"])
def test_a_number_two_slips_away_is_another(known: Model, two: str) -> None:
    assert evidence(known, cnie=two)["cnie"] == evidence(known, cnie="ZX987654")["cnie"]


def test_a_family_name_one_slip_away_in_its_own_script_is_nearly_the_same(known: Model) -> None:
    def of(family: str, other: str) -> float:
        found = compared(known, {"family": family}, {"family": other})
        return next(iter([*found.links(), *found.questions()])).evidence["family"]

    assert of("غزولبان", "غوزلبان") > 0 > of("غزولبان", "تمكديتش")


def test_parts_of_a_birth_date_weigh_as_they_agree(known: Model) -> None:
    def born(date: str) -> float:
        return evidence(known, birth_date=date)["born"]

    nothing = born("1987-11-23")
    swapped = born("2019-07-05")
    two_of_three = {born(date) for date in ("2019-05-23", "2018-05-07", "2019-11-07")}
    assert len(two_of_three) == 1, "whichever two"
    assert nothing < 0 < two_of_three.pop() < min(swapped, born("2019-05-07"))
    assert nothing < born("2019-01-01") < born("2019-05-07")
    assert born("1987-05") == born("1987") == nothing, "a month alone, or nothing, is no two parts"


def test_what_random_pairs_share_proves_little(rows: list[Row]) -> None:
    two = [{**row, "given": ("Titrit", "Louzda")[n % 2]} for n, row in enumerate(rows)]
    usual, half = (link(some).model.splink["comparisons"][0] for some in (rows, two))
    exact = [one["comparison_levels"][1]["u_probability"] for one in (usual, half)]
    assert exact[0] < 0.02
    assert exact[1] == pytest.approx(0.5, abs=0.02)


def test_who_is_of_two_people_is_kept_apart_whoever_connects_them(known: Model) -> None:
    """The pair is far below what is kept, and forbids the cluster all the same."""
    nobody = dict.fromkeys(PERSON, "")
    one = {**nobody, "cnie": "AB123456"}
    other = {**nobody, "idcs": "1234567890"}
    facts = {"sex": "f", "phone": "0661123456", "birth_date": "2019-05-07", "commune": "C0101"}
    against = {"sex": "m", "phone": "0661123456", "birth_date": "2019-11-23", "commune": "C0909"}
    names = {"given": "Ghita", "family": "Tazi"}, {"given": "Hamza", "family": "Ouchen"}
    both = {**nobody, "cnie": "AB123456", "idcs": "1234567890"}
    found = compared(known, {**one, **facts, **names[0]}, {**other, **against, **names[1]}, both)
    assert [ids for ids in found.people() if {"0", "1"} <= set(ids)] == []
    assert found.report.questions == {"apart": 1}


def test_whoever_wants_to_be_asked_about_less_is_asked(rows: list[Row], known: Model) -> None:
    usual, curious = (
        [one.weight for one in link(rows, Settings(review=review), known=known).questions()]
        for review in (0.0, -12.0)
    )
    assert min(usual) >= 0
    assert -12 <= min(curious) < KEPT


def test_very_many_of_one_name_are_not_compared_for_it(known: Model) -> None:
    def hot(records: int, **settings: float) -> Mapping[str, int]:
        same = [
            {"id": str(n), "given": "Titrit", "family": "Louzda", "birth_date": f"{1000 + n}-03-05"}
            for n in range(records)
        ]
        return link(same, Settings()._replace(**settings), known=known).report.hot

    assert hot(600, pairs_per_record=500.0) == {"names": 600}, "names alone have a smaller budget"
    assert hot(400, pairs_per_record=0.0) == {}, "what takes no time is compared"
