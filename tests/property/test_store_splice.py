"""A body that is cut from the JSON at hand is the body that encoding would have made."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from nabd.fhir.json import encode
from nabd.store.row import content_of, is_content, spliced, stamped

NAMES = st.sampled_from(["text", "meta", "contained", "é", 'a,"meta":{', "versionId"])
LEAVES = st.one_of(st.integers(), st.text(), st.just(',"meta":{"tag":1}'), st.booleans())
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
METAS = st.dictionaries(st.sampled_from(["tag", "source", "versionId", "meta"]), VALUES, min_size=1)


@st.composite
def resources(draw: st.DrawFn) -> dict[str, Any]:
    members = draw(st.dictionaries(NAMES.filter(lambda name: name != "meta"), VALUES, max_size=4))
    pairs = list(members.items())
    if draw(st.booleans()):
        pairs.insert(draw(st.integers(0, len(pairs))), ("meta", draw(METAS)))
    first = {"resourceType": "Patient", "id": draw(st.sampled_from(["a", "b-1.2"]))}
    return first | dict(pairs)


@given(resources(), st.integers(1, 10**6))
@settings(max_examples=300, deadline=None)
def test_cutting_and_encoding_agree(resource: dict[str, Any], version: int) -> None:
    content = content_of(resource, resource["id"])
    wanted = encode(stamped(content, version, "2026-01-02T03:04:05.678Z"))
    if is_content(resource, resource["id"]):
        found = spliced(encode(resource), resource, version, "2026-01-02T03:04:05.678Z")
        assert found in (wanted, b"")
    else:
        assert "versionId" in resource["meta"]


def test_the_usual_resource_is_cut() -> None:
    resource = {"resourceType": "Patient", "id": "a", "active": True, "meta": {"source": "u:x"}}
    assert is_content(resource, "a")
    assert spliced(encode(resource), resource, 1, "t") == (
        b'{"resourceType":"Patient","id":"a","meta":{"versionId":"1","lastUpdated":"t",'
        b'"source":"u:x"},"active":true}'
    )
    assert not is_content(resource, "b")
    assert not is_content({"id": "a", "resourceType": "Patient"}, "a")
