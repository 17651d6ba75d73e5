#include "gridpost/strikes.h"

#include <stdlib.h>

#define GP_STRIKES_BYTES_MAX ((size_t)256 * 1024 * 1024)

const char *gp_strike_state_word(int state)
{
    static const char *const words[] = {[GP_STRIKE_DRAFT] = N_("draft"),
                                        [GP_STRIKE_APPEALED] = N_("appealed"),
                                        [GP_STRIKE_SIGNED] = N_("signed"),
                                        [GP_STRIKE_LIFTED] = N_("lifted"),
                                        [GP_STRIKE_UPHELD] = N_("upheld")};

    return state >= GP_STRIKE_DRAFT && state <= GP_STRIKE_UPHELD ? words[state] : "?";
}

const char *gp_strike_measure(uint32_t number)
{
    static const char *const words[] = {N_("public criticism"), N_("admonition"),
                                        N_("organisational measure")};

    return words[number <= 1 ? 0 : number == 2 ? 1 : 2];
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

static bool add(struct gp_strikes *strikes, const struct gp_entry *entry)
{
    int64_t zone_ms = gp_show_zone(entry->at_ms);
    struct gp_arena *arena = &strikes->arena;
    int year, month, day;

    if (strikes->count == strikes->room && !grow(strikes))
        return false;
    gp_date_from_day(gp_day_of(entry->at_ms, zone_ms), &year, &month, &day);
    strikes->row[strikes->count++] = (struct gp_strike_row){
        .at_ms = entry->at_ms,
        .person = gp_arena_copy(arena, entry->subject),
        .category = gp_arena_copy(arena, entry->category),
        .condition = gp_arena_copy(arena, entry->condition),
        .owner = gp_arena_copy(arena, entry->owner),
        .text = gp_arena_copy(arena, entry->text),
        .area = entry->area,
        .incident = entry->incident,
        .year = (uint16_t)year,
        .number = entry->nth,
        .state = GP_STRIKE_DRAFT,
    };
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

int gp_strikes_fetch(struct gp_cli *cli, struct gp_strikes *strikes)
{
    struct gp_request request = {.kind = GP_REQUEST_FEED};
    struct gp_reply reply;

    gp_arena_init(&strikes->arena, GP_STRIKES_BYTES_MAX);
    request.feed.filter.whats = UINT64_C(1) << GP_WHAT_STRIKE | UINT64_C(1) << GP_WHAT_APPEALED;
    request.feed.filter.area = strikes->area;
    request.feed.filter.incident = strikes->incident;
    request.feed.filter.person = strikes->person;
    do {
        int code = gp_cli_call(cli, &request, 0, &reply);
        if (code != GP_EXIT_DONE)
            return code;
        for (uint32_t i = 0; i < reply.feed.count; i++) {
            const struct gp_entry *entry = reply.feed.item[i];
            if (entry->what == GP_WHAT_APPEALED)
                change(strikes, entry);
            else if (!add(strikes, entry))
                return gp_cli_call_failed(cli, GP_ENOMEM);
        }
        request.feed.after = reply.feed.scanned_to;
    } while (reply.feed.scanned_to < reply.feed.head);
    return GP_EXIT_DONE;
}

void gp_strikes_release(struct gp_strikes *strikes)
{
    free(strikes->row);
    gp_arena_release(&strikes->arena);
}
