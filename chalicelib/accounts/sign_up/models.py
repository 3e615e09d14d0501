"""What signing up and confirming take and give."""

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.accounts.models import ChosenPassword, LinkToken
from chalicelib.platform.contact import Email, Phone
from chalicelib.platform.models import Body, Line, View


class NewAccount(Body):
    """The body of `POST /auth/signup`. Staff do not sign up: they are made by staff."""

    email: Email
    password: ChosenPassword
    name: Annotated[Line, Field(min_length=2, max_length=100, examples=["Nguyễn Thị Hoa"])]
    phone: Phone | None = None
    role: Literal["HOMEOWNER", "CONTRACTOR"]
    locale: Literal["en", "vi"] = "vi"
    turnstile_token: Annotated[str, Field(max_length=2048, examples=["0.XXXX.DUMMY.TOKEN.XXXX"])] | None = (
        None
    )


class SignUpReceived(View):
    """The public answer, the same whether the address has an account or not."""

    status: Literal["RECEIVED"] = "RECEIVED"


class Confirmation(Body):
    """The body of `POST /auth/verify`: what the link in the mail carries."""

    token: LinkToken
