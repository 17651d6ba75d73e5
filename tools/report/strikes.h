/** The strikes of R17 as the journal has them: what was given, and what became of it. */
#ifndef GP_REPORT_STRIKES_H
#define GP_REPORT_STRIKES_H

#include "base/arena.h"
#include "core/entry.h"
#include "report/words.h"

struct gp_strike_row {
    int64_t at_ms; /* when it was given */
    struct gp_span person, category, condition, owner, text;
    struct gp_area_ref area;
    uint64_t incident;
    uint16_t year;
    uint32_t number; /* in that year */
    uint8_t state;   /* enum gp_strike_state */
};

struct gp_strikes {
    struct gp_strike_row *row; /* in order of the journal */
    uint32_t count, room;
    struct gp_arena arena; /* texts */
};

/** None yet; the texts of those to come have a ceiling. */
void gp_strikes_init(struct gp_strikes *strikes, size_t bytes_max);
void gp_strikes_release(struct gp_strikes *strikes);

/** Which entries are to be added, as bits (1 << enum gp_what): for a feed's filter. */
uint64_t gp_strikes_whats(void);

/**
 * Takes an entry over: a strike, or what became of one; others say nothing here.
 *
 * Requires: entries come in order of the journal
 * Errors:   GP_ENOMEM, also above the ceiling
 */
int gp_strikes_add(struct gp_strikes *strikes, const struct gp_entry *entry);

/** "draft", "appealed", "signed", "lifted", "upheld". Lifetime: static. */
const char *gp_strike_state_word(enum gp_report_language language, int state);
/** 通报批评, 诫勉谈话, 组织处理: of the first, second, and third and later. Lifetime: static. */
const char *gp_strike_measure(enum gp_report_language language, uint32_t number);

#endif
