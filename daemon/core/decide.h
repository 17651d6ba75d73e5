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
    X(GP_VERB_VERIFY, 7, "verify") /* pass */                                                      \
    X(GP_VERB_INFORM, 8, "inform")                                                                 \
    X(GP_VERB_CLOSE, 9, "close")

enum gp_verb { /* on the wire: only ever append */
               GP_VERB_NONE = 0,
#define X(name, number, text) name = (number),
               GP_VERBS(X)
#undef X
};

const char *gp_verb_name(int verb);
int gp_verb_parse(struct gp_span text);

/* A command. `actor` and `device` are filled in by app/ from who is speaking, never from the
 * message. */
struct gp_command {
    uint8_t verb;
    unsigned char id[GP_COMMAND_ID_BYTES]; /* report id or command id */
    unsigned char body_hash[16];           /* of the body: same id with another body is refused */
    struct gp_span actor, device;
    uint64_t incident;       /* 0 for a report */
    uint32_t expect_version; /* 0: whatever it is */
    struct gp_span text;     /* report's text, note, reason */
    /* report */
    struct gp_span grid, category,
        condition;       /* condition "": the category's only or "default" one */
    int64_t captured_ms; /* 0: not said */
    struct gp_place place;
};

/* Everything a decision may look at. */
struct gp_scene {
    const struct gp_org *org;
    int64_t now_ms;                     /* effective time of the batch */
    const struct gp_incident *incident; /* NULL for a report */
    uint64_t new_id;                    /* id of the incident that a report would open */
    bool drill;
    /* One `vacant` entry per post and day (DOMAIN section 4): asks whether this post's has been
     * written for that day. It only looks, and may be asked again. NULL: never written. */
    bool (*vacancy_known)(void *context, uint32_t post_key, int64_t day);
    void *vacancy_context;
};

struct gp_decision {
    uint8_t reason;   /* enum gp_reason; GP_REASON_NONE: entries are to be folded */
    char detail[160]; /* what would be allowed, English, NUL-terminated; "" */
    struct gp_entry entry[GP_ENTRIES_MAX];
    uint8_t entry_count;
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
