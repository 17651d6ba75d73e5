#!/bin/sh
# install.sh CMAKE BUILD CONFIGDIR SAMPLEDIR: installing again changes nothing that an office has
# edited, gives back what it has lost, and brings this version's sample.
set -eu

cmake=$1
build=$2
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
live=$folder$3
sample=$folder$4
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
