/**
 * A note: what a journal entry tells people, without a word that somebody typed. Reports go to
 * robots and mail servers of third parties, so their texts, phones and places stay in the journal.
 */
#ifndef GP_NOTIFY_NOTE_H
#define GP_NOTIFY_NOTE_H

#include "base/arena.h"
#include "core/entry.h"

#include <jansson.h>

struct gp_letter; /* desk.h */

struct gp_told {
    struct gp_span person, post;
    char capacity[GP_CAPACITY_BYTES];
    uint8_t path; /* enum gp_path */
};

struct gp_note {
    uint64_t seq, incident;
    int64_t at_ms, due_ms, nominal_ms, late_ms; /* due 0: none */
    bool has_nominal, is_private;
    bool urgent;               /* as the catalogue had it when the note came in */
    uint8_t what, step, state; /* enum gp_what, gp_step, gp_state */
    uint32_t nth, flags;
    struct gp_area_ref area;
    struct gp_span line, department, category, condition, owner, subject;
    struct gp_told told[GP_RECIPIENTS_MAX];
    uint8_t told_count;
    /* what is known to have become of it, by bit of told; the desk's */
    uint64_t sent, lost;           /* delivered; every way has failed */
    uint64_t said_sent, said_lost; /* the journal has it */
    struct gp_letter *letter;      /* those that are not over, by their `sibling` */
    bool over;                     /* nothing is left to be done */
    struct gp_arena arena;         /* of its spans */
};

/** Copies what an entry tells. NULL: memory is out. */
struct gp_note *gp_note_new(const struct gp_entry *entry);
void gp_note_free(struct gp_note *note); /* accepts NULL */

/** Its facts as an object, and back; what the desk knows is not in it. NULL: no note, or memory. */
json_t *gp_note_json(const struct gp_note *note);
struct gp_note *gp_note_parse(const json_t *object);

/** The step's name, else that of what happened ("red", "vacant"). Lifetime: static. */
const char *gp_note_word(const struct gp_note *note);

/** Whether the person is told as grid officer and nothing else: to name one is to name the grid. */
bool gp_told_is_officer(const struct gp_told *told);

#endif
