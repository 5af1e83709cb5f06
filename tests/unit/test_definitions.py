"""The definitions of R4 as the rest of the house reads them, and the tool that writes them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from nabd.fhir import definitions as r4
from nabd.fhir.definitions import hierarchy
from nabd.fhir.definitions.data import lines

ROOT = Path(__file__).parents[2]


def test_there_are_146_resource_types_with_stable_numbers() -> None:
    kinds = {n: json.loads(bytes(raw)) for n, raw in lines("structure").items()}
    types = sorted(n for n, t in kinds.items() if t["kind"] == "resource" and "abstract" not in t)
    assert list(r4.RESOURCE_TYPES) == types
    assert len(types) == 146
    assert r4.TYPE_NUMBER["Account"] == 1
    assert all(r4.TYPE_NAME[number] == name for name, number in r4.TYPE_NUMBER.items())


def test_elements_have_their_json_names_in_the_order_of_the_standard() -> None:
    names = list(r4.elements("Patient"))
    assert names[:4] == ["id", "meta", "implicitRules", "language"]
    assert "deceasedBoolean" in names
    assert "deceased[x]" not in names


@pytest.mark.parametrize(
    ("owner", "name", "expected"),
    [
        ("Patient", "gender", {"type": "code", "array": False, "required": False}),
        ("Patient", "contact", {"type": "Patient.contact", "array": True}),
        ("Patient", "id", {"type": "id", "path": "Resource.id"}),
        ("Observation", "status", {"required": True, "summary": True, "modifier": True}),
        ("Observation", "valueQuantity", {"choice": "value", "path": "Observation.value[x]"}),
        ("Observation.component", "referenceRange", {"type": "Observation.referenceRange"}),
        ("Observation.referenceRange", "low", {"type": "Quantity", "profile": "SimpleQuantity"}),
        ("MedicationRequest", "medicationReference", {"required": True, "choice": "medication"}),
        ("Bundle.entry", "resource", {"type": "Resource"}),
        ("Timing.repeat", "boundsPeriod", {"type": "Period", "choice": "bounds"}),
        ("Encounter", "serviceProvider", {"targets": ("Organization",)}),
    ],
)
def test_an_element_says(owner: str, name: str, expected: dict[str, object]) -> None:
    element = r4.elements(owner)[name]
    assert {key: getattr(element, key) for key in expected} == expected


def test_every_type_of_every_element_is_a_type() -> None:
    for type_name in lines("structure"):
        for element in r4.elements(type_name).values():
            assert r4.is_type(element.type), (type_name, element)
            assert (
                element.binding == ""
                or r4.value_set(element.binding)
                or "loinc" in (element.binding)
            )


def test_types_know_what_they_specialise() -> None:
    assert r4.lineage("Age") == ("Age", "Quantity", "Element")
    assert r4.lineage("Patient") == ("Patient", "DomainResource", "Resource")
    assert r4.lineage("Patient.contact") == ("Patient.contact", "BackboneElement", "Element")
    assert r4.is_primitive("code")
    assert not r4.is_primitive("Coding")
    assert r4.is_abstract("DomainResource")
    assert r4.is_backbone("Patient.contact")


def test_invariants_come_with_those_of_the_parents() -> None:
    assert [i.key for i in r4.invariants("Patient.contact")] == ["ele-1", "pat-1"]
    assert {"dom-2", "dom-3", "obs-6"} <= {i.key for i in r4.invariants("Observation")}
    assert "qty-3" in {i.key for i in r4.invariants("Duration")}
    only_here = r4.elements("Organization")["telecom"].invariants
    assert [i.key for i in only_here] == ["org-3"]


def test_search_parameters_are_narrowed_to_the_type() -> None:
    found = r4.search_parameters("Patient")
    assert found["phone"].expression == "Patient.telecom.where(system='phone')"
    assert found["_id"].type == "token"
    assert found["general-practitioner"].targets == (
        "Organization",
        "Practitioner",
        "PractitionerRole",
    )
    composite = r4.search_parameters("Observation")["code-value-quantity"]
    assert [(c.code, c.type) for c in composite.components] == [
        ("code", "token"),
        ("value-quantity", "quantity"),
    ]


def test_no_parameter_speaks_of_another_type() -> None:
    for type_name in r4.RESOURCE_TYPES:
        allowed = {type_name, "Resource", "DomainResource"}
        for parameter in r4.search_parameters(type_name).values():
            starts = {b.strip(" (").split(".")[0] for b in parameter.expression.split(" | ")}
            assert {s for s in starts if s[:1].isupper()} <= allowed, (type_name, parameter)


def test_compartments_name_the_parameters_that_lead_into_them() -> None:
    patient = r4.compartment("Patient")
    assert patient["Observation"] == ("subject", "performer")
    assert "Organization" not in patient


def test_value_sets_know_their_codes() -> None:
    gender = r4.value_set("http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1")
    assert gender is not None
    assert gender.codes == {"female", "male", "other", "unknown"}
    assert gender.contains("http://hl7.org/fhir/administrative-gender", "female")
    assert not gender.contains("http://example.org", "female")
    assert r4.value_set("http://example.org/unknown") is None


@pytest.mark.parametrize(
    ("value_set", "code", "known"),
    [
        ("mimetypes", "text/plain", True),
        ("mimetypes", "application/fhir+json; fhirVersion=4.0", True),
        ("mimetypes", "no type", False),
        ("all-languages", "ar-MA", True),
        ("all-languages", "not_a_tag", False),
        ("ucum-units", "mm[Hg]", True),
        ("ucum-units", "a b", False),
    ],
)
def test_grammars_of_other_standards_are_rules(value_set: str, code: str, known: bool) -> None:
    found = r4.value_set(f"http://hl7.org/fhir/ValueSet/{value_set}")
    assert found is not None
    assert found.has(code) is known


def test_only_r4s_own_code_systems_are_closed() -> None:
    assert "female" in (r4.code_system("http://hl7.org/fhir/administrative-gender") or ())
    assert r4.code_system("http://terminology.hl7.org/CodeSystem/v3-ActCode") is None


def test_importing_reads_no_file() -> None:
    code = "import nabd.fhir.definitions as d; from nabd.fhir.definitions.data import lines; "
    code += "print(lines.cache_info().currsize)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "0"


# --------------------------------------------------------------------------------- the tool


def package(folder: Path, **resources: dict[str, object]) -> Path:
    folder.mkdir()
    for name, resource in resources.items():
        (folder / f"{name.replace('_', '-')}.json").write_text(json.dumps(resource))
    return folder


def definition(name: str, *elements: dict[str, object]) -> dict[str, object]:
    root = {"path": name, "base": {"path": name}, "min": 0, "max": "*"}
    return {
        "resourceType": "StructureDefinition",
        "id": name,
        "name": name,
        "url": f"http://hl7.org/fhir/StructureDefinition/{name}",
        "kind": "resource",
        "abstract": False,
        "derivation": "specialization",
        "snapshot": {"element": [root, *elements]},
    }


def test_the_tool_writes_the_same_bytes_for_the_same_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    import definitions as tool  # type: ignore[import-not-found]

    monkeypatch.setattr(tool, "OUT", tmp_path)
    note = {"path": "A.note", "base": {"path": "A.note"}, "min": 1, "max": "1"}
    examples = package(
        tmp_path / "examples",
        StructureDefinition_A=definition("A", note | {"type": [{"code": "string"}]}),
        SearchParameter_x={
            "id": "x",
            "url": "http://hl7.org/fhir/SearchParameter/x",
            "code": "note",
            "base": ["A"],
            "type": "string",
            "expression": "A.note | B.note",
        },
    )
    expansions = package(tmp_path / "expansions")
    tool.main(str(examples), str(expansions))
    first = {p.name: p.read_bytes() for p in tmp_path.glob("*.json")}
    tool.main(str(examples), str(expansions))
    assert first == {p.name: p.read_bytes() for p in tmp_path.glob("*.json")}
    written = json.loads(first["structure.json"])["A"]["elements"]
    assert written == [{"path": "A.note", "types": [{"type": "string"}], "required": True}]


@pytest.mark.parametrize("system", hierarchy.hierarchies())
def test_above_is_the_inverse_of_below(system: str) -> None:
    below, above = hierarchy.below(system), hierarchy.above(system)
    assert below.keys() == above.keys()
    down = {(over, code) for over, under in below.items() for code in under}
    assert down == {(over, code) for code, overs in above.items() for over in overs}
    assert all(code in hierarchy.reached(above, code) for code in above)
