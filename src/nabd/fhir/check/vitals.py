"""Vital signs: the one profile that R4 makes a duty of every Observation it speaks of.

https://hl7.org/fhir/R4/observation-vitalsigns.html: "when a FHIR implementation supports any of
the vital signs listed below, the implementation SHALL conform to this profile".  What makes an
Observation one of them is its code: the LOINC code of the table, or one that the reference
validator (org.hl7.fhir.core, BasePolicyAdvisorForFullValidation) takes for the same measurement.
Three of these are left out, because they stand alone in data of many systems, Synthea's too:
8331-1 (oral temperature), 55284-4 (the panel of blood pressure of old), 8480-6 (systolic alone).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from nabd.errors import Issue, issue

Json = dict[str, Any]

_LOINC, _SNOMED = "http://loinc.org", "http://snomed.info/sct"
_UCUM = "http://unitsofmeasure.org"
_CATEGORY = ("http://terminology.hl7.org/CodeSystem/observation-category", "vital-signs")
_SYSTOLIC, _DIASTOLIC = "8480-6", "8462-4"
_LENGTHS = ("cm", "[in_i]")


class _Vital(NamedTuple):
    """A row of the table: the LOINC code that must be there, and the units of the value."""

    code: str
    units: tuple[str, ...]
    loinc: str = ""
    snomed: str = ""


_PANEL = _Vital("85353-1", (), snomed="46680005")
_PRESSURE = _Vital(
    "85354-9",
    (),
    "35094-2 8459-0 76534-7",
    "86290005 271625008 251076008 163033001 163035008 386534000 386536003 271649006 "
    "271650006 407556006 407554009 716579001 399304008",
)
_TABLE = (
    _PANEL,
    _Vital("9279-1", ("/min",), "76170-0 76172-6 76171-8 19840-8 33438-3 76270-8 11291-2"),
    _Vital(
        "8867-4",
        ("/min",),
        "60978-4 73795-7 73799-9 76476-1 76477-9 8889-8 8890-6 8891-4 8892-2 8893-0 40443-4 "
        "55425-3 68999-2 11328-2 69000-8 8886-4",
        "271306003 249043002 444981005 399017001 251670001 429525003 429614003",
    ),
    _Vital(
        "2708-6",
        ("%",),
        "19224-5 20564-1 2709-4 2710-2 2713-6 51733-4 59408-5 59417-6 89276-0 97549-0",
        "103228002 442349007 442476006 442440005 431314004 442734002 713194001",
    ),
    _Vital(
        "8310-5",
        ("Cel", "[degF]"),
        "60834-9 60835-6 60836-4 60838-0 60955-2 61009-7 75539-7 75987-8 76010-8 76011-6 76278-1 "
        "8309-7 8328-7 8329-5 8330-3 8332-9 8333-7 8334-5 91371-5 98657-0 98663-8",
        "386725007 276885007 300076005 1222808002 364246006 307047009 708499008 431598003 "
        "698831002 698832009 415882003 415974002 415929009 415945006",
    ),
    _Vital(
        "8302-2",
        _LENGTHS,
        "3137-7 3138-5 8306-3 8308-9",
        "1153637007 1162419008 50373000 1162418000 1230278008 1162392001 1162417005",
    ),
    _Vital("9843-4", _LENGTHS, "8287-5", "363812007 169876006 1269262007"),
    _Vital(
        "29463-7",
        ("kg", "[lb_av]", "g"),
        "3141-9 3142-7 75292-3 79348-9 8350-1 8351-9",
        "363811000 735395000 425024002 424927000 784399000 1162416001 1162415002",
    ),
    _Vital("39156-5", ("kg/m2",), "59574-4 89270-3", "60621009"),
    _PRESSURE,
)
_BY_CODE = {
    (system, code): vital
    for vital in _TABLE
    for system, codes in ((_LOINC, f"{vital.code} {vital.loinc}"), (_SNOMED, vital.snomed))
    for code in codes.split()
}


def problems(value: Json, path: str) -> Iterator[Issue]:
    """List where an Observation of a vital sign breaks the profile; nothing for any other."""
    vital = _vital(value["code"])
    if vital is None:
        return
    if not _has(value["code"], _LOINC, vital.code):
        yield _expected(f"{path}.code", f"{_LOINC} {vital.code}")
    if sum(_has(c, *_CATEGORY) for c in value.get("category", ())) != 1:
        yield _expected(f"{path}.category", _CATEGORY[1])
    if "subject" not in value:
        yield _expected(f"{path}.subject", "subject")
    yield from _time(value, f"{path}.effective")
    yield from _value(value, vital, path)
    yield from _components(value, path)
    if vital is _PRESSURE:
        for code in (_SYSTOLIC, _DIASTOLIC):
            if sum(_has(c["code"], _LOINC, code) for c in value.get("component", ())) != 1:
                yield _expected(f"{path}.component", f"{_LOINC} {code}")


def _vital(concept: Json) -> _Vital | None:
    for coding in concept.get("coding", ()):
        found = _BY_CODE.get((coding.get("system"), coding.get("code")))
        if found is not None:
            return found
    return None


def _has(concept: Json, system: str, code: str) -> bool:
    codings = concept.get("coding", ())
    return any(c.get("code") == code and c.get("system") == system for c in codings)


def _expected(path: str, expected: str) -> Issue:
    return issue("N2137", path, expected=expected)


def _time(value: Json, path: str) -> Iterator[Issue]:
    """vs-1: a date and time, or a period; a date is known to the day."""
    if "effectivePeriod" not in value and len(value.get("effectiveDateTime", "")) < len("YYYYMMDD"):
        yield _expected(path, "effectiveDateTime: YYYY-MM-DD")


def _value(value: Json, vital: _Vital, path: str) -> Iterator[Issue]:
    """The value is a Quantity in a unit of the table, or said to be absent (vs-2)."""
    quantity = value.get("valueQuantity")
    if quantity is None and _has_value(value):
        yield _expected(f"{path}.value", "valueQuantity")
    elif quantity is not None and not vital.units:
        yield _expected(f"{path}.value", "component" if vital is _PRESSURE else "hasMember")
    elif quantity is not None:
        yield from _measured(quantity, vital.units, f"{path}.value.ofType(Quantity)")
    elif not value.keys() & {"component", "hasMember", "dataAbsentReason"}:
        yield _expected(f"{path}.value", "valueQuantity")
    if vital is _PANEL and "hasMember" not in value:
        yield _expected(f"{path}.hasMember", "hasMember")


def _has_value(value: Json) -> bool:
    return any(name.startswith("value") for name in value)


def _measured(quantity: Json, units: tuple[str, ...], path: str) -> Iterator[Issue]:
    for name in ("value", "unit"):
        if name not in quantity:
            yield _expected(f"{path}.{name}", name)
    if quantity.get("system") != _UCUM:
        yield _expected(f"{path}.system", _UCUM)
    if quantity.get("code") not in units:
        yield _expected(f"{path}.code", ", ".join(units))


def _components(value: Json, path: str) -> Iterator[Issue]:
    for place, each in enumerate(value.get("component", ())):
        where = f"{path}.component[{place}]"
        quantity = each.get("valueQuantity")
        if quantity and any(_has(each["code"], _LOINC, c) for c in (_SYSTOLIC, _DIASTOLIC)):
            yield from _measured(quantity, ("mm[Hg]",), f"{where}.value.ofType(Quantity)")
        elif not quantity and not _has_value(each) and "dataAbsentReason" not in each:
            yield _expected(f"{where}.value", "value")  # vs-3
