/**
 * Leave and holdings that were entered by command: what the journal keeps of them, and how they
 * lie over the directory's files (DOMAIN sections 4 and 8: R6, R18).
 *
 * A leave is requested, approved by one or more approvers (R18), and may be rejected or cancelled.
 * One that is cancelled after it began ends at that moment, and counts until then: cancelled and
 * begun.
 * A tenure says who holds a post from..to; whoever held it before holds it no longer from then on.
 */
#ifndef GP_CORE_STAFF_H
#define GP_CORE_STAFF_H

#include "base/span.h"

#include <stdint.h>

#define GP_LEAVE_STATES(X)                                                                         \
    X(GP_LEAVE_REQUESTED, 1, "requested")                                                          \
    X(GP_LEAVE_APPROVED, 2, "approved")                                                            \
    X(GP_LEAVE_REJECTED, 3, "rejected")                                                            \
    X(GP_LEAVE_CANCELLED, 4, "cancelled")

enum gp_leave_state { /* stored and on the wire: only ever append */
                      GP_LEAVE_NONE = 0,
#define X(name, number, text) name = (number),
                      GP_LEAVE_STATES(X)
#undef X
};

struct gp_leave_record {
    uint64_t id; /* dense, from 1 */
    struct gp_span person, standin;
    int64_t from_ms, to_ms;         /* half-open */
    uint8_t state;                  /* enum gp_leave_state */
    struct gp_span first_approver;  /* of a leave that needs two: who has approved it; "" */
    bool begun;                     /* its owner_shift entries are written (R6) */
    uint64_t shifted;               /* they are up to this incident's id */
    struct gp_span override_reason; /* R18: why both may be away */
    struct gp_span source;          /* id of its row in leave.csv; "": by command, or it is gone */
};

struct gp_tenure {
    uint64_t id;                 /* dense, from 1 */
    struct gp_span post, person; /* person "": the post is vacant in that time */
    int64_t from_ms, to_ms;      /* half-open; to INT64_MAX: open */
};

/** "requested" …; "?" for a number that is none. Thread: any. */
const char *gp_leave_state_name(int state);

#endif
