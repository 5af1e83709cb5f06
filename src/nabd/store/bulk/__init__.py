"""The loader's fast path: the same laws and the same rows as ``keep``, by binary COPY.

**In** goes an iterable of :class:`Record` (raw bytes of FHIR JSON, and the place they came from),
in the order of the sources. A record is

* one resource;
* a ``Bundle`` of type ``transaction``: all or nothing. ``urn:uuid`` references inside it become
  ``Type/id``. A resource keeps its own id, else it takes the one in ``request.url`` or the uuid
  of its ``fullUrl``, so that loading it again finds it again;
* a ``Bundle`` of another type: its entries are independent of each other (a ``document`` and a
  ``message`` are resources, though, and are kept as they are);
* anything with ``issues``: the reader itself found it wrong; it goes to quarantine as it is.

**Out** comes a :class:`nabd.store.batch.Batch`. Its law ``received = stored + unchanged +
quarantined`` counts resources and is a CHECK constraint of the database.

A chunk of about :data:`CHUNK` resources is one transaction: its rows, its quarantine, its counts
and the places it covers commit together. A load that was killed is continued by giving ``batch``
its number and the same records: those of committed chunks are skipped.

Worker processes do all the work; this process only reads and hands out chunks. ``laws`` and
``scope`` are therefore functions that another process can import (pickled by reference).
"""

from nabd.store.bulk.loading import load
from nabd.store.bulk.record import CHUNK, Record

__all__ = ["CHUNK", "Record", "load"]
