"""What holds in a Questionnaire as a whole, beside its invariants.

https://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.enableWhen.question
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nabd.errors import Issue, issue

Json = dict[str, Any]


def problems(value: Json, path: str) -> Iterator[Issue]:
    """List the conditions that name no other question of the questionnaire."""
    return _of_items(value, path, set(_questions(value)))


def _of_items(owner: Json, path: str, questions: set[str]) -> Iterator[Issue]:
    for place, item in enumerate(owner.get("item", ())):
        where = f"{path}.item[{place}]"
        others = questions - {item.get("linkId", ""), *_questions(item)}
        if any(c.get("question", "") not in others for c in item.get("enableWhen", ())):
            yield issue("N2134", where)
        yield from _of_items(item, where, questions)


def _questions(owner: Json) -> Iterator[str]:
    """Yield the linkIds below an item, at every depth."""
    for item in owner.get("item", ()):
        yield item.get("linkId", "")
        yield from _questions(item)
