#!/bin/sh
# The example of docs/PROTOCOL.md through protoc, an independent implementation: the text encodes to
# the bytes printed there.
set -eu
protoc=$1 source=$2

block() { # block KIND NAME
    sed -n "/^\`\`\`$1 $2\$/,/^\`\`\`\$/p" "$source/docs/PROTOCOL.md" | sed '1d;$d'
}

want=$(block hex report-request | sed 's/^ *//;s/  .*//' | tr -d ' \n')
got=$(block text report-request |
    "$protoc" --proto_path="$source/proto" --encode=gp.Request gridpost.proto |
    od -An -v -tx1 | tr -d ' \n')
if [ -z "$want" ] || [ "$want" != "$got" ]; then
    printf 'docs/PROTOCOL.md prints\n%s\nprotoc makes\n%s\n' "$want" "$got" >&2
    exit 1
fi
