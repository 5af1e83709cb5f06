"""Apply ``_summary`` and ``_elements`` where they come as plain parameters."""

from __future__ import annotations

from collections.abc import Mapping

from nabd.errors import problem
from nabd.store import Stored
from nabd.web.fhir.subset import subset

_SUMMARIES = ("true", "false", "text", "data")


def shaped(stored: Stored, found: Mapping[str, str]) -> bytes:
    """Return the body as ``found`` asks for; Problem N7009 for another summary than R4's."""
    summary = found.get("_summary", "false")
    if summary not in _SUMMARIES:
        raise problem("N7009", "_summary", parameter="_summary", expected=" | ".join(_SUMMARIES))
    names = tuple(name.strip() for name in found.get("_elements", "").split(",") if name.strip())
    return subset(stored.body, stored.type, summary, names)
