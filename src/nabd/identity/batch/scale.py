"""Splink's part: weigh pairs of the records in ``plain`` by a model."""

from __future__ import annotations

from typing import Any

import duckdb
from splink import DuckDBAPI, Linker, SettingsCreator

from nabd.identity.batch import frequencies


class Scale:
    """Splink with a model and the frequencies of the register, ready to weigh."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, model: SettingsCreator | dict[str, Any]
    ) -> None:
        self._api = DuckDBAPI(con)
        plain = self._api.register("plain")
        self.linker = Linker(plain, model, log_level="ERROR", validate_settings=False)
        for column, table in frequencies.TABLES.items():
            known = self._api.register(table)
            self.linker.table_management.register_term_frequency_lookup(known, column)

    def weigh(self, pairs: str, least: float | None = None, *, few: bool = False) -> str:
        """Weigh the pairs of a table such as ``proposed``; return the table that Splink made.

        That has the pairs whose weight is ``least`` or more, with the weight of each field.
        ``few`` says that the pairs name a small part of the records.
        """
        known = self._api.register(pairs)
        asked = self.linker.table_management.register_blocked_pairs_for_predict(known)
        # Splink first copies the records that the pairs name: for nothing where that is nearly all
        asked.metadata["registered_for_predict"] = few
        found = self.linker.inference.predict(threshold_match_weight=least, warning_mode="never")
        return str(found.physical_name)
