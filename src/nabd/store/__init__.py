"""The keeper: PostgreSQL. Resources, versions, search, live tables, feed, quarantine, jobs.

The only place of the house that opens a database connection. A resource goes in by ``keep`` (a
few at a time, guarded) or by ``bulk`` (millions, the same laws); both leave the same rows.
"""

from nabd.store.connection import Connection
from nabd.store.database import Store
from nabd.store.values import ANY, Guard, Laws, Outcome, Page, Stamp, Stored, Write

__all__ = [
    "ANY",
    "Connection",
    "Guard",
    "Laws",
    "Outcome",
    "Page",
    "Stamp",
    "Store",
    "Stored",
    "Write",
]
