"""Run what the slices do after writes, in the background of the server.

Each worker process does; followers bear that. An error is logged and tried again after a pause:
what a follower has not done stays before it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from nabd.access import Door
from nabd.access.slice import Follower
from nabd.log import fault

PAUSE = 0.25  # seconds between two looks when there was nothing to do
AFTER_ERROR = 5.0  # seconds


async def follow(door: Door, followers: Sequence[Follower]) -> None:
    """Let every follower work whenever there is something for it, until cancelled."""
    async with asyncio.TaskGroup() as group:
        for one in followers:
            group.create_task(_follow(door, one))


async def _follow(door: Door, follower: Follower) -> None:
    while True:
        try:
            done = await follower(door.system("HOPERAT"))
        except Exception as error:
            fault(error)
            await asyncio.sleep(AFTER_ERROR)
        else:
            await asyncio.sleep(0 if done else PAUSE)
