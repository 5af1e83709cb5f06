"""The registry's pages: the country at a glance, its regions and provinces, its facilities."""

from nabd.access.slice import PageRoute
from nabd.registry.pages.country import country
from nabd.registry.pages.facilities import facilities
from nabd.registry.pages.facility import facility
from nabd.registry.pages.province import province
from nabd.registry.pages.region import region

PAGES = (
    PageRoute("/country", country),
    PageRoute("/regions/{code}", region),
    PageRoute("/provinces/{code}", province),
    PageRoute("/facilities", facilities),
    PageRoute("/facilities/{id}", facility),
)

__all__ = ["PAGES"]
