"""How often what goes wrong in the foreign register: invented, by judgement."""

from __future__ import annotations

# A share of the records to which it applies, in a register that is: well kept, ordinary, dirty.
RATES = {
    "numbers": (0.80, 0.50, 0.20),  # any identifier at all
    "idcs": (0.40, 0.25, 0.10),  # of those with identifiers, the IDCS too
    "cnss": (0.50, 0.30, 0.15),
    "lent": (0.001, 0.003, 0.005),  # a number of somebody else of the family
    "parent's card": (0.02, 0.04, 0.06),  # a child under the CNIE of a parent
    "number slip": (0.005, 0.015, 0.03),
    "arabic": (0.45, 0.45, 0.45),  # facilities that write Arabic
    "own spelling": (0.15, 0.40, 0.60),  # Latin: not that of the papers
    "habit": (0.03, 0.08, 0.15),  # a letter by the clerk's own convention
    "typo": (0.01, 0.03, 0.07),  # a field
    "ocr": (0.002, 0.01, 0.03),
    "layout": (0.001, 0.003, 0.006),  # the other keyboard
    "swap": (0.01, 0.03, 0.08),
    "whole": (0.01, 0.03, 0.06),  # the whole name in the family's field
    "short": (0.02, 0.06, 0.12),  # Med, Abd., F.Z.
    "second dropped": (0.20, 0.40, 0.60),
    "title dropped": (0.30, 0.50, 0.70),
    "hajj": (0.02, 0.06, 0.10),  # of those over sixty
    "article": (0.03, 0.08, 0.12),  # El dropped or added
    "husband's name": (0.04, 0.12, 0.20),
    "both names": (0.03, 0.06, 0.06),  # X épouse Y
    "no birth date": (0.005, 0.03, 0.10),
    "year only": (0.02, 0.05, 0.12),
    "date slip": (0.004, 0.015, 0.04),
    "day for month": (0.003, 0.012, 0.03),
    "year slip": (0.003, 0.012, 0.03),
    "no sex": (0.005, 0.02, 0.08),
    "wrong sex": (0.001, 0.006, 0.015),
    "no commune": (0.02, 0.08, 0.20),
    "wrong commune": (0.02, 0.06, 0.12),
    "no phone": (0.10, 0.30, 0.50),
    "phone slip": (0.005, 0.015, 0.03),
    "newborn": (0.30, 0.50, 0.70),  # a placeholder in the first record of one under two
}  # fmt: skip
PROFILES = ("well", "ordinary", "dirty")
VISITS = (0.48, 0.26, 0.14, 0.08, 0.04)  # people with 1, 2 … 5 records
