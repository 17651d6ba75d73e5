/* What the check of a store calls a row: the key of one that was put into each table, in words. */
#include "base/clocktext.h"
#include "engine/engine.h"
#include "engine/verify.h"
#include "store/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define AREA 340705006001002
#define DUE  INT64_C(1790730000000) /* 2026-09-30T09:00+08:00 */
#define DAY  (DUE / GP_MS_DAY)

static const unsigned char id[32] = {0xA0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0xAF};

/* Two rows for those of which there are two kinds, in the order of their keys. */
static void put_all(struct gp_txn *txn)
{
    const struct gp_area_row row = {.level = 5, .state = 1}, closed = {.closed = true};
    const struct gp_state_row state = {.mark = 3, .id = 41, .padded = AREA};
    const struct gp_span record = GP_SPAN("record");
    const struct gp_personal personal = {.text = GP_SPAN("text")};

    assert_int_equal(gp_by_area_put(txn, AREA, 41, row), 0);
    assert_int_equal(gp_by_area_put(txn, AREA, 42, closed), 0);
    assert_int_equal(gp_by_post_put(txn, 0xBEEF, 0, DUE, 41), 0);
    assert_int_equal(gp_by_post_put(txn, 0xBEEF, 1, INT64_MAX, 42), 0);
    assert_int_equal(gp_by_dept_put(txn, 0xABC, 1, 42), 0);
    assert_int_equal(gp_by_state_put(txn, &state), 0);
    assert_int_equal(gp_deadline_put(txn, DUE, 41, 1), 0);
    assert_int_equal(gp_deadline_put(txn, DUE, 7 | GP_DEADLINE_LEAVE, 0), 0);
    assert_int_equal(gp_dedup_put(txn, id, 0x23, GP_SPAN("answer")), 0);
    assert_int_equal(gp_vacant_put(txn, 0xBEEF, DAY, 9), 0);
    assert_int_equal(gp_link_put(txn, 41, 43), 0);
    assert_int_equal(gp_strike_put(txn, 0x77, 2026, 41, record), 0);
    assert_int_equal(gp_on_spot_put(txn, AREA, 1), 0);
    assert_int_equal(gp_leave_put(txn, 7, record), 0);
    assert_int_equal(gp_device_put(txn, 5, record), 0);
    assert_int_equal(gp_device_key_put(txn, id, 5), 0);
    assert_int_equal(gp_personal_put(txn, 41, 9, &personal), 0);
}

/* The text of a table's rows, one after the other. */
static void assert_keys(struct gp_txn *txn, enum gp_table table, const char *one, const char *two)
{
    const char *const texts[] = {one, two};
    struct gp_span key, value;
    struct gp_walk *walk;
    char text[200];

    assert_int_equal(gp_walk_open(txn, table, (struct gp_span){0}, &walk), 0);
    for (size_t i = 0; i < 2 && texts[i] != NULL; i++) {
        assert_int_equal(gp_walk_next(walk, &key, &value), 0);
        gp_key_text(table, (const unsigned char *)key.ptr, key.len, text, sizeof text);
        assert_string_equal(text, texts[i]);
    }
    gp_walk_close(walk);
}

static void each_table_has_its_words(void **state)
{
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);

    (void)state;
    put_all(txn);
    assert_keys(txn, GP_TABLE_BY_AREA, "area 340705006001002, incident 41",
                "area 340705006001002 closed, incident 42");
    assert_keys(txn, GP_TABLE_BY_POST, "post 0000beef, due 2026-09-30T01:00:00+00:00, incident 41",
                "post 0000beef closed, due 9223372036854775807, incident 42");
    assert_keys(txn, GP_TABLE_BY_DEPT, "department 00000abc closed, incident 42", NULL);
    assert_keys(txn, GP_TABLE_BY_STATE, "mark 3, incident 41", NULL);
    assert_keys(txn, GP_TABLE_DEADLINE, "due 2026-09-30T01:00:00+00:00, incident 41",
                "due 2026-09-30T01:00:00+00:00, leave 7");
    assert_keys(txn, GP_TABLE_DEDUP,
                "command a00102030405060708090a0b0c0d0eaf, device 0000000000000023", NULL);
    assert_keys(txn, GP_TABLE_VACANT, "day 2026-09-30, post 0000beef", NULL);
    assert_keys(txn, GP_TABLE_LINK, "incident 41, followed by 43", NULL);
    assert_keys(txn, GP_TABLE_STRIKE, "person 0000000000000077, year 2026, incident 41", NULL);
    assert_keys(txn, GP_TABLE_ON_SPOT, "area 340705006001002", NULL);
    assert_keys(txn, GP_TABLE_LEAVE, "leave 7", NULL);
    assert_keys(txn, GP_TABLE_DEVICE, "device 5", NULL);
    assert_keys(txn, GP_TABLE_DEVICE_KEY, "key a00102030405060708090a0b0c0d0eaf", NULL);
    assert_keys(txn, GP_TABLE_PERSONAL, "incident 41, entry 9", NULL);
    gp_txn_abort(txn);
    gp_store_close(store);
}

static void assert_text(enum gp_table table, const char *key, size_t len, size_t room,
                        const char *should)
{
    char text[64];

    gp_key_text(table, (const unsigned char *)key, len, text, room);
    assert_string_equal(text, should);
}

/* A damaged key may be of any length, and have any bytes; the words end where there is no room. */
static void any_key_has_words(void **state)
{
    (void)state;
    assert_text(GP_TABLE_META, "replan-next", 11, 64, "name replan-next");
    assert_text(GP_TABLE_META, "re\n\xFF", 4, 64, "name re??");
    assert_text(GP_TABLE_INCIDENT, "\1\2", 2, 64, "incident 258");
    assert_text(GP_TABLE_LINK, "", 0, 64, "incident 0, followed by 0");
    assert_text(GP_TABLE_VACANT, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8, 64,
                "day 9223372036854775807, post 00000000");
    assert_text(GP_TABLE_LINK, "\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\2", 16, 12, "incident 1,");
    assert_text(GP_TABLE_LINK, "\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\2", 16, 5, "inci");
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(each_table_has_its_words), TEST(any_key_has_words)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
