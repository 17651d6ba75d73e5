#!/bin/sh
# README's first steps, word for word, on the sample city: the first admin, an officer's device, a report.
#   GRIDPOST, GRIDPOSTD   programs
#   SOURCE                the top of the source tree
# shellcheck disable=SC2046 # $(words_of …) is arguments, each a word
set -eu
. "$(dirname "$0")/../lib/daemon.sh"
export TZ=Asia/Shanghai LANGUAGE=C LC_ALL=C.UTF-8 GRIDPOST_SOCKET="$ipc"

# The arguments of the first line with this subcommand, without what is said about it.
words_of() { # subcommand file
    words=$(sed -n "s/^    \(sudo \)\{0,1\}gridpost \($1 [^#]*[^# ]\)  *#.*/\2/p" "$SOURCE/$2" | head -n 1)
    [ -n "$words" ] || say_failed "$2 has no line with: gridpost $1"
    printf '%s' "$words"
}

for subcommand in init enrol join; do
    [ "$(words_of $subcommand README.md)" = "$(words_of $subcommand README.zh-CN.md)" ] ||
        say_failed "the two READMEs differ in: gridpost $subcommand"
done

cp -R "$SOURCE/config" "$work/config"
expect 0 'is an admin' -- $(words_of init README.md) --config "$work/config" --keys "$work/keys" \
    --identity "$work/admin"
"$GRIDPOSTD" --drill --clock-start 2026-06-15T08:00+08:00 --config "$work/config" --store "$work/store" \
    --keys "$work/keys" --socket "$ipc" --edge "ipc://$work/edge" --hint "$hint" 2>"$work/log" &
daemon=$!
GRIDPOST_IDENTITY=$work/admin await_daemon || say_failed "no daemon came up"

expect 0 '"device":2' -- $(words_of enrol README.md) --json --identity "$work/admin"
invitation=$(sed -n 's/.*"invitation":"\([^"]*\)".*/\1/p' "$work/out")
printf '%s\n' "$invitation" >"$work/invitation"
expect 0 '"state":"pending"' -- $(words_of join README.md) --no-wait --json --identity "$work/device" <"$work/invitation"
digits=$(sed -n 's/.*"digits":"\([0-9]*\)".*/\1/p' "$work/out")
expect 0 'is active' -- devices confirm 2 --digits "$digits" --identity "$work/admin"
expect 0 '#1 dispatched' -- $(words_of report README.md) --identity "$work/device"
expect 0 '#2 dispatched' -- $(words_of report README.zh-CN.md) --identity "$work/device"
stop_daemon
