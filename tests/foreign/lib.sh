# shellcheck shell=sh
# Sourced by the scripts beside it. They are started with
#   PROTOC, GRIDPOST, GRIDPOSTD   programs
#   SOURCE                        the top of the source tree
# and run in a folder of their own, $work, with a daemon of their own.

say_failed() {
    printf 'FAILED: %s\n' "$*" >&2
    [ ! -s "$work/log" ] || sed 's/^/daemon: /' "$work/log" >&2
    exit 1
}

end() {
    for pid in $daemon $listener; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    rm -rf "$work"
}

work=$(mktemp -d /tmp/gridpost-XXXXXX) # an ipc address must fit a sun_path
daemon=
listener= # another program that runs beside the script
trap end EXIT
trap 'exit 130' INT TERM
cp -R "$SOURCE/tests/golden/config" "$work/config"
ipc=ipc://$work/intake
hint=ipc://$work/hint
tcp=

# Returns as soon as the daemon answers; fails when it has ended or a minute was not enough.
await_daemon() {
    until_s=$(($(date +%s) + 60))
    until "$GRIDPOST" status --socket "$ipc" --timeout 5 >/dev/null 2>&1; do
        if [ "$(date +%s)" -gt "$until_s" ] || ! kill -0 "$daemon" 2>/dev/null; then
            return 1
        fi
    done
}

# start_daemon: on $ipc, $hint and, by a port that is free, $tcp.
start_daemon() {
    for port in $(shuf -i 10000-32000 -n 10); do
        tcp=tcp://127.0.0.1:$port
        "$GRIDPOSTD" --config "$work/config" --store "$work/store" --socket "$ipc" \
            --hint "$hint" --tcp "$tcp" >>"$work/log" 2>&1 &
        daemon=$!
        ! await_daemon || return 0
        kill "$daemon" 2>/dev/null || true
        wait "$daemon" 2>/dev/null || true
        daemon=
    done
    say_failed "no daemon came up"
}

# stop_daemon: it ends in order after what was sent to it.
stop_daemon() {
    kill "$daemon"
    code=0
    wait "$daemon" || code=$?
    daemon=
    [ "$code" -eq 0 ] || say_failed "gridpostd ended with $code"
}

# encode_report FILE: a report with a fresh id, made by protoc.
encode_report() {
    id=$(printf '%012x' "$(date +%s%3N)")$(od -An -N10 -tx1 /dev/urandom | tr -d ' \n')
    "$PROTOC" --proto_path="$SOURCE/proto" --encode=gp.Request gridpost.proto >"$1" <<END
version: 1
speaker { person: "li" device: "foreign-1" }
id: "$(printf %s "$id" | sed 's/../\\x&/g')"
command { verb: REPORT text: "路灯不亮" grid: "340705006001001" category: "n4" }
END
}

# decode_reply FILE: its fields as protoc prints them.
decode_reply() {
    "$PROTOC" --proto_path="$SOURCE/proto" --decode=gp.Reply gridpost.proto <"$1"
}
