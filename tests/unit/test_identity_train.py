"""Learning: what stewards confirmed moves the weights, and nothing is used before it is shown."""

from __future__ import annotations

import random

import pytest
from people import MODEL, patient

from nabd.identity.model import dump, parse
from nabd.identity.record import Record, record_of
from nabd.identity.train import Decided, Training, train

GIVEN = ["Amine", "Rachid", "Salma", "Imane", "Driss", "Hind", "Karim", "Souad", "Omar", "Zineb"]
FAMILY = ["Tazi", "Berrada", "Ziani", "Kabbaj", "Slaoui", "Fassi", "Ouazzani", "Chraibi", "Lahlou"]


def people(chance: random.Random, count: int) -> list[dict[str, str]]:
    return [
        {
            "given": chance.choice(GIVEN),
            "family": chance.choice(FAMILY),
            "born": f"{chance.randrange(1940, 2020)}-{chance.randrange(1, 13):02}-17",
            "phone": f"06{chance.randrange(10**8):08}",
        }
        for _ in range(count)
    ]


def written(person: dict[str, str], **instead: str) -> Record:
    return record_of(patient(**{**person, **instead}))


def changed(person: dict[str, str], number: int) -> dict[str, str]:
    return {"phone": "0698765432"} if number % 2 else {"family": person["family"] + "x"}


@pytest.fixture(scope="module")
def learned() -> Training:
    chance = random.Random(5)
    found = people(chance, 400)
    # here every second person has changed the phone number, and the others' names are misspelt
    same: list[Decided] = [
        (written(p), written(p, **changed(p, n)), True) for n, p in enumerate(found)
    ]
    records = [one for one, _, _ in same]
    pairs = [(chance.choice(records), chance.choice(records)) for _ in range(2000)]
    different: list[Decided] = [(a, b, False) for a, b in pairs[:100] if a != b]
    return train(
        MODEL,
        same[:300],
        candidates=[(a, b) for a, b, _ in same[300:350]],
        random_pairs=pairs,
        records=records,
        evaluation=[*same[350:], *different],
        version="t.1",
        source="a test",
    )


def test_a_field_that_changes_often_contradicts_less(learned: Training) -> None:
    before, after = MODEL.levels["phone"]["differ"], learned.model.levels["phone"]["differ"]
    assert after.m > before.m
    assert after.bits > before.bits


def test_names_weigh_by_how_frequent_they_are_here(learned: Training) -> None:
    assert learned.model.frequencies["given"].names["amine"] == pytest.approx(0.1, abs=0.05)


def test_the_change_is_shown_on_one_evaluation_before_anybody_approves(learned: Training) -> None:
    assert learned.before.pairs == learned.after.pairs
    assert learned.after.wrong == 0
    assert MODEL.version != learned.model.version == "t.1"
    assert learned.model.thresholds == MODEL.thresholds


def test_no_weaker_agreement_of_a_name_proves_more_than_the_same_name(learned: Training) -> None:
    for model in (MODEL, learned.model):
        for field in ("given", "family"):
            levels = model.levels[field]
            best = max(levels["exact"].bits, levels["same"].bits)
            for level in ("skeleton", "close", "typing", "part", "swapped"):
                assert levels[level].bits <= best + 0.01, (field, level)


def test_a_trained_model_survives_being_kept(learned: Training) -> None:
    assert dump(parse(dump(learned.model))) == dump(learned.model)
