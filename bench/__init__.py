"""Benchmarks, run by hand: `python -m bench.<name>`. Each starts its own parts and prints a table."""
