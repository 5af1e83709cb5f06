"""What the index keeps of one resource, as the rows of ``store/migrations/0002_search.sql``."""

from __future__ import annotations

import msgspec


class Index(msgspec.Struct):
    """Hold everything searchable of one resource, without its key.

    ``terms[0]`` is not a hash but the presence bits that answer ``:missing``; whoever adds terms
    (scope terms, for instance) appends them.  ``texts`` are entries of the vocabulary:
    they lead to a term from a code without its system, from a system, or (``:text``) from a text
    beside a code.  Most of them are known to the database already.
    """

    terms: list[int]
    #: param, lo, hi: closed intervals in microseconds UTC since 1970
    dates: list[tuple[int, int, int]]
    #: param, lo, hi, unit, code, context
    numbers: list[tuple[int, float, float, int, int, int]]
    #: param, folded, exact (None where it is equal to folded)
    strings: list[tuple[int, str, str | None]]
    #: term, param, folded
    texts: list[tuple[int, int, str]]
    #: term: under which the like of the resource is looked for; the store adds what slices compute
    keys: list[tuple[int]] = []


#: The columns of each tuple of an Index, in its order, with their SQL types; ``key`` comes last.
DATE_COLUMNS = (("param", "int4"), ("lo", "int8"), ("hi", "int8"))
NUMBER_COLUMNS = (
    ("param", "int4"),
    ("lo", "float8"),
    ("hi", "float8"),
    ("unit", "int4"),
    ("code", "int4"),
    ("context", "int4"),
)
STRING_COLUMNS = (("param", "int4"), ("folded", "text"), ("exact", "text"))
KEY_COLUMNS = (("term", "int8"),)
TEXT_COLUMNS = (("term", "int8"), ("param", "int4"), ("folded", "text"))
