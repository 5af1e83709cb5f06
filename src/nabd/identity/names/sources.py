"""Read the public pairs of names that the transducer is learned from."""

from __future__ import annotations

from pathlib import Path

from nabd.identity.names.script import arabic_form, latin_form


def public_pairs(folder: Path) -> dict[tuple[str, str], int]:
    """Read the pairs (Arabic, Latin), each to count once.

    The folder holds ``google-ar2en.txt`` (google/transliteration, Apache-2.0) and
    ``coling2018-ar-en.tsv`` (NETransliteration-COLING2018, MIT-0 style): pairs that may be shipped.
    """
    google = (folder / "google-ar2en.txt").read_text("utf-8").splitlines()
    coling = (folder / "coling2018-ar-en.tsv").read_text("utf-8").splitlines()
    written = [(line.split("\t")[0], line.split("\t")[1]) for line in google]
    for latin, spaced, _ in (line.split("\t") for line in coling):
        written.append((spaced.replace(" ", ""), latin))
    forms = {(arabic_form(arabic), latin_form(latin)) for arabic, latin in written}
    return {pair: 1 for pair in sorted(forms) if all(pair)}
