#!/bin/sh
# options.sh SOURCE PROGRAM…: each option that a program's --help names stands in its man page, and each option
# that begins an entry of the page is in the help. Of programs with subcommands the help is all of theirs.
set -eu
man=$1/docs/man
shift
LC_ALL=C
export LC_ALL
unset LANGUAGE
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0

# What every program has, and not every page names.
common='--help --usage --version'

options() {
    grep -o -e '--[a-z][a-z0-9-]*' | sort -u
}

# The options of standard input, in one line.
own() {
    while read -r option; do
        case " $common " in
        *" $option "*) ;;
        *) printf ' %s' "$option" ;;
        esac
    done
}

complain() { # what, options
    [ -n "$2" ] || return 0
    echo "FAILED: $1$2"
    failed=1
}

# Those that stand alone, and those of each word of the list.
help_of() { # program
    "$1" --help
    for word in $("$1" --help | sed -n 's/^  \([a-z][a-z-]*\)  *[a-z].*/\1/p'); do
        "$1" "$word" --help </dev/null || true
    done
}

for program in "$@"; do
    name=$(basename "$program")
    page=$man/$name.8.scd
    [ -e "$page" ] || page=$man/$name.1.scd
    help_of "$program" 2>/dev/null | options >"$folder/help"
    options <"$page" >"$folder/page"
    sed -n 's/^\(\*-[^*]*\*, \)*\*\(--[a-z][a-z0-9-]*\)\*.*/\2/p' "$page" | sort -u >"$folder/described"
    [ -s "$folder/help" ] || complain "$name --help" " names no option"
    complain "the page of $name does not have" "$(comm -23 "$folder/help" "$folder/page" | own)"
    complain "$name --help does not have" "$(comm -13 "$folder/help" "$folder/described" | own)"
done
exit "$failed"
