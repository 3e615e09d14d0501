"""The Google Sheet: one row a lead, converging to its latest state, written by the sync worker alone."""
