#!/bin/sh
# live.sh GRIDPOST GRIDPOSTD MAPPING CSV START: half a day of real requests goes to a drill daemon whose clock
# runs some thousand times as fast. What the command says of them must be what the daemon's journal
# and its incidents say, and as many rows must be reported and closed as on the virtual clock.
set -eu
gridpost=$1 gridpostd=$2 mapping=$3 csv=$4 start=$5

work=$(mktemp -d /tmp/gridpost-XXXXXX) # an ipc address must fit a sun_path
daemon=
end() {
    if [ -n "$daemon" ]; then
        kill "$daemon" 2>/dev/null || true
        wait "$daemon" 2>/dev/null || true
    fi
    rm -rf "$work"
}
trap end EXIT
trap 'exit 130' INT TERM

fail() {
    printf 'FAILED: %s\n' "$*" >&2
    sed 's/^/daemon: /' "$work/log" >&2
    exit 1
}
# figure NAME: a number of the JSON object on standard input
figure() {
    sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p"
}

set -- --mapping "$mapping" --from 2015-06-08T08:00-05:00 --to 2015-06-08T14:00-05:00
until=2015-06-08T18:00-05:00
"$gridpost" replay "$@" --make-config "$work/config" "$csv" 2>/dev/null
export GRIDPOST_SOCKET="ipc://$work/intake"
"$gridpostd" --config "$work/config" --store "$work/store" --socket "$GRIDPOST_SOCKET" \
    --hint "ipc://$work/hint" --drill --clock-rate 7200 --clock-start "$start" \
    2>"$work/log" &
daemon=$!
until "$gridpost" status >/dev/null 2>&1; do
    kill -0 "$daemon" 2>/dev/null || fail "no daemon came up"
done

live=$("$gridpost" replay "$@" --until "$until" --progress --json "$csv" 2>"$work/err") ||
    fail "the replay ended with $?: $(cat "$work/err")"
virtual=$("$gridpost" replay --rehearse "$@" --until "$until" --json "$csv" 2>/dev/null)
echo "live:    $live"
echo "virtual: $virtual"
for name in rows reported accepted closed refused dues_checked verdicts_checked; do
    [ "$(echo "$live" | figure $name)" = "$(echo "$virtual" | figure $name)" ] ||
        fail "$name differs"
done
# Some eight seconds: a line on the way and one at the end, each with the drill's time, nothing else.
sed 's/^/err: /' "$work/err"
[ "$(grep -cE '^replay +[0-9]{4}-[0-9-]{5} [0-9:]{8} .* [0-9]+ reports' "$work/err")" -ge 2 ] &&
    [ "$(grep -cv '^replay ' "$work/err")" -eq 0 ] || fail "no line says how far it is"

"$gridpost" list --all --json >"$work/incidents"
[ "$(wc -l <"$work/incidents")" -eq "$(echo "$live" | figure reported)" ] || fail "reports"
[ "$(grep -c '"state":"closed"' "$work/incidents")" -eq "$(echo "$live" | figure closed)" ] ||
    fail "closings"
# The journal goes on while the drill does: no fewer handovers than were told, and some.
told=$(echo "$live" | figure handovers)
"$gridpost" tail --no-follow --json >"$work/tail"
found=$(grep -c '"what":"handover"' "$work/tail") || true
[ "$told" -gt 0 ] && [ "$found" -ge "$told" ] || fail "told of $told handovers, found $found"
