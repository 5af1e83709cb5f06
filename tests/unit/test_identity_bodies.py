"""Organizations, places of care and health professionals: aliases by table, homonyms by place."""

from __future__ import annotations

import csv
from itertools import combinations, product
from pathlib import Path
from typing import Any

import pytest
from people import MODEL

from nabd.fhir.json import Json
from nabd.identity.organizations import body_of, score
from nabd.identity.practitioners import professional_of
from nabd.identity.practitioners import score as compare_professionals
from nabd.identity.rules import Score

SID = "https://nabd.health/fhir/sid/"
WITHIN = "https://nabd.health/fhir/StructureDefinition/place-within"
# one line is one body: the variants of the source documents, and of the web
BODIES = [
    [
        "instance supérieure pour la législation intégrée de la santé",
        *("Haute Autorité de Santé", "Haute Autorité de la Santé", "HAS", "الهيئة العليا للصحة"),
    ],
    [
        *("Agence marocaine du sang et ses dérivés", "l'agence du sang marocain et ses dérivés"),
        *("Agence Marocaine du Sang et de ses dérivés", "AMSD", "الوكالة المغربية للدم ومشتقاته"),
    ],
    [
        "Agence Marocaine des Médicaments et des Produits de la Santé",
        *("Agence marocaine des médicaments et des produits de santé", "AMMPS"),
        "الوكالة المغربية للأدوية والمنتجات الصحية",
    ],
    [
        "Fondation Mohammed VI pour la science et la santé",
        "Fondation Mohammed VI des Sciences et de la Santé (FM6SS)",
        *("FM6SS", "Fondation Mohammed VI des Sciences de la Santé"),
        "مؤسسة محمد السادس للعلوم والصحة",
    ],
    ["Fondation Mohammed VI des œuvres sociales des préposés religieux"],
    [
        "ministère de la Santé et de la Protection sociale",
        *("ministre marocain de la Santé".replace("ministre", "ministère"), "MSPS"),
        *("Ministère de la Santé et de la Protection Sociale", "وزارة الصحة والحماية الاجتماعية"),
    ],
    ["Organisation mondiale de la Santé", "OMS", "WHO", "منظمة الصحة العالمية"],
    ["Caisse Nationale de Sécurité Sociale", "CNSS", "الصندوق الوطني للضمان الاجتماعي"],
    ["ministère de l'Economie et des Finances", "وزارة الاقتصاد والمالية"],
]
LINKED = ("probable", "certain")


def body(name: str, **place: str) -> Json:
    found: dict[str, Any] = {"resourceType": "Organization", "name": name}
    if place:
        codes = [{"url": level, "valueCode": code} for level, code in place.items()]
        found["extension"] = [{"url": WITHIN, "extension": codes}]
    return found


def scored(a: Json, b: Json) -> Score:
    one, other = body_of(a), body_of(b)
    assert score(one, other) == score(other, one)
    return score(one, other)


@pytest.mark.parametrize("line", range(len(BODIES)), ids=lambda n: BODIES[n][-1])
def test_the_names_of_a_body_are_one(line: int) -> None:
    for a, b in combinations(BODIES[line], 2):
        assert scored(body(a), body(b)).grade == "certain", (a, b)


def test_the_names_of_two_bodies_are_two() -> None:
    for one, other in combinations(BODIES, 2):
        for a, b in product(one, other):
            assert scored(body(a), body(b)).grade == "certainly-not", (a, b)


def test_a_name_near_to_an_alias_is_not_the_body() -> None:
    near = scored(body("Haute Autorité de Santé"), body("Haute Autorité de Sante Animale"))
    assert near.grade not in LINKED


def test_a_hospital_of_a_common_name_is_found_by_its_place_only() -> None:
    settat, khouribga = (
        {"region": "06", "province": "06.461"},
        {"region": "05", "province": "05.311"},
    )
    here, there = body("Hôpital Hassan II", **settat), body("مستشفى الحسن الثاني", **settat)
    assert scored(here, there).grade in LINKED
    assert scored(here, body("Hôpital Hassan II")).grade == "possible"
    assert scored(here, body("CHP Hassan II", **khouribga)).grade == "certainly-not"


def test_a_king_s_number_tells_hospitals_apart() -> None:
    place = {"region": "01", "province": "01.051"}
    assert scored(body("Mohamed V", **place), body("Mohammed VI", **place)).grade == "certainly-not"
    assert scored(body("Mohammed VI", **place), body("محمد السادس", **place)).grade in LINKED


def test_a_health_centre_is_not_the_hospital_of_the_same_name() -> None:
    place = {"region": "01", "province": "01.051"}
    one, other = body("Centre de santé Hassan II", **place), body("Hôpital Hassan II", **place)
    assert scored(one, other).grade not in LINKED


def test_no_two_hospitals_of_the_ministry_s_list_are_one(shared: Path) -> None:
    text = (shared / "data" / "morocco" / "hospitals-2024.csv").read_text("utf-8")
    rows = [row for row in csv.reader(text.splitlines()[3:]) if len(row) > 3 and row[3]]
    delegations = sorted({row[1] for row in rows})
    code = {name: f"{number // 8:02}.{number:03}" for number, name in enumerate(delegations)}
    found = [(row[3], row[1], body_of(body(row[3], province=code[row[1]]))) for row in rows]
    linked = [
        (a[:2], b[:2])
        for a, b in combinations(found, 2)
        if a[:2] != b[:2] and score(a[2], b[2]).grade in LINKED
    ]
    assert len(found) > 170
    assert linked == []


def professional(given: str, family: str, number: str = "", specialty: str = "") -> Json:
    found: dict[str, Any] = {"name": [{"given": [given], "family": family}]}
    if number:
        found["identifier"] = [{"system": SID + "inpe", "value": number}]
    if specialty:
        found["qualification"] = [{"code": {"coding": [{"system": "s", "code": specialty}]}}]
    return found


def compared(a: Json, b: Json) -> Score:
    return compare_professionals(professional_of(a), professional_of(b), MODEL)


def test_a_professional_is_known_by_number_then_by_name_and_specialty() -> None:
    numbered = professional("Samira", "Belkhadir", "123456789")
    assert compared(numbered, professional("سميرة", "بلخضير", "123456789")).grade == "certain"
    other = professional("Samira", "Belkhadir", "987654321")
    assert "identifier:inpe" in compared(numbered, other).contradictions
    cardiologist = professional("Samira", "Belkhadir", specialty="cardiology")
    same = professional("سميرة", "بلخضير", specialty="cardiology")
    surgeon = professional("سميرة", "بلخضير", specialty="surgery")
    assert compared(cardiologist, same).bits > compared(cardiologist, surgeon).bits + 5
    assert compared(cardiologist, same).grade in LINKED
