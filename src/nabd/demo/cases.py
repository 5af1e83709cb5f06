"""How long the demo's cases have waited: some since today, some for weeks, as at a real desk.

The linker opens them all when the demo is loaded. Their date of opening is made up, as all of the
demo is, and marked as such; when each was written, and by whom, stays as it was
(``meta.lastUpdated``, ``lastModified``, the access log).
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta

from nabd.demo.tag import TAG
from nabd.identity.case import Case, text_of

LONGEST = timedelta(days=45)


def waiting(case: Case) -> Case:
    """Let a case of synthetic records have waited for a while; its id says how long.

    The square makes recent ones the more frequent: a seventh is of today, a fifth older than a
    month. Every other case stays as it is.
    """
    if case.outcome != "open" or TAG not in case.tags:
        return case
    since = datetime.fromisoformat(case.opened) - LONGEST * random.Random(case.id).random() ** 2
    return replace(case, opened=text_of(since))
