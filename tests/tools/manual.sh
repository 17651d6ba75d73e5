#!/bin/sh
# The office's manual names only what there is: each `gridpost SUBCOMMAND --option` of docs/DOMAIN.md stands in
# that subcommand's --help, each example `e01` is a scenario, and the Chinese manual names the same
# commands and examples in the same order.
set -eu
tool=$1
source=$2
LC_ALL=C
export LC_ALL
unset LANGUAGE
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# "sign --of --result" for each command, "- --id" for options that stand alone, "e01" for a scenario.
# Commands are code in the text, or indented lines whose comment begins with #.
commands() {
    awk '
        function say(code,    word, count, n, line) {
            count = split(code, word, /[ =]+/)
            if (word[1] == "gridpost" && word[2] ~ /^[a-z]+$/)
                line = word[2]
            else if (word[1] ~ /^--[a-z]/)
                line = "-"
            else if (count == 1 && word[1] ~ /^e[0-9][0-9][a-z]?$/)
                line = word[1]
            else
                return
            for (n = 1; n <= count; n++)
                if (word[n] ~ /^--[a-z][a-z-]*$/)
                    line = line " " word[n]
            print line
        }
        /^```/ { fenced = !fenced }
        fenced { next }
        /^    gridpost / { sub(/^ +/, ""); sub(/ +#.*/, ""); say($0); next }
        { spans = split($0, part, "`")
          for (i = 2; i <= spans; i += 2)
              say(part[i]) }
    ' "$1"
}

# What a subcommand knows. Without a name: what any of them does.
knows() {
    if [ "$1" = - ]; then
        grep -q -e " $2[=, ]" -e " $2\$" "$folder"/*.help
    else
        grep -q -e " $2[=, ]" -e " $2\$" "$folder/$1.help"
    fi
}

commands "$source/docs/DOMAIN.md" >"$folder/english"
commands "$source/docs/DOMAIN.zh-CN.md" >"$folder/chinese"
if ! diff "$folder/english" "$folder/chinese"; then
    echo "the two manuals name other commands (< English, > Chinese)" >&2
    exit 1
fi

wrong=0
complain() {
    echo "DOMAIN.md: $1" >&2
    wrong=1
}

for word in $(cut -d ' ' -f 1 "$folder/english" | sort -u); do
    case $word in
    -) ;;
    e[0-9]*) [ -f "$source/tests/golden/$word.scenario" ] || complain "there is no scenario $word" ;;
    *) "$tool" "$word" --help >"$folder/$word.help" 2>&1 || complain "there is no 'gridpost $word'" ;;
    esac
done
while read -r subcommand options; do
    for option in $options; do
        knows "$subcommand" "$option" || complain "gridpost $subcommand does not know $option"
    done
done <"$folder/english"
[ "$(wc -l <"$folder/english")" -gt 50 ] || complain "hardly a command was found"
exit "$wrong"
