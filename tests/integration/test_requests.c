/* One daemon, its requests: what is answered, what is refused, and that it lives on. */
#include "core/clock.h"
#include "lib/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static int set_up(void **state)
{
    static struct world world;

    daemon_prepare(&world.daemon);
    daemon_setting(&world.daemon, "batch_items_max: 4"); /* intake pauses under a small load */
    world_start(&world, NULL);
    *state = &world;
    return 0;
}

/* ---------------------------------------------------------------- commands */

static void report_is_answered_with_its_number_and_due(void **state)
{
    struct world *world = *state;
    struct gp_request request = request_report();
    struct gp_reply reply = client_ask(&world->client, &request);

    assert_int_equal(reply.status, GP_STATUS_OK);
    assert_int_equal(reply.kind, GP_REPLY_ANSWER);
    assert_memory_equal(reply.answer.id, request.command.id, GP_COMMAND_ID_BYTES);
    assert_true(reply.answer.incident > 0);
    assert_int_equal(reply.answer.state, GP_STATE_DISPATCHED);
    assert_true(reply.answer.due_ms > 0);
    assert_false(reply.answer.repeated);
}

static void repeated_report_is_one_incident(void **state)
{
    struct world *world = *state;
    struct gp_request request = request_report();
    struct gp_reply first = client_ask(&world->client, &request);
    uint64_t incidents = client_status(&world->client).incidents;
    struct gp_reply again = client_ask(&world->client, &request);

    assert_int_equal(again.status, GP_STATUS_OK);
    assert_true(again.answer.repeated);
    assert_int_equal(again.answer.incident, first.answer.incident);
    assert_int_equal(again.answer.seq, first.answer.seq);
    assert_int_equal(again.answer.due_ms, first.answer.due_ms);
    assert_int_equal(client_status(&world->client).incidents, incidents);
}

static void same_id_with_another_text_is_a_conflict(void **state)
{
    struct world *world = *state;
    struct gp_request request = request_report();

    (void)client_ask(&world->client, &request);
    request.command.text = GP_SPAN("another text");
    struct gp_reply reply = client_ask(&world->client, &request);
    assert_int_equal(reply.status, GP_STATUS_REFUSED);
    assert_int_equal(reply.reason, GP_REASON_CONFLICT);
}

static void refusal_names_reason_and_what_is_allowed(void **state)
{
    struct world *world = *state;
    uint64_t id = client_report(&world->client);
    struct gp_request request = request_command(GP_VERB_ACCEPT, id, "xu");
    struct gp_reply reply = client_ask(&world->client, &request);

    assert_int_equal(reply.status, GP_STATUS_REFUSED);
    assert_int_equal(reply.reason, GP_REASON_NOT_OWNER);
    assert_true(reply.detail.len > 0);
    request = request_command(GP_VERB_ACCEPT, id, "li");
    assert_int_equal(client_ask(&world->client, &request).status, GP_STATUS_OK);
}

/* Such names are of enrolled devices, whose repeats are known by them. */
static void unsealed_speaker_has_no_number(void **state)
{
    struct world *world = *state;
    struct gp_request request = request_report();

    request.device = GP_SPAN("#7");
    struct gp_reply reply = client_ask(&world->client, &request);
    assert_int_equal(reply.status, GP_STATUS_INVALID);
    assert_true(gp_span_equal(reply.detail, GP_SPAN("speaker.device: # begins an enrolled one")));
}

static void speaker_must_be_named(void **state)
{
    struct world *world = *state;
    struct gp_request request = request_report();

    request.person = (struct gp_span){0};
    struct gp_reply reply = client_ask(&world->client, &request);
    assert_int_equal(reply.status, GP_STATUS_INVALID);
    assert_true(gp_span_equal(reply.detail, GP_SPAN("speaker.person: say who is speaking")));
}

/* More at once than a batch holds: intake pauses and goes on, every one is answered once. */
static void every_one_of_a_crowd_is_answered(void **state)
{
    enum { CROWD = 300 };
    struct world *world = *state;
    struct crowd crowd;
    struct gp_arena arena;
    struct gp_reply reply;
    bool answered[CROWD] = {false};
    uint32_t number;

    crowd_open(&crowd, world->daemon.socket, CROWD);
    gp_arena_init(&arena, (size_t)64 << 20);
    for (uint32_t i = 0; i < CROWD; i++) {
        struct gp_request request = request_report();
        crowd_send(&crowd, i, &request);
    }
    for (uint32_t i = 0; i < CROWD; i++) {
        assert_true(crowd_receive(&crowd, 20000, &arena, &number, &reply));
        assert_int_equal(reply.status, GP_STATUS_OK);
        assert_in_range(number, 0, CROWD - 1);
        assert_false(answered[number]);
        answered[number] = true;
    }
    gp_arena_release(&arena);
    crowd_close(&crowd);
}

/* ---------------------------------------------------------------- reading */

static void query_pages_through_everything_once(void **state)
{
    struct world *world = *state;
    struct gp_request request = {
        .kind = GP_REQUEST_QUERY,
        .person = GP_SPAN("li"),
        .query = {.open_only = true, .limit = 2},
    };
    uint64_t expected = 0, seen = 0, last = 0;

    for (int i = 0; i < 5; i++)
        expected = client_report(&world->client);
    for (unsigned pages = 0; pages < 1000; pages++) {
        struct gp_reply reply = client_ask(&world->client, &request);
        assert_int_equal(reply.status, GP_STATUS_OK);
        assert_int_equal(reply.kind, GP_REPLY_PAGE);
        assert_in_range(reply.page.count, 0, 2);
        for (uint32_t i = 0; i < reply.page.count; i++)
            last = reply.page.item[i].id > last ? reply.page.item[i].id : last;
        seen += reply.page.count;
        if (reply.page.cursor.len == 0)
            break;
        request.query.cursor_len = (uint8_t)reply.page.cursor.len;
        memcpy(request.query.cursor, reply.page.cursor.ptr, reply.page.cursor.len);
    }
    assert_int_equal(seen, expected); /* ids are dense, nothing is closed here */
    assert_int_equal(last, expected);
}

static void foreign_cursor_is_refused(void **state)
{
    struct world *world = *state;
    struct gp_request request = {.kind = GP_REQUEST_QUERY,
                                 .query = {.cursor = "nonsense", .cursor_len = 7}};
    struct gp_reply reply = client_ask(&world->client, &request);

    assert_int_equal(reply.status, GP_STATUS_INVALID);
}

static void incident_is_shown_or_not_found(void **state)
{
    struct world *world = *state;
    uint64_t id = client_report(&world->client);
    struct gp_request request = {.kind = GP_REQUEST_INCIDENT, .incident = id};
    struct gp_reply reply = client_ask(&world->client, &request);

    assert_int_equal(reply.status, GP_STATUS_OK);
    assert_int_equal(reply.incident->id, id);
    assert_true(gp_span_is(reply.incident->text, "路灯不亮"));
    assert_true(gp_span_is(reply.incident->owner, "A-shizheng-340705006001"));
    request.incident = id + 1000000;
    assert_int_equal(client_ask(&world->client, &request).status, GP_STATUS_NOT_FOUND);
}

static void roster_says_who_answers(void **state)
{
    struct world *world = *state;
    struct gp_request request = {.kind = GP_REQUEST_ROSTER,
                                 .roster = {.at_ms = INT64_C(1790726400000)}};
    bool found = false;

    assert_int_equal(gp_area_parse(GP_SPAN("340705006001"), &request.roster.area), 0);
    struct gp_reply reply = client_ask(&world->client, &request);
    assert_int_equal(reply.status, GP_STATUS_OK);
    assert_int_equal(reply.kind, GP_REPLY_ROSTER);
    for (uint32_t i = 0; i < reply.roster.count; i++)
        found = found || (gp_span_is(reply.roster.item[i].post, "D2-340705006001") &&
                          gp_span_is(reply.roster.item[i].person, "wang"));
    assert_true(found);
    assert_int_equal(gp_area_parse(GP_SPAN("110101001001"), &request.roster.area), 0);
    assert_int_equal(client_ask(&world->client, &request).status, GP_STATUS_NOT_FOUND);
}

/* E5 as the running daemon forecasts it, and that asking leaves nothing behind. */
static void who_says_who_would_be_told(void **state)
{
    struct world *world = *state;
    struct gp_request request = {.kind = GP_REQUEST_WHO,
                                 .who = {.grid = GP_SPAN("340705006001001"),
                                         .category = GP_SPAN("n4"),
                                         .at_ms = INT64_C(1781485200000)}}; /* 06-15 09:00 */
    uint64_t head = client_status(&world->client).head;
    struct gp_reply reply = client_ask(&world->client, &request);

    assert_int_equal(reply.status, GP_STATUS_OK);
    assert_int_equal(reply.kind, GP_REPLY_FORECAST);
    assert_true(reply.forecast.count > 10);
    const struct gp_forecast_step *step = reply.forecast.item[3];
    assert_int_equal(step->entry.step, GP_STEP_DISPATCH);
    assert_int_equal(step->entry.recipient_count, 2);
    assert_string_equal(step->entry.recipient[0].capacity, "A+B");
    assert_true(gp_span_is(step->name[0], "李某"));
    assert_true(gp_span_is(step->name[1], "王某"));
    step = reply.forecast.item[reply.forecast.count - 1];
    assert_int_equal(step->entry.step, GP_STEP_REPEAT);
    assert_int_equal(client_status(&world->client).head, head);
}

/* Without a time it is now: nothing of the forecast lies before. */
static void who_of_now_starts_now(void **state)
{
    struct world *world = *state;
    struct gp_request request = {.kind = GP_REQUEST_WHO,
                                 .who = {.grid = GP_SPAN("340705006001002"),
                                         .category = GP_SPAN("c"),
                                         .condition = GP_SPAN("missing")}};
    int64_t now_ms = client_status(&world->client).now_ms;
    struct gp_reply reply = client_ask(&world->client, &request);

    assert_int_equal(reply.status, GP_STATUS_OK);
    assert_true(reply.forecast.item[0]->entry.at_ms >= now_ms);
    request.who.condition = (struct gp_span){0};
    reply = client_ask(&world->client, &request);
    assert_int_equal(reply.status, GP_STATUS_REFUSED);
    assert_int_equal(reply.reason, GP_REASON_UNKNOWN_CATEGORY);
    assert_true(gp_span_is(reply.detail, "conditions of c: broken missing"));
}

static void status_counts(void **state)
{
    struct world *world = *state;
    struct gp_daemon_status before = client_status(&world->client);

    (void)client_report(&world->client);
    struct gp_daemon_status after = client_status(&world->client);
    assert_true(gp_span_is(after.version, GP_VERSION));
    assert_false(after.drill);
    assert_int_equal(after.clock_rate, 1);
    assert_int_equal(after.clock_state, GP_CLOCK_RUNNING);
    assert_int_equal(after.incidents, before.incidents + 1);
    assert_int_equal(after.commands, before.commands + 1);
    assert_int_equal(after.batches, before.batches + 1);
    assert_true(after.head > before.head);
    assert_true(after.planned > 0);
    assert_true(after.next_deadline_ms > after.now_ms);
    assert_true(after.store_bytes > 0);
}

static void clock_that_is_not_held_cannot_be_confirmed(void **state)
{
    struct world *world = *state;
    struct gp_request request = {.kind = GP_REQUEST_CONTROL,
                                 .person = GP_SPAN("feng"),
                                 .control = {.act = GP_CONTROL_CLOCK_CONFIRM}};

    assert_int_equal(client_ask(&world->client, &request).status, GP_STATUS_REFUSED);
}

/* ---------------------------------------------------------------- hostile bytes */

static void broken_bytes_are_refused_by_field(void **state)
{
    struct world *world = *state;
    struct gp_request request = request_report();
    uint64_t malformed = client_status(&world->client).malformed;
    struct gp_arena arena;
    struct gp_span packed;

    gp_arena_init(&arena, 1 << 20);
    assert_int_equal(gp_wire_request_pack(&request, &arena, &packed), 0);
    for (size_t len = 0; len < packed.len; len++) { /* cut off at every byte */
        struct gp_reply reply = client_ask_bytes(&world->client, packed.ptr, len);
        assert_in_range(reply.status, GP_STATUS_INVALID, GP_STATUS_VERSION);
        assert_true(reply.detail.len > 0);
        gp_arena_reset(&world->client.arena);
    }
    char *text = memmem(packed.ptr, packed.len, "路灯", strlen("路灯"));
    assert_non_null(text);
    text[1] = '\x20'; /* no longer UTF-8 */
    struct gp_reply reply = client_ask_bytes(&world->client, packed.ptr, packed.len);
    assert_int_equal(reply.status, GP_STATUS_INVALID);
    assert_memory_equal(reply.detail.ptr, "command.text", strlen("command.text"));
    assert_int_equal(client_status(&world->client).malformed, malformed + packed.len + 1);
    gp_arena_release(&arena);
}

static void unknown_version_is_said(void **state)
{
    static const unsigned char version_9[] = {0x08, 0x09, 0x72, 0x00}; /* status, version 9 */
    struct world *world = *state;
    struct gp_reply reply = client_ask_bytes(&world->client, version_9, sizeof version_9);

    assert_int_equal(reply.status, GP_STATUS_VERSION);
}

/* A packed request blown up to an exact size by a field that nobody knows. */
static struct gp_reply ask_padded(struct client *client, size_t size)
{
    static unsigned char bytes[GP_MESSAGE_BYTES_MAX + 1];
    struct gp_request request = request_report();
    struct gp_arena arena;
    struct gp_span packed;

    gp_arena_init(&arena, 1 << 20);
    assert_int_equal(gp_wire_request_pack(&request, &arena, &packed), 0);
    size_t pad = size - packed.len - 5; /* tag of two bytes, length of three */
    const unsigned char head[] = {0xFA, 0x06, (unsigned char)(0x80 | (pad & 0x7F)),
                                  (unsigned char)(0x80 | ((pad >> 7) & 0x7F)),
                                  (unsigned char)(pad >> 14)};
    memcpy(bytes, packed.ptr, packed.len);
    memcpy(bytes + packed.len, head, sizeof head);
    memset(bytes + packed.len + sizeof head, 'x', pad);
    gp_arena_release(&arena);
    return client_ask_bytes(client, bytes, size);
}

static void largest_message_is_served_and_one_byte_more_is_refused(void **state)
{
    struct world *world = *state;

    assert_int_equal(ask_padded(&world->client, GP_MESSAGE_BYTES_MAX - 1).status, GP_STATUS_OK);
    assert_int_equal(ask_padded(&world->client, GP_MESSAGE_BYTES_MAX).status, GP_STATUS_OK);
    struct gp_reply reply = ask_padded(&world->client, GP_MESSAGE_BYTES_MAX + 1);
    assert_int_equal(reply.status, GP_STATUS_INVALID);
    assert_memory_equal(reply.detail.ptr, "message", strlen("message"));
}

/* nanomsg drops the connection of who sends much more than the limit; others never notice. */
static void oversized_message_harms_nobody(void **state)
{
    struct world *world = *state;
    struct client rude;
    size_t size = 2 * GP_MESSAGE_BYTES_MAX;
    char *bytes = calloc(1, size);

    assert_non_null(bytes);
    client_open(&rude, world->daemon.socket);
    (void)client_status(&rude);
    client_send_bytes(&rude, bytes, size);
    (void)client_report(&world->client);
    free(bytes);
    client_close(&rude);
    client_open(&rude, world->daemon.socket);
    (void)client_report(&rude);
    client_close(&rude);
}

static void text_of_the_greatest_length_passes(void **state)
{
    struct world *world = *state;
    struct gp_request request = request_report();
    char text[GP_TEXT_BYTES_MAX + 1];

    memset(text, 'x', sizeof text);
    request.command.text = (struct gp_span){text, GP_TEXT_BYTES_MAX};
    assert_int_equal(client_ask(&world->client, &request).status, GP_STATUS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(report_is_answered_with_its_number_and_due),
        cmocka_unit_test(repeated_report_is_one_incident),
        cmocka_unit_test(same_id_with_another_text_is_a_conflict),
        cmocka_unit_test(refusal_names_reason_and_what_is_allowed),
        cmocka_unit_test(unsealed_speaker_has_no_number),
        cmocka_unit_test(speaker_must_be_named),
        cmocka_unit_test(every_one_of_a_crowd_is_answered),
        cmocka_unit_test(query_pages_through_everything_once),
        cmocka_unit_test(foreign_cursor_is_refused),
        cmocka_unit_test(incident_is_shown_or_not_found),
        cmocka_unit_test(roster_says_who_answers),
        cmocka_unit_test(who_says_who_would_be_told),
        cmocka_unit_test(who_of_now_starts_now),
        cmocka_unit_test(status_counts),
        cmocka_unit_test(clock_that_is_not_held_cannot_be_confirmed),
        cmocka_unit_test(broken_bytes_are_refused_by_field),
        cmocka_unit_test(unknown_version_is_said),
        cmocka_unit_test(largest_message_is_served_and_one_byte_more_is_refused),
        cmocka_unit_test(oversized_message_harms_nobody),
        cmocka_unit_test(text_of_the_greatest_length_passes),
    };

    return cmocka_run_group_tests_name("requests", tests, set_up, world_end);
}
