/* Personal texts on a real store: where they are, where they are not, and what erasing leaves. */
#include "engine/city.h"

#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define TEXT  "住三楼的老人独居"
#define PHONE "13800001234"
#define DONE  "typed by the one who did it"

static struct city city;
static struct gp_arena arena;

static int begin(void **state)
{
    (void)state;
    city_open(&city, 7);
    gp_arena_init(&arena, (size_t)16 << 20);
    return 0;
}

static int end(void **state)
{
    (void)state;
    gp_arena_release(&arena);
    city_close(&city);
    return 0;
}

/* ---------------------------------------------------------------- commands */

static struct gp_command a_report(const char *category)
{
    return (struct gp_command){
        .verb = GP_VERB_REPORT,
        .id = {0x01, 0xA0, 0xF1, [15] = 1},
        .body_hash = {1, 2, 3},
        .salt = {4, 5, 6},
        .actor = GP_SPAN("zhang"),
        .device = GP_SPAN("handset-1"),
        .grid = GP_SPAN("340705006001001"),
        .category = gp_span_of(category),
        .text = GP_SPAN(TEXT),
        .phone = GP_SPAN(PHONE),
    };
}

static struct gp_answer must(const struct gp_command *command)
{
    struct gp_answer answer = city_apply(&city, command);

    if (answer.reason != GP_REASON_NONE)
        fail_msg("refused: %s, %s", gp_reason_word(answer.reason), answer.detail);
    return answer;
}

static void act(enum gp_verb verb, const char *by, const char *text)
{
    struct gp_command command = {.verb = (uint8_t)verb,
                                 .incident = 1,
                                 .actor = gp_span_of(by),
                                 .salt = {(unsigned char)verb, 1},
                                 .text = gp_span_of(text)};
    (void)must(&command);
}

/* Incident 1, from its report to its end. */
static void close_one(const char *category)
{
    struct gp_command report = a_report(category);

    (void)must(&report);
    act(GP_VERB_FINISH, "li", DONE);
    act(GP_VERB_VERIFY, "wang", "");
    act(GP_VERB_INFORM, "wang", "");
    act(GP_VERB_CLOSE, "wang", "");
}

static void erase(void)
{
    act(GP_VERB_ERASE, "feng", "over");
}

/* ---------------------------------------------------------------- looking */

static struct gp_feed_page feed(const char *reader)
{
    struct gp_feed_page page;
    struct gp_feed_ask ask = {0};

    assert_int_equal(gp_engine_feed(gp_rehearsal_store(city.rehearsal), city.org, &ask,
                                    gp_span_of(reader), city.now_ms, &arena, &page),
                     0);
    assert_int_equal(page.scanned_to, page.head);
    return page;
}

static const struct gp_entry *find(const struct gp_feed_page *page, enum gp_what what)
{
    for (uint32_t i = 0; i < page->count; i++) {
        if (page->item[i]->what == what)
            return page->item[i];
    }
    fail_msg("no %s", gp_what_name(what));
    return NULL;
}

static struct gp_incident incident(const char *reader)
{
    struct gp_incident got;

    assert_int_equal(gp_engine_incident(gp_rehearsal_store(city.rehearsal), city.org, 1,
                                        gp_span_of(reader), city.now_ms, &arena, &got),
                     0);
    return got;
}

static struct gp_incident row(const char *reader)
{
    struct gp_query query = {0};
    struct gp_page page;

    assert_int_equal(gp_engine_query(gp_rehearsal_store(city.rehearsal), city.org, &query,
                                     gp_span_of(reader), city.now_ms, NULL, &arena, &page),
                     0);
    assert_int_equal(page.count, 1);
    return page.item[0];
}

static bool holds(struct gp_span bytes, const char *words)
{
    return memmem(bytes.ptr, bytes.len, words, strlen(words)) != NULL;
}

/* How many rows of a table hold any of what was typed. */
static unsigned rows_with_texts(enum gp_table table)
{
    struct gp_txn *txn;
    struct gp_walk *walk;
    struct gp_span key, value;
    unsigned count = 0;

    assert_int_equal(gp_txn_read(gp_rehearsal_store(city.rehearsal), &txn), 0);
    assert_int_equal(gp_walk_open(txn, table, (struct gp_span){0}, &walk), 0);
    while (gp_walk_next(walk, &key, &value) == 0)
        count += holds(value, TEXT) || holds(value, PHONE) || holds(value, DONE);
    gp_walk_close(walk);
    gp_txn_abort(txn);
    return count;
}

static void chain_is_whole(void)
{
    struct gp_txn *txn;
    uint64_t head, bad;

    assert_int_equal(gp_txn_read(gp_rehearsal_store(city.rehearsal), &txn), 0);
    assert_int_equal(gp_journal_head(txn, &head, NULL), 0);
    assert_int_equal(gp_journal_verify(txn, 1, head, &bad), 0);
    gp_txn_abort(txn);
}

static int check(struct gp_texts *texts, uint64_t *bad)
{
    return gp_engine_check_texts(gp_rehearsal_store(city.rehearsal), texts, bad);
}

/* ---------------------------------------------------------------- where texts are */

static void texts_lie_beside_the_journal_only(void **state)
{
    (void)state;
    close_one("n4");
    for (int table = 0; table < GP_TABLE_COUNT; table++)
        assert_int_equal(rows_with_texts((enum gp_table)table), table == GP_TABLE_PERSONAL ? 2 : 0);
}

static void readers_see_them(void **state)
{
    (void)state;
    close_one("n4");
    struct gp_feed_page page = feed("");
    const struct gp_entry *reported = find(&page, GP_WHAT_REPORTED);
    assert_true(gp_span_is(reported->text, TEXT));
    assert_true(gp_span_is(reported->phone, PHONE));
    assert_false(reported->flags & GP_FLAG_ERASED);
    assert_true(gp_span_is(find(&page, GP_WHAT_FINISHED)->text, DONE));
    assert_true(gp_span_is(incident("").text, TEXT));
    assert_true(gp_span_is(row("").text, TEXT));
}

static void show(void *context, const struct gp_entry *entry)
{
    unsigned *seen = context;

    if (entry->what == GP_WHAT_REPORTED && gp_span_is(entry->text, TEXT) &&
        gp_span_is(entry->phone, PHONE))
        ++*seen;
}

static void a_rehearsal_shows_them(void **state)
{
    struct gp_command report = a_report("n4");
    unsigned seen = 0;

    (void)state;
    gp_rehearsal_on_entry(city.rehearsal, show, &seen);
    (void)must(&report);
    assert_int_equal(seen, 1);
}

static void a_private_incident_stays_masked(void **state)
{
    (void)state;
    close_one("p4");
    for (int erased = 0; erased < 2; erased++) {
        struct gp_feed_page page = feed("chu2");
        const struct gp_entry *reported = find(&page, GP_WHAT_REPORTED);
        assert_int_equal(reported->text.len, 0);
        assert_int_equal(reported->phone.len, 0);
        assert_int_equal(reported->flags & GP_FLAG_ERASED, 0);
        assert_int_equal(incident("chu2").text.len, 0);
        assert_int_equal(row("chu2").text.len, 0);
        page = feed("wang");
        assert_int_equal(find(&page, GP_WHAT_REPORTED)->text.len, erased ? 0 : strlen(TEXT));
        assert_int_equal(row("wang").text.len, erased ? 0 : strlen(TEXT));
        if (!erased)
            erase();
    }
}

/* ---------------------------------------------------------------- erasing */

/* From a backup, say, by somebody who is too helpful. */
static void an_erased_text_that_is_there_is_told_of(void **state)
{
    struct gp_store *store = gp_rehearsal_store(city.rehearsal);
    struct gp_personal personal;
    struct gp_texts texts;
    struct gp_txn *txn;
    char text[sizeof TEXT], phone[sizeof PHONE];
    uint64_t bad;

    (void)state;
    close_one("n4");
    const struct gp_incident before = incident("");
    assert_int_equal(gp_txn_read(store, &txn), 0);
    assert_int_equal(gp_personal_get(txn, before.id, before.text_seq, &personal), 0);
    memcpy(text, personal.text.ptr, personal.text.len);
    memcpy(phone, personal.phone.ptr, personal.phone.len);
    personal.text.ptr = text;
    personal.phone.ptr = phone;
    gp_txn_abort(txn);
    erase();
    assert_int_equal(check(&texts, &bad), 0);
    assert_int_equal(gp_txn_write(store, &txn), 0);
    assert_int_equal(gp_personal_put(txn, before.id, before.text_seq, &personal), 0);
    assert_int_equal(gp_txn_commit(txn), 0);
    assert_int_equal(check(&texts, &bad), GP_ECORRUPT);
}

static void erased_texts_are_gone(void **state)
{
    (void)state;
    close_one("n4");
    erase();
    assert_int_equal(rows_with_texts(GP_TABLE_PERSONAL), 0);
    struct gp_feed_page page = feed("");
    const struct gp_entry *reported = find(&page, GP_WHAT_REPORTED);
    assert_int_equal(reported->text.len, 0);
    assert_int_equal(reported->phone.len, 0);
    assert_true(reported->flags & GP_FLAG_ERASED);
    assert_true(find(&page, GP_WHAT_FINISHED)->flags & GP_FLAG_ERASED);
    assert_false(find(&page, GP_WHAT_CLOSED)->flags & GP_FLAG_ERASED); /* it never had any */
    const struct gp_entry *audit = find(&page, GP_WHAT_AUDIT);
    assert_true(gp_span_is(audit->text, "erased 2 texts: over"));
    assert_false(audit->flags & GP_FLAG_ERASED);
    assert_int_equal(incident("").text.len, 0);
    assert_int_equal(incident("").erased_ms, city.now_ms);
    assert_int_equal(row("").text.len, 0);
}

static void the_chain_outlives_its_texts(void **state)
{
    struct gp_texts texts;
    uint64_t bad;

    (void)state;
    close_one("n4");
    chain_is_whole();
    assert_int_equal(check(&texts, &bad), 0);
    assert_int_equal(texts.kept, 2);
    assert_int_equal(texts.erased, 0);
    city_rebuild_and_compare(&city);
    erase();
    chain_is_whole();
    assert_int_equal(check(&texts, &bad), 0);
    assert_int_equal(texts.kept, 0);
    assert_int_equal(texts.erased, 2);
    city_rebuild_and_compare(&city);
}

/* What is typed after the first erasing is another matter. */
static void reopened_incidents_are_erased_again(void **state)
{
    struct gp_texts texts;
    uint64_t bad;

    (void)state;
    close_one("n4");
    erase();
    act(GP_VERB_REOPEN, "zheng", "it is broken again");
    act(GP_VERB_FINISH, "li", DONE);
    act(GP_VERB_VERIFY, "wang", "");
    act(GP_VERB_CLOSE, "wang", "");
    assert_int_equal(check(&texts, &bad), 0);
    assert_int_equal(texts.kept, 2);
    assert_int_equal(texts.erased, 2);
    erase();
    assert_int_equal(check(&texts, &bad), 0);
    assert_int_equal(texts.erased, 4);
    struct gp_command again = {
        .verb = GP_VERB_ERASE, .incident = 1, .actor = GP_SPAN("feng"), .text = GP_SPAN("over")};
    assert_int_equal(city_apply(&city, &again).reason, GP_REASON_STATE);
    city_rebuild_and_compare(&city);
}

/* ---------------------------------------------------------------- salt */

static void the_salt_decides_the_hash(void **state)
{
    unsigned char hash[3][GP_HASH_BYTES];

    (void)state;
    for (int round = 0; round < 3; round++) {
        struct gp_command report = a_report("n4");
        city_close(&city);
        city_open(&city, 7);
        report.salt[0] = round < 2 ? 1 : 2;
        (void)must(&report);
        (void)city_head(&city, hash[round]);
    }
    assert_memory_equal(hash[0], hash[1], GP_HASH_BYTES);
    assert_memory_not_equal(hash[0], hash[2], GP_HASH_BYTES);
}

static unsigned rows_with_bytes(enum gp_table table, const void *bytes, size_t len)
{
    struct gp_txn *txn;
    struct gp_walk *walk;
    struct gp_span key, value;
    unsigned count = 0;

    assert_int_equal(gp_txn_read(gp_rehearsal_store(city.rehearsal), &txn), 0);
    assert_int_equal(gp_walk_open(txn, table, (struct gp_span){0}, &walk), 0);
    while (gp_walk_next(walk, &key, &value) == 0)
        count += memmem(value.ptr, value.len, bytes, len) != NULL;
    gp_walk_close(walk);
    gp_txn_abort(txn);
    return count;
}

/* The hash of a body would tell which text it had, to whoever tries enough of them. */
static void a_body_hash_is_salted_too(void **state)
{
    struct gp_command report = a_report("n4");

    (void)state;
    (void)must(&report);
    for (int table = 0; table < GP_TABLE_COUNT; table++)
        assert_int_equal(rows_with_bytes((enum gp_table)table, report.body_hash, 16), 0);
}

static void a_repeat_is_known_before_and_after(void **state)
{
    struct gp_command report = a_report("n4"), other = report;

    (void)state;
    close_one("n4");
    other.body_hash[0] ^= 1;
    report.salt[0] ^= 1; /* each request gets a salt of its own */
    struct gp_answer answer = must(&report);
    assert_true(answer.repeated);
    assert_false(answer.unsure);
    assert_int_equal(answer.incident, 1);
    assert_int_equal(city_apply(&city, &other).reason, GP_REASON_CONFLICT);
    erase();
    answer = must(&other);
    assert_true(answer.repeated); /* nobody can tell any more */
    assert_true(answer.unsure);
}

/* ---------------------------------------------------------------- damage */

static void put(uint64_t id, uint64_t seq, const char *text)
{
    const struct gp_personal personal = {.text = gp_span_of(text)};
    struct gp_txn *txn;

    assert_int_equal(gp_txn_write(gp_rehearsal_store(city.rehearsal), &txn), 0);
    assert_int_equal(gp_personal_put(txn, id, seq, &personal), 0);
    assert_int_equal(gp_txn_commit(txn), 0);
}

/* What is damaged is left out, and said; the rest is rebuilt. */
static void rebuilt_without_it(void)
{
    struct gp_rehearsal *other;
    enum gp_table table = GP_TABLE_COUNT;

    assert_int_equal(gp_rehearsal_open(city.org, city.now_ms, &other), 0);
    int rc = gp_engine_rebuild(gp_rehearsal_store(city.rehearsal), gp_rehearsal_store(other), NULL,
                               NULL);
    assert_int_equal(rc, 0);
    assert_int_equal(
        gp_engine_compare(gp_rehearsal_store(city.rehearsal), gp_rehearsal_store(other), &table),
        GP_ECORRUPT);
    assert_int_equal(table, GP_TABLE_PERSONAL);
    gp_rehearsal_close(other);
}

static void another_text_is_noticed(void **state)
{
    struct gp_feed_ask ask = {0};
    struct gp_feed_page page;
    struct gp_texts texts;
    uint64_t bad;

    (void)state;
    close_one("n4");
    put(1, 1, "another text, with a checksum of its own");
    assert_int_equal(check(&texts, &bad), GP_ECORRUPT);
    assert_int_equal(bad, 1);
    rebuilt_without_it();
    assert_int_equal(gp_engine_feed(gp_rehearsal_store(city.rehearsal), city.org, &ask,
                                    (struct gp_span){0}, city.now_ms, &arena, &page),
                     GP_ECORRUPT);
}

static void a_text_of_no_entry_is_noticed(void **state)
{
    struct gp_texts texts;
    uint64_t bad = 99;

    (void)state;
    close_one("n4");
    put(1, 1000, "of nothing");
    assert_int_equal(check(&texts, &bad), GP_ECORRUPT);
    assert_int_equal(bad, 0);
    rebuilt_without_it();
}

static void a_lost_text_is_no_erased_one(void **state)
{
    struct gp_texts texts;
    struct gp_txn *txn;
    uint64_t bad;

    (void)state;
    close_one("n4");
    assert_int_equal(gp_txn_write(gp_rehearsal_store(city.rehearsal), &txn), 0);
    assert_int_equal(gp_personal_erase(txn, 1, 2, 1), 0);
    assert_int_equal(gp_txn_commit(txn), 0);
    assert_int_equal(check(&texts, &bad), GP_ECORRUPT);
    assert_int_equal(bad, 1);
}

/* ---------------------------------------------------------------- limits */

static void a_text_too_long_is_answered(void **state)
{
    static char text[GP_TEXT_BYTES_MAX + 1];
    struct gp_command report = a_report("n4");
    struct gp_answer answer;

    (void)state;
    memset(text, 'x', sizeof text);
    report.text = (struct gp_span){text, sizeof text};
    assert_int_equal(gp_rehearsal_command(city.rehearsal, city.now_ms, &report, &answer), 0);
    assert_int_equal(answer.error, GP_ELIMIT);
    report.text.len--;
    (void)must(&report);
}

/* Texts lie beside what a page counts: they must count too, or a page outgrows its reply. */
static void pages_of_long_texts_stay_small(void **state)
{
    static char text[GP_TEXT_BYTES_MAX];
    struct gp_query query = {.limit = GP_PAGE_ROWS_MAX};
    struct gp_command report = a_report("n4");
    struct gp_page page;
    size_t bytes = 0;

    (void)state;
    memset(text, 'x', sizeof text);
    report.text = (struct gp_span){text, sizeof text};
    for (unsigned char i = 0; i < 200; i++) {
        report.id[15] = i;
        (void)must(&report);
    }
    assert_int_equal(gp_engine_query(gp_rehearsal_store(city.rehearsal), city.org, &query,
                                     (struct gp_span){0}, city.now_ms, NULL, &arena, &page),
                     0);
    assert_in_range(page.count, 20, GP_REPLY_BYTES_MAX / GP_TEXT_BYTES_MAX);
    assert_true(page.cursor_len > 0);
    for (uint32_t i = 0; i < page.count; i++)
        bytes += page.item[i].text.len;
    assert_in_range(bytes, 1, GP_REPLY_BYTES_MAX);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(texts_lie_beside_the_journal_only),
        TEST(readers_see_them),
        TEST(a_rehearsal_shows_them),
        TEST(a_private_incident_stays_masked),
        TEST(erased_texts_are_gone),
        TEST(an_erased_text_that_is_there_is_told_of),
        TEST(the_chain_outlives_its_texts),
        TEST(reopened_incidents_are_erased_again),
        TEST(the_salt_decides_the_hash),
        TEST(a_body_hash_is_salted_too),
        TEST(a_repeat_is_known_before_and_after),
        TEST(another_text_is_noticed),
        TEST(a_text_of_no_entry_is_noticed),
        TEST(a_lost_text_is_no_erased_one),
        TEST(a_text_too_long_is_answered),
        TEST(pages_of_long_texts_stay_small),
    };
    return cmocka_run_group_tests_name("personal", tests, NULL, NULL);
}
