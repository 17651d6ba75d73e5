#!/bin/sh
# Installs the Debian packages that are missing: tools/setup.sh build|test|bench|nightly
# Does nothing, and needs no right, when all of them are there.
set -eu

case "${1:-}" in
build) kinds='^build ' ;;
test) kinds='^(build|test) ' ;;
bench) kinds='^(build|test|bench) ' ;;
nightly) kinds='^(build|test|nightly) ' ;;
*)
    echo "usage: tools/setup.sh build|test|bench|nightly" >&2
    exit 64
    ;;
esac

here=$(cd "$(dirname "$0")" && pwd)
missing=
for line in $(grep -E "$kinds" "$here/packages.txt" | cut -d ' ' -f 2- | tr ' ' '|'); do
    package=${line%%|*}
    case "$line" in
    *'|'*) command -v "${line#*|}" >/dev/null && continue ;;
    esac
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "setup: please install as root:$missing" >&2
        exit 1
    fi
    as_root=sudo
fi
echo "setup: installing$missing" >&2
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -q >/dev/null
# shellcheck disable=SC2086 # a list of names
$as_root apt-get install -q -y --no-install-recommends $missing >/dev/null
