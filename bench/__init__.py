"""Reproducible benchmarks: ``make bench`` prints one table with machine and versions."""
