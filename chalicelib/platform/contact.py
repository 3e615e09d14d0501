"""
How people are reached: e-mail addresses and phone numbers, as every body takes them.

What a pattern can say, the browser judges too, by schemas made of these models; whether a number could be
called is for libphonenumber to say, here alone (`JUDGED_HERE_ALONE`).
"""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from chalicelib.platform.settings import settings

# The pattern of HTML's <input type=email> (WHATWG), with a dot in the domain.
_EMAIL = (
    r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@"
    r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+$"
)
# At least seven digits, however they are grouped: ASCII, full-width, Arabic-Indic, or their extended form.
_PHONE = r"^(?:[^0-9\uff10-\uff19\u0660-\u0669\u06f0-\u06f9]*[0-9\uff10-\uff19\u0660-\u0669\u06f0-\u06f9]){7}"
# The codes of faults that no schema can find.
JUDGED_HERE_ALONE = frozenset({"phone_number"})


def to_e164(written: str) -> str:
    """
    *written*, in any usual writing of the region from the settings, as E.164, by libphonenumber.

    Raises:
        PydanticCustomError: it is no number that could be called.
    """
    import phonenumbers  # noqa: PLC0415  its tables cost 25 ms that only who gives a number pays

    try:
        number = phonenumbers.parse(written, settings().phone_region)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        raise PydanticCustomError(
            "phone_number",
            "This is not a phone number that can be called; write it like 0912 345 678 or +84 912 345 678.",
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


Email = Annotated[
    str,
    Field(
        max_length=254,
        pattern=_EMAIL,
        description="An e-mail address, like name@example.com.",
        examples=["hoa@example.com"],
    ),
]
Phone = Annotated[
    str,
    Field(
        min_length=3,
        max_length=40,
        pattern=_PHONE,
        description="In any usual writing; kept as E.164.",
        examples=["0912 345 678"],
    ),
    AfterValidator(to_e164),
]
