/**
 * A journal entry: one numbered fact, with everything that folding it needs. decide() makes
 * entries, gp_fold() applies them, and nothing else ever changes an incident.
 *
 * The first half is what followers see; the patch and the answer are for the fold.
 */
#ifndef GP_CORE_ENTRY_H
#define GP_CORE_ENTRY_H

#include "core/device.h"
#include "core/incident.h"
#include "core/org.h"
#include "core/staff.h"

#define GP_WHATS(X)                                                                                \
    X(GP_WHAT_REPORTED, 1, "reported")                                                             \
    X(GP_WHAT_FILED, 2, "filed")                                                                   \
    X(GP_WHAT_VOIDED, 3, "voided")                                                                 \
    X(GP_WHAT_LINKED, 4, "linked")                                                                 \
    X(GP_WHAT_DISPATCHED, 5, "dispatched")                                                         \
    X(GP_WHAT_ACCEPTED, 6, "accepted")                                                             \
    X(GP_WHAT_NOTED, 7, "noted")                                                                   \
    X(GP_WHAT_RETURNED, 8, "returned")                                                             \
    X(GP_WHAT_RULED, 9, "ruled")                                                                   \
    X(GP_WHAT_EXTENDED, 10, "extended")                                                            \
    X(GP_WHAT_SUSPENDED, 11, "suspended")                                                          \
    X(GP_WHAT_RESUMED, 12, "resumed")                                                              \
    X(GP_WHAT_FINISHED, 13, "finished")                                                            \
    X(GP_WHAT_VERIFIED, 14, "verified")                                                            \
    X(GP_WHAT_REWORK, 15, "rework")                                                                \
    X(GP_WHAT_INFORMED, 16, "informed")                                                            \
    X(GP_WHAT_CLOSED, 17, "closed")                                                                \
    X(GP_WHAT_REOPENED, 18, "reopened")                                                            \
    X(GP_WHAT_OWNER_SHIFT, 19, "owner_shift")                                                      \
    X(GP_WHAT_VACANT, 20, "vacant")                                                                \
    X(GP_WHAT_HANDOVER, 21, "handover")                                                            \
    X(GP_WHAT_STAGED, 22, "staged")                                                                \
    X(GP_WHAT_ARBITRATED, 23, "arbitrated")                                                        \
    X(GP_WHAT_DECLINED, 24, "declined")                                                            \
    X(GP_WHAT_UNLINKED, 25, "unlinked")                                                            \
    X(GP_WHAT_DELIVERED, 26, "delivered")                                                          \
    X(GP_WHAT_REASSIGNED, 27, "reassigned")                                                        \
    X(GP_WHAT_STEP, 28, "step")                                                                    \
    X(GP_WHAT_REPLANNED, 29, "replanned")                                                          \
    X(GP_WHAT_STRIKE, 30, "strike")                                                                \
    X(GP_WHAT_APPEALED, 31, "appealed")                                                            \
    X(GP_WHAT_LEAVE, 32, "leave")                                                                  \
    X(GP_WHAT_CLOCK, 33, "clock")                                                                  \
    X(GP_WHAT_AUDIT, 34, "audit")                                                                  \
    X(GP_WHAT_DEVICE, 35, "device") /* one device, or the server's key */

enum gp_what { /* stored and on the wire: only ever append */
               GP_WHAT_NONE = 0,
#define X(name, number, text) name = (number),
               GP_WHATS(X)
#undef X
};

#define GP_FLAGS(X)                                                                                \
    X(GP_FLAG_COALESCED, 0, "coalesced")                                                           \
    X(GP_FLAG_PENDING_EXTENSION, 1, "pending_extension")                                           \
    X(GP_FLAG_PROVISIONAL, 2, "provisional")                                                       \
    X(GP_FLAG_DRILL, 3, "drill")                                                                   \
    X(GP_FLAG_SKEW, 4, "skew")                                                                     \
    X(GP_FLAG_BUCK_PASSING, 5, "buck_passing") /* returned after the window (R8) */                \
    X(GP_FLAG_ERASED, 6, "erased") /* its text is gone: seen when it is read, never stored */

enum gp_flag { /* bits; stored */
#define X(name, bit, text) name = 1 << (bit),
               GP_FLAGS(X)
#undef X
};

enum gp_path { /* of effective(): how the person was found */
               GP_PATH_HOLDER = 1,
               GP_PATH_COVER = 2,
               GP_PATH_DUTY = 3,
               GP_PATH_SUPERIOR = 4,
};

struct gp_recipient {
    struct gp_span person, post; /* post: the first that led to the person; "" for a duty person */
    char capacity[GP_CAPACITY_BYTES]; /* "A+B", NUL-terminated */
    uint8_t path;                     /* enum gp_path */
};

/* What an entry changes in its incident. Only fields whose bit is set are looked at. */
enum gp_patch_bit {
    GP_PATCH_REPORT = 1 << 0, /* creates the incident: area … received_ms, device, reporter */
    GP_PATCH_STATE = 1 << 1,
    GP_PATCH_ROW = 1 << 2,      /* row, community */
    GP_PATCH_OWNER = 1 << 3,    /* owner, assistant */
    GP_PATCH_PLAN = 1 << 4,     /* the whole plan */
    GP_PATCH_STEP = 1 << 5,     /* one step was fired: fired_index, next_repeat, owed */
    GP_PATCH_DISPATCH = 1 << 6, /* dispatched_ms, same_ab */
    GP_PATCH_ACCEPT = 1 << 7,   /* acceptor, accepted_ms; drops `unaccepted` */
    GP_PATCH_FINISH = 1 << 8,   /* finisher appended, finished_ms; drops all planned steps */
    GP_PATCH_VERIFY = 1 << 9,   /* verified_ms */
    GP_PATCH_INFORM = 1 << 10,
    GP_PATCH_CLOSE = 1 << 11,    /* closed_ms; drops all planned steps */
    GP_PATCH_OVERDUE = 1 << 12,  /* overdue_ms, overdue_post; both empty: it never was */
    GP_PATCH_SIDE = 1 << 13,     /* the whole side */
    GP_PATCH_AREA = 1 << 14,     /* area, community: corrected */
    GP_PATCH_REOPEN = 1 << 15,   /* accepted, finished, verified, closed are empty again */
    GP_PATCH_UNACCEPT = 1 << 16, /* a new owner, who has not accepted */
};

struct gp_patch {
    uint32_t bits; /* enum gp_patch_bit */
    uint8_t state;
    struct gp_area_ref area, community;
    struct gp_row_copy row;
    struct gp_span reporter, device;
    struct gp_place place;
    int64_t captured_ms, received_ms;
    struct gp_span owner, assistant;
    struct gp_plan plan;
    uint8_t fired_index;        /* of plan.step */
    struct gp_plan_step repeat; /* step 0: none; else replaces the fired step */
    uint32_t owed;              /* after this step */
    bool same_ab;
    struct gp_span person; /* acceptor or finisher */
    int64_t at_ms;         /* dispatched, accepted, finished, verified, closed */
    int64_t overdue_ms;
    struct gp_span overdue_post;
    struct gp_side side;
};

/* R17: one strike, or what became of it. */
#define GP_STRIKE_STATES(X)                                                                        \
    X(GP_STRIKE_DRAFT, 1, "draft")                                                                 \
    X(GP_STRIKE_APPEALED, 2, "appealed")                                                           \
    X(GP_STRIKE_SIGNED, 3, "signed") /* one of two signatories has granted the appeal */           \
    X(GP_STRIKE_LIFTED, 4, "lifted") /* the effect is gone, the fact stays */                      \
    X(GP_STRIKE_UPHELD, 5, "upheld") /* the appeal was refused: for good */

enum gp_strike_state { /* stored */
#define X(name, number, text) name = (number),
                       GP_STRIKE_STATES(X)
#undef X
};

/** "draft" …; "?" for a number that is none. Thread: any. */
const char *gp_strike_state_name(int state);

/** How a signature's text begins that leads to this state; "" for states that none leads to. */
const char *gp_strike_verdict(int state);

struct gp_strike {
    struct gp_span person; /* subject */
    uint16_t year;
    uint64_t incident;
    uint32_t
        number; /* in that year when it was given; 1 通报批评, 2 诫勉谈话, 3 and more 组织处理 */
    uint8_t state;         /* enum gp_strike_state */
    struct gp_span signer; /* the first signatory */
};

/* The answer kept for repeats of the same command id (R20). */
struct gp_kept_answer {
    bool present;
    unsigned char id[GP_COMMAND_ID_BYTES];
    uint64_t device_hash;
    unsigned char body_hash[16];
    uint64_t text_seq; /* the entry beside whose text the salt lies that body_hash was salted with;
                        * 0: it is not salted */
};

struct gp_entry {
    /* what followers see */
    uint64_t seq; /* dense, from 1; 0 until the engine numbers it */
    int64_t at_ms;
    uint64_t incident; /* 0: none (audit, clock) */
    struct gp_area_ref area;
    struct gp_span line, department, category, condition;
    uint8_t what;     /* enum gp_what */
    uint8_t step;     /* enum gp_step; 0 */
    uint8_t stage;    /* 0-based */
    uint32_t nth;     /* of a repeat */
    uint8_t state;    /* of the incident after this entry */
    uint32_t version; /* the same */
    bool has_nominal;
    int64_t nominal_ms;
    int64_t late_ms;                  /* at - nominal; 0 without nominal */
    struct gp_span actor, actor_post; /* person and post of a command; empty for steps */
    struct gp_span owner;             /* after this entry */
    int64_t due_ms;                   /* of the running stage after this entry; 0 */
    uint32_t flags;                   /* enum gp_flag */
    bool is_private;                  /* feeds mask text, phone and place (DOMAIN section 5) */
    struct gp_span text;              /* a report's or note's text, an audit line */
    struct gp_place place;
    struct gp_recipient recipient[GP_RECIPIENTS_MAX];
    uint8_t recipient_count;
    uint64_t ref_seq[GP_REFS_MAX]; /* earlier entries that this one supersedes or speaks of */
    uint8_t ref_count;
    struct gp_span subject; /* person or post that a strike, leave, delivery, shift is about */
    uint64_t other;         /* another incident: the main one of a link */
    uint64_t similar[GP_SIMILAR_MAX]; /* reported: likely duplicates (R21) */
    uint8_t similar_count;
    uint32_t level;       /* strike: 1, 2 or 3 */
    struct gp_span phone; /* reported: of the resident who reports */
    uint64_t by_device;   /* the device that said the command; 0: none, or it was unsealed */
    /* personal data (docs/ARCHITECTURE.md): text and phone lie beside the journal */
    bool own_words; /* while it is decided: the text is gridpost's, no person typed it */
    bool personal;  /* the journal holds personal_hash in their place */
    unsigned char personal_hash[GP_PERSONAL_HASH_BYTES]; /* filled in by the engine */
    bool erases; /* the texts of the incident's earlier entries are deleted */
    /* for the fold */
    struct gp_patch patch;
    struct gp_kept_answer kept;
    struct gp_strike strike;      /* person empty: none */
    struct gp_leave_record leave; /* id 0: none */
    struct gp_tenure tenure;      /* post empty: none */
    struct gp_device device;      /* id 0: none */
    bool counts_on_spot;          /* finished at report time: one more of its grid (R22) */
    struct gp_span vacant_post;   /* `vacant`: the post, and the local day it is noted for: what
                                   * scene->vacancy_known asks for */
    int64_t vacant_day;
    int64_t forget_before_ms; /* audit: dedup rows older than this are dropped; 0 */
};

/**
 * What an `appealed` entry says of its strike to followers, who see no more of it than its text.
 *
 * Ensures: an enum gp_strike_state; 0 when the text says nothing: it is masked. Thread: any
 */
int gp_strike_state_said(const struct gp_entry *entry);

const char *gp_what_name(int what);
int gp_what_parse(struct gp_span text);
const char *gp_path_name(int path);
int gp_path_parse(struct gp_span text);
const char *gp_flag_name(int flag); /* of one bit */

/**
 * Applies an entry to its incident. The only function that changes an incident: live work,
 * recovery and rebuild all come through here. Sees no clock and no directory.
 *
 * Thread:   any
 * Requires: gp_fold_fits: the entry belongs to this incident, which for GP_PATCH_REPORT is zeroed
 * Ensures:  incident->state and ->version equal entry->state and ->version afterwards
 * Lifetime: the incident's spans may point into the entry: keep it as long
 */
void gp_fold(const struct gp_entry *entry, struct gp_incident *incident);

/** Whether that is so of an entry that was read from a journal, and the step that it says was fired
 * is in the plan. To be asked before bytes from a disk are folded. Thread: any. */
bool gp_fold_fits(const struct gp_entry *entry, const struct gp_incident *incident);

#endif
