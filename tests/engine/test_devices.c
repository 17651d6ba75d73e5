/* Devices on a real store: what is kept of them, who finds them, and what a file brings. */
#include "engine/gadgets.h"

#include "base/arena.h"
#include "base/bytes.h"
#include "base/clocktext.h"
#include "wire/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static struct gp_arena arena;

static int open_all(void **state)
{
    gp_arena_init(&arena, 4 << 20);
    return stage_open(state);
}

static int close_all(void **state)
{
    gp_arena_release(&arena);
    return stage_close(state);
}

static struct gp_store *store_of(const struct stage *stage)
{
    return gp_rehearsal_store(stage->city.rehearsal);
}

static uint64_t head_of(const struct stage *stage)
{
    unsigned char hash[GP_HASH_BYTES];
    uint64_t seq;
    int64_t at_ms;

    assert_int_equal(gp_engine_head(store_of(stage), &seq, hash, &at_ms), 0);
    return seq;
}

/* An entry as it lies in the journal, with the texts beside it. */
static const struct gp_entry *entry_at(const struct stage *stage, uint64_t seq)
{
    static struct gp_entry entry;
    struct gp_txn *txn;

    memset(&entry, 0, sizeof entry);
    assert_int_equal(gp_txn_read(store_of(stage), &txn), 0);
    assert_int_equal(gp_engine_entry(txn, seq, &arena, &entry), 0);
    gp_txn_abort(txn);
    return &entry;
}

/* ---------------------------------------------------------------- one device */

static void a_device_is_kept_as_it_was_decided(void **state)
{
    struct stage *stage = *state;
    uint64_t id = gadget_make(stage, "li", GP_ROLE_OFFICER, 1);
    struct gp_device device = gadget_get(stage, id), by_key;
    unsigned char key[GP_DEVICE_KEY_BYTES];

    assert_int_equal(id, 1);
    assert_int_equal(device.id, 1);
    assert_int_equal(device.state, GP_DEVICE_ACTIVE);
    assert_true(gp_span_is(device.person, "li"));
    assert_true(gp_span_is(device.label, "handset"));
    gadget_key(1, key);
    assert_memory_equal(device.key, key, sizeof key);
    assert_int_equal(gp_engine_device_by_key(store_of(stage), key, &arena, &by_key), 0);
    assert_int_equal(by_key.id, 1);
    gadget_key(2, key);
    assert_int_equal(gp_engine_device_by_key(store_of(stage), key, &arena, &by_key), GP_ENOTFOUND);
    assert_int_equal(gp_engine_device(store_of(stage), 2, &arena, &by_key), GP_ENOTFOUND);
    assert_int_equal(gadget_make(stage, "zhang", GP_ROLE_ADMIN, 2), 2); /* dense */
    city_rebuild_and_compare(&stage->city);
}

static void the_answer_names_device_time_and_revocation(void **state)
{
    struct stage *stage = *state;
    uint64_t id = gadget_make(stage, "li", GP_ROLE_OFFICER, 1);
    struct gp_item item = gadget_revoke(id);

    stage->now_ms += GP_MS_HOUR;
    gadget_number(&item, 7);
    stage_apply(stage, &item, 1);
    assert_int_equal(item.answer.device, id);
    assert_int_equal(item.answer.revoked, id);
    assert_int_equal(item.answer.incident, 0);
    assert_int_equal(item.answer.leave, 0);
    assert_int_equal(item.answer.at_ms, stage->now_ms);
    int64_t at_ms = stage->now_ms;
    stage->now_ms += GP_MS_HOUR;
    stage_apply(stage, &item, 1); /* the same again */
    assert_true(item.answer.repeated);
    assert_int_equal(item.answer.device, id);
    assert_int_equal(item.answer.revoked, 0);
    assert_int_equal(item.answer.at_ms, at_ms);
    assert_int_equal(gadget_get(stage, id).revoked_ms, at_ms);
}

static void a_repeat_of_any_command_says_when_it_was_journalled(void **state)
{
    struct stage *stage = *state;
    struct gp_item report = stage_report();

    gadget_number(&report, 8);
    stage_apply(stage, &report, 1);
    assert_int_equal(report.answer.at_ms, stage->now_ms);
    stage->now_ms += GP_MS_DAY;
    stage_apply(stage, &report, 1);
    assert_true(report.answer.repeated);
    assert_int_equal(report.answer.at_ms, stage->now_ms - GP_MS_DAY);
}

/* An incident's number in a command that is about none would get into the answer. */
static void an_incident_is_no_part_of_it(void **state)
{
    struct stage *stage = *state;
    struct gp_item report = stage_report(), invite = gadget_invite("li", GP_ROLE_OFFICER);

    stage_apply(stage, &report, 1);
    invite.command.incident = report.answer.incident;
    gadget_number(&invite, 9);
    stage_apply(stage, &invite, 1);
    assert_int_equal(entry_at(stage, invite.answer.seq)->incident, 0);
    stage_apply(stage, &invite, 1);
    assert_int_equal(invite.answer.device, 1);
    assert_int_equal(invite.answer.incident, 0);
}

static void a_key_is_taken_once_and_never_again(void **state)
{
    struct stage *stage = *state;
    uint64_t id = gadget_make(stage, "li", GP_ROLE_OFFICER, 1);
    struct gp_item revoke = gadget_revoke(id), invite = gadget_invite("li", GP_ROLE_OFFICER);

    stage_apply(stage, &revoke, 1);
    stage_apply(stage, &invite, 1);
    struct gp_item join = gadget_join(invite.answer.device, "li", 1, 5);
    assert_int_equal(stage_try(stage, &join, 1), 0);
    assert_int_equal(join.answer.reason, GP_REASON_NOT_ALLOWED);
    city_rebuild_and_compare(&stage->city);
}

/* What the limit counts: expired invitations and revoked devices are no devices of a person. */
static void a_persons_devices_are_counted(void **state)
{
    struct stage *stage = *state;
    struct gp_item invite;

    for (int i = 0; i < GP_DEVICES_PERSON_MAX - 2; i++) {
        invite = gadget_invite("li", GP_ROLE_OFFICER);
        stage_apply(stage, &invite, 1);
    }
    (void)gadget_make(stage, "zhang", GP_ROLE_OFFICER, 1);
    uint64_t id = gadget_make(stage, "li", GP_ROLE_OFFICER, 2);
    (void)gadget_make(stage, "li", GP_ROLE_OFFICER, 3);
    invite = gadget_invite("li", GP_ROLE_OFFICER);
    assert_int_equal(stage_try(stage, &invite, 1), 0);
    assert_int_equal(invite.answer.reason, GP_REASON_TOO_MANY);
    struct gp_item revoke = gadget_revoke(id);
    stage_apply(stage, &revoke, 1);
    stage_apply(stage, &invite, 1);
    assert_int_equal(stage_try(stage, &invite, 1), 0);
    assert_int_equal(invite.answer.reason, GP_REASON_TOO_MANY);
    stage->now_ms += GP_INVITATION_MS;
    stage_apply(stage, &invite, 1);
}

static void the_last_admin_is_found(void **state)
{
    struct stage *stage = *state;
    uint64_t one = gadget_make(stage, "li", GP_ROLE_ADMIN, 1);
    uint64_t two = gadget_make(stage, "zhang", GP_ROLE_ADMIN, 2);
    struct gp_item revoke[] = {gadget_revoke(two), gadget_revoke(one)};

    assert_int_equal(stage_try(stage, revoke, 2), 0);
    assert_int_equal(revoke[0].answer.reason, GP_REASON_NONE);
    assert_int_equal(revoke[1].answer.reason, GP_REASON_NO_REASON);
    revoke[1].command.text = GP_SPAN("stolen");
    stage_apply(stage, &revoke[1], 1);
}

/* ---------------------------------------------------------------- what is written of it */

static void why_it_was_revoked_lies_beside_the_journal(void **state)
{
    static const char why[] = "left on bus 12";
    struct stage *stage = *state;
    struct gp_item item = gadget_revoke(gadget_make(stage, "li", GP_ROLE_OFFICER, 1));
    struct gp_txn *txn;
    struct gp_span bytes;

    item.command.text = gp_span_of(why);
    stage_apply(stage, &item, 1);
    assert_int_equal(gp_txn_read(store_of(stage), &txn), 0);
    assert_int_equal(gp_journal_get(txn, item.answer.seq, &bytes), 0);
    assert_null(memmem(bytes.ptr, bytes.len, why, sizeof why - 1));
    gp_txn_abort(txn);
    const struct gp_entry *entry = entry_at(stage, item.answer.seq);
    assert_non_null(memmem(entry->text.ptr, entry->text.len, why, sizeof why - 1));
    city_rebuild_and_compare(&stage->city);
}

static void an_audit_item_is_one_line(void **state)
{
    struct stage *stage = *state;
    struct gp_item item = {.kind = GP_ITEM_AUDIT,
                           .text = GP_SPAN("denied 12 times: officer, revoke"),
                           .actor = GP_SPAN("li")};
    uint64_t before = head_of(stage);

    stage_apply(stage, &item, 1);
    assert_int_equal(head_of(stage), before + 1);
    const struct gp_entry *entry = entry_at(stage, before + 1);
    assert_int_equal(entry->what, GP_WHAT_AUDIT);
    assert_true(gp_span_equal(entry->text, item.text));
    assert_true(gp_span_is(entry->actor, "li"));
    city_rebuild_and_compare(&stage->city);
}

/* ---------------------------------------------------------------- listing */

static struct gp_devices_page list(const struct stage *stage, const char *person, int state,
                                   uint64_t after, uint32_t limit)
{
    const struct gp_devices_ask ask = {
        .person = gp_span_of(person), .state = (uint8_t)state, .after = after, .limit = limit};
    struct gp_devices_page page;

    assert_int_equal(gp_engine_devices(store_of(stage), &ask, &arena, &page), 0);
    return page;
}

static void devices_are_listed_page_by_page(void **state)
{
    struct stage *stage = *state;
    struct gp_devices_page page = list(stage, "", 0, 0, 0);

    assert_int_equal(page.count, 0);
    for (uint64_t i = 1; i <= 5; i++)
        (void)gadget_make(stage, i % 2 == 0 ? "li" : "zhang", GP_ROLE_OFFICER, i);
    struct gp_item revoke = gadget_revoke(4);
    stage_apply(stage, &revoke, 1);
    page = list(stage, "", 0, 0, 2);
    assert_int_equal(page.count, 2);
    assert_int_equal(page.item[1].id, 2);
    assert_int_equal(page.next, 2);
    page = list(stage, "", 0, page.next, 3);
    assert_int_equal(page.count, 3);
    assert_int_equal(page.item[0].id, 3);
    assert_int_equal(page.next, 0);
    page = list(stage, "li", GP_DEVICE_REVOKED, 0, 0);
    assert_int_equal(page.count, 1);
    assert_int_equal(page.item[0].id, 4);
    assert_int_equal(list(stage, "li", 0, 0, 0).count, 2);
    assert_int_equal(list(stage, "", 0, UINT64_MAX, 0).count, 0);
}

/* ---------------------------------------------------------------- devices.csv */

static struct gp_device_row row_of(const char *person, uint64_t key)
{
    struct gp_device_row row = {
        .person = gp_span_of(person), .label = GP_SPAN("desk"), .role = GP_ROLE_ADMIN};

    gadget_key(key, row.key);
    return row;
}

static void directory(struct stage *stage, const struct gp_device_row *rows, size_t count)
{
    struct gp_item item = {.kind = GP_ITEM_DIRECTORY, .text = GP_SPAN("in force")};
    struct gp_item replan = {.kind = GP_ITEM_REPLAN};

    stage->org.devices = rows;
    stage->org.device_count = count;
    stage_restart(stage); /* another directory */
    stage_apply(stage, &item, 1);
    do
        stage_apply(stage, &replan, 1);
    while (replan.more);
}

static void rows_of_the_file_are_enrolled_once(void **state)
{
    struct stage *stage = *state;
    const struct gp_device_row rows[] = {row_of("li", 1), row_of("zhang", 2)};

    directory(stage, rows, 1);
    struct gp_device device = gadget_get(stage, 1);
    assert_int_equal(device.state, GP_DEVICE_ACTIVE);
    assert_int_equal(device.role, GP_ROLE_ADMIN);
    assert_true(gp_span_is(device.label, "desk"));
    assert_int_equal(device.expires_ms, 0);
    directory(stage, rows, 2);
    assert_int_equal(list(stage, "", 0, 0, 0).count, 2);
    directory(stage, rows, 2);
    assert_int_equal(list(stage, "", 0, 0, 0).count, 2);
    city_rebuild_and_compare(&stage->city);
}

static void a_row_revives_nothing_and_its_absence_ends_nothing(void **state)
{
    struct stage *stage = *state;
    const struct gp_device_row rows[] = {row_of("li", 1), row_of("zhang", 2)};
    struct gp_item revoke = gadget_revoke(1);

    directory(stage, rows, 2);
    stage_apply(stage, &revoke, 1);
    directory(stage, rows, 1);
    assert_int_equal(gadget_get(stage, 1).state, GP_DEVICE_REVOKED);
    assert_int_equal(gadget_get(stage, 2).state, GP_DEVICE_ACTIVE);
    assert_int_equal(list(stage, "", 0, 0, 0).count, 2);
}

static void a_long_file_comes_in_pieces(void **state)
{
    enum { ROWS = GP_IMPORT_ROWS_MAX + 3 };
    static struct gp_device_row rows[ROWS];
    struct stage *stage = *state;
    struct gp_item item = {.kind = GP_ITEM_DIRECTORY};

    for (uint64_t i = 0; i < ROWS; i++)
        rows[i] = row_of("li", i);
    stage->org.devices = rows;
    stage->org.device_count = ROWS;
    stage_restart(stage);
    stage_apply(stage, &item, 1);
    assert_true(item.more);
    stage_apply(stage, &item, 1);
    assert_false(item.more);
    assert_int_equal(gadget_get(stage, ROWS).id, ROWS);
}

/* ---------------------------------------------------------------- who speaks */

static void a_device_that_is_not_there_is_not_taken_for_unsealed(void **state)
{
    struct stage *stage = *state;
    struct gp_item item = gadget_through(99, stage_report());

    assert_int_equal(stage_try(stage, &item, 1), 0);
    assert_int_equal(item.answer.reason, GP_REASON_REVOKED);
}

static void who_speaks_counts_as_the_items_before_left_it(void **state)
{
    struct stage *stage = *state;
    struct gp_item report = stage_report(), invite = gadget_invite("li", GP_ROLE_OFFICER);

    stage_apply(stage, &report, 1);
    stage_apply(stage, &invite, 1);
    struct gp_item note = gadget_through(1, stage_command(GP_VERB_NOTE, "li"));
    note.command.incident = report.answer.incident;
    note.command.text = GP_SPAN("seen");
    struct gp_item items[] = {note, gadget_join(1, "li", 1, 5), note, gadget_confirm(1, 5),
                              note, gadget_revoke(1),           note};
    assert_int_equal(stage_try(stage, items, 7), 0);
    assert_int_equal(items[0].answer.reason, GP_REASON_REVOKED);
    assert_int_equal(items[2].answer.reason, GP_REASON_REVOKED);
    assert_int_equal(items[4].answer.reason, GP_REASON_NONE);
    assert_int_equal(entry_at(stage, items[4].answer.seq)->by_device, 1);
    assert_int_equal(items[6].answer.reason, GP_REASON_REVOKED);
    city_rebuild_and_compare(&stage->city);
}

/* What an admin does to the clock is no command, and judged all the same. */
static void clock_is_no_matter_of_a_revoked_device(void **state)
{
    struct stage *stage = *state;
    uint64_t device = gadget_make(stage, "feng", GP_ROLE_ADMIN, 1);
    struct gp_item clock = {.kind = GP_ITEM_CLOCK,
                            .text = GP_SPAN("mark lowered by an admin"),
                            .actor = GP_SPAN("feng"),
                            .by_device = device,
                            .lower_mark_ms = stage->now_ms - 1000};
    struct gp_item items[] = {clock, gadget_revoke(device), clock};
    uint64_t before = head_of(stage);

    items[1].command.text = GP_SPAN("stolen"); /* the last admin's device */
    assert_int_equal(stage_try(stage, items, 3), 0);
    assert_int_equal(items[0].answer.reason, GP_REASON_NONE);
    assert_int_equal(items[2].answer.reason, GP_REASON_REVOKED);
    assert_int_equal(head_of(stage), before + 2);
    assert_int_equal(entry_at(stage, before + 1)->by_device, device);
}

/* One command on an incident through a device, in a batch of its own under a directory. */
static struct gp_item say_under(struct stage *stage, const struct gp_org *org, uint64_t device,
                                enum gp_verb verb)
{
    struct gp_item item = gadget_through(device, stage_command(verb, "li"));
    struct gp_batch batch = {.org = org, .now_ms = ++stage->now_ms, .item = &item, .item_count = 1};

    item.command.incident = 1;
    assert_int_equal(gp_engine_apply(stage->engine, &batch), 0);
    return item;
}

/* The batch's directory says what a bridge's user may: who was taken out of it is refused from the
 * next batch on, whenever the command came, and so is who has another role. */
static void users_are_those_of_the_batchs_directory(void **state)
{
    struct stage *stage = *state;
    uint64_t bridge = gadget_make(stage, "cao", GP_ROLE_BRIDGE, 1);
    uint64_t other = gadget_make(stage, "yan", GP_ROLE_BRIDGE, 2);
    struct gp_item report = stage_report();
    struct gp_user user = {.person = gp_org_person(&stage->org, GP_SPAN("li")),
                           .via = gp_org_person(&stage->org, GP_SPAN("cao")),
                           .role = GP_ROLE_READER};
    struct gp_org reader = stage->org, officer;

    reader.users = &user;
    reader.user_count = 1;
    officer = reader;
    stage_apply(stage, &report, 1);
    assert_int_equal(report.answer.incident, 1);
    struct gp_item item = say_under(stage, &stage->org, bridge, GP_VERB_ACCEPT);
    assert_string_equal(item.answer.detail, "role bridge: accept is none of its rights");
    item = say_under(stage, &reader, bridge, GP_VERB_ACCEPT);
    assert_string_equal(item.answer.detail, "role reader: accept is none of its rights");
    user.role = GP_ROLE_OFFICER;
    item = say_under(stage, &officer, other, GP_VERB_ACCEPT); /* whose user li is not */
    assert_string_equal(item.answer.detail, "role bridge: accept is none of its rights");
    item = say_under(stage, &officer, bridge, GP_VERB_ACCEPT);
    assert_int_equal(item.answer.reason, GP_REASON_NONE);
    const struct gp_entry *entry = entry_at(stage, item.answer.seq);
    assert_int_equal(entry->by_device, bridge);
    assert_true(gp_span_is(entry->actor, "li"));
    item = say_under(stage, &stage->org, bridge, GP_VERB_FINISH);
    assert_int_equal(item.answer.reason, GP_REASON_NO_RIGHT);
    city_rebuild_and_compare(&stage->city);
}

/* An act on the clock is no command, and judged by the same directory. */
static void clock_is_a_matter_of_admins_among_the_users(void **state)
{
    struct stage *stage = *state;
    struct gp_user user = {.person = gp_org_person(&stage->org, GP_SPAN("feng")),
                           .via = gp_org_person(&stage->org, GP_SPAN("cao")),
                           .role = GP_ROLE_ADMIN};
    struct gp_org with = stage->org;
    struct gp_item clock = {.kind = GP_ITEM_CLOCK,
                            .text = GP_SPAN("confirmed by an admin: the ladder goes on"),
                            .actor = GP_SPAN("feng"),
                            .by_device = gadget_make(stage, "cao", GP_ROLE_BRIDGE, 1)};
    struct gp_item again = clock;
    struct gp_batch batch = {
        .org = &with, .now_ms = stage->now_ms, .item = &again, .item_count = 1};
    uint64_t before = head_of(stage);

    with.users = &user;
    with.user_count = 1;
    assert_int_equal(stage_try(stage, &clock, 1), 0);
    assert_int_equal(clock.answer.reason, GP_REASON_NO_RIGHT);
    assert_int_equal(head_of(stage), before);
    assert_int_equal(gp_engine_apply(stage->engine, &batch), 0);
    assert_int_equal(again.answer.reason, GP_REASON_NONE);
    assert_int_equal(head_of(stage), before + 1);
    assert_true(gp_span_is(entry_at(stage, before + 1)->actor, "feng"));
}

/* As a command, it is done once: a client that asks again gets the answer. */
static void clock_act_with_an_id_is_done_once(void **state)
{
    struct stage *stage = *state;
    struct gp_item clock = {.kind = GP_ITEM_CLOCK,
                            .text = GP_SPAN("mark lowered by an admin"),
                            .actor = GP_SPAN("feng"),
                            .command = {.id = {7}, .body_hash = {1}, .device = GP_SPAN("desk")},
                            .lower_mark_ms = stage->now_ms - 1000};
    struct gp_item again = clock, other = clock, elsewhere = clock;
    struct gp_engine_start start;

    again.why_not = "the mark is not above that time"; /* any more */
    other.command.body_hash[0] = 2;
    elsewhere.command.device = GP_SPAN("handset");
    elsewhere.why_not = again.why_not;
    assert_int_equal(stage_try(stage, &clock, 1), 0);
    assert_false(clock.answer.repeated);
    assert_int_equal(clock.answer.seq, head_of(stage));
    assert_true(entry_at(stage, clock.answer.seq)->kept.present);

    stage->now_ms += GP_MS_HOUR;
    struct gp_item items[] = {again, other, elsewhere, stage_report()};
    uint64_t before = head_of(stage);
    assert_int_equal(stage_try(stage, items, 4), 0);
    assert_int_equal(items[0].answer.reason, GP_REASON_NONE);
    assert_true(items[0].answer.repeated);
    assert_int_equal(items[0].answer.seq, clock.answer.seq);
    assert_int_equal(items[0].answer.at_ms, clock.answer.at_ms);
    assert_int_equal(items[1].answer.reason, GP_REASON_CONFLICT);
    assert_int_equal(items[2].answer.reason, GP_REASON_CLOCK);
    assert_string_equal(items[2].answer.detail, again.why_not);
    assert_int_equal(entry_at(stage, before + 1)->what, GP_WHAT_REPORTED);
    assert_int_equal(gp_engine_state(stage->engine, &start), 0);
    assert_int_equal(start.mark_ms, stage->now_ms); /* the repeat did not lower it */
    city_rebuild_and_compare(&stage->city);
}

/* Also in hold time has come to the last good instant, and what is journalled there is not to be
 * followed by anything earlier, should the wall clock be behind at the next start. */
static void the_mark_is_not_behind_what_is_journalled_in_hold(void **state)
{
    struct stage *stage = *state;
    struct gp_item items[] = {stage_report(), stage_report()};
    struct gp_batch batch = {
        .org = &stage->org, .now_ms = stage->now_ms, .item = &items[0], .item_count = 1};
    struct gp_engine_start start;

    assert_int_equal(gp_engine_apply(stage->engine, &batch), 0);
    batch.now_ms += GP_MS_HOUR;
    batch.held = true;
    batch.item = &items[1];
    assert_int_equal(gp_engine_apply(stage->engine, &batch), 0);
    stage_restart(stage);
    assert_int_equal(gp_engine_state(stage->engine, &start), 0);
    assert_int_equal(entry_at(stage, start.head)->at_ms, batch.now_ms);
    assert_int_equal(start.mark_ms, batch.now_ms);
}

/* ---------------------------------------------------------------- the chain */

static void the_chain_is_looked_at_from_anywhere(void **state)
{
    struct stage *stage = *state;
    unsigned char hash[GP_HASH_BYTES];
    struct gp_verified verified;
    struct gp_verify_ask ask = {0};
    uint64_t seq;
    int64_t at_ms;

    assert_int_equal(gp_engine_verify(store_of(stage), &ask, &verified), 0);
    uint64_t start = verified.head;
    for (uint64_t i = 1; i <= 4; i++)
        (void)gadget_make(stage, "li", GP_ROLE_OFFICER, i);
    assert_int_equal(gp_engine_head(store_of(stage), &seq, hash, &at_ms), 0);
    assert_int_equal(seq, start + 12);
    assert_int_equal(at_ms, stage->now_ms);
    for (ask.from = 0; ask.from <= seq + 1; ask.from++) {
        assert_int_equal(gp_engine_verify(store_of(stage), &ask, &verified), 0);
        assert_int_equal(verified.upto, seq);
        assert_int_equal(verified.head, seq);
        assert_int_equal(verified.bad, 0);
        assert_memory_equal(verified.hash, hash, sizeof hash);
    }
    assert_int_equal(gp_engine_verify(store_of(stage), &ask, &verified), GP_EINVAL);
    ask = (struct gp_verify_ask){.from = 2, .upto = 5};
    assert_int_equal(gp_engine_verify(store_of(stage), &ask, &verified), 0);
    assert_int_equal(verified.upto, 5);
    ask.upto = 1;
    assert_int_equal(gp_engine_verify(store_of(stage), &ask, &verified), 0);
    assert_int_equal(verified.upto, 1); /* nothing was asked for */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_device_is_kept_as_it_was_decided),
        TEST(the_answer_names_device_time_and_revocation),
        TEST(a_repeat_of_any_command_says_when_it_was_journalled),
        TEST(an_incident_is_no_part_of_it),
        TEST(a_key_is_taken_once_and_never_again),
        TEST(a_persons_devices_are_counted),
        TEST(the_last_admin_is_found),
        TEST(why_it_was_revoked_lies_beside_the_journal),
        TEST(an_audit_item_is_one_line),
        TEST(devices_are_listed_page_by_page),
        TEST(rows_of_the_file_are_enrolled_once),
        TEST(a_row_revives_nothing_and_its_absence_ends_nothing),
        TEST(a_long_file_comes_in_pieces),
        TEST(a_device_that_is_not_there_is_not_taken_for_unsealed),
        TEST(who_speaks_counts_as_the_items_before_left_it),
        TEST(clock_is_no_matter_of_a_revoked_device),
        TEST(users_are_those_of_the_batchs_directory),
        TEST(clock_is_a_matter_of_admins_among_the_users),
        TEST(clock_act_with_an_id_is_done_once),
        TEST(the_mark_is_not_behind_what_is_journalled_in_hold),
        TEST(the_chain_is_looked_at_from_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
