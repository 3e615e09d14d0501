"""Erasures done again after a restore: a backup knows people whom we had forgotten."""
