"""The model in force: the shipped one, until a trained one is approved.

A model that was trained waits as a proposal; it is used from the moment somebody approves it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from nabd.errors import problem
from nabd.identity.model import Model, dump, load, parse

if TYPE_CHECKING:
    from nabd.access.session import Session

IN_FORCE, PROPOSED = "identity model", "identity model, proposed"
PERMISSION = "operations"


async def in_force(session: Session) -> Model:
    """Return the model that scores and decides now."""
    text = await session.setting(IN_FORCE)
    return _parsed(text) if text else load()


async def proposed(session: Session) -> Model | None:
    """Return the model that waits for approval."""
    text = await session.setting(PROPOSED)
    return _parsed(text) if text else None


async def propose(session: Session, model: Model) -> None:
    """Let a trained model wait for approval."""
    await session.set(PROPOSED, dump(model), PERMISSION)


async def approve(session: Session, version: str) -> Model:
    """Put the proposal into force; Problem N6116 when it is another version, or there is none."""
    found = await proposed(session)
    if found is None or found.version != version:
        raise problem("N6116", version=found.version if found else "–")
    await session.set(IN_FORCE, dump(found), PERMISSION)
    await session.set(PROPOSED, None, PERMISSION)
    return found


@lru_cache(maxsize=4)
def _parsed(text: str) -> Model:
    return parse(text)
