"""The model of linkage: what is compared, in levels, and how its weights are learned.

Fellegi and Sunter's model by Splink: the weight of a piece of evidence is log2(m/u), m how often it
is seen between records of one person, u how often between records of two. Splink learns m from the
register itself (expectation maximisation) and u from random pairs; nothing needs labels. Agreement
on a frequent value weighs less than on a rare one, judged by the normalised name.

All conditions are SQL that DuckDB and Spark share.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from itertools import permutations
from typing import Any, NamedTuple

import duckdb
import splink.comparison_level_library as levels
import xxhash
from splink import Linker, SettingsCreator, block_on
from splink.comparison_library import CustomComparison
from splink.internals.comparison_level_creator import ComparisonLevelCreator
from splink.internals.exceptions import SplinkException

from nabd.identity.names.lexicon import related

Chance = Callable[[str], float]

VERSION = "1"
SIMILAR = 0.88  # Jaro–Winkler similarity of two names that one slip of the keyboard parts
ALIKE = 0.75  # of two that may be one badly written
# How often two people share an identifier, by error, or have one within a slip of each other's:
# judged, for a register has too few such pairs to count, and many of one person.
SHARED, SIMILAR_NUMBER = 1e-6, 1e-4
RANDOM_PAIRS = 1e6  # for u
TRAINING_PAIRS = 2e5  # for m, in each session
SEED = 1
# Each session learns m of what it does not block on; the first that a register can have is taken.
SESSIONS = (
    (("born", "commune"), ("born", "phone"), ("born", "postcode"), ("born",)),
    (("given_key", "family_key", "commune"), ("given_key", "family_key")),
    (("born", "given_key"),),
)


def comparisons(
    filled: set[str], identifiers: tuple[str, ...], careful: tuple[str, ...], chance: Chance
) -> list[CustomComparison]:
    """Return the comparisons that a register with these columns can make.

    ``chance`` gives how probable it is that two random records share the value of a column.
    """
    makers: dict[str, Callable[[], CustomComparison]] = {
        "given": lambda: _given("given" in careful),
        "family": _family,
        "born": _born,
        "postcode": lambda: _postcode(chance("postcode")),
        **{
            column: lambda column=column: _exact(column, chance(column))  # type: ignore[misc]
            for column in ("sex", "commune", "phone", "occupation")
        },
        **{one: lambda one=one: _identifier(one) for one in identifiers},  # type: ignore[misc]
    }
    return [make() for column, make in makers.items() if column in filled]


def _comparison(column: str, *found: ComparisonLevelCreator) -> CustomComparison:
    return CustomComparison(
        output_column_name=column,
        comparison_levels=[levels.NullLevel(column), *found, levels.ElseLevel()],
    )


def _given(careful: bool) -> CustomComparison:
    return _comparison(
        "given",
        levels.ExactMatchLevel("given", term_frequency_adjustments=True),
        _when("one of several given names", _shares("given")),
        _when("related names", _related("given")),
        _when("given and family name swapped", _TURNED),
        # a brother's, whose names are swapped? Then it says nothing of the given name
        _when("one in the other field", _ONE_TURNED).configure(is_null_level=careful),
        _when("an initial", _INITIAL),
        _by_key("given"),
        _near("given"),
        _alike("given"),
    )


def _family() -> CustomComparison:
    return _comparison(
        "family",
        levels.ExactMatchLevel("family", term_frequency_adjustments=True),
        _when("one of several family names", _shares("family")),
        _when("swapped: weighed with the given name", _TURNED).configure(is_null_level=True),
        _when("in the field of the given name", _ONE_TURNED),
        _by_key("family"),
        _near("family"),
    )


def _by_key(part: str) -> ComparisonLevelCreator:
    condition = f"{part}_key_l = {part}_key_r AND {_new(part)}"
    level = _when("the same consonants", condition)
    return level.configure(
        tf_adjustment_column=f"{part}_key", disable_tf_exact_match_detection=True
    )


def _near(part: str) -> ComparisonLevelCreator:
    """One slip apart, by letters or by consonants."""
    short = f"least(length({part}_key_l), length({part}_key_r))"
    slip = f"{short} > 2 AND levenshtein({part}_key_l, {part}_key_r) = 1"
    similar = levels.JaroWinklerLevel(f"{part}_latin", SIMILAR)
    either = levels.Or(similar, levels.CustomLevel(slip))
    return levels.And(either, levels.CustomLevel(_new(part))).configure(
        label_for_charts="nearly the same"
    )


def _alike(part: str) -> ComparisonLevelCreator:
    """Perhaps the same, badly written: no evidence for, but none against either."""
    similar = levels.JaroWinklerLevel(f"{part}_latin", ALIKE)
    return levels.And(similar, levels.CustomLevel(_new(part))).configure(
        label_for_charts="somewhat alike"
    )


def _related(part: str) -> str:
    """Two well-known names that one person may carry: Fatima and Fatma."""
    both = [f"'{a} {b}'" for pair in related() for a, b in permutations(sorted(pair))]
    return f"concat({part}_first_l, ' ', {part}_first_r) IN ({', '.join(sorted(both))})"


def _new(part: str) -> str:
    """Not both well-known names: Rachid and Rachida, Mohamed and Mahmoud are two."""
    return f"({part}_first_l LIKE '~%' OR {part}_first_r LIKE '~%')"


def _shares(part: str) -> str:
    ends = [(a, b) for a in ("first", "last") for b in ("first", "last")]
    return " OR ".join(f"{part}_{a}_l = {part}_{b}_r" for a, b in ends)


_CROSSED = (
    "(given_first_{0} IN (family_first_{1}, family_last_{1}) OR given_key_{0} = family_key_{1})"
)
_NEARLY_CROSSED = (
    "(given_last_{0} = family_last_{1} "
    "OR (length(given_key_{0}) > 2 AND levenshtein(given_key_{0}, family_key_{1}) < 2) "
    "OR levenshtein(given_latin_{0}, family_latin_{1}) * 3 <= length(given_latin_{0}))"
)
# Both names: of a brother whose names are swapped, one is found in the other field as well.
_TURNED = " OR ".join(
    f"({_CROSSED.format(a, b)} AND ({_CROSSED.format(b, a)} OR {_NEARLY_CROSSED.format(b, a)}))"
    for a, b in ("lr", "rl")
)
_ONE_TURNED = "given_first_l = family_last_r OR given_first_r = family_last_l"
_INITIAL = (
    "(substr(given_key_l, 1, 1) = substr(given_key_r, 1, 1) "
    "OR substr(given_latin_l, 1, 1) = substr(given_latin_r, 1, 1)) "
    "AND (length(given_latin_l) = 1 OR length(given_latin_r) = 1)"
)


def _born() -> CustomComparison:
    return _comparison(
        "born",
        levels.ExactMatchLevel("born", term_frequency_adjustments=True),
        _when("the year, one on 1 January", f"born_year_l = born_year_r AND ({_NO_DAY})"),
        _when("day and month swapped", _SWAPPED_DAY),
        _when("two of year, month and day", _TWO_PARTS),
        _when("1 January of years near", f"({_NO_DAY}) AND {_NEAR_YEARS}"),
    )


_NO_DAY = "day_l IS NULL OR day_r IS NULL"
_NEAR_YEARS = "abs(born_year_l - born_year_r) <= 3"
_TWO_PARTS = (
    "substr(born_l, 1, 7) = substr(born_r, 1, 7) OR substr(born_l, 5) = substr(born_r, 5) "
    "OR (born_year_l = born_year_r AND substr(born_l, 9) = substr(born_r, 9))"
)
_SWAPPED_DAY = (
    "born_year_l = born_year_r AND substr(born_l, 6, 2) = substr(born_r, 9, 2) "
    "AND substr(born_l, 9, 2) = substr(born_r, 6, 2)"
)


def _exact(column: str, chance: float) -> CustomComparison:
    level = levels.ExactMatchLevel(column, term_frequency_adjustments=column != "sex")
    return _comparison(column, _by_chance(level, chance))


def _postcode(chance: float) -> CustomComparison:
    exact = levels.ExactMatchLevel("postcode", term_frequency_adjustments=True)
    return _comparison(
        "postcode",
        _by_chance(exact, chance),
        _when("the first half", "substr(postcode_l, 1, 3) = substr(postcode_r, 1, 3)"),
    )


def _identifier(column: str) -> CustomComparison:
    return _comparison(
        column,
        _by_chance(levels.ExactMatchLevel(column), SHARED),
        _by_chance(levels.DamerauLevenshteinLevel(column, 1), SIMILAR_NUMBER),
    )


def _when(label: str, condition: str) -> ComparisonLevelCreator:
    return levels.CustomLevel(condition, label_for_charts=label)


def _by_chance(level: ComparisonLevelCreator, chance: float) -> ComparisonLevelCreator:
    """Give a level its u: random pairs are too few to see an identifier shared by chance."""
    return level.configure(u_probability=chance, fix_u_probability=True)


def chances(con: duckdb.DuckDBPyConnection) -> Chance:
    """Return how probable it is that two random records share the value of a column."""

    def chance(column: str) -> float:
        found = con.execute(
            "SELECT greatest(sum(n * (n - 1)) / (sum(n) * (sum(n) - 1)), 1e-12) "
            f"FROM (SELECT count({column})::DOUBLE AS n FROM features GROUP BY {column})"
        ).fetchall()
        return float(found[0][0])

    return chance


def settings(
    chance: Chance,
    filled: set[str],
    identifiers: tuple[str, ...],
    careful: tuple[str, ...],
    rules: list[str],
) -> SettingsCreator:
    """Return Splink's settings for the table ``features``."""
    keys = [*identifiers, *(f"block_{rule}" for rule in rules)]
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="number",
        comparisons=[*comparisons(filled, identifiers, careful, chance)],
        blocking_rules_to_generate_predictions=[block_on(key) for key in keys],
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=True,
    )


def train(linker: Linker, filled: set[str], identifiers: tuple[str, ...]) -> None:
    """Learn the weights from the register itself."""
    training = linker.training
    training.estimate_probability_two_random_records_match(
        [*map(block_on, identifiers), block_on("born", "given_key", "family_key")], recall=0.6
    )
    training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=SEED)
    for choices in SESSIONS:
        session = next((one for one in choices if filled.issuperset(one)), None)
        if session:
            _learn_m(linker, session)


def _learn_m(linker: Linker, session: tuple[str, ...]) -> None:
    """Learn m from pairs that agree on some columns.

    Splink also learns which share of these pairs is of one person, and writes an infinite weight
    where it finds that all are, as in a register without errors: then the share is not learned.
    """
    learn = partial(
        linker.training.estimate_parameters_using_expectation_maximisation,
        block_on(*session),
        estimate_without_term_frequencies=True,
        max_pairs=TRAINING_PAIRS,
    )
    try:
        learn()
    except SplinkException:
        learn(fix_probability_two_random_records_match=True)


class Model(NamedTuple):
    """Weights that were learned, with what they were learned for: kept with the links they justify.

    ``splink`` is Splink's own form, which its tools draw and explain.
    """

    version: str
    rules: dict[str, str]
    splink: dict[str, Any]

    @classmethod
    def of(cls, linker: Linker, rules: dict[str, str]) -> Model:
        """Take the weights out of a linker; the version says their content."""
        learned = linker.misc.save_model_to_json()
        text = json.dumps([rules, learned], sort_keys=True)
        return cls(f"{VERSION}-{xxhash.xxh64_hexdigest(text.encode())[:8]}", rules, learned)

    @property
    def columns(self) -> list[str]:
        """Return the names of the comparisons, which are those of the evidence."""
        return [one["output_column_name"] for one in self.splink["comparisons"]]
