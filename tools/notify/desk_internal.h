/** What the files of the desk share. */
#ifndef GP_NOTIFY_DESK_INTERNAL_H
#define GP_NOTIFY_DESK_INTERNAL_H

#include "notify/desk.h"

struct gp_letters { /* a list, in the order in which they came */
    struct gp_letter *first, *last;
    size_t count;
};

struct gp_dest { /* where letters go: a channel, an address and a language */
    struct gp_letters letters;
    bool underway;
    uint32_t failures;        /* one behind the other */
    int64_t failing_since_ms; /* of the first of them */
    int64_t next_ms;          /* not before */
    uint32_t place;           /* in desk->busy, from 1; 0: it has no letters */
};

struct gp_road { /* a channel's messages of the last minute */
    int64_t went_ms[GP_RATE_MAX];
    uint32_t first, count;
    int64_t underway;
};

struct gp_matcher; /* which rules a note concerns */

struct gp_desk {
    const struct gp_notify_settings *settings;
    struct gp_outbox *outbox;
    uint32_t (*chance)(void);
    struct gp_matcher *matcher;
    struct gp_dest *dest; /* by rule: the first one of the destination's */
    struct gp_road *road; /* by channel */
    uint32_t *busy;       /* destinations with letters, in no order */
    uint32_t busy_count, turn;
    struct gp_note **note; /* by seq */
    size_t note_count, note_room, over_count;
    struct gp_letters dead;
    size_t waiting, orphans;
    bool has_cursor;
    uint64_t cursor;
    int64_t base_bytes; /* of the file when it was written anew */
};

/* ---- desk.c ---- */

void gp_letters_add(struct gp_letters *letters, struct gp_letter *letter);
void gp_letters_remove(struct gp_letters *letters, struct gp_letter *letter);

/** A letter of the note, in no list yet. NULL: memory. */
struct gp_letter *gp_letter_new(struct gp_note *note, uint32_t rule, uint64_t who,
                                int64_t since_ms);

/** Puts a letter into its destination's list. */
void gp_desk_hand_in(struct gp_desk *desk, struct gp_letter *letter);

/** Makes room for `more` notes. Errors: GP_ENOMEM. */
int gp_desk_grow(struct gp_desk *desk, size_t more);

/** Puts a note into the list. Requires: room for it, and none of its entry. */
void gp_desk_keep(struct gp_desk *desk, struct gp_note *note);

/** The note of an entry; NULL. */
struct gp_note *gp_desk_note(const struct gp_desk *desk, uint64_t seq);

/** The note's letter to a rule's destination; NULL. */
struct gp_letter *gp_note_letter(const struct gp_note *note, uint32_t rule);

/** Of these persons those whom no letter of the note has reached or still can. */
uint64_t gp_note_unreached(const struct gp_note *note, uint64_t who);

/* What became of a letter, in memory alone: the records are others' business. */
void gp_desk_arrived(struct gp_desk *desk, struct gp_letter *letter);
void gp_desk_gave_up(struct gp_desk *desk, struct gp_letter *letter, int64_t now_ms);
void gp_desk_forget(struct gp_desk *desk, struct gp_letter *letter); /* a dead one */
void gp_desk_revive(struct gp_desk *desk, struct gp_letter *letter, int64_t now_ms);
void gp_desk_note_said(struct gp_desk *desk, struct gp_note *note, struct gp_span person,
                       bool sent);

/** A message of a channel went at that time. */
void gp_road_went(struct gp_road *road, int64_t at_ms);

/* ---- desk_records.c ---- */

/** A record of the outbox. Is given to gp_outbox_open; the context is the desk. */
int gp_desk_replay(void *context, const json_t *record);

json_t *gp_record_note(const struct gp_desk *desk, const struct gp_note *note);
json_t *gp_record_cursor(uint64_t seq);
/** `went`: the first letter of its message. */
json_t *gp_record_sent(const struct gp_desk *desk, const struct gp_letter *letter, bool went,
                       int64_t now_ms);
json_t *gp_record_try(const struct gp_desk *desk, const struct gp_letter *letter, bool went,
                      int64_t now_ms);
/** "dead", "again" or "forgot". */
json_t *gp_record_letter(const struct gp_desk *desk, const char *kind,
                         const struct gp_letter *letter, int64_t now_ms);
json_t *gp_record_said(const struct gp_delivery_report *report);

/** All that counts, for gp_outbox_rewrite; the context is the desk. */
int gp_desk_write_all(void *context, struct gp_outbox *outbox);

/* ---- desk_match.c ---- */

struct gp_hit {
    uint32_t rule;
    uint64_t who;
};

#define GP_HITS_MAX 256 /* destinations of one note */

/** Errors: NULL: memory. */
struct gp_matcher *gp_matcher_new(const struct gp_notify_settings *settings);
void gp_matcher_free(struct gp_matcher *matcher); /* accepts NULL */

/** Which destinations the note concerns, each once, by its earliest rule. Returns how many; of more
 * than GP_HITS_MAX the later ones are left out. */
size_t gp_matcher_find(const struct gp_matcher *matcher, const struct gp_note *note,
                       struct gp_hit ret_hits[GP_HITS_MAX]);

#endif
