"""SQL on FHIR: a ViewDefinition turns resources into rows of plain columns.

https://sql-on-fhir.org/ig/ (v2).  The definition is checked and compiled once; then every write of
the type runs it.
"""

from nabd.fhir.view.view import View

__all__ = ["View"]
