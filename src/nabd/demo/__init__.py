"""A synthetic country, deterministic from a seed, marked as synthetic in every resource.

Real are the territory with its census, the *numbers* of facilities by province and category and
of posts by cadre; everything else is drawn. It goes in through the intake like any source.
"""

from nabd.demo.country import PEOPLE, SEED, country, load_demo

__all__ = ["PEOPLE", "SEED", "country", "load_demo"]
