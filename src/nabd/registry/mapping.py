"""The mappings that the registry ships, and what it answers to a mapping's lookups."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nabd.errors import Issue, problem
from nabd.intake.mapping import Lookup, Mapping, offer
from nabd.registry import codes
from nabd.registry.rules import Named
from nabd.registry.territory import gazetteer, location_id

FOLDER = Path(__file__).parent / "mappings"


def shipped() -> list[str]:
    """Name the mappings that are part of the registry."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def mapping(name: str | Path) -> Mapping:
    """Read a shipped mapping by name, or a mapping file by path; N5017 when it is neither."""
    path = FOLDER / f"{name}.toml" if str(name) in shipped() else Path(name)
    if not path.is_file():
        raise problem("N5017", str(name), name=str(name), known=", ".join(shipped()))
    return Mapping.read(path)


def _province(asked: Sequence[str]) -> dict[str, str] | Issue:
    """Answer (name of a province, name of its region or "")."""
    return _place(gazetteer().province(*asked))


def _commune(asked: Sequence[str]) -> dict[str, str] | Issue:
    """Answer (name of a commune or arrondissement, HCP code of its province)."""
    return _place(gazetteer().commune(*asked))


def _place(found: Named | Issue) -> dict[str, str] | Issue:
    if isinstance(found, Issue):
        return found
    return {
        "code": found.code,
        "id": location_id(found.code),
        "name": found.name_fr,
        "region": found.region,
        "province": found.province,
    }


def _level_of_care(asked: Sequence[str]) -> dict[str, str] | Issue:
    """Answer (category of a facility)."""
    return {"code": codes.level_of_care(asked[0])}


LOOKUPS: dict[str, Lookup] = {
    "province": _province,
    "commune": _commune,
    "level-of-care": _level_of_care,
}

offer(LOOKUPS)
