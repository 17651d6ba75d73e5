#!/bin/sh
# What is installed has no breaks: absent.sh PROGRAM…
set -eu
for program in "$@"; do
    if grep -q -a -e GRIDPOST_BREAK -e acknowledge-early -e fire-twice "$program"; then
        echo "$program can be broken by name"
        exit 1
    fi
done
