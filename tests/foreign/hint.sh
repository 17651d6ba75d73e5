#!/bin/sh
# nngcat subscribes to the hints and gets forty bytes: "gph1", the feed, its epoch, the head and a tag.
set -eu
. "$(dirname "$0")/lib.sh"

start_daemon
start_gate
timeout 20 nngcat --sub --dial "$hint" --subscribe gph1 --count 1 --raw >"$work/hint.bytes" &
listener=$!
# A subscription takes effect at some time: report until a hint has come.
while kill -0 "$listener" 2>/dev/null; do
    "$GRIDPOST" report --socket "$ipc" --as li --grid 340705006001001 --category n4 >/dev/null ||
        say_failed "gridpost cannot report"
done
wait "$listener" || say_failed "nngcat got no hint within 20 s"
listener=

got=$(od -An -v -tx1 "$work/hint.bytes" | tr -d ' \n')
expr "$got" : '67706831[0-9a-f]\{72\}$' >/dev/null || say_failed "the hint is $got"
head=$(expr "$got" : '67706831[0-9a-f]\{24\}\([0-9a-f]\{16\}\)')
[ $((0x$head)) -gt 0 ] || say_failed "the hint says head 0"
stop_daemon
