/* What comes over a connection, as bytes: those of the document, at every cut, and wrong ones. */
#include "client/reader.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/frame.h"
#include "base/limits.h"
#include "lib/document.h"
#include "trust/envelope.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define ANSWER_BYTES_MAX (GP_REPLY_BYTES_MAX + GP_ENVELOPE_OVERHEAD)
#define HEAD_BYTES       (GP_FRAME_HEAD_BYTES + GP_FRAME_PATH_BYTES)
#define NUMBER           (GP_FRAME_PATH_LAST | 1)

static char document[DOCUMENT_BYTES_MAX];

static int set_up(void **state)
{
    static struct gp_reader reader;

    document_read("PROTOCOL.md", document);
    gp_reader_init(&reader);
    *state = &reader;
    return 0;
}

static int tear_down(void **state)
{
    gp_reader_release(*state);
    return 0;
}

/* Puts bytes in, as many at once as there is room for. */
static void feed(struct gp_reader *reader, const void *bytes, size_t len)
{
    const unsigned char *at = bytes;
    unsigned char *room;
    size_t some;

    while (len > 0) {
        assert_int_equal(gp_reader_room(reader, &room, &some), 0);
        assert_true(some > 0);
        some = some < len ? some : len;
        memcpy(room, at, some);
        gp_reader_took(reader, some);
        at += some;
        len -= some;
    }
}

static void feed_block(struct gp_reader *reader, const char *name)
{
    static unsigned char bytes[1024];
    struct gp_span block = document_hex(document, name, bytes);

    feed(reader, block.ptr, block.len);
}

static void open_it(struct gp_reader *reader)
{
    feed_block(reader, "sp-rep");
    assert_int_equal(gp_reader_open(reader), 0);
}

static void assert_answer(struct gp_reader *reader, uint32_t number, struct gp_span body)
{
    uint32_t got = 0;
    struct gp_span span = {0};

    assert_int_equal(gp_reader_next(reader, &got, &span), 0);
    assert_int_equal(got, number);
    assert_true(gp_span_equal(span, body));
}

static void assert_next(struct gp_reader *reader, int rc)
{
    uint32_t number = 0;
    struct gp_span span = {0};

    assert_int_equal(gp_reader_next(reader, &number, &span), rc);
}

/* ---------------------------------------------------------------- the document */

static void the_documents_bytes_are_ours(void **state)
{
    static unsigned char bytes[1024], head_bytes[64];
    unsigned char opening[GP_SP_BYTES], head[HEAD_BYTES];
    struct gp_span said = document_hex(document, "sp-req", bytes);

    (void)state;
    gp_sp_write(GP_SP_REQ, opening);
    assert_int_equal(said.len, sizeof opening);
    assert_memory_equal(said.ptr, opening, sizeof opening);
    struct gp_span request = document_hex(document, "report-request", bytes);
    said = document_hex(document, "sp-head", head_bytes);
    gp_frame_write_head(NUMBER, request.len, head);
    assert_int_equal(said.len, sizeof head);
    assert_memory_equal(said.ptr, head, sizeof head);
}

static void the_documents_answers_are_found(void **state)
{
    static const char *const blocks[] = {"report-reply", "answer", "welcome", "again"};
    static unsigned char bytes[1024];
    unsigned char head[HEAD_BYTES];

    open_it(*state);
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
        struct gp_span block = document_hex(document, blocks[i], bytes);
        gp_frame_write_head(NUMBER, block.len, head);
        feed(*state, head, sizeof head);
        feed(*state, block.ptr, block.len);
        assert_answer(*state, NUMBER, block);
        assert_false(gp_reader_more(*state));
    }
    feed_block(*state, "sp-reply-head");
    feed_block(*state, "report-reply");
    assert_answer(*state, NUMBER, document_hex(document, "report-reply", bytes));
}

/* ---------------------------------------------------------------- cuts */

static void an_answer_is_found_at_every_cut(void **state)
{
    static unsigned char stream[1024], bytes[1024];
    struct gp_reader *reader = *state;
    struct gp_span body = document_hex(document, "answer", bytes);
    size_t whole = HEAD_BYTES + body.len;

    gp_frame_write_head(NUMBER, body.len, stream);
    memcpy(stream + HEAD_BYTES, body.ptr, body.len);
    for (size_t cut = 0; cut < whole; cut++) {
        gp_reader_release(reader);
        open_it(reader);
        feed(reader, stream, cut);
        assert_next(reader, GP_EAGAIN);
        feed(reader, stream + cut, whole - cut);
        assert_answer(reader, NUMBER, body);
        assert_next(reader, GP_EAGAIN);
    }
}

static void the_opening_is_taken_byte_by_byte(void **state)
{
    unsigned char opening[GP_SP_BYTES];

    gp_sp_write(GP_SP_REP, opening);
    assert_int_equal(gp_reader_open(*state), GP_EAGAIN);
    for (size_t at = 0; at < sizeof opening; at++) {
        feed(*state, opening + at, 1);
        assert_int_equal(gp_reader_open(*state), at + 1 < sizeof opening ? GP_EAGAIN : 0);
    }
    assert_next(*state, GP_EAGAIN);
}

static void two_answers_come_one_after_the_other(void **state)
{
    unsigned char head[HEAD_BYTES];

    open_it(*state);
    gp_frame_write_head(NUMBER, 2, head);
    feed(*state, head, sizeof head);
    feed(*state, "hi", 2);
    gp_frame_write_head(NUMBER + 1, 0, head);
    feed(*state, head, sizeof head);
    assert_answer(*state, NUMBER, GP_SPAN("hi"));
    assert_true(gp_reader_more(*state));
    assert_answer(*state, NUMBER + 1, GP_SPAN(""));
    assert_false(gp_reader_more(*state));
}

/* ---------------------------------------------------------------- what is refused */

static void another_opening_is_refused_by_its_first_wrong_byte(void **state)
{
    unsigned char opening[GP_SP_BYTES];
    struct gp_reader *reader = *state;

    for (size_t at = 0; at < sizeof opening; at++) {
        gp_reader_release(reader);
        gp_sp_write(GP_SP_REP, opening);
        opening[at] ^= 1;
        feed(reader, opening, at + 1);
        assert_int_equal(gp_reader_open(reader), GP_EFORMAT);
    }
}

static void nothing_may_come_with_the_opening(void **state)
{
    feed_block(*state, "sp-rep");
    feed(*state, "\1", 1);
    assert_int_equal(gp_reader_open(*state), GP_EFORMAT);
}

static void what_is_no_answer_is_refused_early(void **state)
{
    static const struct {
        const char *what, *bytes;
        size_t len;
        int rc;
    } cases[] = {
        {"another type", "\2", 1, GP_EFORMAT},
        {"no type, as over tcp", "\0\0\0\0\0\0\0\6\x80\0\0\1hi", 14, GP_EFORMAT},
        {"a length by its first byte", "\1\x80", 2, GP_ELIMIT},
        {"the largest length", "\1\xff\xff\xff\xff\xff\xff\xff\xff", 9, GP_ELIMIT},
        {"no room for a number", "\1\0\0\0\0\0\0\0\3", 9, GP_EFORMAT},
        {"no end of the path", "\1\0\0\0\0\0\0\0\4\0\0\0\1", 13, GP_EFORMAT},
    };
    struct gp_reader *reader = *state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        print_message("%s\n", cases[i].what);
        gp_reader_release(reader);
        open_it(reader);
        feed(reader, cases[i].bytes, cases[i].len);
        assert_next(reader, cases[i].rc);
    }
}

/* ---------------------------------------------------------------- sizes */

static void the_largest_answer_fits_and_no_larger_one(void **state)
{
    char *body = calloc(1, ANSWER_BYTES_MAX);
    struct gp_reader *reader = *state;
    unsigned char head[HEAD_BYTES];

    assert_non_null(body);
    open_it(reader);
    gp_frame_write_head(NUMBER, ANSWER_BYTES_MAX, head);
    feed(reader, head, sizeof head);
    feed(reader, body, ANSWER_BYTES_MAX);
    assert_answer(reader, NUMBER, (struct gp_span){body, ANSWER_BYTES_MAX});
    gp_frame_write_head(NUMBER, ANSWER_BYTES_MAX + 1, head);
    feed(reader, head, sizeof head);
    assert_next(reader, GP_ELIMIT);
    free(body);
}

/* What is announced costs nothing, what has come twice its size; and a large one is given back. */
static void memory_follows_what_has_come(void **state)
{
    char *body = calloc(1, ANSWER_BYTES_MAX);
    struct gp_reader *reader = *state;
    unsigned char head[HEAD_BYTES];

    assert_non_null(body);
    open_it(reader);
    gp_frame_write_head(NUMBER, ANSWER_BYTES_MAX, head);
    feed(reader, head, sizeof head);
    assert_next(reader, GP_EAGAIN);
    assert_true(reader->room <= 4096);
    feed(reader, body, 10000);
    assert_next(reader, GP_EAGAIN);
    assert_true(reader->room <= 2 * (10000 + 4096));
    feed(reader, body, ANSWER_BYTES_MAX - 10000);
    assert_answer(reader, NUMBER, (struct gp_span){body, ANSWER_BYTES_MAX});
    assert_next(reader, GP_EAGAIN);
    assert_int_equal(reader->room, 0);
    free(body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        T(the_documents_bytes_are_ours),
        T(the_documents_answers_are_found),
        T(an_answer_is_found_at_every_cut),
        T(the_opening_is_taken_byte_by_byte),
        T(two_answers_come_one_after_the_other),
        T(another_opening_is_refused_by_its_first_wrong_byte),
        T(nothing_may_come_with_the_opening),
        T(what_is_no_answer_is_refused_early),
        T(the_largest_answer_fits_and_no_larger_one),
        T(memory_follows_what_has_come),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
