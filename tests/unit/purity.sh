#!/bin/sh
# The core is pure (ARCHITECTURE section 1): its archive calls nothing but a short list of functions
# that touch memory they are handed, and has no variable that anybody could write.
#   purity.sh NM CORE_ARCHIVE BASE_ARCHIVE
set -eu
export LC_ALL=C

nm=$1
core=$2
base=$3

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# One symbol a line: name, type, section.
symbols() {
    "$nm" -f sysv "$1" | awk -F '|' 'NF >= 7 {
        gsub(/ /, "", $1); gsub(/ /, "", $3); gsub(/ /, "", $7); print $1, $3, $7 }'
}

symbols "$core" >"$work/core"
symbols "$base" >"$work/base"
[ -s "$work/core" ] || {
    echo "$core has no symbols"
    exit 1
}

# Allowed from outside: memory and strings that are handed in, formatting into a buffer, what the
# compiler asks for, and base. Base's arena takes memory from the heap, so it is left out.
{
    printf '%s\n' memcmp bcmp memcpy memmove memset memchr \
        strlen strnlen strcmp strncmp strchr strrchr snprintf vsnprintf \
        __assert_fail __stack_chk_fail _GLOBAL_OFFSET_TABLE_
    awk '$2 == "T" && $1 !~ /^gp_arena_/ { print $1 }' "$work/base"
    awk '$2 ~ /[TtRrDdW]/ { print $1 }' "$work/core"
} | sort -u >"$work/allowed"

# Sanitizers and fortified builds bring calls of their own.
awk '$2 == "U" { print $1 }' "$work/core" |
    grep -Ev '^__(asan|ubsan|tsan|msan|sanitizer|sancov|gcov|llvm)_|^__.*_chk$' |
    sort -u >"$work/called"
comm -23 "$work/called" "$work/allowed" | sed 's/^/not pure, calls: /' >"$work/bad"

# Constants with pointers lie in .data.rel.ro until they are relocated: nobody writes them. The
# unnamed ones are the address sanitizer's own tables.
awk '$2 ~ /^[BbDdCcSsGg]$/ && $3 !~ /^\.data\.rel\.ro/ && $1 !~ /^(__unnamed_|\.LASAN|__gcov|__llvm)/ {
    print "not pure, can be written: " $1 " in " $3 }' "$work/core" >>"$work/bad"

cat "$work/bad"
[ ! -s "$work/bad" ]
