# shellcheck shell=sh disable=SC2013,SC2034,SC2046,SC2086,SC2154 # lists of numbers; run sets what is used here
# Sourced by tests/bench/run: builds, and begins and ends what is measured, in a folder of its own, $work.

build=$PWD/build/release
bench=$build/tests/bench/bench

prepare() {
    cmake --preset release -DGP_TESTS=ON >/dev/null
    cmake --build --preset release --target gridpostd gridpost gridpost-gate bench_all >/dev/null
    work=$(mktemp -d "$base/bench-XXXXXX")
    chmod 711 "$work" # PostgreSQL runs as somebody else below it
    servers=
    trap end EXIT
    trap 'exit 130' INT TERM
    socket=ipc://$work/s.ipc
    edge=ipc://$work/e.ipc
    direct=tcp://127.0.0.1:$((20000 + $$ % 20000))
    # Nobody is too fast here, and each client has a device of its own.
    cp -R tests/golden/config "$work/config"
    printf 'device_rate: 1000000\nperson_rate: 1000000\n' >>"$work/config/gridpost.yaml"
    for sheet in areas posts holdings; do
        "$bench" $sheet >>"$work/config/org/$sheet.csv"
    done
    "$bench" devices 1024 >"$work/config/org/devices.csv"
}
# A process and what it has begun.
family() {
    echo "$1"
    for child in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do
        family "$child"
    done
}
stop_and_go() { # SIGNAL PID…
    signal=$1
    shift
    for server in "$@"; do
        kill "-$signal" $(family "$server") 2>/dev/null || true
    done
}
end() {
    for server in $servers; do
        stop_and_go CONT "$server"
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    done
    rm -rf "$work"
}
note() {
    echo "$@" | tee -a "$work/cells" >&2
}
say_machine() {
    echo "machine: $(nproc) cores, $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1)," \
        "Linux $(uname -r), $(date -I), load $(cut -d' ' -f1 /proc/loadavg) before the run;" \
        "$rounds rounds of $seconds s a cell"
    echo "tests/bench/run $what -s $seconds -r $rounds -n $preload"
}

# Tries a command until it works; a server that ends, or takes more than a minute, ends the run.
await() { # PID COMMAND…
    pid=$1
    shift
    until_s=$(($(date +%s) + 60))
    until "$@" >/dev/null 2>&1; do
        if ! kill -0 "$pid" 2>/dev/null || [ "$(date +%s)" -gt "$until_s" ]; then
            echo "bench: no answer to: $*" >&2
            exit 1
        fi
    done
}
start_daemon() {
    begin=$(date +%s%N)
    GRIDPOST_TCP=yes "$build/daemon/app/gridpostd" --config "$work/config" --store "$work/store" \
        --keys "$work/keys" --socket "$socket" --tcp "$direct" --edge "$edge" --hint '' \
        --insecure-local 2>>"$work/log" &
    daemon=$!
    servers="$servers $daemon"
    await "$daemon" "$build/tools/gridpost" status --socket "$socket"
    ready_ms=$((($(date +%s%N) - begin) / 1000000))
}
start_gate() {
    : >"$work/gate.log"
    "$build/daemon/gate/gridpost-gate" --edge "$edge" --listen tcp://127.0.0.1:0 2>>"$work/gate.log" &
    gate=$!
    servers="$servers $gate"
    await "$gate" grep -q '^listen: ' "$work/gate.log"
    through=$(sed -n 's/^listen: requests at //p' "$work/gate.log")
}
# The daemon's own figure of that name.
figure() {
    "$build/tools/gridpost" status --socket "$socket" --json | sed "s/.*\"$1\":\([0-9]*\).*/\1/"
}
# load WAY CLIENTS [OPTION…]: a bench's line.
load() {
    case $1 in
    ipc*) address=$socket ;;
    edge*) address=$edge ;;
    tcp*) address=$direct ;;
    gate*) address=$through ;;
    esac
    case $1 in
    *-sealed) sealed="--sealed $work/keys" ;;
    *) sealed= ;;
    esac
    clients=$2
    shift 2
    "$bench" load $sealed --pid "$daemon" --pid "$gate" --disk "$work" "$@" "$address" "$clients" "$seconds"
}
