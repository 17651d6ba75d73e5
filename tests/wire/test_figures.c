/* Figures on the wire: histograms that are none, and words for what is counted. */
#include "wire/forms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* Reads the sample with its first histogram as it is changed. */
static int read_changed(void (*change)(Gp__Histogram *histogram))
{
    struct gp_arena arena;
    struct gp_span bytes;
    struct gp_reply reply;

    gp_arena_init(&arena, (size_t)4 * 1024 * 1024);
    assert_int_equal(gp_wire_reply_pack(sample_reply(GP_REPLY_FIGURES), &arena, &bytes), 0);
    Gp__Reply *message = gp__reply__unpack(NULL, bytes.len, (const uint8_t *)bytes.ptr);
    assert_non_null(message);
    change(message->figures->commit_us);
    size_t len = gp__reply__get_packed_size(message);
    uint8_t *changed = malloc(len);
    assert_non_null(changed);
    assert_int_equal(gp__reply__pack(message, changed), len);
    int rc = gp_wire_reply_unpack((struct gp_span){(const char *)changed, len}, &arena, &reply);
    free(changed);
    gp__reply__free_unpacked(message, NULL);
    gp_arena_release(&arena);
    return rc;
}

static void leave_alone(Gp__Histogram *histogram)
{
    (void)histogram;
}

static void let_two_bounds_be_one(Gp__Histogram *histogram)
{
    histogram->bound[3] = histogram->bound[2];
}

static void lose_a_count(Gp__Histogram *histogram)
{
    histogram->n_count--;
}

static void lose_all_bounds(Gp__Histogram *histogram)
{
    histogram->n_bound = 0;
    histogram->n_count = 1;
}

static void have_too_many(Gp__Histogram *histogram)
{
    histogram->bound = realloc(histogram->bound, (GP_BOUNDS_MAX + 1) * sizeof(uint64_t));
    histogram->count = realloc(histogram->count, (GP_BOUNDS_MAX + 2) * sizeof(uint64_t));
    assert_non_null(histogram->bound);
    assert_non_null(histogram->count);
    histogram->bound[GP_BOUNDS_MAX - 1] = UINT64_MAX - 1;
    histogram->bound[GP_BOUNDS_MAX] = UINT64_MAX;
    histogram->count[GP_BOUNDS_MAX + 1] = 1;
    histogram->n_bound++;
    histogram->n_count++;
}

static void a_histogram_is_ascending_and_whole(void **state)
{
    (void)state;
    assert_int_equal(read_changed(leave_alone), 0);
    assert_int_equal(read_changed(lose_all_bounds), 0);
    assert_int_equal(read_changed(let_two_bounds_be_one), GP_EFORMAT);
    assert_int_equal(read_changed(lose_a_count), GP_EFORMAT);
    assert_int_equal(read_changed(have_too_many), GP_ELIMIT);
}

/* More kinds than this client has room for are refused, and not written behind it. */
static void no_list_is_longer_than_its_room(void **state)
{
    uint64_t list[GP_COUNTS_MAX] = {1};
    Gp__Figures figures = GP__FIGURES__INIT;
    Gp__Reply message = GP__REPLY__INIT;
    uint8_t bytes[1024];
    struct gp_arena arena;
    struct gp_reply reply;

    (void)state;
    gp_arena_init(&arena, (size_t)1024 * 1024);
    message.has_version = message.has_status = true;
    message.version = GP_WIRE_VERSION;
    message.status = GP__STATUS__OK;
    message.body_case = GP__REPLY__BODY_FIGURES;
    message.figures = &figures;
    figures.refusal = list;
    for (figures.n_refusal = GP_COUNTS_MAX - 1; figures.n_refusal <= GP_COUNTS_MAX;
         figures.n_refusal++) {
        size_t len = gp__reply__pack(&message, bytes);
        assert_true(len <= sizeof bytes);
        assert_int_equal(
            gp_wire_reply_unpack((struct gp_span){(const char *)bytes, len}, &arena, &reply),
            figures.n_refusal < GP_COUNTS_MAX ? 0 : GP_ELIMIT);
    }
    gp_arena_release(&arena);
}

/* Each body of a request is a kind of request, and called as in gridpost.proto. */
static void kinds_of_request_have_their_bodies_names(void **state)
{
    unsigned found = 0;

    (void)state;
    for (unsigned i = 0; i < gp__request__descriptor.n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &gp__request__descriptor.fields[i];
        if (!(field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF))
            continue;
        int kind = GP_REQUEST_COMMAND;
        while (kind <= GP_REQUEST_SUMMARY && strcmp(gp_request_word(kind), field->name) != 0)
            kind++;
        if (kind > GP_REQUEST_SUMMARY)
            fail_msg("no kind of request is called %s", field->name);
        found++;
    }
    assert_int_equal(found, GP_REQUEST_SUMMARY);
    assert_string_equal(gp_request_word(0), "?");
    assert_string_equal(gp_request_word(GP_REQUEST_SUMMARY + 1), "?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_histogram_is_ascending_and_whole),
        cmocka_unit_test(no_list_is_longer_than_its_room),
        cmocka_unit_test(kinds_of_request_have_their_bodies_names),
    };
    return cmocka_run_group_tests_name("figures", tests, NULL, NULL);
}
