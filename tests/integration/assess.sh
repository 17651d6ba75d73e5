#!/bin/sh
# assess.sh GRIDPOST GRIDPOSTD SOURCE XLSX2CSV: a day of a drill is assessed by the command. What the
# workbook says is what the CSV says, each figure has as many incidents behind it as it says, and the
# strike of the day has its notice.
set -eu
GRIDPOST=$1 gridpostd=$2 source=$3 xlsx2csv=$4
. "$(dirname "$0")/../lib/daemon.sh"

export TZ=CST-8 LC_ALL=C.UTF-8 LANGUAGE=en GRIDPOST_SOCKET="$ipc"
cp -R "$source/tests/golden/config" "$work/config"
# shellcheck disable=SC2086 # words
"$gridpostd" --config "$work/config" $own --drill --clock-rate 7200 \
    --clock-start 2026-06-15T08:50+08:00 2>"$work/log" &
daemon=$!
await_daemon || say_failed "no daemon came up"

"$GRIDPOST" report --as li --grid 340705006001001 --category u2 a missing cover >/dev/null
for grid in 340705006001001 340705006001002 340705402001001; do
    "$GRIDPOST" report --as li --grid $grid --category n4 a broken cover >/dev/null
done
"$GRIDPOST" finish 2 --as li >/dev/null
until "$GRIDPOST" status --json | grep -Eq '"now":"2026-06-(16T(08|09|[12])|1[7-9]|[23])'; do
    kill -0 "$daemon" 2>/dev/null || say_failed "the daemon ended"
done

set -- --from 2026-06-15 --to 2026-06-16T08:00
for by in area post person department line; do
    "$GRIDPOST" assess "$@" --by $by --csv | sed '1s/^\xEF\xBB\xBF//' | tr -d '\r' >"$work/$by.csv"
    "$GRIDPOST" assess "$@" --by $by --xlsx "$work/$by.xlsx"
    cut -d , -f 1-19 "$work/$by.csv" >"$work/figures"
    # a workbook's 33.33% is the number 0.3333
    cut -d , -f 1,2,20-24 "$work/$by.csv" | awk -F , -v OFS=, '{
        for (i = 3; i <= NF; i++) if (sub(/%$/, "", $i)) $i = $i / 100; print }' >"$work/rates"
    for sheet in figures rates; do
        "$xlsx2csv" -n $sheet "$work/$by.xlsx" | tr -d '\r' | diff "$work/$sheet" - >&2 ||
            say_failed "by $by: sheet $sheet is not what the CSV says"
    done
    # unit,name,figures in the order of the header
    sed 1d "$work/$by.csv" | while IFS=, read -r unit _ rest; do
        for word in $(sed -n 1p "$work/$by.csv" | cut -d , -f 3-16 | tr , ' '); do
            said=${rest%%,*} rest=${rest#*,}
            found=$("$GRIDPOST" assess "$@" --by $by --explain "$unit" "$word" | wc -l)
            [ "$said" -eq "$found" ] || say_failed "by $by, $unit: $word is $said, $found explained"
        done
    done
done
code=0
"$GRIDPOST" assess "$@" --by post --explain A-none overdue 2>"$work/said" || code=$?
[ "$code" -eq 2 ] && grep -q "no unit 'A-none'" "$work/said" ||
    say_failed "a unit that is none: $code"
"$GRIDPOST" assess "$@" --by line --explain xiaofang overdue >"$work/said" 2>&1 ||
    say_failed "a 0 is no mistake"
code=0
"$GRIDPOST" assess "$@" --by line --score "$work/none.yaml" 2>/dev/null || code=$?
[ "$code" -eq 2 ] || say_failed "weights that are not there: $code"
code=0
"$GRIDPOST" assess "$@" --by line --xlsx "$work/none/a.xlsx" 2>"$work/said" || code=$?
[ "$code" -eq 1 ] && [ "$(cat "$work/said")" = "gridpost: $work/none/a.xlsx: cannot be written" ] ||
    say_failed "a workbook that cannot be written: $code: $(cat "$work/said")"
grep -q '^SZ,.*,' "$work/department.csv" || say_failed "no row of the department"
[ "$(sed -n 's/^shizheng,[^,]*,\([0-9]*\),.*/\1/p' "$work/line.csv")" -eq 4 ] ||
    say_failed "four reports"
"$xlsx2csv" -n overdue "$work/line.xlsx" | grep -q '^shizheng,1,340705006001001,u2' ||
    say_failed "the overdue incident is not in the workbook"

person=$("$GRIDPOST" strikes --json | sed -n 's/.*"person":"\([a-z]*\)".*"incident":1,.*/\1/p')
[ -n "$person" ] || say_failed "no strike from incident 1"
"$xlsx2csv" -n strikes "$work/line.xlsx" | grep -q "$person" || say_failed "no strike in the workbook"
"$GRIDPOST" strikes --notice 1 "$person" | grep -q 通报批评 || say_failed "no draft of the notice"
[ -z "$("$GRIDPOST" strikes --person "$person" --year 2025)" ] || say_failed "a strike of another year"
"$GRIDPOST" strikes --person "$person" --year 2026 --area 340705006 | grep -q 'public criticism' ||
    say_failed "no strike of this year"

"$GRIDPOST" assess "$@" --by area --score "$source/config/assess.yaml" >"$work/table"
grep -q 'score' "$work/table" || say_failed "no score"
"$GRIDPOST" assess "$@" --by area --score "$source/config/assess.yaml" --json |
    grep -q '"rank":1,' || say_failed "nobody is first"
