# shellcheck shell=sh
# Sourced by the scripts beside it. They are started with
#   PROTOC, GRIDPOST, GRIDPOSTD   programs
#   SOURCE                        the top of the source tree
#   GATE                          the gate's program, where one stands in front of the daemon; or ''

. "$(dirname "$0")/../lib/daemon.sh"
cp -R "$SOURCE/tests/golden/config" "$work/config"
tcp=

# start_daemon: on $ipc, $hint and, by a port that is free, $tcp.
start_daemon() {
    for port in $(shuf -i 10000-32000 -n 10); do
        tcp=tcp://127.0.0.1:$port
        # shellcheck disable=SC2086 # words
        GRIDPOST_TCP=yes "$GRIDPOSTD" --config "$work/config" $own --tcp "$tcp" >>"$work/log" 2>&1 &
        daemon=$!
        ! await_daemon || return 0
        kill "$daemon" 2>/dev/null || true
        wait "$daemon" 2>/dev/null || true
        daemon=
    done
    say_failed "no daemon came up"
}

# start_gate: where there is one to start, $tcp and $hint are its ports from now on.
start_gate() {
    [ -n "${GATE:-}" ] || return 0
    "$GATE" --edge "$ipc" --hint "$hint" --listen tcp://127.0.0.1:0 --hint-listen tcp://127.0.0.1:0 \
        2>"$work/gate.log" &
    gate=$!
    until grep -q '^listen: hints at ' "$work/gate.log"; do
        kill -0 "$gate" 2>/dev/null || say_failed "the gate ended: $(cat "$work/gate.log")"
    done
    tcp=$(sed -n 's/^listen: requests at //p' "$work/gate.log")
    hint=$(sed -n 's/^listen: hints at //p' "$work/gate.log")
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
