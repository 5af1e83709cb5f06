"""Ways to damage a resource: one for each thing that a check has to see."""

from __future__ import annotations

import json as standard_json
from collections.abc import Callable
from copy import deepcopy
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from instances import element_values

from nabd.fhir import definitions, json

Json = dict[str, Any]

WRONG: list[Any] = [
    *[None, "", " ", "a", "#x", 0, -1, Decimal("1.5"), True, [], {}, [None], [[]], {"id": "x"}],
    *[{"a": 1}, ["a", "a"], "2024-02-30", "2024-01-01T00:00:00", "\x00", "a\u00a0b", 2**40],
    *["Practitioner/1", "http://a.org/Medication/1", "Foo/1", "urn:uuid:x", "urn:oid:1.2", "a|1"],
    *["http://hl7.org/fhir/ValueSet/x", {"reference": "#o1"}, {"type": "Patient"}],
    *["1.5", "Patient/1", "a/b", "urn:x:1", "2024-02-29T23:59:60Z", Decimal("1E+2"), [{}], 10**30],
]
URL = "urn:uuid:53fefa32-fcbb-4ff8-8a92-55ee120877b7"
_TWICE = "key that comes twice"
_EXTENDED = {"extension": [{"url": "urn:a", "valueCode": "a"}]}


def wrong(*others: Any) -> st.SearchStrategy[Any]:
    """Values that are wrong nearly everywhere, each time new objects."""
    return st.sampled_from([*WRONG, *others]).map(deepcopy)


def spots(value: Any) -> list[tuple[Any, Any]]:
    """Every place of a value, as its container and key."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for key, child in list(pairs):
        found.append((value, key))
        if isinstance(child, dict | list):
            found += spots(child)
    return found


def typed(value: Json, type_name: str) -> list[tuple[Json, str]]:
    """Every object of a value with the name of its type, as far as the types go."""
    found = [(value, type_name)]
    for key, child in value.items():
        element = definitions.elements(type_name).get(key)
        for each in child if isinstance(child, list) else [child]:
            if not element or not isinstance(each, dict):
                continue
            is_resource = element.type == "Resource"
            kind = str(each.get("resourceType")) if is_resource else element.type
            if definitions.is_type(kind) and not definitions.is_primitive(kind):
                found += typed(each, kind)
    return found


def _drop(draw: st.DrawFn, value: Json) -> None:
    container, key = draw(st.sampled_from(spots(value)))
    del container[key]


def _replace(draw: st.DrawFn, value: Json) -> None:
    container, key = draw(st.sampled_from(spots(value)))
    container[key] = draw(wrong())


def _repeat(draw: st.DrawFn, value: Json) -> None:
    container, key = draw(st.sampled_from(spots(value)))
    container[key] = [container[key], container[key]]


def _exchange(draw: st.DrawFn, value: Json) -> None:
    """Put a value of another place here: the right form for something else."""
    container, key = draw(st.sampled_from(spots(value)))
    other, name = draw(st.sampled_from(spots(value)))
    container[key] = json.decode(json.encode(other[name]))


def _add_key(draw: st.DrawFn, value: Json) -> None:
    """Add a key that the type does not have, or the companion of one, or an id."""
    owner, _ = draw(st.sampled_from(typed(value, value["resourceType"])))
    name = draw(st.sampled_from([*owner, "id", "extension", "contained"]))
    key = draw(st.sampled_from([f"_{name}", f"{name}x", name, "resourceType", "a\\"]))
    owner[key] = draw(wrong(_EXTENDED))


def _add_element(draw: st.DrawFn, value: Json) -> None:
    """Add an element that the type has: a second choice, too, or one that rules speak of."""
    owner, type_name = draw(st.sampled_from(typed(value, value["resourceType"])))
    elements = definitions.elements(type_name).values()
    element = draw(st.sampled_from([e for e in elements if e.type != "Resource"]))
    made = draw(element_values(element, 1))
    owner[element.name] = [made] if element.array else made


def _key_twice(draw: st.DrawFn, value: Json) -> None:
    """Mark a place for a key that is there already, before or after its like."""
    owner, _ = draw(st.sampled_from(typed(value, value["resourceType"])))
    name = draw(st.sampled_from([*owner] or ["a"]))
    items = list(owner.items())
    place = draw(st.integers(0, len(items)))
    items.insert(place, (f"{_TWICE} {name}", draw(wrong(owner.get(name)))))
    owner.clear()
    owner.update(items)


def _deepen(draw: st.DrawFn, value: Json) -> None:
    """Nest extensions, around the limit of depth too."""
    owner, _ = draw(st.sampled_from(typed(value, value["resourceType"])))
    inner: Json = {"url": "urn:a", "valueString": "a"}
    for _ in range(draw(st.sampled_from([1, 2, 10, 20, 40, *range(44, 53)]))):
        inner = {"url": "urn:a", "extension": [inner]}
    owner["extension"] = [inner]


def _enclose(draw: st.DrawFn, value: Json) -> None:
    """Put the resource into others, once or many times."""
    for _ in range(draw(st.sampled_from([1, 2, 3, 8, 12]))):
        part = dict(value)
        value.clear()
        if draw(st.booleans()):
            entry = {"fullUrl": URL, "resource": part}
            value |= {"resourceType": "Bundle", "type": "collection", "entry": [entry]}
        elif draw(st.booleans()):
            parameter = {"name": "a", "resource": part}
            value |= {"resourceType": "Parameters", "parameter": [parameter]}
        else:
            part.setdefault("id", "p")
            link = {"reference": draw(st.sampled_from(["#p", "#q", "Basic/p"]))}
            value |= {"resourceType": "Basic", "contained": [part], "subject": link}
            value["code"] = {"text": "a"}


_DAMAGES: list[Callable[[st.DrawFn, Json], None]] = [
    *[_drop, _replace, _replace, _repeat, _exchange, _add_key, _add_element],
    *[_key_twice, _deepen, _enclose],
]


@st.composite
def damages(draw: st.DrawFn, value: Json, most: int = 2) -> bytes:
    """Return the text of a copy of the value with some damages, in some notation."""
    copy = json.decode(json.encode(value))
    for damage in draw(st.lists(st.sampled_from(_DAMAGES), max_size=most)):
        if not isinstance(copy.get("resourceType"), str):
            break
        if copy["resourceType"] not in definitions.TYPE_NUMBER:
            break
        damage(draw, copy)
    return draw(written(json.encode(copy).replace(f"{_TWICE} ".encode(), b"")))


@st.composite
def written(draw: st.DrawFn, raw: bytes) -> bytes:
    """Return the same JSON in another notation: white space, escapes, a byte order mark."""
    notation = draw(st.sampled_from(["compact", "compact", "spaced", "escaped", "marked"]))
    if notation == "spaced":
        return raw.replace(b'":', b'" : ').replace(b'{"', b'{\n\t"') if b"\\" not in raw else raw
    if notation == "escaped":
        text = raw.decode()
        return "".join(c if c.isascii() else standard_json.dumps(c)[1:-1] for c in text).encode()
    return b"\xef\xbb\xbf" + raw if notation == "marked" else raw
