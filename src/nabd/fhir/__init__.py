"""The language: FHIR R4 as data, checked decoding, paths, search terms, views, patches.

Knows FHIR; knows no database, no domain and no network.
"""
