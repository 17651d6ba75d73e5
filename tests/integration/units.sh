#!/bin/sh
# units.sh FOLDER SOURCES PROGRAMS UNIT=EXPOSURE…: systemd finds nothing to say about the UNITs of FOLDER,
# their drop-ins and what else is installed for it, and none is more exposed than it may be.
# The programs are not installed yet: they are looked for by name in PROGRAMS, folders divided by colons.
set -eu

units=$1
sources=$2
programs=$3
shift 3
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT

fail() {
    echo "FAILED: $*"
    exit 1
}

# verify NAME: systemd-analyze is silent about the unit in the test's folder.
verify() {
    said=$(systemd-analyze verify --man=no "$folder/$1" 2>&1) || fail "verify $1: $said"
    [ -z "$said" ] || fail "verify $1: $said"
}

# exposure NAME MOST: the number that systemd gives it, at most MOST.
exposure() {
    number=$(systemd-analyze security --offline=yes --no-pager "$folder/$1" |
        sed -n 's/.*Overall exposure level for [^:]*: \([0-9.]*\) .*/\1/p')
    [ -n "$number" ] || fail "systemd-analyze says no number for $1"
    awk "BEGIN { exit !($number <= $2) }" || fail "$1 is exposed $number, and may be $2"
    echo "$1: exposure $number of at most $2"
}

# take UNIT: a copy that starts our own programs where they were built.
take() {
    cp "$units/$1" "$folder/$1"
    for name in $(sed -n 's#^ExecStart=[^ ]*/\([^/ ]*\).*#\1#p' "$units/$1"); do
        built=$(PATH=$programs command -v "$name" || true)
        [ -z "$built" ] || sed -i "s#^ExecStart=[^ ]*/$name#ExecStart=$built#" "$folder/$1"
    done
}

for pair in "$@"; do
    take "${pair%=*}"
    verify "${pair%=*}"
    exposure "${pair%=*}" "${pair#*=}"
done
for timer in "$sources"/*.timer; do
    cp "$timer" "$folder"
    verify "$(basename "$timer")"
done

# The drop-ins widen the daemon's unit: they must be read, and what they need must be in force.
cp -r "$sources/gridpostd.service.d" "$folder"
verify gridpostd.service
exposure gridpostd.service 1.0
if (exposure gridpostd.service 0.4) >/dev/null; then
    fail "tcp.conf opens no network"
fi

systemd-sysusers --dry-run "$sources/gridpost.sysusers" >/dev/null 2>&1 || fail "sysusers"
