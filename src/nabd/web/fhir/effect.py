"""Run what changes data, and leave a trace of what was refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from nabd.access import Unit
from nabd.errors import Problem
from nabd.web.fhir.exchange import Call

T = TypeVar("T")


async def effect(call: Call, action: str, work: Callable[[Unit], Awaitable[T]]) -> T:
    """Run ``work`` in one transaction of the call's session.

    What it did is audited in it; that it was refused, after it was rolled back.
    """
    try:
        return await call.session.transaction(work)
    except Problem:
        type_name, id_ = (*call.path, "", "")[:2]
        await call.session.note(action, type_name, id_, "refused")
        raise
