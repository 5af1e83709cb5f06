"""The model of linkage: what is compared, in levels, and how its weights are learned.

Fellegi and Sunter's model by Splink: the weight of a piece of evidence is log2(m/u), m how often it
is seen between records of one person, u how often between records of two. Splink learns m from the
register itself (expectation maximisation) and u from random pairs; nothing needs labels. Agreement
on a frequent value weighs less than on a rare one, judged by the normalised name.

All conditions are SQL that DuckDB and Spark share.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from itertools import permutations
from typing import Any, NamedTuple

import duckdb
import splink.comparison_level_library as levels
import xxhash
from splink import SettingsCreator, block_on
from splink.comparison_library import CustomComparison
from splink.internals.comparison_level_creator import ComparisonLevelCreator

from nabd.identity.batch import prior
from nabd.identity.names.lexicon import related

Chance = Callable[[str], float]

VERSION = "3"
_BETWEEN = re.compile(r", (?![^(]*\))")  # the columns of a rule, which may be functions
SIMILAR = 0.88  # Jaro–Winkler similarity of two names that one slip of the keyboard parts
ALIKE = 0.75  # of two that may be one badly written


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


def _comparison(
    column: str, *found: ComparisonLevelCreator, chance: float | None = None
) -> CustomComparison:
    """Compare a column in levels, with their prior; ``chance`` is a known u of the first level."""
    weighed = [
        level if level.is_null_level else level.configure(m_probability=m, u_probability=u)
        for level, (m, u) in zip([*found, levels.ElseLevel()], prior.of(column), strict=True)
    ]
    if chance is not None:
        weighed[0] = weighed[0].configure(u_probability=chance, fix_u_probability=True)
    return CustomComparison(
        output_column_name=column, comparison_levels=[levels.NullLevel(column), *weighed]
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
    """One slip apart: by letters, by consonants, or as written in one script."""
    short = f"least(length({part}_key_l), length({part}_key_r))"
    slip = f"{short} > 2 AND levenshtein({part}_key_l, {part}_key_r) = 1"
    similar = levels.JaroWinklerLevel(f"{part}_latin", SIMILAR)
    either = levels.Or(similar, levels.CustomLevel(slip), _one_slip(f"{part}_written"))
    return levels.And(levels.CustomLevel(_new(part)), either).configure(
        label_for_charts="nearly the same"
    )


def _one_slip(column: str) -> ComparisonLevelCreator:
    """One letter missing, too many, another, or two in the wrong order.

    Such a slip leaves the first or the last letter: that is soon seen, and rules out most pairs.
    """
    ends = (
        f"least(length({column}_l), length({column}_r)) > 2 "
        f"AND (substr({column}_l, 1, 1) = substr({column}_r, 1, 1) "
        f"OR substr({column}_l, -1) = substr({column}_r, -1))"
    )
    return levels.And(levels.CustomLevel(ends), levels.DamerauLevenshteinLevel(column, 1))


def _alike(part: str) -> ComparisonLevelCreator:
    """Perhaps the same, badly written: no evidence for, but none against either."""
    similar = levels.JaroWinklerLevel(f"{part}_latin", ALIKE)
    return levels.And(levels.CustomLevel(_new(part)), similar).configure(
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
    return " OR ".join(f"{part}_{a}_l = {part}_{b}_r" for a in _ENDS for b in _ENDS)


_ENDS = ("first", "last")


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
    "OR substr(given_latin_l, 1, 1) = substr(given_latin_r, 1, 1) "
    "OR (substr(given_latin_l, 1, 1) IN ({0}) AND substr(given_latin_r, 1, 1) IN ({0}))) "
    "AND (length(given_latin_l) = 1 OR length(given_latin_r) = 1)"
).format("'a', 'e', 'i', 'o', 'u', 'y'")


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
    "(born_year_l = born_year_r AND born_month_l = born_month_r) "
    "OR (born_month_l = born_month_r AND born_day_l = born_day_r) "
    "OR (born_year_l = born_year_r AND born_day_l = born_day_r)"
)
_SWAPPED_DAY = (
    "born_year_l = born_year_r AND born_month_l = born_day_r AND born_day_l = born_month_r"
)


def _exact(column: str, chance: float) -> CustomComparison:
    level = levels.ExactMatchLevel(column, term_frequency_adjustments=column != "sex")
    return _comparison(column, level, chance=chance)


def _postcode(chance: float) -> CustomComparison:
    return _comparison(
        "postcode",
        levels.ExactMatchLevel("postcode", term_frequency_adjustments=True),
        _when("the first half", "substr(postcode_l, 1, 3) = substr(postcode_r, 1, 3)"),
        chance=chance,
    )


def _identifier(column: str) -> CustomComparison:
    same, similar = levels.ExactMatchLevel(column), _one_slip(column)
    return _comparison(column, *(one.configure(fix_u_probability=True) for one in (same, similar)))


def _when(label: str, condition: str) -> ComparisonLevelCreator:
    return levels.CustomLevel(condition, label_for_charts=label)


def chances(con: duckdb.DuckDBPyConnection) -> Chance:
    """Return how probable it is that two random records share the value of a column."""

    def chance(column: str) -> float:
        ((shared, all_),) = con.execute(
            "SELECT coalesce(sum(n * (n - 1)) / 2, 0), coalesce(sum(n) * (sum(n) - 1) / 2, 0) "
            f"FROM (SELECT count({column})::DOUBLE AS n FROM plain GROUP BY {column})"
        ).fetchall()
        return prior.chance(column, shared, all_)

    return chance


def settings(
    chance: Chance,
    filled: set[str],
    identifiers: tuple[str, ...],
    careful: tuple[str, ...],
    rules: Iterable[str],
    duplicates: float = 1e-6,
) -> SettingsCreator:
    """Return Splink's settings for the table ``plain``.

    ``duplicates`` is the probability that two random records are of one person. The ``rules`` would
    propose the pairs of ``blocks``, and those of hot blocks as well.
    """
    keys = [*([one] for one in identifiers), *(_BETWEEN.split(rule) for rule in rules)]
    return SettingsCreator(
        link_type="dedupe_only",
        probability_two_random_records_match=duplicates,
        unique_id_column_name="number",
        comparisons=[*comparisons(filled, identifiers, careful, chance)],
        blocking_rules_to_generate_predictions=[block_on(*key) for key in keys],
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=True,
    )


class Model(NamedTuple):
    """Weights that were learned, with what they were learned for: kept with the links they justify.

    ``splink`` is Splink's own form, which its tools draw and explain.
    """

    version: str
    rules: dict[str, str]
    splink: dict[str, Any]

    @classmethod
    def of(cls, learned: dict[str, Any], rules: dict[str, str]) -> Model:
        """Keep what was learned; the version says its content.

        That is the same whenever the same records are learned from: Splink's random name of a run
        is dropped, and a weight rounded where it depends on which processor was first to add.
        """
        kept = {name: value for name, value in learned.items() if name != "linker_uid"}
        steady = json.loads(json.dumps(kept), parse_float=lambda text: float(f"{float(text):.9g}"))
        text = json.dumps([rules, steady], sort_keys=True)
        return cls(f"{VERSION}-{xxhash.xxh64_hexdigest(text.encode())[:8]}", rules, steady)

    @property
    def columns(self) -> list[str]:
        """Return the names of the comparisons, which are those of the evidence."""
        return [one["output_column_name"] for one in self.splink["comparisons"]]
