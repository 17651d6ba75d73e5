#!/bin/sh
# The gate behind the walls of its unit: a call that gridpost-gate.service forbids ends it here.
#   GRIDPOST, GRIDPOSTD, CONFINE, CONFINED_GATE   programs
#   UNITS                                         the folder of the units
#   SOURCE                                        the top of the source tree
set -eu
. "$(dirname "$0")/../foreign/lib.sh"

# As a program of one word, which start_gate wants.
GATE=$work/gate
cat >"$GATE" <<END
#!/bin/sh
exec "$CONFINE" "$UNITS/gridpost-gate.service" -- "$CONFINED_GATE" "\$@"
END
chmod +x "$GATE"

start_daemon
start_gate
"$GRIDPOST" report --socket "$tcp" --as li --grid 340705006001001 --category n4 >/dev/null ||
    say_failed "no report came through: $(cat "$work/gate.log")"
kill -USR1 "$gate"
until grep -q '^counts: ' "$work/gate.log"; do
    kill -0 "$gate" 2>/dev/null || say_failed "the gate ended: $(cat "$work/gate.log")"
done
kill "$gate"
code=0
wait "$gate" || code=$?
gate=
[ "$code" -eq 0 ] || say_failed "the gate ended with $code: $(cat "$work/gate.log")"
stop_daemon
