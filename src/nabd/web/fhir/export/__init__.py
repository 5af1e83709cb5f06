"""Bulk Data export: a job that writes NDJSON files, followed by polling.

https://hl7.org/fhir/uv/bulkdata/STU2/export.html
"""
