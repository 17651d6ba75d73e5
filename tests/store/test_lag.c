/* The tables lag behind the journal: who sees what, and how they come up to it again. */
#include "store/fixture.h"

#include "base/bytes.h"
#include "base/limits.h"

#include <fcntl.h>
#include <pthread.h>
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

static const struct gp_personal typed = {.text = {"typed", 5}, .phone = {"13800", 5}};

/* A fold that anybody can check: entry n is the record of incident n. */
static int fold(void *context, struct gp_txn *txn, uint64_t seq, struct gp_span entry)
{
    int *left = context; /* how many it takes before it fails; NULL: all */

    if (left != NULL && (*left)-- == 0)
        return GP_ENOMEM;
    return gp_incident_put(txn, seq, entry);
}

static void add(struct gp_txn *txn, const char *entry)
{
    uint64_t seq;

    assert_int_equal(gp_journal_append(txn, gp_span_of(entry), &seq), 0);
    assert_int_equal(fold(NULL, txn, seq, gp_span_of(entry)), 0);
}

static void add_batch(struct gp_store *store, const char *entry)
{
    struct gp_txn *txn = begin(store);

    add(txn, entry);
    assert_int_equal(gp_txn_commit(txn), 0);
}

/* The record of an incident, or "" where there is none. */
static void assert_record(struct gp_store *store, uint64_t id, const char *expected)
{
    struct gp_txn *txn = look(store);
    struct gp_span record = {"", 0};
    int rc = gp_incident_get(txn, id, &record);

    assert_int_equal(rc, expected[0] != '\0' ? 0 : GP_ENOTFOUND);
    assert_true(gp_span_is(record, expected));
    gp_txn_abort(txn);
}

static uint64_t head_of(struct gp_store *store)
{
    struct gp_txn *txn = look(store);
    uint64_t head;

    assert_int_equal(gp_journal_head(txn, &head, NULL), 0);
    gp_txn_abort(txn);
    return head;
}

struct elsewhere {
    struct gp_store *store;
    uint64_t head;
    int rc;
};

static void *look_elsewhere(void *context)
{
    struct elsewhere *elsewhere = context;
    struct gp_span entry;
    struct gp_txn *txn;

    elsewhere->rc = gp_txn_read(elsewhere->store, &txn);
    if (elsewhere->rc == 0)
        elsewhere->rc = gp_journal_head(txn, &elsewhere->head, NULL);
    if (elsewhere->rc == 0 && gp_journal_get(txn, elsewhere->head + 1, &entry) != GP_ENOTFOUND)
        elsewhere->rc = GP_EEXIST; /* more than its tables know */
    gp_txn_abort(txn);
    return NULL;
}

/* The head that another thread sees. */
static uint64_t head_elsewhere(struct gp_store *store)
{
    struct elsewhere elsewhere = {.store = store};
    pthread_t thread;

    assert_int_equal(pthread_create(&thread, NULL, look_elsewhere, &elsewhere), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(elsewhere.rc, 0);
    return elsewhere.head;
}

static void others_see_the_last_checkpoint(void **state)
{
    struct gp_store *store = open_as(false);

    (void)state;
    assert_false(gp_store_checkpoint_owed(store));
    add_batch(store, "one");
    assert_true(gp_store_checkpoint_owed(store));
    assert_int_equal(head_of(store), 1);
    assert_record(store, 1, "one");
    assert_int_equal(head_elsewhere(store), 0);
    assert_int_equal(gp_store_committed(store), 0);
    assert_int_equal(gp_store_written(store, GP_TABLE_INCIDENT), 1);
    assert_int_equal(gp_store_written(store, GP_TABLE_DEVICE), 0);
    assert_int_equal(gp_store_checkpoint(store), 0);
    assert_int_equal(head_elsewhere(store), 1);
    assert_int_equal(gp_store_committed(store), 1);
    assert_false(gp_store_checkpoint_owed(store));
    gp_store_close(store);
}

static void a_checkpoint_comes_due_by_its_size(void **state)
{
    struct gp_store *store = open_as(false);

    (void)state;
    for (int batch = 0; batch < GP_CHECKPOINT_ENTRIES / 8192; batch++) {
        struct gp_txn *txn = begin(store);
        assert_false(gp_store_checkpoint_due(store));
        for (int i = 0; i < 8192; i++) /* so few batches that it is not due by its age */
            add(txn, "entry");
        assert_int_equal(gp_txn_commit(txn), 0);
    }
    assert_true(gp_store_checkpoint_due(store));
    gp_txn_abort(begin(store)); /* whoever forgets it has it made by the next batch */
    assert_int_equal(gp_store_committed(store), GP_CHECKPOINT_ENTRIES);
    gp_store_close(store);
}

/* Rows that no entry tells of could not be found again. */
static void what_the_journal_does_not_tell_is_committed_at_once(void **state)
{
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);

    (void)state;
    assert_int_equal(gp_incident_put(txn, 9, GP_SPAN("untold")), 0);
    assert_int_equal(gp_txn_commit(txn), 0);
    assert_false(gp_store_checkpoint_owed(store));
    gp_store_close(store);
}

/* Runs `live` on a store in a process that is killed behind it. */
static void killed_after(void (*live)(struct gp_store *store))
{
    int status;
    pid_t child = fork();

    if (child == 0) {
        live(open_as(false));
        (void)raise(SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
}

static void live_with_texts(struct gp_store *store)
{
    struct gp_txn *txn;

    add_batch(store, "one");
    (void)gp_store_checkpoint(store);
    txn = begin(store);
    add(txn, "two");
    (void)gp_personal_put(txn, 7, 2, &typed);
    (void)gp_meta_put(txn, "kept", GP_SPAN("old"));
    (void)gp_meta_put(txn, "gone", GP_SPAN("x"));
    (void)gp_txn_commit(txn);
    txn = begin(store);
    add(txn, "three");
    (void)gp_meta_put(txn, "kept", GP_SPAN("new"));
    (void)gp_meta_del(txn, "gone");
    (void)gp_txn_commit(txn);
}

static void a_crash_is_folded_again(void **state)
{
    struct gp_personal personal;
    struct gp_span value;

    (void)state;
    killed_after(live_with_texts);
    struct gp_store *store = open_as(false);
    assert_true(gp_store_behind(store));
    assert_record(store, 2, "");
    assert_int_equal(gp_store_recover(store, fold, NULL), 0);
    assert_false(gp_store_behind(store));
    assert_record(store, 2, "two");
    assert_record(store, 3, "three");
    assert_int_equal(head_elsewhere(store), 3);
    struct gp_txn *txn = look(store);
    assert_int_equal(gp_personal_get(txn, 7, 2, &personal), 0);
    assert_true(gp_span_is(personal.text, "typed"));
    assert_int_equal(gp_meta_get(txn, "kept", &value), 0);
    assert_true(gp_span_is(value, "new"));
    assert_int_equal(gp_meta_get(txn, "gone", &value), GP_ENOTFOUND);
    gp_txn_abort(txn);
    gp_store_close(store);
    store = open_as(false);
    assert_false(gp_store_behind(store));
    gp_store_close(store);
}

static int fold_too_much(void *context, struct gp_txn *txn, uint64_t seq, struct gp_span entry)
{
    (void)txn;
    (void)seq;
    (void)entry;
    return *(const int *)context;
}

/* An entry was journalled, so what is wrong with it now is damage; want of memory is not. */
static void an_entry_that_cannot_be_folded_is_damaged(void **state)
{
    static const int damage[] = {GP_ENOTFOUND, GP_EFORMAT, GP_EUTF8, GP_ELIMIT};
    static const int other[] = {GP_ENOMEM, GP_EAGAIN, GP_EIO};

    (void)state;
    killed_after(live_with_texts);
    struct gp_store *store = open_as(false);
    for (size_t i = 0; i < sizeof damage / sizeof damage[0]; i++)
        assert_int_equal(gp_store_recover(store, fold_too_much, (void *)(uintptr_t)&damage[i]),
                         GP_ECORRUPT);
    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++)
        assert_int_equal(gp_store_recover(store, fold_too_much, (void *)(uintptr_t)&other[i]),
                         other[i]);
    assert_int_equal(gp_store_recover(store, fold, NULL), 0);
    gp_store_close(store);
}

/* Each batch and each reader would else fold everything again while the disk stays full. */
static void recovering_that_finds_no_space_rests(void **state)
{
    static const int full = GP_ENOSPC, other = GP_ENOMEM;

    (void)state;
    killed_after(live_with_texts);
    struct gp_store *store = open_as(false);
    assert_int_equal(gp_store_recover(store, fold_too_much, (void *)(uintptr_t)&full), GP_ENOSPC);
    assert_int_equal(gp_store_recover(store, fold_too_much, (void *)(uintptr_t)&other), GP_ENOSPC);
    gp_store_close(store);
    store = open_as(false);
    assert_int_equal(gp_store_recover(store, fold, NULL), 0);
    gp_store_close(store);
}

static void recovering_that_fails_is_tried_again(void **state)
{
    int one = 1;

    (void)state;
    killed_after(live_with_texts);
    struct gp_store *store = open_as(false);
    assert_int_equal(gp_store_recover(store, fold, &one), GP_ENOMEM);
    assert_true(gp_store_behind(store));
    assert_record(store, 2, "");
    assert_int_equal(gp_store_recover(store, fold, NULL), 0);
    assert_record(store, 3, "three");
    gp_store_close(store);
}

static void a_batch_thrown_away_takes_only_itself(void **state)
{
    struct gp_store *store = open_as(false);
    struct gp_txn *txn;

    (void)state;
    add_batch(store, "one");
    (void)gp_store_checkpoint(store);
    add_batch(store, "two");
    txn = begin(store);
    add(txn, "lost");
    assert_int_equal(gp_personal_put(txn, 3, 3, &typed), 0);
    gp_txn_abort(txn);
    assert_true(gp_store_behind(store)); /* "two" went with LMDB's transaction */
    assert_record(store, 2, "");
    assert_int_equal(gp_store_recover(store, fold, NULL), 0);
    assert_record(store, 2, "two");
    assert_record(store, 3, "");
    add_batch(store, "three");
    assert_record(store, 3, "three");
    gp_store_close(store);
    store = open_as(false);
    assert_int_equal(head_of(store), 3);
    gp_store_close(store);
}

static void a_batch_that_wrote_nothing_takes_nothing(void **state)
{
    struct gp_store *store = open_as(false);
    struct gp_txn *txn;
    struct gp_span record;

    (void)state;
    add_batch(store, "one");
    txn = begin(store);
    assert_int_equal(gp_incident_get(txn, 1, &record), 0);
    gp_txn_abort(txn);
    assert_false(gp_store_behind(store));
    assert_record(store, 1, "one");
    gp_store_close(store);
}

static void nothing_of_a_failed_batch_is_in_the_journal(void **state)
{
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);

    (void)state;
    add(txn, "lost");
    assert_int_equal(gp_deadline_del(txn, 5, 1), GP_ECORRUPT); /* never put */
    assert_int_equal(gp_txn_commit(txn), GP_ECORRUPT);
    assert_false(gp_store_behind(store)); /* nothing was acknowledged since the checkpoint */
    assert_int_equal(head_of(store), 0);
    add_batch(store, "one");
    assert_record(store, 1, "one");
    gp_store_close(store);
}

static void a_store_ahead_of_its_journal_is_refused(void **state)
{
    char journal[120], away[100];
    struct gp_store *store = open_as(false);

    (void)state;
    gp_store_close(store);
    (void)snprintf(journal, sizeof journal, "%s/journal/0000000000000001.log", store_path);
    (void)snprintf(away, sizeof away, "%s/away.log", store_folder);
    char command[300];
    (void)snprintf(command, sizeof command, "cp %s %s", journal, away);
    assert_int_equal(system(command), 0);
    store = open_as(false);
    add_batch(store, "one");
    gp_store_close(store);
    assert_int_equal(rename(away, journal), 0); /* as it was before */
    assert_int_equal(try_open(false, true), GP_ECORRUPT);
}

static bool journal_has(const char *text)
{
    char command[200];

    (void)snprintf(command, sizeof command, "grep -rq %s %s/journal", text, store_path);
    return system(command) == 0;
}

/* A text, and in a later batch its erasing. */
static void put_and_erase(struct gp_store *store)
{
    struct gp_txn *txn = begin(store);

    add(txn, "one");
    assert_int_equal(gp_personal_put(txn, 7, 1, &typed), 0);
    assert_int_equal(gp_txn_commit(txn), 0);
    assert_true(journal_has("typed"));
    txn = begin(store);
    add(txn, "erased");
    assert_int_equal(gp_personal_erase(txn, 7, 2, 10), 0);
    assert_int_equal(gp_txn_commit(txn), 0);
}

/* The segment that held an erased text is ended, so that sealing it takes the text away. */
static void an_erased_text_leaves_the_files(void **state)
{
    struct gp_store *store = open_as(false);

    (void)state;
    put_and_erase(store);
    assert_int_equal(gp_store_checkpoint(store), 0);
    assert_int_equal(gp_store_settle(store), 0);
    assert_true(gp_store_upkeep_due(store)); /* also at night: it waits for no other batch */
    assert_int_equal(gp_store_upkeep(store), 0);
    assert_false(journal_has("typed"));
    assert_record(store, 1, "one");
    add_batch(store, "next");
    assert_record(store, 3, "next");
    gp_store_close(store);
}

static void an_erased_text_leaves_the_files_after_a_restart(void **state)
{
    struct gp_store *store = open_as(false);

    (void)state;
    put_and_erase(store);
    gp_store_close(store);
    store = open_as(false);
    add_batch(store, "started");
    assert_int_equal(gp_store_checkpoint(store), 0);
    assert_true(gp_store_upkeep_due(store));
    assert_int_equal(gp_store_upkeep(store), 0);
    assert_false(journal_has("typed"));
    gp_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(others_see_the_last_checkpoint),
        TEST(a_checkpoint_comes_due_by_its_size),
        TEST(what_the_journal_does_not_tell_is_committed_at_once),
        TEST(a_crash_is_folded_again),
        TEST(an_entry_that_cannot_be_folded_is_damaged),
        TEST(recovering_that_finds_no_space_rests),
        TEST(recovering_that_fails_is_tried_again),
        TEST(a_batch_thrown_away_takes_only_itself),
        TEST(a_batch_that_wrote_nothing_takes_nothing),
        TEST(nothing_of_a_failed_batch_is_in_the_journal),
        TEST(a_store_ahead_of_its_journal_is_refused),
        TEST(an_erased_text_leaves_the_files),
        TEST(an_erased_text_leaves_the_files_after_a_restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
