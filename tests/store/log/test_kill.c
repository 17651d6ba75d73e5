/* A process that writes and seals is killed again and again: what it said to be on disk is there,
 * the chain is whole, and the next one goes on. */
#include "store/log/fixture.h"

#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define ROUNDS 25

/* What the writer says, each with one write: a group is acknowledged, or tables are committed. */
struct told {
    bool committed;
    struct gp_wal_mark mark;
};

/* ---------------------------------------------------------------- the writer's process */

struct writer {
    struct gp_wal *log;
    int to; /* the pipe */
    sem_t due;
    pthread_mutex_t lock;
    struct gp_wal_mark committed; /* under the lock */
};

static void need(bool held)
{
    if (!held)
        _exit(1);
}

static void tell(const struct writer *writer, bool committed, const struct gp_wal_mark *mark)
{
    const struct told told = {.committed = committed, .mark = *mark};
    need(write(writer->to, &told, sizeof told) == sizeof told);
}

static void *keep_up(void *context)
{
    struct writer *writer = context;

    for (;;) {
        while (sem_wait(&writer->due) != 0)
            continue;
        (void)pthread_mutex_lock(&writer->lock);
        struct gp_wal_mark mark = writer->committed;
        (void)pthread_mutex_unlock(&writer->lock);
        need(gp_wal_upkeep(writer->log, &mark) == 0);
    }
    return NULL;
}

static void write_group(struct writer *writer, unsigned i)
{
    struct gp_wal_mark mark;
    uint64_t head, seq;

    gp_wal_head(writer->log, &head, NULL);
    for (unsigned k = 1; k <= i % 9; k++)
        need(gp_wal_entry(writer->log, entry_of(head + k), &seq) == 0);
    need(gp_wal_side(writer->log, side_of(i)) == 0);
    need(gp_wal_write(writer->log) == 0);
    if (i % 31 == 0) {
        need(gp_wal_cut(writer->log) == 0);
        return;
    }
    need(gp_wal_sync(writer->log) == 0);
    gp_wal_mark(writer->log, &mark);
    tell(writer, false, &mark);
}

static void commit(struct writer *writer)
{
    struct gp_wal_mark mark;

    gp_wal_mark(writer->log, &mark);
    tell(writer, true, &mark);
    (void)pthread_mutex_lock(&writer->lock);
    writer->committed = mark;
    (void)pthread_mutex_unlock(&writer->lock);
    if (gp_wal_upkeep_due(writer->log, &mark))
        (void)sem_post(&writer->due);
}

static void write_until_killed(struct gp_wal *log, int to)
{
    struct writer writer = {.log = log, .to = to};
    pthread_t thread;

    gp_wal_mark(log, &writer.committed);
    need(sem_init(&writer.due, 0, 0) == 0);
    need(pthread_mutex_init(&writer.lock, NULL) == 0);
    need(pthread_create(&thread, NULL, keep_up, &writer) == 0);
    for (unsigned i = 1;; i++) {
        write_group(&writer, i);
        if (i % 6 == 0)
            commit(&writer);
    }
}

/* ---------------------------------------------------------------- the test's */

/* Kills the writer when it has said so much; *last and *committed are what it said last. */
static void kill_after(unsigned many, int from, pid_t writer, struct gp_wal_mark *last,
                       struct gp_wal_mark *committed)
{
    struct told told;
    int status;

    for (unsigned i = 1; read(from, &told, sizeof told) == sizeof told; i++) {
        *(told.committed ? committed : last) = told.mark;
        if (i == many)
            assert_int_equal(kill(writer, SIGKILL), 0);
    }
    assert_int_equal(waitpid(writer, &status, 0), writer);
    assert_true(WIFSIGNALED(status)); /* it did not end by itself, of an error */
}

static void a_killed_writer_loses_nothing(void **state)
{
    struct box *box = *state;
    struct gp_wal_mark last, committed;
    int ends[2];

    open_log(box, NULL);
    last = committed = mark_of(box);
    for (unsigned round = 1; round <= ROUNDS; round++) {
        close_log(box);
        box->options.unsafe_nosync = round % 5 != 0; /* a kill leaves what was written */
        assert_int_equal(pipe(ends), 0);
        pid_t writer = fork();
        assert_true(writer >= 0);
        if (writer == 0) {
            need(try_open(box, &committed) == 0);
            write_until_killed(box->log, ends[1]);
        }
        (void)close(ends[1]);
        kill_after(round * 37 % 211 + 1, ends[0], writer, &last, &committed);
        (void)close(ends[0]);
        open_log(box, &committed);
        assert_true(gp_wal_synced(box->log) >= last.seq);
        assert_entries(box, 1, gp_wal_synced(box->log));
    }
    assert_true(count_files(box, ".seg") > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(a_killed_writer_loses_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
