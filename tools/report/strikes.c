#include "report/strikes.h"

#include "base/clocktext.h"
#include "base/error.h"
#include "show/show.h"

#include <stdlib.h>

const char *gp_strike_state_word(enum gp_report_language language, int state)
{
    static const enum gp_saying words[] = {[GP_STRIKE_DRAFT] = GP_SAY_DRAFT,
                                           [GP_STRIKE_APPEALED] = GP_SAY_APPEALED,
                                           [GP_STRIKE_SIGNED] = GP_SAY_SIGNED,
                                           [GP_STRIKE_LIFTED] = GP_SAY_LIFTED,
                                           [GP_STRIKE_UPHELD] = GP_SAY_UPHELD};

    if (state < GP_STRIKE_DRAFT || state > GP_STRIKE_UPHELD)
        return "?";
    return gp_report_say(language, words[state]);
}

const char *gp_strike_measure(enum gp_report_language language, uint32_t number)
{
    static const enum gp_saying words[] = {GP_SAY_CRITICISM, GP_SAY_ADMONITION,
                                           GP_SAY_ORGANISATIONAL};

    return gp_report_say(language, words[number <= 1 ? 0 : number == 2 ? 1 : 2]);
}

void gp_strikes_init(struct gp_strikes *strikes, size_t bytes_max)
{
    *strikes = (struct gp_strikes){0};
    gp_arena_init(&strikes->arena, bytes_max);
}

uint64_t gp_strikes_whats(void)
{
    return UINT64_C(1) << GP_WHAT_STRIKE | UINT64_C(1) << GP_WHAT_APPEALED;
}

/* ---------------------------------------------------------------- reading */

static bool grow(struct gp_strikes *strikes)
{
    uint32_t room = strikes->room == 0 ? 64 : strikes->room * 2;
    struct gp_strike_row *row = realloc(strikes->row, room * sizeof *row);

    if (row == NULL)
        return false;
    strikes->row = row;
    strikes->room = room;
    return true;
}

/* False: there was no room. */
static bool copy(struct gp_strikes *strikes, struct gp_span from, struct gp_span *to)
{
    *to = gp_arena_copy(&strikes->arena, from);
    return to->ptr != NULL || from.len == 0;
}

static bool add(struct gp_strikes *strikes, const struct gp_entry *entry)
{
    int64_t zone_ms = gp_show_zone(entry->at_ms);
    int year, month, day;

    if (strikes->count == strikes->room && !grow(strikes))
        return false;
    struct gp_strike_row *row = &strikes->row[strikes->count];
    gp_date_from_day(gp_day_of(entry->at_ms, zone_ms), &year, &month, &day);
    *row = (struct gp_strike_row){
        .at_ms = entry->at_ms,
        .area = entry->area,
        .incident = entry->incident,
        .year = (uint16_t)year,
        .number = entry->nth,
        .state = GP_STRIKE_DRAFT,
    };
    if (!copy(strikes, entry->subject, &row->person) ||
        !copy(strikes, entry->category, &row->category) ||
        !copy(strikes, entry->condition, &row->condition) ||
        !copy(strikes, entry->owner, &row->owner) || !copy(strikes, entry->text, &row->text))
        return false;
    strikes->count++;
    return true;
}

/* What became of one that was read before. A masked entry says no more than that there is an
 * appeal. */
static void change(struct gp_strikes *strikes, const struct gp_entry *entry)
{
    int state = gp_strike_state_said(entry);

    for (uint32_t i = strikes->count; i-- > 0;) {
        struct gp_strike_row *row = &strikes->row[i];
        if (row->incident != entry->incident || !gp_span_equal(row->person, entry->subject))
            continue;
        row->state = (uint8_t)(state != 0 ? state : GP_STRIKE_APPEALED);
        return;
    }
}

int gp_strikes_add(struct gp_strikes *strikes, const struct gp_entry *entry)
{
    if (entry->what == GP_WHAT_APPEALED)
        change(strikes, entry);
    else if (entry->what == GP_WHAT_STRIKE && !add(strikes, entry))
        return GP_ENOMEM;
    return 0;
}

void gp_strikes_release(struct gp_strikes *strikes)
{
    free(strikes->row);
    gp_arena_release(&strikes->arena);
}
