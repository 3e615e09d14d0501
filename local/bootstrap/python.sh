#!/bin/sh
# Print the newest Python of this machine that Plumbline runs on (3.11 or later); PYTHON, where set, is taken or refused.
# Neighbour: packages.sh, which makes .venv from it. Fails with a sentence that says what to do.
set -eu

is_new_enough() {
    "$1" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

if [ -n "${PYTHON:-}" ]; then
    if is_new_enough "$PYTHON"; then
        printf '%s\n' "$PYTHON"
        exit 0
    fi
    printf 'PYTHON is %s, which is not a Python 3.11 or later with the module venv.\n' "$PYTHON" >&2
    exit 1
fi
for candidate in python3.14 python3.13 python3.12 python3.11 python3 python; do
    if is_new_enough "$candidate"; then
        command -v "$candidate"
        exit 0
    fi
done
echo 'Plumbline needs Python 3.11 or later (with the module venv) and found none. Install one, or name it: make run PYTHON=/path/to/python3' >&2
exit 1
