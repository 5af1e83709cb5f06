"""The header Prefer. http://hl7.org/fhir/R4/http.html#ops, RFC 7240."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

RETURNS = ("representation", "minimal", "OperationOutcome")


class Preference(NamedTuple):
    """What the client would like; what is not understood is not used (RFC 7240 §2).

    ``returns`` is empty where the client does not say.
    """

    returns: str = ""
    lenient: bool = False
    asynchronous: bool = False


NO_PREFERENCE = Preference()


@lru_cache(maxsize=256)
def preference(header: str) -> Preference:
    """Read the header."""
    returns, lenient, asynchronous = "", False, False
    for item in header.replace(";", ",").split(","):
        name, _, value = item.strip().partition("=")
        value = value.strip(' "')
        if name == "return" and value in RETURNS:
            returns = value
        elif name == "handling":
            lenient = value == "lenient"
        elif name == "respond-async":
            asynchronous = True
    return Preference(returns, lenient, asynchronous)
