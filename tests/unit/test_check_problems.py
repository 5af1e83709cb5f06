"""What a refused resource is told: every problem, its place, expected before actual."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from typing import Any

import pytest

from nabd.errors import Problem, catalogue
from nabd.fhir import json
from nabd.fhir.check import check, check_value
from nabd.fhir.check.forms import ELSEWHERE, FORMS

PATIENT = {"resourceType": "Patient", "id": "a", "birthDate": "1970-02-28"}
REASON = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason"}
REASON |= {"valueCode": "unknown"}
STAMPED = {"versionId": "1"}
DIV = '<div xmlns="http://www.w3.org/1999/xhtml">{}</div>'


def found(value: Any) -> list[tuple[str, str]]:
    """Codes and places of the problems of a value or a text."""
    try:
        check(value if isinstance(value, bytes) else json.encode(value))
    except Problem as problem:
        assert all(i.text(language) for i in problem.issues for language in ("en", "fr", "ar"))
        assert all(i.hint(language) for i in problem.issues for language in ("en", "fr", "ar"))
        return [(i.code, i.path) for i in problem.issues]
    return []


def narrative(div: str) -> dict[str, Any]:
    return {"text": {"status": "generated", "div": div}}


CASES: list[tuple[dict[str, Any], tuple[str, str]]] = [
    ({"nme": 1}, ("N2010", "nme")),
    ({"active": "true"}, ("N2014", "active")),
    ({"birthDate": "1970-02-30"}, ("N2016", "birthDate")),
    ({"birthDate": "30/02/1970"}, ("N2016", "birthDate")),
    ({"birthDate": None}, ("N2018", "birthDate")),
    ({"gender": "femme"}, ("N2101", "gender")),
    ({"_gender": {"extension": [REASON]}}, ("N2101", "gender")),
    ({"name": {"text": "a"}}, ("N2012", "name")),
    ({"name": []}, ("N2005", "name")),
    ({"name": [{}]}, ("N2005", "name[0]")),
    ({"name": [{"id": "x"}]}, ("N2005", "name[0]")),
    ({"name": [{"given": ["a", None]}]}, ("N2018", "name[0].given[1]")),
    ({"name": [{"given": ["a"], "_given": [None, {"id": "b"}]}]}, ("N2019", "name[0].given")),
    ({"name": [{"family": ["a"]}]}, ("N2014", "name[0].family")),
    ({"maritalStatus": [{"text": "a"}]}, ("N2013", "maritalStatus")),
    ({"name": [{"text": "a\u0007"}]}, ("N2020", "name[0].text")),
    ({"multipleBirthInteger": 2**31}, ("N2021", "multipleBirth.ofType(integer)")),
    ({"multipleBirthInteger": Decimal("1.0")}, ("N2014", "multipleBirth.ofType(integer)")),
    ({"deceasedBoolean": True, "deceasedDateTime": "2020"}, ("N2017", "deceased")),
    (
        {"deceasedBoolean": True, "_deceasedDateTime": {"extension": [REASON]}},
        ("N2017", "deceased"),
    ),
    ({"communication": [{"preferred": True}]}, ("N2011", "communication[0]")),
    ({"contact": [{"gender": "male"}]}, ("N2103", "contact[0]")),
    ({"identifier": [{"system": "local", "value": "1"}]}, ("N2107", "identifier[0].system")),
    ({"managingOrganization": {"reference": "#o"}}, ("N2103", "managingOrganization")),
    ({"managingOrganization": {"reference": "4"}}, ("N2125", "managingOrganization.reference")),
    (
        {"contained": [{"resourceType": "Basic", "id": "b", "code": {"text": "a"}}]},
        ("N2103", "contained[0]"),
    ),
    ({"contained": [{"resourceType": "Wrong"}]}, ("N2006", "contained[0]")),
    (
        {
            "contained": [
                {"resourceType": "Organization", "id": "o", "name": "a", "meta": STAMPED}
            ],
            "managingOrganization": {"reference": "#o"},
        },
        ("N2103", "contained[0]"),
    ),
    (
        {"meta": {"profile": ["http://hl7.org/fhir/Questionnaire/x"]}},
        ("N2115", "meta.profile[0]"),
    ),
    (narrative(DIV.format("a<script/>")), ("N2112", "text.div")),
    (narrative(DIV.format("<p onclick='x'>a</p>")), ("N2113", "text.div")),
    (narrative(DIV.format("<a href='javascript:x'>a</a>")), ("N2113", "text.div")),
    (narrative(DIV.format("<p>a")), ("N2110", "text.div")),
    (narrative("<p>a</p>"), ("N2111", "text.div")),
    (narrative(DIV.format(" ")), ("N2114", "text.div")),
    (
        {"photo": [{"contentType": "image/png", "data": "aGVsbG8=", "size": 4}]},
        ("N2106", "photo[0]"),
    ),
    ({"photo": [{"contentType": "image/png", "data": "aGVsb"}]}, ("N2016", "photo[0].data")),
    (narrative(DIV.format("<a href='#x'>a</a>")), ("N2133", "text.div")),
    (
        {"managingOrganization": {"reference": "Practitioner/1"}},
        ("N2126", "managingOrganization"),
    ),
    (
        {"managingOrganization": {"reference": "http://a.org/fhir/Patient/1/_history/2"}},
        ("N2126", "managingOrganization"),
    ),
    (
        {"managingOrganization": {"reference": "Organization/1", "type": "Patient"}},
        ("N2126", "managingOrganization"),
    ),
    ({"managingOrganization": {"type": "Patient"}}, ("N2126", "managingOrganization")),
    ({"managingOrganization": {"reference": "Org/1"}}, ("N2125", "managingOrganization.reference")),
    (
        {"name": [{"id": "n", "text": "a"}, {"id": "n", "text": "b"}]},
        ("N2132", "name[1]"),
    ),
    (
        {
            "contained": [{"resourceType": "Organization", "id": "o", "name": n} for n in "ab"],
            "managingOrganization": {"reference": "#o"},
        },
        ("N2132", "contained"),
    ),
    ({"meta": {"profile": ["StructureDefinition/a"]}}, ("N2107", "meta.profile[0]")),
    ({"extension": [{"url": "a", "valueString": "b"}]}, ("N2107", "extension[0].url")),
    ({"extension": [{"url": "http://a.org/b|1", "valueId": "b"}]}, ("N2016", "extension[0].url")),
    ({"identifier": [{"system": "urn:oid:a", "value": "1"}]}, ("N2016", "identifier[0].system")),
    ({"identifier": [{"system": "urn:uuid:a", "value": "1"}]}, ("N2016", "identifier[0].system")),
    (
        {
            "maritalStatus": {
                "coding": [{"system": "http://hl7.org/fhir/ValueSet/marital-status", "code": "M"}]
            }
        },
        ("N2131", "maritalStatus.coding[0].system"),
    ),
]


@pytest.mark.parametrize(("change", "expected"), CASES)
def test_one_problem_is_named_with_its_place(
    change: dict[str, Any], expected: tuple[str, str]
) -> None:
    code, place = expected
    assert found(PATIENT | change) == [(code, f"Patient.{place}".rstrip("."))]


def test_what_is_unusual_and_right_is_accepted() -> None:
    link = "<p id='x'>a</p><a href='#x'>a</a><a href='#n'>b</a>"
    race = {"url": "race", "valueString": "a"}
    value = narrative(DIV.format(link)) | {
        "name": [{"id": "n", "text": "a"}],
        "managingOrganization": {
            "reference": "http://a.org/Organization/1",
            "type": "Organization",
        },
        "generalPractitioner": [{"reference": "urn:uuid:x"}, {"type": "PractitionerRole"}],
        "extension": [{"url": "http://a.org/b", "extension": [race]}],
    }
    assert found(PATIENT | value) == []


def test_all_problems_are_listed_at_once() -> None:
    value = PATIENT | {"gender": "x", "nme": 1, "name": [{"family": 5}], "birthDate": "?"}
    assert {code for code, _ in found(value)} == {"N2101", "N2010", "N2014", "N2016"}


def test_places_in_bundles_are_paths_from_the_bundle() -> None:
    entry = {"resource": PATIENT | {"gender": "x"}, "request": {"method": "POST", "url": "Patient"}}
    value = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    assert found(value) == [("N2101", "Bundle.entry[0].resource.gender")]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "N2001"),
        (b'{"resourceType":"Patient"', "N2001"),
        (b'{"resourceType":"Patient","a":NaN}', "N2001"),
        (b'{"resourceType":"Patient","id":"\xff"}', "N2001"),
        (b'{"resourceType":"Patient","id":"\\ud800"}', "N2001"),
        (b'{"resourceType":"Patient"} {}', "N2001"),
        (b"[" * 100_000, "N2002"),
        (b'{"a":' * 150 + b"1" + b"}" * 150, "N2002"),
        (b'{"resourceType":"Patient","a":1e400}', "N2003"),
        (b'{"resourceType":"Patient","a":0.' + b"1" * 500 + b"}", "N2003"),
        (b"[]", "N2004"),
        (b"1", "N2004"),
        (b"{}", "N2006"),
        (b'{"resourceType":"DomainResource"}', "N2006"),
        (b'{"resourceType":["Patient"]}', "N2006"),
        (b'{"resourceType":"Patient","id":"a","id":"b"}', "N2008"),
        (b'{"resourceType":"Patient","name":[{"family":"a","family":"a"}]}', "N2008"),
    ],
)
def test_what_is_no_resource_is_refused(raw: bytes, code: str) -> None:
    assert [c for c, _ in found(raw)] == [code]


def test_a_byte_order_mark_and_white_space_do_no_harm() -> None:
    assert check(b'\xef\xbb\xbf {"resourceType" : "Patient", "id": "a"}')["id"] == "a"


def test_digits_survive() -> None:
    raw = b'{"resourceType":"Observation","status":"final","code":{"text":"a"},"valueQuantity":'
    raw += b'{"value":1.500}}'
    assert json.encode(check(raw)) == raw


def test_another_type_than_the_one_asked_for_is_refused() -> None:
    with pytest.raises(Problem) as caught:
        check(json.encode(PATIENT), "Observation")
    assert [i.code for i in caught.value.issues] == ["N2007"]
    assert check(json.encode(PATIENT), "Patient") == PATIENT


def test_escaped_keys_that_repeat_are_seen_too() -> None:
    assert [c for c, _ in found(b'{"resourceType":"Patient","id":"a","i\\u0064":"b"}')] == ["N2008"]


def test_companions_of_primitives_are_elements() -> None:
    assert found({"resourceType": "Patient", "_birthDate": {"extension": [REASON]}}) == []
    given = {"given": ["a", None], "_given": [None, {"extension": [REASON]}]}
    assert found({"resourceType": "Patient", "name": [given]}) == []


def test_a_value_in_memory_may_hold_no_infinity() -> None:
    with pytest.raises(Problem):
        check_value(PATIENT | {"multipleBirthInteger": Decimal("Infinity")})


def test_hostile_texts_take_no_longer_than_others() -> None:
    """Each of these would take ages with a careless expression or loop."""
    blank = " " * 200_000
    bomb = "<!DOCTYPE a [" + "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 20}">' for n in range(9))
    assert found(PATIENT | narrative(DIV.format(blank + "<p")))
    assert found(PATIENT | narrative(DIV.format(blank)))
    assert found(PATIENT | narrative(f"{bomb}]>{DIV.format('&e9;')}"))
    assert found(PATIENT | {"photo": [{"contentType": "a/b" + "; " * 100_000}]})
    assert found(PATIENT | {"photo": [{"contentType": "a/b", "data": "abcd" * 100_000 + "="}]})
    assert found(PATIENT | {"language": "a b" * 100_000 + " "})
    assert found(PATIENT | {"birthDate": "2" * 1_000_000})
    keys = b",".join(b'"k%d":1' % (n // 2) for n in range(100_000))
    assert found(b'{"resourceType":"Patient",' + keys + b"}")
    links = [{"relation": "self", "url": "urn:a"}] * 20_000
    assert found({"resourceType": "Bundle", "type": "collection", "link": links})


def test_a_large_bundle_is_judged_entry_by_entry() -> None:
    entry = {"resource": PATIENT, "request": {"method": "POST", "url": "Patient"}}
    value = {"resourceType": "Bundle", "type": "transaction", "entry": [entry] * 10_000}
    assert found(value) == []
    value["entry"] = [*value["entry"], entry | {"resource": PATIENT | {"gender": "x"}}]
    assert found(value) == [("N2101", "Bundle.entry[10000].resource.gender")]


def test_links_in_a_bundle_stay_within_their_entry() -> None:
    link = {"managingOrganization": {"reference": "#o"}}
    organization = {"resourceType": "Organization", "id": "o", "name": "a"}
    sound = PATIENT | link | {"contained": [organization]}
    value = {"resourceType": "Bundle", "type": "collection"}
    urls = ({"fullUrl": f"urn:uuid:53fefa32-fcbb-4ff8-8a92-55ee120877b{n}"} for n in range(9))
    assert found(value | {"entry": [next(urls) | {"resource": sound}]}) == []
    entries = [next(urls) | {"resource": r} for r in (sound, PATIENT | link)]
    place = "Bundle.entry[1].resource.managingOrganization"
    assert found(value | {"entry": entries}) == [("N2103", place)]


def test_links_of_a_binary_lead_somewhere_too() -> None:
    value = {"resourceType": "Binary", "contentType": "text/plain"}
    value["securityContext"] = {"reference": "#nowhere"}
    assert found(value) == [("N2103", "Binary.securityContext")]


def test_what_was_found_right_once_is_right_only_where_it_was() -> None:
    """Codes, dates and references are remembered; their like elsewhere is looked at anew."""
    system = "http://hl7.org/fhir/administrative-gender"
    known = {"coding": [{"system": system, "code": "male"}]}
    assert found(PATIENT | {"maritalStatus": known}) == []
    for coding in ({"system": system, "code": "no"}, {"system": "M", "code": "male"}, {}):
        assert found(PATIENT | {"maritalStatus": {"coding": [coding]}}) != []
    assert found(PATIENT | {"deceasedDateTime": "2024-02"}) == []
    assert found(PATIENT | {"meta": {"lastUpdated": "2024-02"}}) != []
    assert found(PATIENT | {"identifier": [{"system": "Patient/1"}]}) != []


def test_a_key_that_is_no_name_is_not_quoted() -> None:
    assert found(PATIENT | {"0612345678 Aïcha": 1}) == [("N2010", "Patient.?")]


def test_problems_never_quote_the_content() -> None:
    secret = "Aïcha-0612345678"
    for change in ({"gender": secret}, {"birthDate": secret}, {"name": [{"use": secret}]}):
        with pytest.raises(Problem) as caught:
            check(json.encode(PATIENT | change))
        assert secret not in str(caught.value)


def test_every_fast_form_is_of_an_invariant_that_exists() -> None:
    from nabd.fhir import definitions

    for type_name, forms in FORMS.items():
        elements = definitions.elements(type_name).values()
        own = {i.key for i in definitions.invariants(type_name)}
        own |= {i.key for e in elements for i in e.invariants}
        assert forms.keys() <= own
        assert not forms.keys() & ELSEWHERE


def test_sound_resources_do_not_load_fhirpath() -> None:
    code = "import sys; from nabd.fhir.check import check; "
    code += 'check(b\'{"resourceType":"Patient","id":"a"}\'); '
    code += "print('nabd.fhir.fhirpath' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "False"


def test_the_texts_of_the_three_languages_have_the_same_placeholders() -> None:
    import re

    for code, entry in catalogue().items():
        if code.startswith(("N20", "N21")):
            names = [set(re.findall(r"{(\w+)}", t)) for t in (entry.en, entry.fr, entry.ar)]
            assert names[0] == names[1] == names[2], code
