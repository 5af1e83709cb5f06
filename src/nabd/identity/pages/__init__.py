"""The steward's desk: the work list, a case, an identity; and the search of a registration desk."""

from nabd.access.figure import msgid
from nabd.access.slice import Act, PageRoute
from nabd.identity.pages import acts
from nabd.identity.pages.onecase import onecase
from nabd.identity.pages.person import person
from nabd.identity.pages.search import search
from nabd.identity.pages.worklist import worklist

CASE = PageRoute("/identity/{id}", onecase, "identity")
PERSON = PageRoute("/identity/person/{id}", person, "identity")

PAGES = (
    PageRoute("/identity", worklist, "identity"),
    PageRoute("/identity/search", search, "resources", asks=True),
    PERSON,
    CASE,
)

ACTS = (
    Act("/identity/{id}/take", acts.take, CASE, "identity"),
    Act("/identity/{id}/release", acts.release, CASE, "identity"),
    Act("/identity/{id}/decide", acts.decide, CASE, "identity"),
    Act("/identity/{id}/undo", acts.undo, CASE, "identity"),
    Act("/identity/person/{id}/unmerge", acts.unmerge, PERSON, "identity"),
)

DONE = {
    "case-taken": msgid("The case is yours for ten minutes."),
    "case-released": msgid("The case was given back."),
    "case-same": msgid("Decided: one person."),
    "case-different": msgid(
        "Decided: the two records are different persons. They are not asked again."
    ),
    "case-unsure": msgid("Noted: not sure. Another steward may decide."),
    "case-undone": msgid("The decision was undone: the case waits again."),
}

__all__ = ["ACTS", "DONE", "PAGES"]
