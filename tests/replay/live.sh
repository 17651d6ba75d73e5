#!/bin/sh
# live.sh GRIDPOST GRIDPOSTD MAPPING CSV START: half a day of real requests goes to a drill daemon whose clock
# runs some thousand times as fast. What the command says of them must be what the daemon's journal
# and its incidents say, and as many rows must be reported and closed as on the virtual clock.
set -eu
GRIDPOST=$1 gridpostd=$2 mapping=$3 csv=$4 start=$5
. "$(dirname "$0")/../lib/daemon.sh"
# figure NAME: a number of the JSON object on standard input
figure() {
    sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p"
}

set -- --mapping "$mapping" --from 2015-06-08T08:00-05:00 --to 2015-06-08T14:00-05:00
until=2015-06-08T18:00-05:00
"$GRIDPOST" replay "$@" --make-config "$work/config" "$csv" 2>/dev/null
export GRIDPOST_SOCKET="$ipc"
# shellcheck disable=SC2086 # words
"$gridpostd" --config "$work/config" $own --drill --clock-rate 7200 --clock-start "$start" \
    2>"$work/log" &
daemon=$!
await_daemon || say_failed "no daemon came up"

live=$("$GRIDPOST" replay "$@" --until "$until" --progress --json "$csv" 2>"$work/err") ||
    say_failed "the replay ended with $?: $(cat "$work/err")"
virtual=$("$GRIDPOST" replay --rehearse "$@" --until "$until" --json "$csv" 2>/dev/null)
echo "live:    $live"
echo "virtual: $virtual"
for name in rows reported accepted closed refused dues_checked verdicts_checked; do
    [ "$(echo "$live" | figure $name)" = "$(echo "$virtual" | figure $name)" ] ||
        say_failed "$name differs"
done
# Some eight seconds: a line on the way and one at the end, each with the drill's time, nothing else.
sed 's/^/err: /' "$work/err"
[ "$(grep -cE '^replay +[0-9]{4}-[0-9-]{5} [0-9:]{8} .* [0-9]+ reports' "$work/err")" -ge 2 ] &&
    [ "$(grep -cv '^replay ' "$work/err")" -eq 0 ] || say_failed "no line says how far it is"

"$GRIDPOST" list --all --json >"$work/incidents"
[ "$(wc -l <"$work/incidents")" -eq "$(echo "$live" | figure reported)" ] || say_failed "reports"
[ "$(grep -c '"state":"closed"' "$work/incidents")" -eq "$(echo "$live" | figure closed)" ] ||
    say_failed "closings"
# The journal goes on while the drill does: no fewer handovers than were told, and some.
told=$(echo "$live" | figure handovers)
"$GRIDPOST" tail --no-follow --json >"$work/tail"
found=$(grep -c '"what":"handover"' "$work/tail") || true
[ "$told" -gt 0 ] && [ "$found" -ge "$told" ] || say_failed "told of $told handovers, found $found"
