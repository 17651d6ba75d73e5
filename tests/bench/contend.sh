# shellcheck shell=sh disable=SC2001,SC2086,SC2154 # lists of numbers and options; lib.sh and run set what is used here
# Sourced by tests/bench/run: gridpostd beside what else would be picked, with the same reports. Each server is
# stopped (SIGSTOP) while another one is measured; at each number of clients all of them are measured one after the other, and
# that is repeated in rounds. Whoever is not installed is left out, and named.

tools=$build/tests/bench
counts='1 16 64 256 1000'
warm=20000         # reports after the preload, so that nobody's first touch of a page is measured
log_bytes=1300     # of a report in gridpostd's log: four entries, texts, the kept answer
answer_bytes=300   # of gridpostd's answer: 186 with a receipt of its own, 378 in a batch of 64

# measure NAME SERVERS COMMAND…: a cell; SERVERS are the numbers of the processes that are measured.
measure() {
    name=$1
    running=$2
    shift 2
    pids=
    for pid in $running; do
        pids="$pids --pid $pid"
    done
    stop_and_go CONT $running
    line=$("$@" $pids --disk "$work")
    stop_and_go STOP $running
    note "$name $line"
}
left_out() { # WHAT PACKAGES
    echo "left out: $1; it needs $2 (tools/setup.sh bench)" | tee -a "$work/left-out" >&2
}

# ---------------------------------------------------------------- gridpostd

fill_gridpost() {
    start_daemon
    start_gate
    "$bench" load --fill $((preload + warm)) "$socket" 256 1 >&2
    stop_and_go STOP "$daemon" "$gate"
}
# At half of what the closed loop has just given, beside an fdatasync of as much as a batch then writes.
half_load() {
    rate=$(sed -n "s/^ipc clients=$1 .* per_second=\([0-9]*\).*/\1/p" "$work/cells" | tail -1)
    stop_and_go CONT "$daemon"
    batches=$(figure batches)
    reports=$(figure incidents)
    line=$("$bench" load --rate $((rate / 2 + 1)) "$socket" "$1" "$seconds")
    batches=$(($(figure batches) - batches))
    reports=$(($(figure incidents) - reports))
    stop_and_go STOP "$daemon"
    bytes=$(((reports * log_bytes / batches + 4095) / 4096 * 4096))
    sync=$("$bench" sync "$work" "$seconds" $bytes zeroed)
    note "half $line $(echo "$sync" | sed 's/\([a-z0-9_]*=\)/sync_\1/g')"
}
gridpost_cells() {
    for way in ipc tcp ipc-sealed gate-sealed; do
        both="$daemon $gate"
        stop_and_go CONT $both
        line=$(load $way "$1")
        stop_and_go STOP $both
        note "$way $line"
    done
    half_load "$1"
}

# ---------------------------------------------------------------- PostgreSQL

find_postgres() {
    postgres=
    for folder in /usr/lib/postgresql/*/bin; do
        [ ! -x "$folder/initdb" ] || postgres=$folder
    done
    if [ -z "$postgres" ] || [ ! -x "$tools/bench_postgres" ]; then
        postgres=
        left_out PostgreSQL 'postgresql-15 libpq-dev'
        return
    fi
    as_postgres= # it refuses to run as root
    [ "$(id -u)" != 0 ] || as_postgres='setpriv --reuid=postgres --regid=postgres --clear-groups --'
    if ! $as_postgres test -x "$work"; then
        echo "left out: PostgreSQL; its user cannot reach $work: give another folder with -f" |
            tee -a "$work/left-out" >&2
        postgres=
    fi
}
# fill_postgres NAME CONFIG [OPTION…]: makes and starts one; its process is in $server.
fill_postgres() {
    folder=$work/$1
    config=$2
    shift 2
    mkdir -m 700 "$folder"
    [ -z "$as_postgres" ] || chown postgres: "$folder"
    $as_postgres "$postgres/initdb" -N -A trust -U postgres -D "$folder/data" >/dev/null
    cat $config >>"$folder/data/postgresql.conf"
    $as_postgres "$postgres/postgres" -D "$folder/data" -c listen_addresses= \
        -c unix_socket_directories="$folder" "$@" 2>"$folder/log" &
    server=$!
    servers="$servers $server"
    await $server "$postgres/psql" -h "$folder" -U postgres -c 'SELECT 1'
    "$postgres/psql" -qX -h "$folder" -U postgres -v ON_ERROR_STOP=1 -v count="$preload" -f "$here/postgres.sql"
    "$tools/bench_postgres" --fill $warm "host=$folder user=postgres" 16 1 >&2
    stop_and_go STOP $server
}
fill_both_postgres() {
    find_postgres
    [ -n "$postgres" ] || return 0
    memory_kib=$(sed -n 's/^MemTotal: *\([0-9]*\).*/\1/p' /proc/meminfo)
    fill_postgres pg-default /dev/null
    pg_default=$server
    fill_postgres pg-tuned "$here/postgres.conf" -c shared_buffers=$((memory_kib / 4 / 1024))MB
    pg_tuned=$server
}
# A connection for each client; where there are more of them pools of 16 and 32, and commits that wait
# 0.2 ms for others. The default configuration takes 100 connections, so it gets a pool of 32 above that.
postgres_cells() {
    tuned="host=$work/pg-tuned user=postgres"
    default="host=$work/pg-default user=postgres"
    if [ "$1" -le 64 ]; then
        measure pg-default "$pg_default" "$tools/bench_postgres" "$default" "$1" "$seconds"
    else
        measure pg-default "$pg_default" "$tools/bench_postgres" --connections 32 "$default" "$1" "$seconds"
    fi
    measure pg-direct "$pg_tuned" "$tools/bench_postgres" "$tuned" "$1" "$seconds"
    [ "$1" -gt 16 ] || return 0
    delayed="$tuned options='-c commit_delay=200'"
    measure pg-delay "$pg_tuned" "$tools/bench_postgres" "$delayed" "$1" "$seconds"
    for pool in 16 32; do
        measure pg-pool$pool "$pg_tuned" "$tools/bench_postgres" --connections $pool "$tuned" "$1" "$seconds"
    done
}

# ---------------------------------------------------------------- Redis, NATS, nanomsg

# No snapshots and no rewriting of the log while it is measured: both are in its favour.
fill_redis() {
    redis=
    if ! command -v redis-server >/dev/null || [ ! -x "$tools/bench_redis" ]; then
        left_out Redis 'redis-server libhiredis-dev'
        return
    fi
    mkdir "$work/redis"
    redis-server --port 0 --unixsocket "$work/redis/s" --dir "$work/redis" --appendonly yes --appendfsync no \
        --save '' --auto-aof-rewrite-percentage 0 >"$work/redis/log" &
    redis=$!
    servers="$servers $redis"
    await $redis redis-cli -s "$work/redis/s" ping
    "$tools/bench_redis" --fill $((preload + warm)) "$work/redis/s:$here/redis.lua" 256 1 >&2
    redis-cli -s "$work/redis/s" config set appendfsync always >/dev/null
    stop_and_go STOP $redis
}
fill_nats() {
    nats=
    if ! command -v nats-server >/dev/null; then
        left_out 'NATS JetStream' nats-server
        return
    fi
    mkdir "$work/nats"
    nats_port=$((20001 + $$ % 20000))
    printf 'listen: "127.0.0.1:%d"\njetstream { store_dir: "%s" }\n' $nats_port "$work/nats" >"$work/nats.conf"
    nats-server -c "$work/nats.conf" 2>"$work/nats.log" &
    nats=$!
    servers="$servers $nats"
    await $nats grep -q 'Server is ready' "$work/nats.log"
    "$tools/bench_nats" --fill $((preload + warm)) tcp://127.0.0.1:$nats_port 64 1 >&2
    stop_and_go STOP $nats
}
start_echo() {
    "$tools/bench_echo" "ipc://$work/echo.ipc" $answer_bytes &
    echo=$!
    servers="$servers $echo"
    await $echo test -S "$work/echo.ipc"
    stop_and_go STOP $echo
}

# ---------------------------------------------------------------- a run

cells() { # CLIENTS
    gridpost_cells "$1"
    [ -z "$postgres" ] || postgres_cells "$1"
    [ -z "$redis" ] ||
        measure redis "$redis" "$tools/bench_redis" "$work/redis/s:$here/redis.lua" "$1" "$seconds"
    [ -z "$nats" ] || measure nats "$nats" "$tools/bench_nats" tcp://127.0.0.1:$nats_port "$1" "$seconds"
    measure echo "$echo" "$bench" echo "ipc://$work/echo.ipc" "$1" "$seconds"
}
limits() {
    for bytes in 4096 65536; do
        for how in append zeroed; do
            line=$("$bench" sync "$work" 1 $bytes $how)
            note "sync-$how-$bytes $line"
        done
    done
    line=$("$tools/bench_lmdb" "$work/lmdb" "$seconds" "$preload" 1 16 64)
    note "$(echo "$line" | sed 's/^/lmdb /')"
}

prepare
say_machine
mkdir "$work/lmdb"
fill_gridpost
fill_both_postgres
fill_redis
fill_nats
start_echo
for _ in $(seq "$rounds"); do
    for count in $counts; do
        cells $count
    done
    limits
done
[ ! -s "$work/left-out" ] || cat "$work/left-out"
awk -f "$here/cells.awk" -f "$here/contend.awk" "$work/cells"
