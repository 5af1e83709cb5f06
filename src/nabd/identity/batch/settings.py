"""What may be set about a linkage; the defaults are for a population's register."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

# Name of the rule: the columns of ``features`` that two records must share to be compared.
RULES: Mapping[str, str] = MappingProxyType(
    {
        "day_given": "day, given_key",
        "day_family": "day, family_key",
        "names_commune": "given_key, family_key, commune",
        "given_place": "given_key, commune, born_year",
        "family_place": "family_key, commune, born_year",
        "turned_year": "least(given_key, family_key), greatest(given_key, family_key), born_year",
        "names": "least(given_key, family_key), greatest(given_key, family_key)",
        "phone_given": "phone, given_key",
        "phone_year": "phone, born_year",
        "day_commune": "day, commune",
        "postcode_given": "postcode, given_key",
    }
)


class Settings(NamedTuple):
    """How records are linked.

    ``identifiers``: columns with a number that one person has one of; two records that contradict
    in one of the ``certain`` identifiers are never of one person; a ``family``'s is that of who is
    insured, and proves nobody. ``careful``: evidence that, when it speaks against (another given
    name, another birth date), forbids a link unless an identifier agrees. ``match``, ``review``
    and ``veto`` are match weights, log2 of the odds: a link from ``match`` on (4.25 is a
    probability of .95), a question from ``review`` on, and below ``veto`` two records must not
    meet in one cluster. ``pairs_per_record`` bounds what each rule may propose.
    """

    identifiers: tuple[str, ...] = ("cnie", "idcs", "cnss")
    certain: tuple[str, ...] = ("cnie", "idcs")
    family: tuple[str, ...] = ("cnss",)
    careful: tuple[str, ...] = ("given", "born")
    rules: Mapping[str, str] = RULES
    pairs_per_record: float = 2.0
    match: float = 4.25
    review: float = 0.0
    veto: float = -15.0
