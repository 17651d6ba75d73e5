#include "wire/sample_figures.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define NUMBER(field) assert_int_equal(a->field, b->field)
#define TEXT(field)   assert_true(gp_span_equal(a->field, b->field))

/* ---------------------------------------------------------------- samples */

struct gp_daemon_status sample_status(void)
{
    return (struct gp_daemon_status){
        .version = GP_SPAN("version"),
        .directory = GP_SPAN("directory"),
        .reload = GP_SPAN("reload"),
        .drill = true,
        .clock_rate = 60,
        .now_ms = SAMPLE_MS,
        .started_ms = SAMPLE_MS + 1,
        .next_deadline_ms = SAMPLE_MS + 2,
        .clock_state = 2,
        .head = 1,
        .incidents = 2,
        .planned = 4,
        .batches = 5,
        .commands = 6,
        .refused = 7,
        .repeated = 8,
        .malformed = 9,
        .followers = 10,
        .store_bytes = UINT64_MAX,
        .sessions = 11,
        .handshakes = 12,
        .denied = 13,
        .limited = UINT64_MAX,
        .no_room = true,
        .backup_ms = SAMPLE_MS + 3,
    };
}

/* Other numbers for each, and the last kind that there is. */
static struct gp_counts sample_counts(int first, int last)
{
    struct gp_counts counts = {{0}};

    for (int i = 1; i <= last; i++)
        counts.of[i] = (uint64_t)(first + i);
    return counts;
}

static struct gp_measured sample_measured(uint64_t first)
{
    struct gp_measured measured = {.bounds.count = GP_BOUNDS_MAX, .histogram.sum = first};

    for (uint64_t i = 0; i < GP_BOUNDS_MAX; i++)
        measured.bounds.bound[i] = first + i;
    for (uint64_t i = 0; i <= GP_BOUNDS_MAX; i++)
        measured.histogram.count[i] = first + 100 + i;
    measured.bounds.bound[GP_BOUNDS_MAX - 1] = UINT64_MAX;
    return measured;
}

struct gp_daemon_figures *sample_figures(void)
{
    static struct gp_daemon_figures figures;
    static struct gp_follower_figure follower[2];
    static struct gp_department_figure department[2];

    for (unsigned i = 0; i < 2; i++) {
        follower[i] = (struct gp_follower_figure){GP_SPAN("name"), 61 + i, SAMPLE_MS + 4 + i};
        department[i] =
            (struct gp_department_figure){GP_SPAN("department"), UINT64_MAX - i, 63 + i, 65 + i};
    }
    figures = (struct gp_daemon_figures){
        .status = sample_status(),
        .requests = sample_counts(100, GP_REQUEST_FIGURES),
        .answers = sample_counts(200, GP_STATUS_SEALED_ONLY),
        .refusals = sample_counts(300, GP_COUNTS_MAX - 1),
        .done = sample_counts(400, GP_VERB_ENROL),
        .steps = sample_counts(500, GP_STEP_RESUME),
        .coalesced = 71,
        .failed = 72,
        .dropped = 73,
        .commit_us = sample_measured(1000),
        .batch_items = sample_measured(2000),
        .answer_ms = sample_measured(3000),
        .checkpoint_ms = sample_measured(4000),
        .late_ms = sample_measured(5000),
        .queued = 74,
        .readers = 75,
        .committed = 76,
        .paused = true,
        .data_bytes = 77,
        .journal_bytes = 78,
        .map_bytes = UINT64_MAX,
        .follower = follower,
        .follower_count = 2,
        .department = department,
        .department_count = 2,
        .counted_ms = SAMPLE_MS + 6,
        .partial = true,
    };
    return &figures;
}

static struct gp_summary_row sample_row(uint64_t first)
{
    struct gp_summary_row row = {.unit = GP_SPAN("unit"), .name = GP_SPAN("name")};

    for (uint64_t i = 1; i < GP_COLOUR_END; i++)
        row.counts.colour[i] = first + i;
    row.counts.soon = UINT64_MAX - first;
    return row;
}

struct gp_summary sample_summary(void)
{
    static struct gp_summary_row area[2], department[2];

    for (unsigned i = 0; i < 2; i++) {
        area[i] = sample_row(10 * i);
        department[i] = sample_row(100 + 10 * i);
    }
    return (struct gp_summary){
        .area = area,
        .department = department,
        .area_count = 2,
        .department_count = 2,
        .total = sample_row(1000),
        .head = 81,
        .at_ms = SAMPLE_MS + 7,
        .partial = true,
    };
}

/* ---------------------------------------------------------------- comparing */

void same_status(const struct gp_daemon_status *a, const struct gp_daemon_status *b)
{
    TEXT(version);
    TEXT(directory);
    TEXT(reload);
    NUMBER(drill);
    NUMBER(clock_rate);
    NUMBER(now_ms);
    NUMBER(started_ms);
    NUMBER(next_deadline_ms);
    NUMBER(clock_state);
    NUMBER(head);
    NUMBER(incidents);
    NUMBER(planned);
    NUMBER(batches);
    NUMBER(commands);
    NUMBER(refused);
    NUMBER(repeated);
    NUMBER(malformed);
    NUMBER(followers);
    NUMBER(store_bytes);
    NUMBER(sessions);
    NUMBER(handshakes);
    NUMBER(denied);
    NUMBER(limited);
    NUMBER(no_room);
    NUMBER(backup_ms);
}

static void same_counts(const struct gp_counts *a, const struct gp_counts *b)
{
    for (int i = 0; i < GP_COUNTS_MAX; i++)
        NUMBER(of[i]);
}

static void same_measured(const struct gp_measured *a, const struct gp_measured *b)
{
    NUMBER(bounds.count);
    for (int i = 0; i < GP_BOUNDS_MAX; i++)
        NUMBER(bounds.bound[i]);
    for (int i = 0; i <= GP_BOUNDS_MAX; i++)
        NUMBER(histogram.count[i]);
    NUMBER(histogram.sum);
}

static void same_now(const struct gp_daemon_figures *a, const struct gp_daemon_figures *b)
{
    NUMBER(queued);
    NUMBER(readers);
    NUMBER(committed);
    NUMBER(paused);
    NUMBER(data_bytes);
    NUMBER(journal_bytes);
    NUMBER(map_bytes);
    NUMBER(counted_ms);
    NUMBER(partial);
}

static void same_rows(const struct gp_daemon_figures *a, const struct gp_daemon_figures *b)
{
    NUMBER(follower_count);
    for (uint32_t i = 0; i < a->follower_count; i++) {
        TEXT(follower[i].name);
        NUMBER(follower[i].behind);
        NUMBER(follower[i].asked_ms);
    }
    NUMBER(department_count);
    for (uint32_t i = 0; i < a->department_count; i++) {
        TEXT(department[i].department);
        NUMBER(department[i].open);
        NUMBER(department[i].soon);
        NUMBER(department[i].overdue);
    }
}

void same_figures(const struct gp_daemon_figures *a, const struct gp_daemon_figures *b)
{
    same_status(&a->status, &b->status);
    same_counts(&a->requests, &b->requests);
    same_counts(&a->answers, &b->answers);
    same_counts(&a->refusals, &b->refusals);
    same_counts(&a->done, &b->done);
    same_counts(&a->steps, &b->steps);
    NUMBER(coalesced);
    NUMBER(failed);
    NUMBER(dropped);
    same_measured(&a->commit_us, &b->commit_us);
    same_measured(&a->batch_items, &b->batch_items);
    same_measured(&a->answer_ms, &b->answer_ms);
    same_measured(&a->checkpoint_ms, &b->checkpoint_ms);
    same_measured(&a->late_ms, &b->late_ms);
    same_now(a, b);
    same_rows(a, b);
}

static void same_row(const struct gp_summary_row *a, const struct gp_summary_row *b)
{
    TEXT(unit);
    TEXT(name);
    for (int i = 1; i < GP_COLOUR_END; i++)
        NUMBER(counts.colour[i]);
    NUMBER(counts.soon);
}

void same_summary(const struct gp_summary *a, const struct gp_summary *b)
{
    NUMBER(area_count);
    for (uint32_t i = 0; i < a->area_count; i++)
        same_row(&a->area[i], &b->area[i]);
    NUMBER(department_count);
    for (uint32_t i = 0; i < a->department_count; i++)
        same_row(&a->department[i], &b->department[i]);
    same_row(&a->total, &b->total);
    NUMBER(head);
    NUMBER(at_ms);
    NUMBER(partial);
}
