#!/bin/sh
# Installs what is missing (servers of tests are only unpacked, into build/unpacked), builds, and runs
# the tests through ctest.
#
#   tools/test.sh                 the normal suite (gcc, preset dev)
#   tools/test.sh --preset asan   the same under a sanitizer, or with clang: dev clang asan tsan release
#   tools/test.sh --long          the long runs as well (label "long")
#   tools/test.sh -R kill         any further words go to ctest
set -eu

cd "$(dirname "$0")/.."
preset=dev
leave_out='-LE long'
while [ $# -gt 0 ]; do
    case "$1" in
    --help)
        sed -n '2,9s/^# \{0,1\}//p' "$0"
        exit 0
        ;;
    --preset)
        preset=${2:?"--preset needs a name"}
        shift 2
        ;;
    --long)
        leave_out=
        shift
        ;;
    *) break ;;
    esac
done

tools/setup.sh test
export GP_SETUP=done # what is missing now is a failure, and no reason to skip a test
cmake --preset "$preset" >/dev/null
cmake --build --preset "$preset"
# One more than there are cores: many tests wait for a clock, a disk or a browser.
# shellcheck disable=SC2086 # one option or none
exec ctest --preset "$preset" -j "$(($(nproc) + 1))" $leave_out "$@"
