/**
 * decide: (directory, incident, command, time) → entries. The rules of DOMAIN sections 4, 7 and 8,
 * as a pure function: no clock, no I/O, no memory of its own.
 */
#ifndef GP_CORE_DECIDE_H
#define GP_CORE_DECIDE_H

#include "core/entry.h"
#include "core/org.h"
#include "core/reason.h"

#define GP_VERBS(X)                                                                                \
    X(GP_VERB_REPORT, 1, "report")                                                                 \
    X(GP_VERB_FILE, 2, "file")                                                                     \
    X(GP_VERB_ACCEPT, 3, "accept")                                                                 \
    X(GP_VERB_NOTE, 4, "note")                                                                     \
    X(GP_VERB_STAGE, 5, "stage")                                                                   \
    X(GP_VERB_FINISH, 6, "finish")                                                                 \
    X(GP_VERB_VERIFY, 7, "verify") /* result */                                                    \
    X(GP_VERB_INFORM, 8, "inform")                                                                 \
    X(GP_VERB_CLOSE, 9, "close")                                                                   \
    X(GP_VERB_VOID, 10, "void")                                                                    \
    X(GP_VERB_LINK, 11, "link") /* other */                                                        \
    X(GP_VERB_UNLINK, 12, "unlink")                                                                \
    X(GP_VERB_RETURN, 13, "return")   /* return_reason, post */                                    \
    X(GP_VERB_CONSENT, 14, "consent") /* the street allows a return after the window */            \
    X(GP_VERB_RULE, 15, "rule")       /* result, post */                                           \
    X(GP_VERB_REFUSE, 16, "refuse")   /* R10 */                                                    \
    X(GP_VERB_EXTEND, 17, "extend")   /* hours */                                                  \
    X(GP_VERB_DECIDE, 18, "decide")   /* result: of an extension */                                \
    X(GP_VERB_SUSPEND, 19, "suspend") /* from_ms: the resume date */                               \
    X(GP_VERB_RESUME, 20, "resume")                                                                \
    X(GP_VERB_REOPEN, 21, "reopen")                                                                \
    X(GP_VERB_REASSIGN, 22, "reassign") /* post */                                                 \
    X(GP_VERB_CORRECT, 23, "correct")   /* grid, category, condition: what is wrong */             \
    X(GP_VERB_DELIVER, 24, "deliver")   /* ref_seq, person, delivery */                            \
    X(GP_VERB_APPEAL, 25, "appeal")     /* person: the subject */                                  \
    X(GP_VERB_SIGN, 26, "sign")         /* person: the subject; result */                          \
    X(GP_VERB_LEAVE, 27, "leave")       /* person, from_ms, to_ms, standin */                      \
    X(GP_VERB_APPROVE, 28, "approve")   /* leave, override_reason */                               \
    X(GP_VERB_REJECT, 29, "reject")     /* leave */                                                \
    X(GP_VERB_CANCEL, 30, "cancel")     /* leave */                                                \
    X(GP_VERB_HOLD, 31, "hold")         /* post, person, from_ms, to_ms */                         \
    X(GP_VERB_ERASE, 32, "erase")       /* incident: personal text of it */                        \
    X(GP_VERB_INVITE, 33, "invite")     /* person, role */                                         \
    X(GP_VERB_JOIN, 34, "join")         /* device_id, key, digits; never from a message */         \
    X(GP_VERB_CONFIRM, 35, "confirm")   /* device_id, digits */                                    \
    X(GP_VERB_REVOKE, 36, "revoke")     /* device_id */                                            \
    X(GP_VERB_ROTATE, 37, "rotate")     /* result: the server's key change begins, or ends */      \
    X(GP_VERB_ENROL, 38, "enrol")       /* person, role, key; never from a message */

enum gp_verb { /* on the wire: only ever append */
               GP_VERB_NONE = 0,
#define X(name, number, text) name = (number),
               GP_VERBS(X)
#undef X
};

const char *gp_verb_name(int verb);
int gp_verb_parse(struct gp_span text);

enum gp_result { /* on the wire: pass, accept, grant; or fail, refuse */
                 GP_RESULT_NONE = 0,
                 GP_RESULT_YES = 1,
                 GP_RESULT_NO = 2,
};

#define GP_DELIVERIES(X)                                                                           \
    X(GP_DELIVERY_SENT, 1, "delivered")                                                            \
    X(GP_DELIVERY_FAILED, 2, "failed")                                                             \
    X(GP_DELIVERY_READ, 3, "acknowledged") /* by the recipient */

enum gp_delivery { /* stored and on the wire: only ever append */
                   GP_DELIVERY_NONE = 0,
#define X(name, number, text) name = (number),
                   GP_DELIVERIES(X)
#undef X
};

const char *gp_delivery_name(int delivery); /* "" for 0 */
int gp_delivery_parse(struct gp_span text);

/* A command. `actor`, `device` and `by_device` are filled in by app/ from who is speaking, never
 * from the message. */
struct gp_command {
    uint8_t verb;
    unsigned char id[GP_COMMAND_ID_BYTES]; /* report id or command id */
    unsigned char body_hash[16];           /* of the body: same id with another body is refused */
    unsigned char salt[GP_SALT_BYTES];     /* random, from app/: never from the message */
    struct gp_span actor;
    struct gp_span device; /* with the id it tells repeats; of a sealed command "#N", its number */
    uint64_t by_device;    /* the device that speaks; 0: unsealed */
    uint64_t incident;     /* 0 for a report and for what is about people */
    uint32_t expect_version; /* 0: whatever it is */
    struct gp_span text;     /* report's text, note, reason */
    /* report, correct */
    struct gp_span grid, category,
        condition;       /* condition "": the category's only or "default" one */
    int64_t captured_ms; /* 0: not said */
    struct gp_place place;
    struct gp_span phone;    /* of the resident who reports; personal */
    bool on_spot;            /* report: done at once by the officer (R22) */
    bool informed;           /* with on_spot: the residents were told */
    bool downward;           /* report: a task from above (R10) */
    struct gp_span approval; /* its approval reference; "" */
    /* the rest: see the list of verbs */
    uint8_t result;        /* enum gp_result */
    uint8_t return_reason; /* enum gp_return_reason */
    uint8_t delivery;      /* enum gp_delivery */
    uint32_t hours;
    struct gp_span post, person, standin;
    int64_t from_ms, to_ms;
    uint64_t other, leave, ref_seq;
    struct gp_span override_reason;
    /* about devices */
    uint64_t device_id;                     /* the one it is about */
    uint8_t role;                           /* enum gp_role */
    uint32_t digits;                        /* the six that both sides show */
    unsigned char key[GP_DEVICE_KEY_BYTES]; /* join, enrol */
    const char *obstacle; /* rotate: why the key files cannot be changed, from app/; NULL: nothing
                           * is known */
};

/* Another open incident of the same grid, as the search for duplicates sees it (R21). */
struct gp_similar {
    uint64_t id;
    struct gp_span category;
    int64_t received_ms;
    struct gp_place place;
    uint64_t main;
};

/* What the store remembers outside the incident. Each function only looks, may be called again, and
 * may be NULL: nothing is remembered. */
struct gp_recall {
    void *context;
    /* One `vacant` entry per post and day (DOMAIN section 4): whether this post's is written. */
    bool (*vacancy_known)(void *context, uint32_t post_key, int64_t day);
    /* Strikes of a person in a year that were not lifted. */
    uint32_t (*strikes)(void *context, struct gp_span person, uint16_t year);
    /* The strike that a person has from an incident. False: none. */
    bool (*strike_of)(void *context, struct gp_span person, uint64_t incident,
                      struct gp_strike *ret_strike);
    /* On-spot closings of a grid so far. */
    uint32_t (*on_spot)(void *context, struct gp_area_ref grid);
    /* Open incidents of a grid and category, the newest first, until `take` says no. Looks at no
     * more than the grid's newest GP_SIMILAR_ROWS_MAX open ones of any category. A few of
     * another category may be among them. */
    void (*similar)(void *context, struct gp_area_ref grid, struct gp_span category,
                    bool (*take)(void *taker, const struct gp_similar *other), void *taker);
    /* How many reports follow an incident. */
    unsigned (*linked)(void *context, uint64_t main);
    /* How many personal texts of an incident are still there, at most GP_ERASE_ROWS_MAX. */
    unsigned (*texts)(void *context, uint64_t incident);
    /* Whether a person is among the recipients of an entry, and which incident that is about. */
    bool (*told)(void *context, uint64_t seq, struct gp_span person, uint64_t *ret_incident);
    /* Devices of a person that are active, pending, or invited until later than now. */
    unsigned (*devices)(void *context, struct gp_span person, int64_t now_ms);
    /* Whether an active device of the role admin is there beside this one. */
    bool (*other_admin)(void *context, uint64_t device_id);
    /* The device that has this key, or had it when it was revoked; 0: none. */
    uint64_t (*key_known)(void *context, const unsigned char key[GP_DEVICE_KEY_BYTES]);
};

/* Everything a decision may look at. */
struct gp_scene {
    const struct gp_org *org;
    int64_t now_ms;                       /* effective time of the batch */
    const struct gp_incident *incident;   /* NULL for a report, and for what is about people */
    const struct gp_incident *other;      /* link: the main incident; NULL: there is none */
    uint64_t new_id;                      /* id of the incident that a report would open */
    const struct gp_leave_record *leave;  /* the one that a command names; NULL: there is none */
    uint64_t new_leave_id, new_tenure_id; /* of what a command about people would write */
    const struct gp_device *speaker;      /* the device that speaks, as it is now; NULL: unsealed */
    const struct gp_device *device;       /* the one a command is about; NULL: there is none */
    uint64_t new_device_id;               /* of one that a command would make */
    uint64_t next_seq;                    /* of the first entry that is decided; 0: not numbered */
    bool drill;
    const struct gp_recall *recall; /* NULL: nothing is remembered */
};

struct gp_decision {
    uint8_t reason;   /* enum gp_reason; GP_REASON_NONE: entries are to be folded */
    char detail[160]; /* what would be allowed, English, NUL-terminated; "" */
    struct gp_entry entry[GP_ENTRIES_MAX];
    uint8_t entry_count;
    char draft[GP_DRAFT_BYTES_MAX]; /* texts that this decision made up; spans point into it */
    uint16_t draft_used;
    bool more;                /* catch-up only: call again after folding these */
    struct gp_incident after; /* the incident with all entries folded */
};

/**
 * Decides a command of a person.
 *
 * Thread:   any
 * Requires: scene->incident is the one that the command names, NULL if there is none
 * Ensures:  reason NONE and at least one entry, or a reason and none; entries have every field but
 *           seq and kept; spans point into org, incident, command or static storage
 */
void gp_decide(const struct gp_scene *scene, const struct gp_command *command,
               struct gp_decision *ret_decision);

/** The states in which a verb about an incident is allowed, as bits (1 << enum gp_state); 0: none.
 * Thread: any. */
uint32_t gp_verb_states(int verb);

/** Whether a verb is about people, not about an incident: leave … hold. Thread: any. */
bool gp_verb_about_people(int verb);

/** Whether a verb is about devices and the server's key: invite … enrol. Thread: any. */
bool gp_verb_about_devices(int verb);

/**
 * R6: tells who stands in for the holder of the incident's owner post, because the holder's leave
 * has begun.
 *
 * Requires: scene->incident is open and scene->leave is the leave
 * Ensures:  one entry, `owner_shift`, which carries the leave with `shifted` at this incident
 */
void gp_decide_owner_shift(const struct gp_scene *scene, struct gp_decision *ret_decision);

/**
 * R21: the main incident was closed, and this one, which follows it, closes with it.
 *
 * Requires: scene->incident follows scene->other, which is closed
 * Ensures:  one entry, `closed`
 */
void gp_decide_close_with(const struct gp_scene *scene, struct gp_decision *ret_decision);

/**
 * Fires the steps of one incident that are planned for its next instant, if that has come
 * (nominal <= now). Entries: `step`, at red also `handover`, at a missed stage the next one's
 * plan. No entry when nothing is due.
 */
void gp_decide_expire(const struct gp_scene *scene, struct gp_decision *ret_decision);

/**
 * R16: fires everything that one incident missed while the daemon was down (nominal <= now):
 * each step journalled with nominal time and lateness, all but the highest `coalesced`, state
 * effects in full, one notice named after the highest to the union of recipients and the current
 * owner. A single missed step is fired like any other, only late.
 */
void gp_decide_catch_up(const struct gp_scene *scene, struct gp_decision *ret_decision);

/**
 * R15: plans an open incident's unfired steps again with this directory. No entry when nothing
 * moves; else one `replanned` that says the new due.
 */
void gp_decide_replan(const struct gp_scene *scene, struct gp_decision *ret_decision);

#endif
