/* First pages of all kinds of query, an assessment, and the lateness of steps: one client that asks
 * one thing after the other. */
#include "bench/many.h"

#include "core/incident.h"
#include "core/post.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ASKS       50
#define ASKS_MAX_S 1.0 /* of one kind */
#define MONTH_MS   (INT64_C(30) * 24 * 3600 * 1000)

static struct fleet fleet;
static struct gp_span reader;
static bool answered;
static void (*take)(const struct gp_reply *reply); /* the answer of what is asked */

static void on_open(struct client *client)
{
    (void)client;
    answered = true;
}

static void on_welcome(struct client *client, int status)
{
    (void)client;
    (void)status; /* nothing is sealed here */
}

static void on_reply(struct client *client, const struct gp_reply *reply)
{
    (void)client;
    if (reply->status != GP_STATUS_OK) {
        fprintf(stderr, "bench: refused: %.*s\n", GP_SPAN_ARG(reply->detail));
        exit(1);
    }
    take(reply);
    answered = true;
}

static void on_gone(struct client *client)
{
    (void)client;
    fputs("bench: the daemon closed the connection\n", stderr);
    exit(1);
}

static const struct fleet_calls calls = {on_open, on_welcome, on_reply, on_gone, on_gone};

static void connect_to(const struct many_ask *ask)
{
    fleet_open(&fleet, 1, &calls, ask->address, NULL, 0);
    client_connect(fleet.client);
    while (!answered)
        fleet_run(&fleet, 100);
    reader = city_grid_of(&ask->city, 0)->officer;
}

/* Returns how many ms the answer took. */
static double ask_once(struct gp_request *request)
{
    double begin_s = fleet_now();

    answered = false;
    request->person = reader;
    client_ask(fleet.client, request);
    while (!answered)
        fleet_run(&fleet, 1000);
    return (fleet_now() - begin_s) * 1000;
}

/* ---------------------------------------------------------------- first pages */

static uint32_t rows;
static double worst_p50_ms, worst_max_ms;

static void take_page(const struct gp_reply *reply)
{
    rows = reply->page.count;
}

static void page(const char *name, const struct gp_query *query)
{
    struct gp_request request = {.kind = GP_REQUEST_QUERY, .query = *query};
    struct samples samples;
    double until_s = fleet_now() + ASKS_MAX_S;

    samples_open(&samples);
    take = take_page;
    for (int i = 0; i < ASKS && fleet_now() < until_s; i++)
        samples_add(&samples, ask_once(&request));
    printf("page=%s rows=%u", name, rows);
    samples_print(&samples, "answer");
    putchar('\n');
    if (samples_quantile(&samples, 0.5) > worst_p50_ms)
        worst_p50_ms = samples_quantile(&samples, 0.5);
    if (samples.max_ms > worst_max_ms)
        worst_max_ms = samples.max_ms;
    samples_close(&samples);
}

/* A query as it is, of open ones only, of overdue ones, in each state that tells, of last month,
 * and of long ago. */
static void pages(const char *name, const struct gp_query *query)
{
    static const struct {
        const char *name;
        uint32_t states;
        bool open_only, overdue_only;
    } more[] = {
        {"any", 0, false, false},
        {"open", 0, true, false},
        {"overdue", 0, false, true},
        {"open-overdue", 0, true, true},
        {"dispatched", GP_STATE_BIT(GP_STATE_DISPATCHED), false, false},
        {"returned", GP_STATE_BIT(GP_STATE_RETURNED), false, false},
        {"closed", GP_STATE_BIT(GP_STATE_CLOSED), false, false},
    };
    char text[64];
    struct gp_query full;

    for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
        full = *query;
        full.states = more[i].states;
        full.open_only = more[i].open_only;
        full.overdue_only = more[i].overdue_only;
        (void)snprintf(text, sizeof text, "%s,%s", name, more[i].name);
        page(text, &full);
    }
    full = *query;
    full.from_ms = many_wall_ms() - MONTH_MS;
    (void)snprintf(text, sizeof text, "%s,month", name);
    page(text, &full);
    full.to_ms = full.from_ms;
    full.from_ms = 1;
    full.open_only = true;
    (void)snprintf(text, sizeof text, "%s,open-older", name);
    page(text, &full);
    full = *query;
    full.limit = GP_PAGE_ROWS_MAX;
    (void)snprintf(text, sizeof text, "%s,200-rows", name);
    page(text, &full);
}

int many_pages(const struct many_ask *ask)
{
    static const struct {
        const char *name;
        size_t digits;
    } areas[] = {{"district", 6}, {"street", 9}, {"community", 12}, {"grid", 15}};
    const struct gp_org *org = ask->city.org;
    const struct city_grid *grid;
    const struct gp_row *row = city_row_of(&ask->city, 0);
    uint32_t post;

    connect_to(ask);
    grid = city_grid_of(&ask->city, 0);
    pages("all", &(struct gp_query){0});
    for (size_t i = 0; i < sizeof areas / sizeof *areas; i++) {
        struct gp_query query = {0};
        (void)gp_area_parse((struct gp_span){grid->code.ptr, areas[i].digits}, &query.area);
        pages(areas[i].name, &query);
    }
    pages("department", &(struct gp_query){.department = org->departments[row->department].code});
    pages("person", &(struct gp_query){.person = grid->officer});
    post = gp_post_of(org, GP_POST_A, grid->area, row->line, row->department);
    if (post != GP_NONE)
        pages("post", &(struct gp_query){.post = org->posts[post].id});
    post = gp_post_of(org, GP_POST_F, grid->area, row->line, row->department);
    if (post != GP_NONE)
        pages("field-post", &(struct gp_query){.post = org->posts[post].id});
    printf("pages=all worst_p50_ms=%.2f worst_max_ms=%.2f\n", worst_p50_ms, worst_max_ms);
    return 0;
}

/* ---------------------------------------------------------------- assessment */

static uint64_t assessed_next, reported;

static void take_assessment(const struct gp_reply *reply)
{
    rows += reply->assess.row_count;
    for (uint32_t i = 0; i < reply->assess.row_count; i++)
        reported += reply->assess.row[i].figures.count[GP_FIGURE_REPORTED];
    assessed_next = reply->assess.next;
}

int many_assess(const struct many_ask *ask, int64_t from_ms, int64_t to_ms)
{
    struct gp_request request = {.kind = GP_REQUEST_ASSESS};

    connect_to(ask);
    take = take_assessment;
    for (int by = GP_BY_AREA; by <= GP_BY_LINE; by++) {
        double ms;
        request.assess =
            (struct gp_assess_ask){.from_ms = from_ms, .to_ms = to_ms, .by = (uint8_t)by};
        rows = 0;
        reported = 0;
        ms = ask_once(&request);
        printf("assess=%s rows=%u reported=%" PRIu64 " first_page_ms=%.0f more=%d\n",
               gp_assess_by_name(by), rows, reported, ms, assessed_next != 0);
    }
    return 0;
}

/* ---------------------------------------------------------------- steps */

static struct samples late;
static uint64_t scanned_to, feed_head, steps, early;
static int64_t first_due_ms, last_at_ms;

static void take_steps(const struct gp_reply *reply)
{
    for (uint32_t i = 0; i < reply->feed.count; i++) {
        const struct gp_entry *entry = reply->feed.item[i];
        if (steps++ == 0 || entry->nominal_ms < first_due_ms)
            first_due_ms = entry->nominal_ms;
        if (entry->at_ms > last_at_ms)
            last_at_ms = entry->at_ms;
        early += entry->at_ms < entry->nominal_ms;
        samples_add(&late, (double)(entry->at_ms - entry->nominal_ms));
    }
    scanned_to = reply->feed.scanned_to;
    feed_head = reply->feed.head;
}

int many_late(const struct many_ask *ask, uint64_t after)
{
    struct gp_request request = {.kind = GP_REQUEST_FEED,
                                 .feed.filter.whats = UINT64_C(1) << GP_WHAT_STEP,
                                 .feed.filter.escalations = true};

    connect_to(ask);
    samples_open(&late);
    take = take_steps;
    scanned_to = after;
    do {
        request.feed.after = scanned_to;
        (void)ask_once(&request);
    } while (scanned_to < feed_head);
    printf("steps=%" PRIu64 " early=%" PRIu64 " first_due_to_last_recorded_s=%.2f", steps, early,
           (double)(last_at_ms - first_due_ms) / 1000);
    samples_print(&late, "late");
    putchar('\n');
    return 0;
}

/* ---------------------------------------------------------------- after an outage */

static bool caught_up;

static void take_audit(const struct gp_reply *reply)
{
    for (uint32_t i = 0; i < reply->feed.count; i++) {
        const struct gp_entry *entry = reply->feed.item[i];
        char text[120];
        uint64_t due, fired, coalesced;
        (void)snprintf(text, sizeof text, "%.*s", GP_SPAN_ARG(entry->text));
        if (sscanf(text, "start: due %" SCNu64 " fired %" SCNu64 " coalesced %" SCNu64, &due,
                   &fired, &coalesced) != 3)
            continue;
        printf("due=%" PRIu64 " fired=%" PRIu64 " coalesced=%" PRIu64 "\n", due, fired, coalesced);
        caught_up = true;
    }
    scanned_to = reply->feed.scanned_to;
}

int many_caught(const struct many_ask *ask, uint64_t after)
{
    struct gp_request request = {.kind = GP_REQUEST_FEED,
                                 .feed.wait_ms = 20000,
                                 .feed.filter.whats = UINT64_C(1) << GP_WHAT_AUDIT};

    connect_to(ask);
    take = take_audit;
    scanned_to = after;
    while (!caught_up) {
        request.feed.after = scanned_to;
        (void)ask_once(&request);
    }
    return 0;
}
