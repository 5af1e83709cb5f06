"""What marks every resource of the demo: it is synthetic, and nobody can take it for real."""

from __future__ import annotations

from nabd.fhir.json import Json
from nabd.registry.names import BASE

TAG = {"system": BASE + "CodeSystem/origin", "code": "synthetic", "display": "Synthetic data"}
META = {"tag": [TAG]}


def synthetic(type_name: str, identity: str, content: Json) -> Json:
    """Make a resource of the demo. https://hl7.org/fhir/R4/resource.html#Meta"""
    return {"resourceType": type_name, "id": identity, "meta": META, **content}
