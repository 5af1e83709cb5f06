"""Splink's part: weigh pairs of the records in ``plain`` by a model."""

from __future__ import annotations

from typing import Any

import duckdb
from splink import DuckDBAPI, Linker

from nabd.identity.batch import frequencies


def linker(api: DuckDBAPI, model: dict[str, Any]) -> Linker:
    """Give Splink the records in ``plain``, and a model."""
    return Linker(api.register("plain"), model, log_level="ERROR", validate_settings=False)


class Scale:
    """Splink with a model and the frequencies of the register, ready to weigh."""

    def __init__(self, con: duckdb.DuckDBPyConnection, model: dict[str, Any]) -> None:
        self._api = DuckDBAPI(con)
        self._linker = linker(self._api, model)
        for column, table in frequencies.TABLES.items():
            known = self._api.register(table)
            self._linker.table_management.register_term_frequency_lookup(known, column)

    def weigh(self, pairs: str, least: float | None = None, *, few: bool = False) -> str:
        """Weigh the pairs of a table such as ``proposed``; return the table that Splink made.

        That has the pairs whose weight is ``least`` or more, with the weight of each field.
        ``few`` says that the pairs name a small part of the records.
        """
        known = self._api.register(pairs)
        asked = self._linker.table_management.register_blocked_pairs_for_predict(known)
        # Splink first copies the records that the pairs name: for nothing where that is nearly all
        asked.metadata["registered_for_predict"] = few
        found = self._linker.inference.predict(threshold_match_weight=least, warning_mode="never")
        return str(found.physical_name)
