"""Turn names into columns that Splink can compare: the name layer, once for each distinct name.

A register of a million records has a few hundred thousand distinct names, so the work is done on
those, in parallel processes when there are many, and joined back.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import duckdb
import pyarrow

from nabd.identity.names.columns import FORMS, PARTS, Form, forms_of

CHUNK = 20_000  # names that one process takes at a time


def tables(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``given_names`` and ``family_names``: the forms of each distinct text of ``records``.

    Capitals are no difference: that saves four in ten.
    """
    texts = {part: _distinct(con, part) for part in PARTS}
    chunks = [
        (part, texts[part][at : at + CHUNK])
        for part in PARTS
        for at in range(0, len(texts[part]), CHUNK)
    ]
    found = zip(chunks, _all(chunks), strict=True)
    rows: dict[str, list[Form]] = {part: [] for part in PARTS}
    for (part, some), forms in found:
        rows[part] += [(text, *form) for text, form in zip(some, forms, strict=True)]
    for part in PARTS:
        _write(con, part, rows[part])


def _distinct(con: duckdb.DuckDBPyConnection, part: str) -> list[str]:
    found = con.execute(
        f"SELECT DISTINCT lower({part}) FROM records WHERE {part} IS NOT NULL"
    ).fetchall()
    return [text for (text,) in found]


def _write(con: duckdb.DuckDBPyConnection, part: str, rows: list[Form]) -> None:
    columns = [f"{part}_text", *(part + form for form in FORMS)]
    values = zip(*rows, strict=True) if rows else ([] for _ in columns)
    con.register(
        "names_found",
        pyarrow.table(
            {c: pyarrow.array(v, pyarrow.string()) for c, v in zip(columns, values, strict=True)}
        ),
    )
    con.execute(f"CREATE OR REPLACE TABLE {part}_names AS SELECT * FROM names_found")
    con.unregister("names_found")


def _all(chunks: list[tuple[str, list[str]]]) -> Iterable[list[Form]]:
    processes = min(len(chunks), os.cpu_count() or 1)
    if len(chunks) <= len(PARTS):
        return map(forms_of, chunks)
    # names have no cycles: collecting garbage among a hundred thousand takes two fifths of the time
    with ProcessPoolExecutor(processes, get_context("spawn"), initializer=gc.disable) as pool:
        return list(pool.map(forms_of, chunks))
