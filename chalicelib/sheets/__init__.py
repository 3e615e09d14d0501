"""The Google Sheet: one row a lead, converging to the lead's latest state, written by the sync worker alone."""
