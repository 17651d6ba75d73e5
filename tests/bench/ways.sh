# shellcheck shell=sh disable=SC2034,SC2154 # lib.sh and run set what is used here
# Sourced by tests/bench/run: durable reports a second by all ways in, with the answer's p50 and p99; handshakes
# a second, and reports beside them; what receipts cost; restart at 100,000 open incidents; memory per
# connection. The ways are measured in turn and in rounds, so that the machine's moods hit all of them.

ways='ipc ipc-sealed edge-sealed tcp tcp-sealed gate-sealed'

way_cell() {
    batches=$(figure batches)
    reports=$(figure incidents)
    line=$(load "$1" "$2")
    batches=$(($(figure batches) - batches))
    reports=$(($(figure incidents) - reports))
    note "$1 $line stored=$reports batches=$batches"
}
# Reports of 64 devices at the edge, while 64 others handshake as fast as they are let.
beside() {
    "$bench" hello --sealed "$work/keys" --first 256 "$edge" 64 $((seconds + 2)) >"$work/helloes" &
    helloes=$!
    line=$(load edge-sealed 64)
    wait "$helloes"
    note "beside $line handshakes_per_second=$(sed 's/.*per_second=\([0-9]*\).*/\1/' "$work/helloes")"
}
handshakes() {
    for helloing in 1 16 64; do
        line=$("$bench" hello --sealed "$work/keys" "$edge" $helloing "$seconds")
        note "hello $line"
    done
    line=$(load edge-sealed 64)
    note "quiet $line"
    beside
}
restart() {
    count=$(figure clocks_running)
    if [ "$count" -lt 100000 ]; then
        "$bench" load --fill $((100000 - count)) "$socket" 256 1
    fi
    "$build/tools/gridpost" status --socket "$socket"
    kill -9 "$daemon"
    wait "$daemon" 2>/dev/null || true
    servers=$gate
    start_daemon
    echo "restart after kill -9: first answer after $ready_ms ms, resident" \
        "$(sed -n 's/^VmRSS:[[:space:]]*//p' "/proc/$daemon/status")"
}

prepare
say_machine
echo "fdatasync alone: $("$bench" sync "$work" 3 4096 append)"
start_daemon
start_gate
for count in 1 16 64 256; do
    for _ in $(seq "$rounds"); do
        for way in $ways; do
            way_cell "$way" $count
        done
    done
done
for _ in $(seq "$rounds"); do
    handshakes
done
note "bare $("$build/tests/bench/bench_handshakes" 1)"
echo "fdatasync alone: $("$bench" sync "$work" 3 4096 append)"
awk -f "$here/cells.awk" -f "$here/ways.awk" "$work/cells"
"$bench" idle "$socket" 1000 "$daemon"
restart
