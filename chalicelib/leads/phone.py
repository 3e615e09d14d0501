"""Phone numbers in any usual writing become E.164, by libphonenumber, in the region from the settings."""

from chalicelib.platform.settings import settings


def to_e164(written: str) -> str:
    """
    *written* as E.164.

    Raises:
        ValueError: it is no number that could be called.
    """
    import phonenumbers  # noqa: PLC0415  its tables cost 25 ms that only a lead pays

    try:
        number = phonenumbers.parse(written, settings().phone_region)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        raise ValueError(
            "This is not a phone number that can be called; write it like 0912 345 678 or +84 912 345 678."
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
