#!/bin/sh
# units.sh UNIT GRIDPOSTD: systemd finds nothing to say about what is installed for it.
set -eu

unit=$1
gridpostd=$2
sources=$(cd "$(dirname "$0")/../../systemd" && pwd)
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT

# The program is not installed yet: verify it where it was built.
sed "s#^ExecStart=[^ ]*#ExecStart=$gridpostd#" "$unit" >"$folder/gridpostd.service"
said=$(systemd-analyze verify --man=no "$folder/gridpostd.service" 2>&1) || {
    echo "systemd-analyze verify: $said"
    exit 1
}
if [ -n "$said" ]; then
    echo "systemd-analyze verify: $said"
    exit 1
fi
systemd-sysusers --dry-run "$sources/gridpost.sysusers" >/dev/null 2>&1
