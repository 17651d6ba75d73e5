# Makes the tables of docs/PERFORMANCE.md of the lines that tests/bench/grow notes: medians of its
# rounds, and the last size beside the first.
function median(text,    list, count, i, j, swap) {
    count = split(text, list, " ")
    for (i = 2; i <= count; i++)
        for (j = i; j > 1 && list[j - 1] + 0 > list[j] + 0; j--) {
            swap = list[j]; list[j] = list[j - 1]; list[j - 1] = swap
        }
    return count % 2 ? list[(count + 1) / 2] : (list[count / 2] + list[count / 2 + 1]) / 2
}
function keep(what, value) { all[what] = all[what] " " value }
function row(name, what, form,    i, line, first, last) {
    line = "| " name
    for (i = 1; i <= sizes; i++)
        line = line " | " ((size[i] SUBSEP what) in all ? sprintf(form, median(all[size[i], what])) : "-")
    first = median(all[size[1], what]); last = median(all[size[sizes], what])
    print line " | " (first > 0 && last != "" ? sprintf("%.2f", last / first) : "-") " |"
}
{
    delete v
    for (i = 1; i <= NF; i++) {
        at = index($i, "=")
        v[substr($i, 1, at - 1)] = substr($i, at + 1)
    }
    if (!(v["size"] in known)) {
        known[v["size"]] = 1
        size[++sizes] = v["size"]
    }
}
"clients" in v {
    keep(v["size"] SUBSEP "rate" v["clients"], v["per_second"])
    keep(v["size"] SUBSEP "p50" v["clients"], v["answer_p50_ms"])
    keep(v["size"] SUBSEP "p99" v["clients"], v["answer_p99_ms"])
    keep(v["size"] SUBSEP "cpu" v["clients"], v["processor_us"])
    keep(v["size"] SUBSEP "bytes" v["clients"], v["bytes_per_report"])
}
"start" in v { keep(v["size"] SUBSEP v["start"], v["ready_ms"]) }
"read_kib" in v { keep(v["size"] SUBSEP "read", v["read_kib"] / 1024) }
"own_kib" in v {
    keep(v["size"] SUBSEP "own", v["own_kib"] / 1024)
    keep(v["size"] SUBSEP "open", v["open"])
    keep(v["size"] SUBSEP "store", v["store_mb"])
}
"pages" in v { keep(v["size"] SUBSEP "pages", v["worst_p50_ms"]) }
"page" in v {
    if (v["answer_p50_ms"] + 0 > 2)
        slow = slow sprintf("| %s | %s | %s | %s | %s |\n", v["size"], v["page"], v["rows"], v["answer_p50_ms"], v["answer_max_ms"])
}
"assess" in v { keep(v["size"] SUBSEP "assess" v["month"], v["first_page_ms"]) }
v["assess"] == "area" { keep(v["size"] SUBSEP "reported" v["month"], v["reported"]) }
"steps" in v { keep(v["size"] SUBSEP "step", v["processor_us_per_step"]) }
END {
    line = "| incidents stored"; rule = "| ---"
    for (i = 1; i <= sizes; i++) {
        line = line " | " size[i]; rule = rule " | ---"
    }
    print line " | last/first |"
    print rule " | --- |"
    row("open clocks", "open", "%d")
    row("store, MB", "store", "%d")
    row("a report, 64 clients: processor µs", "cpu64", "%.0f")
    row("… bytes written", "bytes64", "%.0f")
    row("… reports/s", "rate64", "%.0f")
    row("… p50 ms", "p5064", "%.2f")
    row("… p99 ms", "p9964", "%.2f")
    row("a report, 1 client: processor µs", "cpu1", "%.0f")
    row("… bytes written", "bytes1", "%.0f")
    row("… reports/s", "rate1", "%.0f")
    row("a ladder's step: processor µs", "step", "%.1f")
    row("slowest first page, median of 50, ms", "pages", "%.2f")
    row("assessment of the first month, first page, ms", "assessfirst", "%.0f")
    row("… incidents reported in it", "reportedfirst", "%d")
    row("assessment of the last month, first page, ms", "assesslast", "%.0f")
    row("… incidents reported in it", "reportedlast", "%d")
    row("start to READY, ms", "ordered", "%.0f")
    row("… after kill -9, ms", "killed", "%.0f")
    row("memory of its own after reports, MiB", "own", "%.1f")
    row("… after first pages and assessments", "read", "%.1f")
    if (slow != "")
        printf "\nFirst pages whose median is above 2 ms:\n\n| incidents | query | rows | p50 ms | max ms |\n| --- | --- | --- | --- | --- |\n%s", slow
}
