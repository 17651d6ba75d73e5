/* One writes, one seals, two read: whoever looks sees whole entries and a whole chain. Made for
 * tsan; elsewhere it finds what is visible without. */
#include "store/log/fixture.h"

#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define GROUPS 1500

struct play {
    struct gp_wal *log;
    sem_t due;  /* upkeep has something to do, or the end is there */
    sem_t done; /* it did */
    pthread_mutex_t lock;
    struct gp_wal_mark committed; /* under the lock */
    atomic_bool over;
    atomic_int faults; /* no assertion of cmocka works outside its own thread */
};

static void expect(struct play *play, bool held, const char *what)
{
    if (held)
        return;
    (void)fprintf(stderr, "not so: %s\n", what);
    atomic_fetch_add(&play->faults, 1);
}

static void wait_for(sem_t *sem)
{
    while (sem_wait(sem) != 0) /* EINTR */
        continue;
}

static void *keep_up(void *context)
{
    struct play *play = context;

    while (!atomic_load(&play->over)) {
        wait_for(&play->due);
        (void)pthread_mutex_lock(&play->lock);
        struct gp_wal_mark mark = play->committed;
        (void)pthread_mutex_unlock(&play->lock);
        expect(play, gp_wal_upkeep(play->log, &mark) == 0, "upkeep works");
        (void)sem_post(&play->done);
    }
    return NULL;
}

static void read_one(struct play *play, struct gp_wal_reader *reader, uint64_t seq)
{
    struct gp_span entry;

    expect(play, gp_wal_get(reader, seq, &entry) == 0 && gp_span_equal(entry, entry_of(seq)),
           "an entry reads as it was written");
}

static void *read_at_random(void *context)
{
    struct play *play = context;
    struct gp_wal_reader *reader;
    uint32_t noise = 7;
    uint64_t bad;

    expect(play, gp_wal_reader_open(play->log, false, &reader) == 0, "a reader opens");
    while (!atomic_load(&play->over)) {
        uint64_t synced = gp_wal_synced(play->log);
        noise = noise * 1664525u + 1013904223u;
        if (synced == 0)
            continue;
        uint64_t seq = 1 + noise % synced;
        read_one(play, reader, seq);
        read_one(play, reader, synced);
        if (noise >> 28 == 0)
            expect(play,
                   gp_wal_verify(reader, seq, seq + 200 < synced ? seq + 200 : synced, &bad) == 0,
                   "the chain holds");
    }
    gp_wal_reader_close(reader);
    return NULL;
}

/* As a feed does: each entry once, as soon as it is there. */
static void *read_on(void *context)
{
    struct play *play = context;
    struct gp_wal_reader *reader;
    uint64_t seq = 0;

    expect(play, gp_wal_reader_open(play->log, false, &reader) == 0, "a reader opens");
    while (!atomic_load(&play->over)) {
        while (seq < gp_wal_synced(play->log))
            read_one(play, reader, ++seq);
    }
    gp_wal_reader_close(reader);
    return NULL;
}

static bool write_group(struct gp_wal *log, unsigned entries, unsigned sides)
{
    uint64_t head, seq;
    bool good = true;

    gp_wal_head(log, &head, NULL);
    for (unsigned i = 1; i <= entries; i++)
        good = good && gp_wal_entry(log, entry_of(head + i), &seq) == 0 && seq == head + i;
    for (unsigned i = 0; i < sides; i++)
        good = good && gp_wal_side(log, side_of(i)) == 0;
    return good && gp_wal_write(log) == 0 && gp_wal_sync(log) == 0;
}

static void write_one(struct play *play, unsigned i)
{
    struct gp_wal_mark mark;

    if (i % 97 == 0)
        gp_wal_rotate(play->log);
    expect(play, write_group(play->log, i % 7, i % 7 == 0 ? 1 : i % 3), "a group is written");
    if (i % 5 != 0)
        return;
    gp_wal_mark(play->log, &mark);
    (void)pthread_mutex_lock(&play->lock);
    play->committed = mark;
    (void)pthread_mutex_unlock(&play->lock);
    if (!gp_wal_upkeep_due(play->log, &mark))
        return;
    (void)sem_post(&play->due);
    if (i % 3 == 0) /* or all of it might be written before anything is sealed */
        wait_for(&play->done);
}

static void all_see_what_is_synced(void **state)
{
    static void *(*const parts[])(void *) = {keep_up, read_at_random, read_on};
    struct box *box = *state;
    pthread_t threads[3];
    struct play play = {0};
    struct gp_wal_figures figures;

    box->options.unsafe_nosync = true;
    open_log(box, NULL);
    play.log = box->log;
    play.committed = mark_of(box);
    assert_int_equal(sem_init(&play.due, 0, 0), 0);
    assert_int_equal(sem_init(&play.done, 0, 0), 0);
    assert_int_equal(pthread_mutex_init(&play.lock, NULL), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, parts[i], &play), 0);
    for (unsigned i = 1; i <= GROUPS; i++)
        write_one(&play, i);
    atomic_store(&play.over, true);
    assert_int_equal(sem_post(&play.due), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(atomic_load(&play.faults), 0);
    gp_wal_figures(box->log, &figures);
    assert_true(figures.sealed > 10);
    assert_entries(box, 1, figures.last);
    (void)sem_destroy(&play.due);
    (void)sem_destroy(&play.done);
    (void)pthread_mutex_destroy(&play.lock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(all_see_what_is_synced)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
