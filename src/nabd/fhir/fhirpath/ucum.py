"""The part of UCUM that health data uses: https://ucum.org/ucum (units, prefixes, products).

A unit is a factor and a vector of base dimensions, so that ``4 'g'`` equals ``4000 'mg'`` and
``2 'cm' * 2 'm'`` is ``0.040 'm2'``.  Units with a special scale (``Cel``, ``[pH]``) are base
dimensions of their own: they compare with themselves only.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

import msgspec


class Unit(msgspec.Struct, frozen=True):
    """A unit in base units: ``mg`` is 0.001 of ``g``."""

    factor: Decimal
    dimensions: tuple[tuple[str, int], ...]


_PREFIXES = {
    "Y": 24, "Z": 21, "E": 18, "P": 15, "T": 12, "G": 9, "M": 6, "k": 3, "h": 2, "da": 1,
    "d": -1, "c": -2, "m": -3, "u": -6, "n": -9, "p": -12, "f": -15, "a": -18,
}  # fmt: skip

#: Base dimensions of UCUM, and the units of arbitrary or special scale.
_BASE = ("m", "s", "g", "rad", "K", "C", "cd", "Cel", "[degF]", "[pH]", "[iU]", "[arb'U]")
_METRIC_BASE = {"m", "s", "g", "rad", "K", "C", "cd", "[iU]"}

#: Units defined by others: symbol → (factor, definition, takes prefixes).
_DERIVED: dict[str, tuple[str, str, bool]] = {
    "min": ("60", "s", False), "h": ("3600", "s", False), "d": ("86400", "s", False),
    "wk": ("7", "d", False), "mo": ("30.4375", "d", False), "a": ("365.25", "d", False),
    "mo_j": ("30.4375", "d", False), "a_j": ("365.25", "d", False),
    "a_t": ("365.24219", "d", False), "a_g": ("365.2425", "d", False),
    "Hz": ("1", "s-1", True), "N": ("1000", "g.m/s2", True), "Pa": ("1", "N/m2", True),
    "J": ("1", "N.m", True), "W": ("1", "J/s", True), "A": ("1", "C/s", True),
    "V": ("1", "J/C", True), "Ohm": ("1", "V/A", True), "S": ("1", "A/V", True),
    "F": ("1", "C/V", True), "Wb": ("1", "V.s", True), "T": ("1", "Wb/m2", True),
    "H": ("1", "Wb/A", True), "lm": ("1", "cd", True), "Bq": ("1", "s-1", True),
    "Gy": ("1", "J/g", True), "Sv": ("1", "J/g", True), "kat": ("1", "mol/s", True),
    "mol": ("6.02214076e23", "1", True), "eq": ("1", "mol", True), "osm": ("1", "mol", True),
    "U": ("1", "umol/min", True), "l": ("1", "dm3", True), "L": ("1", "dm3", True),
    "t": ("1000000", "g", True), "u": ("1.66053906660e-24", "g", True),
    "bar": ("100000", "Pa", True), "atm": ("101325", "Pa", False),
    "m[Hg]": ("133322.387415", "Pa", True), "m[H2O]": ("9806.65", "Pa", True),
    "cal": ("4.184", "J", True), "[Cal]": ("4184", "J", False),
    "eV": ("1.602176634e-19", "J", True),
    "[IU]": ("1", "[iU]", True), "dyn": ("1", "g.cm/s2", True),
    "deg": ("0.0174532925199433", "rad", False),
    "[in_i]": ("2.54", "cm", False), "[ft_i]": ("12", "[in_i]", False),
    "[yd_i]": ("3", "[ft_i]", False), "[mi_i]": ("5280", "[ft_i]", False),
    "[lb_av]": ("453.59237", "g", False), "[oz_av]": ("28.349523125", "g", False),
    "[stone_av]": ("14", "[lb_av]", False), "[gr]": ("64.79891", "mg", False),
    "[gal_us]": ("3785.411784", "ml", False), "[qt_us]": ("946.352946", "ml", False),
    "[pt_us]": ("473.176473", "ml", False), "[foz_us]": ("29.5735295625", "ml", False),
    "[cup_us]": ("236.5882365", "ml", False), "[tbs_us]": ("14.78676478125", "ml", False),
    "[tsp_us]": ("4.92892159375", "ml", False), "[drp]": ("0.05", "ml", False),
    "%": ("0.01", "1", False), "[ppth]": ("0.001", "1", False), "[ppm]": ("0.000001", "1", False),
    "[ppb]": ("0.000000001", "1", False), "10*": ("10", "1", False), "10^": ("10", "1", False),
    "[pi]": ("3.14159265358979", "1", False), "st": ("1", "m3", True), "ar": ("100", "m2", True),
    "[car_m]": ("0.2", "g", False), "[HPF]": ("1", "1", False), "[LPF]": ("1", "1", False),
    "[CFU]": ("1", "[arb'U]", False),
}  # fmt: skip

_TERM = re.compile(r"((?:10[*^])|(?:[A-Za-z%_]|\[[^\]]*\])+[A-Za-z%_]*)?([+-]?\d+)?(\{[^}]*\})?")
_LONGEST = 100


@lru_cache(maxsize=4096)
def unit(code: str) -> Unit | None:
    """Read a UCUM code; ``None`` when this table does not know it."""
    if len(code) > _LONGEST:
        return None
    factor, powers, sign, at = Decimal(1), dict[str, int](), 1, 0
    if code.startswith("/"):
        sign, at = -1, 1
    while at < len(code) or at == 0:
        match = _TERM.match(code, at)
        term = _term(*match.groups()) if match else None
        if match is None or term is None or match.end() == at != len(code):
            return None
        factor *= term.factor if sign > 0 else 1 / term.factor
        for base, power in term.dimensions:
            powers[base] = powers.get(base, 0) + sign * power
        at = match.end()
        if at == len(code):
            break
        if code[at] not in "./":
            return None
        sign, at = (1 if code[at] == "." else -1), at + 1
    return Unit(factor, _sorted(powers))


def _sorted(powers: dict[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted((base, power) for base, power in powers.items() if power))


def _term(symbol: str | None, exponent: str | None, annotation: str | None) -> Unit | None:
    if symbol is None:
        if exponent is None and annotation is None:
            return None
        return Unit(Decimal(exponent or 1), ()) if Decimal(exponent or 1) > 0 else None
    one = _symbol(symbol)
    if one is None or exponent is None:
        return one
    power = int(exponent)
    if abs(power) > 60:
        return None
    return Unit(one.factor**power, tuple((base, p * power) for base, p in one.dimensions))


def _symbol(symbol: str) -> Unit | None:
    if found := _atom(symbol):
        return found
    for length in (1, 2):
        prefix, rest = symbol[:length], symbol[length:]
        if prefix in _PREFIXES and _takes_prefix(rest) and (found := _atom(rest)):
            return Unit(found.factor * Decimal(10) ** _PREFIXES[prefix], found.dimensions)
    return None


def _atom(symbol: str) -> Unit | None:
    if symbol in _BASE:
        return Unit(Decimal(1), ((symbol, 1),))
    if symbol in _DERIVED:
        factor, definition, _ = _DERIVED[symbol]
        base = unit(definition)
        return Unit(Decimal(factor) * base.factor, base.dimensions) if base else None
    return None


def _takes_prefix(symbol: str) -> bool:
    return symbol in _METRIC_BASE or (symbol in _DERIVED and _DERIVED[symbol][2])


def canonical(dimensions: tuple[tuple[str, int], ...]) -> str:
    """Write base dimensions as a UCUM code: ``m2``, ``g.m-3``, ``1``."""
    return ".".join(f"{base}{'' if p == 1 else p}" for base, p in dimensions) or "1"
