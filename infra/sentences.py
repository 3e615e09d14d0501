"""
Every English sentence by which the product says what is wrong with a field or a state.

`python -m infra.sentences FILE` writes them as a TypeScript module, `{0}` where a value stands; `make` does
it again when the code has changed. The pages tell them in Vietnamese, and a test of the pages fails for the
one that has no translation (`web/src/shared/api/inVietnamese.test.ts`).

They are read in two ways: out of the source, where an error is made; and from the models, each field of which
is given what it cannot take. Whatever this module cannot follow stops the build: a sentence that was left
out silently would be shown in English.
"""

import ast
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from infra.package.checks import example_environment

# Where each of these takes its sentence. Other errors are told by their code alone (`sentences.ts`).
_TELLERS = {
    "FieldError": 2,
    "Conflict": 0,
    "PydanticCustomError": 1,
    "FormulaError": 0,
    "TargetRefused": 0,
}
_HEAD = "// Made from the server's code by infra/sentences.py; never edited, and not in git.\n"
# What some field or other cannot take.
_WRONG: tuple[object, ...] = (
    None, True, -1, 0, 1.5, 10**12, 10**40, "", "x", "x\ny", "x\x00y", "x" * 20_000, [], [1] * 2000, [{}],
    {}, {"kind": "x"}, "2026-13-01", "0.0000001", "1" * 40,
)  # fmt: skip


class NotFollowed(Exception):
    """A sentence is made in a way that is not known here."""


def in_source(folder: Path) -> set[str]:
    """The sentences that the modules below *folder* tell, found where an error is made."""
    modules = [ast.parse(file.read_text(encoding="utf-8"), str(file)) for file in folder.rglob("*.py")]
    nodes = [node for module in modules for node in ast.walk(module)]
    functions = {node.name: node for node in nodes if isinstance(node, ast.FunctionDef)}
    found: set[str] = set()
    for function in (node for node in nodes if isinstance(node, ast.FunctionDef)):
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
            told = _told_by(call)
            if told is not None:
                found.update(_texts(told, function, functions))
    return found


def _told_by(call: ast.Call) -> ast.expr | None:
    """The expression in *call* that is a sentence, if it is an error's."""
    name = ast.unparse(call.func)
    # A ValueError of a validator becomes a field's sentence; others begin with a small letter and never do.
    if name == "ValueError" and isinstance(call.args[0], ast.Constant | ast.JoinedStr):
        return call.args[0] if _text(call.args[0])[:1].isupper() else None
    place = _TELLERS.get(name)
    return call.args[place] if place is not None and place < len(call.args) else None


def _texts(told: ast.expr, function: ast.FunctionDef, functions: dict[str, ast.FunctionDef]) -> Iterator[str]:
    """What *told*, which stands in *function*, can say."""
    match told:
        case ast.Constant(value=None):
            return
        case ast.Constant() | ast.JoinedStr():
            yield _text(told)
        case ast.IfExp():
            yield from _texts(told.body, function, functions)
            yield from _texts(told.orelse, function, functions)
        case ast.Name():
            yield from _assigned(told.id, function, functions)
        case ast.Call() if ast.unparse(told.func).rpartition(".")[2] in functions:
            called = functions[ast.unparse(told.func).rpartition(".")[2]]
            for node in ast.walk(called):
                if isinstance(node, ast.Return) and node.value is not None:
                    yield from _texts(node.value, called, functions)
        case ast.Call(func=ast.Name(id="str")):
            return  # another error's sentence, which is found where that one is made
        case _:
            raise NotFollowed(f"{ast.unparse(told)} in {function.name}")


def _assigned(name: str, function: ast.FunctionDef, functions: dict[str, ast.FunctionDef]) -> Iterator[str]:
    values = [
        node.value
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name
    ]
    if not values:
        raise NotFollowed(f"{name} in {function.name}")
    for value in values:
        yield from _texts(value, function, functions)


def _text(told: ast.Constant | ast.JoinedStr) -> str:
    """The text of a literal, its values as {0}, {1} and so on."""
    if isinstance(told, ast.Constant):
        return str(told.value)
    parts, count = [], 0
    for part in told.values:
        if isinstance(part, ast.Constant):
            parts.append(str(part.value))
        else:
            parts.append(f"{{{count}}}")
            count += 1
    return "".join(parts)


def of_models() -> set[str]:
    """The sentences about fields that cannot be taken, of every body that the product reads."""
    from chalicelib.platform.errors import ValidationFailed  # noqa: PLC0415  see `main`
    from chalicelib.platform.http.body import validate  # noqa: PLC0415
    from chalicelib.platform.models import Body  # noqa: PLC0415

    found: set[str] = set()
    for model in _bodies(Body):
        for name in ("unknown", *(field.alias or name for name, field in model.model_fields.items())):
            for wrong in _WRONG:
                for is_form in (False, True):
                    try:
                        validate(model, {name: wrong}, is_form=is_form)
                    except ValidationFailed as refusal:
                        found.update(error.detail for error in refusal.errors)
    return found


def _bodies(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for inner in model.__subclasses__():
        yield inner
        yield from _bodies(inner)


def main() -> None:
    """Write the module where it is wanted; it keeps its time where nothing has changed."""
    os.environ.update(example_environment())
    import app  # noqa: F401, PLC0415  the environment must stand before the app is imported

    (name,) = sys.argv[1:]
    sentences = sorted(in_source(Path("chalicelib")) | of_models())
    text = f"{_HEAD}export const SENTENCES = {json.dumps(sentences, ensure_ascii=False, indent=2)};\n"
    file = Path(name)
    if not file.is_file() or file.read_text(encoding="utf-8") != text:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
