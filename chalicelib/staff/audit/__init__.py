"""Who did what: written together with each action of staff, and read by them."""
