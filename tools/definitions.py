"""Write the R4 definitions that ``nabd.fhir.definitions`` reads.

Usage: ``python tools/definitions.py EXAMPLES_PACKAGE EXPANSIONS_PACKAGE``

The packages are the official ``hl7.fhir.r4.examples`` and ``hl7.fhir.r4.expansions`` (CC0-1.0),
as ``.tgz`` or unpacked.  The output is JSON with one definition a line and sorted keys: the same
input gives the same bytes, and a change of a definition is one line of a diff.
"""

from __future__ import annotations

import json
import re
import sys
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

Json = dict[str, Any]
OUT = Path(__file__).parents[1] / "src" / "nabd" / "fhir" / "definitions"
CANONICAL = "http://hl7.org/fhir/StructureDefinition/"
FHIR_TYPE = CANONICAL + "structuredefinition-fhir-type"
# Constraints of datatypes that the base specification uses as if they were types of their own.
PROFILED_TYPES = {"SimpleQuantity", "MoneyQuantity"}


def files(package: Path) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of each JSON file of a package, in no order."""
    if package.is_dir():
        for path in package.rglob("*.json"):
            yield path.name, path.read_bytes()
        return
    with tarfile.open(package) as archive:
        for member in archive:
            if member.name.endswith(".json") and (file := archive.extractfile(member)):
                yield Path(member.name).name, file.read()


def resources(package: Path, *types: str) -> list[Json]:
    """Read the resources of the given types, ordered by url and id."""
    found = [
        json.loads(content)
        for name, content in files(package)
        if name.startswith(tuple(f"{t}-" for t in types))
    ]
    return sorted(found, key=lambda r: (r.get("url", ""), r["id"]))


# ------------------------------------------------------------------------------- structure


def is_a_type(definition: Json) -> bool:
    """Tell the types of R4 from profiles, extensions and logical patterns."""
    if definition["kind"] == "logical":
        return False
    return definition.get("derivation") != "constraint" or definition["name"] in PROFILED_TYPES


def structures(definitions: Iterable[Json]) -> dict[str, Json]:
    """Describe each type, and each backbone by its path."""
    known = {d["name"]: d for d in definitions if is_a_type(d)}
    types: dict[str, Json] = {}
    for name, definition in known.items():
        types |= structure(name, definition, type_invariants(known))
    return types


def type_invariants(known: dict[str, Json]) -> dict[str, set[str]]:
    """Name the invariants that each type has wherever it is used."""
    return {n: {c["key"] for c in root(d).get("constraint", [])} for n, d in known.items()}


def root(definition: Json) -> Json:
    """Return the element definition that stands for the type itself."""
    found: Json = definition["snapshot"]["element"][0]
    return found


def structure(name: str, definition: Json, of_types: dict[str, set[str]]) -> dict[str, Json]:
    """Describe one StructureDefinition: the type itself and its backbones."""
    base = str(definition.get("baseDefinition", "")).removeprefix(CANONICAL)
    kind = definition["kind"].removesuffix("-type")
    inherited = of_types.get(base, set())
    types = {name: {"kind": kind, "parent": base, **own_invariants(root(definition), inherited)}}
    if definition["abstract"]:
        types[name]["abstract"] = True
    for element in definition["snapshot"]["element"][1:] if kind != "primitive" else []:
        if not element["path"].startswith(f"{name}.") or is_inherited(element):
            continue
        owner, _, _ = element["path"].rpartition(".")
        types[owner].setdefault("elements", []).append(described(element, of_types))
        if is_backbone(element):
            parent = element["type"][0]["code"]
            types[element["path"]] = {
                "kind": "backbone",
                "parent": parent,
                **own_invariants(element, of_types[parent]),
            }
    return types


def is_inherited(element: Json) -> bool:
    """Tell whether the element belongs to the parent, or is forbidden."""
    return bool(element["base"]["path"] != element["path"] or element["max"] == "0")


def is_backbone(element: Json) -> bool:
    """Tell whether the element defines its content in place."""
    codes = [t["code"] for t in element.get("type", [])]
    return codes in (["BackboneElement"], ["Element"])


def described(element: Json, of_types: dict[str, set[str]]) -> Json:
    """Keep of an element definition what the product uses."""
    out: Json = {"path": element["path"], "types": element_types(element)}
    if element["max"] != "1":
        out["array"] = True
    if element["min"] > 0:
        out["required"] = True
    if element.get("isSummary"):
        out["summary"] = True
    if element.get("isModifier"):
        out["modifier"] = True
    binding = element.get("binding", {})
    if binding.get("strength") == "required":
        out["binding"] = binding["valueSet"]
    if not is_backbone(element):
        of_type = {"ele-1"}.union(*(of_types.get(t["type"], ()) for t in out["types"]))
        out |= own_invariants(element, of_type)
    return out


def element_types(element: Json) -> list[Json]:
    """List the types an element may have; a content reference points to a backbone."""
    if "contentReference" in element:
        return [{"type": element["contentReference"].removeprefix("#")}]
    if is_backbone(element):
        return [{"type": element["path"]}]
    return [element_type(element["path"], t) for t in element["type"]]


def element_type(path: str, definition: Json) -> Json:
    """Describe one type of an element, with its profile and targets."""
    urls = {e["url"]: e for e in definition.get("extension", [])}
    code = urls[FHIR_TYPE]["valueUrl"] if FHIR_TYPE in urls else definition["code"]
    # https://hl7.org/fhir/R4/resource.html: "id: Σ 0..1 id"; the package says string.
    out: Json = {"type": "id" if path == "Resource.id" else code}
    profiles = [p.removeprefix(CANONICAL) for p in definition.get("profile", [])]
    if profiles and profiles[0] in PROFILED_TYPES:
        out["profile"] = profiles[0]
    targets = [t.removeprefix(CANONICAL) for t in definition.get("targetProfile", [])]
    if targets:
        out["targets"] = sorted(targets)
    return out


def own_invariants(element: Json, inherited: set[str]) -> Json:
    """Keep the invariants that the type of the element does not have anyway."""
    kept = [c for c in element.get("constraint", []) if c["key"] not in inherited]
    invariants = [
        {k: c[k] for k in ("key", "severity", "human", "expression") if k in c} for c in kept
    ]
    return {"invariants": invariants} if invariants else {}


# ---------------------------------------------------------------------------------- search


def search_parameters(definitions: list[Json], types: dict[str, Json]) -> dict[str, Json]:
    """Group the official parameters by the base that declares them."""
    official = [p for p in definitions if is_official(p)]
    by_url = {p["url"]: p for p in official}
    bases: dict[str, Json] = {}
    for parameter in official:
        for base in parameter["base"]:
            row = search_parameter(parameter, base, by_url, types)
            if row is not None:
                bases.setdefault(base, {})[parameter["code"]] = row
    return {base: dict(sorted(codes.items())) for base, codes in bases.items()}


def is_official(parameter: Json) -> bool:
    """Leave out the illustrations of the resource type SearchParameter and the baseless ones."""
    return bool(parameter.get("base")) and not parameter["id"].startswith("example")


def search_parameter(
    parameter: Json, base: str, by_url: dict[str, Json], types: dict[str, Json]
) -> Json | None:
    """Describe a parameter as it is for one base; None when it says nothing about it."""
    expression = narrowed(parameter.get("expression", ""), base, types)
    if not expression and base not in ("Resource", "DomainResource"):
        return None
    out: Json = {"type": parameter["type"], "expression": expression, "url": parameter["url"]}
    if targets := parameter.get("target"):
        out["targets"] = sorted(targets)
    if components := parameter.get("component"):
        out["components"] = [component(c, by_url) for c in components]
    return out


def component(part: Json, by_url: dict[str, Json]) -> Json:
    """Describe one part of a composite; its type is that of the parameter it names."""
    definition = by_url[part["definition"]]
    out = {k: definition[k] for k in ("code", "type")} | {"expression": part["expression"]}
    return out | {"targets": sorted(definition["target"])} if "target" in definition else out


def narrowed(expression: str, base: str, types: dict[str, Json]) -> str:
    """Keep the branches of an expression that start at ``base``."""
    branches = [b.strip() for b in re.split(r"\|(?![^(]*\))", expression)]
    return " | ".join(b for b in branches if starts_at(b, base, types))


def starts_at(branch: str, base: str, types: dict[str, Json]) -> bool:
    """Tell whether a branch is about ``base``; one without a type is about any."""
    first = re.match(r"[(\s]*([A-Za-z]+)", branch)
    return first is None or first[1] not in types or first[1] == base


def compartments(definitions: list[Json]) -> dict[str, Json]:
    """Map each compartment to the parameters that put a resource into it."""
    return {
        c["code"]: {r["code"]: r["param"] for r in c["resource"] if r.get("param")}
        for c in definitions
        if c["id"] != "example"
    }


# ----------------------------------------------------------------------------- terminology


def value_sets(types: dict[str, Json], expansions: list[Json]) -> dict[str, Json]:
    """Expand the value sets that a required binding names; the licence of others may differ."""
    bound = {
        element["binding"].partition("|")[0]
        for described_type in types.values()
        for element in described_type.get("elements", [])
        if "binding" in element
    }
    by_url = {v["url"]: v for v in expansions}
    return {url: expansion(by_url[url]) for url in sorted(bound & by_url.keys())}


def expansion(value_set: Json) -> Json:
    """List the codes of an expansion by system."""
    systems: dict[str, set[str]] = {}
    for concept in flat(value_set.get("expansion", {}).get("contains", []), "contains"):
        if "code" in concept and not concept.get("abstract"):
            systems.setdefault(concept["system"], set()).add(concept["code"])
    return {system: sorted(codes) for system, codes in systems.items()}


def code_systems(definitions: list[Json]) -> dict[str, Json]:
    """List the codes of the systems whose version is R4's own: http://hl7.org/fhir/…

    Those of terminology.hl7.org go on changing after R4, so a code unknown here may be right.
    """
    return {
        c["url"]: sorted({concept["code"] for concept in flat(c.get("concept", []), "concept")})
        for c in definitions
        if c["content"] == "complete" and c["url"].startswith("http://hl7.org/fhir/")
    }


def hierarchies(definitions: list[Json]) -> dict[str, Json]:
    """List the concepts right under each one, by system and code, where a system nests them.

    Nesting means is-a, also where ``hierarchyMeaning`` is not told; ``subsumedBy`` gives a concept
    more parents.
    """
    found = {c["url"]: sorted(set(under(c.get("concept", [])))) for c in definitions}
    return {url: grouped(edges) for url, edges in found.items() if edges}


def under(concepts: list[Json], over: str = "") -> Iterator[tuple[str, str]]:
    """Yield (parent, child) of nested concepts."""
    for concept in concepts:
        more = [p for p in concept.get("property", []) if p["code"] == "subsumedBy"]
        parents = [over, *(p["valueCode"] for p in more)]
        yield from ((parent, concept["code"]) for parent in parents if parent)
        yield from under(concept.get("concept", []), concept["code"])


def grouped(edges: list[tuple[str, str]]) -> dict[str, list[str]]:
    """Gather the children of each parent."""
    children: dict[str, list[str]] = {}
    for parent, child in edges:
        children.setdefault(parent, []).append(child)
    return children


def flat(concepts: list[Json], below: str) -> Iterator[Json]:
    """Walk a hierarchy of concepts."""
    for concept in concepts:
        yield concept
        yield from flat(concept.get(below, []), below)


# ---------------------------------------------------------------------------------- output


def write(name: str, content: dict[str, Any]) -> None:
    """Write one definition a line, sorted, so that a diff is readable."""
    lines = (
        json.dumps(key) + ":" + json.dumps(content[key], ensure_ascii=False, separators=(",", ":"))
        for key in sorted(content)
    )
    path = OUT / f"{name}.json"
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
    print(f"{path.name}: {len(content)} definitions, {path.stat().st_size:,} bytes")


def main(examples: str, expansions: str) -> None:
    """Read both packages and write every data file."""
    package = Path(examples)
    types = structures(resources(package, "StructureDefinition"))
    write("structure", types)
    write("search", search_parameters(resources(package, "SearchParameter"), types))
    write("compartment", compartments(resources(package, "CompartmentDefinition")))
    write("valueset", value_sets(types, resources(Path(expansions), "ValueSet")))
    write("codesystem", code_systems(resources(package, "CodeSystem")))
    write("hierarchy", hierarchies(resources(package, "CodeSystem")))


if __name__ == "__main__":
    main(*sys.argv[1:])
