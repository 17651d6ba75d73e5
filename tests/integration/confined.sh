#!/bin/sh
# The daemon behind the walls of its unit: a call that gridpostd.service forbids ends it here.
#   GRIDPOST, GRIDPOSTD, CONFINE   programs
#   UNITS                          the folder of the units
#   SOURCE                         the top of the source tree
set -eu
. "$(dirname "$0")/../lib/daemon.sh"
export TZ=Asia/Shanghai LANGUAGE=C LC_ALL=C.UTF-8 GRIDPOST_SOCKET="$ipc"
grid=340705006001001

# confined ARGUMENT…: the scripts' daemon, of a drill, behind the unit and $dropin.
confined() {
    # shellcheck disable=SC2086 # words
    exec "$CONFINE" "$UNITS/gridpostd.service" $dropin -- "$GRIDPOSTD" --drill \
        --config "$work/config" $own "$@"
}

# ask ARGUMENT…: the command is answered.
ask() {
    "$GRIDPOST" "$@" >"$work/out" 2>&1 || say_failed "$*: $(cat "$work/out")"
}

cp -R "$SOURCE/tests/golden/config" "$work/config"
dropin=
confined --clock-start 2026-06-15T08:00+08:00 >"$work/log" 2>&1 &
daemon=$!
await_daemon || say_failed "no daemon came up"

# What threads, signals, the pool and the store do in a day.
ask report --as zhang --grid $grid --category n4 lamp
ask accept 1 --as li
ask leave --as li --from 2026-06-16 --to 2026-06-16
ask list --json
ask watch --since 0 --no-follow
ask assess --from 2026-06-01 --to 2026-07-01 --by area
printf '\n# another day\n' >>"$work/config/ladders.yaml"
kill -HUP "$daemon"
ask report --as zhang --grid $grid --category n4 again
stop_daemon

# What an admin runs beside it.
(confined --verify) >"$work/out" 2>&1 || say_failed "--verify: $(cat "$work/out")"
(confined --rebuild "$work/again") >"$work/out" 2>&1 || say_failed "--rebuild: $(cat "$work/out")"

# TCP takes what tcp.conf opens: not less, and the unit without it is shut.
port=$(($$ % 20000 + 20000))
code=0
(confined --tcp "tcp://127.0.0.1:$port") >"$work/log" 2>&1 || code=$?
[ "$code" -gt 128 ] || say_failed "TCP got through the unit: exit $code"
dropin=$SOURCE/systemd/gridpostd.service.d/tcp.conf
tries=0
until # a port may be another program's: then the next one
    GRIDPOST_TCP=yes confined --tcp "tcp://127.0.0.1:$port" >"$work/log" 2>&1 &
    daemon=$!
    await_daemon
do
    tries=$((tries + 1))
    grep -q 'in use' "$work/log" && [ "$tries" -lt 20 ] || say_failed "no daemon came up"
    port=$((port + 1))
done
GRIDPOST_SOCKET=tcp://127.0.0.1:$port ask list
stop_daemon
