#include "tools/office.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define OFFICE_MS INT64_C(1782057600000) /* 2026-06-22T00:00+08:00 */

/* ---------------------------------------------------------------- answers */

static void answer_devices(struct office *office, const struct gp_devices_ask *ask,
                           struct gp_reply *ret_reply)
{
    static struct gp_device found[OFFICE_DEVICES];
    struct gp_device *joining = &office->device[1];

    if (joining->state == GP_DEVICE_INVITED && office->joins_after-- == 0)
        joining->state = GP_DEVICE_PENDING;
    ret_reply->kind = GP_REPLY_DEVICES;
    ret_reply->devices.item = found;
    for (int i = 0; i < OFFICE_DEVICES; i++) {
        if (office->device[i].id <= ask->after ||
            (ask->person.len > 0 && !gp_span_equal(ask->person, office->device[i].person)))
            continue;
        if (ret_reply->devices.count == ask->limit || ret_reply->devices.count == 2) {
            ret_reply->devices.next = found[ret_reply->devices.count - 1].id; /* small pages */
            return;
        }
        found[ret_reply->devices.count++] = office->device[i];
    }
}

/* One batch has two receipts: that of this command, and another. */
static void sign(const struct office *office, struct gp_span request, struct gp_reply *reply)
{
    struct gp_receipt *receipt = &reply->answer.receipt;
    struct gp_leaf leaves[2] = {{.seq = 1}};
    struct gp_proof proofs[2];

    gp_request_hash(request, receipt->request_hash);
    leaves[1] = (struct gp_leaf){.seq = reply->answer.seq, .at_ms = reply->answer.at_ms};
    memcpy(leaves[1].request_hash, receipt->request_hash, GP_DIGEST_BYTES);
    gp_receipts_sign(leaves, 2, &office->sealed.keys, proofs);
    receipt->present = true;
    receipt->index = proofs[1].index;
    receipt->count = proofs[1].count;
    receipt->path_len = proofs[1].path_len;
    memcpy(receipt->path, proofs[1].path, sizeof proofs[1].path);
    memcpy(receipt->signature, proofs[1].signature, GP_SIGNATURE_BYTES);
    memcpy(receipt->key, office->sealed.keys.sign_public, GP_KEY_BYTES);
}

static void answer_command(struct office *office, const struct gp_request *request, unsigned nth,
                           struct gp_reply *ret_reply)
{
    const struct gp_command *command = &request->command;

    if (office->refusal.status != 0) {
        *ret_reply = office->refusal;
        return;
    }
    ret_reply->kind = GP_REPLY_ANSWER;
    memcpy(ret_reply->answer.id, command->id, GP_COMMAND_ID_BYTES);
    ret_reply->answer.incident = 41;
    ret_reply->answer.state = GP_STATE_DISPATCHED;
    ret_reply->answer.version = 1;
    ret_reply->answer.seq = 304;
    ret_reply->answer.at_ms = OFFICE_MS;
    ret_reply->answer.device = command->device_id;
    if (command->verb == GP_VERB_INVITE) {
        ret_reply->answer.device = 17;
        ret_reply->answer.invitation = gp_span_of(office->invitation);
    }
    sign(office, fake_request(office->run.fake, nth), ret_reply);
}

void office_hash(uint64_t seq, unsigned char ret_hash[GP_DIGEST_BYTES])
{
    memset(ret_hash, 0xA0, GP_DIGEST_BYTES);
    ret_hash[0] = (unsigned char)seq;
}

/* Two entries a look. */
static void answer_verify(const struct office *office, const struct gp_verify_ask *ask,
                          struct gp_verified *ret)
{
    uint64_t last = ask->upto != 0 && ask->upto < office->entries ? ask->upto : office->entries;

    ret->upto = ask->from + 1 < last ? ask->from + 1 : last;
    ret->head = office->entries;
    if (office->break_at >= ask->from && office->break_at <= ret->upto) {
        ret->bad = office->break_at;
        ret->upto = office->break_at - 1;
    }
    office_hash(ret->upto, ret->hash);
}

static void answer_head(const struct office *office, struct gp_signed_head *ret)
{
    struct gp_head head = {.seq = office->entries, .at_ms = OFFICE_MS};

    office_hash(head.seq, head.hash);
    gp_head_sign(&head, &office->sealed.keys, ret->signature);
    ret->seq = head.seq;
    ret->at_ms = head.at_ms;
    memcpy(ret->hash, head.hash, GP_DIGEST_BYTES);
    memcpy(ret->key, office->sealed.keys.sign_public, GP_KEY_BYTES);
}

static bool answer(void *context, const struct gp_request *request, unsigned nth,
                   struct gp_reply *ret_reply)
{
    struct office *office = context;

    ret_reply->status = GP_STATUS_OK;
    switch ((enum gp_request_kind)request->kind) {
    case GP_REQUEST_DEVICES:
        answer_devices(office, &request->devices, ret_reply);
        return true;
    case GP_REQUEST_VERIFY:
        ret_reply->kind = GP_REPLY_VERIFIED;
        answer_verify(office, &request->verify, &ret_reply->verified);
        return true;
    case GP_REQUEST_HEAD:
        ret_reply->kind = GP_REPLY_HEAD;
        answer_head(office, &ret_reply->head);
        return true;
    default:
        answer_command(office, request, nth, ret_reply);
        return true;
    }
}

/* ---------------------------------------------------------------- the office */

static void furnish(struct office *office)
{
    struct gp_invitation invitation = {.device = 17, .expires_s = OFFICE_MS / 1000 + 900};

    office->device[0] = (struct gp_device){.id = 16,
                                           .person = GP_SPAN("zhou"),
                                           .label = GP_SPAN("desk"),
                                           .role = GP_ROLE_ADMIN,
                                           .state = GP_DEVICE_ACTIVE,
                                           .key = {1}};
    office->device[1] = (struct gp_device){.id = 17,
                                           .person = GP_SPAN("li"),
                                           .label = GP_SPAN("handset 3"),
                                           .role = GP_ROLE_OFFICER,
                                           .state = GP_DEVICE_INVITED,
                                           .invited_ms = OFFICE_MS,
                                           .expires_ms = OFFICE_MS + 900000,
                                           .joined_ms = OFFICE_MS + 60000,
                                           .key = {2},
                                           .digits = 12345,
                                           .invited_by = GP_SPAN("zhou")};
    office->device[2] = (struct gp_device){.id = 18,
                                           .person = GP_SPAN("li"),
                                           .label = GP_SPAN("old"),
                                           .role = GP_ROLE_OFFICER,
                                           .state = GP_DEVICE_REVOKED,
                                           .key = {3},
                                           .revoked_ms = OFFICE_MS,
                                           .revoked_by = GP_SPAN("zhou")};
    memcpy(invitation.server, office->sealed.keys.box[0].public, GP_KEY_BYTES);
    memcpy(invitation.sign, office->sealed.keys.sign_public, GP_KEY_BYTES);
    memcpy(invitation.psk, office->sealed.psk, GP_PSK_BYTES);
    gp_invitation_write(&invitation, office->invitation);
}

int office_set_up(void **state)
{
    struct office *office = run_scene(sizeof *office);

    sealed_init(&office->sealed);
    furnish(office);
    office->entries = 5;
    run_identify(&office->run, &office->sealed);
    office->run.fake = fake_start_sealed(office->run.address, answer, office, &office->sealed);
    *state = office;
    return 0;
}

struct gp_command office_command(const struct office *office, unsigned nth,
                                 struct gp_arena *ret_arena)
{
    for (unsigned i = 0; i < fake_count(office->run.fake); i++) {
        struct gp_request request = run_sent(&office->run, i, ret_arena);
        if (request.kind == GP_REQUEST_COMMAND && nth-- == 0)
            return request.command;
        gp_arena_release(ret_arena);
    }
    fail_msg("there was no such command");
    return (struct gp_command){0};
}

void office_contains(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("no \"%s\" in: %s", part, text);
}
