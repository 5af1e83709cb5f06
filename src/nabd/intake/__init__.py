"""The way in: one reader per format, one pipeline, and the quarantine's way back.

``load`` takes files, folders and standard input: FHIR resources, Bundles and NDJSON (plain or
gzip), CSV and XLSX through a mapping. Nothing is lost: ``received = stored + unchanged +
quarantined`` for every batch, and a broken record goes whole to quarantine, with every reason.
"""

from nabd.intake.correction import correct, resubmit
from nabd.intake.load import Batch, keep, load, preview
from nabd.intake.mapping import Mapping
from nabd.intake.readers.mapped import Duplicate, Report
from nabd.intake.sources import Source

__all__ = [
    "Batch",
    "Duplicate",
    "Mapping",
    "Report",
    "Source",
    "correct",
    "keep",
    "load",
    "preview",
    "resubmit",
]
