"""What holds in a QuestionnaireResponse that brings its Questionnaire with it.

https://hl7.org/fhir/R4/questionnaireresponse.html#link: the items of the response are those of
the questionnaire, in its structure, and the answers have the types that it asks for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nabd.errors import Issue, issue

Json = dict[str, Any]

# https://hl7.org/fhir/R4/valueset-item-type.html
_VALUES = {
    "boolean": ("valueBoolean",),
    "decimal": ("valueDecimal",),
    "integer": ("valueInteger",),
    "date": ("valueDate",),
    "dateTime": ("valueDateTime",),
    "time": ("valueTime",),
    "string": ("valueString",),
    "text": ("valueString",),
    "url": ("valueUri",),
    "choice": ("valueCoding", "valueDate", "valueTime", "valueInteger", "valueString"),
    "open-choice": ("valueCoding", "valueDate", "valueTime", "valueInteger", "valueString"),
    "attachment": ("valueAttachment",),
    "reference": ("valueReference",),
    "quantity": ("valueQuantity",),
}


def problems(value: Json, path: str) -> Iterator[Issue]:
    """List the items and answers that a contained questionnaire does not ask for."""
    name = value.get("questionnaire", "")
    if not name.startswith("#"):
        return
    contained = {c.get("id"): c for c in value.get("contained", ())}
    asked = contained.get(name[1:], {})
    if asked.get("resourceType") != "Questionnaire":
        yield issue("N2125", f"{path}.questionnaire")
        return
    yield from _items(value, asked, path)


def _items(owner: Json, asked: Json, path: str) -> Iterator[Issue]:
    questions = {each.get("linkId"): each for each in asked.get("item", ())}
    for place, item in enumerate(owner.get("item", ())):
        where = f"{path}.item[{place}]"
        question = questions.get(item.get("linkId"))
        if question is None:
            yield issue("N2138", where)
        else:
            yield from _answers(item, question, where)
            yield from _items(item, question, where)


def _answers(item: Json, question: Json, path: str) -> Iterator[Issue]:
    answers = item.get("answer", ())
    if len(answers) > 1 and not question.get("repeats"):
        yield issue("N2140", path)
    allowed = _VALUES.get(question.get("type", ""), ())
    for place, answer in enumerate(answers):
        where = f"{path}.answer[{place}]"
        found = [name for name in answer if name.startswith("value")]
        if found and found[0] not in allowed:
            yield issue("N2139", where, expected=question.get("type", ""))
        yield from _items(answer, question, where)
