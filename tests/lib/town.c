#include "lib/town.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define ZONE_MS      (8 * GP_MS_HOUR)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---------------------------------------------------------------- the tables */

static const struct {
    const char *code, *parent;
    uint8_t level;
} area_rows[TOWN_AREAS] = {
    /* by (padded, level) */
    {"340705", NULL, GP_LEVEL_DISTRICT},
    {"340705006", "340705", GP_LEVEL_STREET},
    {"340705006001", "340705006", GP_LEVEL_COMMUNITY},
    {"340705006001001", "340705006001", GP_LEVEL_GRID},
    {"340705006001002", "340705006001", GP_LEVEL_GRID},
    {"340705007", "340705", GP_LEVEL_STREET},
    {"340705007000001", "340705007", GP_LEVEL_GRID},
    {"340705402", "340705", GP_LEVEL_COMMUNITY},
    {"340705402001", "340705402", GP_LEVEL_COMMITTEE},
    {"340705402001001", "340705402001", GP_LEVEL_GRID},
    {"340705402001002", "340705402001", GP_LEVEL_GRID},
};

static const char *const person_rows[TOWN_PERSONS] = {
    /* by id */
    "cao", "chen", "chu",  "feng",  "han",  "he",    "hua",  "jiang", "jin", "kong",
    "li",  "lv",   "qian", "qin",   "shen", "shi",   "sun",  "wang",  "wei", "wu",
    "xu",  "yan",  "yang", "zhang", "zhao", "zheng", "zhou", "zhu",
};

static const char *const department_rows[3] = {"GS", "SZ", "XF"};

static const struct {
    const char *code;
    uint32_t department;
} line_rows[3] = {{"gongyong", 0}, {"shizheng", 1}, {"xiaofang", 2}};

static const struct {
    const char *id;
    uint8_t kind;
    const char *areas[2];
    const char *line, *department, *deputy, *holder;
} post_rows[] = {
    /* by id */
    {"A-gongyong-340705006001", GP_POST_A, {"340705006001"}, "gongyong", NULL, "zhao", "zhang"},
    {"A-shizheng-340705006001", GP_POST_A, {"340705006001"}, "shizheng", NULL, "zhao", "li"},
    {"A-shizheng-340705402", GP_POST_A, {"340705402"}, "shizheng", NULL, "lv", "he"},
    {"A-xiaofang-340705006001", GP_POST_A, {"340705006001"}, "xiaofang", NULL, NULL, NULL},
    {"A-xiaofang-340705402", GP_POST_A, {"340705402"}, "xiaofang", NULL, "he", "lv"},
    {"B-340705006001001", GP_POST_B, {"340705006001001"}, NULL, NULL, "zhao", "li"},
    {"B-340705006001002", GP_POST_B, {"340705006001002"}, NULL, NULL, "li", "zhang"},
    {"B-340705402001001", GP_POST_B, {"340705402001001"}, NULL, NULL, "he", "lv"},
    {"B-340705402001002", GP_POST_B, {"340705402001002"}, NULL, NULL, "lv", "he"},
    {"D1-340705006001", GP_POST_D1, {"340705006001"}, NULL, NULL, "wang", "qian"},
    {"D1-340705402", GP_POST_D1, {"340705402"}, NULL, NULL, "shi", "kong"},
    {"D2-340705006001", GP_POST_D2, {"340705006001"}, NULL, NULL, "qian", "wang"},
    {"D2-340705402", GP_POST_D2, {"340705402"}, NULL, NULL, "kong", "shi"},
    {"F-GS", GP_POST_F, {"340705006001", "340705402"}, NULL, "GS", "hua", "yan"},
    {"F-SZ", GP_POST_F, {"340705006001", "340705402"}, NULL, "SZ", "chu", "chen"},
    {"F-XF", GP_POST_F, {"340705006001", "340705402"}, NULL, "XF", "han", "shen"},
    {"H-GS", GP_POST_H, {NULL}, NULL, "GS", NULL, "jin"},
    {"H-SZ", GP_POST_H, {NULL}, NULL, "SZ", NULL, "jiang"},
    {"H-XF", GP_POST_H, {NULL}, NULL, "XF", NULL, "jin"},
    {"H2-GS", GP_POST_H2, {NULL}, NULL, "GS", NULL, "hua"},
    {"H2-SZ", GP_POST_H2, {NULL}, NULL, "SZ", NULL, "wei"},
    {"H2-XF", GP_POST_H2, {NULL}, NULL, "XF", NULL, "yang"},
    {"K-GS", GP_POST_K, {NULL}, NULL, "GS", "yan", "hua"},
    {"K-SZ", GP_POST_K, {NULL}, NULL, "SZ", "chen", "chu"},
    {"K-XF", GP_POST_K, {NULL}, NULL, "XF", "shen", "han"},
    {"R-340705006001", GP_POST_R, {"340705006001"}, NULL, NULL, NULL, "sun"},
    {"R-340705402", GP_POST_R, {"340705402"}, NULL, NULL, NULL, "cao"},
    {"S1-340705", GP_POST_S1, {"340705"}, NULL, NULL, NULL, "qin"},
    {"S1-340705006", GP_POST_S1, {"340705006"}, NULL, NULL, NULL, "zhou"},
    {"S2-340705006", GP_POST_S2, {"340705006"}, NULL, NULL, NULL, "wu"},
    {"SK-340705", GP_POST_SK, {"340705"}, NULL, NULL, "xu", "zhu"},
    {"SK-340705006", GP_POST_SK, {"340705006"}, NULL, NULL, "wu", "zheng"},
    {"X-340705", GP_POST_X, {"340705"}, NULL, NULL, NULL, "xu"},
    {"X-340705006", GP_POST_X, {"340705006"}, NULL, NULL, NULL, "feng"},
};

static const struct {
    const char *area, *person;
    uint8_t weekdays;
    int from_hour, to_hour;
} shift_rows[] = {
    /* by area */
    {"340705", "zhu", 0x7f, 18, 8},         {"340705", "xu", 0x60, 8, 18},
    {"340705006", "zheng", 0x7f, 18, 8},    {"340705006001", "zhang", 0x1f, 18, 8},
    {"340705006001", "zhang", 0x60, 0, 24},
};

static const struct {
    const char *code, *condition, *line;
    uint8_t first_owner;
    const char *limit, *policy;
    bool street, fire; /* tell: S, XF */
    uint8_t wd_mode;
    bool is_private, informed, manual;
} catalogue_rows[] = {
    /* by (code, condition) */
    {"c", "broken", "shizheng", GP_POST_A, "4wh", "N", false, false, 0, false, false, false},
    {"c", "missing", "shizheng", GP_POST_A, "2uh", "U", false, false, 0, false, false, false},
    {"d3", "default", "shizheng", GP_POST_A, "3wd", "N", false, false, GP_WD_EOD, false, false,
     false},
    {"f2", "default", "xiaofang", GP_POST_A, "2wh", "N", false, false, 0, false, false, false},
    {"i4", "default", "shizheng", GP_POST_A, "4wh", "N", true, false, 0, false, true, false},
    {"l5", "default", "shizheng", GP_POST_A, "5wd", "L", false, false, 0, false, false, false},
    {"m4", "default", "shizheng", GP_POST_A, "4wh", "N", false, false, 0, false, false, true},
    {"mp4", "default", "shizheng", GP_POST_A, "4wh", "N", false, false, 0, true, false, true},
    {"n2", "default", "shizheng", GP_POST_A, "2wh", "N", false, false, 0, false, false, false},
    {"n4", "default", "shizheng", GP_POST_A, "4wh", "N", false, false, 0, false, false, false},
    {"n8", "default", "shizheng", GP_POST_A, "8wh", "N", false, false, 0, false, false, false},
    {"p4", "default", "shizheng", GP_POST_A, "4wh", "N", false, false, 0, true, true, false},
    {"s222", "default", "shizheng", GP_POST_A, "2uh+2wh+2wh", "U", false, false, 0, false, false,
     false},
    {"s24", "default", "shizheng", GP_POST_A, "2uh+4wh", "U", false, false, 0, false, false, false},
    {"s25", "default", "shizheng", GP_POST_A, "2uh+5wd", "U", false, false, 0, false, false, false},
    {"u1", "default", "gongyong", GP_POST_F, "1uh", "U", true, true, 0, false, false, false},
    {"u2", "default", "shizheng", GP_POST_A, "2uh", "U", false, false, 0, false, false, false},
};

/* Days off and make-up days of 2026, month and day. */
static const struct {
    int month, first, last;
} off_rows[] = {
    {1, 1, 3}, {2, 15, 23}, {4, 4, 6}, {5, 1, 5}, {6, 19, 21}, {9, 25, 27}, {10, 1, 7},
};
static const struct {
    int month, day;
} work_rows[] = {{1, 4}, {2, 14}, {2, 28}, {5, 9}, {9, 20}, {10, 10}};

#define TELL(word) (UINT32_C(1) << GP_TELL_##word)
#define WH(count)                                                                                  \
    {                                                                                              \
        .n = (count), .unit = GP_UNIT_WORK_HOUR                                                    \
    }
#define UH(count)                                                                                  \
    {                                                                                              \
        .n = (count), .unit = GP_UNIT_URGENT_HOUR                                                  \
    }
#define MIN(count)                                                                                 \
    {                                                                                              \
        .n = (count), .unit = GP_UNIT_MINUTE                                                       \
    }

#define FROM_START .anchor = GP_ANCHOR_START
#define FROM_DUE   .anchor = GP_ANCHOR_DUE
#define AFTER(...) .has_amount = true, .amount = __VA_ARGS__
#define PART(n)    .has_percent = true, .percent = (n)
#define REPEAT(every, count, later)                                                                \
    .step = GP_STEP_REPEAT, .anchor = GP_ANCHOR_CARD, AFTER(every), .times = (count), .then = later

/* The rungs that N and L share in everything but their hours. */
#define WORK_START                                                                                 \
    {.step = GP_STEP_DISPATCH, FROM_START, .tells = TELL(OWNER) | TELL(B) | TELL(ROW)},            \
    {                                                                                              \
        .step = GP_STEP_UNACCEPTED, FROM_START, AFTER(WH(2)), PART(25),                            \
        .tells = TELL(DEPUTY) | TELL(D2)                                                           \
    }
#define WORK_YELLOW(name, part)                                                                    \
    {                                                                                              \
        .step = GP_STEP_##name, FROM_START, PART(part), .tells = TELL(OWNER) | TELL(B)             \
    }
#define WORK_LATE(blue, orange, card)                                                              \
    {.step = GP_STEP_RED, FROM_DUE, .handover = true, .tells = TELL(K) | TELL(D1) | TELL(D2)},     \
        {.step = GP_STEP_BLUE, FROM_DUE, AFTER(WH(blue)), .tells = TELL(H2) | TELL(R)},            \
        {.step = GP_STEP_ORANGE,                                                                   \
         FROM_DUE,                                                                                 \
         AFTER(WH(orange)),                                                                        \
         .tells = TELL(S1) | TELL(S2) | TELL(H)},                                                  \
        {.step = GP_STEP_CARD, FROM_DUE, AFTER(WH(card)), .strike = true, .tells = TELL(X)},       \
    {                                                                                              \
        REPEAT(WH(8), 10, WH(40)), .tells = TELL(X)                                                \
    }

static const struct gp_ladder ladder_rows[3] = {
    /* by id */
    {.rung = {WORK_START, WORK_YELLOW(YELLOW1, 50), WORK_YELLOW(YELLOW, 80), WORK_LATE(8, 24, 40)},
     .rung_count = 9},
    {.rung = {WORK_START, WORK_YELLOW(YELLOW, 80), WORK_LATE(4, 8, 24)}, .rung_count = 8},
    {.rung =
         {
             {.step = GP_STEP_DISPATCH,
              FROM_START,
              .tells = TELL(OWNER) | TELL(DEPUTY) | TELL(Z) | TELL(B) | TELL(ROW) | TELL(D2)},
             {.step = GP_STEP_UNACCEPTED,
              FROM_START,
              AFTER(MIN(15)),
              .tells = TELL(DEPUTY) | TELL(D2)},
             {.step = GP_STEP_YELLOW, FROM_START, PART(50), .tells = TELL(OWNER) | TELL(B)},
             {.step = GP_STEP_RED,
              FROM_DUE,
              .handover = true,
              .tells = TELL(K) | TELL(D1) | TELL(D2) | TELL(SZ) | TELL(H)},
             {.step = GP_STEP_BLUE, FROM_DUE, AFTER(UH(1)), .tells = TELL(X)},
             {.step = GP_STEP_CARD, FROM_DUE, AFTER(UH(4)), .strike = true, .tells = TELL(X)},
             {REPEAT(UH(4), 12, UH(24)), .tells = TELL(X)},
         },
     .rung_count = 7,
     .continuous = true},
};

/* ---------------------------------------------------------------- looking up */

static uint32_t found(uint32_t index, const char *name)
{
    if (index == GP_NONE)
        fail_msg("the town has no '%s'", name);
    return index;
}

uint32_t town_person(const struct town *town, const char *id)
{
    return found(gp_org_person(&town->org, gp_span_of(id)), id);
}

uint32_t town_post(const struct town *town, const char *id)
{
    return found(gp_org_post(&town->org, gp_span_of(id)), id);
}

uint32_t town_area(const struct town *town, const char *code)
{
    return found(gp_org_area(&town->org, gp_span_of(code)), code);
}

int64_t town_at(const char *text)
{
    char full[40];
    int64_t ms;

    (void)snprintf(full, sizeof full, "%s+08:00", text);
    if (gp_instant_parse(gp_span_of(full), &ms) != 0)
        fail_msg("'%s' is no time", text);
    return ms;
}

struct gp_row *town_row(struct town *town, const char *code)
{
    uint32_t row = gp_org_row(&town->org, gp_span_of(code), GP_SPAN("default"), 0);
    return &town->rows[found(row, code)];
}

struct gp_ladder *town_ladder(struct town *town, const char *id)
{
    return &town->ladders[found(gp_org_ladder(&town->org, gp_span_of(id)), id)];
}

struct gp_rung *town_rung(struct town *town, const char *id, enum gp_step step)
{
    struct gp_ladder *ladder = town_ladder(town, id);

    for (uint8_t i = 0; i < ladder->rung_count; i++) {
        if (ladder->rung[i].step == (uint8_t)step)
            return &ladder->rung[i];
    }
    fail_msg("ladder %s has no %s", id, gp_step_name(step));
    return NULL;
}

/* ---------------------------------------------------------------- building */

static void build_areas(struct town *town)
{
    for (size_t i = 0; i < TOWN_AREAS; i++) {
        struct gp_area *area = &town->areas[i];
        *area = (struct gp_area){
            .code = gp_span_of(area_rows[i].code),
            .name = gp_span_of(area_rows[i].code),
            .calendar = i == 0 ? 0 : GP_NONE,
            .parent = GP_NONE,
            .alias_of = GP_NONE,
            .valid_from_ms = INT64_MIN,
            .valid_to_ms = INT64_MAX,
        };
        assert_int_equal(gp_area_parse(area->code, &area->ref), 0);
        area->ref.level = area_rows[i].level;
        town->org.area_count = i + 1;
        if (area_rows[i].parent != NULL)
            area->parent = town_area(town, area_rows[i].parent);
    }
}

static void build_people(struct town *town)
{
    for (size_t i = 0; i < TOWN_PERSONS; i++)
        town->persons[i] = (struct gp_person){
            .id = gp_span_of(person_rows[i]),
            .name = gp_span_of(person_rows[i]),
            .department = GP_NONE,
        };
    for (size_t i = 0; i < 3; i++) {
        town->departments[i].code = gp_span_of(department_rows[i]);
        town->lines[i].code = gp_span_of(line_rows[i].code);
        town->lines[i].department = line_rows[i].department;
    }
    town->org.person_count = TOWN_PERSONS;
    town->org.department_count = 3;
    town->org.line_count = 3;
}

static void add_scope(struct town *town, const struct gp_post *post, uint32_t index, uint32_t area)
{
    assert_true(town->org.scope_count < TOWN_SCOPES_MAX);
    town->scopes[town->org.scope_count++] = (struct gp_scope){
        .kind = post->kind,
        .area = area,
        .line = post->line,
        .department = post->department,
        .post = index,
    };
}

static void build_post(struct town *town, uint32_t index)
{
    struct gp_post *post = &town->posts[index];

    *post = (struct gp_post){
        .id = gp_span_of(post_rows[index].id),
        .key = gp_post_key(gp_span_of(post_rows[index].id)),
        .kind = post_rows[index].kind,
        .line = GP_NONE,
        .department = GP_NONE,
        .areas = town->post_areas[index],
    };
    if (post_rows[index].line != NULL)
        post->line = found(gp_org_line(&town->org, gp_span_of(post_rows[index].line)), "line");
    if (post_rows[index].department != NULL)
        post->department = found(
            gp_org_department(&town->org, gp_span_of(post_rows[index].department)), "department");
    if (post_rows[index].deputy != NULL)
        post->deputies[post->deputy_count++] = town_person(town, post_rows[index].deputy);
    for (size_t i = 0; i < 2 && post_rows[index].areas[i] != NULL; i++) {
        town->post_areas[index][post->area_count++] = town_area(town, post_rows[index].areas[i]);
        add_scope(town, post, index, town->post_areas[index][i]);
    }
    if (post->area_count == 0)
        add_scope(town, post, index, GP_NONE);
}

static int by_scope(const void *left, const void *right)
{
    const struct gp_scope *a = left, *b = right;

    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->area != b->area)
        return a->area < b->area ? -1 : 1;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    return (a->department > b->department) - (a->department < b->department);
}

static void index_by_key(struct town *town)
{
    for (uint32_t i = 0; i < town->org.post_count; i++) {
        uint32_t at = i;
        for (; at > 0 && town->posts[town->posts_by_key[at - 1]].key > town->posts[i].key; at--)
            town->posts_by_key[at] = town->posts_by_key[at - 1];
        town->posts_by_key[at] = i;
    }
}

static void build_posts(struct town *town)
{
    for (uint32_t i = 0; i < COUNT(post_rows); i++) {
        assert_true(i == 0 || strcmp(post_rows[i - 1].id, post_rows[i].id) < 0);
        build_post(town, i);
        town->org.post_count = i + 1;
    }
    qsort(town->scopes, town->org.scope_count, sizeof town->scopes[0], by_scope);
    index_by_key(town);
    for (size_t i = 0; i < COUNT(post_rows); i++) {
        if (post_rows[i].holder != NULL)
            town_hold(town, post_rows[i].id, post_rows[i].holder, TOWN_ALWAYS);
    }
}

static void build_shifts(struct town *town)
{
    for (size_t i = 0; i < COUNT(shift_rows); i++)
        town->shifts[i] = (struct gp_shift){
            .area = town_area(town, shift_rows[i].area),
            .person = town_person(town, shift_rows[i].person),
            .weekdays = shift_rows[i].weekdays,
            .from_ms = shift_rows[i].from_hour * (int32_t)GP_MS_HOUR,
            .to_ms = shift_rows[i].to_hour * (int32_t)GP_MS_HOUR,
            .valid_from_ms = INT64_MIN,
            .valid_to_ms = INT64_MAX,
        };
    town->org.shift_count = COUNT(shift_rows);
}

static void build_rows(struct town *town)
{
    for (size_t i = 0; i < COUNT(catalogue_rows); i++) {
        uint32_t line = found(gp_org_line(&town->org, gp_span_of(catalogue_rows[i].line)), "line");
        struct gp_row *row = &town->rows[i];
        *row = (struct gp_row){
            .code = gp_span_of(catalogue_rows[i].code),
            .condition = gp_span_of(catalogue_rows[i].condition),
            .line = line,
            .department = town->lines[line].department,
            .first_owner = catalogue_rows[i].first_owner,
            .wd_mode = catalogue_rows[i].wd_mode,
            .policy = gp_span_of(catalogue_rows[i].policy),
            .ladder = gp_org_ladder(&town->org, gp_span_of(catalogue_rows[i].policy)),
            .is_private = catalogue_rows[i].is_private,
            .informed = catalogue_rows[i].informed,
            .manual_filing = catalogue_rows[i].manual,
        };
        if (catalogue_rows[i].street)
            row->tell[row->tell_count++] = (struct gp_party){GP_PARTY_STREET, GP_NONE};
        if (catalogue_rows[i].fire)
            row->tell[row->tell_count++] = (struct gp_party){GP_PARTY_DEPARTMENT, 2};
        assert_int_equal(gp_limit_parse(gp_span_of(catalogue_rows[i].limit), &row->limit), 0);
    }
    town->org.row_count = COUNT(catalogue_rows);
}

static void build_ladders(struct town *town)
{
    static const char *const ids[3] = {"L", "N", "U"};

    for (size_t i = 0; i < 3; i++) {
        struct gp_ladder *ladder = &town->ladders[i];
        *ladder = ladder_rows[i];
        ladder->id = gp_span_of(ids[i]);
        ladder->next = GP_SPAN("N");
        ladder->next_long = GP_SPAN("L");
        ladder->next_long_wd = 5;
        for (uint8_t k = 0; k < ladder->rung_count; k++)
            ladder->rung[k].urgent = ladder->continuous;
    }
    town->org.ladder_count = 3;
}

static void put_special(struct town *town, int64_t day, bool work)
{
    size_t at = 0;

    while (at < town->calendar.special_count && town->specials[at].day < day)
        at++;
    if (at == town->calendar.special_count || town->specials[at].day != day) {
        assert_true(town->calendar.special_count < COUNT(town->specials));
        memmove(&town->specials[at + 1], &town->specials[at],
                (town->calendar.special_count - at) * sizeof town->specials[0]);
        town->calendar.special_count++;
    }
    town->specials[at] = (struct gp_special_day){.day = day, .work = work};
}

static void build_calendar(struct town *town)
{
    static const struct gp_day_hours hours = {
        .segment = {{8 * GP_MS_HOUR, 12 * GP_MS_HOUR}, {14 * GP_MS_HOUR, 18 * GP_MS_HOUR}},
        .segment_count = 2,
    };

    town->week = (struct gp_week){.first_day = INT64_MIN, .last_day = INT64_MAX};
    for (int i = 0; i < 5; i++)
        town->week.hours[i] = hours;
    town->calendar = (struct gp_calendar){
        .id = GP_SPAN("office"),
        .zone_ms = ZONE_MS,
        .workday_ms = 8 * GP_MS_HOUR,
        .known_until_ms = town_at("2027-01-01 00:00"),
        .weeks = &town->week,
        .week_count = 1,
        .specials = town->specials,
    };
    for (size_t i = 0; i < COUNT(off_rows); i++) {
        for (int day = off_rows[i].first; day <= off_rows[i].last; day++)
            put_special(town, gp_day_from_date(2026, off_rows[i].month, day), false);
    }
    for (size_t i = 0; i < COUNT(work_rows); i++)
        put_special(town, gp_day_from_date(2026, work_rows[i].month, work_rows[i].day), true);
}

static void build_rights(struct town *town)
{
    for (int role = GP_ROLE_OFFICER; role < GP_ROLES_END; role++) {
        for (int action = 1; action < GP_ACTIONS_END; action++)
            town_grant(town, role, action, GP_REACH_ALL);
    }
}

void town_build(struct town *town)
{
    memset(town, 0, sizeof *town);
    town->org = (struct gp_org){
        .areas = town->areas,
        .persons = town->persons,
        .departments = town->departments,
        .lines = town->lines,
        .posts = town->posts,
        .posts_by_key = town->posts_by_key,
        .scopes = town->scopes,
        .holdings = town->holdings,
        .leaves = town->leaves,
        .shifts = town->shifts,
        .rows = town->rows,
        .ladders = town->ladders,
        .calendars = &town->calendar,
        .calendar_count = 1,
    };
    build_calendar(town);
    build_areas(town);
    build_people(town);
    build_posts(town);
    build_shifts(town);
    build_ladders(town);
    build_rows(town);
    build_rights(town);
}

/* ---------------------------------------------------------------- other days */

static int64_t day_of(const char *text)
{
    int64_t day;

    if (gp_date_parse(gp_span_of(text), &day) != 0)
        fail_msg("'%s' is no day", text);
    return day;
}

void town_work(struct town *town, const char *day)
{
    put_special(town, day_of(day), true);
}

void town_off(struct town *town, const char *day)
{
    put_special(town, day_of(day), false);
}

void town_end(struct town *town, const char *day)
{
    int64_t last = day_of(day);
    size_t kept = 0;

    town->week.last_day = last;
    while (kept < town->calendar.special_count && town->specials[kept].day <= last)
        kept++;
    town->calendar.special_count = kept;
}
