"""Mapping files: how the columns of a table become FHIR resources, as data.

A mapping file is TOML; ``docs/how-to/mapping.md`` shows one whole. Its tables:

``[source]``      format, sheet, header row, encoding, delimiter, columns to ignore
``[columns.x]``   header, cleaning steps, required, code map
``[codes.x]``     what a source calls a code → the code
``[lookups.x]``   a named lookup of a slice, and the columns it is asked with
``[key]``         the columns that make the ids: the same row always makes the same resources
``[[tests]]``     FHIRPath that must hold for a row
``[[duplicates]]`` columns that, when equal, are reported as a probable duplicate
``[[resources]]`` type, id, and target paths with their values

Everything wrong in a mapping is told at once, each with its table and key.
"""

from nabd.intake.mapping.finders import Lookup, offer
from nabd.intake.mapping.model import Mapping

__all__ = ["Lookup", "Mapping", "offer"]
