#!/bin/sh
# Print the path of a Chromium for the browser tests. As root on Debian it is installed where it is missing; where that
# cannot be done, a sentence says what to install and nothing is printed.
set -eu

find_chromium() {
    for name in "${CHROMIUM:-chromium}" chromium chromium-browser google-chrome google-chrome-stable; do
        path=$(command -v "$name" 2>/dev/null) || continue
        # Ubuntu's chromium-browser may be a stub that only asks for a snap.
        if "$path" --version >/dev/null 2>&1; then
            printf '%s\n' "$path"
            return 0
        fi
    done
    return 1
}

find_chromium && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo '  · installing chromium for the browser tests (apt-get)' >&2
    {
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium
    } >/dev/null 2>&1 || true
    find_chromium && exit 0
fi
echo 'The browser tests need Chromium: install chromium (Debian: apt install chromium) or Google Chrome, or name it: CHROMIUM=/path make test' >&2
