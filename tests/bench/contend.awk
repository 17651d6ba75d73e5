# The cells of contend.sh as tables; behind cells.awk.

function there(name, clients) {
    return (name, clients, "per_second") in cell
}
# The largest less the smallest of the rounds, in percent of the median.
function spread(list,    n, value, i, low, high) {
    n = split(list, value, " ")
    low = high = value[1]
    for (i = 2; i <= n; i++) {
        if (value[i] < low) low = value[i]
        if (value[i] > high) high = value[i]
    }
    return 100 * (high - low) / median(list)
}
# Which of PostgreSQL's ways gives most reports at so many clients, by the medians.
function best_postgres(clients,    i, best) {
    best = ""
    for (i = 1; i <= ways; i++)
        if (there(postgres_of[i], clients) &&
            (best == "" || of(postgres_of[i], clients, "per_second") > of(best, clients, "per_second")))
            best = postgres_of[i]
    return best
}
function verdict(value, target) {
    return value >= target ? "met" : sprintf("missed by %.0f %%", 100 * (1 - value / target))
}
function below(value, target) {
    return value <= target ? "met" : sprintf("missed by %.0f %%", 100 * (value / target - 1))
}

function contenders_table(    s, c, n) {
    print "\n| server | clients | durable reports/s | spread | p50 ms | p99 ms | p99.9 ms | processor µs |" \
          " bytes written | generator |"
    print "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    for (s = 1; s <= servers; s++)
        for (c = 1; c <= counts; c++) {
            n = count_of[c]
            if (!there(server_of[s], n))
                continue
            printf "| %s | %s | %s | %.0f %% | %.2f | %.2f | %.2f | %.0f | %s | %.0f %% |\n", name[server_of[s]],
                   grouped(n), grouped(of(server_of[s], n, "per_second")), spread(cell[server_of[s], n, "per_second"]),
                   of(server_of[s], n, "p50_ms"), of(server_of[s], n, "p99_ms"), of(server_of[s], n, "p999_ms"),
                   of(server_of[s], n, "processor_us"), grouped(of(server_of[s], n, "disk_bytes")),
                   of(server_of[s], n, "generator_percent")
        }
}
# One contender's three columns: ratio of the reports, whether that is enough, ratio of the p99.
function beside(other, clients, target,    rate, late) {
    if (other == "" || !there(other, clients))
        return " - | - | - |"
    rate = ratio("ipc", other, clients, "per_second")
    late = ratio("ipc", other, clients, "p99_ms")
    return sprintf(" %.2f | %s | %.2f, %s |", rate, target == "" ? "no target" : target ": " verdict(rate, target), late,
                   below(late, 1))
}
function targets_table(    c, n, best) {
    print "\n| clients | best PostgreSQL | gridpost/PostgreSQL | target | p99, target 1 | gridpost/Redis | target |" \
          " p99, target 1 |"
    print "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for (c = 1; c <= counts; c++) {
        n = count_of[c]
        best = best_postgres(n)
        printf "| %s | %s |%s%s\n", grouped(n), best == "" ? "-" : name[best], beside(best, n, postgres_target[n]),
               beside("redis", n, redis_target)
    }
}
# The other ways in, and the broker, which syncs later.
function ways_table(    c, n) {
    print "\n| clients | tcp/ipc | sealed/unsealed, ipc | gate, sealed/ipc | gridpost/NATS, which does not sync | gridpost/echo |"
    print "| --- | --- | --- | --- | --- | --- |"
    for (c = 1; c <= counts; c++) {
        n = count_of[c]
        printf "| %s | %.2f | %.2f | %.2f | %s | %.2f |\n", grouped(n), ratio("tcp", "ipc", n, "per_second"),
               ratio("ipc-sealed", "ipc", n, "per_second"), ratio("gate-sealed", "ipc", n, "per_second"),
               there("nats", n) ? sprintf("%.2f", ratio("ipc", "nats", n, "per_second")) : "-",
               ratio("ipc", "echo", n, "per_second")
    }
}
function half_table(    c, n, p95, p99) {
    print "\n| clients, at half load | reports/s | p50 ms | p95 ms | p99 ms | longest pause ms | fdatasync of | p50 ms | p99 ms |" \
          " p95/fdatasync, target 3 | p99/fdatasync, target 10 |"
    print "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    for (c = 1; c <= counts; c++) {
        n = count_of[c]
        p95 = paired(cell["half", n, "p95_ms"], cell["half", n, "sync_p50_ms"])
        p99 = paired(cell["half", n, "p99_ms"], cell["half", n, "sync_p50_ms"])
        printf "| %s | %s | %.2f | %.2f | %.2f | %.1f | %s | %.2f | %.2f | %.1f: %s | %.1f: %s |\n", grouped(n),
               grouped(of("half", n, "per_second")), of("half", n, "p50_ms"), of("half", n, "p95_ms"),
               of("half", n, "p99_ms"), of("half", n, "pause_ms"), grouped(of("half", n, "sync_bytes")),
               of("half", n, "sync_p50_ms"), of("half", n, "sync_p99_ms"), p95, below(p95, 3), p99, below(p99, 10)
    }
}
function limits_table(    i, b, batch) {
    print "\n| limit of this machine | a second | p50 ms | p99 ms | bytes written |"
    print "| --- | --- | --- | --- | --- |"
    for (i = 1; i <= syncs; i++)
        printf "| %s | %s | %.2f | %.2f | |\n", name[sync_of[i]], grouped(of(sync_of[i], "", "fdatasync_per_second")),
               of(sync_of[i], "", "p50_ms"), of(sync_of[i], "", "p99_ms")
    for (b = 1; b <= batches; b++)
        printf "| LMDB alone, reports in transactions of %s | %s | | | %s |\n", batch_of[b],
               grouped(of("lmdb", batch_of[b], "per_second")), grouped(of("lmdb", batch_of[b], "disk_bytes"))
}

BEGIN {
    servers = split("ipc tcp ipc-sealed gate-sealed pg-direct pg-delay pg-pool16 pg-pool32 pg-default redis nats echo", server_of, " ")
    counts = split("1 16 64 256 1000", count_of, " ")
    ways = split("pg-direct pg-delay pg-pool16 pg-pool32 pg-default", postgres_of, " ")
    syncs = split("sync-append-4096 sync-zeroed-4096 sync-append-65536 sync-zeroed-65536", sync_of, " ")
    batches = split("1 16 64", batch_of, " ")
    postgres_target[1] = 1.1
    postgres_target[16] = 3
    postgres_target[64] = postgres_target[256] = 5
    redis_target = 1.2
    name["ipc"] = "gridpost, ipc"
    name["tcp"] = "gridpost, tcp"
    name["ipc-sealed"] = "gridpost, ipc, sealed"
    name["gate-sealed"] = "gridpost, gate, sealed"
    name["pg-direct"] = "PostgreSQL, tuned"
    name["pg-delay"] = "PostgreSQL, tuned, commit_delay 0.2 ms"
    name["pg-pool16"] = "PostgreSQL, tuned, pool of 16"
    name["pg-pool32"] = "PostgreSQL, tuned, pool of 32"
    name["pg-default"] = "PostgreSQL, default"
    name["redis"] = "Redis, appendfsync always"
    name["nats"] = "NATS JetStream, **not synced** per message, no indexes"
    name["echo"] = "nanomsg alone, stores nothing"
    name["sync-append-4096"] = "fdatasync, 4 KiB at the end of a file"
    name["sync-zeroed-4096"] = "fdatasync, 4 KiB in a file of zeros"
    name["sync-append-65536"] = "fdatasync, 64 KiB at the end of a file"
    name["sync-zeroed-65536"] = "fdatasync, 64 KiB in a file of zeros"
}
END {
    contenders_table()
    targets_table()
    ways_table()
    half_table()
    printf "\nwritten per report at 64 clients: %s bytes, target 4,096: %s\n", grouped(of("ipc", 64, "disk_bytes")),
           below(of("ipc", 64, "disk_bytes"), 4096)
    limits_table()
}
