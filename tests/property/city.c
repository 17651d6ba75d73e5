#include "property/city.h"

#include "org/directory.h"

#include <stdio.h>
#include <stdlib.h>

static struct gp_org orgs[CITY_VARIANTS];

static void *copy(const void *from, size_t count, size_t size)
{
    void *to = malloc(count * size);

    if (to == NULL)
        abort();
    return memcpy(to, from, count * size);
}

static const struct gp_org *load(void)
{
    struct gp_findings findings;
    static struct gp_directory *directory; /* as long as the program: what it holds is pointed to */

    gp_findings_init(&findings);
    if (gp_directory_load(GP_SOURCE_DIR "/tests/golden/config", &findings, &directory) != 0) {
        for (size_t i = 0; i < findings.count; i++)
            fprintf(stderr, "%s:%u %s\n", findings.item[i].file, findings.item[i].line,
                    findings.item[i].problem);
        exit(1);
    }
    gp_findings_release(&findings);
    return gp_directory_org(directory);
}

/* ---------------------------------------------------------------- changes, each to a copy */

static struct gp_row *row(struct gp_org *org, const char *code)
{
    for (size_t i = 0; i < org->row_count; i++) {
        if (gp_span_is(org->rows[i].code, code))
            return (struct gp_row *)&org->rows[i];
    }
    abort();
}

static void limit(struct gp_org *org, const char *code, const char *text)
{
    if (gp_limit_parse(gp_span_of(text), &row(org, code)->limit) != 0)
        abort();
}

static struct gp_rung *rung(struct gp_org *org, const char *ladder, enum gp_step step)
{
    struct gp_ladder *found =
        (struct gp_ladder *)&org->ladders[gp_org_ladder(org, gp_span_of(ladder))];

    for (uint8_t i = 0; i < found->rung_count; i++) {
        if (found->rung[i].step == (uint8_t)step)
            return &found->rung[i];
    }
    abort();
}

static void vacate(struct gp_org *org, const char *post)
{
    struct gp_holding *holdings = (struct gp_holding *)org->holdings;
    size_t kept = 0;

    for (size_t i = 0; i < org->holding_count; i++) {
        if (!gp_span_is(org->posts[holdings[i].post].id, post))
            holdings[kept++] = holdings[i];
    }
    org->holding_count = kept;
}

static void drop_row(struct gp_org *org, const char *code)
{
    struct gp_row *rows = (struct gp_row *)org->rows;
    size_t kept = 0;

    for (size_t i = 0; i < org->row_count; i++) {
        if (!gp_span_is(rows[i].code, code))
            rows[kept++] = rows[i];
    }
    org->row_count = kept;
}

static struct gp_org own(const struct gp_org *from, unsigned variant)
{
    struct gp_org org = *from;

    org.rows = copy(from->rows, from->row_count, sizeof *from->rows);
    org.holdings = copy(from->holdings, from->holding_count, sizeof *from->holdings);
    org.ladders = copy(from->ladders, from->ladder_count, sizeof *from->ladders);
    org.calendars = copy(from->calendars, from->calendar_count, sizeof *from->calendars);
    org.digest[0] ^= (unsigned char)variant;
    row(&org, "n2")->on_spot = true;
    row(&org, "i4")->on_spot = true;
    row(&org, "p4")->on_spot = true;
    return org;
}

/* ---------------------------------------------------------------- leave.csv */

#define LEAVE_PEOPLE 4
#define LEAVE_ROWS   (LEAVE_PEOPLE * 8)
/* 2026-01-06T00:00+08:00 */
#define LEAVE_START_MS INT64_C(1767628800000)

static int by_person(const void *a, const void *b)
{
    const struct gp_leave *x = a, *y = b;

    if (x->person != y->person)
        return x->person < y->person ? -1 : 1;
    return (x->from_ms > y->from_ms) - (x->from_ms < y->from_ms);
}

/* Every seven weeks somebody is away for some days, from `shift` days later on. A row has the same
 * id in every directory, so that a reload changes it. */
static void leave_rows(struct gp_org *org, int shift, size_t rows)
{
    static const char *const people[LEAVE_PEOPLE] = {"chen", "he", "li", "shen"};
    static char ids[LEAVE_ROWS][8];
    struct gp_leave *leaves = calloc(rows, sizeof *leaves);

    if (leaves == NULL || rows > LEAVE_ROWS)
        abort();
    for (size_t i = 0; i < rows; i++) {
        size_t who = i % LEAVE_PEOPLE;
        int64_t day = (int64_t)(i / LEAVE_PEOPLE) * 49 + (int64_t)who * 5 + shift * (int)(i % 3);
        (void)snprintf(ids[i], sizeof ids[i], "row-%zu", i);
        leaves[i] = (struct gp_leave){
            .id = gp_span_of(ids[i]),
            .person = gp_org_person(org, gp_span_of(people[who])),
            .standin = i % 2 ? gp_org_person(org, GP_SPAN("zhao")) : GP_NONE,
            .from_ms = LEAVE_START_MS + day * GP_MS_DAY,
            .to_ms = LEAVE_START_MS + (day + 2 + (int64_t)who) * GP_MS_DAY,
            .approved = i % 5 != 0,
        };
    }
    qsort(leaves, rows, sizeof *leaves, by_person);
    org->leaves = leaves;
    org->leave_count = rows;
}

/* ---------------------------------------------------------------- what an office might do */

static void other_limits(struct gp_org *org)
{
    limit(org, "n4", "6wh");
    limit(org, "n8", "3wh");
    limit(org, "u2", "3uh");
    limit(org, "s25", "1uh+3wd+2wh");
    limit(org, "l5", "7wd");
    row(org, "n2d")->wd_mode = GP_WD_CLOCK;
    leave_rows(org, 0, LEAVE_ROWS);
}

/* Fridays become free, and nobody works on the first days of a month in summer. */
static void other_hours(struct gp_org *org)
{
    struct gp_calendar *calendar = (struct gp_calendar *)&org->calendars[0];
    struct gp_week *weeks = copy(calendar->weeks, calendar->week_count, sizeof *weeks);

    for (size_t i = 0; i < calendar->week_count; i++) {
        weeks[i].hours[4].segment_count = 0;
        weeks[i].hours[2].segment[0].from_ms += (int32_t)GP_MS_HOUR;
    }
    calendar->weeks = weeks;
    calendar->known_until_ms += 365 * GP_MS_DAY;
}

static void other_ladders(struct gp_org *org)
{
    rung(org, "N", GP_STEP_YELLOW)->percent = 60;
    rung(org, "N", GP_STEP_BLUE)->amount.n = 2;
    rung(org, "N", GP_STEP_CARD)->amount.n = 12;
    rung(org, "U", GP_STEP_CARD)->amount.n = 8;
    rung(org, "L", GP_STEP_REPEAT)->amount.n = 16;
    row(org, "n8")->policy = gp_span_of("L");
    row(org, "u1")->policy = gp_span_of("N");
    leave_rows(org, 2, LEAVE_ROWS - 3);
}

static void vacancies(struct gp_org *org)
{
    vacate(org, "A-shizheng-340705006001");
    vacate(org, "F-SZ");
    vacate(org, "K-XF");
    vacate(org, "F-XF");
    vacate(org, "SK-340705006");
    vacate(org, "D2-340705402");
}

static void less(struct gp_org *org)
{
    drop_row(org, "n2d");
    limit(org, "s25", "2uh");
    limit(org, "n2", "0wh");
    limit(org, "n4", "2uh");
    row(org, "n4")->policy = gp_span_of("U");
}

void city_load(void)
{
    static void (*const change[CITY_VARIANTS])(struct gp_org *) = {
        NULL, other_limits, other_hours, other_ladders, vacancies, less};
    const struct gp_org *base = load();

    for (unsigned i = 0; i < CITY_VARIANTS; i++) {
        orgs[i] = own(base, i);
        if (change[i] != NULL)
            change[i](&orgs[i]);
    }
}

const struct gp_org *city_org(unsigned variant)
{
    return &orgs[variant % CITY_VARIANTS];
}
