"""Benchmarks: `make bench` runs all, `python -m bench.<name>` one; each starts its parts, prints a table."""
