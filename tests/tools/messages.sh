#!/bin/sh
# Every message of the command is there in Chinese: what xgettext finds against what zh_CN.po has.
set -eu
template=$(mktemp)
trap 'rm -f "$template"' EXIT
"$1" --language=C --from-code=UTF-8 --keyword=_ --keyword=N_ --output="$template" \
    "$3"/tools/gridpost/*.c "$3"/tools/notify/*.c
"$2" "$3/tools/po/zh_CN.po" "$template"
