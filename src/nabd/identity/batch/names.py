"""Turn names into columns that Splink can compare: the name layer, once for each distinct name.

A register of a million records has a few hundred thousand distinct names, so the work is done on
those, in parallel processes when there are many, and joined back.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, islice

import duckdb
import msgspec
import pyarrow

from nabd.identity.names import columns
from nabd.identity.names.columns import FORMS, PARTS, Form, Name, forms_of

MANY = 40_000  # names from which on other processes are worth starting


def tables(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``given_names`` and ``family_names``: the forms of each distinct text of ``records``.

    Capitals are no difference: that saves four in ten.
    """
    texts = {part: _distinct(con, part) for part in PARTS}
    found = iter(_all([(part, text) for part in PARTS for text in texts[part]]))
    for part in PARTS:
        _write(con, part, texts[part], list(islice(found, len(texts[part]))))


def _distinct(con: duckdb.DuckDBPyConnection, part: str) -> list[str]:
    found = con.execute(
        f"SELECT DISTINCT lower({part}) FROM records WHERE {part} IS NOT NULL ORDER BY ALL"
    ).fetchall()
    return [text for (text,) in found]


def _write(con: duckdb.DuckDBPyConnection, part: str, texts: list[str], rows: list[Form]) -> None:
    columns = [texts, *(zip(*rows, strict=True) if rows else ([] for _ in FORMS))]
    heads = [f"{part}_text", *(part + form for form in FORMS)]
    arrays = [pyarrow.array(values, pyarrow.string()) for values in columns]
    con.register("names_found", pyarrow.table(arrays, heads))
    con.execute(f"CREATE OR REPLACE TABLE {part}_names AS SELECT * FROM names_found")
    con.unregister("names_found")


def _all(names: list[Name]) -> list[Form]:
    """Divide the names among the processors, when that is worth starting processes.

    Neighbours in the alphabet stay together: a word that was seen before costs next to nothing.
    """
    if len(names) < MANY:
        return forms_of(names)
    count = os.cpu_count() or 1
    size = math.ceil(len(names) / count)
    shares = [names[start : start + size] for start in range(0, len(names), size)]
    with ThreadPoolExecutor(count) as pool:
        return list(chain.from_iterable(pool.map(_elsewhere, shares)))


def _elsewhere(names: list[Name]) -> list[Form]:
    """Do it in another process: one that knows nothing of this one's main module."""
    done = subprocess.run(
        [sys.executable, "-m", columns.__name__],
        input=msgspec.json.encode(names),
        stdout=subprocess.PIPE,
        check=True,
    )
    return msgspec.json.decode(done.stdout, type=list[Form])
