"""What people are told of a link that leads nowhere: the same for every reason."""

from chalicelib.platform.errors import FieldError, ValidationFailed


def refused_link() -> ValidationFailed:
    """The refusal of a token that is wrong, expired, used or void."""
    return ValidationFailed(
        [FieldError("/token", "not_valid", "This link is not valid any more; please ask for a new one.")]
    )
