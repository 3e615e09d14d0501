"""Who runs into limits, and where."""
