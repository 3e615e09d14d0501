"""How every change of a lead by staff is locked, written down and told: the one way in which it commits."""
