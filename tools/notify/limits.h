/** Bounds of gridpost-notify, each with its unit and its reason. */
#ifndef GP_NOTIFY_LIMITS_H
#define GP_NOTIFY_LIMITS_H

#include "base/limits.h"

#include <assert.h>

#define GP_CHANNELS_MAX    64    /* robots, hooks and mail servers of a city */
#define GP_RULES_MAX       20000 /* recipients: a city's people, and its groups */
#define GP_TEMPLATES_MAX   128   /* of both languages */
#define GP_RATE_MAX        600   /* messages a minute; as many times are remembered of a channel */
#define GP_BATCH_MAX       128   /* notices in one digest; what is left goes with the next one */
#define GP_AT_ONCE_MAX     64    /* transfers of one channel that are under way */
#define GP_DEAD_MAX        10000 /* dead letters that are kept; of more the oldest are forgotten */
#define GP_ANSWER_BYTES    4096  /* that are looked at of what a server answers */
#define GP_WHY_BYTES       96    /* why a letter did not arrive, in words */
#define GP_SECRET_BYTES    256   /* of one line of a secret file */
#define GP_SECRETS         2     /* lines of a secret file */
#define GP_LETTER_ID_BYTES 224   /* "SEQ-RECIPIENT": 20 digits, and 64 bytes written as %XX */
#define GP_RETRY_AFTER_MS                                                                          \
    ((int64_t)3600 * 1000)    /* the longest that a server may ask us to wait                      \
                               */
#define GP_RECORD_BYTES 65536 /* one line of the outbox: a note with all whom it tells */
#define GP_OUTBOX_SLACK                                                                            \
    ((int64_t)1 << 20) /* bytes that the file grows by before it is written anew */
#define GP_LINK_WAIT_MS                                                                            \
    1000                   /* a feed rests as long, so that what is to be said waits no longer     \
                            */
#define GP_LINK_REPORTS 64 /* deliveries handed to the link at a time */

static_assert(GP_RECIPIENTS_MAX <= 64, "whom an entry tells is a set in 64 bits");

#endif
