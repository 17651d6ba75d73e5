/*
 * Handshakes. Four multiplications on a curve take a quarter of a millisecond, so they run in the
 * pool, few at a time; deadlines and batches never wait for them. Who is not known, revoked or not
 * confirmed yet gets an answer of the same size after the same work, sealed for its own key.
 *
 * The pool's threads have the same priority as the one that stores reports, and the unit's filter
 * of system calls lets none be changed. So while reports are under way one handshake runs at a
 * time: else those who handshake as fast as they can would have most of the processors.
 *
 * A device may be revoked while its handshake is in the pool, after it was looked up. So a
 * handshake that finds on its return that a revocation has come back meanwhile is done again. And
 * it is not looked up in tables that are older than the newest change of a device.
 */
#include "app/seal/seal.h"

#include <assert.h>

static void start_more(struct gp_app *app);

/* ---------------------------------------------------------------- in the pool */

static uint8_t status_of(int looked, const struct gp_device *device)
{
    if (looked != 0)
        return GP_WELCOME_UNKNOWN;
    if (device->state == GP_DEVICE_ACTIVE)
        return GP_WELCOME_OK;
    return device->state == GP_DEVICE_PENDING ? GP_WELCOME_WAITS : GP_WELCOME_UNKNOWN;
}

/* Errors: what the store cannot say now leaves the device without an answer; it asks again. */
static int hello(struct gp_handshake *handshake)
{
    struct gp_welcome *welcome = &handshake->welcome;
    int rc = gp_hello_read(&handshake->keys, &handshake->envelope, &handshake->noise);
    int looked;

    handshake->device = (struct gp_device){0};
    if (rc != 0)
        return rc;
    looked = gp_engine_device_by_key(handshake->app->store, gp_noise_remote(&handshake->noise),
                                     &handshake->arena, &handshake->device);
    if (looked != 0 && looked != GP_ENOTFOUND)
        return looked;
    *welcome = (struct gp_welcome){.status = status_of(looked, &handshake->device),
                                   .now_ms = handshake->now_ms,
                                   .lifetime_s = GP_SESSION_MS / 1000};
    if (welcome->status == GP_WELCOME_OK)
        welcome->role = handshake->device.role;
    gp_random(welcome->session, sizeof welcome->session);
    memcpy(welcome->server_key, handshake->keys.box[0].public, sizeof welcome->server_key);
    return gp_welcome_write(&handshake->noise, welcome, handshake->answer);
}

static void work(uv_work_t *request)
{
    struct gp_handshake *handshake = request->data;

    gp_arena_reset(&handshake->arena);
    handshake->error =
        handshake->envelope.type == GP_ENVELOPE_JOIN ? gp_join_work(handshake) : hello(handshake);
}

/* ---------------------------------------------------------------- on the loop */

static void finish(struct gp_handshake *handshake)
{
    struct gp_app *app = handshake->app;

    if (handshake->letter.path != NULL || handshake->letter.body != NULL)
        gp_letter_drop(&handshake->letter);
    gp_noise_clear(&handshake->noise);
    gp_keys_clear(&handshake->keys);
    gp_wipe(handshake->psk, sizeof handshake->psk);
    handshake->used = false;
    app->seal->in_pool--;
}

static void welcome(struct gp_handshake *handshake)
{
    struct gp_app *app = handshake->app;
    struct gp_session_owner owner = {.device = handshake->device.id,
                                     .role = handshake->device.role,
                                     .person = handshake->device.person};

    app->seal->handshakes++;
    if (handshake->welcome.status == GP_WELCOME_OK &&
        gp_sessions_add(app->seal->sessions, &handshake->noise, handshake->welcome.session, &owner,
                        uv_now(&app->loop) + GP_SESSION_MS) != 0)
        return; /* out of memory: it asks again */
    gp_letter_reply(&handshake->letter,
                    (struct gp_span){(const char *)handshake->answer, sizeof handshake->answer});
    if (handshake->device.state == GP_DEVICE_REVOKED) /* somebody has the lost handset */
        gp_denied(app, handshake->device.id, handshake->device.person, "handshake, but revoked");
}

/* Who cannot join hears that its invitation is not known (join.c); who cannot say hello, nothing.
 */
static void leave(struct gp_handshake *handshake)
{
    if (handshake->envelope.type == GP_ENVELOPE_JOIN && handshake->error == GP_EFORMAT)
        gp_join_unknown(handshake->app, &handshake->letter);
    else
        handshake->app->seal->dropped++;
}

static void submit(struct gp_handshake *handshake);

static void done(uv_work_t *request, int status)
{
    struct gp_handshake *handshake = request->data;
    struct gp_app *app = handshake->app;

    if (app->phase == GP_RUNNING && handshake->revocations != app->seal->revocations) {
        gp_noise_clear(&handshake->noise);
        submit(handshake);
        return;
    }
    if (app->phase != GP_RUNNING || status != 0 || handshake->error != 0)
        leave(handshake);
    else if (handshake->envelope.type == GP_ENVELOPE_JOIN)
        gp_join_submit(handshake);
    else
        welcome(handshake);
    finish(handshake);
    start_more(app);
    gp_shutdown_advance(app);
}

static uint64_t newest_device(const struct gp_app *app)
{
    return gp_store_written(app->store, GP_TABLE_DEVICE);
}

static void begin(void *context)
{
    struct gp_handshake *handshake = context;
    struct gp_app *app = handshake->app;

    if (gp_store_committed(app->store) < newest_device(app)) { /* a full disk: it asks again */
        app->seal->dropped++;
        finish(handshake);
        start_more(app);
        return;
    }
    handshake->keys = app->seal->keys;
    handshake->revocations = app->seal->revocations;
    handshake->now_ms = gp_app_now(app);
    handshake->work.data = handshake;
    int rc = uv_queue_work(&app->loop, &handshake->work, work, done);
    assert(rc == 0); /* it refuses a missing function only */
}

static void submit(struct gp_handshake *handshake)
{
    gp_fresh_await(handshake->app, &handshake->await, newest_device(handshake->app), begin,
                   handshake);
}

/* The secret of an invitation that is not there is random: the same work comes to nothing. */
static void find_invitation(struct gp_handshake *handshake)
{
    struct gp_app *app = handshake->app;
    const struct gp_invite *invite =
        gp_invites_find(&app->seal->invites, handshake->envelope.device, gp_app_now(app));

    handshake->invited = invite != NULL;
    if (invite != NULL)
        memcpy(handshake->psk, invite->psk, sizeof handshake->psk);
    else
        gp_random(handshake->psk, sizeof handshake->psk);
}

static void start_one(struct gp_app *app, struct gp_letter letter)
{
    struct gp_handshake *handshake = app->seal->handshake;

    while (handshake->used)
        handshake++; /* one is free: fewer than all are in the pool */
    handshake->app = app;
    handshake->used = true;
    handshake->letter = letter;
    int rc = gp_envelope_read((struct gp_span){letter.body, letter.len}, &handshake->envelope);
    assert(rc == 0); /* as it was when it came */
    if (handshake->envelope.type == GP_ENVELOPE_JOIN)
        find_invitation(handshake);
    app->seal->in_pool++;
    submit(handshake);
}

static bool may_start(const struct gp_app *app)
{
    unsigned most = gp_batcher_idle(app) ? GP_HANDSHAKES_MAX : GP_HANDSHAKES_BESIDE_MAX;

    return app->seal->in_pool < most;
}

/* Whoever still waits is seen to when one ends: there is one in the pool. */
static void start_more(struct gp_app *app)
{
    while (app->phase == GP_RUNNING && app->seal->waiting.count > 0 && may_start(app))
        start_one(app, gp_queue_take(&app->seal->waiting));
}

void gp_handshake_letter(struct gp_app *app, struct gp_letter letter)
{
    struct gp_seal *seal = app->seal;
    struct gp_letter dropped;

    if (gp_queue_put(&seal->waiting, letter, &dropped)) {
        seal->dropped++;
        gp_letter_drop(&dropped);
    }
    start_more(app);
}

bool gp_handshakes_idle(const struct gp_app *app)
{
    return app->seal->in_pool == 0;
}

void gp_handshakes_drop(struct gp_app *app)
{
    while (app->seal->waiting.count > 0) {
        struct gp_letter letter = gp_queue_take(&app->seal->waiting);
        gp_letter_drop(&letter);
    }
}
