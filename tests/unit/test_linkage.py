"""Batch linkage on small registers: who is found to be one person, and who never is."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path

import duckdb
import pytest
from bench.register import COLUMNS, Register

from nabd.identity.batch import Linkage, Settings, link, model

RECORDS = 2_000
Row = dict[str, str]


def register(records: int, seed: int) -> list[Row]:
    rows = Register(seed, 0).rows(records)
    return [
        dict(zip(COLUMNS, row, strict=True)) for row, _ in zip(rows, range(records), strict=False)
    ]


@pytest.fixture(scope="module")
def rows(shared: Path) -> list[Row]:
    return register(RECORDS, 3)


@pytest.fixture(scope="module")
def linkage(rows: list[Row]) -> Linkage:
    return link(rows)


def people(*, like: Row, changes: list[dict[str, str]]) -> list[Row]:
    """Add records to a register, so that there is something to learn from."""
    return [{**like, "id": f"x{n}", **change} for n, change in enumerate(changes)]


def pairs(groups: list[tuple[str, ...]]) -> set[tuple[str, str]]:
    return {pair for group in groups for pair in combinations(sorted(group), 2)}


def together(linkage: Linkage) -> set[tuple[str, str]]:
    return pairs(list(linkage.people()))


PERSON = {
    "given": "Ghita", "family": "Tazi", "birth_date": "2019-05-17", "sex": "f",
    "phone": "0661123456", "commune": "C0101",
}  # fmt: skip


def test_most_records_find_their_person(rows: list[Row], linkage: Linkage) -> None:
    persons: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        persons[row["person"]].append(row["id"])
    true, found = pairs([tuple(ids) for ids in persons.values()]), together(linkage)
    right = len(true & found)
    assert 2 * right / (len(true) + len(found)) > 0.96
    assert right / len(found) > 0.99


def test_the_records_are_the_sum_of_the_clusters(rows: list[Row], linkage: Linkage) -> None:
    report = linkage.report
    assert report.records == len(rows) == sum(n * count for n, count in report.sizes.items())
    assert report.clusters == sum(report.sizes.values())
    sizes = Counter(len(group) for group in linkage.people())
    assert {size: count for size, count in report.sizes.items() if size > 1} == sizes


def test_links_and_questions_say_why(linkage: Linkage) -> None:
    found = list(linkage.links())
    assert len(found) == linkage.report.links
    assert all(one.weight >= linkage.report.match and not one.reason for one in found)
    assert {"given", "family", "born", "cnie"} <= found[0].evidence.keys()
    questions = list(linkage.questions())
    assert Counter(one.reason for one in questions) == linkage.report.questions
    assert all(one.weight >= linkage.report.review for one in questions)
    assert not {(q.left, q.right) for q in questions} & together(linkage)


def test_the_order_of_records_does_not_matter(rows: list[Row], linkage: Linkage) -> None:
    shuffled = rows[:]
    random.Random(1).shuffle(shuffled)
    again = link(shuffled, known=linkage.model)
    assert together(again) == together(linkage)


def test_the_same_records_teach_the_same_model(rows: list[Row], linkage: Linkage) -> None:
    again = link(rows).model
    assert again == linkage.model
    assert again.version == linkage.report.version


def test_a_known_model_learns_nothing_anew(rows: list[Row], linkage: Linkage) -> None:
    again = link(rows[:500], known=linkage.model)
    assert again.report.version == linkage.report.version


def test_twins_are_two_people(rows: list[Row]) -> None:
    twins = people(
        like=PERSON, changes=[{}, {"given": "Salma"}, {"given": "سلمى"}, {"given": "غيثة"}]
    )
    assert together(link(rows + twins)) & pairs([("x0", "x1", "x2", "x3")]) == {
        ("x0", "x3"), ("x1", "x2"),
    }  # fmt: skip


def test_a_newborn_without_a_name_is_a_question(rows: list[Row]) -> None:
    named = [{}, {"given": "Nouveau-né de Amina"}, {"given": "مولود"}, {"given": "Salma"}]
    found = link(rows + people(like=PERSON, changes=named))
    assert not together(found) & pairs([("x0", "x1", "x2", "x3")])
    unnamed = {q.right for q in found.questions() if q.reason == "unnamed"}
    unnamed |= {q.left for q in found.questions() if q.reason == "unnamed"}
    assert {"x1", "x2"} <= unnamed


def test_a_newborn_with_the_same_identifier_is_linked(rows: list[Row]) -> None:
    named = [{"idcs": "1234567890"}, {"idcs": "1234567890", "given": "Bébé de Amina"}]
    assert ("x0", "x1") in together(link(rows + people(like=PERSON, changes=named)))


def test_two_identity_cards_are_two_people(rows: list[Row]) -> None:
    cards = [{"cnie": "AB123456"}, {}, {"cnie": "CD987654"}]
    found = link(rows + people(like=PERSON, changes=cards))
    assert ("x0", "x2") not in together(found)
    assert len(together(found) & {("x0", "x1"), ("x1", "x2")}) == 1
    assert any(
        q.reason == "identifier" for q in found.questions() if {q.left, q.right} & {"x0", "x2"}
    )


def test_a_twin_whose_names_are_swapped_is_not_the_other(rows: list[Row]) -> None:
    twins = [{}, {"given": "Tazi", "family": "Salma"}, {"given": "Tazi", "family": "غيثة"}]
    for other in (1, 2):
        found = together(link(rows + people(like=PERSON, changes=[{}, twins[other]])))
        assert (("x0", "x1") in found) == (other == 2)


def test_the_number_of_the_insured_parent_proves_no_child(rows: list[Row]) -> None:
    family = [{"given": "Bébé"}, {"given": "Amal", "birth_date": "1990-02-03"}, {"given": "Salma"}]
    insured = [{**one, "cnss": "123456789"} for one in family]
    found = together(link(rows + people(like=PERSON, changes=insured)))
    assert not found & pairs([("x0", "x1", "x2")])


def test_a_card_of_somebody_with_another_whole_name_is_no_link(rows: list[Row]) -> None:
    lent = [{"cnie": "AB123456"}, {"given": "Hamza", "family": "Ouchen", "cnie": "AB123456"}]
    lent[1]["birth_date"] = ""
    assert ("x0", "x1") not in together(link(rows + people(like=PERSON, changes=lent)))


def test_a_phone_may_be_written_in_arabic_digits(rows: list[Row]) -> None:
    like = {**PERSON, "birth_date": ""}
    written = [{"commune": "C0001"}, {"commune": "C0002", "phone": "٠٦٦١١٢٣٤٥٦"}]
    found = link(rows + people(like=like, changes=written))
    evidence = [
        one.evidence["phone"]
        for one in (*found.links(), *found.questions())
        if {one.left, one.right} == {"x0", "x1"}
    ]
    assert evidence
    assert evidence[0] > 0


def test_a_whole_name_in_one_field_keeps_its_articles(rows: list[Row]) -> None:
    like = {**PERSON, "family": "Ouchen"}
    whole = [{"given": "", "family": "El Hassan Ouchen"}, {"given": "El Hassan"}]
    found = link(rows + people(like=like, changes=whole))
    evidence = [one.evidence for one in found.links() if {one.left, one.right} == {"x0", "x1"}]
    assert evidence
    assert min(evidence[0]["given"], evidence[0]["family"]) > 0


def test_a_rare_given_name_that_differs_forbids_its_own_link_only(rows: list[Row]) -> None:
    three = ("x0", "x1", "x2")
    rare = [{"given": "Titrit Louzda"}, {"given": "Titrit"}, {"given": "Louzda"}]
    assert pairs([three]) <= together(link(rows + people(like=PERSON, changes=rare)))
    known = [{"given": "Fatima Salma"}, {"given": "Fatima"}, {"given": "Salma"}]
    found = together(link(rows + people(like=PERSON, changes=known)))
    assert ("x1", "x2") not in found


def test_everybody_born_on_1_january_is_not_one_person(rows: list[Row]) -> None:
    like = {"given": "Mohamed", "family": "Alaoui", "birth_date": "1960-01-01", "sex": "m"}
    many = people(like=like, changes=[{"commune": f"C{n:04}"} for n in range(30)])
    assert not together(link(rows + many)) & pairs([tuple(f"x{n}" for n in range(30))])


def test_what_people_decided_is_kept(rows: list[Row], linkage: Linkage) -> None:
    linked = next(iter(sorted(together(linkage))))
    apart = next((q.left, q.right) for q in linkage.questions() if q.reason == "contradicts")
    again = link(rows, known=linkage.model, same=[apart], different=[linked])
    assert linked not in together(again)
    assert tuple(sorted(apart)) in together(again)
    assert {linked, apart}.isdisjoint((q.left, q.right) for q in again.questions())


def test_two_cards_that_a_steward_united_are_one_person(rows: list[Row], linkage: Linkage) -> None:
    cards = people(like=PERSON, changes=[{"cnie": "AB123456"}, {"cnie": "CD987654"}])
    assert ("x0", "x1") not in together(link(rows + cards, known=linkage.model))
    found = link(rows + cards, known=linkage.model, same=[("x1", "x0")])
    assert ("x0", "x1") in together(found)


def test_rows_may_be_a_relation_and_progress_is_told(rows: list[Row], linkage: Linkage) -> None:
    con = duckdb.connect()
    con.execute("CREATE TABLE mine (id VARCHAR, given VARCHAR, family VARCHAR, birth_date DATE)")
    con.executemany(
        "INSERT INTO mine VALUES (?, ?, ?, ?)",
        [[r["id"], r["given"], r["family"], r["birth_date"] or None] for r in rows[:300]],
    )
    told: list[tuple[str, float]] = []
    link(con.table("mine"), Settings(), con=con, known=linkage.model,
         on_progress=lambda step, done: told.append((step, done)))  # fmt: skip
    assert [step for step, _ in told][:2] == ["read", "names"]
    assert [done for _, done in told] == sorted(done for _, done in told)


def test_the_same_model_can_be_written_for_spark() -> None:
    filled = {"given", "family", "born", "sex", "commune", "phone", "postcode", "cnie"}
    settings = model.settings(
        lambda column: 0.01, filled, ("cnie",), ("given",), ["day, given_key"]
    )
    written = settings.create_settings_dict("spark")
    assert [one["output_column_name"] for one in written["comparisons"]][:2] == ["given", "family"]
    assert "jaro_winkler(" in str(written)
