"""A new password for who lost theirs: a link by mail, good for 30 minutes and for one use."""
