"""Decide, on plain values: which place a source means, whether counts and dates can be true.

No I/O; every rule answers with issues, and never guesses: a name that fits two places is a
problem (N6003), not a choice.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Protocol

import msgspec

from nabd.errors import Issue, issue

SUFFIX = re.compile(r"\s*\(\s*(\w+)[.)\s]*$")
LOCAL = ("commune", "arrondissement")
WORDS = {"local": "commune"}
CLOSE = 0.75
EARLIEST = "1900-01-01"


class Named(Protocol):
    """What the rules need to know of a place."""

    @property
    def code(self) -> str: ...
    @property
    def level(self) -> str: ...
    @property
    def name_fr(self) -> str: ...
    @property
    def name_ar(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def province(self) -> str: ...


class Aliases(msgspec.Struct, frozen=True):
    """Names that sources write otherwise, as data: by level, communes by their province."""

    suffix: Mapping[str, str] = {}
    region: Mapping[str, str] = {}
    province: Mapping[str, str] = {}
    commune: Mapping[str, Mapping[str, str]] = {}


def fold(text: str) -> str:
    """Reduce a name to what spellings share: no accents, case, marks or spaces."""
    plain = unicodedata.normalize("NFKD", text)
    kept = (c for c in plain if c.isalnum() and not unicodedata.combining(c))
    return "".join(kept).casefold()


class Gazetteer:
    """Find places by name within their parent, whatever the spelling."""

    def __init__(self, places: Iterable[Named], aliases: Aliases) -> None:
        self._suffixes = aliases.suffix
        self._places = {place.code: place for place in places}
        self._names: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(dict)
        for place in self._places.values():
            self._add(place)
        self._add_aliases(aliases)

    def region(self, name: str) -> Named | Issue:
        """Find a region by its name."""
        return self._one("region", "", fold(name), name)

    def province(self, name: str, region: str = "") -> Named | Issue:
        """Find a province or prefecture by its name; it must lie in ``region`` where that is told.

        ``region`` is a name too. A name that the region contradicts is N6004.
        """
        found = self._one("province", "", fold(name), name)
        if isinstance(found, Issue) or not region:
            return found
        parent = self.region(region)
        if isinstance(parent, Issue):
            return parent
        if found.region != parent.code:
            return issue("N6004", province=found.name_fr, region=parent.name_fr)
        return found

    def commune(self, name: str, province: str) -> Named | Issue:
        """Find a commune or arrondissement by name in the province with this code.

        A suffix such as "(Mun.)" or "(Arrond.)" is taken off, and tells the level where a commune
        and an arrondissement share the name.
        """
        plain, level = self._split(name)
        return self._one("local", province, fold(plain), name, level)

    def _split(self, name: str) -> tuple[str, str]:
        match = SUFFIX.search(name)
        level = self._suffixes.get(fold(match[1]), "") if match else ""
        return (name[: match.start()], level) if match and level else (name, "")

    def _one(
        self, level: str, parent: str, folded: str, name: str, told: str = ""
    ) -> Named | Issue:
        known = self._names[level, parent]
        found = [self._places[code] for code in sorted(known.get(folded, ()))]
        fitting = [place for place in found if place.level == told] if len(found) > 1 else found
        if len(fitting) == 1:
            return fitting[0]
        where = self._places[parent].name_fr if parent in self._places else "—"
        if found:
            listed = ", ".join(f"{place.code} {place.name_fr}" for place in found)
            return issue("N6003", name=name, places=listed)
        near = self._near(known, folded) or "—"
        return issue("N6002", name=name, level=WORDS.get(level, level), where=where, near=near)

    def _near(self, known: Mapping[str, set[str]], folded: str) -> str:
        close = difflib.get_close_matches(folded, known, 3, CLOSE)
        return ", ".join(self._places[code].name_fr for name in close for code in known[name])

    def _add(self, place: Named) -> None:
        level = "local" if place.level in LOCAL else place.level
        parent = place.province if level == "local" else ""
        for name in {fold(place.name_fr), fold(place.name_ar)}:
            self._names[level, parent].setdefault(name, set()).add(place.code)

    def _add_aliases(self, aliases: Aliases) -> None:
        groups = [("region", "", aliases.region), ("province", "", aliases.province)]
        groups += [("local", parent, names) for parent, names in aliases.commune.items()]
        for level, parent, names in groups:
            for name, code in names.items():
                self._names[level, parent].setdefault(fold(name), set()).add(code)


def bed_issues(existing: int | None, functional: int | None) -> list[Issue]:
    """Check a count of beds: both told, neither negative, functional at most existing."""
    if existing is None or functional is None:
        return [issue("N6010", "component")]
    if existing < 0 or functional < 0:
        return [issue("N6011", "component")]
    if functional > existing:
        return [issue("N6012", "component", existing=existing, functional=functional)]
    return []


def date_issues(day: str, path: str, today: date) -> list[Issue]:
    """Check that a day of the registry is neither in the future nor before 1900."""
    if day and not EARLIEST <= day[:10] <= today.isoformat():
        return [issue("N6013", path, day=day[:10], today=today.isoformat())]
    return []


def period_issues(start: str, end: str, path: str) -> list[Issue]:
    """Check that a period does not end before it starts; FHIR's partial dates compare by prefix."""
    size = min(len(start), len(end), 10)
    if start and end and end[:size] < start[:size]:
        return [issue("N6014", path, start=start[:10], end=end[:10])]
    return []


def hierarchy_issues(
    code: str, level: str, parent: str | None, region: str, province: str
) -> list[Issue]:
    """Check what one place says of its own position; see ``hierarchy`` for the whole tree."""
    found: list[Issue] = []
    if level == "country" and parent:
        found.append(issue("N6021", "partOf", level=level))
    if level != "country" and not parent:
        found.append(issue("N6020", "partOf", level=level))
    if parent and parent == code:
        found.append(issue("N6022", "partOf", place=code))
    if (level == "region" and region != code) or (level == "province" and province != code):
        found.append(issue("N6023", "extension", place=code, level=level))
    return found


def hierarchy(parents: Mapping[str, str]) -> list[Issue]:
    """Find the places whose chain of parents comes back to them, or ends at an unknown place."""
    return [one for code in sorted(parents) for one in _chain(code, parents)]


def _chain(code: str, parents: Mapping[str, str]) -> list[Issue]:
    seen = {code}
    at = parents[code]
    while at:
        if at in seen:
            return [issue("N6022", "partOf", place=code)]
        if at not in parents:
            return [issue("N6024", "partOf", place=code, parent=at)]
        seen.add(at)
        at = parents[at]
    return []
