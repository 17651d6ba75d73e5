#!/bin/sh
# agree.sh GRIDPOST MAPPING CSV DUES VERDICTS: replays an export on the virtual clock and checks that at
# least these shares, in hundredths of a percent, agree with the city's own.
set -eu

summary=$("$1" replay --rehearse --json --mapping "$2" "$3")
echo "$summary"
figure() {
    echo "$summary" | sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p"
}
check() {
    checked=$(figure "$1_checked")
    agree=$(figure "$1_agree")
    if [ "$checked" -eq 0 ] || [ $((agree * 10000)) -lt $((checked * $2)) ]; then
        echo "$1: $agree of $checked agree, wanted $2 of 10000" >&2
        exit 1
    fi
}
check dues "$4"
check verdicts "$5"
[ "$(figure refused)" -eq 0 ]
