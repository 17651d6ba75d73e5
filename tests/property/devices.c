#include "property/devices.h"

#include "property/fail.h"
#include "property/world.h"
#include "wire/message.h"

#define ENTRY      (unsigned long long)model->entry.seq
#define DEVICE(it) (unsigned long long)(it)->id

static const struct gp_device *find(const struct model *model, uint64_t id)
{
    return id > 0 && id <= model->devices.count ? &model->devices.record[id] : NULL;
}

/* ---------------------------------------------------------------- who spoke */

static void check_speaker(const struct model *model)
{
    const struct gp_entry *entry = &model->entry;
    const struct gp_device *by = find(model, entry->by_device);

    if (entry->by_device == 0)
        return;
    if (by == NULL || by->state != GP_DEVICE_ACTIVE)
        fail("entry %llu is of device %llu, which is %s", ENTRY,
             (unsigned long long)entry->by_device,
             by == NULL ? "not there" : gp_device_state_name(by->state));
    if (by->role != GP_ROLE_BRIDGE && entry->actor.len > 0 &&
        !gp_span_equal(entry->actor, by->person))
        fail("entry %llu: device %llu speaks for %.*s", ENTRY, DEVICE(by),
             GP_SPAN_ARG(entry->actor));
}

/* ---------------------------------------------------------------- what became of one */

static bool same_key(const struct gp_device *a, const struct gp_device *b)
{
    return memcmp(a->key, b->key, sizeof a->key) == 0;
}

static void check_new(const struct model *model, const struct gp_device *is)
{
    unsigned devices = 1;

    if (is->state != GP_DEVICE_INVITED || gp_device_has_key(is) ||
        is->expires_ms != model->now_ms + GP_INVITATION_MS)
        fail("entry %llu: device %llu begins as %s", ENTRY, DEVICE(is),
             gp_device_state_name(is->state));
    for (uint64_t id = 1; id <= model->devices.count; id++) {
        const struct gp_device *other = &model->devices.record[id];
        if (gp_span_equal(other->person, is->person) &&
            (other->state == GP_DEVICE_PENDING || other->state == GP_DEVICE_ACTIVE ||
             (other->state == GP_DEVICE_INVITED && other->expires_ms > model->now_ms)))
            devices++;
    }
    if (devices > GP_DEVICES_PERSON_MAX)
        fail("entry %llu: %.*s gets a device too many", ENTRY, GP_SPAN_ARG(is->person));
}

static void check_joined(const struct model *model, const struct gp_device *was,
                         const struct gp_device *is)
{
    if (was->state != GP_DEVICE_INVITED || model->now_ms >= was->expires_ms)
        fail("entry %llu: device %llu joins and is %s", ENTRY, DEVICE(is),
             gp_device_state_name(was->state));
    for (uint64_t id = 1; id <= model->devices.count; id++) {
        if (same_key(&model->devices.record[id], is))
            fail("entry %llu: device %llu has the key of device %llu", ENTRY, DEVICE(is),
                 (unsigned long long)id);
    }
}

static void check_change(const struct model *model, const struct gp_device *was,
                         const struct gp_device *is)
{
    bool joins = is->state == GP_DEVICE_PENDING;
    bool legal = joins || (is->state == GP_DEVICE_ACTIVE && was->state == GP_DEVICE_PENDING) ||
                 (is->state == GP_DEVICE_REVOKED && was->state != GP_DEVICE_REVOKED);

    if (joins)
        check_joined(model, was, is);
    if (!legal)
        fail("entry %llu: device %llu becomes %s and was %s", ENTRY, DEVICE(is),
             gp_device_state_name(is->state), gp_device_state_name(was->state));
    if (!gp_span_equal(was->person, is->person) || was->role != is->role ||
        was->invited_ms != is->invited_ms || (!joins && !same_key(was, is)))
        fail("entry %llu: device %llu is somebody else's", ENTRY, DEVICE(is));
}

void devices_entry(struct model *model)
{
    struct devices *devices = &model->devices;
    const struct gp_device *is = &model->entry.device;

    check_speaker(model);
    if (is->id == 0)
        return;
    if (is->id > devices->count + 1 || is->id >= DEVICES_MAX)
        fail("entry %llu is device %llu, there are %llu", ENTRY, DEVICE(is),
             (unsigned long long)devices->count);
    if (is->id > devices->count)
        check_new(model, is);
    else
        check_change(model, &devices->record[is->id], is);
    devices->count = is->id > devices->count ? is->id : devices->count;
    devices->record[is->id] = *is;
    devices->changed = true;
}

/* ---------------------------------------------------------------- the tables */

uint64_t devices_keys(const struct model *model)
{
    uint64_t keys = 0;

    for (uint64_t id = 1; id <= model->devices.count; id++)
        keys += gp_device_has_key(&model->devices.record[id]);
    return keys;
}

static void check_rows(struct gp_txn *txn, const struct gp_device *device)
{
    static struct gp_arena arena;
    struct gp_span stored, told;
    uint64_t owner = 0;

    gp_arena_init(&arena, 64 * 1024);
    fail_unless_ok(gp_device_get(txn, device->id, &stored), "reading a device");
    fail_unless_ok(gp_wire_device_pack(device, &arena, &told), "packing a device");
    if (!gp_span_equal(stored, told))
        fail("device %llu is stored otherwise than its entries say", DEVICE(device));
    gp_arena_release(&arena);
    if (!gp_device_has_key(device))
        return;
    fail_unless_ok(gp_device_key_get(txn, device->key, &owner), "reading a key");
    if (owner != device->id)
        fail("the key of device %llu leads to %llu", DEVICE(device), (unsigned long long)owner);
}

void devices_audit(struct world *world)
{
    struct devices *devices = &world->model->devices;
    struct gp_txn *txn = NULL;

    if (!devices->changed)
        return;
    fail_unless_ok(gp_txn_read(world->store, &txn), "reading");
    for (uint64_t id = 1; id <= devices->count; id++)
        check_rows(txn, &devices->record[id]);
    gp_txn_abort(txn);
    devices->changed = false;
}

/* ---------------------------------------------------------------- refusals */

static bool is_right(const struct model *model, const struct gp_command *command, int reason)
{
    const struct gp_device *device = find(model, command->device_id);
    int state = device != NULL ? device->state : GP_DEVICE_NONE;

    switch (reason) {
    case GP_REASON_UNKNOWN_DEVICE:
        return device == NULL;
    case GP_REASON_EXPIRED:
        return state != GP_DEVICE_INVITED || model->now_ms >= device->expires_ms;
    case GP_REASON_DIGITS:
        return state == GP_DEVICE_PENDING && command->digits != device->digits;
    case GP_REASON_STATE:
        return command->verb == GP_VERB_CONFIRM ? state != GP_DEVICE_PENDING
                                                : state == GP_DEVICE_REVOKED;
    default:
        return true;
    }
}

void devices_refused(const struct model *model, const struct act *act)
{
    const struct gp_command *command = &act->command;
    const struct gp_device *by = find(model, command->by_device);

    if (act->answer.reason == GP_REASON_REVOKED && by != NULL && by->state == GP_DEVICE_ACTIVE)
        fail("%s was refused because of device %llu, which is active", gp_verb_name(command->verb),
             DEVICE(by));
    if (gp_verb_about_devices(command->verb) && !is_right(model, command, act->answer.reason))
        fail("%s of device %llu was refused: %s", gp_verb_name(command->verb),
             (unsigned long long)command->device_id, gp_reason_word(act->answer.reason));
}
