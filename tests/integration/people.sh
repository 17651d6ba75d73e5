#!/bin/sh
# The subcommands about people against a real daemon: leave, hold, transfer, import.
#   GRIDPOST, GRIDPOSTD   programs
#   SOURCE                the top of the source tree
set -eu
. "$(dirname "$0")/../lib/daemon.sh"
export TZ=Asia/Shanghai LANGUAGE=C LC_ALL=C.UTF-8

cp -R "$SOURCE/tests/golden/config" "$work/config"
# shellcheck disable=SC2086 # words
"$GRIDPOSTD" --drill --clock-start 2026-06-15T08:00+08:00 --config "$work/config" $own \
    >"$work/log" 2>&1 &
daemon=$!
await_daemon || say_failed "no daemon came up"
export GRIDPOST_SOCKET="$ipc"

expect 0 '#1' -- report --as zhang --grid 340705006001001 --category n4 lamp
expect 64 'needed' -- leave --as li --from 2026-06-15
expect 0 '1  li' 'requested' '2026-06-15 – 2026-06-17' -- \
    leave --as li --from 2026-06-15 --to 2026-06-17 --standin zhao
expect 3 'not_allowed' 'R-340705006001' -- leave approve 1 --as zhang
expect 0 'approved' -- leave approve 1 --as qian
expect 0 '"begun":true' '"to":"2026-06-18T00:00:00+08:00"' -- leave list li --json
expect 0 'incidents  1, ' 'steps and leaves planned' -- status
expect 0 -- leave list --state rejected
[ ! -s "$work/out" ] || say_failed "no leave was rejected: $(cat "$work/out")"
expect 0 'owner_shift' 'zhao(A)' -- watch --since 0 --no-follow
expect 3 'unknown_leave' -- leave cancel 9 --as li
expect 64 'number' -- leave cancel one --as li
expect 0 'cancelled' -- leave cancel 1 --as li

# What a transfer concerns, and what it does.
expect 0 'A-shizheng-340705006001' 'B-340705006001001' 'edit org/posts.csv' '#1 dispatched' -- \
    transfer li zhang --dry-run --config "$work/config"
expect 0 'zhang' 'B-340705006001001' -- transfer li zhang --as feng --config "$work/config"
expect 0 -- transfer li zhang --dry-run --config "$work/config"
! grep -q holding "$work/out" || say_failed "li still holds: $(cat "$work/out")"
expect 3 'not_allowed' -- hold B-340705006001001 he --as li
expect 0 'vacant' -- hold B-340705006001001 --as qian
expect 3 'a day ago at the earliest' -- hold B-340705006001001 he --as qian --from 2020-01-01
expect 2 "'nobody' is not in people.csv" -- transfer li nobody --dry-run --config "$work/config"
expect 2 "'nobody' is not in people.csv" -- transfer nobody li --dry-run --config "$work/config"
expect 2 'nowhere is no configuration folder' -- transfer li he --dry-run --config nowhere

# Rows of files: mistakes are named, differences shown, and nothing is entered twice.
cat >"$work/holdings.csv" <<'END'
post,person,from,to
B-340705006001001,he,2025-01-01,
A-shizheng-340705006001,zhang,2025-01-01,
END
cat >"$work/leave.csv" <<'END'
id,person,from,to,standin,status
x1,zhang,2026-06-22,2026-06-24,zhao,approved
x2,zhao,2026-06-01,2026-06-02,,approved
END
printf 'post,person,from,to\nB-340705006001001,nobody,2025-01-01,\n' >"$work/wrong.csv"
expect 2 'none.csv: not found' -- import --leave "$work/none.csv" --dry-run --config "$work/config"
expect 1 'holdings.csv:2' "'nobody'" "$work/config: " -- import --holdings "$work/wrong.csv" --dry-run \
    --config "$work/config"
expect 0 '+ holding B-340705006001001 he' '+ leave zhang' '+ approval zhang' -- \
    import --holdings "$work/holdings.csv" --leave "$work/leave.csv" --dry-run \
    --config "$work/config"
expect 0 -- leave list zhang
[ ! -s "$work/out" ] || say_failed "a dry run asked for leave: $(cat "$work/out")"
expect 0 '+ leave zhang' -- import --holdings "$work/holdings.csv" --leave "$work/leave.csv" \
    --config "$work/config" --as zhou
expect 0 'approved' -- leave list zhang
expect 0 'nothing differs' -- import --holdings "$work/holdings.csv" --leave "$work/leave.csv" \
    --config "$work/config" --as zhou
stop_daemon
