/*
 * A revocation wins against what is queued: behind it in the order of the journal nothing of that
 * device takes effect, and everything before it does. In each round a device, its invitation
 * confirmed or not, has commands standing before and behind its revocation, in the same batch and
 * in later ones, in an order that a seed gives. A model of a few lines says what each of them
 * should be answered.
 */
#include "engine/gadgets.h"

#include "base/arena.h"
#include "wire/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define ROUNDS   10000
#define ACTS_MAX 16
#define DIGITS   123456

enum kind { NOTE, WITNESS, JOIN, OTHER_JOIN, CONFIRM, WRONG_CONFIRM, REVOKE, KINDS };

/* One round: what is said, in its order, and what the model says of it. */
struct round {
    struct gp_item item[ACTS_MAX];
    enum kind kind[ACTS_MAX];
    int expected[ACTS_MAX]; /* enum gp_reason */
    size_t count;
    uint64_t device, key;
    int state; /* of the device, as the model has it */
};

static struct stage *stage;
static uint64_t witness, admin; /* devices that stay */
static uint64_t incident, keys;
static unsigned seen[KINDS][2]; /* refused, accepted */

static uint64_t choose(uint64_t below)
{
    return city_random(&stage->city, below);
}

/* ---------------------------------------------------------------- what is said */

static struct gp_item note_through(uint64_t device)
{
    struct gp_item item = gadget_through(device, stage_command(GP_VERB_NOTE, "li"));

    item.command.incident = incident;
    return item;
}

static struct gp_item item_of(const struct round *round, enum kind kind)
{
    switch (kind) {
    case NOTE:
        return note_through(round->device);
    case JOIN:
    case OTHER_JOIN:
        return gadget_join(round->device, "li", round->key + (kind == OTHER_JOIN), DIGITS);
    case CONFIRM:
    case WRONG_CONFIRM:
        return gadget_confirm(round->device, DIGITS + (kind == WRONG_CONFIRM));
    case REVOKE:
        return gadget_through(choose(2) == 0 ? admin : 0, gadget_revoke(round->device));
    default:
        return note_through(witness);
    }
}

static void add(struct round *round, enum kind kind)
{
    assert_true(round->count < ACTS_MAX);
    round->kind[round->count++] = kind;
}

/* Mostly in an order that leads somewhere, with as many exchanges as the seed says. */
static void fill(struct round *round, bool invited)
{
    static const enum kind ways[] = {WRONG_CONFIRM, JOIN, OTHER_JOIN, WRONG_CONFIRM, CONFIRM};

    for (size_t i = 0; invited && i < sizeof ways / sizeof ways[0]; i++)
        add(round, ways[i]);
    for (uint64_t notes = 1 + choose(4); notes > 0; notes--)
        add(round, choose(4) == 0 ? WITNESS : NOTE);
    add(round, REVOKE);
    for (uint64_t notes = 1 + choose(4); notes > 0; notes--)
        add(round, choose(8) == 0 ? REVOKE : NOTE);
    for (uint64_t swaps = choose(round->count); swaps > 0; swaps--) {
        size_t one = choose(round->count), other = choose(round->count);
        enum kind kind = round->kind[one];
        round->kind[one] = round->kind[other];
        round->kind[other] = kind;
    }
    for (size_t i = 0; i < round->count; i++)
        round->item[i] = item_of(round, round->kind[i]);
}

/* ---------------------------------------------------------------- the model */

static int expect(struct round *round, enum kind kind)
{
    switch (kind) {
    case NOTE:
        return round->state == GP_DEVICE_ACTIVE ? GP_REASON_NONE : GP_REASON_REVOKED;
    case JOIN:
    case OTHER_JOIN:
        if (round->state != GP_DEVICE_INVITED)
            return GP_REASON_EXPIRED;
        round->state = GP_DEVICE_PENDING;
        return GP_REASON_NONE;
    case CONFIRM:
    case WRONG_CONFIRM:
        if (round->state != GP_DEVICE_PENDING)
            return GP_REASON_STATE;
        if (kind == WRONG_CONFIRM)
            return GP_REASON_DIGITS;
        round->state = GP_DEVICE_ACTIVE;
        return GP_REASON_NONE;
    case REVOKE:
        if (round->state == GP_DEVICE_REVOKED)
            return GP_REASON_STATE;
        round->state = GP_DEVICE_REVOKED;
        return GP_REASON_NONE;
    default:
        return GP_REASON_NONE;
    }
}

/* ---------------------------------------------------------------- played */

/* In one batch or several, perhaps with a restart between them. */
static void play(struct round *round)
{
    size_t from = 0;

    for (size_t i = 0; i < round->count; i++) {
        round->expected[i] = expect(round, round->kind[i]);
        if (i + 1 < round->count && choose(3) != 0)
            continue;
        stage->now_ms++;
        assert_int_equal(stage_try(stage, round->item + from, i + 1 - from), 0);
        from = i + 1;
        if (choose(50) == 0)
            stage_restart(stage);
    }
}

/* Returns the seq of the revocation. */
static uint64_t check_answers(const struct round *round)
{
    uint64_t revoked_seq = 0;

    for (size_t i = 0; i < round->count; i++) {
        const struct gp_answer *answer = &round->item[i].answer;
        bool revokes = round->kind[i] == REVOKE && answer->reason == GP_REASON_NONE;
        if (answer->reason != round->expected[i])
            fail_msg("act %zu of device %llu, kind %d: %s instead of %s", i,
                     (unsigned long long)round->device, (int)round->kind[i],
                     gp_reason_word(answer->reason), gp_reason_word(round->expected[i]));
        assert_int_equal(answer->revoked, revokes ? round->device : 0);
        if (revokes)
            revoked_seq = answer->seq;
        seen[round->kind[i]][answer->reason == GP_REASON_NONE]++;
    }
    assert_true(revoked_seq != 0);
    return revoked_seq;
}

/* What the journal says of the device itself, whatever was answered. */
static void check_journal(const struct round *round, uint64_t after, uint64_t revoked_seq)
{
    static struct gp_entry entry;
    unsigned notes = 0, expected = 0;
    struct gp_txn *txn;
    struct gp_arena arena;
    uint64_t head;

    gp_arena_init(&arena, 1 << 20);
    assert_int_equal(gp_txn_read(gp_rehearsal_store(stage->city.rehearsal), &txn), 0);
    assert_int_equal(gp_journal_head(txn, &head, NULL), 0);
    for (uint64_t seq = after + 1; seq <= head; seq++) {
        struct gp_span bytes;
        gp_arena_reset(&arena);
        assert_int_equal(gp_journal_get(txn, seq, &bytes), 0);
        assert_int_equal(gp_wire_entry_unpack(bytes, &arena, &entry), 0);
        if (entry.by_device != round->device)
            continue;
        notes++;
        assert_true(seq < revoked_seq);
    }
    gp_txn_abort(txn);
    gp_arena_release(&arena);
    for (size_t i = 0; i < round->count; i++)
        expected += round->kind[i] == NOTE && round->expected[i] == GP_REASON_NONE;
    assert_int_equal(notes, expected);
}

/* ---------------------------------------------------------------- rounds */

static uint64_t newest_device(void)
{
    struct gp_txn *txn;
    uint64_t id;

    assert_int_equal(gp_txn_read(gp_rehearsal_store(stage->city.rehearsal), &txn), 0);
    assert_int_equal(gp_last_id(txn, GP_TABLE_DEVICE, &id), 0);
    gp_txn_abort(txn);
    return id;
}

/* By file: nothing is looked through, and it is active at once. */
static uint64_t enrol(uint64_t key)
{
    struct gp_device_row row = {.person = GP_SPAN("li"), .role = GP_ROLE_OFFICER};
    struct gp_item item = {.kind = GP_ITEM_DIRECTORY};

    gadget_key(key, row.key);
    stage->org.devices = &row;
    stage->org.device_count = 1;
    stage_apply(stage, &item, 1);
    stage->org.device_count = 0;
    return newest_device();
}

static uint64_t invite(void)
{
    struct gp_item item = gadget_invite("li", GP_ROLE_OFFICER);

    stage_apply(stage, &item, 1);
    return item.answer.device;
}

static void one_round(bool invited)
{
    struct round round = {.key = keys, .state = invited ? GP_DEVICE_INVITED : GP_DEVICE_ACTIVE};
    uint64_t before = 0;
    unsigned char hash[GP_HASH_BYTES];

    keys += 2;
    round.device = invited ? invite() : enrol(round.key);
    before = city_head(&stage->city, hash);
    fill(&round, invited);
    play(&round);
    check_journal(&round, before, check_answers(&round));
    assert_int_equal(gadget_get(stage, round.device).state, GP_DEVICE_REVOKED);
}

static void what_stands_behind_a_revocation_takes_no_effect(void **state)
{
    struct gp_item report = stage_report();

    stage = *state;
    keys = 1;
    witness = gadget_make(stage, "li", GP_ROLE_OFFICER, keys++);
    admin = gadget_make(stage, "feng", GP_ROLE_ADMIN, keys++);
    stage_apply(stage, &report, 1);
    incident = report.answer.incident;
    for (int i = 0; i < ROUNDS; i++)
        one_round(i % 4 == 0);
    for (int kind = 0; kind < KINDS; kind++) { /* each of them often met both answers */
        if (kind != WRONG_CONFIRM)
            assert_true(seen[kind][1] > 500);
        if (kind != WITNESS)
            assert_true(seen[kind][0] > 500);
    }
    city_rebuild_and_compare(&stage->city);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_stands_behind_a_revocation_takes_no_effect, stage_open,
                                        stage_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
