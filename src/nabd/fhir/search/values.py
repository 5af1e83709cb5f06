"""What single values are indexed as: the functions that generated extraction code calls.

Each maker binds a branch and gives a function of a value.  Codes, references and dates repeat, so
what they hash to is kept in bounded caches; the generated code asks the cache first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from nabd.fhir.search import dates, numbers
from nabd.fhir.search.fold import fold
from nabd.fhir.search.hashing import param, short, term

Text = tuple[int, int, str]
Terms = tuple[tuple[int, ...], tuple[Text, ...]]
CodingKey = tuple[str | None, str | None, str | None]
StringRow = tuple[int, str, str | None]
NumberRow = tuple[int, float, float, int, int, int]

_CACHE_SIZE = 50_000
_HUMAN_NAME = ("family", "given", "text", "prefix", "suffix")
_ADDRESS = ("line", "city", "district", "state", "country", "postalCode", "text")


def _remember(cache: dict[Any, Any], known: Any, value: Any) -> Any:
    if len(cache) >= _CACHE_SIZE:
        cache.clear()
    cache[known] = value
    return value


def text(branch: str, value: str) -> Text | None:
    """Make the vocabulary entry of a text beside a code; None for one without letters."""
    folded = fold(value)
    if not folded:
        return None
    return term(f"{branch}~text={folded}"), param(branch), folded


def coding_forms(system: str | None, code: str | None) -> list[str]:
    """List the forms that an identifier can be searched by, with and without its system."""
    if code is None:
        return [f"{system}|"] if system else []
    if system is None:
        return [code, f"|{code}"]
    return [code, f"{system}|{code}", f"{system}|"]


def _coding(branch: str, system: str | None, code: str | None) -> tuple[list[int], list[Text]]:
    """Give a Coding one term; the vocabulary leads to it from the code or the system alone."""
    if code is None and system is None:
        return [], []
    whole = term(f"{branch}={system or ''}|{code or ''}")
    entries: list[Text] = []
    if code is not None:
        entries.append((whole, of_code(branch), storable(code)))
    if system is not None:
        entries.append((whole, of_system(branch), storable(system)))
    return [whole], entries


def of_code(branch: str) -> int:
    """Name, in the vocabulary, the codes of a branch whatever their system."""
    return param(f"{branch}=code")


def of_system(branch: str) -> int:
    """Name, in the vocabulary, the systems of a branch."""
    return param(f"{branch}=system")


def coding(branch: str, cache: dict[CodingKey, Terms]) -> Callable[[CodingKey], Terms]:
    """Bind a branch for Codings, given as (system, code, display)."""

    def miss(known: CodingKey) -> Terms:
        system, code, display = known
        terms, entries = _coding(branch, system, code)
        beside = text(branch, display) if display else None
        if beside:
            terms.append(beside[0])
            entries.append(beside)
        found = (tuple(terms), tuple(entries))
        _remember(cache, known, found)
        return found

    return miss


def concept_text(branch: str, cache: dict[str, Terms]) -> Callable[[str], Terms]:
    """Bind a branch for CodeableConcept.text."""

    def miss(value: str) -> Terms:
        beside = text(branch, value)
        found = ((beside[0],), (beside,)) if beside else ((), ())
        _remember(cache, value, found)
        return found

    return miss


def simple(branch: str, cache: dict[Any, int]) -> Callable[[Any], int]:
    """Bind a branch for what is one token by itself: code, boolean, string, uri."""

    def miss(value: Any) -> int:
        form = ("true" if value else "false") if isinstance(value, bool) else str(value)
        found: int = _remember(cache, value, term(f"{branch}={form}"))
        return found

    return miss


def identifier(branch: str) -> Callable[[dict[str, Any]], Terms]:
    """Bind a branch for Identifiers: value, system and type (``:of-type``)."""

    def terms(value: dict[str, Any]) -> Terms:
        system, number = value.get("system"), value.get("value")
        found = [term(f"{branch}={form}") for form in coding_forms(system, number)]
        kind = value.get("type")
        beside: list[Text] = []
        if kind:
            for one in kind.get("coding") or ():
                form = f"{one.get('system') or ''}|{one.get('code') or ''}|{number or ''}"
                found.append(term(f"{branch}:of-type={form}"))
            beside = [t for t in [text(branch, kind.get("text") or "")] if t]
            found += [t[0] for t in beside]
        return tuple(found), tuple(beside)

    return terms


#: The key of a reference's target, and its type ("" where the reference does not say).
Target = tuple[int, str]
targets: dict[str, Target] = {}


def target(reference: str) -> Target:
    """Read a literal reference.

    Versions are dropped (http://hl7.org/fhir/R4/search.html#versions).  A fragment refers inside
    the resource and gives key 0: it is not indexed.
    """
    if reference.startswith("#"):
        found = (0, "")
    else:
        plain = reference.partition("/_history/")[0]
        found = (term(plain), _type_of(plain))
    _remember(targets, reference, found)
    return found


def _type_of(reference: str) -> str:
    head, slash, _ = reference.rpartition("/")
    return head.rpartition("/")[2] if slash else ""


def canonical(value: str) -> tuple[int, ...]:
    """Hash a canonical with its version and without."""
    url, bar, _ = value.partition("|")
    return (term(value), term(url)) if bar else (term(value),)


def strings(value: dict[str, Any], names: tuple[str, ...]) -> Iterator[str]:
    """Walk over the strings that these members of a datatype hold."""
    for name in names:
        found = value.get(name)
        if isinstance(found, str):
            yield found
        elif found:
            yield from (one for one in found if one)


def string_row(branch_param: int, value: str) -> StringRow:
    """Make the row of a string."""
    folded, exact = fold(value), storable(value)
    return branch_param, folded, None if folded == exact else exact


def storable(value: str) -> str:
    """Leave out NUL, which JSON can say and PostgreSQL's text cannot hold."""
    return value.replace("\0", "") if "\0" in value else value


def human_name(branch_param: int, value: dict[str, Any]) -> list[StringRow]:
    """Make the rows of a HumanName: each of its parts."""
    return [string_row(branch_param, part) for part in strings(value, _HUMAN_NAME)]


def address(branch_param: int, value: dict[str, Any]) -> list[StringRow]:
    """Make the rows of an Address: each of its parts."""
    return [string_row(branch_param, part) for part in strings(value, _ADDRESS)]


def date(value: str) -> dates.Interval | tuple[()]:
    """Give the interval of a date; () for a day that no calendar has."""
    try:
        return dates.interval(value)
    except ValueError:
        return ()


def period(value: dict[str, Any]) -> dates.Interval | None:
    """Give the interval of a Period; None where it has no ends or they are in the wrong order."""
    try:
        return dates.period(value)
    except ValueError:
        return None


def timing(value: dict[str, Any]) -> dates.Interval | None:
    """Give the outer limits of a Timing."""
    try:
        return dates.timing(value)
    except ValueError:
        return None


_SPANS: dict[str, Callable[[dict[str, Any]], list[numbers.Span]]] = {
    "Range": numbers.span,
    "Money": numbers.money,
    "SampledData": numbers.sampled,
}


def quantity(
    type_name: str, branch_param: int
) -> Callable[[dict[str, Any], tuple[int, ...]], list[NumberRow]]:
    """Bind a branch for a quantity of some kind: a row for each context of its element."""
    spans = _SPANS.get(type_name, numbers.quantity)

    def rows(value: dict[str, Any], contexts: tuple[int, ...]) -> list[NumberRow]:
        return [
            (branch_param, lo, hi, unit, code, context)
            for lo, hi, unit, code in spans(value)
            for context in contexts
        ]

    return rows


def contexts(value: dict[str, Any] | None) -> tuple[int, ...]:
    """Hash the codes of a composite's element, a CodeableConcept or a Coding."""
    if not value:
        return (0,)
    codings = value.get("coding") or () if "coding" in value or "text" in value else (value,)
    return tuple({short(one["code"]) for one in codings if one.get("code")}) or (0,)


def forms(value: Any) -> list[str]:
    """List the forms of a token inside a composite."""
    if isinstance(value, bool):
        return ["true" if value else "false"]
    if isinstance(value, str):
        return [value]
    codings = value.get("coding") or () if "coding" in value or "text" in value else (value,)
    return [
        form
        for one in codings
        if one.get("code")
        for form in coding_forms(one.get("system"), one["code"])[:2]
    ]


def pair_terms(pair: str, first: list[str], second: list[str]) -> list[int]:
    """Hash the pairs of two tokens of one element."""
    return [term(f"{pair}={one}${other}") for one in first for other in second]


def reference_forms(value: dict[str, Any]) -> list[str]:
    """List the forms of a reference inside a composite."""
    literal = value.get("reference") or ""
    return [literal.partition("/_history/")[0]] if literal and literal[0] != "#" else []
