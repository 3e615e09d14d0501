"""Staying signed in: refresh tokens, each exchanged for the next; one that comes twice ends them all."""
