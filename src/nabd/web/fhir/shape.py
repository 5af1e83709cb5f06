"""Apply ``_summary`` and ``_elements`` where they come as plain parameters."""

from __future__ import annotations

from collections.abc import Mapping

from nabd.errors import problem
from nabd.fhir.definitions import element_names
from nabd.web.fhir.subset import subset

_SUMMARIES = ("true", "false", "text", "data")


def shaped(body: bytes, type_name: str, found: Mapping[str, str]) -> bytes:
    """Return the body as ``found`` asks for; Problem N7009 for what R4 or the type has not."""
    summary = found.get("_summary", "false")
    if summary not in _SUMMARIES:
        raise problem("N7009", "_summary", parameter="_summary", expected=" | ".join(_SUMMARIES))
    known = element_names(type_name)
    names = tuple(name.strip() for name in found.get("_elements", "").split(",") if name.strip())
    if not all(name.removeprefix(f"{type_name}.").removesuffix("[x]") in known for name in names):
        raise problem("N7009", "_elements", parameter="_elements", expected="id,name,…")
    return subset(body, type_name, summary, names)
