"""What holds in a whole: Bundles, questionnaires, code systems, vital signs."""

from __future__ import annotations

from typing import Any

import pytest

from nabd.errors import Problem
from nabd.fhir import json
from nabd.fhir.check import check

Json = dict[str, Any]

URL = "urn:uuid:53fefa32-fcbb-4ff8-8a92-55ee120877b"
PATIENT = {"resourceType": "Patient", "id": "p"}
DOCTOR = {"resourceType": "Practitioner", "id": "d"}
OBSERVATION = {"resourceType": "Observation", "id": "o", "status": "final", "code": {"text": "a"}}
OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "invalid"}]}


def found(value: Json) -> list[tuple[str, str]]:
    """Codes and places of the problems of a resource."""
    try:
        check(json.encode(value))
    except Problem as problem:
        return [(i.code, i.path) for i in problem.issues]
    return []


# --------------------------------------------------------------------------------- bundles


def bundle(kind: str, *entries: Json, **more: Any) -> Json:
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries), **more}


def entry(resource: Json, number: int = 0, **more: Any) -> Json:
    return {"fullUrl": f"{URL}{number}", "resource": resource, **more}


def document(*entries: Json, **more: Any) -> Json:
    composition = {
        "resourceType": "Composition",
        "id": "c",
        "status": "final",
        "type": {"text": "a"},
        "date": "2026",
        "author": [{"reference": f"{URL}1"}],
        "title": "a",
    }
    known = {"identifier": {"system": "urn:oid:1.2", "value": "1"}, "timestamp": INSTANT}
    return bundle("document", entry(composition), entry(DOCTOR, 1), *entries, **known, **more)


INSTANT = "2026-01-01T00:00:00Z"


def message(*focus: str) -> Json:
    header = {
        "resourceType": "MessageHeader",
        "eventUri": "http://a.org/e",
        "source": {"endpoint": "http://a.org"},
        "focus": [{"reference": each} for each in focus],
    }
    return bundle("message", entry(header), entry(PATIENT, 1))


SEARCHED = [{"relation": "self", "url": "http://a.org/Patient?name=a"}]
LINKED = {"resourceType": "PractitionerRole", "practitioner": {"reference": f"{URL}1"}}

RIGHT = {
    "a collection": bundle(
        "collection", entry(PATIENT), link=[{"relation": "x", "url": "urn:a"}] * 2
    ),
    "a batch without fullUrl": bundle(
        "batch", {"resource": PATIENT, "request": {"method": "POST", "url": "Patient"}}
    ),
    "a search without modes": bundle("searchset", entry({"resourceType": "Patient"})),
    "an outcome without a URL": bundle("searchset", {"resource": OUTCOME}),
    "an included resource": bundle(
        "searchset", entry(OBSERVATION, search={"mode": "include"}), link=SEARCHED
    ),
    "a search of several types": bundle(
        "searchset",
        entry(OBSERVATION, search={"mode": "match"}),
        link=[{"relation": "self", "url": "http://a.org?_type=Patient,Observation"}],
    ),
    "the id that its URL has": bundle(
        "collection", {"fullUrl": "http://a.org/fhir/Patient/p", "resource": PATIENT}
    ),
    "a document": document(),
    "what refers to a document's entry": document(entry(LINKED, 2)),
    "a document's stylesheet": document(
        entry({"resourceType": "Binary", "id": "s", "contentType": "text/css"}, 2),
        link=[{"relation": "stylesheet", "url": "Binary/s"}],
    ),
    "a message": message(f"{URL}1"),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_bundle_is_accepted_with(name: str) -> None:
    assert found(RIGHT[name]) == []


PAGE = [{"relation": "next", "url": "urn:a"}]
WRONG: dict[str, tuple[Json, tuple[str, str]]] = {
    "no fullUrl in a collection": (
        bundle("collection", {"resource": PATIENT}),
        ("N2127", "entry[0]"),
    ),
    "a URL that ends with an id, and no id": (
        bundle(
            "collection", entry({"resourceType": "Patient"}) | {"fullUrl": "http://a.org/Patient/p"}
        ),
        ("N2123", "entry[0]"),
    ),
    "pages in a collection": (
        bundle("collection", entry(PATIENT), link=PAGE),
        ("N2128", "link[0]"),
    ),
    "a page twice": (
        bundle("searchset", entry(PATIENT), link=[*PAGE, *PAGE]),
        ("N2109", "link[1]"),
    ),
    "a match of another type": (
        bundle("searchset", entry(OBSERVATION, search={"mode": "match"}), link=SEARCHED),
        ("N2129", "entry[0].resource"),
    ),
    "an outcome that is none": (
        bundle("searchset", entry(PATIENT, search={"mode": "outcome"})),
        ("N2129", "entry[0].resource"),
    ),
    "a match without an id": (
        bundle("searchset", entry({"resourceType": "Patient"}, search={"mode": "match"})),
        ("N2122", "entry[0].resource"),
    ),
    "an entry that no link of a document reaches": (
        document(entry(PATIENT, 2)),
        ("N2130", "entry[2]"),
    ),
    "a message about what it does not hold": (
        message(f"{URL}7"),
        ("N2124", "entry[0].resource.focus[0]"),
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_bundle_is_refused_with(name: str) -> None:
    value, (code, place) = WRONG[name]
    assert found(value) == [(code, f"Bundle.{place}")]


# ------------------------------------------------------------------------------ definitions


def questionnaire(question: str) -> Json:
    condition = {"question": question, "operator": "exists", "answerBoolean": True}
    inner = {"linkId": "inner", "type": "string", "text": "a"}
    first = {"linkId": "first", "type": "string", "text": "a"}
    group = {"linkId": "group", "type": "group", "item": [inner], "enableWhen": [condition]}
    return {"resourceType": "Questionnaire", "status": "draft", "item": [first, group]}


@pytest.mark.parametrize("question", ["group", "inner", "nowhere"])
def test_a_condition_on_no_other_question_is_refused(question: str) -> None:
    assert found(questionnaire("first")) == []
    assert found(questionnaire(question)) == [("N2134", "Questionnaire.item[1]")]


def response(*items: Json) -> Json:
    inner = {"linkId": "inner", "type": "boolean", "text": "a"}
    first = {"linkId": "first", "type": "string", "text": "a", "item": [inner]}
    group = {"linkId": "group", "type": "group", "item": [inner | {"linkId": "last"}]}
    asked = {"resourceType": "Questionnaire", "id": "q", "status": "draft", "item": [first, group]}
    return {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "contained": [asked],
        "questionnaire": "#q",
        "item": list(items),
    }


def item(name: str, *answers: Json, **more: Any) -> Json:
    return {"linkId": name, **({"answer": list(answers)} if answers else {}), **more}


TEXT, YES = {"valueString": "a"}, {"valueBoolean": True}


def test_a_response_follows_the_questionnaire_that_it_contains() -> None:
    inner = TEXT | {"item": [item("inner", YES)]}
    assert found(response(item("first", inner), item("group", item=[item("last", YES)]))) == []
    assert found(response(item("first", TEXT)) | {"questionnaire": "http://a.org/q"}) == [
        ("N2103", "QuestionnaireResponse.contained[0]")
    ]


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (item("none", TEXT), ("N2138", "item[0]")),
        (item("last", YES), ("N2138", "item[0]")),
        (item("first", YES), ("N2139", "item[0].answer[0]")),
        (item("group", TEXT), ("N2139", "item[0].answer[0]")),
        (item("first", TEXT, TEXT), ("N2140", "item[0]")),
        (
            item("first", TEXT | {"item": [item("last", YES)]}),
            ("N2138", "item[0].answer[0].item[0]"),
        ),
    ],
)
def test_a_response_that_its_questionnaire_did_not_ask_for_is_refused(
    wrong: Json, expected: tuple[str, str]
) -> None:
    code, place = expected
    assert found(response(wrong)) == [(code, f"QuestionnaireResponse.{place}")]


def test_a_response_contains_the_questionnaire_that_it_says() -> None:
    value = response() | {"questionnaire": "#x"}
    assert ("N2125", "QuestionnaireResponse.questionnaire") in found(without(value, "item"))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"content": "supplement"}, ("N2116", "content")),
        (
            {"content": "supplement", "supplements": "http://a.org/c", "caseSensitive": True},
            ("N2135", "caseSensitive"),
        ),
        ({"content": "not-present", "concept": [{"code": "a"}]}, ("N2135", "concept")),
    ],
)
def test_a_code_system_says_only_what_its_content_allows(
    change: Json, expected: tuple[str, str]
) -> None:
    base = {"resourceType": "CodeSystem", "status": "draft", "content": "complete"}
    code, place = expected
    assert found(base) == []
    assert found(base | change) == [(code, f"CodeSystem.{place}")]


@pytest.mark.parametrize(("wanted", "codes"), [("true", []), ("1", ["N2136"])])
def test_a_filter_on_a_boolean_property_wants_true_or_false(wanted: str, codes: list[str]) -> None:
    chosen = {"property": "notSelectable", "op": "=", "value": wanted}
    include = [{"system": "http://a.org/c", "filter": [chosen]}]
    value = {"resourceType": "ValueSet", "status": "draft", "compose": {"include": include}}
    assert [code for code, _ in found(value)] == codes


@pytest.mark.parametrize(("expression", "codes"), [("name.given", []), ("name.(", ["N2201"])])
def test_expressions_are_fhirpath(expression: str, codes: list[str]) -> None:
    parameter = {
        "resourceType": "SearchParameter",
        "url": "http://a.org/s",
        "name": "a",
        "status": "draft",
        "description": "a",
        "code": "a",
        "base": ["Patient"],
        "type": "string",
        "expression": f"Patient.{expression}",
    }
    assert [code for code, _ in found(parameter)] == codes
    rule = {"key": "a", "severity": "error", "human": "a", "expression": expression}
    profile = {
        "resourceType": "StructureDefinition",
        "url": "http://a.org/p",
        "name": "a",
        "status": "draft",
        "kind": "resource",
        "abstract": False,
        "type": "Patient",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient",
        "derivation": "constraint",
        "differential": {"element": [{"id": "Patient", "path": "Patient", "constraint": [rule]}]},
    }
    assert [code for code, _ in found(profile)] == codes


# ------------------------------------------------------------------------------ vital signs


def coded(code: str, system: str = "http://loinc.org") -> Json:
    return {"coding": [{"system": system, "code": code}]}


def measured(value: float, code: str) -> Json:
    return {"value": value, "unit": code, "system": "http://unitsofmeasure.org", "code": code}


VITAL = {
    "resourceType": "Observation",
    "status": "final",
    "category": [
        coded("vital-signs", "http://terminology.hl7.org/CodeSystem/observation-category")
    ],
    "subject": {"reference": "Patient/p"},
    "effectiveDateTime": "2026-01-01",
}
TEMPERATURE = VITAL | {"code": coded("8310-5"), "valueQuantity": measured(37, "Cel")}
PARTS = [
    {"code": coded("8480-6"), "valueQuantity": measured(120, "mm[Hg]")},
    {"code": coded("8462-4"), "valueQuantity": measured(80, "mm[Hg]")},
]
PRESSURE = VITAL | {"code": coded("85354-9"), "component": PARTS}
PANEL = VITAL | {"code": coded("85353-1"), "hasMember": [{"reference": "Observation/a"}]}


def without(value: Json, name: str) -> Json:
    return {key: child for key, child in value.items() if key != name}


def test_vital_signs_by_the_profile_are_accepted() -> None:
    absent = without(TEMPERATURE, "valueQuantity") | {"dataAbsentReason": {"text": "a"}}
    period = without(TEMPERATURE, "effectiveDateTime") | {"effectivePeriod": {"start": "2026"}}
    for value in (TEMPERATURE, PRESSURE, PANEL, absent, period):
        assert found(value) == []
    assert found(OBSERVATION | {"code": coded("718-7")}) == []  # haemoglobin: no vital sign


@pytest.mark.parametrize(
    ("value", "place"),
    [
        (TEMPERATURE | {"code": coded("276885007", "http://snomed.info/sct")}, "code"),
        (without(TEMPERATURE, "category"), "category"),
        (without(TEMPERATURE, "subject"), "subject"),
        (without(TEMPERATURE, "effectiveDateTime"), "effective"),
        (TEMPERATURE | {"effectiveDateTime": "2026-01"}, "effective"),
        (without(TEMPERATURE, "valueQuantity"), "value"),
        (TEMPERATURE | {"valueQuantity": measured(98, "mg")}, "value.ofType(Quantity).code"),
        (
            TEMPERATURE | {"valueQuantity": without(measured(37, "Cel"), "unit")},
            "value.ofType(Quantity).unit",
        ),
        (without(TEMPERATURE, "valueQuantity") | {"valueString": "hot"}, "value"),
        (PRESSURE | {"component": PARTS[:1]}, "component"),
        (PRESSURE | {"valueQuantity": measured(1, "mm[Hg]")}, "value"),
        (PRESSURE | {"component": [*PARTS, {"code": {"text": "a"}}]}, "component[2].value"),
        (without(PANEL, "hasMember") | {"component": PARTS}, "hasMember"),
    ],
)
def test_vital_signs_that_break_their_profile_are_refused(value: Json, place: str) -> None:
    assert found(value) == [("N2137", f"Observation.{place}")]
