#!/bin/sh
# The pages in Debian's Chromium: run.sh SOURCE BUILD [TEST…], or run.sh SOURCE BUILD SCRIPT [WORD…] for speed.mjs and shots.mjs.
# BUILD is a folder for the packages of package-lock.json. Exits 77 where node is missing, or for what needs a browser npm or
# Chromium (tools/packages.txt has them); with GP_SETUP set, by whom has just installed them, that is a failure.
set -eu

if [ "${1:-}" = --help ] || [ $# -lt 2 ]; then
    sed -n '2,4s/^# \{0,1\}//p' "$0"
    exit 64
fi
source=$(cd "$1" && pwd)
build=$2
shift 2

case "$*" in
source.test.mjs | reckoning.test.mjs) browser= ;; # of the sources alone
*) browser=yes ;;
esac
missing=
chromium=${GP_CHROMIUM:-/usr/bin/chromium}
for program in node ${browser:+npm "$chromium"}; do
    command -v "$program" >/dev/null || missing="$missing $program"
done
if [ -n "$missing" ]; then
    echo "skipped: the pages cannot be tried without$missing (tools/setup.sh test installs them)"
    [ -n "${GP_SETUP:-}" ] && exit 1
    exit 77
fi

mkdir -p "$build"
cd "$build"
if [ -n "$browser" ] && ! cmp -s "$source/tests/web/package-lock.json" installed.json; then
    cp "$source/tests/web/package.json" "$source/tests/web/package-lock.json" .
    if ! npm ci --no-audit --no-fund --ignore-scripts --prefer-offline --fetch-retries 1 --fetch-retry-mintimeout 2000; then
        echo "npm cannot have what tests/web/package-lock.json names from its registry, $(npm config get registry)" >&2
        exit 1
    fi
    cp package-lock.json installed.json
fi
cp "$source"/tests/web/*.mjs .

[ $# -gt 0 ] || set -- *.test.mjs
export GP_PAGES="$source/tools/web/pages/" GP_SOURCE="$source/" GP_CHROMIUM="$chromium"
case "$1" in
*.test.mjs) exec node --test "$@" ;;
*) exec node "$@" ;;
esac
