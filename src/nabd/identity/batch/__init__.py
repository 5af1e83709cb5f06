"""Batch linkage: which records of a whole register are of one person.

    linkage = link(rows, settings=Settings(identifiers=("cnie", "idcs")), on_progress=show)
    for person in linkage.people(): ...      # ids of two records or more
    for link in linkage.links(): ...         # why: weight, and the weight of each field
    for question in linkage.questions(): ... # what a steward must decide, and why
    linkage.report, linkage.model            # figures; the weights, to be kept and used again

``rows`` are mappings of column to text (``records.COLUMNS`` and the identifiers named in
``Settings``; only ``id`` must be there) or a DuckDB relation with such columns. Nothing is read
from or written to the store. Threads and memory are those of the DuckDB connection that is given.

In order: ``records`` brings the rows into DuckDB, ``names`` and ``features`` make comparable
columns, ``blocks`` proposes what is compared, ``model`` says how, ``learn`` and ``frequencies``
with which weights (from the register, and from ``prior`` where it is too small), ``scale`` lets
Splink weigh, ``pairs`` says what each pair means, ``people`` and ``clusters`` join records and
refuse chains, ``report`` counts. It needs Splink: ``pip install nabd[link]``.
"""

from nabd.identity.batch.linkage import Linkage, link
from nabd.identity.batch.model import Model
from nabd.identity.batch.pairs import Pair
from nabd.identity.batch.report import Report
from nabd.identity.batch.settings import Settings

__all__ = ["Linkage", "Model", "Pair", "Report", "Settings", "link"]
