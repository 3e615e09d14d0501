"""What SES and SNS refuse: the error that their rules raise, whichever protocol it is answered in."""

from __future__ import annotations


class AwsRefusal(Exception):  # it is the caller's mistake, not a failure
    """The call is refused with AWS's own *code*; nothing was sent."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
