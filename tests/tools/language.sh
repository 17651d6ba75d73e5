#!/bin/sh
# language.sh GRIDPOST: LANG alone decides the language, also where the system has no such locale
# and the program was not installed.
set -eu
gridpost=$1

# first WANTED NAME=VALUE…: how the help begins in an environment of nothing else
first() {
    wanted=$1
    shift
    found=$(env -i "$@" "$gridpost" --help | head -n 1)
    case "$found" in
    "$wanted"*) ;;
    *)
        echo "$*: $found" >&2
        exit 1
        ;;
    esac
}

first 用法 LANG=zh_CN.UTF-8
first 用法 LANG=C LC_MESSAGES=zh_CN.UTF-8
first 用法 LANG=en_US.UTF-8 LC_ALL=zh_CN
first 用法 LANG=zh_CN.UTF-8 LC_ALL=
first usage LANG=zh_CN.UTF-8 LC_ALL=C
first usage LANG=zh_CN.UTF-8 LC_MESSAGES=C
first usage LANG=zh_CN.UTF-8 LANGUAGE=en
first usage LANG=de_DE.UTF-8
first usage NOTHING=
