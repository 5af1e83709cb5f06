"""Bring a database to this version: numbered SQL files, forward only, each once.

A file that has been applied never changes: its checksum is compared on every start.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import asyncpg

from nabd.errors import problem

FOLDER = Path(__file__).parent / "migrations"
LOCK = 0x6E616264  # "nabd": whoever migrates holds this advisory lock
OLDEST_SERVER = 160000
TABLE = """create table if not exists migration (
  number int primary key, slug text not null, checksum text not null,
  applied timestamptz not null default now())"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered file."""

    number: int
    slug: str
    sql: str

    @property
    def checksum(self) -> str:
        """The SHA-256 of the text."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


@cache
def migrations() -> tuple[Migration, ...]:
    """Read ``migrations/NNNN_slug.sql`` in order."""
    return tuple(_read(path) for path in sorted(FOLDER.glob("*.sql")))


async def migrate(connection: asyncpg.Connection) -> list[str]:
    """Apply what is missing, each file in a transaction of its own; return their slugs."""
    if connection.get_server_version().major * 10000 < OLDEST_SERVER:
        raise problem("N3006", actual=connection.get_server_version().major)
    if await _is_current(connection):
        return []
    await connection.execute("select pg_advisory_lock($1)", LOCK)
    try:
        await connection.execute(TABLE)
        applied = await _applied(connection)
        return [await _apply(connection, m) for m in migrations() if m.number not in applied]
    finally:
        await connection.execute("select pg_advisory_unlock($1)", LOCK)


async def version(connection: asyncpg.Connection) -> int:
    """Say the number of the newest migration of this database; 0 when it is empty."""
    if await connection.fetchval("select to_regclass('migration')") is None:
        return 0
    number: int = await connection.fetchval("select coalesce(max(number), 0) from migration")
    return number


async def _is_current(connection: asyncpg.Connection) -> bool:
    if await version(connection) == 0:
        return False
    return len(await _applied(connection)) == len(migrations())


async def _applied(connection: asyncpg.Connection) -> set[int]:
    """Compare what was applied with the files; both sides must agree where both have it."""
    known = {m.number: m.checksum for m in migrations()}
    rows = await connection.fetch("select number, checksum from migration order by number")
    for number, checksum in rows:
        if number not in known:
            raise problem("N3005", expected=max(known), actual=number)
        if known[number] != checksum:
            raise problem("N3004", number=number)
    return {number for number, _ in rows}


async def _apply(connection: asyncpg.Connection, migration: Migration) -> str:
    async with connection.transaction():
        await connection.execute(migration.sql)
        await connection.execute(
            "insert into migration (number, slug, checksum) values ($1, $2, $3)",
            migration.number,
            migration.slug,
            migration.checksum,
        )
    return migration.slug


def _read(path: Path) -> Migration:
    number, _, slug = path.stem.partition("_")
    return Migration(int(number), slug, path.read_text("utf-8"))
