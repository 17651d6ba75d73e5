#!/bin/sh
# The unit that keeps signed heads off the machine, without systemd: its ExecStart lines as they are
# installed, against a real daemon, with a stand-in for the command that sends.
#   GRIDPOST, GRIDPOSTD   programs
#   UNITS                 the folder of configured units
#   SOURCE                the top of the source tree
set -eu
. "$(dirname "$0")/../lib/daemon.sh"
export TZ=Asia/Shanghai LANGUAGE=C LC_ALL=C.UTF-8

unit=$UNITS/gridpost-head.service
state=/var/lib/gridpost-head
sent=$work/sent

# The unit's commands, one a line: programs and state are this test's, and systemd's $$ is a $.
commands() {
    sed -n 's/^ExecStart=//p' "$unit" |
        sed -e "s#^[^ ]*/gridpost #$GRIDPOST #" -e "s#$state#$work/head#g" -e 's/\$\$/$/g'
}

# run_unit [NAME=VALUE]: the commands in their order until one fails, with what head.env says.
run_unit() {
    commands >"$work/commands"
    got=0
    env "$@" GRIDPOST_IDENTITY="$work/head/identity" GRIDPOST_SOCKET="$ipc" \
        sh -e "$work/commands" >"$work/out" 2>&1 || got=$?
}

expect_unit() { # CODE [NAME=VALUE]
    want=$1
    shift
    run_unit "$@"
    [ "$got" -eq "$want" ] || say_failed "the unit ended with $got, not $want: $(cat "$work/out")"
}

# What the documentation's send-head does, into a folder in place of another machine. It is told the
# archive first and the file last.
cat >"$work/send-head" <<'END'
#!/bin/sh
set -eu
[ $# -eq 2 ] || exit 9
seq=$(sed 's/.*"seq": *\([0-9]*\).*/\1/' "$2")
cp "$2" "$1/$seq.json"
END
chmod +x "$work/send-head"
mkdir "$sent" "$work/head"

[ "$(commands | wc -l)" -eq 2 ] || say_failed "the unit has other commands: $(commands)"
grep -qx "Environment=GRIDPOST_IDENTITY=$state/identity" "$unit" || say_failed "another identity"

cp -R "$SOURCE/tests/golden/config" "$work/config"
rm -f "$work/config/org/devices.csv"
expect 0 -- init --config "$work/config" --keys "$work/keys" --as zhou --identity "$work/admin"
"$GRIDPOSTD" --drill --clock-start 2026-06-15T08:00+08:00 --config "$work/config" \
    --store "$work/store" --keys "$work/keys" --socket "$ipc" --edge "ipc://$work/edge" \
    --hint "$hint" >>"$work/log" 2>&1 &
daemon=$!
export GRIDPOST_IDENTITY="$work/admin" GRIDPOST_SOCKET="$ipc"
await_daemon || say_failed "no daemon came up"

# The timer's device, an auditor's, as OPERATIONS.md makes it.
expect 0 -- enrol zhou --role auditor --json
invitation=$(sed -n 's/.*"invitation":"\([^"]*\)".*/\1/p' "$work/out")
expect 0 -- join "$invitation" --identity "$work/head/identity" --no-wait --json
digits=$(sed -n 's/.*"digits":"\([0-9]*\)".*/\1/p' "$work/out")
expect_unit 75 "GRIDPOST_HEAD_SEND=$work/send-head $sent" # not confirmed yet: nothing leaves
[ -z "$(ls "$sent")" ] || say_failed "a head was sent: $(ls "$sent")"
expect 0 -- devices confirm 2 --digits "$digits"

# Unset it stays here; set, it is sent, by words that are options and the file.
expect_unit 0
[ -s "$work/head/head.json" ] || say_failed "no head was kept"
[ -z "$(ls "$sent")" ] || say_failed "a head was sent: $(ls "$sent")"
expect_unit 0 "GRIDPOST_HEAD_SEND=$work/send-head $sent"
expect 0 -- enrol zhou --role auditor --json # something happens between two heads
expect_unit 0 "GRIDPOST_HEAD_SEND=$work/send-head $sent"
[ "$(ls "$sent" | wc -l)" -eq 2 ] || say_failed "other heads were sent: $(ls "$sent")"
for head in "$sent"/*.json; do
    expect 0 'goes on from the signed head' -- verify --head "$head"
done

# Where sending fails the unit fails, and systemd says so.
expect_unit 1 GRIDPOST_HEAD_SEND=/bin/false
stop_daemon
expect_unit 75 "GRIDPOST_HEAD_SEND=$work/send-head $sent"
