"""Names in two scripts: take them apart, compare them, find candidates, romanise.

>>> a, b = parse("Amine", "Tihraoui"), parse("السيد أمين التهراوي")
>>> compare(a, b).family.name, compare(a, b).given.name
('SAME', 'SAME')
"""

from nabd.identity.names.agreement import (
    Agreement,
    NameAgreement,
    compare,
    compare_tokens,
    similarity,
)
from nabd.identity.names.blocking import keys
from nabd.identity.names.parsing import parse
from nabd.identity.names.person import PersonName, Token
from nabd.identity.names.transducer import romanise, score

__all__ = [
    "Agreement",
    "NameAgreement",
    "PersonName",
    "Token",
    "compare",
    "compare_tokens",
    "keys",
    "parse",
    "romanise",
    "score",
    "similarity",
]
