/**
 * Every limit of gridpost in one place, with unit and reason. A limit that an operator may
 * change is only a default here; config/gridpost.yaml names it.
 */
#ifndef GP_BASE_LIMITS_H
#define GP_BASE_LIMITS_H

#include <assert.h>

/* ---- wire ---- */
/* A request; net/ gives NN_RCVMAXSIZE room for the return path beside it. 500 half-sent ones are 8
 * MB. */
#define GP_MESSAGE_BYTES_MAX      (16 * 1024)
#define GP_REPLY_BYTES_MAX        (256 * 1024) /* a reply: a full page of 64 entries fits with room */
#define GP_UNPACK_BYTES_MAX       (512 * 1024) /* heap one request may cost while it is unpacked */
#define GP_REPLY_UNPACK_BYTES_MAX (8 * 1024 * 1024) /* the same for a reply, at the client */
#define GP_TEXT_BYTES_MAX         2000 /* a report's or note's text: 660 Chinese characters */
#define GP_REASON_BYTES_MAX       300
#define GP_ID_BYTES_MAX           64 /* person, post, line, department, category, condition, device */
#define GP_COMMAND_ID_BYTES       16 /* 48 bits of milliseconds, 80 random bits */
#define GP_SALT_BYTES             16 /* random, of one command: hides what its text hashes to */
#define GP_PERSONAL_HASH_BYTES    32 /* what the journal holds of a text */
#define GP_DEVICE_LABEL_BYTES_MAX                                                                  \
    32                              /* what a device calls itself: as much as a join has room for */
#define GP_INVITATION_BYTES_MAX 256 /* the text of one, for a QR code that a camera still reads */
#define GP_RECEIPT_PATH_MAX     11  /* hashes from one receipt of a batch up to the root */

/* ---- trust ---- */
#define GP_SESSION_MS        (12 * 60 * 60 * 1000) /* then both sides forget a session */
#define GP_SESSION_MESSAGES  (1u << 20)            /* each way; its counters are below */
#define GP_WINDOW            1024 /* counters below the highest one seen that may still come */
#define GP_SESSION_READS_MAX 32   /* of one session under way, feeds that wait included */
#define GP_BRIDGE_READS_MAX  1024 /* the same of a bridge's: each page that is open is a feed */

/* ---- domain ---- */
#define GP_AREA_DIGITS_MAX  15 /* 6 county, 9, 12, 15 grid */
#define GP_ALIASES_MAX      8  /* from an old code to the area that answers: mergers in a row */
#define GP_STAGES_MAX       3  /* "2uh+5wd" has two */
#define GP_LADDER_STEPS_MAX 12 /* rungs of one ladder in ladders.yaml */
#define GP_PLAN_STEPS_MAX   (GP_STAGES_MAX * GP_LADDER_STEPS_MAX) /* of one incident */
#define GP_TELL_MAX         4    /* further parties of a catalogue row */
#define GP_DEPUTIES_MAX     8    /* stand-ins of a post, in order */
#define GP_HOPS_MAX         8    /* of effective(): DOMAIN section 4 */
#define GP_RECIPIENTS_MAX   48   /* of one step: all capacities of all levels and to spare */
#define GP_CAPACITY_BYTES   48   /* "A+B+D2…" of one person in one step */
#define GP_ENTRIES_MAX      48   /* one command's entries; catch-up goes on in a further item */
#define GP_FINISHERS_MAX    8    /* people who may not verify */
#define GP_EXTENSIONS_MAX   2    /* R11 */
#define GP_RETURNS_MAX      4    /* posts that returned one incident: two, then a ruling binds */
#define GP_LINKED_MAX       32   /* reports that follow one incident, and close with it */
#define GP_SIMILAR_MAX      8    /* likely duplicates that are suggested */
#define GP_SIMILAR_ROWS_MAX 512  /* newest open incidents of a grid looked at for them */
#define GP_STRUCK_MAX       8    /* people with a strike from one incident */
#define GP_REFS_MAX         8    /* earlier entries that one supersedes */
#define GP_DRAFT_BYTES_MAX  2000 /* text that a decision makes up: a strike's draft */
#define GP_SEGMENTS_MAX     4    /* working segments of a day */

/* ---- devices ---- */
#define GP_DEVICES_PERSON_MAX 8      /* of one person that are not revoked */
#define GP_DEVICES_MAX        200000 /* ever: revoked ones stay, and some looks are at all of them */
#define GP_INVITATION_MS      (15 * 60 * 1000) /* how long an invitation counts */
#define GP_DIGITS_MAX         999999           /* six of them */

/* ---- memory ---- */
#define GP_VIEW_BYTES_MAX (64 * 1024 * 1024) /* what commands lay over a directory */

/* ---- queues ---- */
#define GP_BATCH_ITEMS_MAX  1024 /* then intake pauses: nanomsg and TCP push back */
#define GP_FEED_ENTRIES_MAX 64   /* in one answer (DOMAIN section 9) */
#define GP_FEED_GATHER_MS   250  /* after the first entry (DOMAIN section 9) */
#define GP_FEED_WAIT_MS_MAX 20000
#define GP_FOLLOWERS_MAX    4096 /* parked feed requests; one more is answered "try again" */
#define GP_FOLLOWERS_BRIDGE 2048 /* of these, for bridges; handsets have the rest */
#define GP_PAGE_ROWS_MAX    200  /* of a query's answer */
#define GP_DUTY_ROWS_MAX    200  /* of a roster answer */
#define GP_FORECAST_MAX     128  /* entries of a forecast: three ladders with handovers */
#define GP_ASSESS_ROWS_MAX  400  /* units in one answer of an assessment */
#define GP_ASSESS_CASES_MAX 2000 /* incidents in one answer that explains a figure */
#define GP_ASSESS_INCIDENTS_MAX                                                                    \
    4000000 /* incidents that one assessed period touches: some 500 MB while it is counted */
#define GP_FEED_WHATS_MAX 8     /* kinds of entry that one feed asks for */
#define GP_READ_ROWS_MAX  10000 /* rows one read transaction looks at before it is renewed */
#define GP_CENSUS_ROWS_MAX                                                                         \
    2000000 /* open incidents that are counted: 64 MB, and some seconds of the pool */
#define GP_SUMMARY_ROWS_MAX     2000 /* areas right below one */
#define GP_FOLLOWER_FIGURES_MAX 64   /* named followers whose lag is told */
#define GP_CENSUS_MS            2000 /* how old a census may be that is counted in again */
#define GP_CENSUS_DEPARTMENTS_MAX                                                                  \
    1024                       /* responsible ones, with those that are in no file any more */
#define GP_QUERY_COST_MAX 8192 /* of one page, in rows of an index: about a millisecond */
#define GP_SORT_ROWS_MAX                                                                           \
    400000 /* incidents that are looked at for a page by due: a third of a second */
#define GP_EXPIRE_STEPS_MAX                                                                        \
    256 /* deadline rows one batch item fires, so that intake is not starved */
#define GP_SHIFT_ROWS_MAX  64   /* of those, incidents of one leave that begins */
#define GP_IMPORT_ROWS_MAX 512  /* rows of leave.csv one batch item takes over */
#define GP_FORGET_ROWS_MAX 4096 /* dedup rows one batch item looks at, to drop the old ones */
#define GP_TALLIES         1024 /* persons' strikes of a year that are kept counted: 24 KB */
#define GP_ERASE_ROWS_MAX  4096 /* texts one `erase` deletes; what is left needs another */
#define GP_REPLAN_ROWS_MAX 512  /* incidents one batch item re-plans */

/* ---- gate ---- */
#define GP_GATE_HOPS_MAX 8 /* numbers in front of a request: the REQ's, and one for each device */
/* Around a message: its return path, 32 bytes, an envelope's head and tag, 42, and to spare; less
 * than what the daemon's intake has room for, so that it takes whatever the gate lets through. */
#define GP_GATE_ENVELOPE_BYTES  96
#define GP_GATE_REQUEST_BYTES   (GP_MESSAGE_BYTES_MAX + GP_GATE_ENVELOPE_BYTES)
#define GP_GATE_REPLY_BYTES     (GP_REPLY_BYTES_MAX + GP_GATE_ENVELOPE_BYTES)
#define GP_GATE_HINT_BYTES      64      /* a published hint */
#define GP_GATE_READ_BYTES      65536   /* of one read, whole frames in it go on at once */
#define GP_GATE_LISTEN_MAX      8       /* addresses of each kind */
#define GP_GATE_ACCEPT_BURST    64      /* of one listener and wake-up: others get their turn */
#define GP_GATE_PENDING_MAX     8       /* connects to the daemon: nanomsg's ipc backlog is 10 */
#define GP_GATE_CONNECTIONS     10000   /* default: one per handset of a city */
#define GP_GATE_CONNECTIONS_MAX 1000000 /* two descriptors each */
#define GP_GATE_PER_ADDRESS     1024    /* default: a carrier's NAT shows many as one */
#define GP_GATE_MEMORY_MIB      256     /* default: 10,000 requests that are under way fit */
#define GP_GATE_HANDSHAKE_MS    5000    /* default: the eight bytes of the opening */
#define GP_GATE_FRAME_MS        10000   /* default: from a frame's first byte to its last */
#define GP_GATE_IDLE_MS         600000  /* default: feeds ask again after 20 s */
#define GP_GATE_LINK_MS         5000    /* to get a link of the daemon's, waiting included */
#define GP_GATE_TAKE_MS         30000   /* for a peer to take what waits for it */
#define GP_GATE_RETRY_MS        250     /* between two tries while the daemon is away */
#define GP_GATE_TICK_MS         250     /* between two looks at all deadlines */
#define GP_GATE_DRAIN_MS        2000    /* for frames that are under way at SIGTERM */
#define GP_GATE_USER_TIMEOUT_MS 120000  /* keepalive's 60 s and four times 15 s */

/* ---- asynchronous client ---- */
#define GP_ASYNC_CONNECTIONS     64    /* default; one request is under way on each */
#define GP_ASYNC_CONNECTIONS_MAX 1024  /* a parked feed for each open stream of a browser */
#define GP_ASYNC_QUEUE           1024  /* default: requests that wait for a connection */
#define GP_ASYNC_QUEUE_MAX       65536 /* 1 GB, if each of them were as long as it may be */
#define GP_ASYNC_OPENING_MAX     8     /* connects under way: nanomsg's ipc backlog is 10 */
#define GP_ASYNC_OPENING_MS      5000  /* for the daemon's side of the opening */
#define GP_ASYNC_IDLE_MS         60000 /* then a connection that nobody uses is closed */
#define GP_ASYNC_RETRY_MS        25 /* before the next connect, doubled with each that failed … */
#define GP_ASYNC_RETRY_MS_MAX    800 /* … up to this: who restarts is found again within a second */
#define GP_ASYNC_SILENCE_MS      5000 /* without an answer; then another connection is tried */
#define GP_ASYNC_TICK_MS         50   /* between two looks at all deadlines */
#define GP_ASYNC_RENEW_PARTS     24 /* a session is renewed in the last of them: half an hour of 12 */
#define GP_ASYNC_RENEW_MESSAGES  (1u << 16) /* or so many messages before its last one */

/* ---- the store: how far its tables may lag behind the journal ---- */
#define GP_CHECKPOINT_ENTRIES 65536 /* entries in LMDB's open transaction */
#define GP_CHECKPOINT_MS      8000  /* age of the oldest of them */
#define GP_CHECKPOINT_IDLE_MS 20    /* without a batch: then the disk has nothing better to do */
#define GP_RESERVE_BYTES      ((uint64_t)64 << 20) /* of the data file, at most: not for new reports */
#define GP_SPARES_AHEAD       2                    /* segments of the log, empty */
#define GP_RECOVER_ENTRIES    20000                /* of one transaction while recovering */
#define GP_BACKUP_RESERVE_BYTES                                                                    \
    ((uint64_t)256 << 20) /* of the disk: a copy leaves it to the store */

/* ---- time ---- */
#define GP_DEDUP_DAYS 400 /* a report id is remembered; DOMAIN and ARCHITECTURE section 3 */
#define GP_SKEW_MS    (10 * 60 * 1000) /* captured against received: flagged above */

static_assert(GP_WINDOW % 64 == 0, "a window is whole words of bits");
static_assert(GP_REPLY_BYTES_MAX > GP_FEED_ENTRIES_MAX * GP_TEXT_BYTES_MAX,
              "a full feed page of long texts fits into a reply");
static_assert(GP_BRIDGE_READS_MAX <= GP_FOLLOWERS_BRIDGE,
              "a bridge alone finds room for its feeds");
static_assert(GP_BATCH_ITEMS_MAX <= 1 << GP_RECEIPT_PATH_MAX, "every receipt has its path");
static_assert(GP_DRAFT_BYTES_MAX <= GP_TEXT_BYTES_MAX, "a text made up fits an entry");
static_assert((unsigned long)GP_GATE_CONNECTIONS * GP_GATE_REQUEST_BYTES <
                  (unsigned long)GP_GATE_MEMORY_MIB * 1024 * 1024,
              "requests that never end cannot take all of the gate's memory");
static_assert(GP_ASYNC_OPENING_MAX <= GP_GATE_PENDING_MAX, "both keep within nanomsg's backlog");
static_assert(GP_GATE_READ_BYTES > GP_GATE_REQUEST_BYTES, "a request comes in one read");
static_assert(GP_ENTRIES_MAX > GP_PLAN_STEPS_MAX, "a catch-up of one whole plan fits");

#endif
