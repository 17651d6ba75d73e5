#!/bin/sh
# by_hand.sh SOURCE_DIR: the receipt of SECURITY.md is checked by the lines that it gives to a court's
# expert, with coreutils and OpenSSL; a receipt of another time is not.
set -eu
source=$1
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
cd "$folder"

fail() {
    echo "FAILED: $*"
    exit 1
}

# The bytes of a block: pairs of hex digits, up to two blanks behind them.
sed -n '/^```hex report-request$/,/^```$/p' "$source/docs/PROTOCOL.md" | grep -v '^```' |
    sed 's/^ *//; s/  .*//' | tr -d ' \n' | tr a-f A-F | basenc --base16 -d >request.bin
sed -n '/^```sh receipt-by-hand$/,/^```$/p' "$source/docs/SECURITY.md" | grep -v '^```' >check.sh

sh -eu check.sh >said 2>&1 || fail "the receipt does not hold: $(cat said)"
grep -q 'Verified Successfully' said || fail "said: $(cat said)"
sed -i 's/at_ms=1790757645500/at_ms=1790757645501/' check.sh
if sh -eu check.sh >said 2>&1; then
    fail "a millisecond more holds as well"
fi
