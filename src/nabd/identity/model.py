"""What agreement and disagreement prove: weights in bits, by field and level (Fellegi and Sunter).

A level's weight is ``log2(m / u)``: how much more often two records of one person are on this level
than records of two people. Names weigh by their frequency: for a level "same" the ``u`` of a name
is how frequent it is. ``data/model.toml`` is shipped; ``train.py`` makes another.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from functools import cached_property, lru_cache
from pathlib import Path

import msgspec

DATA = Path(__file__).parent / "data" / "model.toml"
NAMES = ("given", "family")  # the fields whose levels weigh by the names' frequency


class Level(msgspec.Struct, frozen=True):
    """How often a level is seen among records of one person (m), and of two (u).

    For names u is a factor of the name's frequency.
    """

    m: float
    u: float

    @property
    def bits(self) -> float:
        """The weight of the level."""
        return math.log2(self.m / self.u)


class Thresholds(msgspec.Struct, frozen=True):
    """From how many bits, the prior included, a pair is certain, a match, worth a question, shown.

    ``possible`` is for people who search, and see at once who is meant; ``review`` for cases that
    wait for a steward. ``margin``: two identities closer than that are never chosen between.
    """

    certain: float
    match: float
    review: float
    possible: float
    margin: float


class Frequencies(msgspec.Struct, frozen=True):
    """How frequent names are, by canonical form; ``unseen`` is that of any other name."""

    unseen: float
    names: Mapping[str, float] = {}


class Model(msgspec.Struct, frozen=True, dict=True):
    """Everything that scores and decisions depend on, with the version that they are kept with."""

    version: str
    source: str  # what it was estimated from, and by which command
    prior: float  # bits: two records at random are of one person
    household: float  # bits: the most that family name, phone, place and email prove together
    relative: float  # bits: a twin is as likely as the person, where all but the given name agrees
    thresholds: Thresholds
    levels: Mapping[str, Mapping[str, Level]]
    frequencies: Mapping[str, Frequencies]

    @cached_property
    def bits(self) -> Mapping[tuple[str, str], float]:
        """The weight of each level of each field; of names, but for their frequency."""
        return {
            (field, name): level.bits
            for field, levels in self.levels.items()
            for name, level in levels.items()
        }

    @cached_property
    def rarity(self) -> Mapping[tuple[str, str], float]:
        """The bits of having a name, by field and canonical form, for the frequent ones."""
        return {
            (field, name): -math.log2(frequency)
            for field, table in self.frequencies.items()
            for name, frequency in table.names.items()
        }

    @cached_property
    def unseen(self) -> Mapping[str, float]:
        """The bits of having a name that is in no table."""
        return {field: -math.log2(table.unseen) for field, table in self.frequencies.items()}


def load(path: Path | None = None) -> Model:
    """Read a model: the shipped one, or that of a file."""
    return _load(path or DATA)


@lru_cache(maxsize=8)
def _load(path: Path) -> Model:
    return parse(path.read_text("utf-8"))


def parse(text: str) -> Model:
    """Read a model that :func:`dump` has written."""
    return msgspec.convert(tomllib.loads(text), Model)


def dump(model: Model) -> str:
    """Write a model as TOML: equal models give equal text."""
    top = ("version", "source", "prior", "household", "relative")
    lines = [f"{name} = {_value(getattr(model, name))}" for name in top]
    lines += _table("thresholds", msgspec.to_builtins(model.thresholds))
    for field, levels in model.levels.items():
        lines += ["", f"[levels.{field}]"]
        lines += [
            f"{name} = {{ m = {one.m:.3g}, u = {one.u:.3g} }}" for name, one in levels.items()
        ]
    for field, table in model.frequencies.items():
        lines += _table(f"frequencies.{field}", {"unseen": table.unseen})
        lines += _table(f"frequencies.{field}.names", dict(sorted(table.names.items())))
    return "\n".join(lines) + "\n"


def _table(name: str, values: Mapping[str, float]) -> list[str]:
    return ["", f"[{name}]", *(f"{_key(key)} = {_value(one)}" for key, one in values.items())]


def _key(key: str) -> str:
    return key if key.isascii() and key.isalnum() else f'"{key}"'


def _value(value: str | float) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{value:.4g}" if abs(value) < 1 else f"{value:.2f}"
