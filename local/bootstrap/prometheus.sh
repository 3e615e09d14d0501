#!/bin/sh
# Print the folder that holds prometheus and promtool, for the tests of what is watched. On Debian they are unpacked
# into .venv and nothing is installed, so no service of theirs is started; elsewhere a sentence says what to install.
set -eu

HERE=.venv/prometheus

holds_both() {
    "$1/prometheus" --version >/dev/null 2>&1 && "$1/promtool" --version >/dev/null 2>&1
}

for folder in "${PROMETHEUS:-$HERE/usr/bin}" "$HERE/usr/bin" "$(dirname "$(command -v prometheus 2>/dev/null || echo /none)")"; do
    if holds_both "$folder"; then
        (cd "$folder" && pwd)
        exit 0
    fi
done
if command -v apt-get >/dev/null 2>&1 && command -v dpkg >/dev/null 2>&1; then
    echo '  · unpacking prometheus for the tests (apt-get download)' >&2
    rm -rf "$HERE"
    mkdir -p "$HERE"
    {
        (cd "$HERE" && apt-get download -qq prometheus) ||
            { [ "$(id -u)" = 0 ] && apt-get update -qq && (cd "$HERE" && apt-get download -qq prometheus); }
    } >/dev/null 2>&1 || true
    for package in "$HERE"/prometheus_*.deb; do
        [ -e "$package" ] && dpkg -x "$package" "$HERE" && rm "$package"
    done
    if holds_both "$HERE/usr/bin"; then
        (cd "$HERE/usr/bin" && pwd)
        exit 0
    fi
fi
echo 'The tests of the figures need Prometheus: install it (Debian: apt install prometheus), or name the folder of prometheus and promtool: PROMETHEUS=/folder make test' >&2
