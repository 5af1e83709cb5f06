"""What functions yield, as far as their names tell: the table of the static check."""

from __future__ import annotations

#: Functions that evaluate their arguments on each item of the focus.
ON_ITEMS = frozenset({"where", "exists", "all", "sort", "trace", "aggregate"})

#: Functions that yield some items of their focus.
SAME = frozenset(
    {
        "where",
        "first",
        "last",
        "tail",
        "skip",
        "take",
        "single",
        "distinct",
        "trace",
        "intersect",
        "exclude",
        "sort",
        "checkModifiers",
        "abs",
    }
)

#: Functions of a text; on a focus that can hold none they are a mistake.
OF_TEXT = frozenset(
    {
        "indexOf",
        "lastIndexOf",
        "startsWith",
        "endsWith",
        "contains",
        "upper",
        "lower",
        "length",
        "trim",
        "replace",
        "matches",
        "matchesFull",
        "replaceMatches",
        "substring",
        "toChars",
        "split",
    }
)

#: Collections without an order, and functions that ask for one.
UNORDERED = frozenset({"children", "descendants"})
WANTS_ORDER = frozenset({"first", "last", "tail", "skip", "take"})

_BY_TYPE = {
    "Boolean": "empty exists all not allTrue anyTrue allFalse anyFalse isDistinct subsetOf"
    " supersetOf startsWith endsWith contains matches matchesFull hasValue hasExtension memberOf"
    " conformsTo htmlChecks comparable convertsToBoolean convertsToInteger convertsToDecimal"
    " convertsToString convertsToDate convertsToDateTime convertsToTime convertsToQuantity"
    " toBoolean",
    "String": "upper lower trim replace replaceMatches substring toChars split join encode decode"
    " escape unescape toString getResourceKey",
    "Integer": "count length indexOf lastIndexOf toInteger ceiling floor truncate precision",
    "Decimal": "toDecimal sqrt exp ln log round",
    "Date": "today toDate",
    "DateTime": "now toDateTime",
    "Time": "timeOfDay toTime",
    "Quantity": "toQuantity",
}

#: The type that a function yields, whatever its focus.
RESULTS = {name: f"System.{kind}" for kind, names in _BY_TYPE.items() for name in names.split()} | {
    "extension": "Extension"
}
