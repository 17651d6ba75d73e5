#!/bin/sh
# Installs what is missing, builds, starts a drill daemon on a temporary store, and replays real
# requests: Boston's of one June day of 2015, with their accepts and closings of three days, on a
# clock 1800 times as fast. Ends by itself about two minutes after the daemon's start.
#
#   tools/quickstart.sh           watch it
#   tools/quickstart.sh --keep    leave the daemon running afterwards and say how to talk to it
set -eu

cd "$(dirname "$0")/.."
keep=
case "${1:-}" in
'') ;;
--keep) keep=yes ;;
--help)
    sed -n '2,7s/^# \{0,1\}//p' "$0"
    exit 0
    ;;
*)
    echo "usage: tools/quickstart.sh [--keep]" >&2
    exit 64
    ;;
esac

rate=1800
start=2015-06-08T07:00-05:00 # the drill's clock, two seconds before the first row
first=2015-06-08T08:00-05:00 # rows opened from here …
last=2015-06-09T08:00-05:00  # … to here
until=2015-06-10T20:00-05:00 # what happened to them, to here
export_file=tests/data/boston-2015-june.csv.xz
mapping=config/mapping/boston-2015.yaml
# Times are shown as Boston's wall clock.
export TZ=EST5

say() {
    printf '\n== %s\n' "$*"
}

say "installing what is missing, building (a minute or two the first time)"
tools/setup.sh build
build_log=$(mktemp)
if ! { cmake --preset release -DGP_TESTS=OFF && cmake --build --preset release; } \
    >"$build_log" 2>&1; then
    cat "$build_log" >&2
    exit 1
fi
rm -f "$build_log"
gridpost=$PWD/build/release/tools/gridpost
gridpostd=$PWD/build/release/daemon/app/gridpostd

work=$(mktemp -d "${TMPDIR:-/tmp}/gridpost-quickstart-XXXXXX")
daemon=
followers= # watch and tail: the programs themselves, never the filters behind them
filters=

stop_followers() {
    for pid in $followers; do
        kill "$pid" 2>/dev/null || true
    done
    for pid in $followers $filters; do # a filter ends when its pipe does
        wait "$pid" 2>/dev/null || true
    done
    followers=
    filters=
}

# What runs on and talks to this drill: each such process has the drill's socket in its environment.
remaining() {
    (
        socket=$GRIDPOST_SOCKET
        unset GRIDPOST_SOCKET # or what looks would find itself
        grep -lsF "$socket" /proc/[0-9]*/environ | sed 's|[^0-9]||g' |
            grep -vx -e "${daemon:-none}" || true
    )
}

finish() {
    code=$?
    stop_followers
    if [ -z "$keep" ] && [ -n "$daemon" ]; then
        kill "$daemon" 2>/dev/null || true
        wait "$daemon" 2>/dev/null || true
        daemon=
    fi
    left=$(remaining)
    if [ -n "$left" ]; then
        echo "quickstart: still running, which should not be: $left" >&2
        code=1
    fi
    [ -n "$keep" ] || rm -rf "$work"
    exit "$code"
}
export GRIDPOST_SOCKET="ipc://$work/gridpost.ipc"
trap finish EXIT
trap 'keep=; exit 130' INT TERM

say "making an organisation from the export: areas, departments, posts, people, catalogue"
"$gridpost" replay --mapping "$mapping" --from "$first" --to "$last" \
    --make-config "$work/config" "$export_file"
wc -l "$work"/config/org/*.csv | sed 's|[^ ]*/||; s/^/  /'

say "starting gridpostd as a drill, its clock $rate times as fast"
# --insecure-local: who reaches the socket's folder is believed, so that a trial needs no devices.
"$gridpostd" --config "$work/config" --store "$work/store" --keys "$work/keys" \
    --socket "$GRIDPOST_SOCKET" --insecure-local --edge '' --hint "ipc://$work/hint.ipc" \
    --drill --clock-rate "$rate" --clock-start "$start" 2>"$work/daemon.log" &
daemon=$!
tries=0
until [ -S "$work/gridpost.ipc" ] && "$gridpost" status >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ "$tries" -gt 100 ] || ! kill -0 "$daemon" 2>/dev/null; then
        cat "$work/daemon.log" >&2
        exit 1
    fi
    sleep 0.1
done

department=d01 # the first department of the export
name=$(sed -n "s/^$department,\"\([^\"]*\)\".*/\1/p" "$work/config/org/departments.csv")

say "replaying real requests; below: 'feed' is what $name sees, 'tail' the escalations of all"
echo "   entry  time                 incident what         owner                    whom"
mkfifo "$work/feed" "$work/tail"
sed -u -E '/ (filed|dispatched) /d; s/^/feed /' <"$work/feed" &
filters=$!
"$gridpost" watch --since 0 --department "$department" >"$work/feed" 2>/dev/null &
followers=$!
sed -u 's/^/tail /' <"$work/tail" &
filters="$filters $!"
"$gridpost" tail --since 0 >"$work/tail" 2>/dev/null &
followers="$followers $!"
"$gridpost" replay --mapping "$mapping" --from "$first" --to "$last" --until "$until" \
    --progress "$export_file" >"$work/summary"
stop_followers

say "what happened"
sed 's/^/  /' "$work/summary"
say "to whom: requests, closed, and past their limit, by department"
"$gridpost" list --all --json | awk '
    { d = $0; sub(/.*"department":"/, "", d); sub(/".*/, "", d); all[d]++ }
    /"state":"closed"/ { closed[d]++ }
    /"overdue":true/ { overdue[d]++ }
    END { for (d in all) printf "%s %d %d %d\n", d, all[d], closed[d], overdue[d] }' |
    sort -k2,2nr | while read -r code all closed overdue; do
    full=$(sed -n "s/^$code,\"\([^\"]*\)\".*/\1/p" "$work/config/org/departments.csv")
    printf '  %-8s %4s requests %4s closed %4s overdue\n' "$full" "$all" "$closed" "$overdue"
done
"$gridpost" status | sed 's/^/  /'

say "what to do next"
if [ -n "$keep" ]; then
    cat <<EOF
  The drill goes on (process $daemon, everything below $work).
    export GRIDPOST_SOCKET=$GRIDPOST_SOCKET
    $gridpost list --open --limit 10
    $gridpost show 1
    $gridpost tail --since 0
  Stop it:  kill $daemon; rm -r $work
EOF
else
    cat <<EOF
  tools/quickstart.sh --keep          the same, and the drill stays for you to talk to
  $gridpost check config
  $gridpost plan --config config --grid 340705402001001 --category C01-01 \\
      --condition missing --at 2026-10-03T23:10+08:00
  docs/CONFIG.md: your own streets, posts and people; README.md: install it as a service
EOF
fi
