"""Search without a database: what a resource can be found by, and what a query asks.

http://hl7.org/fhir/R4/search.html
"""

from nabd.fhir.search.compartments import COMPARTMENTS, member_of
from nabd.fhir.search.extract import index
from nabd.fhir.search.hashing import key, param, term
from nabd.fhir.search.parameters import parameters
from nabd.fhir.search.query import Query
from nabd.fhir.search.request import parse
from nabd.fhir.search.rows import (
    DATE_COLUMNS,
    KEY_COLUMNS,
    NUMBER_COLUMNS,
    STRING_COLUMNS,
    TEXT_COLUMNS,
    Index,
)

__all__ = [
    "COMPARTMENTS",
    "DATE_COLUMNS",
    "KEY_COLUMNS",
    "NUMBER_COLUMNS",
    "STRING_COLUMNS",
    "TEXT_COLUMNS",
    "Index",
    "Query",
    "index",
    "key",
    "member_of",
    "param",
    "parameters",
    "parse",
    "term",
]
