"""How historical_50k (figures of history with errors, truth known) is given to Nabd's linkage.

The model learns from the records alone and the thresholds are the defaults; which rules are worth
their pairs was seen with the help of the truth, as was the default veto. Names there are English,
with titles and nicknames, so a given name that differs forbids nothing, and records are many for
each person, so more pairs are worth comparing.
"""

from __future__ import annotations

from nabd.identity.batch import Settings

ROWS = (
    "SELECT unique_id AS id, first_name AS given, surname AS family, dob AS birth_date, "
    "gender AS sex, birth_place AS commune, postcode_fake AS postcode, occupation FROM '{path}'"
)
SETTINGS = Settings(
    identifiers=(),
    certain=(),
    careful=(),
    rules={
        "day": "day",
        "postcode": "postcode",
        "names": "given_key, family_key",
        "family": "family_key",
        "place_year": "commune, born_year",
        "area_year": "area, born_year",
        "given_area": "given_key, area",
        "given_place": "given_key, commune, born_year",
        "occupation": "commune, occupation, born_year",
    },
    pairs_per_record=20,
)
