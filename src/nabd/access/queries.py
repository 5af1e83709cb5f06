"""Named queries on the live tables: the only SQL that a page may run.

A slice keeps them in ``queries.sql``::

    -- name: regions
    -- The regions with their facilities and beds.
    -- permission: aggregates
    select … from live.place where level = :level and code = any(:places)

``:name`` is a value that the caller gives.  Two values come from the session and cannot be given:
``:places`` (text[]: the HCP codes that the account is confined to; null: the whole country) and
``:custodian`` (text: ``Organization/id`` of the account's facility; null: no such limit).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nabd.errors import problem

FROM_SESSION = ("places", "custodian")
_HEAD = re.compile(r"^-- name: *(\w+) *$", re.MULTILINE)
_PERMISSION = re.compile(r"^-- permission: *(\w+) *$", re.MULTILINE)
# a quoted text, a comment, a cast, or a value
_TOKEN = re.compile(r"'(?:[^']|'')*'|--[^\n]*|::|:([a-z_]\w*)")


@dataclass(frozen=True, slots=True)
class NamedQuery:
    """One query: ``sql`` has $1, $2 … in the order of ``parameters``."""

    name: str
    summary: str
    permission: str
    sql: str
    parameters: tuple[str, ...]

    def arrange(
        self,
        values: Mapping[str, Any],
        places: list[str] | None = None,
        custodian: str | None = None,
    ) -> list[Any]:
        """Put the values in order; Problem N4017 when one is missing or unknown."""
        wrong = set(self.parameters) - {*FROM_SESSION} ^ values.keys()
        if wrong:
            names = ", ".join(sorted(wrong))
            raise problem("N4017", self.name, query=self.name, names=names)
        given = {**values, "places": places, "custodian": custodian}
        return [given[name] for name in self.parameters]


def queries_in(path: Path) -> dict[str, NamedQuery]:
    """Read the named queries of a file."""
    return parse_queries(path.read_text("utf-8"))


def parse_queries(text: str) -> dict[str, NamedQuery]:
    """Split a text into its named queries."""
    parts = _HEAD.split(text)[1:]
    found = [_query(name, body) for name, body in zip(parts[::2], parts[1::2], strict=True)]
    return {one.name: one for one in found}


def _query(name: str, body: str) -> NamedQuery:
    permission = _PERMISSION.search(body)
    lines = body.strip().splitlines()
    comments = [line[3:] for line in lines if line.startswith("-- ") and "permission:" not in line]
    parameters: list[str] = []

    def place(match: re.Match[str]) -> str:
        if not match[1]:
            return "" if match[0].startswith("--") else match[0]
        if match[1] not in parameters:
            parameters.append(match[1])
        return f"${parameters.index(match[1]) + 1}"

    sql = _TOKEN.sub(place, body).strip().rstrip(";")
    allowed = permission[1] if permission else "aggregates"
    return NamedQuery(name, comments[0] if comments else "", allowed, sql, tuple(parameters))
