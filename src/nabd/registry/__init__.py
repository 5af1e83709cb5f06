"""The registry: territory, facilities, beds, health workers.

A *place* is a Location of type jdn (country, region, province, commune, arrondissement), with its
census. A *facility* is an Organization with a category of the ministry; its *site* is a Location
in a place; its *services* are HealthcareServices; its beds are dated Observations on the site,
existing and functional apart; its staff are PractitionerRoles; its membership in a territorial
health group is a dated OrganizationAffiliation.

Everybody signed in reads it; stewards and integrators write it. Sources come in by the mappings of
``mappings/``; what they call a place is found by ``rules.Gazetteer``, and never guessed.
"""

from nabd.registry.mapping import mapping, shipped

__all__ = ["mapping", "shipped"]
