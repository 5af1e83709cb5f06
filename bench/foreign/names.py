"""Measure the name layer on the names of the foreign register: ``python -m bench.foreign.names``.

Of each name every Latin spelling is compared with the Arabic form: do they agree, and do they lead
to one key? Then each Arabic form that no table of Nabd has is looked for among all Latin spellings.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from bench.figures import Figure, show
from bench.foreign.households import Name, Vocabulary
from nabd.identity.agreement import AGREES, Tokens, part
from nabd.identity.names import parse
from nabd.identity.names.lexicon import bare, form_of, known
from nabd.identity.names.retrieval import Vocabulary as Search
from nabd.identity.names.script import arabic_form, latin_form
from nabd.identity.names.transducer import transducer


def figures() -> Iterator[Figure]:
    """Measure, given names and family names apart."""
    names = Vocabulary(random.Random(1))
    given, family = [*names.male, *names.female], names.family
    yield from agreement("given names", given, is_family=False)
    yield from agreement("family names", family, is_family=True)
    yield retrieval([name for name in [*given, *family] if " " not in name.arabic])


def agreement(title: str, names: list[Name], *, is_family: bool) -> Iterator[Figure]:
    """Measure how many spellings agree with the Arabic form, and share its key."""
    agree = keys = count = 0
    for name in names:
        arabic = _tokens(name.arabic, is_family)
        for spelling in name.latin:
            latin = _tokens(spelling, is_family)
            found = part(arabic, latin)
            agree += found is not None and found.level in AGREES - {"part"}
            keys += {t.skeleton for t in arabic} == {t.skeleton for t in latin}
            count += 1
    yield Figure(
        f"{title} of the foreign register, {count:,} spellings", f"{agree / count:.4f}", ""
    )
    yield Figure("…, with the key of the Arabic form", f"{keys / count:.4f}", "")


def _tokens(text: str, is_family: bool) -> Tokens:
    return parse("", text).family if is_family else parse(text, "").given


def retrieval(names: list[Name]) -> Figure:
    """Measure recall of a Latin spelling by an Arabic form that is in no table."""
    truth: dict[str, set[str]] = {}
    for name in names:
        spellings = {latin_form(one) for one in name.latin if " " not in one}
        truth.setdefault(arabic_form(bare(name.arabic)), set()).update(spellings)
    words = sorted(set[str]().union(*truth.values()))
    queries = [arabic for arabic in truth if truth[arabic] and not known(form_of(arabic))]
    search, learned = Search(words), transducer()
    hits = [[w in truth[q] for w in search.search(learned, q)[:10]] for q in queries]
    first = sum(one[:1] == [True] for one in hits) / len(hits)
    ten = sum(map(any, hits)) / len(hits)
    title = f"{len(queries):,} Arabic forms in no table, among {len(words):,} spellings"
    return Figure(title, f"recall@1 {first:.3f}, @10 {ten:.3f}", "≥ .82, ≥ .95")


if __name__ == "__main__":
    show(list(figures()))
