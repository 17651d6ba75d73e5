# shellcheck shell=sh
# Sourced by scripts that run in a folder of their own, $work, with a daemon of their own, which they
# start themselves and name in $daemon. They set
#   GRIDPOST   the program

say_failed() {
    printf 'FAILED: %s\n' "$*" >&2
    [ ! -s "$work/log" ] || sed 's/^/daemon: /' "$work/log" >&2
    exit 1
}

end() {
    for pid in $daemon $listener $gate; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    rm -rf "$work"
}

work=$(mktemp -d /tmp/gridpost-XXXXXX) # an ipc address must fit a sun_path
daemon=
listener= # another program that runs beside the script
gate=     # a gate in front of the daemon
trap end EXIT
trap 'exit 130' INT TERM
ipc=ipc://$work/intake
hint=ipc://$work/hint
# Where a daemon of these scripts keeps what is its own; it believes who speaks.
own="--store $work/store --keys $work/keys --socket $ipc --hint $hint --edge ipc://$work/edge
--insecure-local"

# Returns as soon as the daemon answers; fails when it has ended or a minute was not enough.
await_daemon() {
    until_s=$(($(date +%s) + 60))
    until "$GRIDPOST" status --socket "$ipc" --timeout 5 >/dev/null 2>&1; do
        if [ "$(date +%s)" -gt "$until_s" ] || ! kill -0 "$daemon" 2>/dev/null; then
            return 1
        fi
    done
}

# stop_daemon: it ends in order after what was sent to it.
stop_daemon() {
    kill "$daemon"
    code=0
    wait "$daemon" || code=$?
    daemon=
    [ "$code" -eq 0 ] || say_failed "gridpostd ended with $code"
}

# expect CODE WORDS… -- ARGUMENTS…: the exit code, and words that the output holds.
expect() {
    code=$1
    shift
    : >"$work/words"
    while [ "$1" != -- ]; do
        printf '%s\n' "$1" >>"$work/words"
        shift
    done
    shift
    got=0
    "$GRIDPOST" "$@" >"$work/out" 2>&1 || got=$?
    [ "$got" -eq "$code" ] || say_failed "$* ended with $got: $(cat "$work/out")"
    while read -r words; do
        grep -qF -e "$words" "$work/out" || say_failed "'$words' is not in: $* : $(cat "$work/out")"
    done <"$work/words"
}
