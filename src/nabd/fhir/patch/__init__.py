"""Patches: JSON Patch (RFC 6902) and FHIRPath Patch.  The resource given is never changed."""

from nabd.fhir.patch.fhirpath_patch import fhirpath_patch
from nabd.fhir.patch.json_patch import json_patch

__all__ = ["fhirpath_patch", "json_patch"]
