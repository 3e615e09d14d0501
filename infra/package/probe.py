"""
Looks at an unpacked zip from inside: `python -I -S probe.py <folder>`, where nothing but the standard library
and that folder can be imported.

Imports the app, every handler by Chalice's own list, and every module that the product names anywhere, also
where it imports late. Prints what it found as JSON; what cannot be imported is in `problems`.
"""

import ast
import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(sys.argv[1]).resolve()
problems: list[str] = []
compiled: list[str] = []


def watch(event: str, details: tuple[Any, ...]) -> None:
    """Note every file of the folder that the interpreter has to compile."""
    if event == "compile" and isinstance(details[1], str) and details[1].startswith(f"{FOLDER}/"):
        compiled.append(details[1])


def list_handlers(app: Any) -> list[str]:
    """Every Lambda handler that Chalice would deploy for *app*."""
    sources = [*app.event_sources, *app.pure_lambda_functions, *app.builtin_auth_handlers]
    return ["app.app", *(source.handler_string for source in sources)]


def check_handler(name: str) -> None:
    """Find the handler *name* as Lambda's runtime does."""
    module, _, attribute = name.rpartition(".")
    if not callable(getattr(importlib.import_module(module), attribute, None)):
        problems.append(f"{name} is not a handler")


def named_imports(source: Path) -> Iterator[tuple[str, str | None]]:
    """Each module that *source* imports when it runs, with the name that is taken from it."""
    tree = ast.parse(source.read_bytes())
    for_types = {
        node
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and isinstance(block.test, ast.Name) and block.test.id == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    for node in ast.walk(tree):
        if node in for_types:
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.module, alias.name) for alias in node.names)


def check_import(module: str, name: str | None, source: Path) -> None:
    """See that *name* can be had from *module*."""
    try:
        found = importlib.import_module(module)
        if name is not None and not hasattr(found, name):
            importlib.import_module(f"{module}.{name}")
    except ImportError as error:
        problems.append(f"{source.relative_to(FOLDER)}: {error}")


def main() -> None:
    """Print the findings."""
    library = tuple(sys.path)
    sys.path.insert(0, str(FOLDER))
    sys.addaudithook(watch)
    handlers = list_handlers(importlib.import_module("app").app)
    for handler in handlers:
        check_handler(handler)
    for source in [FOLDER / "app.py", *sorted((FOLDER / "chalicelib").rglob("*.py"))]:
        for module, name in sorted(set(named_imports(source)), key=str):
            check_import(module, name, source)
    files = {name: getattr(module, "__file__", None) or "" for name, module in sys.modules.items()}
    places = (f"{FOLDER}/", f"{__file__}", *library)
    strangers = sorted(name for name, file in files.items() if file and not file.startswith(places))
    report = {
        "handlers": handlers,
        "modules": sum(file.startswith(f"{FOLDER}/") for file in files.values()),
        "compiled": compiled,
        "strangers": strangers,
        "clock": type(importlib.import_module("chalicelib.platform.clock")._installed).__name__,  # noqa: SLF001
        "problems": problems,
    }
    sys.stdout.write("\n" + json.dumps(report) + "\n")


if __name__ == "__main__":
    main()
