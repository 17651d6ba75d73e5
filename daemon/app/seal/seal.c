/*
 * The keys and tables of sealed messages, from start to end, and what a batch means for them.
 *
 * A revocation is an item of a batch, so the store's order decides what still counts. When its
 * batch comes back, before any answer of it leaves, the device's sessions end: requests of it that
 * are parked, read or queued get AGAIN instead of an answer, invitations that it made are over, and
 * the key of the hints turns.
 */
#include "app/seal/seal.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

static const char *keys_folder(const struct gp_app *app)
{
    return app->options->keys != NULL ? app->options->keys : app->settings.keys;
}

/* A new feed id with a new key: who held the old one sees hints that mean nothing. */
static void turn_hint_key(struct gp_seal *seal)
{
    seal->hint.present = true;
    seal->hint.epoch++;
    gp_random(seal->hint.feed, sizeof seal->hint.feed);
    gp_random(seal->hint.key, sizeof seal->hint.key);
}

static int open_keys(struct gp_app *app)
{
    const char *reason = "";
    int rc = gp_trust_start();

    if (rc == 0)
        rc = gp_keys_open(keys_folder(app), true, &app->seal->keys, &reason);
    if (rc == 0)
        return 0;
    gp_log(GP_LOG_ERROR, "keys", "%s: %s", keys_folder(app),
           reason[0] != '\0' ? reason : gp_error_text(rc));
    return rc == GP_EINVAL || rc == GP_EFORMAT || rc == GP_ENOTFOUND ? EX_CONFIG : 1;
}

static int open_tables(struct gp_app *app)
{
    const struct gp_settings *settings = &app->settings;
    struct gp_seal *seal = app->seal;
    size_t most = (size_t)settings->sessions_max;
    int rc = gp_sessions_open(most, gp_sealed_orphan, app, &seal->sessions);

    if (rc == 0)
        rc = gp_rate_open(most, settings->device_rate, &seal->device_rate);
    if (rc == 0)
        rc = gp_rate_open(most, settings->person_rate, &seal->person_rate);
    if (rc == 0)
        rc = gp_rate_open(GP_BRIDGES_MAX, settings->bridge_rate, &seal->bridge_rate);
    for (int i = 0; i < GP_HANDSHAKES_MAX; i++)
        gp_arena_init(&seal->handshake[i].arena, GP_UNPACK_BYTES_MAX);
    return rc;
}

int gp_seal_open(struct gp_app *app)
{
    int rc;

    app->seal = calloc(1, sizeof *app->seal);
    if (app->seal == NULL)
        return 1;
    rc = open_keys(app);
    if (rc != 0)
        return rc;
    if (open_tables(app) != 0) {
        gp_log(GP_LOG_ERROR, "start", "%s", gp_error_text(GP_ENOMEM));
        return 1;
    }
    turn_hint_key(app->seal);
    return 0;
}

void gp_seal_close(struct gp_app *app)
{
    struct gp_seal *seal = app->seal;

    if (seal == NULL)
        return;
    gp_sessions_close(seal->sessions);
    gp_rate_close(seal->device_rate);
    gp_rate_close(seal->person_rate);
    gp_rate_close(seal->bridge_rate);
    for (int i = 0; i < GP_HANDSHAKES_MAX; i++)
        gp_arena_release(&seal->handshake[i].arena);
    gp_wipe(seal, sizeof *seal);
    free(seal);
    app->seal = NULL;
}

void gp_seal_tick(struct gp_app *app, int64_t now_ms)
{
    gp_sessions_expire(app->seal->sessions, uv_now(&app->loop));
    gp_invites_expire(&app->seal->invites, now_ms);
}

bool gp_allowance_take(const struct gp_app *app, struct gp_allowance *allowance, unsigned most)
{
    uint64_t second = uv_now(&app->loop) / 1000;

    if (allowance->second != second)
        *allowance = (struct gp_allowance){.second = second};
    return allowance->used++ < most;
}

/* ---------------------------------------------------------------- batches */

static void lock_out(struct gp_app *app, uint64_t device)
{
    app->seal->revocations++;
    gp_sessions_end_device(app->seal->sessions, device);
    gp_invites_end_device(&app->seal->invites, device);
    gp_followers_drop_orphans(app);
    turn_hint_key(app->seal);
    gp_log(GP_LOG_INFO, "device", "device %llu is revoked: its sessions have ended",
           (unsigned long long)device);
}

/* A change that is under way, or over, stays so. Errors: *ret_reason says why. */
static int change_files(const struct gp_app *app, bool begin, struct gp_server_keys *ret_keys,
                        const char **ret_reason)
{
    const char *folder = keys_folder(app);
    int rc = begin ? gp_keys_rotate(folder, ret_reason) : gp_keys_retire(folder, ret_reason);

    if (rc != 0 && rc != (begin ? GP_EEXIST : GP_ENOTFOUND))
        return rc;
    return gp_keys_open(folder, false, ret_keys, ret_reason);
}

const char *gp_seal_obstacle(struct gp_job *job)
{
    const char *reason = NULL;
    struct gp_span copy;

    if (gp_keys_changeable(keys_folder(job->app), &reason) == 0)
        return NULL;
    copy = gp_arena_copy(&job->arena, (struct gp_span){reason, strlen(reason) + 1});
    return copy.ptr != NULL ? copy.ptr : "the key files cannot be changed";
}

/* Once a year, and a few milliseconds: done on the loop, so that the answer can say it is done. */
static void change_keys(struct gp_app *app, struct gp_item *item)
{
    bool begin = item->command.result == GP_RESULT_YES;
    struct gp_server_keys keys;
    const char *reason = "";

    if (change_files(app, begin, &keys, &reason) != 0) {
        gp_log(GP_LOG_ERROR, "keys", "the key files could not be changed: %s", reason);
        item->answer.reason = GP_REASON_STATE;
        (void)snprintf(item->answer.detail, sizeof item->answer.detail,
                       "journalled, but the key files could not be changed: %s", reason);
        return;
    }
    app->seal->keys = keys;
    gp_wipe(&keys, sizeof keys);
    gp_log(GP_LOG_INFO, "keys",
           begin ? "a new server key is alive beside the old one" : "the server's old key is gone");
}

void gp_seal_batch(struct gp_app *app, struct gp_batch_slot *slot)
{
    for (size_t i = 0; i < slot->batch.item_count; i++) {
        struct gp_item *item = &slot->item[i];
        if (item->kind != GP_ITEM_COMMAND || item->answer.error != 0 ||
            item->answer.reason != GP_REASON_NONE)
            continue;
        if (item->answer.revoked != 0)
            lock_out(app, item->answer.revoked);
        if (item->command.verb == GP_VERB_ROTATE && !item->answer.repeated)
            change_keys(app, item);
    }
}
