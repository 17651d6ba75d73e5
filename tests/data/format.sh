#!/bin/sh
# Makes a small real store with the gridpost of some revision, to be kept: what later ones must open.
#   format.sh GRIDPOSTD GRIDPOST CONFIG OUT.tar.xz
# What a revision does not know yet is refused and left out. README.md says with which it was run.
set -eu
export LC_ALL=C TZ=UTC

case ${1-} in
--help | '')
    sed -n '2,4s/^# *//p' "$0"
    exit 0
    ;;
esac
daemon=$1 command=$2 config=$3 out=$4
case $out in /*) ;; *) out=$PWD/$out ;; esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pid=

run() {
    "$daemon" --config "$config" --store "$work/store" --socket "ipc://$work/s" --hint '' --drill \
        --clock-start "$1" --clock-rate 20000 $extra >"$work/log" 2>&1 &
    pid=$!
    until "$command" status --socket "ipc://$work/s" >"$work/status" 2>&1; do
        kill -0 "$pid" 2>"$work/gone" || { cat "$work/log" >&2; exit 1; }
        sleep 0.1
    done
}
end() {
    kill "$pid"
    wait "$pid"
}
say() { # PERSON WORDS…
    who=$1
    shift
    "$command" "$@" --as "$who" --socket "ipc://$work/s" >"$work/said" 2>&1 || true
}
report() { say "$1" report --grid "$2" --category "$3" "$4"; }

extra=
"$daemon" --help | grep -q insecure-local && extra="--insecure-local --edge= --keys=$work/keys"
run 2026-03-02T08:00+08:00
for grid in 340705006001001 340705006001002; do
    report li $grid n4 '井盖缺失'
    report li $grid n8 '路灯不亮'
    report zhang $grid n2 '垃圾未清'
done
report li 340705006001002 o2 '小广告'
say li accept 1 --text 'on the way'
say li finish 1 --text 'done'
say wang verify 1 --result pass
say wang inform 1
say wang close 1
say zheng link 5 --to 2
say li note 3 --text 'a phone: 13800000000'
say li leave --from 2026-03-09 --to 2026-03-10 --standin zhao --text '事假'
say feng hold A-shizheng-340705006001 --person zhao
until "$command" status --socket "ipc://$work/s" --json | grep -Eq '"head": *([5-9][0-9]|[0-9]{3})'; do
    sleep 0.2 # the ladders of what is open go on by themselves
done
report zhang 340705006001001 n4 'the last one'
end
"$daemon" --store "$work/store" --config "$config" --drill --verify
rm -f "$work/store/lock.mdb" "$work/store/daemon.lock" "$work"/store/journal/spare-*
tar -C "$work/store" --sort=name --owner=0 --group=0 --numeric-owner --mtime=2026-03-02 -S -cf - . |
    xz -9e >"$out"
ls -l "$out"
