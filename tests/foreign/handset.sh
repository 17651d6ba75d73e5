#!/bin/sh
# handset.sh: a handset that was written from PROTOCOL.md alone, in another language, lives through
# everything that happens to a device, on the edge of a real daemon.
#   PYTHON   with its library `cryptography`
set -eu
. "$(dirname "$0")/lib.sh"

# The first admin's device is in the files, as `gridpost init` would write it.
PYTHONPATH=$SOURCE/tests/foreign PYTHONDONTWRITEBYTECODE=1 "$PYTHON" - "$work" <<'END'
import base64, os, sys
from sealed import public_of
secret = os.urandom(32)
with open(sys.argv[1] + "/admin.key", "wb") as file:
    file.write(secret)
with open(sys.argv[1] + "/config/org/devices.csv", "w") as file:
    file.write("person,role,key,label\nsun,admin,%s,desk\n" % base64.b64encode(public_of(secret)).decode())
END
start_daemon
PATH=$(dirname "$PROTOC"):$PATH PYTHONPATH=$SOURCE/tests/foreign PYTHONDONTWRITEBYTECODE=1 \
    timeout 100 "$PYTHON" "$SOURCE/tests/foreign/handset.py" "$SOURCE/proto" \
    "$work/edge" "$work/keys" "$work" || say_failed "the handset fails"
stop_daemon
