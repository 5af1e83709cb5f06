"""What a page function of a slice returns; the web renders it as HTML, JSON or CSV."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a page's table: ``name`` in the twins, ``title`` (to be translated) on it.

    ``kind`` says how a cell is written: text, name (of people and places), code, number, date.
    """

    name: str
    title: str
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Table:
    """The page's data, the same in HTML, ``.json`` and ``.csv``."""

    columns: tuple[Column, ...]
    rows: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Page:
    """One page: a template and its context, a title to be translated, and its table.

    ``context`` is a dataclass, so that what a template may use is written down in one place.
    """

    template: str
    title: str
    context: object
    table: Table | None = None
    status: int = 200
    #: further tables of the page by name: part of the JSON twin, ``?table=`` of the CSV twin
    more: Mapping[str, Table] = field(default_factory=dict)
