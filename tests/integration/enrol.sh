#!/bin/sh
# From the first admin to a lost handset, by the command alone, against a real daemon that takes sealed
# messages only: init, enrol, join, a report with its receipt, head and chain, rotate-key, revoke.
#   GRIDPOST, GRIDPOSTD   programs
#   SOURCE                the top of the source tree
# shellcheck disable=SC2046 # $(device …) is options, each a word
set -eu
. "$(dirname "$0")/../lib/daemon.sh"
export TZ=Asia/Shanghai LANGUAGE=C LC_ALL=C.UTF-8

edge=ipc://$work/edge
keys=$work/keys
export GRIDPOST_IDENTITY="$work/admin" # who speaks where nothing else is said
export GRIDPOST_SOCKET="$ipc"

start_daemon() {
    "$GRIDPOSTD" --drill --clock-start 2026-06-15T08:00+08:00 --config "$work/config" \
        --store "$work/store" --keys "$keys" --socket "$ipc" --edge "$edge" --hint "$hint" \
        >>"$work/log" 2>&1 &
    daemon=$!
    await_daemon || say_failed "no daemon came up"
}

# Options by which the device NAME speaks, at the edge.
device() {
    printf '%s' "--identity $work/$1 --socket $edge"
}

# Returns when the daemon has read its folder anew and another one is in force.
reload() {
    "$GRIDPOST" status --json >"$work/before"
    kill -HUP "$daemon"
    until "$GRIDPOST" status --json >"$work/after" &&
        [ "$(directory_in "$work/after")" != "$(directory_in "$work/before")" ]; do
        kill -0 "$daemon" 2>/dev/null || say_failed "the daemon ended at a reload"
    done
}

directory_in() {
    sed -n 's/.*"directory":"\([^"]*\)".*/\1/p' "$1"
}

# Invites a person's device, which joins at the edge and is left waiting: sets $digits.
invite_and_join() { # person role name
    expect 0 '"invitation":"GP1:' -- enrol "$1" --role "$2" --json
    invitation=$(sed -n 's/.*"invitation":"\([^"]*\)".*/\1/p' "$work/out")
    expect 0 '"state":"pending"' -- join "$invitation" $(device "$3") --label "$3" --no-wait --json
    digits=$(sed -n 's/.*"digits":"\([0-9]*\)".*/\1/p' "$work/out")
}

cp -R "$SOURCE/tests/golden/config" "$work/config"
rm -f "$work/config/org/devices.csv"
echo 'web,网页,,' >>"$work/config/org/people.csv"

# The first admin, once.
expect 2 'nobody' -- init --config "$work/config" --keys "$keys" --as nobody
expect 0 'zhou is an admin' -- init --config "$work/config" --keys "$keys" --as zhou --label desk
expect 3 'is there already' -- init --config "$work/config" --keys "$keys" --as zhou
start_daemon
expect 0 'zhou' 'admin' 'desk' 'by file' -- devices

# Who is nobody is told what to do, on both sockets.
expect 3 'gridpost join' -- list --identity ''
expect 3 'gridpost join' -- list --identity '' --socket "$edge"

# A handset joins; until its digits are confirmed it may do nothing.
invite_and_join li officer li
expect 75 'waits for confirmation' -- list $(device li)
expect 0 'pending' 'li' -- devices --person li
wrong=$(printf '%06d' $(((${digits#"${digits%%[!0]*}"} + 1) % 1000000)))
expect 3 'digits' -- devices confirm 2 --digits "$wrong"
expect 0 'device 2 is active' -- devices confirm 2 --digits "$digits"
expect 3 'another' -- join "$invitation" $(device again)
[ ! -e "$work/again" ] || say_failed "a used invitation has left an identity"

# It reports as the person it belongs to, and the receipt is true.
expect 0 '#1' -- report $(device li) --grid 340705006001001 --category n4 --receipt "$work/proof" lamp
expect 0 'report' 'lamp' 'valid' -- receipt verify "$work/proof" $(device li)
sed 's/"seq": \([0-9]*\)/"seq": 1\1/' "$work/proof" >"$work/forged"
expect 1 'NOT VALID' -- receipt verify "$work/forged" $(device li)
expect 64 'bridges' -- accept 1 $(device li) --as zhao
expect 3 'no_right' -- revoke 1 $(device li)

expect 0 '#1' 'dispatched' -- show 1 $(device li)

# Whose device it is it need not know.
expect 0 'requested' -- leave $(device li) --from 2026-07-01 --to 2026-07-02
expect 0 'li' 'requested' -- leave list $(device li)
expect 0 'li' 'active' -- devices $(device li)
! grep -q zhou "$work/out" || say_failed "others' devices were shown"
expect 0 -- strikes --person li $(device li)
expect 3 'confine it by area' -- list $(device li)
expect 3 'a drill has a clock of its own' -- clock confirm

# The journal can be checked, and its end kept.
expect 0 -- head --output "$work/head"
expect 0 '#1 accepted' -- accept 1 $(device li)
expect 0 'goes on from the signed head' -- verify --head "$work/head"

# Another one, face to face: both sides wait for each other.
mkfifo "$work/answer"
"$GRIDPOST" enrol zhang --role officer <"$work/answer" >"$work/enrol" 2>&1 &
listener=$!
exec 3>"$work/answer"
until invitation=$(sed -n '/^GP1:/p' "$work/enrol") && [ -n "$invitation" ]; do
    kill -0 "$listener" 2>/dev/null || say_failed "enrol ended: $(cat "$work/enrol")"
done
echo y >&3
# Pasted, in two lines, by somebody who does not end the input.
mkfifo "$work/paste"
exec 4<>"$work/paste"
printf '%.100s\n%s\n' "$invitation" "$(printf '%s' "$invitation" | cut -c 101-)" >&4
expect 0 'This is device 3' 'Confirmed as officer' -- join - $(device zhang) <&4
exec 4>&-
! grep -q 'join GP1:' "$work/enrol" || say_failed "the invitation stands in a line to be typed"
wait "$listener" || say_failed "enrol failed: $(cat "$work/enrol")"
listener=
exec 3>&-

# The server's key changes; who speaks meanwhile takes the new one over.
cp "$work/zhang" "$work/zhang.before"
expect 0 'alive beside the old one' -- rotate-key begin
expect 0 'sessions' -- status $(device zhang)
! cmp -s "$work/zhang" "$work/zhang.before" || say_failed "the newer key was not kept"
expect 0 'clock' -- status
expect 0 'clock' -- status $(device li)
cp "$work/zhang.before" "$work/silent" && chmod 600 "$work/silent"
expect 64 'enrolled anew' -- rotate-key end
expect 0 'clock' -- status $(device li) # and nothing has happened
expect 0 'is dead' -- rotate-key end --yes
expect 4 'other keys' -- status $(device silent) --timeout 1
expect 0 'clock' -- status $(device zhang)

# Who said what by which device stands in the journal.
expect 0 '"what":"device"' '"actor":"zhou"' '"by_device":1' '"by_device":2' -- \
    watch --since 0 --no-follow --json
expect 0 'by zhou' -- watch --since 0 --no-follow

# A web server is one device; what each of its users may is what the file says, and until it has any
# they are whom the bridge names.
invite_and_join web bridge web
expect 0 'is active' -- devices confirm 4 --digits "$digits"
expect 3 'role bridge: finish is none of its rights' -- finish 1 $(device web) --as li
printf 'user,person,role,via\nli.3,li,officer,web\n' >"$work/config/org/users.csv"
expect 0 'li.3: li' 'officer, web' -- check --users "$work/config"
reload
expect 0 '#1 finished' -- finish 1 $(device web) --as li
expect 3 'zhao is no user of this bridge' -- file 1 $(device web) --as zhao
rm "$work/config/org/users.csv"
reload
expect 3 'role bridge: return is none of its rights' -- return 1 $(device web) --as li --reason wrong_line

# A lost handset.
expect 0 'device 2 is revoked' -- revoke --person li --text 'it was lost'
expect 3 'not known' -- finish 1 $(device li)
expect 0 '#1' 'finished' -- show 1

# Sessions do not outlive the daemon; what was decided does.
stop_daemon
start_daemon
expect 0 'clock' -- status $(device zhang)
expect 3 'not known' -- status $(device li)
expect 0 'goes on from the signed head' -- verify --head "$work/head"
stop_daemon
