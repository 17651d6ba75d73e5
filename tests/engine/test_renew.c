/*
 * A long read renews its transaction, or LMDB could not use a page again while it runs and the data
 * file would grow (ARCHITECTURE section 4 of the design). The transactions are counted where LMDB
 * begins them: this program's own function stands before the library's.
 */
#include "base/arena.h"
#include "core/assess.h"
#include "engine/city.h"
#include "wire/message.h"

#include <dlfcn.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define ENTRIES (2 * GP_READ_ROWS_MAX + GP_READ_ROWS_MAX / 2)

typedef int (*begin_fn)(void *env, void *parent, unsigned flags, void **ret_txn);

static atomic_uint begun;

/* As lmdb.h has it, with its types as the pointers that they are. */
int mdb_txn_begin(void *env, void *parent, unsigned flags, void **ret_txn);

int mdb_txn_begin(void *env, void *parent, unsigned flags, void **ret_txn)
{
    begin_fn begin = (begin_fn)(uintptr_t)dlsym(RTLD_NEXT, "mdb_txn_begin");

    atomic_fetch_add(&begun, 1);
    return begin(env, parent, flags, ret_txn);
}

/* On the writer's own thread a read is a look into its transaction, so the daemon's readers are
 * elsewhere, and so is this one. */
static void *assess(void *context)
{
    static atomic_bool stop;
    struct city *city = context;
    struct gp_assess_ask ask = {.from_ms = 1, .to_ms = INT64_MAX, .by = GP_BY_AREA};
    struct gp_assessment page;
    struct gp_arena arena;

    gp_arena_init(&arena, 1 << 20);
    int rc = gp_engine_assess(gp_rehearsal_store(city->rehearsal), city->org, &ask, &stop, &arena,
                              &page);
    gp_arena_release(&arena);
    return rc == 0 ? context : NULL;
}

static void an_assessment_renews_its_transaction(void **state)
{
    struct city city;
    struct gp_command report;
    pthread_t reader;
    void *done;

    (void)state;
    city_open(&city, 1);
    while (city_head(&city, NULL) < ENTRIES) {
        city_random_report(&city, &report);
        (void)city_apply(&city, &report); /* some are refused: of no concern here */
        city.now_ms += 1000;
    }
    assert_int_equal(gp_store_checkpoint(gp_rehearsal_store(city.rehearsal)), 0);
    atomic_store(&begun, 0);
    assert_int_equal(pthread_create(&reader, NULL, assess, &city), 0);
    assert_int_equal(pthread_join(reader, &done), 0);
    assert_ptr_equal(done, &city);
    assert_true(atomic_load(&begun) >= 1 + ENTRIES / GP_READ_ROWS_MAX);
    city_close(&city);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_assessment_renews_its_transaction),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
