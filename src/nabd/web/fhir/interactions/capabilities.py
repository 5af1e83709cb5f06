"""metadata: what this server does, written from what is registered.

http://hl7.org/fhir/R4/http.html#capabilities, http://hl7.org/fhir/R4/capabilitystatement.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from importlib.metadata import version

from nabd.errors import problem
from nabd.fhir.definitions import SearchParameter, search_parameters
from nabd.fhir.json import Json, encode
from nabd.fhir.search.parameters import parameters
from nabd.web.fhir.exchange import Answer, Call, Handler
from nabd.web.fhir.interaction import TYPES, Interaction
from nabd.web.fhir.parameters import only
from nabd.web.fhir.shape import shaped

DATE = "2026-11-23"
FORMATS = ("application/fhir+json", "application/json", "json")
FILTER = "_filter"
#: It has no SearchParameter: http://hl7.org/fhir/R4/search.html#list
LIST = {"name": "_list", "type": "special", "documentation": "What a List names, by its id."}
#: All that is said here is normative; there is no terminology service to describe.
MODES = ("full", "normative")
PATCH_FORMATS = ("application/json-patch+json", "application/fhir+json")
_SYSTEM = ("transaction", "batch", "search-system", "history-system")
_TYPE = (
    "read",
    "vread",
    "update",
    "patch",
    "delete",
    "history-instance",
    "history-type",
    "create",
    "search-type",
)


def capabilities(interactions: Callable[[], Iterable[Interaction]]) -> Handler:
    """Make the handler that describes ``interactions``; it needs nobody to be signed in."""

    @cache
    def written(base: str) -> bytes:
        return encode(statement(tuple(interactions()), base))

    async def handler(call: Call) -> Answer:
        asked = only(call, "mode", "_summary", "_elements")
        if asked.get("mode", MODES[0]) not in MODES:
            raise problem("N7009", "mode", parameter="mode", expected=" | ".join(MODES))
        return Answer(200, shaped(written(call.base), "CapabilityStatement", asked))

    return handler


def statement(interactions: tuple[Interaction, ...], base: str) -> Json:
    """Describe the server as an instance of the software."""
    release = version("nabd")
    return {
        "resourceType": "CapabilityStatement",
        "url": f"{base}/metadata",
        "version": release,
        "name": "Nabd",
        "title": "Nabd (نبض)",
        "status": "active",
        "date": DATE,
        "kind": "instance",
        "software": {"name": "Nabd", "version": release},
        "implementation": {"description": "Nabd FHIR API", "url": base},
        "fhirVersion": "4.0.1",
        "format": list(FORMATS),
        "patchFormat": list(PATCH_FORMATS),
        "rest": [_rest(interactions)],
    }


def _rest(interactions: tuple[Interaction, ...]) -> Json:
    codes = {code for one in interactions for code in (one.code, *one.features)}
    return {
        "mode": "server",
        "security": {
            "cors": False,
            "description": "Authorization: Bearer with a token of an account of this server.",
        },
        "resource": [_resource(name, interactions) for name in TYPES],
        "interaction": [{"code": code} for code in _SYSTEM if code in codes],
        "searchParam": [
            {"name": p.code, "definition": p.url, "type": p.type}
            for p in search_parameters("Resource").values()
            if p.code in {*parameters("Basic"), FILTER}
        ]
        + [LIST],
        "operation": _operations([one for one in interactions if one.level == "system"], ""),
    }


def _resource(name: str, interactions: tuple[Interaction, ...]) -> Json:
    mine = [one for one in interactions if not one.types or name in one.types]
    codes = {one.code for one in mine}
    features = {feature for one in mine for feature in one.features}
    out: Json = {
        "type": name,
        "interaction": [{"code": code} for code in _TYPE if code in codes],
        "versioning": "versioned-update",
        "readHistory": "vread" in codes,
        "updateCreate": "updateCreate" in features,
        "conditionalCreate": "conditionalCreate" in features,
        "conditionalRead": "full-support" if "conditionalRead" in features else "not-supported",
        "conditionalUpdate": "conditionalUpdate" in features,
        "conditionalDelete": "single" if "conditionalDelete" in features else "not-supported",
        "searchInclude": ["*", *(f"{name}:{code}" for code in _references(name))],
        "searchRevInclude": _referring()[name],
        "searchParam": [
            {"name": p.code, "definition": p.url, "type": p.type} for p in _searchable(name)
        ]
        + [LIST],
    }
    operations = _operations([one for one in mine if one.level != "system"], name)
    return out | ({"operation": operations} if operations else {})


def _searchable(name: str) -> list[SearchParameter]:
    known = parameters(name)
    return [p for code, p in search_parameters(name).items() if code in known or code == FILTER]


def _references(name: str) -> list[str]:
    return [p.code for p in _searchable(name) if p.type == "reference"]


@cache
def _referring() -> dict[str, list[str]]:
    """Map each type to the references that lead to it, as ``_revinclude`` names them."""
    found: dict[str, list[str]] = {name: [] for name in TYPES}
    for source in TYPES:
        for one in _searchable(source):
            for target in one.targets if one.type == "reference" else ():
                found.get(target, []).append(f"{source}:{one.code}")
    return found


def _operations(interactions: Iterable[Interaction], name: str) -> list[Json]:
    found = {
        one.code: {
            "name": one.code.removeprefix("$"),
            "definition": one.definition.replace("{type}", name),
        }
        for one in interactions
        if one.definition
    }
    return list(found.values())
