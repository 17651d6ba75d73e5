# The cells of ways.sh as tables of medians; behind cells.awk.

# A signature, and for each further report a leaf and a node.
function receipts_us(reports,    one, many) {
    one = 1e6 / of("bare", "", "receipts_of_1")
    many = 1e6 / of("bare", "", "receipts_of_64")
    return one + (reports - 1) * (many - one) / 63
}

function reports_table(    w, c, way) {
    print "\n| way | clients | durable reports/s | p50 ms | p99 ms | bytes written | processor µs |"
    print "| --- | --- | --- | --- | --- | --- | --- |"
    for (w = 1; w <= ways; w++)
        for (c = 1; c <= counts; c++) {
            way = way_of[w]
            printf "| %s | %s | %s | %.2f | %.2f | %s | %.0f |\n", name[way], count_of[c],
                   grouped(of(way, count_of[c], "per_second")), of(way, count_of[c], "p50_ms"),
                   of(way, count_of[c], "p99_ms"), grouped(of(way, count_of[c], "disk_bytes")),
                   of(way, count_of[c], "processor_us")
        }
}
function ratios_table(title, key,    c, n) {
    print "\n| " title ", clients | sealed/unsealed, ipc | sealed/unsealed, tcp | edge/local, sealed |" \
          " gate/tcp directly, sealed |"
    print "| --- | --- | --- | --- | --- |"
    for (c = 1; c <= counts; c++) {
        n = count_of[c]
        printf "| %s | %.2f | %.2f | %.2f | %.2f |\n", n, ratio("ipc-sealed", "ipc", n, key),
               ratio("tcp-sealed", "tcp", n, key), ratio("edge-sealed", "ipc-sealed", n, key),
               ratio("gate-sealed", "tcp-sealed", n, key)
    }
}
function receipts_table(    c, n, reports, batch_us) {
    print "\n| clients | reports in a batch | a batch takes ms | of that its receipts |"
    print "| --- | --- | --- | --- |"
    for (c = 1; c <= counts; c++) {
        n = count_of[c]
        reports = paired(cell["edge-sealed", n, "stored"], cell["edge-sealed", n, "batches"])
        batch_us = reports * 1e6 / of("edge-sealed", n, "per_second")
        printf "| %s | %.0f | %.2f | %.0f µs, %.1f %% |\n", n, reports, batch_us / 1000,
               receipts_us(reports), 100 * receipts_us(reports) / batch_us
    }
}
function hello_table(    c, n) {
    print "\n| clients that handshake | handshakes/s | p50 ms | p99 ms |"
    print "| --- | --- | --- | --- |"
    for (c = 1; c <= 3; c++) {
        n = count_of[c]
        printf "| %s | %s | %.2f | %.2f |\n", n, grouped(of("hello", n, "per_second")),
               of("hello", n, "p50_ms"), of("hello", n, "p99_ms")
    }
    printf "| trust/ alone, of one core | %s | | |\n", grouped(of("bare", "", "handshakes"))
    print "\n| 64 sealed clients at the edge | reports/s | p50 ms | p99 ms | handshakes/s |"
    print "| --- | --- | --- | --- | --- |"
    printf "| alone | %s | %.2f | %.2f | 0 |\n", grouped(of("quiet", 64, "per_second")),
           of("quiet", 64, "p50_ms"), of("quiet", 64, "p99_ms")
    printf "| beside 64 others that handshake | %s | %.2f | %.2f | %s |\n",
           grouped(of("beside", 64, "per_second")), of("beside", 64, "p50_ms"),
           of("beside", 64, "p99_ms"), grouped(of("beside", 64, "handshakes_per_second"))
}

BEGIN {
    ways = split("ipc ipc-sealed edge-sealed tcp tcp-sealed gate-sealed", way_of, " ")
    counts = split("1 16 64 256", count_of, " ")
    name["ipc"] = "ipc, unsealed"
    name["ipc-sealed"] = "ipc, sealed"
    name["edge-sealed"] = "edge, sealed"
    name["tcp"] = "tcp, unsealed"
    name["tcp-sealed"] = "tcp, sealed"
    name["gate-sealed"] = "gate, sealed"
}
END {
    reports_table()
    ratios_table("reports/s", "per_second")
    ratios_table("processor time", "processor_us")
    hello_table()
    receipts_table()
    printf "\nbare:"
    split("handshakes four_multiplications ratio seal_open_300 receipts_of_1 receipts_of_64", key, " ")
    for (i = 1; i <= 6; i++)
        printf " %s=%s", key[i], of("bare", "", key[i])
    print "\n"
}
