"""All functions of FHIRPath and of FHIR's additions, each in its chapter of the specification."""

from nabd.fhir.fhirpath.functions import (  # noqa: F401  (importing registers them)
    collections,
    conversion,
    fhir,
    filtering,
    keys,
    mathematics,
    strings,
    types,
    values,
)
from nabd.fhir.fhirpath.functions.registry import FUNCTIONS, Function, bind

__all__ = ["FUNCTIONS", "Function", "bind"]
