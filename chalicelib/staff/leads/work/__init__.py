"""Working on a lead: its status, who has it, what is said of it, merging, and the way out of quarantine."""
