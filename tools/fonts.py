"""Write ``web/static/noto-sans-arabic.woff2``: the Arabic letters of the console, two weights.

Run ``npm pack @fontsource-variable/noto-sans-arabic@5.3.0``, then ``python tools/fonts.py`` with
the tarball's name (needs fonttools and brotli).  The package's font (OFL 1.1) carries every
Arabic-script language; a page needs the letters of Arabic and the four that the Maghreb adds, so
that a delegate on a slow line waits for a third of the bytes.
"""

from __future__ import annotations

import io
import sys
import tarfile
from pathlib import Path

from fontTools import subset, ttLib
from fontTools.varLib import instancer

STATIC = Path(__file__).parents[1] / "src/nabd/web/static"
FONT = "package/files/noto-sans-arabic-arabic-wght-normal.woff2"
LETTERS = [
    *range(0x0600, 0x0656),  # signs, the alphabet, vowel marks
    *range(0x0660, 0x0671),  # digits, percent, separators, alef above
    0x0671,
    *(0x067E, 0x0686, 0x06A4, 0x06A8, 0x06AD, 0x06AF),  # p, ch, v, qaf, ng and g of the Maghreb
    *range(0x200C, 0x2010),  # joiners and direction marks
]


def main() -> None:
    """Read the package named on the command line; write the font and its licence."""
    with tarfile.open(sys.argv[1]) as tar:
        font = ttLib.TTFont(io.BytesIO(read(tar, FONT)))
        licence = read(tar, "package/LICENSE")
    options = subset.Options(flavor="woff2", layout_features=["*"])
    keep = subset.Subsetter(options)
    keep.populate(unicodes=LETTERS)
    keep.subset(font)
    instancer.instantiateVariableFont(font, {"wght": (400, 700)}, inplace=True)
    target = STATIC / "noto-sans-arabic.woff2"
    subset.save_font(font, str(target), options)
    target.with_suffix(".LICENSE.txt").write_bytes(licence)
    print(f"{target.name}: {target.stat().st_size} bytes")


def read(tar: tarfile.TarFile, name: str) -> bytes:
    """Read one file of the tarball."""
    file = tar.extractfile(name)
    assert file is not None
    return file.read()


if __name__ == "__main__":
    main()
