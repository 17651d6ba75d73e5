#!/bin/sh
# install.sh CMAKE BUILD PREFIX CONFIGDIR SAMPLEDIR: installing again changes nothing that an office has
# edited, gives back what it has lost, and brings this version's sample. What systemd reads lies where it
# looks for it; what an admin puts in force does not.
set -eu

cmake=$1
build=$2
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
prefix=$folder$3
live=$folder$4
sample=$folder$5
source=$(cd "$(dirname "$0")/../../config" && pwd)
export DESTDIR="$folder"

fail() {
    echo "$1"
    exit 1
}

"$cmake" --install "$build" >/dev/null
for name in gridpost.yaml ladders.yaml calendar/office.yaml org/people.csv mapping/boston-2015.yaml; do
    cmp "$source/$name" "$live/$name" || fail "the first install brings $name"
done

echo "person,name" >"$live/org/people.csv"
echo "log_level: debug" >"$live/gridpost.yaml"
rm "$live/org/leave.csv" "$live/ladders.yaml"
echo "old" >"$sample/org/people.csv"
"$cmake" --install "$build" >/dev/null
[ "$(cat "$live/org/people.csv")" = "person,name" ] || fail "people.csv of the live city was overwritten"
[ "$(cat "$live/gridpost.yaml")" = "log_level: debug" ] || fail "gridpost.yaml was overwritten"
[ ! -e "$live/org/leave.csv" ] || fail "leave.csv of the sample came into a live city"
cmp "$source/ladders.yaml" "$live/ladders.yaml" || fail "a file that is absent comes back"
cmp "$source/org/people.csv" "$sample/org/people.csv" || fail "the sample is this version's"

for name in lib/systemd/system/gridpostd.service lib/systemd/system/gridpost-head.service \
    lib/systemd/system/gridpost-head.timer lib/systemd/system/gridpost-backup.service \
    lib/systemd/system/gridpost-backup.timer lib/sysusers.d/gridpost.conf lib/tmpfiles.d/gridpost.conf \
    share/gridpost/monitoring/alerts.yaml share/gridpost/monitoring/dashboard.json share/gridpost/monitoring/scrape.yaml \
    share/gridpost/proxy/nginx.conf share/gridpost/proxy/Caddyfile \
    share/doc/gridpost/examples/gridpostd.service.d/tcp.conf share/doc/gridpost/SECURITY.md; do
    [ -s "$prefix/$name" ] || fail "$name is not installed"
done
[ ! -e "$live/monitoring" ] || fail "rules for Prometheus came into the city's folder"
! grep -rl '@GP_' "$prefix/lib/systemd" || fail "a unit has a place that was not filled in"
[ ! -e "$prefix/lib/systemd/system/gridpostd.service.d" ] || fail "tcp.conf is in force by itself"
