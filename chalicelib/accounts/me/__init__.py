"""One's own account: what it is, all that is kept of its owner, and its end."""
