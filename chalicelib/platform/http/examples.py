"""
Examples for `/openapi.json`, put together from what the models declare: a model's own `examples`, those of
its fields, and for the rest the first value that the schema allows.

So each body and each answer has an example that fits its schema, also where nobody wrote one.
"""

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]
_BY_FORMAT = {
    "uuid": "0d9f7c52-6a0e-4d4c-9f0b-3f1c5a7e2b41",
    "date-time": "2026-03-14T02:59:26.535Z",
    "date": "2026-03-14",
    "uri": "https://example.com/",
}


def example_of(schema: Schema, definitions: Mapping[str, Schema]) -> Any:
    """A value that *schema* allows, its references being to *definitions*."""
    found = _declared(schema)
    if found is not None:
        return found
    if "$ref" in schema:
        return example_of(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    for union in ("anyOf", "oneOf", "allOf"):
        if union in schema:
            return _one_of(schema, schema[union], definitions)
    if "properties" in schema:
        made = {name: example_of(each, definitions) for name, each in schema["properties"].items()}
        wanted = schema.get("required", ())
        return {name: value for name, value in made.items() if value is not None or name in wanted}
    return _simple(schema, definitions)


def _declared(schema: Schema) -> Any:
    for name in ("examples", "enum"):
        if schema.get(name):
            return schema[name][0]
    return schema.get("const", schema.get("example"))


def _one_of(schema: Schema, options: list[Schema], definitions: Mapping[str, Schema]) -> Any:
    """The example of the first option that has something to show; null where that would be mere text."""
    known = [each for each in options if each.get("type") != "null"]
    first = known[0]
    is_optional = len(known) < len(options)
    is_mere_text = first.get("type") == "string" and "format" not in first and _declared(first) is None
    if is_optional and is_mere_text:
        return None
    return example_of({"title": schema.get("title", ""), **first}, definitions)


def _simple(schema: Schema, definitions: Mapping[str, Schema]) -> Any:
    kind = schema.get("type")
    if kind == "array":
        return _list(schema, definitions)
    if kind == "integer":
        return max(1, schema.get("minimum", 1))
    if kind == "number":
        return max(1.5, schema.get("minimum", 1.5))
    if kind == "boolean":
        return True
    if kind == "string":
        text = _BY_FORMAT.get(schema.get("format", ""), schema.get("title") or "text")
        return text.ljust(schema.get("minLength", 0), ".")[: schema.get("maxLength", 10_000)]
    return {} if kind == "object" else None


def _list(schema: Schema, definitions: Mapping[str, Schema]) -> list[Any]:
    if "prefixItems" in schema:
        return [example_of(each, definitions) for each in schema["prefixItems"]]
    if schema.get("maxItems") == 0:
        return []
    return [example_of(schema.get("items", {"type": "string"}), definitions)] * max(
        1, schema.get("minItems", 1)
    )
