"""Keys: two records of one person share one, whatever a clerk has done to the other."""

from __future__ import annotations

import pytest
from people import patient

from nabd.fhir.json import Json
from nabd.identity.keys import keys_of, sought_by
from nabd.identity.record import record_of

PERSON = {"born": "1983-04-09", "sex": "m", "place": "06.141.01.01", "phone": "0612345678"}
FULL = patient("Rachid Amine", "Ziani", cnie="AB123456", **PERSON)
OTHERS = {
    "the identifier alone": patient(cnie="ab 123456"),
    "the phone alone": patient(phone="+212 6 12 34 56 78"),
    "another script": patient("رشيد", "الزياني", "1983-04-09"),
    "names swapped": patient("Ziani", "Rachid", "1983-04-09"),
    "the first given name left out": patient("Amine", "Ziani", "1983-04-09"),
    "an article": patient("Rachid", "El Ziani", "1983-11-30"),
    "day and month swapped": patient("Rachid", "Xyz", "1983-09-04"),
    "no birth date": patient("Rachid", "Ziani", place="06.141.01.01"),
    "no birth date, and moved": patient("رشيد", "الزياني", place="01.051.01.01"),
    "1 January": patient("Rachid", "Ziani", "1983-01-01"),
    "another family name": patient("Rachid", "Fassi", "1983-04-09"),
    "another given name": patient("Rachad", "Ziani", "1983-04-09"),
    "both names garbled": patient("Rxchd", "Zxni", "1983-04-09", place="06.141.01.01"),
    "one name garbled, only the year": patient("Rachid", "Zxni", "1983", place="06.141.01.01"),
    "all in the family's field": patient("", "Rachid Ziani", "1983-12-12"),
}


def finds(one: Json, other: Json) -> bool:
    """Say whether a record is looked for under a key of another."""
    return bool({term for term, _ in sought_by(one)} & {term for term, _ in keys_of(other)})


@pytest.mark.parametrize("case", OTHERS)
def test_a_key_is_shared_in_spite_of(case: str) -> None:
    assert finds(FULL, OTHERS[case])
    assert finds(OTHERS[case], FULL)


def test_two_common_names_alone_are_no_key_for_those_who_have_a_birth_date() -> None:
    a = patient("Mohamed", "Alaoui", "1950-03-04", place="01.051.01.01")
    b = patient("Mohamed", "Alaoui", "1984-07-12", place="06.141.01.01")
    assert not finds(a, b)


def test_the_years_of_those_born_on_a_first_of_january_may_be_some_off() -> None:
    one = patient("Rachid", "Ziani", "1950-01-01", place="01.051.01.01")
    for year in (1948, 1949, 1951, 1952):
        other = patient("Rachid", "Ziani", f"{year}-01-01", place="06.141.01.01")
        assert finds(one, other), year


def test_a_newborn_without_a_name_is_not_looked_for_by_its_mother_s() -> None:
    newborn = patient("Nouveau-né de Khadija", "Ziani", "2026-03-04")
    assert keys_of(newborn) == sought_by(newborn) == []
    assert record_of(newborn).placeholder


def test_keys_are_terms_with_weights_and_none_twice() -> None:
    found = keys_of(FULL)
    terms = [term for term, _ in found]
    assert len(terms) == len(set(terms)) <= 24
    assert all(-(2**63) <= term < 2**63 and weight > 0 for term, weight in found)


def test_a_record_of_nothing_has_no_keys() -> None:
    assert keys_of({"resourceType": "Patient"}) == []
