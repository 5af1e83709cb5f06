"""What the house takes from this slice; names and linkage load none of it."""

from pathlib import Path

from nabd.access.queries import queries_in
from nabd.access.slice import Slice, views_in
from nabd.identity.guards import GUARDS
from nabd.identity.linking import follow
from nabd.identity.matching import KINDS, Kind
from nabd.identity.operations import OPERATIONS
from nabd.identity.pages import ACTS, DONE, PAGES
from nabd.store.values import Keys

HERE = Path(__file__).parent


def _terms_of(kind: Kind) -> Keys:
    """Return the function that gives the terms under which a resource is found by its like."""
    return lambda resource: [term for term, _ in kind.keys(resource)]


SLICE = Slice(
    name="identity",
    views=views_in(HERE / "views"),
    guards=GUARDS,
    keys={name: _terms_of(kind) for name, kind in KINDS.items()},
    queries=queries_in(HERE / "queries.sql"),
    pages=PAGES,
    acts=ACTS,
    done=DONE,
    operations=OPERATIONS,
    followers=(follow,),
    templates=HERE / "templates",
)
