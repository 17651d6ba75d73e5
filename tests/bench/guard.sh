#!/bin/sh
# Counts the instructions that gridpost's own objects (not libc, LMDB, libsodium, …) take for a report of
# bench_hot's fixed input, and fails when they are 10 % above what is recorded in guard.txt.
# The same compiler makes the same count on any machine; so it is a test, which times could not be.
#
#   guard.sh BENCH RECORD            compares
#   guard.sh --record BENCH RECORD   writes a new figure; say in the commit why it is higher
#   guard.sh --skip REASON           what a build runs that cannot compare
set -eu

reports=640
record_it=
case $1 in
--skip)
    echo "skipped: $2"
    exit 77
    ;;
--record)
    record_it=yes
    shift
    ;;
esac
bench=$1
record=$2
work=$(mktemp -d "${TMPDIR:-/tmp}/gridpost-guard-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

TMPDIR=$work valgrind --tool=callgrind --callgrind-out-file="$work/counts" --compress-strings=no \
    --compress-pos=no --collect-atstart=no --toggle-collect=hot_round "$bench" $reports >"$work/out" 2>&1 || {
    cat "$work/out"
    exit 1
}
# A line "number cost" is what the function before it took itself; the one behind "calls=" what it called.
count=$(awk -v own="ob=$bench" -v reports=$reports '
    /^ob=/ { mine = $0 == own }
    /^calls=/ { getline; next }
    /^[0-9]/ && mine { sum += $2 }
    END { printf "%d", sum / reports }' "$work/counts")
[ "$count" -gt 0 ] || {
    echo "nothing was counted in $bench"
    exit 1
}
if [ -n "$record_it" ]; then
    sed -i "s/^instructions .*/instructions $count/" "$record"
    exit 0
fi
recorded=$(sed -n 's/^instructions //p' "$record")
echo "$count instructions for each report, $recorded recorded"
if [ "$count" -gt $((recorded * 110 / 100)) ]; then
    echo "more than 10 % above: find out why (bench_hot under callgrind), or record it with a reason:"
    echo "  $0 --record $bench $record"
    exit 1
fi
[ "$count" -ge $((recorded * 90 / 100)) ] || echo "10 % below: record it, so that it stays so"
