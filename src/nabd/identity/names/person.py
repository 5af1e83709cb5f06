"""What a name as written comes to: its tokens."""

from __future__ import annotations

import msgspec


class Token(msgspec.Struct, frozen=True, gc=False, cache_hash=True):
    """One name of a person: a given name or a family name with its particles."""

    written: str  # as written
    form: str  # its letters in its own script, one form for each, particles joined, no article
    latin: str  # a to z: the form of a Latin token, the best Latin spelling of an Arabic one
    skeleton: str  # its consonants, alike in both scripts
    canonical: str  # the usual spelling of a well-known name; else "~" and the sounds of `latin`
    script: str  # "latin" or "arabic"
    feminine: bool | None  # evidence of sex: the known name's, or the ending's; None: no evidence

    @property
    def known(self) -> bool:
        """Say whether it is a well-known name."""
        return not self.canonical.startswith("~")

    def __lt__(self, other: Token) -> bool:
        """Order tokens by what all else follows from."""
        return (self.written, self.form) < (other.written, other.form)


class PersonName(msgspec.Struct, frozen=True, gc=False, cache_hash=True):
    """A person's name. Where the order of names is unknown, all tokens are in `given`."""

    given: tuple[Token, ...]
    family: tuple[Token, ...]
    titles: tuple[str, ...]
    placeholder: bool  # stands where there is no name yet, as "Nouveau-né de …"
    ordered: bool  # which are given and which family names is known

    @property
    def tokens(self) -> tuple[Token, ...]:
        """Return all tokens, given names first."""
        return self.given + self.family
