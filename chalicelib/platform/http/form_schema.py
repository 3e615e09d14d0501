"""The fields of a plain HTML form as JSON Schema: a body's own, nested ones by dotted names, all as text."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from chalicelib.platform.http.form import ADDRESS_CHARACTERS

Schema = Mapping[str, Any]
TOKEN_FIELD = "cf-turnstile-response"  # noqa: S105  the name that Cloudflare's widget gives its input
# What the models read as yes or no; an unticked box sends nothing.
_YES_OR_NO = {"type": "string", "enum": ["on", "off", "true", "false", "1", "0"]}


def form_of(
    body: Schema, definitions: Mapping[str, Schema], *, form_only: Collection[str] = ()
) -> dict[str, Any]:
    """The form that means *body*; *form_only* are names that only a form has."""
    found = _Fields(definitions)
    found.add_object(body, "", is_required=True)
    for name in form_only:
        found.properties[name] = {"type": "string", "maxLength": ADDRESS_CHARACTERS}
    if "turnstileToken" in found.properties:
        token = found.properties.pop("turnstileToken")
        found.properties[TOKEN_FIELD] = {**token, "description": "What the captcha's widget put there."}
    return {
        "type": "object",
        "description": "The same fields by dotted names, as text; an empty field counts as not given.",
        "properties": found.properties,
        **({"patternProperties": found.patterns} if found.patterns else {}),
        "required": sorted(found.required),
        "additionalProperties": False,
    }


class _Fields:
    def __init__(self, definitions: Mapping[str, Schema]) -> None:
        self._definitions = definitions
        self.properties: dict[str, Any] = {}
        self.patterns: dict[str, Any] = {}
        self.required: set[str] = set()

    def add_object(self, schema: Schema, prefix: str, *, is_required: bool) -> None:
        wanted = schema.get("required", ())
        for name, each in schema.get("properties", {}).items():
            self._add(each, prefix + name, is_required=is_required and name in wanted)

    def _add(self, schema: Schema, name: str, *, is_required: bool) -> None:
        options = self._options(schema)
        for option in options:
            if "properties" in option:
                self.add_object(option, f"{name}.", is_required=is_required and len(options) == 1)
            elif option.get("type") == "array" and "properties" in self._resolved(option["items"]):
                self._add_list(self._resolved(option["items"]), name)
            else:
                self._add_value(option, name, is_required=is_required)

    def _add_value(self, option: Schema, name: str, *, is_required: bool) -> None:
        value = _YES_OR_NO if option.get("type") == "boolean" else option
        known = self.properties.get(name)
        if known is not None and "const" in known and "const" in value:  # which of several shapes it is
            value = {"enum": [known["const"], value["const"]]}
        self.properties[name] = value
        if is_required:
            self.required.add(name)

    def _add_list(self, item: Schema, name: str) -> None:
        inner = _Fields(self._definitions)
        inner.add_object(item, "", is_required=False)
        for field, value in inner.properties.items():
            self.patterns[rf"^{re.escape(name)}\.[0-9]+\.{re.escape(field)}$"] = value

    def _resolved(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            schema = self._definitions[schema["$ref"].rpartition("/")[2]]
        return schema

    def _options(self, schema: Schema) -> list[Schema]:
        """The shapes that a field may have, its null left out: a form leaves the field away."""
        whole = self._resolved(schema)
        for union in ("anyOf", "oneOf"):
            if union in whole:
                several = [option for each in whole[union] for option in self._options(each)]
                return [each for each in several if each.get("type") != "null"]
        return [whole]
