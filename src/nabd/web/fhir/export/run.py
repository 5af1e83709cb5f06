"""Run exports: each page is appended to the file of its type, then the place is noted.

A runner that dies is succeeded by another, which cuts the file back to what was noted and goes on
from there: nothing is written twice, nothing is left out.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import msgspec

from nabd.access import Door, Session, accounts
from nabd.errors import Problem, issue
from nabd.log import fault
from nabd.store import Store, jobs
from nabd.store.jobs import Job
from nabd.web.fhir.export.wish import Wish, search_of

KIND = "export"
LEASE = 20.0  # seconds: many times what a page takes
PAUSE = 2.0  # seconds between looks for jobs that another process has left
BLOCK = 256 * 1024


class File(msgspec.Struct):
    """One finished or growing file: how many resources, how many bytes are certain."""

    type: str
    count: int = 0
    size: int = 0


class Progress(msgspec.Struct):
    """How far an export is: the types before ``turn`` are done, ``cursor`` is in that one."""

    turn: int = 0
    cursor: str = ""
    files: list[File] = []


class Exports:
    """The exports of one installation: kept as jobs, run by whichever process is free."""

    def __init__(self, store: Store, door: Door, folder: Path, lease: float = LEASE) -> None:
        self._store = store
        self._door = door
        self._folder = folder
        self._lease = lease
        self._news = asyncio.Event()

    async def start(self, wish: Wish, owner: str) -> int:
        """Queue an export and return its number."""
        async with self._store.connection() as connection:
            job = await jobs.submit(connection, KIND, msgspec.to_builtins(wish), owner)
        self._news.set()
        return job.id

    async def find(self, number: int, owner: str) -> Job | None:
        """Return an export of this owner; ``None`` when it is not theirs or has been ended."""
        async with self._store.connection() as connection:
            try:
                job = await jobs.show(connection, number)
            except Problem:
                return None
        ended = job.state == "cancelled" or (
            job.state == "done" and not self._place(number).is_dir()
        )
        return job if job.kind == KIND and job.owner == owner and not ended else None

    async def cancel(self, number: int) -> None:
        """Stop an export, or forget a finished one, and remove its files."""
        async with self._store.connection() as connection:
            await jobs.cancel(connection, number)
        await asyncio.to_thread(shutil.rmtree, self._place(number), ignore_errors=True)

    def stream(self, job: Job, type_name: str) -> AsyncIterator[bytes] | None:
        """Read a finished file in pieces; ``None`` when the export has no such file."""
        files = msgspec.convert(job.result, Progress).files
        if job.state != "done" or type_name not in {one.type for one in files if one.count}:
            return None
        return _pieces(self._place(job.id) / f"{type_name}.ndjson")

    async def run(self) -> None:
        """Run exports until cancelled."""
        while True:
            self._news.clear()
            try:
                while await self._next():
                    pass
            except Exception as error:  # the database may be away: look again later
                fault(error)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), PAUSE)

    async def _next(self) -> bool:
        async with self._store.connection() as connection:
            job = await jobs.claim(connection, [KIND], self._lease)
        if job is None:
            return False
        try:
            await self._write(job)
        except Exception as error:
            number = fault(error, job=job.id)
            async with self._store.connection() as connection:
                await jobs.fail(connection, job, [issue("N1000", fault=number)])
        return True

    async def _write(self, job: Job) -> None:
        wish = msgspec.convert(job.request, Wish)
        progress = msgspec.convert(job.result, Progress)
        session = await self._session(job.owner)
        await asyncio.to_thread(self._place(job.id).mkdir, parents=True, exist_ok=True)
        while progress.turn < len(wish.types):
            type_name = wish.types[progress.turn]
            found = await session.search(search_of(wish, type_name, progress.cursor))
            lines = b"".join(one.body + b"\n" for one in found.matches)
            self._note(progress, type_name, len(found.matches))
            path = self._place(job.id) / f"{type_name}.ndjson"
            await asyncio.to_thread(_append, path, progress.files[-1], lines)
            progress.cursor = found.next
            progress.turn += not found.next
            if not await self._beat(job, progress, len(wish.types)):
                return
        async with self._store.connection() as connection:
            await jobs.complete(connection, job, msgspec.to_builtins(progress))

    @staticmethod
    def _note(progress: Progress, type_name: str, count: int) -> None:
        if not progress.files or progress.files[-1].type != type_name:
            progress.files.append(File(type_name))
        progress.files[-1].count += count

    async def _session(self, owner: str) -> Session:
        """Act as the owner: an export shows what they may see now, and is audited as theirs."""
        async with self._store.connection() as connection:
            return Session(self._door.desk, await accounts.find(connection, owner))

    async def _beat(self, job: Job, progress: Progress, total: int) -> bool:
        async with self._store.connection() as connection:
            result = msgspec.to_builtins(progress)
            return await jobs.beat(connection, job, progress.turn, total, result, self._lease)

    def _place(self, number: int) -> Path:
        return self._folder / str(number)


def _append(path: Path, file: File, lines: bytes) -> None:
    """Write after what is certain; what a dead runner wrote beyond it is cut off."""
    if not lines and not file.size:
        return
    with path.open("r+b" if path.exists() else "w+b") as out:
        out.truncate(file.size)
        out.seek(file.size)
        out.write(lines)
        out.flush()
        os.fsync(out.fileno())
    file.size += len(lines)


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    with await asyncio.to_thread(path.open, "rb") as source:
        while piece := await asyncio.to_thread(source.read, BLOCK):
            yield piece
