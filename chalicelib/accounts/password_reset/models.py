"""What resetting a password takes and gives."""

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.accounts.models import ChosenPassword, LinkToken
from chalicelib.platform.models import Body, Line, View


class ResetRequest(Body):
    """The body of `POST /auth/password-reset`."""

    email: Annotated[Line, Field(min_length=1, max_length=254, examples=["hoa@example.com"])]


class ResetReceived(View):
    """The public answer, the same whether the address has an account or not."""

    status: Literal["RECEIVED"] = "RECEIVED"


class NewPassword(Body):
    """The body of `POST /auth/password-reset/confirm`: what the link in the mail carries, and a password."""

    token: LinkToken
    password: ChosenPassword
