#!/bin/sh
# Daemon and gate behind the walls of their units: a call that a unit forbids ends them here.
#   GRIDPOST, GRIDPOSTD, GATE, CONFINE   programs
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
        --config "$work/config" $own --backup "$work/backup" "$@"
}

# ask ARGUMENT…: the command is answered.
ask() {
    "$GRIDPOST" "$@" >"$work/out" 2>&1 || say_failed "$*: $(cat "$work/out")"
}

cp -R "$SOURCE/tests/golden/config" "$work/config"
"$GRIDPOST" init --config "$work/config" --keys "$work/keys" --identity "$work/admin" --as sun \
    >"$work/out" 2>&1 || say_failed "init: $(cat "$work/out")"
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

# Handshakes in the pool, receipts, and the server's keys on the disk.
export GRIDPOST_IDENTITY="$work/admin"
for port in $(shuf -i 10000-32000 -n 10); do # one may be another program's
    "$CONFINE" "$UNITS/gridpost-gate.service" -- "$GATE" --listen "tcp://127.0.0.1:$port" \
        --edge "ipc://$work/edge" --hint "$hint" >"$work/gate.log" 2>&1 &
    listener=$!
    until grep -q '^listen:' "$work/gate.log" || ! kill -0 "$listener" 2>/dev/null; do :; done
    ! kill -0 "$listener" 2>/dev/null || break
done
ask devices --socket "tcp://127.0.0.1:$port"
kill "$listener"
wait "$listener" || say_failed "the gate ended with $?: $(cat "$work/gate.log")"
listener=
ask enrol li --role officer --no-wait
ask rotate-key begin
ask rotate-key end --yes
ask verify
ask head
ask backup
ask backup --check
unset GRIDPOST_IDENTITY
stop_daemon

# What an admin runs beside it.
(confined --verify) >"$work/out" 2>&1 || say_failed "--verify: $(cat "$work/out")"
(confined --rebuild "$work/again") >"$work/out" 2>&1 || say_failed "--rebuild: $(cat "$work/out")"

(confined --restore "$work"/backup/20* --store "$work/restored") >"$work/out" 2>&1 ||
    say_failed "--restore: $(cat "$work/out")"

# TCP takes what tcp.conf opens: not less, and the unit without it is shut.
code=0
(confined --tcp tcp://127.0.0.1:9) >"$work/log" 2>&1 || code=$?
[ "$code" -gt 128 ] || say_failed "TCP got through the unit: exit $code"
dropin=$SOURCE/systemd/gridpostd.service.d/tcp.conf
for port in $(shuf -i 10000-32000 -n 10); do
    GRIDPOST_TCP=yes confined --tcp "tcp://127.0.0.1:$port" >"$work/log" 2>&1 &
    daemon=$!
    ! await_daemon || break
done
GRIDPOST_SOCKET=tcp://127.0.0.1:$port ask list
stop_daemon
