/* What is remembered of a command's id, how long, and how it is forgotten (R20). */
#include "engine/city.h"

#include "base/bytes.h"
#include "base/clocktext.h"
#include "wire/message.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define MEMORY_MS (GP_DEDUP_DAYS * GP_MS_DAY)

/* A store of its own, so that it can be a drill's, and time that a test sets as it likes. */
struct desk {
    struct city city; /* for its directory and its random reports */
    char folder[40], path[60], copy[60];
    struct gp_store *store;
    struct gp_engine *engine;
    int64_t now_ms;
};

static struct gp_store *open_store(const char *path, bool drill)
{
    struct gp_store_options options = {
        .map_bytes = UINT64_C(1) << 30, .create = true, .unsafe_nosync = true, .drill = drill};
    struct gp_store *store;

    assert_int_equal(gp_store_open(path, &options, &store), 0);
    return store;
}

static void desk_open(struct desk *desk, bool drill)
{
    *desk = (struct desk){.folder = "/tmp/gridpost-forget-XXXXXX", .now_ms = CITY_START_MS};
    city_open(&desk->city, 50);
    assert_non_null(mkdtemp(desk->folder));
    (void)snprintf(desk->path, sizeof desk->path, "%s/store", desk->folder);
    (void)snprintf(desk->copy, sizeof desk->copy, "%s/copy", desk->folder);
    desk->store = open_store(desk->path, drill);
    assert_int_equal(gp_engine_open(desk->store, &desk->engine), 0);
}

static int remove_one(const char *path, const struct stat *stat, int kind, struct FTW *walk)
{
    (void)stat;
    (void)kind;
    (void)walk;
    return remove(path);
}

static void desk_close(struct desk *desk)
{
    gp_engine_close(desk->engine);
    gp_store_close(desk->store);
    (void)nftw(desk->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    city_close(&desk->city);
}

/* Returns whether the item wrote anything. */
static bool apply(struct desk *desk, struct gp_item *item)
{
    struct gp_batch batch = {
        .org = desk->city.org, .now_ms = desk->now_ms, .item = item, .item_count = 1};

    assert_int_equal(gp_engine_apply(desk->engine, &batch), 0);
    return batch.head > batch.head_before;
}

/* Applies a command made at made_ms by its handset; returns whether it was a repeat. */
static bool repeated(struct desk *desk, struct gp_command *command, int64_t made_ms)
{
    struct gp_item item = {.kind = GP_ITEM_COMMAND};

    gp_put_u64(command->id, (uint64_t)made_ms << 16 | (gp_get_u64(command->id) & UINT64_C(0xffff)));
    item.command = *command;
    (void)apply(desk, &item);
    assert_int_equal(item.answer.reason, GP_REASON_NONE);
    return item.answer.repeated;
}

/* One item; *ret_wrote may be NULL. Returns whether there is more to do. */
static bool forget(struct desk *desk, bool *ret_wrote)
{
    struct gp_item item = {.kind = GP_ITEM_FORGET};
    bool wrote = apply(desk, &item);

    if (ret_wrote != NULL)
        *ret_wrote = wrote;
    return item.more;
}

static uint64_t remembered(struct desk *desk)
{
    struct gp_store_figures figures;
    struct gp_txn *txn;

    assert_int_equal(gp_txn_read(desk->store, &txn), 0);
    assert_int_equal(gp_store_figures(txn, &figures), 0);
    gp_txn_abort(txn);
    return figures.rows[GP_TABLE_DEDUP];
}

static void assert_rebuilds(struct desk *desk)
{
    struct gp_store *copy = open_store(desk->copy, gp_store_is_drill(desk->store));
    enum gp_table table;

    city_recover_and_compare(desk->store);
    assert_int_equal(gp_engine_rebuild(desk->store, copy, NULL, NULL), 0);
    assert_int_equal(gp_engine_compare(desk->store, copy, &table), 0);
    gp_store_close(copy);
}

static void id_is_forgotten_after_400_days(void **state)
{
    struct desk desk;
    struct gp_command report;
    bool wrote;

    (void)state;
    desk_open(&desk, false);
    city_random_report(&desk.city, &report);
    assert_false(repeated(&desk, &report, desk.now_ms));
    desk.now_ms += MEMORY_MS;
    assert_false(forget(&desk, &wrote));
    assert_false(wrote);
    assert_true(repeated(&desk, &report, CITY_START_MS));
    desk.now_ms++;
    assert_false(forget(&desk, &wrote));
    assert_true(wrote);
    assert_false(forget(&desk, &wrote));
    assert_false(wrote);
    assert_rebuilds(&desk);
    assert_false(repeated(&desk, &report, CITY_START_MS));
    desk_close(&desk);
}

/* Its ids are old from the first; what counts is when the first of them came. */
static void handset_in_1970_is_remembered_as_long(void **state)
{
    struct desk desk;
    struct gp_command report;

    (void)state;
    desk_open(&desk, false);
    city_random_report(&desk.city, &report);
    assert_false(repeated(&desk, &report, 5));
    desk.now_ms += MEMORY_MS;
    assert_false(forget(&desk, NULL));
    assert_true(repeated(&desk, &report, 5));
    desk.now_ms++;
    assert_false(forget(&desk, NULL));
    assert_rebuilds(&desk);
    assert_false(repeated(&desk, &report, 5));
    desk_close(&desk);
}

/* Ids of wrong clocks that must stay lie before the one that may go: an item looks at so many rows
 * and the next goes on. */
static void young_rows_are_passed_over_some_at_a_time(void **state)
{
    struct desk desk;
    struct gp_command report;
    bool wrote;

    (void)state;
    desk_open(&desk, false);
    city_random_report(&desk.city, &report);
    assert_false(repeated(&desk, &report, desk.now_ms));
    assert_false(repeated(&desk, &report, 1));
    desk.now_ms += MEMORY_MS;
    for (int i = 2; i < GP_FORGET_ROWS_MAX + 10; i++)
        assert_false(repeated(&desk, &report, i));
    desk.now_ms++;
    uint64_t before = remembered(&desk);
    assert_true(forget(&desk, NULL));
    assert_int_equal(remembered(&desk), before - 1); /* id 1 */
    assert_false(forget(&desk, NULL));
    assert_int_equal(remembered(&desk), before - 2);
    assert_rebuilds(&desk);
    (void)forget(&desk, &wrote); /* the next day's look begins at the first row again */
    assert_true(wrote);
    assert_false(forget(&desk, NULL));
    assert_int_equal(remembered(&desk), before - 2);
    desk_close(&desk);
}

/* Where a look stopped is in meta, by a fold and by a record of the log as well; so is that the
 * last look has taken it away. */
static void what_was_forgotten_is_so_after_recovering(void **state)
{
    struct desk desk;
    struct gp_command report;

    (void)state;
    desk_open(&desk, false);
    city_random_report(&desk.city, &report);
    for (int i = 1; i < GP_FORGET_ROWS_MAX + 10; i++)
        assert_false(repeated(&desk, &report, i));
    desk.now_ms += MEMORY_MS + 1;
    assert_true(forget(&desk, NULL));
    city_recover_and_compare(desk.store);
    assert_int_equal(remembered(&desk), 9);
    assert_false(forget(&desk, NULL));
    city_recover_and_compare(desk.store);
    assert_int_equal(remembered(&desk), 0);
    assert_rebuilds(&desk);
    desk_close(&desk);
}

/* Its clock may be years ahead of the one that its handsets make ids by. */
static void drill_goes_by_its_own_clock(void **state)
{
    struct desk desk;
    struct gp_command report;

    (void)state;
    desk_open(&desk, true);
    city_random_report(&desk.city, &report);
    assert_false(repeated(&desk, &report, desk.now_ms - 2 * MEMORY_MS));
    assert_false(repeated(&desk, &report, desk.now_ms + 2 * MEMORY_MS));
    desk.now_ms += MEMORY_MS;
    assert_false(forget(&desk, NULL));
    assert_int_equal(remembered(&desk), 2);
    desk.now_ms++;
    assert_false(forget(&desk, NULL));
    assert_int_equal(remembered(&desk), 0);
    assert_rebuilds(&desk);
    desk_close(&desk);
}

/* Rows of format 1 do not say when they were stored. */
static void older_rows_go_by_their_ids(void **state)
{
    struct desk desk;
    struct gp_command report;
    struct gp_txn *txn;
    struct gp_span row;
    unsigned char older[45];
    const uint64_t device = 7;

    (void)state;
    desk_open(&desk, false);
    city_random_report(&desk.city, &report);
    report.text = (struct gp_span){0}; /* nothing personal: the row is not salted */
    assert_false(repeated(&desk, &report, desk.now_ms));
    assert_int_equal(gp_txn_write(desk.store, &txn), 0);
    assert_int_equal(gp_dedup_get(txn, report.id, gp_device_hash(report.device), &row), 0);
    assert_int_equal(row.len, 53);
    memcpy(older, row.ptr, sizeof older);
    row = (struct gp_span){(char *)older, sizeof older};
    assert_int_equal(gp_dedup_put(txn, report.id, gp_device_hash(report.device), row), 0);
    memset(report.id, 0, 6);
    assert_int_equal(gp_dedup_put(txn, report.id, device, row), 0);
    assert_int_equal(gp_txn_commit(txn), 0);

    assert_true(repeated(&desk, &report, desk.now_ms));
    assert_false(forget(&desk, NULL)); /* the second: its id is of 1970 */
    assert_int_equal(remembered(&desk), 1);
    assert_true(repeated(&desk, &report, desk.now_ms));
    desk_close(&desk);
}

/* ---------------------------------------------------------------- words about people */

static void ask_for_leave(struct gp_command *command, const char *why, int64_t from_ms)
{
    *command = (struct gp_command){.verb = GP_VERB_LEAVE,
                                   .actor = GP_SPAN("zhang"),
                                   .device = GP_SPAN("desk"),
                                   .text = gp_span_of(why),
                                   .from_ms = from_ms,
                                   .to_ms = from_ms + GP_MS_DAY};
    memcpy(command->id, why, 8);
    memset(command->body_hash, why[0], sizeof command->body_hash);
    memset(command->salt, why[1], sizeof command->salt);
}

static void check_texts(struct desk *desk, uint64_t kept, uint64_t erased)
{
    struct gp_texts texts;
    uint64_t bad;

    assert_int_equal(gp_engine_check_texts(desk->store, &texts, &bad), 0);
    assert_int_equal(texts.kept, kept);
    assert_int_equal(texts.erased, erased);
}

/* Why somebody was on leave belongs to no incident that could be erased: it goes by itself. */
static void why_somebody_was_away_is_forgotten_after_400_days(void **state)
{
    struct desk desk;
    struct gp_command leave;
    bool wrote;

    (void)state;
    desk_open(&desk, false);
    ask_for_leave(&leave, "an illness", desk.now_ms + GP_MS_DAY);
    assert_false(repeated(&desk, &leave, desk.now_ms));
    desk.now_ms += GP_MS_DAY / 2;
    ask_for_leave(&leave, "wedding, the second", desk.now_ms + 10 * GP_MS_DAY);
    assert_false(repeated(&desk, &leave, desk.now_ms));
    check_texts(&desk, 2, 0);
    desk.now_ms = CITY_START_MS + MEMORY_MS;
    assert_false(forget(&desk, &wrote));
    assert_false(wrote);
    desk.now_ms++;
    assert_false(forget(&desk, &wrote));
    assert_true(wrote);
    check_texts(&desk, 1, 1);
    assert_rebuilds(&desk);
    assert_false(forget(&desk, &wrote));
    assert_false(wrote);
    desk_close(&desk);
}

/* Words that are gone without an entry that says so are a damage. */
static void words_that_are_lost_are_missed(void **state)
{
    struct desk desk;
    struct gp_command leave;
    struct gp_texts texts;
    struct gp_txn *txn;
    uint64_t bad = 0, seq;

    (void)state;
    desk_open(&desk, false);
    ask_for_leave(&leave, "an illness", desk.now_ms + GP_MS_DAY);
    assert_false(repeated(&desk, &leave, desk.now_ms));
    assert_int_equal(gp_txn_write(desk.store, &txn), 0);
    assert_int_equal(gp_personal_next(txn, 0, 0, &seq), 0);
    assert_int_equal(gp_personal_erase(txn, 0, seq + 1, 1), 0);
    assert_int_equal(gp_txn_commit(txn), 0);
    assert_int_equal(gp_engine_check_texts(desk.store, &texts, &bad), GP_ECORRUPT);
    assert_int_equal(bad, seq);
    desk_close(&desk);
}

/* R20 holds for what is about people as well: the same id with another body is a conflict. */
static void a_leave_with_the_id_of_another_is_a_conflict(void **state)
{
    struct desk desk;
    struct gp_command leave;
    struct gp_item item = {.kind = GP_ITEM_COMMAND};

    (void)state;
    desk_open(&desk, false);
    ask_for_leave(&leave, "an illness", desk.now_ms + GP_MS_DAY);
    assert_false(repeated(&desk, &leave, desk.now_ms));
    assert_true(repeated(&desk, &leave, desk.now_ms));
    item.command = leave;
    item.command.body_hash[0] ^= 1;
    (void)apply(&desk, &item);
    assert_int_equal(item.answer.reason, GP_REASON_CONFLICT);
    desk_close(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(id_is_forgotten_after_400_days),
        cmocka_unit_test(handset_in_1970_is_remembered_as_long),
        cmocka_unit_test(young_rows_are_passed_over_some_at_a_time),
        cmocka_unit_test(what_was_forgotten_is_so_after_recovering),
        cmocka_unit_test(drill_goes_by_its_own_clock),
        cmocka_unit_test(older_rows_go_by_their_ids),
        cmocka_unit_test(why_somebody_was_away_is_forgotten_after_400_days),
        cmocka_unit_test(words_that_are_lost_are_missed),
        cmocka_unit_test(a_leave_with_the_id_of_another_is_a_conflict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
