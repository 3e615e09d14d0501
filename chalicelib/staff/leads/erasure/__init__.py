"""Forgetting people: on request, when their time is over, and once more after a restore from a backup."""
