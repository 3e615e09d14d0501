"""What signing in takes and gives, what people see of their own account, and what its parts share."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from chalicelib.platform.models import Body, Instant, Line, View

Role = Literal["ADMIN", "MANAGER", "CONTRACTOR", "HOMEOWNER"]

# Taken as it was sent, blanks and all, and made of whatever characters (OWASP ASVS 5.0: 6.2.1, 6.2.5, 6.2.8).
ChosenPassword = Annotated[str, Field(min_length=8, max_length=256, examples=["đúng ngựa pin ghim"])]
LinkToken = Annotated[str, Field(max_length=1000, examples=["what-the-link-carries"])]


class Credentials(Body):
    """The body of `POST /auth/login`. The password is taken as it was sent, blanks and all."""

    email: Annotated[Line, Field(min_length=1, max_length=254, examples=["hoa@example.com"])]
    password: Annotated[str, Field(min_length=1, max_length=256, examples=["đúng ngựa pin ghim"])]


class UserView(View):
    """An account as others see it."""

    id: UUID
    email: str = Field(examples=["hoa@example.com"])
    name: str = Field(examples=["Nguyễn Thị Hoa"])
    role: Role


class SignedIn(View):
    """What a program needs to act for somebody: the token, and for how many seconds it is valid."""

    access_token: str = Field(examples=["eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl"])
    expires_in: int = Field(examples=[900])
    user: UserView


class Me(UserView):
    """An account as its owner sees it."""

    phone: str | None = Field(examples=["+84912345678"])
    locale: Literal["en", "vi"]
    created_at: Instant
