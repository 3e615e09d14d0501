"""
The text of `/docs`: the OpenAPI document as one page to read, without a script and without another host.

Made once a process, like the document itself. Its only style stands in it, and the policy names its hash.
"""

import base64
import hashlib
import json
from collections.abc import Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from chalicelib.health.document import description
from chalicelib.platform.errors import INTERNAL_ERROR, REFUSALS

_STYLE = Path(__file__).with_name("reference.css").read_text(encoding="utf-8")
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_METHODS = ("get", "post", "put", "patch", "delete")


@cache
def page() -> str:
    """The whole page."""
    document = description()
    chapters: dict[str, list[str]] = {}
    for path, item in document["paths"].items():
        for method in (name for name in _METHODS if name in item):
            operation = item[method]
            chapters.setdefault(operation["tags"][0], []).append(
                _operation(document, method, path, operation)
            )
    contents = [(_slug(name), name) for name in chapters] + [("errors", "errors"), ("bodies", "bodies")]
    links = "".join(f'<li><a href="#{slug}">{escape(name)}</a></li>' for slug, name in contents)
    sections = "".join(
        f'<section><h2 id="{_slug(name)}">{escape(name)}</h2>{"".join(parts)}</section>'
        for name, parts in chapters.items()
    )
    title = escape(document["info"]["title"])
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}: the API</title><style>{_STYLE}</style></head><body>"
        '<a class="skip" href="#contents">Skip to the contents</a>'
        f"<header><h1>{title}: the API</h1><p>{_prose(document['info']['description'])}</p>"
        '<p>Everything is below <code>/api</code>. For programs: <a href="openapi.json">openapi.json</a>.</p>'
        f'</header><nav aria-label="Contents"><ul>{links}</ul></nav><main id="contents" tabindex="-1">'
        f"{sections}{_errors()}{_bodies(document)}</main></body></html>"
    )


def _operation(document: dict[str, Any], method: str, path: str, operation: dict[str, Any]) -> str:
    parts = [
        f'<article><h3 id="{operation["operationId"]}"><code>{method.upper()} {escape(path)}</code></h3>',
        f"<p>{_prose(operation['summary'])}. {_prose(operation.get('description', ''))}</p>",
        _parameters(operation.get("parameters", [])),
    ]
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        parts.append(_example(f"Send {media_type}", content))
    refused: list[str] = []
    for status, found in operation["responses"].items():
        answer = _resolved(document, found)
        content = answer.get("content", {})
        if "application/problem+json" in content:
            codes = [escape(code) for code in answer["description"].split(", ")]
            refused += [f'<li>{status} <a href="#{code}">{code}</a></li>' for code in codes]
        elif content:
            parts += [_example(f"Answer {status} {name}", each) for name, each in content.items()]
        else:
            parts.append(f"<p>Answer {status}: {_prose(answer['description'])}</p>")
    parts.append(f"<details><summary>Refusals</summary><ul>{''.join(refused)}</ul></details></article>")
    return "".join(parts)


def _resolved(document: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in answer:
        return answer
    found: dict[str, Any] = document["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    return found


def _parameters(parameters: list[dict[str, Any]]) -> str:
    rows = [
        (
            f"<code>{escape(each['name'])}</code>",
            f"{each['in']}{', required' if each.get('required') else ''}",
            _kind(each["schema"]),
            _prose(each.get("description", "")),
        )
        for each in parameters
    ]
    return _table(("Parameter", "In", "Is", "Meaning"), rows) if rows else ""


def _example(title: str, content: dict[str, Any]) -> str:
    told = f"<p>{escape(title)}: {_kind(content['schema'])}</p>"
    if "example" not in content:
        return told
    text = escape(json.dumps(content["example"], ensure_ascii=False, indent=2))
    return f"{told}<details><summary>Example</summary><pre>{text}</pre></details>"


def _errors() -> str:
    rows = [
        (
            f'<span id="{each.code}"><code>{each.code}</code></span>',
            str(each.status),
            _prose(each.title),
            said,
        )
        for each, said in [
            *((refusal, _prose(_sentence(kind))) for kind, refusal in REFUSALS.items()),
            (INTERNAL_ERROR, "It is logged, and nothing leaks."),
        ]
    ]
    return (
        f'<section><h2 id="errors">errors</h2>{_table(("Code", "Status", "Title", "When"), rows)}</section>'
    )


def _sentence(kind: type[Exception]) -> str:
    return " ".join((kind.__doc__ or "").split())


def _bodies(document: dict[str, Any]) -> str:
    parts = ['<section><h2 id="bodies">bodies</h2>']
    for name, schema in sorted(document["components"]["schemas"].items()):
        parts.append(
            f'<article><h3 id="schema-{escape(name)}">{escape(name)}</h3>'
            f"<p>{_prose(schema.get('description', ''))}</p>"
        )
        wanted = schema.get("required", ())
        rows = [
            (
                f"<code>{escape(field)}</code>",
                _kind(each),
                "yes" if field in wanted else "no",
                _prose(each.get("description", "")),
            )
            for field, each in schema.get("properties", {}).items()
        ]
        parts.append(_table(("Field", "Is", "Always there", "Meaning"), rows) if rows else "")
        parts.append("</article>")
    parts.append("</section>")
    return "".join(parts)


def _kind(schema: dict[str, Any]) -> str:
    """What a value may be, in a few words; names of other bodies are links."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#schema-{name}">{name}</a>'
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return " or ".join(dict.fromkeys(_kind(each) for each in schema[union]))
    if "enum" in schema or "const" in schema:
        return " | ".join(
            f"<code>{escape(str(each))}</code>" for each in schema.get("enum", [schema.get("const")])
        )
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    words = [str(schema.get("format") or schema.get("type") or "any value")]
    named = {
        "minLength": "from {} characters",
        "maxLength": "to {} characters",
        "minimum": "≥ {}",
        "exclusiveMinimum": "> {}",
        "maximum": "≤ {}",
    }
    words += [text.format(schema[name]) for name, text in named.items() if name in schema]
    return escape(", ".join(words))


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return (
        '<div class="scroll" tabindex="0" role="group" aria-label="Table">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _prose(text: str) -> str:
    """*text* with what stands in backticks as code."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if number % 2 else part for number, part in enumerate(parts))


def _slug(name: str) -> str:
    return "chapter-" + name.replace(" ", "-")
