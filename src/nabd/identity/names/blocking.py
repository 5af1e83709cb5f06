"""Keys under which names that may be one person's are found."""

from __future__ import annotations

from itertools import combinations

from nabd.identity.names.person import PersonName

MOST = 5  # tokens of a name that take part in pairs


def keys(name: PersonName) -> tuple[str, ...]:
    """Return the blocking keys of a name: pairs of skeletons, then single ones."""
    bones = sorted({token.skeleton for token in name.tokens[:MOST]})
    pairs = [f"{a}|{b}" for a, b in combinations(bones, 2)]
    given = {token.skeleton for token in name.given}
    family = {token.skeleton for token in name.family}
    if not name.ordered:
        family = given
    return (
        *pairs,
        *(f"f:{one}" for one in sorted(family)),
        *(f"g:{one}" for one in sorted(given)),
    )
