"""Scores and decisions on people: who is one, who is another, and what is asked."""

from __future__ import annotations

from itertools import combinations, product

import pytest
from people import MODEL, patient, scored

from nabd.fhir.json import Json
from nabd.identity.rules import Candidate, Decision, Outcome, Score, decide

THIN = {"born": "1971-04-23", "sex": "m", "city": "Rabat"}  # all that is known beside the name
# one line is one person, in the spellings of the source documents and of the press
PEOPLE = [
    [("Amine", "Tihraoui"), ("Amine", "Tahraoui"), ("Amin", "Al -Tahrawi"), ("أمين", "التهراوي")],
    [("Lahcen", "Blameani"), ("Lahcen", "Belyamani"), ("لحسن", "بليماني")],
    [("Kamal", "Al -Daghmi"), ("Kamal", "Doghmi"), ("كمال", "الدغمي")],
    [("Hanane Hassan", "Balkhi"), ("Hanan", "Balkhy"), ("حنان حسن", "بلخي")],
    [("Aziz", "Akhannouch"), ("عزيز", "أخنوش")],
    [("Kamal", "Marhoum El Filali"), ("كمال", "مرحوم الفيلالي")],
]


def of(line: int) -> list[Json]:
    return [patient(given, family, **THIN) for given, family in PEOPLE[line]]


@pytest.mark.parametrize("line", range(len(PEOPLE)), ids=lambda n: PEOPLE[n][0][1])
def test_the_spellings_of_the_documents_are_one_person(line: int) -> None:
    for a, b in combinations(of(line), 2):
        found = scored(a, b)
        assert found.grade in ("probable", "certain"), (a["name"], b["name"], found)


def test_no_two_people_of_the_documents_are_linked() -> None:
    for one, other in combinations(range(len(PEOPLE)), 2):
        for a, b in product(of(one), of(other)):
            assert scored(a, b).grade in ("certainly-not", "possible"), (a["name"], b["name"])


FATHER = {"family": "Alaoui", "place": "06.141.01.01", "phone": "0661234567"}
SAME = ("probable", "certain")
DOUBT = ("possible", "certainly-not")
PAIRS: dict[str, tuple[Json, Json, tuple[str, ...], str]] = {
    "twins": (
        patient("Hassan", born="2001-05-06", sex="m", **FATHER),
        patient("Houssine", born="2001-05-06", sex="m", **FATHER),
        DOUBT,
        "twins",
    ),
    "twins of either sex": (
        patient("Amine", born="2001-05-06", sex="m", **FATHER),
        patient("Amina", born="2001-05-06", sex="f", **FATHER),
        DOUBT,
        "twins",
    ),
    "father and son of one name": (
        patient("Mohamed", born="1955-02-03", sex="m", **FATHER),
        patient("Mohamed", born="1984-07-12", sex="m", **FATHER),
        DOUBT,
        "generations",
    ),
    "two CNIE": (
        patient("Salma", "Berrada", "1990-03-04", "f", phone="0612345678", cnie="AB123456"),
        patient("Salma", "Berrada", "1990-03-04", "f", phone="0612345678", cnie="BK987654"),
        DOUBT,
        "identifier:cnie",
    ),
    "two IDCS, one digit apart": (
        patient("Salma", "Berrada", "1990-03-04", "f", phone="0612345678", idcs="1234567890"),
        patient("Salma", "Berrada", "1990-03-04", "f", phone="0612345678", idcs="1234567891"),
        DOUBT,
        "identifier:idcs",
    ),
    "sex and birth date": (
        patient("Nour", "Tazi", "1990-03-04", "f", cnie="AB123456"),
        patient("Nour", "Tazi", "1995-11-21", "m", cnie="AB123456"),
        DOUBT,
        "sex-and-birth-date",
    ),
    "a wife with her husband's CNIE": (
        patient("Khadija", "Bennani", "1961-09-30", "f", phone="0612345678", cnie="AB123456"),
        patient("Mustapha", "Bennani", "1957-01-15", "m", phone="0612345678", cnie="AB123456"),
        DOUBT,
        "sex-and-birth-date",
    ),
    "day and month swapped": (
        patient("Rachid", "Ziani", "1983-04-09", "m", phone="0612345678"),
        patient("رشيد", "الزياني", "1983-09-04", "m", phone="+212 6 12 34 56 78"),
        SAME,
        "",
    ),
    "names swapped": (
        patient("Rachid", "Ziani", "1983-04-29", "m", place="06.141.01.01"),
        patient("الزياني", "رشيد", "1983-04-29", "m", place="06.141.01.01"),
        SAME,
        "",
    ),
    "a married woman": (
        patient("Ghizlane", "Ouazzani", "1988-04-29", "f", place="06.141.01.01", cnss="123456789"),
        patient("غزلان", "الفاسي", "1988-04-29", "f", place="06.141.01.01", cnss="123456789"),
        SAME,
        "",
    ),
    "1 January in another commune": (
        patient("Mohamed", "Alaoui", "1960-01-01", "m", place="06.141.01.01"),
        patient("محمد", "العلوي", "1960-01-01", "m", place="01.051.01.01"),
        DOUBT,
        "",
    ),
    "a slip of the finger": (
        patient("Gambar", "Mekhlmar", "1993-04-17", "m", place="06.141.01.01"),
        patient("Gambar", "Mekhimar", "1993-04-17", "m", place="06.141.01.01"),
        SAME,
        "",
    ),
    "a second given name left out": (
        patient("Mohamed Amine", "Kabbaj", "1999-06-17", "m", phone="0612345678"),
        patient("محمد", "القباج", "1999-06-17", "m", phone="0612345678"),
        SAME,
        "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", PAIRS)
def test_a_pair_is_graded_as_a_careful_clerk_would(case: str) -> None:
    a, b, grades, against = PAIRS[case]
    found = scored(a, b)
    assert found.grade in grades, found
    assert not against or against in found.contradictions, found


def test_a_newborn_without_a_name_is_never_linked_by_itself() -> None:
    named = patient("Imane", "Slaoui", "2026-02-03", "f", phone="0612345678", place="06.141.01.01")
    unnamed = patient("Nouveau-né de Khadija", "Slaoui", "2026-02-03", "f",
                      phone="0612345678", place="06.141.01.01")  # fmt: skip
    found = scored(named, unnamed)
    assert "newborn" in found.doubts
    assert found.grade == "possible"
    assert decide([Candidate("I", "r", found)], {}, MODEL).link is None


def test_the_reasons_add_up_to_the_score() -> None:
    found = scored(*PAIRS["day and month swapped"][:2])
    assert found.bits == pytest.approx(
        MODEL.prior + sum(one.bits for one in found.reasons), abs=1e-3
    )


def test_a_household_proves_no_more_than_a_household() -> None:
    home = {"phone": "0612345678", "email": "a@example.org", "place": "06.141.01.01"}
    found = scored(patient(family="Yaghmorasen", **home), patient(family="Yaghmorasen", **home))
    assert found.bits == pytest.approx(MODEL.prior + MODEL.household, abs=1e-3)


def test_sharing_a_rare_name_proves_more_than_sharing_a_common_one() -> None:
    common = scored(patient("Mohamed", "Alaoui"), patient("محمد", "العلوي"))
    rare = scored(patient("Yaghmorasen", "Amezzian"), patient("Yaghmorasen", "Amezzian"))
    assert rare.bits > common.bits + 5


def known(bits: float, *against: str, doubts: tuple[str, ...] = ()) -> Score:
    return Score(bits, 0.5, "probable", (), against, doubts)


def decided(*candidates: tuple[str, str, Score], **remembered: Outcome) -> Decision:
    return decide([Candidate(*one) for one in candidates], remembered, MODEL)


MATCH, REVIEW = MODEL.thresholds.match + 1, MODEL.thresholds.review + 1


def test_above_the_match_threshold_a_record_is_linked() -> None:
    assert decided(("I", "a", known(MATCH))).link == "I"
    assert decided(("I", "a", known(MATCH))).cases == ()


def test_between_review_and_match_a_record_waits() -> None:
    found = decided(("I", "a", known(REVIEW)))
    assert found.link is None
    assert [(case.identity, case.record, case.why) for case in found.cases] == [
        ("I", "a", "weight")
    ]


def test_below_review_nothing_is_asked() -> None:
    assert decided(("I", "a", known(MODEL.thresholds.review - 1))) == Decision(None, (), "nobody")


def test_within_the_margin_of_two_identities_nothing_is_linked() -> None:
    found = decided(("I", "a", known(20.0)), ("J", "b", known(19.0)))
    assert found.link is None
    assert {case.identity for case in found.cases} == {"I", "J"}
    assert decided(("I", "a", known(40.0)), ("J", "b", known(19.0))).link == "I"


def test_one_contradicting_record_of_an_identity_forbids_the_link() -> None:
    found = decided(("I", "a", known(40.0)), ("I", "b", known(30.0, "identifier:cnie")))
    assert found.link is None
    assert found.cases[0].why == "identifier:cnie"


def test_a_doubt_about_one_record_of_an_identity_is_answered_by_another() -> None:
    doubtful = known(MATCH, doubts=("birth-date",))
    assert decided(("I", "a", doubtful)).link is None
    assert decided(("I", "a", doubtful), ("I", "b", known(MATCH))).link == "I"


def test_what_a_steward_has_decided_holds() -> None:
    sure = ("I", "a", known(60.0))
    assert decided(sure, a="different") == Decision(None, (), "nobody")
    assert decided(sure, a="unsure").link is None
    assert decided(sure, a="unsure").cases == ()
    assert decided(("I", "a", known(-30.0, "twins")), a="same").link == "I"
    assert decided(sure, ("I", "b", known(60.0)), a="unsure").link is None


def test_an_identifier_that_agrees_against_all_else_is_an_urgent_question() -> None:
    a, b, *_ = PAIRS["a wife with her husband's CNIE"]
    found = decided(("I", "a", scored(a, b)))
    assert found.link is None
    assert [case.priority for case in found.cases] == ["urgent"]


def test_two_cards_of_people_who_agree_in_all_else_are_a_question() -> None:
    known = {"phone": "0612345678", "place": "06.141.01.01"}
    common = ("Fatima", "Alaoui", "1980-05-04", "f")  # names that prove little
    a = patient(*common, **known, cnie="AB123456", idcs="1234567890")
    b = patient(*common, **known, cnie="QX98765", idcs="9876543210")
    assert scored(a, b).bits < MODEL.thresholds.review
    decision = decide([Candidate("I", "r", scored(a, b))], {}, MODEL)
    assert decision.link is None
    assert [case.why for case in decision.cases] == ["identifier:cnie"]


def test_two_cards_of_people_who_might_be_anybody_are_no_question() -> None:
    common = ("Fatima", "Alaoui", "1980-01-01", "f")
    a, b = patient(*common, cnie="AB123456"), patient(*common, cnie="QX98765")
    assert decide([Candidate("I", "r", scored(a, b))], {}, MODEL) == Decision(None, (), "nobody")


def test_two_rare_names_alone_are_no_question() -> None:
    a, b = patient("Titrit", "Ouchen", sex="f"), patient("Titrit", "Ouchen", sex="f")
    assert scored(a, b).bits > MODEL.thresholds.review
    assert decide([Candidate("I", "r", scored(a, b))], {}, MODEL) == Decision(None, (), "nobody")


LENT: dict[str, Json] = {
    "all differs": patient("Karim", "Tazi", "1955-12-30", "m", phone="0677777777", cnie="AB123456"),
    "the given name agrees": patient("Titrit", "Tazi", "1990-12-30", "f", cnie="AB123456"),
    "given name and place agree": patient(
        "Titrit", "Tazi", "1990-12-30", "f", place="06.141.01.01", cnie="AB123456"
    ),
    "the family name agrees": patient("Karim", "Ouchen", "2009-12-30", "f", cnie="AB123456"),
}


@pytest.mark.parametrize("other", LENT)
def test_a_card_that_agrees_alone_is_a_question_and_never_a_link(other: str) -> None:
    owner = patient("Titrit", "Ouchen", "1985-05-04", "f", place="06.141.01.01", cnie="AB123456")
    decision = decide([Candidate("I", "r", scored(owner, LENT[other]))], {}, MODEL)
    assert decision.link is None
    assert [case.priority for case in decision.cases] == ["urgent"]


def test_cousins_of_one_name_born_on_one_day_of_other_years_are_a_question() -> None:
    home = {"place": "06.141.01.01", "sex": "m"}
    a = patient("Abdelkhalek", "Nacer", "1999-10-23", **home)
    b = patient("Abdelkhalek", "Nacer", "2006-10-23", **home)
    decision = decide([Candidate("I", "r", scored(a, b))], {}, MODEL)
    assert (decision.link, len(decision.cases)) == (None, 1)
    near = patient("Abdelkhalek", "Nacer", "1998-10-23", **home)
    assert decide([Candidate("I", "r", scored(a, near))], {}, MODEL).link == "I"


def test_the_children_of_one_who_is_insured_are_no_questions() -> None:
    home = {"phone": "0612345678", "place": "06.141.01.01", "cnss": "123456789"}
    father = patient("Karim", "Ouchen", "1980-01-07", "m", **home)
    child = patient("Titrit", "Ouchen", "2015-03-04", "f", **home)
    assert not decide([Candidate("I", "r", scored(father, child))], {}, MODEL).cases


def test_an_identifier_of_another_form_neither_proves_nor_contradicts() -> None:
    a = patient("Salma", "Berrada", "1990-03-04", "f", cnie="unknown")
    b = patient("Salma", "Berrada", "1990-03-04", "f", cnie="BK987654")
    assert scored(a, b).contradictions == ()
    zeros = patient("Omar", "Tazi", "1950-02-02", "m", idcs="0000000000")
    other = patient("Said", "Fassi", "1991-07-09", "m", idcs="0000000000")
    assert not scored(zeros, other).proven


def test_a_hospital_number_counts_only_where_it_was_given() -> None:
    def at(facility: str) -> Json:
        where = {"managingOrganization": {"reference": f"Organization/{facility}"}}
        return patient("Omar", "Tazi", **{"hospital-number": "4711"}) | where

    assert scored(at("a"), at("a")).bits > scored(at("a"), at("b")).bits + 5
