#!/bin/sh
# Installs the Debian packages that are missing: tools/setup.sh build|test|bench|nightly
# Does nothing, and needs no right, when all of them are there. Packages of servers, which only tests
# need, are unpacked into build/unpacked: nothing of them is installed, and nothing starts.
set -eu

case "${1:-}" in
build) kinds='^build ' ;;
test) kinds='^(build|test|unpack) ' ;;
bench) kinds='^(build|test|unpack|bench) ' ;;
nightly) kinds='^(build|test|unpack|nightly) ' ;;
--help)
    sed -n '2,4s/^# \{0,1\}//p' "$0"
    exit 0
    ;;
*)
    echo "usage: tools/setup.sh build|test|bench|nightly" >&2
    exit 64
    ;;
esac

here=$(cd "$(dirname "$0")" && pwd)
unpacked=$here/../build/unpacked
export DEBIAN_FRONTEND=noninteractive

# Servers lie in /usr/sbin, which is not on everybody's PATH.
has_command() {
    (PATH=$PATH:/usr/sbin:/sbin && command -v "$1" >/dev/null)
}

missing=
to_unpack=
for line in $(grep -E "$kinds" "$here/packages.txt" | tr ' ' '|'); do
    kind=${line%%|*}
    line=${line#*|}
    package=${line%%|*}
    case "$line" in
    *'|'*) has_command "${line#*|}" && continue ;;
    esac
    if [ "$kind" = unpack ]; then
        [ -e "$unpacked/$package.done" ] || to_unpack="$to_unpack $package"
        continue
    fi
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing$to_unpack" ] || exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
    as_root=sudo
    if [ -n "$missing" ] && ! command -v sudo >/dev/null; then
        echo "setup: please install as root:$missing" >&2
        exit 1
    fi
fi

if [ -n "$missing" ]; then
    echo "setup: installing$missing" >&2
    $as_root apt-get update -q >/dev/null
    # shellcheck disable=SC2086 # a list of names
    $as_root apt-get install -q -y --no-install-recommends $missing >/dev/null
fi

# Whoever runs this can read the lists of packages, and needs root only where there are none yet.
download() {
    apt-get download -q -o APT::Sandbox::User=root "$1" >/dev/null 2>&1
}

unpack() { # package
    folder=$(mktemp -d "$unpacked/new-XXXXXX")
    cd "$folder"
    if ! download "$1"; then
        $as_root apt-get update -q >/dev/null
        apt-get download -q -o APT::Sandbox::User=root "$1" >/dev/null
    fi
    dpkg-deb -x "$1"_*.deb "$unpacked"
    cd "$here"
    rm -r "$folder"
    touch "$unpacked/$1.done"
}

if [ -n "$to_unpack" ]; then
    echo "setup: unpacking$to_unpack into build/unpacked" >&2
    mkdir -p "$unpacked"
    unpacked=$(cd "$unpacked" && pwd)
    for package in $to_unpack; do
        unpack "$package"
    done
fi
