"""Tells the people who keep this running what they should look at."""
