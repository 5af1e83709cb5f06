"""``Location/$resolve-place``: names in, one place out, or the reason why not."""

from __future__ import annotations

from typing import Any, cast

import pytest

from nabd.errors import Problem
from nabd.fhir.check import check_value
from nabd.registry.operations import OPERATIONS, resolve_place

NOBODY = cast(Any, None)  # the operation asks nothing of the session: the API demanded permission


def asked(**names: str) -> dict[str, Any]:
    """Make the Parameters of a question."""
    parts = [{"name": name, "valueString": value} for name, value in names.items()]
    return {"resourceType": "Parameters", "parameter": parts}


@pytest.mark.parametrize(
    ("names", "code"),
    [
        ({"province": "Rehamena"}, "07.427"),
        ({"province": "TANGER ASSILAH", "region": "Tanger-Tetouan-Al Hoceima"}, "01.511"),
        ({"province": "Aïn Chok", "commune": "Aïn Chock (Arrond.)"}, "06.141.01.41"),
        ({"province": "الرباط"}, "04.421"),
    ],
)
async def test_names_lead_to_one_place(names: dict[str, str], code: str) -> None:
    answer = await resolve_place(NOBODY, asked(**names))
    check_value(answer)
    said = {one["name"]: one for one in answer["parameter"]}
    assert said["code"]["valueCode"] == code
    assert said["place"]["valueReference"] == {"reference": f"Location/ma-{code}"}


@pytest.mark.parametrize(
    ("names", "code"),
    [
        ({}, "N6001"),
        ({"province": "Atlantis"}, "N6002"),
        ({"province": "Rabat", "commune": "Tanger"}, "N6002"),
        ({"province": "Rabat", "region": "Oriental"}, "N6004"),
    ],
)
async def test_what_is_not_one_place_is_a_problem(names: dict[str, str], code: str) -> None:
    with pytest.raises(Problem) as wrong:
        await resolve_place(NOBODY, asked(**names))
    assert [one.code for one in wrong.value.issues] == [code]


def test_the_operation_is_offered() -> None:
    (one,) = OPERATIONS
    assert (one.name, one.type) == ("resolve-place", "Location")
