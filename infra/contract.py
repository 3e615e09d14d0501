"""
Write `/openapi.json` as the code describes it into a file: `python -m infra.contract FILE`.

The pages' types are made from it (`npm run contract` in web/). No part of the stack has to be up: the
environment is that of `.env.example`. The file is left alone, its time too, where nothing has changed.
"""

import os
import sys
from pathlib import Path

from infra.package.checks import example_environment


def document() -> str:
    """The OpenAPI document of this code."""
    os.environ.update(example_environment())
    import app  # noqa: F401, PLC0415  the environment must stand before the app is imported
    from chalicelib.health.document import document as described  # noqa: PLC0415

    return described()


def main() -> None:
    """Write the document where it is wanted."""
    (name,) = sys.argv[1:]
    file, text = Path(name), document()
    if not file.is_file() or file.read_text(encoding="utf-8") != text:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
