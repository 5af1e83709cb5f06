"""FHIRPath for FHIR R4: parsed once, compiled to Python once, run on plain JSON.

The language: http://hl7.org/fhirpath/N1/; FHIR's additions: https://hl7.org/fhir/R4/fhirpath.html.

    >>> compile("name.where(use = 'official').family", "Patient")(patient)
    ['Chalmers']
"""

from nabd.fhir.fhirpath.model import Node, plain, type_of
from nabd.fhir.fhirpath.parser import parse
from nabd.fhir.fhirpath.path import Path, compile  # noqa: A004

__all__ = ["Node", "Path", "compile", "parse", "plain", "type_of"]
