/*
 * How long an assessment takes: a month of incidents, reported, accepted, finished, verified and
 * closed on a virtual clock into a throw-away store, is assessed by each kind of unit. Full
 * segments of the journal are sealed before, so that what is read is what a daemon reads of last
 * month.
 *
 *   bench_assess [INCIDENTS]     (100,000)
 */
#include "base/arena.h"
#include "base/bytes.h"
#include "base/clocktext.h"
#include "org/directory.h"
#include "rehearsal/rehearsal.h"
#include "wire/message.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define START_MS INT64_C(1791734400000) /* 2026-10-12T00:00+08:00 */
#define MONTH_MS (30 * GP_MS_DAY)

struct bench {
    const struct gp_org *org;
    struct gp_rehearsal *rehearsal;
    uint64_t commands;
};

static void must(int rc, const char *what)
{
    if (rc == 0)
        return;
    fprintf(stderr, "%s: %s\n", what, gp_error_text(rc));
    exit(1);
}

static uint64_t apply(struct bench *bench, int64_t at_ms, struct gp_command command)
{
    struct gp_answer answer;

    command.device = GP_SPAN("bench");
    gp_put_u64(command.id, (uint64_t)at_ms << 16);
    gp_put_u64(command.id + 8, ++bench->commands);
    must(gp_rehearsal_command(bench->rehearsal, at_ms, &command, &answer), "command");
    return answer.incident;
}

/* In its time, but for each tenth, which is reported in the evening and left until it is overdue.
 */
static void live(struct bench *bench, int64_t at_ms, unsigned nth)
{
    static const char *const grids[] = {"340705006001001", "340705006001002"};
    int64_t step_ms = nth % 10 == 0 ? 0 : 20;
    uint64_t id = apply(bench, at_ms,
                        (struct gp_command){.verb = GP_VERB_REPORT,
                                            .actor = GP_SPAN("zhang"),
                                            .grid = gp_span_of(grids[nth % 2]),
                                            .category = GP_SPAN("n4"),
                                            .text = GP_SPAN("井盖破损")});
    if (step_ms == 0)
        return;
    apply(bench, at_ms + step_ms,
          (struct gp_command){.verb = GP_VERB_ACCEPT, .incident = id, .actor = GP_SPAN("li")});
    apply(bench, at_ms + 2 * step_ms,
          (struct gp_command){.verb = GP_VERB_FINISH, .incident = id, .actor = GP_SPAN("li")});
    apply(bench, at_ms + 3 * step_ms,
          (struct gp_command){.verb = GP_VERB_VERIFY,
                              .incident = id,
                              .actor = GP_SPAN("zheng"),
                              .result = GP_RESULT_YES});
    apply(bench, at_ms + 4 * step_ms,
          (struct gp_command){.verb = GP_VERB_CLOSE, .incident = id, .actor = GP_SPAN("zheng")});
}

/* As in a daemon whose disk was given time: full segments are compressed. */
static void seal(struct gp_store *store)
{
    must(gp_store_checkpoint(store), "checkpoint");
    while (gp_store_upkeep_due(store))
        must(gp_store_upkeep(store), "upkeep");
}

static double seconds(clockid_t clock)
{
    struct timespec now;

    (void)clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void assess(const struct bench *bench, enum gp_assess_by by)
{
    struct gp_assess_ask ask = {
        .from_ms = START_MS, .to_ms = START_MS + MONTH_MS, .by = (uint8_t)by};
    struct gp_assessment page;
    struct gp_arena arena;
    atomic_bool stop = false;
    double start_s = seconds(CLOCK_MONOTONIC), start_cpu_s = seconds(CLOCK_PROCESS_CPUTIME_ID);

    gp_arena_init(&arena, (size_t)64 << 20);
    must(gp_engine_assess(gp_rehearsal_store(bench->rehearsal), bench->org, &ask, &stop, &arena,
                          &page),
         "assess");
    printf("by %-10s %u rows of %" PRIu64 " entries in %.2f s (%.2f s of processor)\n",
           gp_assess_by_name(by), page.row_count, page.head, seconds(CLOCK_MONOTONIC) - start_s,
           seconds(CLOCK_PROCESS_CPUTIME_ID) - start_cpu_s);
    gp_arena_release(&arena);
}

int main(int argc, char **argv)
{
    unsigned count = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 100000;
    struct gp_directory *directory;
    struct gp_findings findings;
    struct bench bench = {0};

    gp_findings_init(&findings);
    must(gp_directory_load(GP_SOURCE_DIR "/tests/golden/config", &findings, &directory), "config");
    gp_findings_release(&findings);
    bench.org = gp_directory_org(directory);
    must(gp_rehearsal_open(bench.org, START_MS, &bench.rehearsal), "store");
    for (unsigned i = 0; i < count; i++)
        live(&bench, START_MS + (int64_t)i * (MONTH_MS / 2 / count), i);
    must(gp_rehearsal_settle(bench.rehearsal, START_MS + MONTH_MS), "settle");
    seal(gp_rehearsal_store(bench.rehearsal));
    for (int by = GP_BY_AREA; by <= GP_BY_LINE; by++)
        assess(&bench, (enum gp_assess_by)by);
    gp_rehearsal_close(bench.rehearsal);
    gp_directory_unref(directory);
    return 0;
}
