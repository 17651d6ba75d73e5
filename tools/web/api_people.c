/* Who is there: shifts, leaves, posts that nobody holds, and hours for which nobody answers. */
#include "web/api.h"

#include "core/calendar.h"
#include "core/post.h"
#include "core/staff.h"
#include "org/coverage.h"
#include "show/show.h"

#include <stdlib.h>

#define LEAVE_DAYS 14
#define HOLES_MAX  200
#define LEAVES     200
#define ASKED_MAX  500 /* people whose leaves are asked for one by one */

/* What a call is about. */
struct people {
    int64_t at_ms;
    struct gp_area_ref area; /* padded 0: all */
    uint64_t after;          /* leaves */
    struct gp_span person;   /* whose are asked for; empty: everybody's */
    uint32_t next, asked;    /* where to look for the next of those, and how many there were */
};

/* Holes are looked for in the pool: a large city takes its time. */
struct proof {
    uv_work_t work;
    struct gp_ask *ask; /* NULL: nobody waits any more */
    struct gp_directory *directory;
    struct people people;
    json_t *holes;
    int error;
};

static bool is_below(const struct people *people, const struct gp_org *org, uint32_t area)
{
    return people->area.padded == 0 ||
           (area != GP_NONE && gp_area_covers(people->area, org->areas[area].ref));
}

/* ---------------------------------------------------------------- duty */

static void add_shift(json_t *list, const struct gp_org *org, const struct gp_shift *shift,
                      int64_t from_ms, int64_t to_ms)
{
    int64_t zone_ms = gp_org_calendar(org, shift->area)->zone_ms;

    json_array_append_new(
        list, json_pack("{s:o, s:o, s:o, s:o}", "area", gp_show_text(org->areas[shift->area].code),
                        "person", gp_show_text(org->persons[shift->person].id), "from",
                        gp_show_time(from_ms, zone_ms), "to", gp_show_time(to_ms, zone_ms)));
}

/* Covers the instant, or begins within a day of it. */
static bool is_near(int64_t from_ms, int64_t to_ms, int64_t at_ms)
{
    return to_ms > at_ms && from_ms < at_ms + GP_MS_DAY;
}

/* Yesterday's may run into today. */
static void add_weekly(json_t *list, const struct gp_org *org, const struct gp_shift *shift,
                       int64_t at_ms)
{
    int64_t zone_ms = gp_org_calendar(org, shift->area)->zone_ms;
    int64_t today = gp_day_of(at_ms, zone_ms);

    for (int64_t day = today - 1; day <= today + 1; day++) {
        int64_t begin_ms = day * GP_MS_DAY - zone_ms;
        int64_t from_ms = begin_ms + shift->from_ms, to_ms = begin_ms + shift->to_ms;
        if (to_ms <= from_ms)
            to_ms += GP_MS_DAY;
        if (((shift->weekdays >> gp_weekday(day)) & 1) != 0 && is_near(from_ms, to_ms, at_ms) &&
            from_ms >= shift->valid_from_ms && from_ms < shift->valid_to_ms)
            add_shift(list, org, shift, from_ms, to_ms);
    }
}

static json_t *duty_json(const struct people *people, const struct gp_org *org)
{
    json_t *list = json_array();

    for (size_t i = 0; i < org->shift_count; i++) {
        const struct gp_shift *shift = &org->shifts[i];
        if (!is_below(people, org, shift->area))
            continue;
        if (shift->weekdays != 0)
            add_weekly(list, org, shift, people->at_ms);
        else if (is_near(shift->valid_from_ms, shift->valid_to_ms, people->at_ms))
            add_shift(list, org, shift, shift->valid_from_ms, shift->valid_to_ms);
    }
    return list;
}

/* ---------------------------------------------------------------- vacant posts */

static json_t *vacant_post(const struct gp_org *org, uint32_t post, int64_t at_ms)
{
    const struct gp_post *is = &org->posts[post];
    struct gp_effective told = {.person = GP_NONE};

    if (is->area_count > 0)
        told = gp_post_effective(org, post, is->areas[0], at_ms);
    bool somebody = told.person != GP_NONE;
    return json_pack("{s:o, s:o, s:o}", "post", gp_show_text(is->id), "person",
                     somebody ? gp_show_text(org->persons[told.person].id) : json_null(), "path",
                     somebody ? json_string(gp_path_name(told.path)) : json_null());
}

static json_t *vacant_json(const struct people *people, const struct gp_org *org)
{
    json_t *list = json_array();

    for (uint32_t i = 0; i < org->post_count; i++) {
        const struct gp_post *post = &org->posts[i];
        uint32_t area = post->area_count > 0 ? post->areas[0] : GP_NONE;
        if (is_below(people, org, area) && gp_post_vacant(org, i, people->at_ms))
            json_array_append_new(list, vacant_post(org, i, people->at_ms));
    }
    return list;
}

/* ---------------------------------------------------------------- holes */

static void add_hole(void *context, const struct gp_org *org, const struct gp_hole *hole)
{
    struct proof *proof = context;
    const struct gp_row *row = &org->rows[hole->row];
    int64_t zone_ms = gp_org_calendar(org, hole->grid)->zone_ms;

    if (json_array_size(proof->holes) == HOLES_MAX || !is_below(&proof->people, org, hole->area))
        return;
    json_array_append_new(
        proof->holes,
        json_pack("{s:o, s:i, s:o, s:o, s:i, s:o, s:o, s:o, s:o}", "area",
                  gp_show_text(org->areas[hole->area].code), "grids", (int)hole->grids, "category",
                  gp_show_text(row->code), "condition", gp_show_text(row->condition), "rows",
                  (int)hole->rows, "line", gp_show_text(org->lines[row->line].code), "department",
                  gp_show_text(org->departments[row->department].code), "from",
                  gp_show_time(hole->from_ms, zone_ms), "to", gp_show_time(hole->to_ms, zone_ms)));
}

static void prove(uv_work_t *work)
{
    struct proof *proof = work->data;
    struct gp_coverage coverage;

    proof->error = gp_coverage_prove(gp_directory_org(proof->directory), proof->people.at_ms,
                                     add_hole, proof, &coverage);
}

static void on_proven(uv_work_t *work, int status)
{
    struct proof *proof = work->data;
    struct gp_ask *ask = proof->ask;

    (void)status; /* nothing of ours is ever cancelled */
    if (ask != NULL) {
        json_t *answer = ask->answer;
        ask->in_pool = NULL;
        ask->answer = NULL;
        json_object_set(answer, "holes", proof->holes);
        if (proof->error == 0) {
            gp_ask_json(ask, answer);
        } else {
            json_decref(answer);
            gp_ask_refuse(ask, 503, "unavailable", gp_error_text(proof->error));
        }
    }
    json_decref(proof->holes);
    gp_directory_unref(proof->directory);
    free(proof);
}

static void look_for_holes(struct gp_ask *ask)
{
    const struct people *people = ask->state;
    struct proof *proof = calloc(1, sizeof *proof);

    if (proof == NULL) {
        gp_ask_refuse(ask, 503, "unavailable", "no memory");
        return;
    }
    proof->work.data = proof;
    proof->ask = ask;
    proof->directory = gp_directory_ref(ask->directory);
    proof->people = *people;
    proof->holes = json_array();
    ask->in_pool = &proof->ask;
    (void)uv_queue_work(&ask->web->loop, &proof->work, prove, on_proven); /* fails without work */
}

/* ---------------------------------------------------------------- leaves */

static bool is_of_area(const struct gp_ask *ask, struct gp_span person)
{
    const struct people *people = ask->state;
    const struct gp_org *org = ask->speaker.org;
    struct gp_target target = {0};

    gp_target_of_person(org, gp_org_person(org, person), people->at_ms, &target);
    return people->area.padded == 0 || gp_area_covers(people->area, target.area);
}

static void ask_leaves(struct gp_ask *ask);

static bool may_see(const struct gp_ask *ask, uint32_t person)
{
    const struct gp_leaves_ask of = {.person = ask->speaker.org->persons[person].id};

    return gp_permit_leaves(&ask->speaker, &of);
}

/* Of those whose leaves the user may see: colleagues of a department, or the user alone. */
static void ask_next_person(struct gp_ask *ask)
{
    struct people *people = ask->state;
    const struct gp_org *org = ask->speaker.org;

    while (people->next < org->person_count && !may_see(ask, people->next))
        people->next++;
    if (people->next >= org->person_count || people->asked++ == ASKED_MAX) {
        look_for_holes(ask);
    } else {
        people->person = org->persons[people->next++].id;
        ask_leaves(ask);
    }
}

static void take_leaves(struct gp_ask *ask, const struct gp_reply *reply)
{
    struct people *people = ask->state;
    json_t *list = json_object_get(ask->answer, "leave");

    for (uint32_t i = 0; i < reply->leaves.count; i++) {
        const struct gp_leave_record *leave = &reply->leaves.item[i];
        if ((leave->state == GP_LEAVE_APPROVED || leave->state == GP_LEAVE_REQUESTED) &&
            is_of_area(ask, leave->person))
            json_array_append_new(list, gp_show_leave(leave));
    }
    people->after = reply->leaves.next;
    if (people->after != 0)
        ask_leaves(ask);
    else if (people->person.len > 0)
        ask_next_person(ask);
    else
        look_for_holes(ask);
}

static void ask_leaves(struct gp_ask *ask)
{
    const struct people *people = ask->state;
    struct gp_request request = {.kind = GP_REQUEST_LEAVES,
                                 .leaves = {.person = people->person,
                                            .from_ms = people->at_ms,
                                            .to_ms = people->at_ms + LEAVE_DAYS * GP_MS_DAY,
                                            .after = people->after,
                                            .limit = LEAVES}};

    ask->skip = people->person.len > 0 ? ask_next_person : look_for_holes; /* rights have changed */
    gp_ask_daemon(ask, &request, take_leaves);
}

static void begin_leaves(struct gp_ask *ask)
{
    bool all = gp_permit_leaves(&ask->speaker, &(const struct gp_leaves_ask){0});

    json_object_set_new(ask->answer, "leave_partial", json_boolean(!all));
    if (all)
        ask_leaves(ask);
    else
        ask_next_person(ask);
}

/* ---------------------------------------------------------------- the call */

void gp_api_people(struct gp_exchange *exchange, void *context)
{
    struct gp_ask *ask = gp_ask_begin(exchange, context);

    if (ask == NULL)
        return;
    struct people *people = gp_arena_zalloc(&ask->arena, 1, sizeof *people);
    ask->state = people;
    if (people == NULL) {
        gp_ask_refuse(ask, 503, "unavailable", "no memory");
        return;
    }
    people->at_ms = ask->speaker.now_ms;
    if (!gp_ask_area(ask, "area", &people->area) || !gp_ask_when(ask, "at", &people->at_ms))
        return;
    if (!gp_permit_roster(&ask->speaker, people->area)) {
        gp_ask_refuse(ask, 403, "no_right", "roster");
        return;
    }
    const struct gp_org *org = ask->speaker.org;
    ask->answer = json_pack("{s:o, s:o, s:[], s:o}", "at", gp_ask_time(people->at_ms), "duty",
                            duty_json(people, org), "leave", "vacant", vacant_json(people, org));
    begin_leaves(ask);
}
