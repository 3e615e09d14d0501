"""
Zod schemas for the browser, made of the Pydantic models by way of their JSON Schema.

`python -m infra.zod FILE` writes them; `make` does it again when a model has changed. A keyword of JSON
Schema that is not known here stops the build: what was left out silently, the browser would not judge. The
parity test of the pages feeds both runtimes the same input (decision 0026).
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from chalicelib.accounts.password_reset.models import NewPassword
from chalicelib.accounts.sign_up.models import NewAccount
from chalicelib.leads.models import NewLead

MODELS: tuple[type[BaseModel], ...] = (NewLead, NewAccount, NewPassword)

Schema = Mapping[str, Any]
_SAYS_NOTHING = {"title", "description", "examples", "default", "discriminator"}
_HEAD = """// Made from the server's Pydantic models by infra/zod.py; never edited, and not in git.
import * as z from "zod/mini";

import { decimal, integer, text, uuid } from "@/shared/validation/primitives";
"""


class NotSaid(Exception):
    """The browser could not judge what a schema says."""


def module_of(models: tuple[type[BaseModel], ...]) -> str:
    """The TypeScript module with a schema for each of *models* and all that they refer to."""
    _, document = models_json_schema([(model, "validation") for model in models], by_alias=True)
    definitions: dict[str, Schema] = document["$defs"]
    written: dict[str, str] = {}

    def write(name: str) -> None:
        """What a schema refers to stands above it."""
        if name not in written:
            for other in _references(definitions[name]):
                write(other)
            written[name] = f"export const {name} = {_expression(definitions[name])};\n"

    for model in models:
        write(model.__name__)
    return "\n".join([_HEAD, *written.values()])


def _references(schema: Any) -> list[str]:
    if isinstance(schema, Mapping):
        found = [_name(schema)] if isinstance(schema.get("$ref"), str) else []
        # The discriminator's mapping repeats what oneOf says.
        inner = [value for key, value in schema.items() if key != "discriminator"]
        return found + [name for value in inner for name in _references(value)]
    return [name for value in schema for name in _references(value)] if isinstance(schema, list) else []


def _name(schema: Schema) -> str:
    return str(schema["$ref"]).rpartition("/")[2]


def _expression(schema: Schema) -> str:
    said = {key: value for key, value in schema.items() if key not in _SAYS_NOTHING}
    if "$ref" in said:
        _only(said, "$ref")
        return _name(schema)
    if "const" in said or "enum" in said:
        values = said["enum"] if "enum" in said else [said["const"]]
        _only(said, "const", "enum", "type")
        return f"z.literal({json.dumps(values)})"
    if "anyOf" in said:
        return _any_of(said)
    if "oneOf" in said:
        tag = schema["discriminator"]["propertyName"]
        options = ", ".join(_expression(option) for option in said["oneOf"])
        _only(said, "oneOf")
        return f"z.discriminatedUnion({json.dumps(tag)}, [{options}])"
    return _KINDS[said["type"]](said)


def _any_of(said: Schema) -> str:
    """A value that may be null, a number that may be text, or both."""
    options = [option for option in said["anyOf"] if option != {"type": "null"}]
    may_be_null = len(options) < len(said["anyOf"])
    if [option.get("type") for option in options] == ["number", "string"]:
        number, written = options
        _only(said, "anyOf", "x-decimal-places")
        _only(number, "type", "exclusiveMinimum", "minimum", "maximum")
        _only(written, "type", "pattern")
        limits = {key: value for key, value in number.items() if key != "type"}
        limits["pattern"] = written["pattern"]
        limits["decimalPlaces"] = said["x-decimal-places"]
        inner = f"decimal({json.dumps(limits)})"
    elif len(options) == 1:
        _only(said, "anyOf")
        inner = _expression(options[0])
    else:
        raise NotSaid(f"only null and a number as text may be alternatives: {said}")
    return f"z.nullable({inner})" if may_be_null else inner


def _object(said: Schema) -> str:
    _only(said, "type", "properties", "required", "additionalProperties")
    if said.get("additionalProperties") is not False:
        raise NotSaid(f"an object must refuse what it does not know: {said}")
    required = said.get("required", [])
    members = []
    for name, each in said["properties"].items():
        member = _expression(each)
        members.append(f"  {json.dumps(name)}: {member if name in required else f'z.optional({member})'},")
    return "z.strictObject({\n" + "\n".join(members) + "\n})"


def _array(said: Schema) -> str:
    _only(said, "type", "items", "minItems", "maxItems")
    checks = f"z.minLength({said.get('minItems', 0)}), z.maxLength({said['maxItems']})"
    return f"z.array({_expression(said['items'])}).check({checks})"


def _string(said: Schema) -> str:
    if said.get("format") == "uuid":
        _only(said, "type", "format")
        return "uuid()"
    _only(said, "type", "minLength", "maxLength", "pattern", "x-clean")
    rules = {"min": said.get("minLength"), "max": said.get("maxLength"), "pattern": said.get("pattern")}
    if "x-clean" in said:  # the pattern speaks of the text as it was written, this one of what is left of it
        rules |= {"clean": True, "pattern": said["x-clean"]}
    return f"text({json.dumps({name: value for name, value in rules.items() if value is not None})})"


def _integer(said: Schema) -> str:
    _only(said, "type", "minimum", "maximum")
    return f"integer({json.dumps({key: said[key] for key in ('minimum', 'maximum')})})"


def _boolean(said: Schema) -> str:
    _only(said, "type")
    return "z.boolean()"


_KINDS = {
    "object": _object,
    "array": _array,
    "string": _string,
    "integer": _integer,
    "boolean": _boolean,
}


def _only(said: Schema, *known: str) -> None:
    """
    Make sure that *said* has no keyword but those.

    Raises:
        NotSaid: it has.
    """
    unknown = set(said) - set(known) - _SAYS_NOTHING
    if unknown:
        raise NotSaid(f"{', '.join(sorted(unknown))} cannot be said to the browser yet: {said}")


def main(path: str) -> None:
    """Write the module to *path*, unless it says the same already: what depends on it goes by its time."""
    file, text = Path(path), module_of(MODELS)
    if not file.exists() or file.read_text(encoding="utf-8") != text:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
