/* Changes to a town that is built: who has which right, who holds what, who is away, who is on
 * duty. */
#include "lib/town.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
// clang-format off
#include <cmocka.h>
// clang-format on

void town_no_rights(struct town *town)
{
    memset(&town->org.rights, 0, sizeof town->org.rights);
}

void town_grant(struct town *town, int role, int action, int reach)
{
    town->org.rights.reach[role][action] |= (uint16_t)(1U << reach);
}

void town_vacate(struct town *town, const char *post)
{
    uint32_t index = town_post(town, post);
    size_t kept = 0;

    for (size_t i = 0; i < town->org.holding_count; i++) {
        if (town->holdings[i].post != index)
            town->holdings[kept++] = town->holdings[i];
    }
    town->org.holding_count = kept;
}

/* The post stays known by its id, but serves nowhere: nobody finds it for an area any more. */
void town_drop_post(struct town *town, const char *post)
{
    uint32_t index = town_post(town, post);
    size_t kept = 0;

    for (size_t i = 0; i < town->org.scope_count; i++) {
        if (town->scopes[i].post != index)
            town->scopes[kept++] = town->scopes[i];
    }
    assert_true(kept < town->org.scope_count);
    town->org.scope_count = kept;
}

/* Nothing is known by the old name any more, and all keeps its order: the code's next number is
 * nobody's. */
void town_lose_grid(struct town *town, const char *code)
{
    struct gp_area *area = &town->areas[town_area(town, code)];

    area->ref.padded++;
    area->code = GP_SPAN("");
    assert_true(gp_org_area(&town->org, gp_span_of(code)) == GP_NONE);
}

/* The same: a longer id stands behind the old one, and before the next. */
void town_lose_post(struct town *town, const char *post)
{
    static char ids[8][64];
    static size_t used;
    char *id = ids[used++ % 8];
    uint32_t index = town_post(town, post);

    (void)snprintf(id, sizeof ids[0], "%s!", post);
    town_drop_post(town, post);
    town->posts[index].id = gp_span_of(id);
    assert_true(gp_org_post(&town->org, gp_span_of(post)) == GP_NONE);
}

void town_lose_ladder(struct town *town, const char *id)
{
    struct gp_ladder *ladder = town_ladder(town, id);

    assert_int_equal(ladder->id.len, 1); /* "L", "N", "U": "N!" is between */
    ladder->id = gp_span_is(ladder->id, "L")   ? GP_SPAN("L!")
                 : gp_span_is(ladder->id, "N") ? GP_SPAN("N!")
                                               : GP_SPAN("U!");
}

void town_lose_rung(struct town *town, const char *id, enum gp_step step)
{
    struct gp_ladder *ladder = town_ladder(town, id);
    const struct gp_rung *rung = town_rung(town, id, step);
    size_t at = (size_t)(rung - ladder->rung);

    ladder->rung_count--;
    memmove(&ladder->rung[at], &ladder->rung[at + 1],
            (ladder->rung_count - at) * sizeof ladder->rung[0]);
}

void town_hold(struct town *town, const char *post, const char *person, const char *from,
               const char *to)
{
    struct gp_holding row = {
        .post = town_post(town, post),
        .person = town_person(town, person),
        .from_ms = town_at(from),
        .to_ms = town_at(to),
    };
    size_t at = town->org.holding_count++;

    assert_true(at < TOWN_ENTRIES_MAX);
    for (; at > 0 && (town->holdings[at - 1].post > row.post ||
                      (town->holdings[at - 1].post == row.post &&
                       town->holdings[at - 1].from_ms > row.from_ms));
         at--)
        town->holdings[at] = town->holdings[at - 1];
    town->holdings[at] = row;
}

void town_leave(struct town *town, const char *person, const char *standin, const char *from,
                const char *to)
{
    struct gp_leave row = {
        .id = GP_SPAN("leave"),
        .person = town_person(town, person),
        .standin = standin != NULL ? town_person(town, standin) : GP_NONE,
        .from_ms = town_at(from),
        .to_ms = town_at(to),
        .approved = true,
    };
    size_t at = town->org.leave_count++;

    assert_true(at < TOWN_ENTRIES_MAX);
    for (; at > 0 && (town->leaves[at - 1].person > row.person ||
                      (town->leaves[at - 1].person == row.person &&
                       town->leaves[at - 1].from_ms > row.from_ms));
         at--)
        town->leaves[at] = town->leaves[at - 1];
    town->leaves[at] = row;
}

void town_no_duty(struct town *town)
{
    town->org.shift_count = 0;
}

void town_duty(struct town *town, const char *area, const char *person, const char *from,
               const char *to)
{
    struct gp_shift row = {
        .area = town_area(town, area),
        .person = town_person(town, person),
        .valid_from_ms = town_at(from),
        .valid_to_ms = town_at(to),
    };
    size_t at = town->org.shift_count++;

    assert_true(at < TOWN_ENTRIES_MAX);
    for (; at > 0 && town->shifts[at - 1].area > row.area; at--)
        town->shifts[at] = town->shifts[at - 1];
    town->shifts[at] = row;
}

void town_version(struct town *town, const char *code, const char *from, const char *limit)
{
    size_t first = 0, at;
    int64_t from_ms = town_at(from);

    while (first < town->org.row_count && !gp_span_is(town->rows[first].code, code))
        first++;
    assert_true(first < town->org.row_count && town->org.row_count < TOWN_ROWS_MAX);
    at = first + 1;
    while (at < town->org.row_count && gp_span_equal(town->rows[at].code, town->rows[first].code) &&
           gp_span_equal(town->rows[at].condition, town->rows[first].condition) &&
           town->rows[at].valid_from_ms < from_ms)
        at++;
    memmove(&town->rows[at + 1], &town->rows[at],
            (town->org.row_count - at) * sizeof town->rows[0]);
    town->org.row_count++;
    town->rows[at] = town->rows[first];
    town->rows[at].valid_from_ms = from_ms;
    assert_int_equal(gp_limit_parse(gp_span_of(limit), &town->rows[at].limit), 0);
}
