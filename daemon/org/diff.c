/*
 * The difference between two snapshots as lines that a person can read: every fact of a snapshot is
 * one line of text; sorted, the two lists are merged.
 */
#include "org/directory.h"

#include "base/clocktext.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct lines {
    char **item;
    size_t count, capacity;
    bool failed;
    int64_t zone_ms;
};

__attribute__((format(printf, 2, 3))) static void add(struct lines *lines, const char *format, ...)
{
    va_list arguments;
    char *text = NULL;

    if (lines->count == lines->capacity) {
        size_t capacity = lines->capacity == 0 ? 256 : lines->capacity * 2;
        char **item = realloc(lines->item, capacity * sizeof *item);
        if (item == NULL) {
            lines->failed = true;
            return;
        }
        lines->item = item;
        lines->capacity = capacity;
    }
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0)
        lines->failed = true;
    else
        lines->item[lines->count++] = text;
    va_end(arguments);
}

struct when {
    char text[GP_CLOCKTEXT_BYTES];
};

static struct when when(const struct lines *lines, int64_t ms)
{
    struct when when = {"-"};
    if (ms > 0 && ms != INT64_MAX)
        gp_instant_format(ms, lines->zone_ms, when.text);
    return when;
}

static struct gp_span person(const struct gp_org *org, uint32_t index)
{
    return index != GP_NONE ? org->persons[index].id : gp_span_of("-");
}

static void add_places(struct lines *lines, const struct gp_org *org)
{
    for (size_t i = 0; i < org->area_count; i++) {
        const struct gp_area *area = &org->areas[i];
        struct gp_span calendar =
            area->calendar != GP_NONE ? org->calendars[area->calendar].id : gp_span_of("-");
        add(lines, "area %.*s %s %.*s households %u calendar %.*s", GP_SPAN_ARG(area->code),
            gp_level_name(area->ref.level), GP_SPAN_ARG(area->name), area->households,
            GP_SPAN_ARG(calendar));
    }
    for (size_t i = 0; i < org->calendar_count; i++) {
        const struct gp_calendar *calendar = &org->calendars[i];
        add(lines, "calendar %.*s weeks %zu days %zu known until %s", GP_SPAN_ARG(calendar->id),
            calendar->week_count, calendar->special_count,
            when(lines, calendar->known_until_ms).text);
        for (size_t j = 0; j < calendar->special_count; j++)
            add(lines, "calendar %.*s %s %.10s", GP_SPAN_ARG(calendar->id),
                calendar->specials[j].work ? "work" : "off",
                when(lines, calendar->specials[j].day * GP_MS_DAY - lines->zone_ms).text);
    }
}

static void add_people(struct lines *lines, const struct gp_org *org)
{
    for (size_t i = 0; i < org->person_count; i++)
        add(lines, "person %.*s %.*s", GP_SPAN_ARG(org->persons[i].id),
            GP_SPAN_ARG(org->persons[i].name));
    for (size_t i = 0; i < org->department_count; i++)
        add(lines, "department %.*s %.*s", GP_SPAN_ARG(org->departments[i].code),
            GP_SPAN_ARG(org->departments[i].name_zh));
    for (size_t i = 0; i < org->line_count; i++)
        add(lines, "line %.*s %.*s", GP_SPAN_ARG(org->lines[i].code),
            GP_SPAN_ARG(org->lines[i].name_zh));
    for (size_t i = 0; i < org->post_count; i++) {
        const struct gp_post *post = &org->posts[i];
        char deputies[400] = "";
        for (uint8_t j = 0; j < post->deputy_count; j++)
            (void)snprintf(deputies + strlen(deputies), sizeof deputies - strlen(deputies), " %.*s",
                           GP_SPAN_ARG(person(org, post->deputies[j])));
        add(lines, "post %.*s %s areas %u deputies%s", GP_SPAN_ARG(post->id),
            gp_post_kind_name(post->kind), post->area_count, deputies);
    }
}

static void add_staff(struct lines *lines, const struct gp_org *org)
{
    for (size_t i = 0; i < org->holding_count; i++) {
        const struct gp_holding *holding = &org->holdings[i];
        add(lines, "holding %.*s %.*s from %s to %s", GP_SPAN_ARG(org->posts[holding->post].id),
            GP_SPAN_ARG(person(org, holding->person)), when(lines, holding->from_ms).text,
            when(lines, holding->to_ms).text);
    }
    for (size_t i = 0; i < org->leave_count; i++) {
        const struct gp_leave *leave = &org->leaves[i];
        add(lines, "leave %.*s %.*s from %s to %s stand-in %.*s%s", GP_SPAN_ARG(leave->id),
            GP_SPAN_ARG(person(org, leave->person)), when(lines, leave->from_ms).text,
            when(lines, leave->to_ms).text, GP_SPAN_ARG(person(org, leave->standin)),
            leave->approved ? "" : " (requested)");
    }
    for (size_t i = 0; i < org->shift_count; i++) {
        const struct gp_shift *shift = &org->shifts[i];
        add(lines, "shift %.*s %.*s days %02x %d-%d from %s to %s",
            GP_SPAN_ARG(org->areas[shift->area].code), GP_SPAN_ARG(person(org, shift->person)),
            shift->weekdays, (int)(shift->from_ms / GP_MS_MINUTE),
            (int)(shift->to_ms / GP_MS_MINUTE), when(lines, shift->valid_from_ms).text,
            when(lines, shift->valid_to_ms).text);
    }
}

static void add_rules(struct lines *lines, const struct gp_org *org)
{
    for (size_t i = 0; i < org->ladder_count; i++) {
        const struct gp_ladder *ladder = &org->ladders[i];
        for (uint8_t j = 0; j < ladder->rung_count; j++) {
            const struct gp_rung *rung = &ladder->rung[j];
            add(lines, "ladder %.*s %s anchor %u percent %u after %u/%u tells %" PRIx32 "%s",
                GP_SPAN_ARG(ladder->id), gp_step_name(rung->step), rung->anchor, rung->percent,
                rung->amount.n, rung->amount.unit, rung->tells, rung->handover ? " handover" : "");
        }
    }
    for (size_t i = 0; i < org->row_count; i++) {
        const struct gp_row *row = &org->rows[i];
        char limit[GP_LIMIT_TEXT_BYTES];
        gp_limit_format(&row->limit, limit);
        add(lines, "row %.*s %.*s limit %s policy %.*s department %.*s owner %s",
            GP_SPAN_ARG(row->code), GP_SPAN_ARG(row->condition), limit, GP_SPAN_ARG(row->policy),
            GP_SPAN_ARG(org->departments[row->department].code),
            gp_post_kind_name(row->first_owner));
    }
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void collect(struct lines *lines, const struct gp_org *org)
{
    lines->zone_ms = org->calendars[org->default_calendar].zone_ms;
    add_places(lines, org);
    add_people(lines, org);
    add_staff(lines, org);
    add_rules(lines, org);
    if (lines->count > 0)
        qsort(lines->item, lines->count, sizeof *lines->item, by_text);
}

static void release(struct lines *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        free(lines->item[i]);
    free(lines->item);
}

static void say(void (*line)(void *context, const char *text), void *context, char sign,
                const char *text)
{
    char marked[1024];
    (void)snprintf(marked, sizeof marked, "%c %s", sign, text);
    line(context, marked);
}

static void merge(const struct lines *before, const struct lines *after,
                  void (*line)(void *context, const char *text), void *context)
{
    size_t i = 0, j = 0;

    while (i < before->count || j < after->count) {
        int order = i == before->count  ? 1
                    : j == after->count ? -1
                                        : strcmp(before->item[i], after->item[j]);
        if (order < 0)
            say(line, context, '-', before->item[i]);
        if (order > 0)
            say(line, context, '+', after->item[j]);
        i += order <= 0;
        j += order >= 0;
    }
}

void gp_directory_diff(const struct gp_org *before, const struct gp_org *after,
                       void (*line)(void *context, const char *text), void *context)
{
    struct lines old = {0}, new = {0};

    if (memcmp(before->digest, after->digest, sizeof before->digest) == 0)
        return;
    collect(&old, before);
    collect(&new, after);
    if (old.failed || new.failed)
        line(context, "(out of memory: the difference cannot be listed)");
    else
        merge(&old, &new, line, context);
    release(&old);
    release(&new);
}
