"""
Compiles a folder for Lambda: `python -I -S bytecode.py <folder>`, a program of its own.

Lambda's code folder is read-only, so what is not compiled here is compiled at every cold start. The bytecode
is hash-based and unchecked (PEP 552): neither a file's time nor its text is looked at. The product keeps its
sources beside it; of the libraries only bytecode is shipped, without docstrings, for the zip's size. It runs
in a fresh interpreter, one file after the other, since `marshal` writes a string that somebody else holds
differently.
"""

import ast
import importlib.util
import marshal
import sys
from pathlib import Path

TASK_ROOT = "/var/task"
_WITH_SOURCES = ("app.py", "chalicelib/", "chalice/")
_UNCHECKED_HASH = (0b01).to_bytes(4, "little")
_CAN_HOLD_A_DOCSTRING = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def compile_folder(folder: Path) -> None:
    """Give every source in *folder* its bytecode; the libraries' sources are replaced by it."""
    for source in sorted(folder.rglob("*.py")):
        path = source.relative_to(folder).as_posix()
        if path.startswith(_WITH_SOURCES):
            compiled = Path(importlib.util.cache_from_source(str(source), optimization=""))
            compiled.parent.mkdir(exist_ok=True)
            compiled.write_bytes(make_pyc(source.read_bytes(), path, has_docstrings=True))
        else:
            source.with_suffix(".pyc").write_bytes(make_pyc(source.read_bytes(), path, has_docstrings=False))
            source.unlink()


def make_pyc(source: bytes, path: str, *, has_docstrings: bool) -> bytes:
    """The contents of the .pyc for *source*, which will lie at *path* below Lambda's code folder."""
    name = f"{TASK_ROOT}/{path}"
    tree = ast.parse(source, name)
    if not has_docstrings:
        _drop_docstrings(tree)
    code = compile(tree, name, "exec", dont_inherit=True)
    header = importlib.util.MAGIC_NUMBER + _UNCHECKED_HASH + importlib.util.source_hash(source)
    return header + marshal.dumps(code)


def _drop_docstrings(tree: ast.Module) -> None:
    """What Python's -OO does, but the assertions stay."""
    for node in ast.walk(tree):
        if isinstance(node, _CAN_HOLD_A_DOCSTRING) and ast.get_docstring(node, clean=False) is not None:
            docstring = node.body.pop(0)
            node.body = node.body or [ast.copy_location(ast.Pass(), docstring)]


if __name__ == "__main__":
    compile_folder(Path(sys.argv[1]))
