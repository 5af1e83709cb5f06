"""The worker processes of a load: each keeps chunks on a connection of its own.

A worker reads length-prefixed pickles of chunks from its standard input and answers each with its
counts, or the problem, on its standard output. It ends when its input ends: so it cannot outlive
the load, however that ends.
"""

from __future__ import annotations

import asyncio
import gc
import os
import pickle
import sys
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from struct import Struct
from typing import Any, BinaryIO

from nabd.errors import problem
from nabd.store.batch import Counts
from nabd.store.bulk.chunk import Loader, Scope
from nabd.store.bulk.record import Record
from nabd.store.database import Store
from nabd.store.values import Laws, Stamp

Keeper = Callable[[list[Record]], Awaitable[Counts]]

LENGTH = Struct(">Q")
COLLECT_EVERY = 20  # chunks; plain JSON has no cycles, so the collector may rest in between


@dataclass(frozen=True)
class Task:
    """All that a worker must know, in a form that another process can import."""

    dsn: str
    laws: Callable[[], Laws]
    scope: Scope | None
    stamp: Stamp
    attempt: int


class Worker:
    """The near end of one worker process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin and process.stdout
        self._process = process
        self._input, self._output = process.stdin, process.stdout
        self._waiting: deque[asyncio.Future[Counts]] = deque()
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, task: Task) -> Worker:
        """Start a process and tell it its task."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            "from nabd.store.bulk.workers import main; main()",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            start_new_session=True,  # Ctrl-C ends the load, which ends its workers in order
        )
        worker = cls(process)
        await worker._send(task)
        return worker

    async def keep(self, records: list[Record]) -> Counts:
        """Let the worker keep a chunk; a second one may be sent while it works on the first."""
        done: asyncio.Future[Counts] = asyncio.get_running_loop().create_future()
        self._waiting.append(done)
        try:
            await self._send(records)
            return await done
        finally:
            done.cancel()

    async def stop(self) -> None:
        """Close its input, wait until it has ended."""
        with suppress(ConnectionError):
            self._input.close()
        await self._process.wait()
        self._reader.cancel()

    async def _send(self, value: object) -> None:
        data = pickle.dumps(value, protocol=5)
        try:
            self._input.write(LENGTH.pack(len(data)))
            self._input.write(data)
            await self._input.drain()
        except ConnectionError:
            raise problem("N3024") from None

    async def _read(self) -> None:
        try:
            while True:
                (length,) = LENGTH.unpack(await self._output.readexactly(LENGTH.size))
                answer = pickle.loads(await self._output.readexactly(length))
                self._settle(self._waiting.popleft(), answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            for one in self._waiting:
                self._settle(one, problem("N3024"))

    def _settle(self, future: asyncio.Future[Counts], answer: Counts | Exception) -> None:
        if future.done():
            return
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer)


async def run(stack: AsyncExitStack, task: Task, count: int) -> list[Keeper]:
    """Start ``count`` workers that end with ``stack``; each appears twice, to be kept busy."""
    workers = await asyncio.gather(*(Worker.start(task) for _ in range(count)))
    for worker in workers:
        stack.push_async_callback(worker.stop)
    return [worker.keep for worker in workers for _ in range(2)]


async def _work(source: BinaryIO, target: BinaryIO) -> None:
    task: Task = _receive(source)
    store = await Store.open(task.dsn, task.laws(), size=1)
    try:
        async with store.connection() as connection:
            loader = Loader(connection, store.laws, task.scope, task.stamp, task.attempt)
            number = 0
            while records := await asyncio.to_thread(_receive, source):
                _answer(target, await _kept(loader, records))
                number += 1
                if number % COLLECT_EVERY == 0:
                    gc.collect()
    finally:
        await store.close()


async def _kept(loader: Loader, records: list[Record]) -> Counts | Exception:
    try:
        return await loader.keep(records)
    except Exception as error:  # whatever it is, the load must hear of it
        return error


def _receive(source: BinaryIO) -> Any:
    head = source.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    data = source.read(LENGTH.unpack(head)[0])
    return pickle.loads(data) if data else None


def _answer(target: BinaryIO, answer: object) -> None:
    try:
        data = pickle.dumps(answer)
    except Exception:  # some database errors cannot travel; their text can
        data = pickle.dumps(RuntimeError(repr(answer)))
    target.write(LENGTH.pack(len(data)) + data)
    target.flush()


def main() -> None:
    """Work until the input ends. Nothing else may write to the answers' stream."""
    target = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    gc.disable()
    gc.freeze()
    asyncio.run(_work(sys.stdin.buffer, target))
