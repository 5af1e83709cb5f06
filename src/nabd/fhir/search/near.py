"""Read ``near`` of Location: ``latitude|longitude|distance|units``.

http://hl7.org/fhir/R4/location.html#positional.  The distance is that on a sphere with the earth's
mean radius, at most 0.6 % off the WGS84 ellipsoid.
"""

from __future__ import annotations

import math
import re

from nabd.errors import problem
from nabd.fhir.search.hashing import param
from nabd.fhir.search.nodes import all_of
from nabd.fhir.search.parameters import Parameter
from nabd.fhir.search.query import Near, Node, Numbers
from nabd.fhir.search.text import split, unescape

#: Metres of a unit (UCUM, and what people write); km where none is given, as the standard says.
_METRES = {"km": 1_000.0, "m": 1.0, "[mi_us]": 1_609.347219, "[mi_i]": 1_609.344, "mi": 1_609.344}
#: Kilometres where no distance is given: the standard leaves it to the server.
_DEFAULT = "50"
_DECIMAL = re.compile(r"[+-]?\d{1,400}(\.\d{0,400})?([eE][+-]?\d{1,4})?", re.ASCII)
#: Of a degree: the seventh is a centimetre.
_DIGITS = 7
#: Mean radius of the earth, in metres (IUGG R₁). https://doi.org/10.1007/s001900050278
RADIUS = 6_371_008.7714


def near(parameter: Parameter, text: str) -> Node:
    """Read a position and a distance; raises Problem N2524."""
    parts = [unescape(part).strip() for part in split(text, "|")]
    if not 2 <= len(parts) <= 4:
        raise problem("N2524", parameter.code)
    latitude, longitude = _number(parts[0], 90), _number(parts[1], 180)
    distance, unit = [*parts[2:], "", ""][:2]
    if (unit or "km") not in _METRES:
        raise problem("N2524", parameter.code)
    metres = _number(distance or _DEFAULT, math.inf) * _METRES[unit if distance and unit else "km"]
    if metres < 0:
        raise problem("N2524", parameter.code)
    return _within(parameter, latitude, longitude, metres)


def _number(text: str, most: float) -> float:
    value = float(text) if _DECIMAL.fullmatch(text) else math.nan
    if not math.isfinite(value) or abs(value) > most:
        raise problem("N2524", "near")
    return round(value, _DIGITS)


def _within(parameter: Parameter, latitude: float, longitude: float, metres: float) -> Node:
    """Begin at a band of latitudes, which the index of numbers has; then measure."""
    of_latitude, of_longitude = (param(branch.name) for branch in parameter.branches)
    band = math.degrees(metres / RADIUS) + 1e-9
    numbers = Numbers((of_latitude,), lo_min=latitude - band, lo_max=latitude + band, contexts=(0,))
    return all_of([numbers, Near(of_latitude, of_longitude, latitude, longitude, metres)])
