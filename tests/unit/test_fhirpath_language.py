"""FHIRPath beyond the official suite: what each part of the language does, case by case."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from nabd.errors import Problem
from nabd.fhir.fhirpath import Node, compile, parse, type_of  # noqa: A004
from nabd.fhir.fhirpath.ucum import unit

PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "p",
    "active": True,
    "name": [
        {"use": "official", "family": "Alami", "given": ["Zineb", "Rim"]},
        {"use": "usual", "given": ["Zizi"]},
    ],
    "gender": "female",
    "birthDate": "1974-12",
    "_birthDate": {"extension": [{"url": "http://x", "valueString": "about"}]},
    "deceasedDateTime": "2020-01-01T10:00:00+01:00",
    "multipleBirthInteger": 2,
    "contact": [{"name": {"family": "Naciri"}, "gender": "male"}],
    "contained": [{"resourceType": "Organization", "id": "o", "name": "Here"}],
    "managingOrganization": {"reference": "#o"},
    "generalPractitioner": [
        {"reference": "Practitioner/1"},
        {"reference": "http://x/fhir/Organization/2/_history/3"},
    ],
    "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'},
}

ANSWERS: list[tuple[str, list[Any]]] = [
    # choices, types, primitives
    ("deceased", ["2020-01-01T10:00:00+01:00"]),
    ("deceased is dateTime", [True]),
    ("deceased.ofType(boolean)", []),
    ("(multipleBirth as integer) + 1", [3]),
    ("multipleBirth.is(integer)", [True]),
    ("active = true", [True]),
    ("active = 1", [False]),
    ("contact.type().name", ["BackboneElement"]),
    ("Patient.is(DomainResource)", [True]),
    ("birthDate.hasValue()", [True]),
    ("birthDate.extension('http://x').value", ["about"]),
    ("birthDate.hasExtension('http://x')", [True]),
    ("birthDate.extension.count()", [1]),
    ("birthDate.getValue()", ["1974-12"]),
    ("name.getValue()", []),
    ("'Patient'.type().namespace", ["System"]),
    # dates keep their precision
    ("birthDate < @1975", [True]),
    ("birthDate < @1974-12-10", []),
    ("birthDate = @1974-12", [True]),
    ("birthDate + 1 month = @1975-01", [True]),
    ("birthDate.lowBoundary()", ["1974-12-01"]),
    ("birthDate.highBoundary()", ["1974-12-31"]),
    ("birthDate.precision()", [6]),
    ("deceased > @2020-01-01T08:59:00Z", [True]),
    ("deceased = @2020-01-01T09:00:00Z", [True]),
    ("@2020-02-29 + 1 year", ["2021-02-28"]),
    ("@2020-03-31 - 1 month", ["2020-02-29"]),
    ("@2014 + 25 months", ["2016"]),
    ("@2014-01-01 - 36 hours", ["2013-12-31"]),
    ("@2014-01-01T00:00:00 - 1 second", ["2013-12-31T23:59:59"]),
    ("@9999-12-31 + 1 day", []),
    ("@0001-01-01 - 1 day", []),
    ("@T23:30 + 1 hour", ["00:30"]),
    ("@T00:10 - 20 minutes", ["23:50"]),
    ("'2014-02-30'.convertsToDate()", [False]),
    ("'24:00'.convertsToTime()", [False]),
    # references
    ("managingOrganization.resolve().name", ["Here"]),
    ("generalPractitioner.where(resolve() is Practitioner).reference", ["Practitioner/1"]),
    ("generalPractitioner[1].resolve() is Organization", [True]),
    ("generalPractitioner.getReferenceKey(Organization)", ["2"]),
    ("generalPractitioner.getReferenceKey()", ["1", "2"]),
    ("getResourceKey()", ["p"]),
    # terminology, narrative
    ("gender.memberOf('http://hl7.org/fhir/ValueSet/administrative-gender')", [True]),
    ("'it'.memberOf('http://hl7.org/fhir/ValueSet/administrative-gender')", [False]),
    ("'it'.memberOf('http://example.org/unknown')", []),
    ("text.`div`.htmlChecks()", [True]),
    ("'<div><script/></div>'.htmlChecks()", [False]),
    ("'<div onclick=\"x\">x</div>'.htmlChecks()", [False]),
    ("'<div> </div>'.htmlChecks()", [False]),
    ("'<p>x</p>'.htmlChecks()", [False]),
    # variables
    ("%resource.id", ["p"]),
    ("contact.where(gender = 'male').select(%context.id)", ["p"]),
    ("%`vs-x`", ["http://hl7.org/fhir/ValueSet/x"]),
    ("%vs-x | %ext-y", [
        "http://hl7.org/fhir/ValueSet/x",
        "http://hl7.org/fhir/StructureDefinition/y",
    ]),
    ("%loinc", ["http://loinc.org"]),
    # collections
    ("name.given.aggregate($total & $this, '')", ["ZinebRimZizi"]),
    ("name.select(given.first() & '-' & $index.toString())", ["Zineb-0", "Zizi-1"]),
    ("name.given.sort()", ["Rim", "Zineb", "Zizi"]),
    ("name.sort(-use).use", ["usual", "official"]),
    ("name.sort(family).use", ["usual", "official"]),
    ("name.repeat(given).count()", [3]),
    ("name[5]", []),
    ("name[-1]", []),
    ("iif(name.exists(), 'yes')", ["yes"]),
    ("iif(false, 'yes')", []),
    ("(true | false).allTrue()", [False]),
    ("(true | false).anyFalse()", [True]),
    ("{}.allTrue()", [True]),
    # strings
    ("'a.b'.replaceMatches('(.)[.](.)', '$2$1')", ["ba"]),
    ("'5/30'.replaceMatches('(?<m>[0-9]+)/(?<d>[0-9]+)', '${d}-${m}')", ["30-5"]),
    ("'ab'.replaceMatches('(?<=a)b', 'c')", ["ac"]),
    (r"'<x'.matches('\\(?<x')", [True]),
    ("'ab'.lastIndexOf('b')", [1]),
    ("'é'.encode('hex').decode('hex')", ["é"]),
    ("'x'.decode('base64')", []),
    ("'a'.encode('rot13')", []),
    ("'<a>'.escape('html').unescape('html')", ["<a>"]),
    ("'abc'.toChars().count()", [3]),
    ("'a,b'.split(',')", ["a", "b"]),
    (r"'\u00e9\n\''", ["é\n'"]),
    # numbers
    ("7 mod -2", [1]),
    ("-7 mod 2", [-1]),
    ("-7 div 2", [-3]),
    ("2.power(-1)", [Decimal("0.5")]),
    ("0.ln()", []),
    ("1.5.round()", [Decimal(2)]),
    ("100000.exp()", []),
    ("1 / 3 * 3 = 1", [False]),
    ("1 / 3 * 3 ~ 1", [True]),
    ("+5", [5]),
    ("'2147483648'.toInteger()", []),
    # quantities
    ("1 'g' + 1 'mg' = 1001 'mg'", [True]),
    ("1 'g' + 1 'm'", []),
    ("6 'm' / 2 's' = 3 'm/s'", [True]),
    ("1 'g' < 1 's'", []),
    ("1 'kg' = 1000 'g'", [True]),
    ("1 month = 30 days", []),
    ("12 months = 1 year", [True]),
    ("60 'min' = 1 hour", [True]),
    ("120 'mm[Hg]' > 15 'kPa'", [True]),
    ("1 '{tablets}' = 1 '{pills}'", [True]),
    ("37 'Cel' = 37 'K'", []),
    ("5 = 5 '1'", [True]),
    ("1000 'g'.toQuantity('kg')", [
        {"value": 1, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"}
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "expected"), ANSWERS)
def test_answer(expression: str, expected: list[Any]) -> None:
    assert compile(expression, "Patient")(PATIENT) == expected
    assert compile(expression)(PATIENT) == expected, "and without a type given"


PROBLEMS = [
    ("name.", "N2201"),
    ("name where", "N2201"),
    ("'open", "N2201"),
    (r"'\q'", "N2201"),
    ("@2014-13", "N2201"),
    ("@T25", "N2201"),
    ("name.nothing()", "N2203"),
    ("name.nothing", "N2204"),
    ("contact.name.nothing", "N2204"),
    ("deceasedDateTime", "N2204"),
    ("name.where()", "N2205"),
    ("name.is(1)", "N2205"),
    ("name is Nothing", "N2206"),
    ("name.ofType(FHIR.Nothing)", "N2206"),
    ("Encounter.status", "N2207"),
    ("Encounter.status | Observation.status", "N2207"),
    ("name.startsWith('a')", "N2208"),
    ("birthDate + 1", "N2208"),
    ("iif('a', 1)", "N2208"),
    ("children().first()", "N2208"),
    ("name.given + 'a'", "N2210"),
    ("name.single()", "N2210"),
    ("name.where(given)", "N2210"),
    ("gender > 1", "N2211"),
    ("name.first() < name.last()", "N2211"),
    ("@2014 < @T10", "N2211"),
    ("'a' - 'b'", "N2211"),
    ("birthDate + 1 'mo'", "N2211"),
    ("%nothing", "N2212"),
    ("'aaa'.matches('(a+)+$')", "N2213"),
    ("'a'.matches('(')", "N2213"),
    ("conformsTo('http://example.org/x')", "N2214"),
]


@pytest.mark.parametrize(("expression", "code"), PROBLEMS)
def test_problem(expression: str, code: str) -> None:
    with pytest.raises(Problem) as failed:
        compile(expression, "Patient")(PATIENT)
    issue = failed.value.issues[0]
    assert issue.code == code
    for language in ("en", "fr", "ar"):
        assert issue.text(language)
        assert issue.hint(language)
        assert "Alami" not in issue.text(language)


def test_branches_of_other_types_are_let_pass_in_a_union() -> None:
    assert compile("Encounter.status | Patient.gender", "Patient")(PATIENT) == ["female"]


def test_a_problem_names_the_character() -> None:
    with pytest.raises(Problem) as failed:
        parse("name.given[")
    assert failed.value.issues[0].params["at"] == 12


def test_modifier_extensions_must_be_known() -> None:
    resource = {"resourceType": "Patient", "modifierExtension": [{"url": "http://x"}]}
    assert compile("checkModifiers('http://x').exists()", "Patient")(resource) == [True]
    with pytest.raises(Problem) as failed:
        compile("checkModifiers('http://y')", "Patient")(resource)
    assert failed.value.issues[0].code == "N2216"


def test_extensions_without_a_value_are_items_but_no_values() -> None:
    name = {"given": ["A", None], "_given": [None, {"id": "x"}]}
    resource = {"resourceType": "Patient", "name": [name]}
    path = compile("name.given", "Patient")
    assert path(resource) == ["A"]
    assert len(path.nodes(resource)) == 2
    assert compile("name.given.count()", "Patient")(resource) == [2]
    assert compile("name.given.select(hasValue())", "Patient")(resource) == [True, False]


def test_nodes_know_their_types() -> None:
    found = compile("name.given | 1 | birthDate", "Patient").nodes(PATIENT)
    assert {type_of(item) for item in found} == {
        ("FHIR", "string"),
        ("System", "Integer"),
        ("FHIR", "date"),
    }


def test_elements_are_evaluated_by_their_type() -> None:
    assert compile("given.first()", "HumanName")(PATIENT["name"][0]) == ["Zineb"]
    assert compile("$this > @1974", "date").nodes(Node("1975-01-01", "date")) == [True]


def test_rules_are_true_or_not() -> None:
    assert compile("name.exists()", "Patient").true(PATIENT)
    assert not compile("photo.exists()", "Patient").true(PATIENT)
    assert not compile("photo.first().size > 1", "Patient").true(PATIENT)
    variables = {"resource": PATIENT}
    assert compile("%resource.id = 'p' and family = 'Alami'", "HumanName").true(
        PATIENT["name"][0], variables
    )


def test_bundles_resolve_their_own_entries() -> None:
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Patient", "id": "1"}},
            {
                "fullUrl": "http://x/Observation/2",
                "resource": {"resourceType": "Observation", "subject": {"reference": "urn:uuid:1"}},
            },
        ],
    }
    path = compile("entry.resource.ofType(Observation).subject.resolve().id", "Bundle")
    assert path(bundle) == ["1"]


def test_a_resolver_finds_what_is_elsewhere() -> None:
    def resolver(reference: str) -> dict[str, Any] | None:
        found = {"resourceType": "Practitioner", "id": "1", "gender": "male"}
        return found if reference == "Practitioner/1" else None

    path = compile("generalPractitioner.resolve().gender", "Patient")
    assert path(PATIENT, resolver=resolver) == ["male"]
    assert path(PATIENT) == []


def test_variables_may_be_objects_and_lists() -> None:
    path = compile("%a.where(id = 'x').name | %b")
    organization = {"resourceType": "Organization", "id": "x", "name": "N"}
    assert path({}, {"a": organization, "b": [1, 2]}) == ["N", 1, 2]


@pytest.mark.parametrize(
    "code",
    ["mg/dL", "10*3/uL", "/min", "kg.m2", "mmol/L{plasma}", "{score}", "[in_i]", "m/s2", "1"],
)
def test_units_of_health_data_are_known(code: str) -> None:
    assert unit(code) is not None


@pytest.mark.parametrize("code", ["", "xyz", "mg//L", "mg..L", "k", "m9999", "a" * 200, "0"])
def test_what_is_no_unit_is_none(code: str) -> None:
    assert unit(code) is None
