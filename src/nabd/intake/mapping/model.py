"""The shape of a mapping file, and reading one."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal

import msgspec

from nabd.errors import Problem, problem


class SourceTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[source]``: where the rows are; ``ignore`` names headers, or letters of columns."""

    format: Literal["csv", "xlsx"]
    sheet: str = ""
    header: int = 1
    encoding: str = "utf-8"
    delimiter: str = ","
    ignore: tuple[str, ...] = ()


class Column(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[columns.x]``: one column; ``clean`` lists steps of :mod:`nabd.intake.mapping.clean`."""

    header: str
    required: bool = False
    clean: tuple[str | dict[str, Any], ...] = ()
    codes: str = ""


class LookupTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[lookups.x]``: ask the lookup ``find`` with these values; answers are ``x.name``."""

    find: str
    by: tuple[str, ...]


class Key(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[key]``: the columns that say which thing a row speaks of."""

    columns: tuple[str, ...]
    prefix: str = ""


class Test(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[[tests]]``: FHIRPath on the cleaned row that must be true."""

    expression: str
    says: str


class Duplicates(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[[duplicates]]``: rows equal in these columns are reported, and kept."""

    columns: tuple[str, ...]


class ResourceTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[[resources]]``: one resource of each row; ``when`` names a column that must be filled."""

    type: str
    id: str
    set: dict[str, str | int | float | bool]
    when: str = ""


class Mapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One mapping file; read it with :meth:`read`, run it with ``nabd.intake.mapping.plan``."""

    name: str
    source: SourceTable
    columns: dict[str, Column]
    key: Key
    resources: tuple[ResourceTable, ...]
    title: str = ""
    publisher: str = ""
    codes: dict[str, dict[str, str]] = {}
    lookups: dict[str, LookupTable] = {}
    tests: tuple[Test, ...] = ()
    duplicates: tuple[Duplicates, ...] = ()
    text: str = ""

    @classmethod
    def read(cls, path: Path) -> Mapping:
        """Read and check a mapping file.

        The problem lists everything that is wrong: N5030 TOML, N5031 shape, N5032 to N5037 names.
        """
        return cls.parse(path.read_bytes(), path.name)

    @classmethod
    def parse(cls, text: bytes, file: str) -> Mapping:
        """Read and check the text of a mapping file."""
        from nabd.intake.mapping.verify import issues

        mapping = _convert(text, file)
        found = issues(mapping, file)
        if found:
            raise Problem(found)
        return mapping


def _convert(text: bytes, file: str) -> Mapping:
    try:
        written = text.decode("utf-8")
        return msgspec.convert({**tomllib.loads(written), "text": written}, Mapping)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise problem("N5030", file, file=file, detail=str(error)) from error
    except msgspec.ValidationError as error:
        raise problem("N5031", file, file=file, detail=str(error)) from error
