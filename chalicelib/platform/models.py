"""
The shapes that every subject shares: bodies in camelCase that refuse unknown fields, clean text, exact
money, and instants.

A model is built when it is first used (`defer_build`): a cold container needs a few of two hundred.
"""

import re
import unicodedata
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel

from chalicelib.platform.clock import rfc3339

MINOR_DIGITS = {"VND": 0, "USD": 2, "EUR": 2}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LINE_BREAKS = re.compile(r"[\r\n\t\u2028\u2029\x85]")


class Body(BaseModel):
    """A request body: camelCase outside, snake_case inside, unknown fields refused, immutable once read."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", frozen=True, populate_by_name=False, defer_build=True
    )


class View(BaseModel):
    """A part of an answer: camelCase outside."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True, defer_build=True)


def _storable(value: str) -> str:
    if _CONTROL.search(value):
        raise ValueError("Control characters are not allowed here.")
    return unicodedata.normalize("NFC", value)


def _one_line(value: str) -> str:
    if _LINE_BREAKS.search(value):
        raise ValueError("This must be a single line.")
    return value


# An exact number that is shown as a JSON number (never money, which is a string).
Number = Annotated[Decimal, PlainSerializer(float, return_type=float, when_used="json")]
# An instant in an answer: RFC 3339 in UTC with milliseconds, whatever time zone the database speaks.
Instant = Annotated[
    datetime,
    PlainSerializer(rfc3339, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
# What ties an answer, its log lines and its jobs together.
CorrelationId = Annotated[str, Field(examples=["2f6c1f0e-2f0b-4a56-9d0c-6f5f3b8a7c11"])]
_NO_CONTROLS = r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*"
_NO_CONTROLS_NOR_BREAKS = r"[^\x00-\x1f\x7f\x85\u2028\u2029]*"


def _cleaned(what_is_left: str) -> dict[str, str]:
    """
    The JSON Schema of a text that is cut and composed before it is judged.

    `x-clean` is what the rest must look like, for those who can cut as we do (`infra.zod`): languages differ
    in what is a blank.
    """
    return {"pattern": rf"^\s*{what_is_left}\s*$", "x-clean": f"^{what_is_left}$"}


Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True),
    AfterValidator(_storable),
    Field(json_schema_extra={**_cleaned(_NO_CONTROLS)}),
]
Line = Annotated[
    Text, AfterValidator(_one_line), Field(json_schema_extra={**_cleaned(_NO_CONTROLS_NOR_BREAKS)})
]


class Money(View):
    """An exact amount: a decimal string with exactly the currency's minor digits."""

    amount: str = Field(examples=["1250000"])
    currency: str = Field(examples=["VND"])

    @classmethod
    def of(cls, amount: Decimal, currency: str) -> "Money":
        """*amount* rounded half-up to *currency*'s minor digits; the only place where money is rounded."""
        step = Decimal(1).scaleb(-MINOR_DIGITS[currency])
        return cls(amount=f"{amount.quantize(step, rounding=ROUND_HALF_UP):f}", currency=currency)
