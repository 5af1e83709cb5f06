"""Nabd (نبض, "pulse"): an integrated national health information system."""

__version__ = "0.1.0"
