/*
 * The hot path by itself, in one process and one thread: a request's bytes are unpacked, batches of
 * 64 are applied to a throw-away store, and the answers are packed. Input, ids and clock are fixed,
 * so that two runs do the same work: what differs is the code. Sockets, seals and syncs are not
 * in it.
 *
 *   bench_hot [REPORTS]     (64,000)
 *
 * Prints microseconds of processor for each report. Under callgrind with --toggle-collect=hot_round
 * nothing but the path is counted, which tests/bench/guard.sh does.
 */
#include "base/arena.h"
#include "base/bytes.h"
#include "org/directory.h"
#include "rehearsal/rehearsal.h"
#include "wire/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define START_MS    INT64_C(1791766800000) /* 2026-10-12T09:00+08:00 */
#define BATCH_ITEMS 64
#define BATCH_MS    2                    /* from one batch to the next */
#define JOB_BYTES   ((size_t)512 * 1024) /* of one request and its answer */

struct job {
    struct gp_arena arena;
    struct gp_request request;
};

struct hot {
    struct gp_rehearsal *rehearsal; /* has the store */
    struct gp_engine *engine;
    struct gp_directory *directory;
    struct gp_arena input; /* of the batch's messages */
    struct gp_span message[BATCH_ITEMS];
    struct job job[BATCH_ITEMS];
    struct gp_item item[BATCH_ITEMS];
    struct gp_batch batch;
    uint64_t random;
    double unpack_s, apply_s, pack_s;
    uint64_t packed; /* bytes of answers */
};

void hot_round(struct hot *hot);

static void must(int rc, const char *what)
{
    if (rc == 0)
        return;
    fprintf(stderr, "bench_hot: %s: %s\n", what, gp_error_text(rc));
    exit(1);
}

static double processor_s(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---------------------------------------------------------------- the input */

/* splitmix64: the same numbers in each run. */
static uint64_t next_random(struct hot *hot)
{
    uint64_t z = hot->random += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* As tests/bench/load.c sends them: all of one grid and category, which is the most that the search
 * for duplicates can find. */
static void make_message(struct hot *hot, size_t i)
{
    struct gp_request request = {
        .kind = GP_REQUEST_COMMAND,
        .person = GP_SPAN("li"),
        .device = GP_SPAN("bench"),
        .command = {.verb = GP_VERB_REPORT,
                    .grid = GP_SPAN("340705006001001"),
                    .category = GP_SPAN("l5"),
                    .text = GP_SPAN("井盖缺失，位于人行道中间，已放置警示标志，请尽快安排人员到场"
                                    "处理，周边有学校。现场照片已上传，联系人已知会，等待处理结果"
                                    "反馈，谢谢配合与支持工作。"),
                    .place = {.known = true, .lat_e7 = 309300000, .lon_e7 = 1178100000}},
    };

    gp_put_u64(request.command.id, (uint64_t)hot->batch.now_ms << 16 | (next_random(hot) & 0xFFFF));
    gp_put_u64(request.command.id + 8, next_random(hot));
    must(gp_wire_request_pack(&request, &hot->input, &hot->message[i]), "pack");
}

static void make_input(struct hot *hot)
{
    gp_arena_reset(&hot->input);
    hot->batch.now_ms += BATCH_MS;
    for (size_t i = 0; i < BATCH_ITEMS; i++)
        make_message(hot, i);
}

/* ---------------------------------------------------------------- the path */

static void unpack(struct hot *hot, size_t i)
{
    struct job *job = &hot->job[i];
    struct gp_command *command = &job->request.command;
    const char *field;

    gp_arena_reset(&job->arena);
    must(gp_wire_request_unpack(hot->message[i], &job->arena, &job->request, &field), "unpack");
    command->actor = job->request.person;
    command->device = job->request.device;
    gp_put_u64(command->salt, hot->random);
    gp_put_u64(command->salt + 8, i);
    hot->item[i] = (struct gp_item){.kind = GP_ITEM_COMMAND, .command = *command};
}

static void pack(struct hot *hot, size_t i)
{
    const struct gp_answer *answer = &hot->item[i].answer;
    struct gp_reply reply = {.status = GP_STATUS_OK, .kind = GP_REPLY_ANSWER};
    struct gp_span packed;

    if (answer->error != 0 || answer->reason != GP_REASON_NONE || answer->repeated)
        must(GP_EINVAL, answer->detail);
    memcpy(reply.answer.id, hot->item[i].command.id, sizeof reply.answer.id);
    reply.answer.incident = answer->incident;
    reply.answer.seq = answer->seq;
    reply.answer.version = answer->version;
    reply.answer.state = answer->state;
    reply.answer.due_ms = answer->due_ms;
    reply.answer.at_ms = answer->at_ms;
    must(gp_wire_reply_pack(&reply, &hot->job[i].arena, &packed), "pack the answer");
    hot->packed += packed.len;
}

/* One batch all the way; what callgrind counts. */
__attribute__((noinline)) void hot_round(struct hot *hot)
{
    double begin_s = processor_s(), unpacked_s, applied_s;

    for (size_t i = 0; i < BATCH_ITEMS; i++)
        unpack(hot, i);
    unpacked_s = processor_s();
    must(gp_engine_apply(hot->engine, &hot->batch), "apply");
    applied_s = processor_s();
    for (size_t i = 0; i < BATCH_ITEMS; i++)
        pack(hot, i);
    hot->unpack_s += unpacked_s - begin_s;
    hot->apply_s += applied_s - unpacked_s;
    hot->pack_s += processor_s() - applied_s;
}

/* ---------------------------------------------------------------- start and end */

static void load_directory(struct hot *hot)
{
    struct gp_findings findings;

    gp_findings_init(&findings);
    must(gp_directory_load(GP_SOURCE_DIR "/tests/golden/config", &findings, &hot->directory),
         "tests/golden/config");
    gp_findings_release(&findings);
}

static void open_all(struct hot *hot)
{
    load_directory(hot);
    must(gp_rehearsal_open(gp_directory_org(hot->directory), START_MS, &hot->rehearsal), "store");
    must(gp_engine_open(gp_rehearsal_store(hot->rehearsal), &hot->engine), "engine");
    gp_arena_init(&hot->input, (size_t)8 << 20);
    for (size_t i = 0; i < BATCH_ITEMS; i++)
        gp_arena_init(&hot->job[i].arena, JOB_BYTES);
    hot->batch = (struct gp_batch){.org = gp_directory_org(hot->directory),
                                   .now_ms = START_MS,
                                   .item = hot->item,
                                   .item_count = BATCH_ITEMS};
}

static void close_all(struct hot *hot)
{
    for (size_t i = 0; i < BATCH_ITEMS; i++)
        gp_arena_release(&hot->job[i].arena);
    gp_arena_release(&hot->input);
    gp_engine_close(hot->engine);
    gp_rehearsal_close(hot->rehearsal);
    gp_directory_unref(hot->directory);
}

int main(int argc, char **argv)
{
    static struct hot hot;
    size_t rounds = (argc > 1 ? strtoul(argv[1], NULL, 10) : 64000) / BATCH_ITEMS;

    open_all(&hot);
    for (size_t round = 0; round < rounds; round++) {
        make_input(&hot);
        hot_round(&hot);
    }
    double reports = (double)rounds * BATCH_ITEMS, us = 1e6 / (reports > 0 ? reports : 1);
    printf("reports=%.0f bytes=%zu unpack_us=%.2f apply_us=%.2f pack_us=%.2f total_us=%.2f\n",
           reports, hot.message[0].len, hot.unpack_s * us, hot.apply_s * us, hot.pack_s * us,
           (hot.unpack_s + hot.apply_s + hot.pack_s) * us);
    close_all(&hot);
    return 0;
}
