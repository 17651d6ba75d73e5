/*
 * How long the first page of each kind of query takes in a large store: incidents over ten years,
 * of which three of a hundred are open, over the sample city. They are written straight into the
 * tables of a throw-away store, as the engine would leave them, without a journal.
 *
 *   bench_query [INCIDENTS [ROUNDS [open]]]     (1,000,000, 200; a million needs 1.5 GB in TMPDIR;
 *                                                "open": all of them are)
 *
 * Each round asks with other areas, departments and posts. Times are of the processor, warm;
 * "short" counts pages that ended by what they had cost (GP_QUERY_COST_MAX), with fewer rows than
 * asked for and more behind them.
 */
#include "base/arena.h"
#include "base/bytes.h"
#include "base/clocktext.h"
#include "core/post.h"
#include "engine/internal.h"
#include "org/directory.h"
#include "rehearsal/rehearsal.h"
#include "wire/message.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define START_MS  INT64_C(1791734400000) /* 2026-10-12T00:00+08:00 */
#define LONG_MS   (INT64_C(3650) * GP_MS_DAY)
#define BATCH     4096
#define PAGE_ROWS 50

struct bench {
    const struct gp_org *org;
    struct gp_rehearsal *rehearsal;
    struct gp_store *store;
    struct gp_arena arena;
    uint64_t random, incidents;
    bool all_open;
    uint32_t grid[4096]; /* areas of that level */
    unsigned grids;
    struct gp_incident incident;
};

static void must(int rc, const char *what)
{
    if (rc == 0)
        return;
    fprintf(stderr, "bench_query: %s: %s\n", what, gp_error_text(rc));
    exit(1);
}

/* splitmix64: the same numbers in each run. */
static uint64_t below(struct bench *bench, uint64_t end)
{
    uint64_t z = bench->random += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (z ^ (z >> 31)) % end;
}

static double processor_s(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---------------------------------------------------------------- filling */

static int64_t received_of(const struct bench *bench, uint64_t id)
{
    return START_MS + (int64_t)id * (LONG_MS / (int64_t)bench->incidents);
}

/* Nine of ten of the newest 2.5 of a hundred, and a few of all that came before. */
static bool is_open(struct bench *bench, uint64_t id)
{
    bool newest = id > bench->incidents - bench->incidents / 40;
    return newest ? below(bench, 10) != 0 : below(bench, 130) == 0;
}

static uint8_t open_state(struct bench *bench)
{
    static const struct {
        uint8_t state;
        unsigned permille; /* and below */
    } states[] = {
        {GP_STATE_ACCEPTED, 480},    {GP_STATE_DISPATCHED, 700}, {GP_STATE_FINISHED, 840},
        {GP_STATE_VERIFIED, 880},    {GP_STATE_DUPLICATE, 920},  {GP_STATE_SUSPENDED, 950},
        {GP_STATE_REPORTED, 970},    {GP_STATE_REWORK, 985},     {GP_STATE_RETURNED, 995},
        {GP_STATE_ARBITRATION, 998}, {GP_STATE_REOPENED, 1000}};
    unsigned at = 0, dice = (unsigned)below(bench, 1000);

    while (dice >= states[at].permille)
        at++;
    return states[at].state;
}

static struct gp_span owner_of(struct bench *bench, uint32_t grid, const struct gp_row *row)
{
    uint32_t post = gp_post_of(bench->org, GP_POST_A, grid, row->line, GP_NONE);

    if (post == GP_NONE || below(bench, 4) == 0)
        post = gp_post_of(bench->org, GP_POST_F, grid, GP_NONE, row->department);
    return post != GP_NONE ? bench->org->posts[post].id : (struct gp_span){0};
}

static void fill_plan(struct gp_incident *incident, bool open)
{
    struct gp_plan *plan = &incident->plan;

    plan->stage_count = 1;
    plan->stage[0] = (struct gp_stage){.amount = {4, GP_UNIT_WORK_HOUR},
                                       .start_ms = incident->received_ms,
                                       .due_ms = incident->received_ms + 8 * GP_MS_HOUR,
                                       .policy = GP_SPAN("N")};
    for (uint8_t step = GP_STEP_DISPATCH; step <= GP_STEP_CARD; step++)
        plan->step[plan->step_count++] = (struct gp_plan_step){
            .at_ms = incident->received_ms + step * GP_MS_HOUR,
            .step = step,
            .status = open && step > GP_STEP_YELLOW ? GP_PLANNED : GP_DROPPED,
        };
}

static void fill_incident(struct bench *bench, uint64_t id)
{
    const struct gp_row *row = &bench->org->rows[below(bench, bench->org->row_count)];
    uint32_t grid = bench->grid[below(bench, bench->grids)];
    struct gp_incident *incident = &bench->incident;
    bool open = bench->all_open || is_open(bench, id);

    *incident = (struct gp_incident){
        .id = id,
        .version = 5,
        .state = open                     ? open_state(bench)
                 : below(bench, 100) == 0 ? GP_STATE_VOID
                                          : GP_STATE_CLOSED,
        .area = bench->org->areas[grid].ref,
        .community = bench->org->areas[bench->org->areas[grid].parent].ref,
        .row = {.code = row->code,
                .condition = row->condition,
                .line = bench->org->lines[row->line].code,
                .department = bench->org->departments[row->department].code,
                .policy = row->policy,
                .limit = row->limit,
                .is_private = row->is_private},
        .reporter = GP_SPAN("w00500201"),
        .device = GP_SPAN("handset-0001"),
        .captured_ms = received_of(bench, id),
        .received_ms = received_of(bench, id),
        .dispatched_ms = received_of(bench, id),
        .owner = owner_of(bench, grid, row),
    };
    incident->overdue_ms = below(bench, 12) == 0 ? incident->received_ms + 8 * GP_MS_HOUR : 0;
    fill_plan(incident, open);
}

static void fill(struct bench *bench)
{
    struct gp_txn *txn = NULL;

    for (uint64_t id = 1; id <= bench->incidents; id++) {
        struct gp_span record;
        if (txn == NULL)
            must(gp_txn_write(bench->store, &txn), "begin");
        fill_incident(bench, id);
        gp_arena_reset(&bench->arena);
        must(gp_wire_incident_pack(&bench->incident, &bench->arena, &record), "pack");
        must(gp_tables_write(txn, NULL, &bench->incident, record), "write");
        if (id % BATCH != 0 && id != bench->incidents)
            continue;
        must(gp_txn_commit(txn), "commit");
        txn = NULL;
    }
}

/* ---------------------------------------------------------------- asking */

enum { CITY = 1, STREET = 2, COMMUNITY = 4, GRID = 8, DEPARTMENT = 16, POST = 32, PERSON = 64 };

#define BY_OWNER (GP_STATE_BIT(GP_STATE_ACCEPTED) | GP_STATE_BIT(GP_STATE_REWORK))
#define FINISHED GP_STATE_BIT(GP_STATE_FINISHED)

struct kind {
    const char *name;
    unsigned where; /* bits of above: drawn anew in each round */
    struct gp_query query;
    int64_t days; /* period: the newest days, or, negative, a week so long ago; 0: none */
};

static const struct kind kinds[] = {
    {"everything", 0, {.limit = 0}, 0},
    {"open", 0, {.open_only = true}, 0},
    {"open, city", CITY, {.open_only = true}, 0},
    {"open, street", STREET, {.open_only = true}, 0},
    {"open, community", COMMUNITY, {.open_only = true}, 0},
    {"open, grid", GRID, {.open_only = true}, 0},
    {"grid", GRID, {.limit = 0}, 0},
    {"overdue", 0, {.overdue_only = true}, 0},
    {"overdue, open", 0, {.overdue_only = true, .open_only = true}, 0},
    {"overdue, open, street", STREET, {.overdue_only = true, .open_only = true}, 0},
    {"overdue, open, grid", GRID, {.overdue_only = true, .open_only = true}, 0},
    {"overdue, open, department", DEPARTMENT, {.overdue_only = true, .open_only = true}, 0},
    {"overdue, grid", GRID, {.overdue_only = true}, 0},
    {"accepted", 0, {.states = GP_STATE_BIT(GP_STATE_ACCEPTED)}, 0},
    {"accepted, grid", GRID, {.states = GP_STATE_BIT(GP_STATE_ACCEPTED)}, 0},
    {"returned", 0, {.states = GP_STATE_BIT(GP_STATE_RETURNED)}, 0},
    {"returned, street", STREET, {.states = GP_STATE_BIT(GP_STATE_RETURNED)}, 0},
    {"arbitration, street", STREET, {.states = GP_STATE_BIT(GP_STATE_ARBITRATION)}, 0},
    {"arbitration, department", DEPARTMENT, {.states = GP_STATE_BIT(GP_STATE_ARBITRATION)}, 0},
    {"closed", 0, {.states = GP_STATE_BIT(GP_STATE_CLOSED)}, 0},
    {"void", 0, {.states = GP_STATE_BIT(GP_STATE_VOID)}, 0},
    {"void, street", STREET, {.states = GP_STATE_BIT(GP_STATE_VOID)}, 0},
    {"void, department", DEPARTMENT, {.states = GP_STATE_BIT(GP_STATE_VOID)}, 0},
    {"department", DEPARTMENT, {.limit = 0}, 0},
    {"department, open", DEPARTMENT, {.open_only = true}, 0},
    {"department, open, street", DEPARTMENT | STREET, {.open_only = true}, 0},
    {"department, grid", DEPARTMENT | GRID, {.limit = 0}, 0},
    {"post", POST, {.limit = 0}, 0},
    {"post, open", POST, {.open_only = true}, 0},
    {"post, overdue", POST, {.overdue_only = true}, 0},
    {"person", PERSON, {.limit = 0}, 0},
    {"person, open", PERSON, {.open_only = true}, 0},
    {"newest day", 0, {.limit = 0}, 1},
    {"newest day, street", STREET, {.limit = 0}, 1},
    {"newest day, department", DEPARTMENT, {.limit = 0}, 1},
    {"newest day, overdue", 0, {.overdue_only = true}, 1},
    {"newest day, post", POST, {.limit = 0}, 1},
    {"newest month, void", 0, {.states = GP_STATE_BIT(GP_STATE_VOID)}, 30},
    {"week 5 years ago", 0, {.limit = 0}, -1825},
    {"week 5 years ago, open", 0, {.open_only = true}, -1825},
    {"week 5 years ago, open, street", STREET, {.open_only = true}, -1825},
    {"week 5 years ago, street", STREET, {.limit = 0}, -1825},
    {"week 5 years ago, department", DEPARTMENT, {.limit = 0}, -1825},
    {"newest first", 0, {.order = GP_ORDER_NEWEST}, 0},
    {"newest first, street", STREET, {.order = GP_ORDER_NEWEST}, 0},
    {"newest first, department", DEPARTMENT, {.order = GP_ORDER_NEWEST}, 0},
    {"by due, open", 0, {.open_only = true, .order = GP_ORDER_DUE}, 0},
    {"by due, open, city", CITY, {.open_only = true, .order = GP_ORDER_DUE}, 0},
    {"by due, open, street", STREET, {.open_only = true, .order = GP_ORDER_DUE}, 0},
    {"by due, open, community", COMMUNITY, {.open_only = true, .order = GP_ORDER_DUE}, 0},
    {"by due, open, department", DEPARTMENT, {.open_only = true, .order = GP_ORDER_DUE}, 0},
    {"by due, person", PERSON, {.open_only = true, .order = GP_ORDER_DUE}, 0},
    {"by due, accepted", 0, {.states = BY_OWNER, .order = GP_ORDER_DUE}, 0},
    {"by due, accepted, department", DEPARTMENT, {.states = BY_OWNER, .order = GP_ORDER_DUE}, 0},
    {"by due, finished, city", CITY, {.states = FINISHED, .order = GP_ORDER_DUE}, 0},
};

static struct gp_area_ref area_above(struct bench *bench, enum gp_level level)
{
    uint32_t area = gp_org_ancestor(bench->org, bench->grid[below(bench, bench->grids)], level);

    if (area == GP_NONE)
        return (struct gp_area_ref){0};
    struct gp_area_ref ref = bench->org->areas[area].ref;
    ref.level = GP_LEVEL_NONE;
    return ref;
}

static void draw(struct bench *bench, const struct kind *kind, struct gp_query *ret_query)
{
    const struct gp_org *org = bench->org;
    int64_t now_ms = received_of(bench, bench->incidents);

    *ret_query = kind->query;
    ret_query->limit = PAGE_ROWS;
    if (kind->where & CITY)
        ret_query->area = area_above(bench, GP_LEVEL_DISTRICT);
    if (kind->where & STREET)
        ret_query->area = area_above(bench, GP_LEVEL_STREET);
    if (kind->where & COMMUNITY)
        ret_query->area = area_above(bench, GP_LEVEL_COMMUNITY);
    if (kind->where & GRID)
        ret_query->area = area_above(bench, GP_LEVEL_GRID);
    if (kind->where & DEPARTMENT)
        ret_query->department = org->departments[below(bench, org->department_count)].code;
    if (kind->where & POST)
        ret_query->post = org->posts[below(bench, org->post_count)].id;
    if (kind->where & PERSON)
        ret_query->person = org->persons[below(bench, org->person_count)].id;
    if (kind->days > 0)
        ret_query->from_ms = now_ms - kind->days * GP_MS_DAY;
    if (kind->days < 0) {
        ret_query->from_ms = now_ms + kind->days * GP_MS_DAY;
        ret_query->to_ms = ret_query->from_ms + 7 * GP_MS_DAY;
    }
}

static int by_time(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(struct bench *bench, const struct kind *kind, unsigned rounds)
{
    double *times = calloc(rounds, sizeof *times);
    uint64_t rows = 0;
    unsigned short_pages = 0;

    must(times != NULL ? 0 : GP_ENOMEM, "memory");
    for (unsigned i = 0; i < rounds; i++) {
        struct gp_query query;
        struct gp_page page;
        draw(bench, kind, &query);
        gp_arena_reset(&bench->arena);
        double begin_s = processor_s();
        must(gp_engine_query(bench->store, bench->org, &query, (struct gp_span){0},
                             received_of(bench, bench->incidents), NULL, &bench->arena, &page),
             kind->name);
        times[i] = (processor_s() - begin_s) * 1e3;
        rows += page.count;
        short_pages += page.count < PAGE_ROWS && page.cursor_len > 0;
    }
    qsort(times, rounds, sizeof *times, by_time);
    printf("%-32s %6.1f %8.3f %8.3f %8.3f %6u\n", kind->name, (double)rows / rounds,
           times[rounds / 2], times[rounds * 99 / 100], times[rounds - 1], short_pages);
    free(times);
}

int main(int argc, char **argv)
{
    struct gp_directory *directory;
    struct gp_findings findings;
    struct bench *bench = calloc(1, sizeof *bench);
    unsigned rounds = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 200;

    must(bench != NULL ? 0 : GP_ENOMEM, "memory");
    bench->all_open = argc > 3 && strcmp(argv[3], "open") == 0;
    bench->incidents = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
    gp_findings_init(&findings);
    must(gp_directory_load(GP_SOURCE_DIR "/config", &findings, &directory), "config");
    gp_findings_release(&findings);
    bench->org = gp_directory_org(directory);
    for (uint32_t i = 0; i < bench->org->area_count; i++) {
        if (bench->org->areas[i].ref.level == GP_LEVEL_GRID && bench->grids < 4096)
            bench->grid[bench->grids++] = i;
    }
    must(gp_rehearsal_open(bench->org, START_MS, &bench->rehearsal), "store");
    bench->store = gp_rehearsal_store(bench->rehearsal);
    gp_arena_init(&bench->arena, (size_t)16 << 20);
    double begin_s = processor_s();
    fill(bench);
    printf("%" PRIu64 " incidents in %u grids, written in %.0f s\n\n", bench->incidents,
           bench->grids, processor_s() - begin_s);
    printf("%-32s %6s %8s %8s %8s %6s\n", "first page", "rows", "p50 ms", "p99 ms", "max ms",
           "short");
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        measure(bench, &kinds[i], rounds);
    gp_rehearsal_close(bench->rehearsal);
    gp_arena_release(&bench->arena);
    gp_directory_unref(directory);
    free(bench);
    return 0;
}
