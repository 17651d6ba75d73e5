#!/bin/sh
# The alert rules are rules, each is there in the tests, and the tests pass.
#   alerts.sh PROMTOOL SOURCE_DIR
set -eu
[ "${1-}" != --help ] || {
    sed -n '2,3s/^# //p' "$0"
    exit 0
}
promtool=$1
source=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp "$source/config/monitoring/alerts.yaml" "$source"/tests/monitoring/*-test.yaml "$work"
cd "$work"
"$promtool" check rules alerts.yaml
bad=0
for alert in $(sed -n 's/^ *- alert: //p' alerts.yaml); do
    # Those that do not fire yet stand on one line, with an empty list.
    grep -q "alertname: $alert\$" ./*-test.yaml || {
        echo "no test sees $alert fire"
        bad=1
    }
done
"$promtool" test rules alerts-test.yaml days-test.yaml
exit $bad
