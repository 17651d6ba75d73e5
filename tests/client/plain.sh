#!/bin/sh
# A program that waits for each answer links libgridpost alone: it must need no libuv, and the
# asynchronous half does.
#   plain.sh NM PLAIN_ARCHIVE ASYNC_ARCHIVE
set -eu
export LC_ALL=C

if [ "${1:-}" = --help ]; then
    sed -n '2,4s/^# \{0,1\}//p' "$0"
    exit 0
fi

needs_uv() {
    "$1" -u "$2" 2>/dev/null | grep -q ' uv_'
}

needs_uv "$1" "$3" || {
    echo "$3 needs no libuv: this looks at nothing"
    exit 1
}
if needs_uv "$1" "$2"; then
    echo "$2 needs libuv"
    exit 1
fi
