/**
 * The desk: which letters there are, which may go now, and what becomes of them. It knows neither
 * clock nor network: time comes in, and messages go out by whoever asks. What must not be forgotten
 * it writes into the outbox.
 *
 * A note becomes one letter for each destination (channel, address and language) that it concerns.
 * Letters of one destination go one message at a time, in the order of the journal; several of them
 * may share a message, a digest. When a message fails its destination waits, longer each time, and
 * no other one does.
 *
 * Thread: one at a time.
 */
#ifndef GP_NOTIFY_DESK_H
#define GP_NOTIFY_DESK_H

#include "notify/outbox.h"
#include "notify/settings.h"

struct gp_desk;

enum gp_letter_state { GP_LETTER_WAITING = 1, GP_LETTER_UNDERWAY = 2, GP_LETTER_DEAD = 3 };

struct gp_letter {
    struct gp_letter *next, *before; /* of its destination, or of the dead */
    struct gp_letter *sibling;       /* of its note */
    struct gp_note *note;
    uint32_t rule;
    uint64_t who; /* of note->told, by bit */
    uint8_t state;
    bool alone;             /* a digest with it was refused: it goes by itself */
    uint32_t attempts;      /* failed ones */
    int64_t since_ms;       /* it may go since; giving up counts from here */
    int64_t dead_ms;        /* when it was given up */
    char why[GP_WHY_BYTES]; /* the last failure; "" */
};

/* Letters of one message. */
struct gp_batch {
    uint32_t dest; /* a rule's index */
    bool digest;
    size_t count;
    struct gp_letter *letter[GP_BATCH_MAX];
};

enum gp_verdict_kind {
    GP_VERDICT_SENT = 1,
    GP_VERDICT_RETRY = 2,   /* the destination may take it later */
    GP_VERDICT_REFUSED = 3, /* it will never take this message */
};

struct gp_verdict {
    enum gp_verdict_kind kind;
    int64_t after_ms; /* of a retry: not before; 0: nothing was said */
    char why[GP_WHY_BYTES];
};

/* What is to be said to the journal: what became of a notice. */
struct gp_delivery_report {
    uint64_t seq, incident;
    int64_t at_ms; /* of the entry */
    char person[GP_ID_BYTES_MAX + 1];
    bool sent; /* else it failed */
};

/**
 * Opens a desk on a folder's outbox and takes up what is in it.
 *
 * `chance` gives random bits, for the jitter; NULL: the system's.
 *
 * Lifetime: the settings must outlive it
 * Errors:   as gp_outbox_open; *ret_line as there
 */
int gp_desk_open(const struct gp_notify_settings *settings, int64_t now_ms,
                 uint32_t (*chance)(void), unsigned *ret_line, struct gp_desk **ret_desk);
void gp_desk_close(struct gp_desk *desk); /* accepts NULL */

/**
 * Reads a desk that somebody else may have open, to be looked at only: nothing that would be
 * written may be called. One that was never there is empty. Errors: as gp_outbox_read.
 */
int gp_desk_look(const struct gp_notify_settings *settings, unsigned *ret_line,
                 struct gp_desk **ret_desk);

/** How far the journal was read; false: it never was. */
bool gp_desk_cursor(const struct gp_desk *desk, uint64_t *ret_seq);

/** Puts the cursor somewhere else: what the journal says behind it is told (again). Errors: as
 * gp_outbox_rewrite: it has not moved. */
int gp_desk_restart(struct gp_desk *desk, uint64_t seq);

/** Letters that wait or are under way; and letters that were given up. */
size_t gp_desk_waiting(const struct gp_desk *desk);
size_t gp_desk_dead(const struct gp_desk *desk);

/** Letters that were dropped when the desk was opened: the settings have their recipient no more.
 */
size_t gp_desk_orphans(const struct gp_desk *desk);

/** Whether there is room for more notes, and a file that takes them. */
bool gp_desk_has_room(const struct gp_desk *desk);

/**
 * Takes notes of the journal up to entry `scanned_to`, and has them on the disk when it returns.
 * Those that concern nobody, and those that were taken before, are dropped.
 *
 * Lifetime: takes the notes over, also where it fails
 * Errors:   GP_ENOSPC, GP_EIO, GP_ENOMEM: the cursor has not moved; ask the journal again
 */
int gp_desk_take(struct gp_desk *desk, struct gp_note **notes, size_t count, uint64_t scanned_to,
                 int64_t now_ms);

/**
 * Finds the next message that may go now. Nothing changes: gp_desk_begin says that it goes.
 *
 * Ensures: false: none; *ret_wake_ms is when to ask again at the latest (INT64_MAX: not by time)
 */
bool gp_desk_next(struct gp_desk *desk, int64_t now_ms, struct gp_batch *ret_batch,
                  int64_t *ret_wake_ms);

/** The message of the batch, perhaps of fewer letters than it was found with, is under way. */
void gp_desk_begin(struct gp_desk *desk, const struct gp_batch *batch, int64_t now_ms);

/** What became of it. */
void gp_desk_end(struct gp_desk *desk, const struct gp_batch *batch,
                 const struct gp_verdict *verdict, int64_t now_ms);

/** What is still to be said to the journal, at most `max`; returns how many. They are given again
 * until gp_desk_said. */
size_t gp_desk_reports(const struct gp_desk *desk, struct gp_delivery_report *ret_reports,
                       size_t max);

/** The journal has it, or will never take it. */
void gp_desk_said(struct gp_desk *desk, const struct gp_delivery_report *report);

/** Sends a dead letter again ("SEQ-RECIPIENT", or "all"); returns how many. */
size_t gp_desk_resend(struct gp_desk *desk, struct gp_span id, int64_t now_ms);

/** Forgets old dead letters, and writes the file anew where that is due or where it lacks records.
 * Errors: as gp_outbox_rewrite: it is tried again with the next call. */
int gp_desk_tidy(struct gp_desk *desk, int64_t now_ms);

/** The first dead letter; the next one is letter->next. */
const struct gp_letter *gp_desk_first_dead(const struct gp_desk *desk);

/** A letter's id, "SEQ-RECIPIENT": what a receiver knows a repeat by. Printable ASCII. */
void gp_letter_id(uint64_t seq, const char *recipient, char ret_id[GP_LETTER_ID_BYTES]);

/** When a quiet time that `now` lies in ends; 0: it does not lie in one. */
int64_t gp_quiet_until(const struct gp_quiet *quiet, int64_t zone_ms, int64_t now_ms);

#endif
