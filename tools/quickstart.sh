#!/bin/sh
# Installs what is missing, builds, starts a drill daemon on a temporary store with a board in the
# browser, and replays real requests: Boston's of one June day of 2015, with their accepts and closings
# of three days, on a clock 1800 times as fast. Ends by itself about two minutes after the daemon's start.
#
#   tools/quickstart.sh [OPTION…]
#   --keep         leave daemon and board running afterwards and say how to talk to them
#   --no-browser   only print the board's address, also where a desktop could open it
#   --build DIR    take the programs of this build tree, and install and build nothing
set -eu

cd "$(dirname "$0")/.."
keep=
browser=yes
build=
while [ $# -gt 0 ]; do
    case "$1" in
    --keep) keep=yes ;;
    --no-browser) browser= ;;
    --build)
        build=$(cd "${2:?"--build needs a folder"}" && pwd)
        shift
        ;;
    --help)
        sed -n '2,9s/^# \{0,1\}//p' "$0"
        exit 0
        ;;
    *)
        echo "usage: tools/quickstart.sh [--keep] [--no-browser] [--build DIR]" >&2
        exit 64
        ;;
    esac
    shift
done

rate=1800
before=2015-06-08T02:00-05:00 # the clock while the board's device is enrolled; it does not run fast yet
start=2015-06-08T03:00-05:00 # … and then, ten seconds before the first row
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

if [ -z "$build" ]; then
    say "installing what is missing, building (a minute or two the first time)"
    tools/setup.sh build
    build_log=$(mktemp)
    if ! { cmake --preset release -DGP_TESTS=OFF && cmake --build --preset release; } \
        >"$build_log" 2>&1; then
        cat "$build_log" >&2
        exit 1
    fi
    rm -f "$build_log"
    build=$PWD/build/release
fi
gridpost=$build/tools/gridpost
gridpostd=$build/daemon/app/gridpostd
gridpost_web=$build/tools/web/gridpost-web

work=$(mktemp -d "${TMPDIR:-/tmp}/gridpost-quickstart-XXXXXX")
daemon=
web=
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
            grep -vx -e "${daemon:-none}" -e "${web:-none}" || true
    )
}

# Ctrl-C may come in the middle of it, and then it begins anew, once.
finish() { # exit code
    trap - EXIT
    trap '' INT TERM
    code=$1
    stop_followers
    if [ -z "$keep" ]; then
        for pid in $web $daemon; do
            kill "$pid" 2>/dev/null || true
            wait "$pid" 2>/dev/null || true
        done
        web=
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
trap 'finish $?' EXIT
trap 'keep=; finish 130' INT TERM

say "making an organisation from the export: areas, departments, posts, people, catalogue"
"$gridpost" replay --mapping "$mapping" --from "$first" --to "$last" \
    --make-config "$work/config" "$export_file"
# Who looks at the board: the dispatcher of the whole city. "web" is the board's own device.
dispatcher=p.SK.900001
sed -i "s/^$dispatcher,$dispatcher,/$dispatcher,Demo dispatcher,/" "$work/config/org/people.csv"
echo 'web,Board,,' >>"$work/config/org/people.csv"
printf 'user,person,role,via\ndemo,%s,dispatcher,web\n' "$dispatcher" >"$work/config/org/users.csv"
wc -l "$work"/config/org/*.csv | sed 's|[^ ]*/||; s/^/  /'

# Waits until a command succeeds, as long as a process lives, whose log is shown otherwise.
await() { # process log command…
    process=$1
    log=$2
    shift 2
    tries=0
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        if [ "$tries" -gt 300 ] || ! kill -0 "$process" 2>/dev/null; then
            cat "$log" >&2
            exit 1
        fi
        sleep 0.1
    done
}

# --insecure-local: who reaches the socket's folder is believed, so that a trial needs no devices.
start_daemon() { # rate, begin of its clock
    "$gridpostd" --config "$work/config" --store "$work/store" --keys "$work/keys" \
        --socket "$GRIDPOST_SOCKET" --insecure-local --edge '' --hint "ipc://$work/hint.ipc" \
        --drill --clock-rate "$1" --clock-start "$2" 2>>"$work/daemon.log" &
    daemon=$!
    # Sealed: so it has read who the admin is.
    await "$daemon" "$work/daemon.log" "$gridpost" status --identity "$work/admin"
}

# A word of a JSON object on one line.
word_of() { # key
    sed -n "s/.*\"$1\":\"\{0,1\}\([^,\"}]*\).*/\1/p"
}

enrol_board() {
    invitation=$("$gridpost" enrol web --role bridge --json --identity "$work/admin" | word_of invitation)
    joined=$(printf '%s\n' "$invitation" |
        "$gridpost" join - --identity "$work/bridge" --label board --no-wait --json)
    "$gridpost" devices confirm "$(printf '%s' "$joined" | word_of device)" --identity "$work/admin" \
        --digits "$(printf '%s' "$joined" | word_of digits)" >/dev/null
    printf '%s\n' "$password" | "$gridpost_web" password demo --secrets "$work/secrets"
}

open_browser() { # address
    if [ -n "$browser" ] && [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && command -v xdg-open >/dev/null; then
        # A browser is none of the drill's processes, and has a time zone of its own.
        env -u GRIDPOST_SOCKET -u TZ xdg-open "$1" >/dev/null 2>&1 &
    fi
}

say "enrolling the board's device"
"$gridpost" init --config "$work/config" --keys "$work/keys" --as "$dispatcher" \
    --identity "$work/admin" >/dev/null
start_daemon 1 "$before"
password=$(head -c 12 /dev/urandom | base64)
enrol_board
kill "$daemon"
wait "$daemon"

say "starting gridpostd as a drill, its clock $rate times as fast, and the board"
"$gridpost_web" --listen 127.0.0.1:0 --config "$work/config" --identity "$work/bridge" \
    --secrets "$work/secrets" --pages "$build/web/pages" --ready-file "$work/port" --demo-user demo \
    >"$work/link" 2>"$work/web.log" &
web=$!
await "$web" "$work/web.log" test -s "$work/port"
start_daemon "$rate" "$start"
await "$web" "$work/web.log" grep -q 'daemon: answers' "$work/web.log"
board=http://127.0.0.1:$(cat "$work/port")/
link=$(cat "$work/link")
echo "  $link"
echo "  opens it signed in, once; later $board as user demo, password $password"
echo "  look at: cards that arrive, turn yellow and red as their time runs out, and go when they are closed"
open_browser "$link"

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
  The drill goes on (processes $daemon and $web, everything below $work).
    $board (user demo, password $password)
    export GRIDPOST_SOCKET=$GRIDPOST_SOCKET
    $gridpost list --open --limit 10
    $gridpost show 1
    $gridpost tail --since 0
  Stop it:  kill $web $daemon; rm -r $work
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
