"""How long a lead may wait for somebody to look at it."""
