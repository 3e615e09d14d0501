"""All leads that a filter leaves, as one CSV: in the answer, or as a file where they are too many for one."""
