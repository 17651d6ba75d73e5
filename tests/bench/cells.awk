# Reads the cells of tests/bench/run, a line "name key=value ..." each: cell[name, clients, key] is the list of the
# rounds' values. A ratio is the median of the rounds' ratios: both cells of one ran within the same minute.

function median(list,    n, value, i, j, swap) {
    n = split(list, value, " ")
    for (i = 2; i <= n; i++)
        for (j = i; j > 1 && value[j - 1] + 0 > value[j] + 0; j--) {
            swap = value[j]
            value[j] = value[j - 1]
            value[j - 1] = swap
        }
    return n % 2 ? value[(n + 1) / 2] + 0 : (value[n / 2] + value[n / 2 + 1]) / 2
}
function of(way, clients, key) {
    return median(cell[way, clients, key])
}
# The median of each value of one list over its fellow in another.
function paired(list, other,    n, a, b, i, ratios) {
    n = split(list, a, " ")
    split(other, b, " ")
    for (i = 1; i <= n; i++)
        ratios = ratios " " a[i] / b[i]
    return median(ratios)
}
function ratio(way, other, clients, key) {
    return paired(cell[way, clients, key], cell[other, clients, key])
}
function grouped(number,    text) {
    text = sprintf("%.0f", number)
    while (match(text, /[0-9][0-9][0-9][0-9](,|$)/))
        text = substr(text, 1, RSTART) "," substr(text, RSTART + 1)
    return text
}

{
    clients = ""
    for (i = 2; i <= NF; i++) {
        split($i, pair, "=")
        if (pair[1] == "clients")
            clients = pair[2]
        else
            cell[$1, clients, pair[1]] = cell[$1, clients, pair[1]] " " pair[2]
    }
}
