"""What the catalogue does on schedule."""

from chalicelib.catalogue.service import tell_untold


def repeat_invalidations() -> None:
    """Tell the cache what it could not be told when it happened; part of the relay's schedule."""
    tell_untold()
