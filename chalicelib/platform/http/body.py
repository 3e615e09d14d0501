"""
Reads bodies: JSON objects, and plain HTML forms whose dotted names become the same objects.

Refused here, before anything is counted or stored: too large, another media type, not decodable, not an
object. What is inside the object is judged by the route's Pydantic model, with a JSON pointer for every
fault.
"""

import json
from collections.abc import Collection
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, ValidationError

from chalicelib.platform.errors import (
    BadRequest,
    FieldError,
    PayloadTooLarge,
    UnsupportedMediaType,
    ValidationFailed,
)

BODY_LIMIT_BYTES = 64 * 1024
_FORM = "application/x-www-form-urlencoded"
_FORM_FIELDS = 200
_FORM_NAMES = {"cf-turnstile-response": "turnstileToken"}
_MESSAGES = {
    "extra_forbidden": "This field is not known here; remove it.",
    "missing": "This field is required.",
    "string_pattern_mismatch": "This is not in the right form; an e-mail address is like name@example.com, "
    "a phone number like 0912 345 678.",
    "union_tag_invalid": "This is one of {expected_tags}.",
    "union_tag_not_found": "This field is required.",
    "too_long": "Use at most {max_length} {unit}.",
    "too_short": "Use at least {min_length} {unit}.",
    "string_too_long": "Use at most {max_length} characters.",
    "string_too_short": "Use at least {min_length} characters.",
}
Model = TypeVar("Model", bound=BaseModel)


def media_type_of(content_type: str) -> str:
    """The bare media type, lower case; JSON where the caller named none."""
    return content_type.partition(";")[0].strip().lower() or "application/json"


def read(
    raw: bytes, content_type: str, *, takes_form: bool, repeated: Collection[str] = ()
) -> tuple[dict[str, Any], bool]:
    """
    Decode *raw* into an object; the second value tells whether it was a form.

    Raises:
        PayloadTooLarge: over 64 KiB.
        UnsupportedMediaType: neither JSON nor, where *takes_form*, a form.
        BadRequest: not decodable, or not an object.
    """
    if len(raw) > BODY_LIMIT_BYTES:
        raise PayloadTooLarge("The body is over 64 KiB; send less.")
    media_type = media_type_of(content_type)
    if media_type == _FORM and takes_form:
        return _read_form(raw, repeated), True
    if media_type != "application/json":
        taken = f"application/json or {_FORM}" if takes_form else "application/json"
        raise UnsupportedMediaType(f"Send the body as {taken}.")
    return _read_json(raw), False


def _read_json(raw: bytes) -> dict[str, Any]:
    try:
        document = json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant, object_pairs_hook=_unique)
        json.dumps(document, ensure_ascii=False).encode("utf-8")  # a lone surrogate is no character
    except (ValueError, RecursionError) as error:
        raise BadRequest(
            "The body is not JSON in UTF-8; check quotes, commas, doubled names and the encoding."
        ) from error
    if not isinstance(document, dict):
        raise BadRequest("The body must be a JSON object, like {…}.")
    return document


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names are unique: with a doubled one, two readers could see two different requests."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _read_form(raw: bytes, repeated: Collection[str]) -> dict[str, Any]:
    try:
        pairs = parse_qsl(
            raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_FORM_FIELDS
        )
    except ValueError as error:
        raise BadRequest("The form is not URL-encoded UTF-8, or has more than 200 fields.") from error
    document: dict[str, Any] = {}
    for written, value in pairs:
        name = _FORM_NAMES.get(written, written)
        if value == "" and name not in {"website", "turnstileToken"}:
            continue  # an empty input of a form means: not given
        _put(document, name.split("."), value, is_list=name in repeated)
    return document


def _put(document: dict[str, Any], path: list[str], value: str, *, is_list: bool) -> None:
    target = document
    for step in path[:-1]:
        target = target.setdefault(step, {})
        if not isinstance(target, dict):
            raise BadRequest(f"The form uses {step!r} both as a field and as a group of fields.")
    if is_list:
        found = target.setdefault(path[-1], [])
        if isinstance(found, list):
            found.append(value)
            return
    elif path[-1] not in target:
        target[path[-1]] = value
        return
    raise BadRequest(f"The form holds {'.'.join(path)!r} more than once.")


def validate(model: type[Model], document: dict[str, Any], *, is_form: bool) -> Model:
    """
    Judge *document* by *model*: JSON strictly (a number is a number), forms by what their text can mean.

    Raises:
        ValidationFailed: one entry for each fault, with its JSON pointer.
    """
    try:
        if is_form:
            return model.model_validate(document, strict=False)
        return model.model_validate_json(json.dumps(document), strict=True)
    except ValidationError as error:
        raise ValidationFailed([_field_error(item) for item in error.errors(include_url=False)]) from error


def _field_error(item: Any) -> FieldError:
    known = [
        step for step in item["loc"] if not (isinstance(step, str) and step in {"calculator", "furniture"})
    ]
    if item["type"].startswith("union_tag_"):  # the field that says which of several shapes it is
        known.append(item["ctx"]["discriminator"].strip("'"))
    pointer = "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in known)
    is_empty = item.get("ctx", {}).get("min_length") == 1  # too short for that is nothing at all
    known_as = "This must not be empty." if is_empty else _MESSAGES.get(item["type"], "")
    unit = "characters" if isinstance(item["input"], str) else "entries"
    told = known_as.format(**{**item.get("ctx", {}), "unit": unit})
    message = told or item["msg"].removeprefix("Value error, ")
    return FieldError(pointer=pointer[:300], code=item["type"], detail=message[:300])
