"""What every session of a process shares: the store, and what is gathered for it."""

from __future__ import annotations

from collections.abc import Mapping

from nabd.access.custodians import Custodians
from nabd.access.gather import audits, reads
from nabd.access.queries import NamedQuery
from nabd.access.remember import Remembered
from nabd.access.settings import Kept
from nabd.access.together import creates
from nabd.store import Store


class Desk:
    """The store with its gathered reads, creates and audits, the named queries, the custodians."""

    def __init__(self, store: Store, queries: Mapping[str, NamedQuery]) -> None:
        self.store = store
        self.queries = queries
        self.custodians = Custodians(queries)
        self.reads = reads(store)
        self.audits = audits(store)
        self.creates = creates(store)
        self.remembered = Remembered()
        self.settings = Kept(store)
