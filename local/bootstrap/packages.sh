#!/bin/sh
# Make .venv and bring it to exactly what requirements.txt and requirements-dev.txt pin, with bytecode.
# Run by the Makefile when one of the two is newer than .venv/.synced. A broken .venv (a moved clone) is made anew.
set -eu

if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
    python=$(sh local/bootstrap/python.sh)
    echo "  · making .venv with $("$python" --version)"
    rm -rf .venv
    "$python" -m venv .venv || {
        echo 'The virtual environment could not be made. On Debian and Ubuntu: apt install python3-venv' >&2
        exit 1
    }
fi
echo '  · installing Python packages'
if [ ! -x .venv/bin/uv ]; then
    .venv/bin/python -m pip install -qq --disable-pip-version-check uv
fi
.venv/bin/uv pip sync --quiet --compile-bytecode --python .venv/bin/python requirements.txt requirements-dev.txt
touch .venv/.synced
