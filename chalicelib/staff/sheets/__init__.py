"""The Google Sheet as staff see it: runs over all of it, and whether it can be reached."""
