"""Identity: who is who.

Each facility keeps its own record (``Patient``) of a person, and nobody changes it. An *identity*
is a ``Person`` that links the records of one human being; every record belongs to exactly one. The
linker follows what is written, compares each new record with those that share its keys, and links
it, or asks: a *case* is a ``Task`` about two records, which waits for a steward, is taken, and
is decided (same, different, not sure), with a reason; every decision can be undone.

Everybody who may read Patients matches (``Patient/$match``); stewards decide. Decisions 0011–0013.
"""
