"""Check a mapping file against itself and against R4, before any row is read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from nabd.errors import Issue, Problem, issue
from nabd.fhir import fhirpath
from nabd.fhir.definitions import RESOURCE_TYPES, elements, is_primitive
from nabd.intake.mapping import clean, target
from nabd.intake.mapping.finders import offered
from nabd.intake.mapping.model import Mapping, ResourceTable
from nabd.intake.readers.csvfile import ENCODINGS

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def issues(mapping: Mapping, file: str) -> list[Issue]:
    """List everything that is wrong in a mapping; each names the table and the key."""
    checks = (_source, _columns, _lookups, _lists, _tests, _resources)
    return [found for check in checks for found in check(mapping, file)]


def _bad(code: str, file: str, where: str, **params: str) -> Issue:
    return issue(code, f"{file} {where}", file=file, where=where, **params)


def _source(mapping: Mapping, file: str) -> Iterator[Issue]:
    source = mapping.source
    if source.encoding not in ENCODINGS:
        known = ", ".join(ENCODINGS)
        yield _bad("N5032", file, "[source] encoding", expected=known, actual=source.encoding)
    if len(source.delimiter) != 1:
        expected = "one character"
        yield _bad("N5032", file, "[source] delimiter", expected=expected, actual=source.delimiter)
    if source.header < 1:
        actual = str(source.header)
        yield _bad("N5032", file, "[source] header", expected="1 or more", actual=actual)


def _columns(mapping: Mapping, file: str) -> Iterator[Issue]:
    for name, column in mapping.columns.items():
        for wish in column.clean:
            if clean.step(wish) is None:
                known = ", ".join((*clean.SIMPLE, *clean.PARAMETRIC))
                where = f"[columns.{name}] clean"
                yield _bad("N5032", file, where, expected=known, actual=str(wish))
        if column.codes and column.codes not in mapping.codes:
            where = f"[columns.{name}] codes"
            yield _unknown(file, where, column.codes, mapping.codes)


def _lookups(mapping: Mapping, file: str) -> Iterator[Issue]:
    names = set(mapping.columns)
    for name, table in mapping.lookups.items():
        where = f"[lookups.{name}]"
        if table.find not in offered():
            yield _unknown(file, f"{where} find", table.find, offered())
        for word in table.by:
            if not _known(word, names):
                yield _unknown(file, f"{where} by", word, names)
        names.add(name)


def _lists(mapping: Mapping, file: str) -> Iterator[Issue]:
    known = _names(mapping)
    lists = [("[key] columns", mapping.key.columns)]
    lists += [("[[duplicates]] columns", one.columns) for one in mapping.duplicates]
    for where, words in lists:
        for word in words:
            if not _known(word, known):
                yield _unknown(file, where, word, known)


def _tests(mapping: Mapping, file: str) -> Iterator[Issue]:
    for test in mapping.tests:
        try:
            fhirpath.compile(test.expression)
        except Problem as error:
            detail = error.issues[0].text()
            where = f"[[tests]] {test.says}"
            yield _bad("N5032", file, where, expected="FHIRPath", actual=detail)


def _resources(mapping: Mapping, file: str) -> Iterator[Issue]:
    known = _names(mapping) | {"key"}
    for number, table in enumerate(mapping.resources, 1):
        where = f"[[resources]] {number}"
        if table.type not in RESOURCE_TYPES:
            yield _bad("N5032", file, f"{where} type", expected="a type of R4", actual=table.type)
            continue
        words = [table.id, *(value for value in table.set.values() if isinstance(value, str))]
        for word in _placeholders(words):
            if not _known(word, known):
                yield _unknown(file, where, word, known)
        if table.when and not _known(table.when, known):
            yield _unknown(file, f"{where} when", table.when, known)
        yield from _paths(table, file, where)


def _paths(table: ResourceTable, file: str, where: str) -> Iterator[Issue]:
    for path in table.set:
        wrong = _wrong(table.type, path)
        if wrong:
            yield _bad("N5033", file, f"{where} set", target=path, detail=wrong)


def _wrong(type_name: str, path: str) -> str:
    """Say what is wrong with a target path of a type; "" when nothing is."""
    segments = target.parse(path)
    if segments is None:
        return "not a path such as identifier[0].value"
    at = type_name
    for segment in segments:
        element = None if at.startswith("_") else elements(at).get(segment.name.lstrip("_"))
        if element is None:
            return f"{at} has no {segment.name}"
        if element.array != (segment.place is not None or bool(segment.url)):
            return f"{segment.name} {'needs an index' if element.array else 'takes no index'}"
        at = "Element" if segment.name.startswith("_") else element.type
    return "" if is_primitive(at) else f"{path} is a {at}, not a single value"


def _placeholders(words: Iterable[str]) -> Iterator[str]:
    for word in words:
        yield from PLACEHOLDER.findall(word)


def _names(mapping: Mapping) -> set[str]:
    return set(mapping.columns) | set(mapping.lookups)


def _known(word: str, names: Iterable[str]) -> bool:
    """Say whether a word names a column, or an answer of a lookup (``place.code``)."""
    return word.partition(".")[0] in names


def _unknown(file: str, where: str, word: str, known: Iterable[str]) -> Issue:
    return _bad("N5032", file, where, expected=", ".join(sorted(known)) or "—", actual=word)
