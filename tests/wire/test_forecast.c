/* `who` and its answer: what must be there, and that names stand beside whom they name. */
#include "wire/forms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static struct gp_arena arena;
static Gp__Request request;
static Gp__WhoGet who;
static Gp__Reply *reply;

static int setup(void **state)
{
    struct gp_span bytes;

    (void)state;
    gp_arena_init(&arena, (size_t)4 * 1024 * 1024);
    gp__request__init(&request);
    gp__who_get__init(&who);
    request.has_version = true;
    request.version = GP_WIRE_VERSION;
    request.body_case = GP__REQUEST__BODY_WHO;
    request.who = &who;
    who.grid = who.category = (char *)(uintptr_t) "340705006001001";
    assert_int_equal(gp_wire_reply_pack(sample_reply(GP_REPLY_FORECAST), &arena, &bytes), 0);
    reply = gp__reply__unpack(NULL, bytes.len, (const uint8_t *)bytes.ptr);
    assert_non_null(reply);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    gp__reply__free_unpacked(reply, NULL);
    gp_arena_release(&arena);
    return 0;
}

static int ask(const char **ret_field)
{
    static uint8_t raw[1024];
    static struct gp_request got;
    size_t len = gp__request__get_packed_size(&request);

    assert_true(len <= sizeof raw);
    (void)gp__request__pack(&request, raw);
    return gp_wire_request_unpack((struct gp_span){(const char *)raw, len}, &arena, &got,
                                  ret_field);
}

static void who_names_grid_and_category(void **state)
{
    const char *field = "";

    (void)state;
    assert_int_equal(ask(&field), 0); /* the condition may be left out, and the time: now */
    who.category = NULL;
    assert_int_equal(ask(&field), GP_EFORMAT);
    assert_string_equal(field, "who.category");
    who.grid = NULL;
    assert_int_equal(ask(&field), GP_EFORMAT);
    assert_string_equal(field, "who.grid");
}

static int answer(struct gp_reply *ret_reply)
{
    static uint8_t raw[GP_REPLY_BYTES_MAX];
    size_t len = gp__reply__get_packed_size(reply);

    assert_true(len <= sizeof raw);
    (void)gp__reply__pack(reply, raw);
    return gp_wire_reply_unpack((struct gp_span){(const char *)raw, len}, &arena, ret_reply);
}

static void each_recipient_has_its_name(void **state)
{
    struct gp_reply got;
    Gp__ForecastStep *step = reply->forecast->step[0];

    (void)state;
    assert_int_equal(answer(&got), 0);
    assert_int_equal(got.forecast.count, 2);
    assert_int_equal(got.forecast.item[1]->entry.recipient_count, step->entry->n_recipient);
    assert_true(gp_span_is(got.forecast.item[1]->name[0], "name 王一"));
    step->n_name--;
    assert_int_equal(answer(&got), GP_EFORMAT);
    step->n_name++;
    assert_int_equal(answer(&got), 0);
}

static void a_step_without_its_entry_is_refused(void **state)
{
    struct gp_reply got;
    Gp__Entry *entry = reply->forecast->step[0]->entry;

    (void)state;
    reply->forecast->step[0]->entry = NULL;
    assert_int_equal(answer(&got), GP_EFORMAT);
    reply->forecast->step[0]->entry = entry;
}

static void a_forecast_is_bounded(void **state)
{
    static Gp__ForecastStep *many[GP_FORECAST_MAX + 1];
    Gp__ForecastStep **before = reply->forecast->step;
    Gp__ForecastStep small;
    Gp__Entry entry;
    struct gp_reply got;

    (void)state;
    gp__forecast_step__init(&small);
    gp__entry__init(&entry);
    small.entry = &entry;
    for (size_t i = 0; i <= GP_FORECAST_MAX; i++)
        many[i] = &small;
    reply->forecast->step = many;
    reply->forecast->n_step = GP_FORECAST_MAX;
    assert_int_equal(answer(&got), 0);
    reply->forecast->n_step = GP_FORECAST_MAX + 1;
    assert_int_equal(answer(&got), GP_ELIMIT);
    reply->forecast->step = before;
    reply->forecast->n_step = 2;
}

/* A person whose name is empty still keeps its place in the list. */
static void an_empty_name_keeps_its_place(void **state)
{
    struct gp_reply *sample = sample_reply(GP_REPLY_FORECAST), got;
    struct gp_span bytes;

    (void)state;
    sample->forecast.item[0]->name[0] = (struct gp_span){0};
    assert_int_equal(gp_wire_reply_pack(sample, &arena, &bytes), 0);
    assert_int_equal(gp_wire_reply_unpack(bytes, &arena, &got), 0);
    assert_int_equal(got.forecast.item[0]->name[0].len, 0);
    assert_true(gp_span_is(got.forecast.item[0]->name[1], "name 王一"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(who_names_grid_and_category),         T(each_recipient_has_its_name),
        T(a_step_without_its_entry_is_refused), T(a_forecast_is_bounded),
        T(an_empty_name_keeps_its_place),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
