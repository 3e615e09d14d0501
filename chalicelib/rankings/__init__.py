"""Which contractors do the best work, and why each stands where they do."""
