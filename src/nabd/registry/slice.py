"""What the house takes from this slice."""

from pathlib import Path

from nabd.access.queries import queries_in
from nabd.access.slice import Slice, views_in
from nabd.registry.guards import GUARDS
from nabd.registry.operations import OPERATIONS
from nabd.registry.pages import PAGES

HERE = Path(__file__).parent

SLICE = Slice(
    name="registry",
    views=views_in(HERE / "views"),
    guards=GUARDS,
    queries=queries_in(HERE / "queries.sql"),
    pages=PAGES,
    operations=OPERATIONS,
    templates=HERE / "templates",
)
