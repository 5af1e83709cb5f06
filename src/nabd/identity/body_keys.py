"""Where the like of facilities, bodies and professionals is looked for.

A name says less here than among people: nine hospitals are called Hassan II. So a name is a key by
itself, for the few that have it, and with each place, for the many.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from nabd.fhir.json import Json
from nabd.identity import keys
from nabd.identity.keys import Key
from nabd.identity.organizations import Body, body_of
from nabd.identity.record import record_of

ALIAS = 20.0
IDENTIFIER = 20.0
TOKEN_PLACE = 14.0  # a word of the name, and the province
TOKENS = 12.0  # two words of the name
TOKEN = 6.0
PAIR = 10.0  # given and family name of a professional, without a birth date


def keys_of_body(resource: Json) -> list[Key]:
    """Return the keys of an Organization or a Location."""
    return keys.hashed(_body(body_of(resource)))


def keys_of_practitioner(practitioner: Json) -> list[Key]:
    """Return the keys of a Practitioner: those of a person, and the name alone."""
    record = record_of(practitioner)
    named = [
        (f"pair|{pair}", PAIR)
        for name in record.names
        for pair in keys.pairs(*keys.skeletons(name))
    ]
    return keys.hashed([*keys.told(record), *named])


def _body(body: Body) -> Iterator[tuple[str, float]]:
    for kind, value in body.identifiers:
        yield f"identifier|{kind}|{value}", IDENTIFIER
    for name in body.names:
        if name.alias:
            yield f"alias|{name.alias}", ALIAS
        words = sorted({token.skeleton for token in name.tokens if token.skeleton})
        for word in words:
            yield f"word|{word}", TOKEN
            for place in body.places:
                yield f"word-place|{word}|{place[:6]}", TOKEN_PLACE
        for pair in combinations(words, 2):
            yield f"words|{' '.join(pair)}", TOKENS
