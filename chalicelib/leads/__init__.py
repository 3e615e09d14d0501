"""Leads: what a visitor submits, stored once with the answer it was given and the jobs it causes."""
