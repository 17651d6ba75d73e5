#!/bin/sh
# request.sh nngcat|nanocat: a report that protoc encoded is sent by a foreign program over ipc and
# over tcp, answered, and decoded by protoc; the same bytes again are answered as a repeat.
set -eu
. "$(dirname "$0")/lib.sh"
tool=$1

# ask ADDRESS REQUEST REPLY
ask() {
    case $tool in
    nngcat) set -- "$@" --dial ;;
    nanocat) set -- "$@" --connect ;;
    esac
    timeout 60 "$tool" --req "$4" "$1" --recv-timeout 30 --raw --file "$2" >"$3" ||
        say_failed "$tool got no answer from $1"
}

# expect PATTERN WHAT: a whole line of the decoded reply
expect() {
    grep -Eq "^ *$1\$" "$work/reply.text" ||
        say_failed "$2; the reply is
$(cat "$work/reply.text")"
}

# report ADDRESS: asks with $work/request and leaves the incident's number in $incident.
report() {
    ask "$1" "$work/request" "$work/reply"
    decode_reply "$work/reply" >"$work/reply.text" ||
        say_failed "protoc cannot decode the answer: $(od -An -tx1 "$work/reply")"
    expect 'status: OK' "$tool over $1 was not answered OK"
    expect 'incident: [1-9][0-9]*' "$tool over $1 was told no incident"
    incident=$(sed -n 's/^ *incident: //p' "$work/reply.text")
}

start_daemon
start_gate
for address in "$ipc" "$tcp"; do
    encode_report "$work/request"
    report "$address"
    first=$incident
    report "$address"
    expect 'repeated: true' "the same bytes over $address were taken for a new report"
    [ "$incident" = "$first" ] ||
        say_failed "a repeat was told incident $incident instead of $first"
done
[ "$first" = 2 ] || say_failed "two reports, but the second is incident $first"
stop_daemon
