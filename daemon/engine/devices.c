/*
 * Devices in the store: who speaks and whom a command is about, as they are at that moment of the
 * batch; rows of org/devices.csv; and what readers and handshakes ask.
 */
#include "engine/internal.h"

#include "core/permit.h"

#define GP_DEVICES_ROWS_DEFAULT 50

/* Reads one record into an arena; its texts live there, too. */
static int read_device(struct gp_txn *txn, uint64_t id, struct gp_arena *arena,
                       struct gp_device *ret_device)
{
    struct gp_span record;
    int rc = gp_device_get(txn, id, &record);

    return rc == 0 ? gp_stored(gp_wire_device_unpack(record, arena, ret_device)) : rc;
}

/* ---------------------------------------------------------------- in a batch */

/* Who speaks through a device that is not there: nobody, so that it is refused and never taken for
 * an unsealed command. */
static const struct gp_device stranger;

static int load_speaker(struct gp_run *run, uint64_t id, struct gp_scene *scene)
{
    struct gp_engine *engine = run->engine;
    int rc;

    if (id == 0)
        return 0;
    rc = read_device(run->txn, id, &engine->arena, &engine->speaker);
    scene->speaker = rc == 0 ? &engine->speaker : &stranger;
    return rc == GP_ENOTFOUND ? 0 : rc;
}

static bool has_right(const struct gp_run *run, const struct gp_device *device,
                      struct gp_span actor, int action)
{
    const struct gp_org *org = gp_view_org(run->view);
    uint32_t person = gp_org_person(org, actor);
    const struct gp_speaker speaker = {
        .org = org,
        .person = person,
        .role = gp_role_speaking(org, device->role, device->person, person),
        .now_ms = run->batch->now_ms,
    };

    return gp_permit(&speaker, action, GP_NO_TARGET);
}

int gp_run_may_act(struct gp_run *run, const struct gp_item *item, int action,
                   enum gp_reason *ret_reason)
{
    struct gp_scene scene = {0};
    int rc = load_speaker(run, item->by_device, &scene);

    *ret_reason = GP_REASON_NONE;
    if (rc != 0 || scene.speaker == NULL)
        return rc;
    if (scene.speaker->state != GP_DEVICE_ACTIVE)
        *ret_reason = GP_REASON_REVOKED;
    else if (!has_right(run, scene.speaker, item->actor, action))
        *ret_reason = GP_REASON_NO_RIGHT;
    return 0;
}

int gp_run_load_devices(struct gp_run *run, const struct gp_command *command,
                        struct gp_scene *scene)
{
    struct gp_engine *engine = run->engine;
    int rc = load_speaker(run, command->by_device, scene);

    if (rc != 0 || !gp_verb_about_devices(command->verb))
        return rc;
    rc = gp_last_id(run->txn, GP_TABLE_DEVICE, &scene->new_device_id);
    scene->new_device_id++;
    if (rc != 0 || command->device_id == 0)
        return rc;
    rc = read_device(run->txn, command->device_id, &engine->arena, &engine->device);
    if (rc == 0)
        scene->device = &engine->device;
    return rc == GP_ENOTFOUND ? 0 : rc;
}

/* One row of the file that is not known yet. A refusal (there are too many) leaves it out. */
static int enrol(struct gp_run *run, const struct gp_device_row *row, unsigned *written)
{
    struct gp_engine *engine = run->engine;
    struct gp_command command = {
        .verb = GP_VERB_ENROL, .person = row->person, .role = row->role, .text = row->label};
    struct gp_scene scene = gp_run_scene(run, NULL);
    int rc = gp_run_load_devices(run, &command, &scene);

    if (rc != 0)
        return rc;
    memcpy(command.key, row->key, sizeof command.key);
    gp_decide(&scene, &command, &engine->decision);
    if (engine->decision.reason != GP_REASON_NONE)
        return 0;
    (*written)++;
    return gp_run_record(run, NULL, NULL);
}

int gp_run_import_devices(struct gp_run *run, bool *ret_more)
{
    const struct gp_org *org = run->batch->org;
    unsigned written = 0;
    uint64_t id;
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < org->device_count && written < GP_IMPORT_ROWS_MAX; i++) {
        rc = gp_device_key_get(run->txn, org->devices[i].key, &id);
        if (rc == GP_ENOTFOUND)
            rc = enrol(run, &org->devices[i], &written);
        gp_arena_reset(&run->engine->arena);
    }
    *ret_more = written == GP_IMPORT_ROWS_MAX;
    return rc;
}

/* ---------------------------------------------------------------- asked by handshakes and people
 */

int gp_engine_device(struct gp_store *store, uint64_t id, struct gp_arena *arena,
                     struct gp_device *ret_device)
{
    struct gp_txn *txn = NULL;
    int rc = gp_txn_read(store, &txn);

    if (rc == 0)
        rc = read_device(txn, id, arena, ret_device);
    gp_txn_abort(txn);
    return rc;
}

int gp_engine_device_by_key(struct gp_store *store, const unsigned char key[GP_DEVICE_KEY_BYTES],
                            struct gp_arena *arena, struct gp_device *ret_device)
{
    struct gp_txn *txn = NULL;
    uint64_t id;
    int rc = gp_txn_read(store, &txn);

    if (rc == 0)
        rc = gp_device_key_get(txn, key, &id);
    if (rc == 0 && (rc = read_device(txn, id, arena, ret_device)) == GP_ENOTFOUND)
        rc = GP_ECORRUPT; /* a key of nobody */
    gp_txn_abort(txn);
    return rc;
}

/* ---------------------------------------------------------------- listing */

struct listing {
    const struct gp_devices_ask *ask;
    struct gp_arena *arena;
    struct gp_devices_page page;
    uint32_t limit;
};

static int take_row(struct listing *listing, struct gp_span value)
{
    const struct gp_devices_ask *ask = listing->ask;
    struct gp_device_peek peek;

    if (gp_wire_device_peek(value, &peek) != 0)
        return GP_ECORRUPT;
    if ((ask->state != 0 && peek.state != ask->state) ||
        (ask->person.len > 0 && !gp_span_equal(peek.person, ask->person)))
        return 0;
    int rc = gp_stored(
        gp_wire_device_unpack(value, listing->arena, &listing->page.item[listing->page.count]));
    if (rc == 0)
        listing->page.count++;
    return rc;
}

static int list(struct gp_txn *txn, struct listing *listing)
{
    unsigned char from[8];
    struct gp_walk *walk = NULL;
    struct gp_span key, value;
    uint64_t id = listing->ask->after;

    gp_put_u64(from, id + 1);
    int rc = gp_walk_open(txn, GP_TABLE_DEVICE, (struct gp_span){(const char *)from, sizeof from},
                          &walk);
    for (unsigned rows = 0; rc == 0 && (rc = gp_walk_next(walk, &key, &value)) == 0; rows++) {
        if (rows == GP_READ_ROWS_MAX || listing->page.count == listing->limit) {
            listing->page.next = id;
            break;
        }
        id = key.len == 8 ? gp_get_u64((const unsigned char *)key.ptr) : 0;
        rc = id != 0 ? take_row(listing, value) : GP_ECORRUPT;
    }
    gp_walk_close(walk);
    return rc == GP_ENOTFOUND ? 0 : rc;
}

int gp_engine_devices(struct gp_store *store, const struct gp_devices_ask *ask,
                      struct gp_arena *arena, struct gp_devices_page *ret_page)
{
    struct listing listing = {.ask = ask, .arena = arena, .limit = ask->limit};
    struct gp_txn *txn = NULL;

    if (listing.limit == 0)
        listing.limit = GP_DEVICES_ROWS_DEFAULT;
    if (ask->after == UINT64_MAX) {
        *ret_page = (struct gp_devices_page){0};
        return 0;
    }
    listing.page.item = gp_arena_zalloc(arena, listing.limit, sizeof *listing.page.item);
    if (listing.page.item == NULL)
        return GP_ENOMEM;
    int rc = gp_txn_read(store, &txn);
    if (rc == 0)
        rc = list(txn, &listing);
    gp_txn_abort(txn);
    if (rc == 0)
        *ret_page = listing.page;
    return rc;
}
