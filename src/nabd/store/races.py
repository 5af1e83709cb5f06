"""The signal that a transaction lost a race and is worth running again."""

from __future__ import annotations


class FasterWriterError(Exception):
    """Another writer was faster; ``Store.retrying`` runs the transaction once more."""
