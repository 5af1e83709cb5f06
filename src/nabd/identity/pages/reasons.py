"""The reasons that a steward gives: common ones to choose from, and words of one's own.

A chosen reason is kept as its English text, which is its message id: whoever reads the ``Task``
understands it, and the desk says it in the reader's language.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from nabd.access.figure import msgid
from nabd.errors import Issue, issue

COMMON = {
    "card": msgid("The identity card was seen"),
    "asked": msgid("The person or the family was asked"),
    "facility": msgid("The other facility was asked"),
    "files": msgid("The paper files were compared"),
    "typing": msgid("A typing error explains the difference"),
    "relatives": msgid("They are relatives: twins, parent and child, one household"),
    "namesakes": msgid("They share a name, and nothing else that counts"),
    "little": msgid("The records say too little"),
}
BETWEEN = ": "
MOST = 500  # characters of one's own words


class Why(NamedTuple):
    """A reason as the desk says it: a message id, and words as they were written."""

    common: str
    words: str


def written(form: Mapping[str, str]) -> str:
    """Put a chosen reason and one's own words together; "" when both are missing."""
    own = " ".join(form.get("words", "").split())[:MOST]
    return BETWEEN.join(filter(None, (COMMON.get(form.get("reason", ""), ""), own)))


def missing(form: Mapping[str, str]) -> list[Issue]:
    """Return the issue of a form without a reason."""
    return [] if written(form) else [issue("N6102", "reason")]


def read(why: str) -> Why:
    """Part a kept reason into what was chosen and one's own words.

    >>> read("The identity card was seen: CNIE")
    Why(common='The identity card was seen', words='CNIE')
    """
    for common in COMMON.values():
        if why == common or why.startswith(common + BETWEEN):
            return Why(common, why[len(common) + len(BETWEEN) :])
    return Why("", why)
