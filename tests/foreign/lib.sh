# shellcheck shell=sh
# Sourced by the scripts beside it. They are started with
#   PROTOC, GRIDPOST, GRIDPOSTD   programs
#   SOURCE                        the top of the source tree

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
