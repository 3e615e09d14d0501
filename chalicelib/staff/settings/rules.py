"""What the value of a setting may be."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, StrictBool, StrictFloat, StrictInt, TypeAdapter, ValidationError

from chalicelib.platform.errors import FieldError, ValidationFailed
from chalicelib.platform.models import Text

_MOST = 10**9
_Integer = Annotated[StrictInt, Field(ge=-_MOST, le=_MOST)]
_Number = _Integer | Annotated[StrictFloat, Field(ge=-_MOST, le=_MOST, allow_inf_nan=False)]
_TYPES: dict[str, tuple[str, TypeAdapter[Any]]] = {
    "text": ("a text", TypeAdapter(Annotated[Text, Field(strict=True, max_length=2000)])),
    "integer": ("a whole number", TypeAdapter(_Integer)),
    "number": ("a number", TypeAdapter(_Number)),
    "boolean": ("true or false", TypeAdapter(StrictBool)),
}


def value_of(given: Any, kind: str, validation: Mapping[str, Any]) -> str | bool | int | float:
    """
    *given* as the value of a setting of type *kind*; a text without the spaces around it.

    Raises:
        ValidationFailed: it is of another type, or not what *validation* allows.
    """
    word, adapter = _TYPES[kind]
    try:
        value: str | bool | int | float = adapter.validate_python(given)
    except ValidationError:
        raise ValidationFailed(
            [FieldError("/value", "type", f"The value of this setting is {word}.")]
        ) from None
    fault = _fault_of(value, validation)
    if fault is not None:
        raise ValidationFailed([FieldError("/value", "not_allowed", fault)])
    return value


def _fault_of(value: str | float, allowed: Mapping[str, Any]) -> str | None:
    if isinstance(value, str):
        shortest, longest = allowed.get("minLength", 0), allowed.get("maxLength", 2000)
        if not shortest <= len(value) <= longest:
            return f"Use {shortest} to {longest} characters."
        if not re.fullmatch(allowed.get("pattern", r"(?s).*"), value):
            return f"This must match {allowed['pattern']}."
        return None
    lowest, highest = allowed.get("min", -_MOST), allowed.get("max", _MOST)
    return None if lowest <= value <= highest else f"This must be from {lowest} to {highest}."
