"""Runs over the whole sheet: everything written again, or the id column held against our ledger."""
