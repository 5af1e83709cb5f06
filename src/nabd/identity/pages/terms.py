"""Words for what the rules say in codes: fields, levels, grades, doubts. Message ids."""

from __future__ import annotations

from nabd.access.figure import msgid

FIELDS = {
    "given": msgid("Given name"),
    "family": msgid("Family name"),
    "born": msgid("Birth date"),
    "sex": msgid("Sex"),
    "cnie": msgid("CNIE"),
    "idcs": msgid("IDCS"),
    "cnss": msgid("CNSS number"),
    "cnops": msgid("CNOPS number"),
    "residence-card": msgid("Residence card"),
    "passport": msgid("Passport"),
    "hospital-number": msgid("Hospital number"),
    "synthetic": msgid("National number (synthetic)"),
    "phone": msgid("Phone"),
    "email": msgid("E-mail"),
    "place": msgid("Place"),
    "household": msgid("Household"),
}
LEVELS = {
    "exact": msgid("written the same"),
    "same": msgid("the same"),
    "agrees": msgid("agrees"),
    "skeleton": msgid("the same consonants"),
    "close": msgid("spelt alike"),
    "typing": msgid("one character differs"),
    "part": msgid("one of the names is missing"),
    "some": msgid("some names agree"),
    "initial": msgid("the initial agrees"),
    "swapped": msgid("given and family name swapped"),
    "conflict": msgid("like it, but another name"),
    "differ": msgid("different"),
    "differs": msgid("different"),
    "january": msgid("the same, but 1 January"),
    "year": msgid("the same year"),
    "years": msgid("years close to each other"),
    "twins": msgid("twins would look like this"),
}
PARTICULAR = {
    ("given", "same"): msgid("the same name"),
    ("family", "same"): msgid("the same name"),
    ("born", "swapped"): msgid("day and month swapped"),
    ("born", "close"): msgid("one part differs"),
    ("household", "same"): msgid("shared within a family, counted once"),
}
SIGNS = {
    **dict.fromkeys(("exact", "same", "agrees", "january"), "✓"),
    **dict.fromkeys(("differ", "differs", "conflict", "twins"), "✗"),
}
NEARLY, SILENT = "≈", "–"
ALONE = msgid("not in both")
APART = msgid("cannot be compared")
GRADES = {
    "certain": msgid("certain"),
    "probable": msgid("probable"),
    "possible": msgid("possible"),
    "certainly-not": msgid("certainly not"),
}
OUTCOMES = {
    "open": msgid("waits"),
    "linked": msgid("linked by the model"),
    "same": msgid("one person"),
    "different": msgid("different persons"),
    "unsure": msgid("not sure"),
}
DECIDED = {
    "open": msgid("decision undone"),
    "linked": msgid("linked by the model"),
    "same": msgid("decided: one person"),
    "different": msgid("decided: different persons"),
    "unsure": msgid("decided: not sure"),
}
ASKED = {
    "twins": msgid("Everything agrees but the given name: they may be twins."),
    "generations": msgid(
        "A generation lies between the birth dates: parent and child of one name?"
    ),
    "sex-and-birth-date": msgid("Sex and birth date both differ."),
    "newborn": msgid("A newborn without a given name is never linked automatically."),
    "given-name": msgid("The given name differs or is missing."),
    "family-name": msgid("The family name differs, and neither number nor phone agrees."),
    "birth-date": msgid("The birth date differs or is missing."),
    "margin": msgid("Two identities fit almost equally well."),
    "unsure": msgid("A steward was not sure about this identity before."),
    "weight": msgid("The evidence lies between the thresholds."),
}
CONTRADICTING = msgid("Two values of a number that a person has once.")
LIKELIHOODS = (
    (0.99, msgid("very likely one person")),
    (0.9, msgid("likely one person")),
    (0.5, msgid("rather one person")),
    (0.1, msgid("rather two persons")),
    (0.0, msgid("likely two persons")),
)
SEXES = {
    "female": msgid("female"),
    "male": msgid("male"),
    "other": msgid("other"),
    "unknown": msgid("unknown"),
}
SURENESS = {
    "": msgid("first record"),
    "level2": msgid("linked by the model"),
    "level3": msgid("linked by a national number"),
    "level4": msgid("confirmed by a steward"),
}


def field_title(field: str) -> str:
    """Say a field; a system that has no words here is said as it stands.

    >>> field_title("hospital-number|Organization/o1")
    'Hospital number'
    """
    return FIELDS.get(field.partition("|")[0].removesuffix("?"), field)


def level_title(field: str, level: str) -> str:
    """Say how far a field agrees."""
    return PARTICULAR.get((field, level)) or LEVELS.get(level, level)


def sign(level: str) -> str:
    """Give the mark of a level: agrees, nearly, differs; of "" that it is silent."""
    return SIGNS.get(level, NEARLY) if level else SILENT


def likelihood(probability: float) -> str:
    """Say a probability in words."""
    return next(words for least, words in LIKELIHOODS if probability >= least)


def asked(why: str) -> str:
    """Say why a case was opened; "" when nothing is known."""
    return CONTRADICTING if why.startswith("identifier:") else ASKED.get(why, "")
