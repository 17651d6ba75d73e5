#!/bin/sh
# The pages in Debian's Chromium: run.sh SOURCE BUILD [TEST…], where BUILD is a folder for the packages of package-lock.json.
# Exits 77 where node or Chromium is missing: CI has them (tools/packages.txt).
set -eu

if [ "${1:-}" = --help ] || [ $# -lt 2 ]; then
    sed -n '2,3s/^# \{0,1\}//p' "$0"
    exit 64
fi
source=$1
build=$2
shift 2

missing=
for program in node npm; do
    command -v "$program" >/dev/null || missing="$missing $program"
done
chromium=${GP_CHROMIUM:-/usr/bin/chromium}
[ -x "$chromium" ] || missing="$missing $chromium"
if [ -n "$missing" ]; then
    echo "skipped: the pages cannot be tried without$missing (tools/setup.sh test installs them)"
    exit 77
fi

mkdir -p "$build"
cd "$build"
if ! cmp -s "$source/tests/web/package-lock.json" installed.json; then
    cp "$source/tests/web/package.json" "$source/tests/web/package-lock.json" .
    npm ci --no-audit --no-fund --ignore-scripts
    cp package-lock.json installed.json
fi
cp "$source"/tests/web/*.mjs .

[ $# -gt 0 ] || set -- *.test.mjs
export GP_PAGES="$source/tools/web/pages/" GP_SOURCE="$source/" GP_CHROMIUM="$chromium"
exec node --test "$@"
