#!/bin/sh
# Who may know whom (ARCHITECTURE section 1), read from the #include lines: rooms by the first part
# of "room/file.h", libraries by their header.
#   edges.sh SOURCE_DIR
set -eu
export LC_ALL=C
cd "$1"

bad=0
complain() {
    echo "$1"
    bad=1
}

# Rooms whose headers the files of a room may include; its own are always allowed.
rooms_of() {
    case $1 in
    daemon/base/*) echo ;;
    daemon/core/*) echo base ;;
    daemon/wire/*) echo base core ;;
    daemon/store/*) echo base ;;
    daemon/engine/*) echo base core wire store ;;
    daemon/inspect/*) echo base engine store ;;
    daemon/org/*) echo base core ;;
    daemon/net/*) echo base ;;
    daemon/trust/*) echo base ;;
    daemon/rehearsal/*) echo base core wire engine org ;;
    daemon/app/*) echo base core wire store engine inspect org net trust rehearsal ;;
    daemon/gate/*) echo base ;;
    daemon/main.c) echo base app ;;
    tools/client/*) echo base core wire trust ;;
    tools/show/*) echo base core wire ;;
    tools/report/*) echo base core wire org show ;;
    tools/web/open311/*) echo base core wire org ;;
    # The web server is a client: it sees no store and no engine. The words of commands are the command's.
    tools/web/*) echo base core wire trust org client show report gridpost ;;
    # The notifier asks the daemon, and reads the directory for its names.
    tools/notify/*) echo base core wire trust org client gridpost ;;
    # The command never opens a live store: it comes as far as a rehearsal's own.
    tools/*) echo base core wire trust inspect org rehearsal client show report gridpost replay ;;
    *) echo "?" ;;
    esac
}

# Files that may include a library's header, as a pattern; "-": a header of no interest here.
homes_of() {
    case $1 in
    # The log is the store's, and knows nothing of its tables.
    lmdb.h) echo '^daemon/store/[a-z_]*\.c$|^daemon/store/internal\.h$|^tests/(store|rot|power)/|^tests/bench/lmdb\.c$' ;;
    zstd*.h) echo '^(daemon|tests)/store/log/' ;;
    nanomsg/*) echo '^(daemon/net|tools/client|tests)/' ;;
    *.pb-c.h | gridpost.fields.h | protobuf-c/*) echo '^(daemon|tests)/(wire|fuzz)/' ;;
    libxml/*) echo '^tools/web/open311/markup\.c$|^tests/' ;;
    # A program that waits for each answer links libgridpost without a loop.
    uv.h | uv/* | client/async*.h | client/pipe*.h) echo '^daemon/(net|app|gate)/|^tools/client/(async|async_internal|call|greeter|pipe|pipes)\.[ch]$|^tools/web/|^tests/(client|bench|web)/' ;;
    # Where the journal and the whole store are hashed, and a configuration's digest; and base64.
    sodium.h | sodium/*) echo '^tests/(store|trust|bench|sim)/|^tests/fuzz/made\.c|^daemon/(trust/|store/(env|personal|walk|log/)[a-z_]*\.c|org/(digest|devices)[a-z_]*\.c)|^tools/gridpost/cmd_(export|import_store)\.c$|^tools/notify/(sign|settings)\.c$|^tools/web/[a-z_]*\.c$' ;;
    xlsxwriter.h) echo '^tools/report/book\.c$' ;;
    curl/*) echo '^tools/notify/courier\.c$' ;;
    *) echo - ;;
    esac
}

check_room() { # file header
    own=${1#*/} # a room's folders are the room, too
    own=${own%%/*}
    case $1:$2 in
    daemon/store/log/*:store/log/*) ;;
    daemon/store/log/*:store/*) complain "$1 must not know $2" ;;
    # Open311 is a library without a transport: it does not see the server around it.
    tools/web/open311/*:web/open311/*) ;;
    tools/web/open311/*:web/*) complain "$1 must not know $2" ;;
    # Whoever checks a city's folder reads its outlines as the web server will.
    tools/gridpost/cmd_check.c:web/geometry.h) return 0 ;;
    esac
    room=${2%%/*}
    [ "$room" != "$own" ] || return 0
    case " $(rooms_of "$1") " in
    *" $room "*) ;;
    *) complain "$1 must not know $2" ;;
    esac
}

check() { # file include
    header=${2#?}
    header=${header%?}
    home=$(homes_of "$header")
    if [ "$home" != - ]; then
        printf '%s\n' "$1" | grep -Eq "$home" || complain "$1 must not include $header"
        return 0
    fi
    case $1:$2 in
    tests/*) ;;
    *:\"*/*) check_room "$1" "$header" ;;
    *:\"*) complain "$1: \"$header\" says no room" ;;
    esac
}

edges=$(find daemon tools tests -name '*.[ch]' -exec \
    sed -nE 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*([<"][^>"]+[>"]).*/\1/; T; F; p' {} + |
    paste - - | sort -u)
[ -n "$edges" ] || complain "no #include lines under $1"

while read -r file include; do
    check "$file" "$include"
done <<END
$edges
END
exit $bad
