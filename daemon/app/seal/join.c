/*
 * Joining by an invitation. The device proves that it has the invitation's secret, and that it has
 * its own key; the rest is a command like any other (`join`), so that an invitation is used once by
 * the store's order and the journal has it. Both answers are written before anybody knows which one
 * is true, because the six digits that an admin compares come out of the good one, and are part of
 * the command.
 *
 * What cannot be read gets AGAIN for a session of zeros: the invitation is over, or the daemon has
 * started again since; an admin makes a new one.
 */
#include "app/seal/seal.h"

#include "base/bytes.h"
#include "trust/invitation.h"

/* ---------------------------------------------------------------- in the pool */

/* The device's own words: they go into the journal, so they are text or nothing. */
static void clean_label(char label[GP_LABEL_BYTES + 1])
{
    bool good = gp_utf8_valid(gp_span_of(label));

    for (const char *at = label; *at != '\0'; at++)
        good = good && (unsigned char)*at >= 0x20 && *at != 0x7f;
    for (const char *at = label; *at != '\0'; at++) /* C1 controls: 0xC2 0x80 … 0x9F */
        good = good && !((unsigned char)at[0] == 0xc2 && (unsigned char)at[1] < 0xa0);
    if (!good)
        label[0] = '\0';
}

static int write_answer(struct gp_noise noise, const struct gp_handshake *handshake, uint8_t status,
                        unsigned char ret_message[GP_JOINED_BYTES], uint32_t *ret_digits)
{
    struct gp_welcome welcome = {.status = status, .now_ms = handshake->now_ms};
    int rc;

    memcpy(welcome.server_key, handshake->keys.box[0].public, sizeof welcome.server_key);
    rc = gp_joined_write(&noise, &welcome, ret_message);
    *ret_digits = gp_digits(gp_noise_hash(&noise));
    gp_noise_clear(&noise);
    return rc;
}

int gp_join_work(struct gp_handshake *handshake)
{
    struct gp_join *join = &handshake->join;
    uint32_t unused;
    int rc = gp_join_read(&handshake->keys, &handshake->envelope, handshake->psk, &handshake->noise,
                          join->label);

    if (rc == 0)
        rc = gp_engine_device(handshake->app->store, handshake->envelope.device, &handshake->arena,
                              &handshake->device);
    if (rc == 0)
        rc = write_answer(handshake->noise, handshake, GP_WELCOME_UNKNOWN, join->refused, &unused);
    if (rc == 0)
        rc = write_answer(handshake->noise, handshake, GP_WELCOME_WAITS, join->joined,
                          &join->digits);
    clean_label(join->label);
    return rc;
}

/* ---------------------------------------------------------------- on the loop */

static void set_command(struct gp_job *job, const struct gp_handshake *handshake)
{
    struct gp_command *command = &job->request.command;

    job->request = (struct gp_request){.kind = GP_REQUEST_COMMAND};
    command->verb = GP_VERB_JOIN;
    command->device_id = handshake->envelope.device;
    command->digits = handshake->join.digits;
    command->actor = gp_arena_copy(&job->arena, handshake->device.person);
    command->text = gp_span_of(job->join->label);
    memcpy(command->key, gp_noise_remote(&handshake->noise), sizeof command->key);
    gp_random(command->salt, sizeof command->salt);
    gp_put_u64(command->id, (uint64_t)handshake->now_ms << 16);
    gp_random(command->id + 6, sizeof command->id - 6);
}

static void submit(struct gp_handshake *handshake, struct gp_invite *invite)
{
    struct gp_app *app = handshake->app;
    struct gp_job *job;

    if (!gp_batcher_takes(app) || (job = gp_job_new(app, handshake->letter)) == NULL)
        return; /* its device asks again */
    handshake->letter = (struct gp_letter){0};
    job->join = gp_arena_alloc(&job->arena, sizeof *job->join);
    if (job->join == NULL) {
        gp_job_end(job);
        return;
    }
    *job->join = handshake->join;
    set_command(job, handshake);
    invite->busy = true;
    gp_batcher_command(app, job);
}

void gp_join_unknown(struct gp_app *app, struct gp_letter *letter)
{
    static const unsigned char none[GP_SESSION_ID_BYTES];
    gp_sealed_unknown(app, letter, none);
}

static void reply(struct gp_letter *letter, const unsigned char message[GP_JOINED_BYTES])
{
    gp_letter_reply(letter, (struct gp_span){(const char *)message, GP_JOINED_BYTES});
}

/* After it was used, the same message again gets the same answer, and any other the refusal. */
void gp_join_submit(struct gp_handshake *handshake)
{
    struct gp_app *app = handshake->app;
    struct gp_invite *invite =
        gp_invites_find(&app->seal->invites, handshake->envelope.device, gp_app_now(app));

    app->seal->handshakes++;
    if (invite == NULL)
        gp_join_unknown(app, &handshake->letter); /* its time ran out on the way */
    else if (invite->busy)
        return; /* it asks again, and is answered by what becomes of the first */
    else if (!invite->joined)
        submit(handshake, invite);
    else if (memcmp(handshake->letter.body, invite->join, sizeof invite->join) == 0)
        reply(&handshake->letter, invite->answer);
    else
        reply(&handshake->letter, handshake->join.refused);
}

void gp_join_answer(struct gp_job *job, const struct gp_answer *answer)
{
    struct gp_app *app = job->app;
    struct gp_invite *invite =
        gp_invites_find(&app->seal->invites, job->request.command.device_id, gp_app_now(app));
    bool joined = answer->error == 0 && answer->reason == GP_REASON_NONE;

    if (invite != NULL)
        invite->busy = false;
    if (invite != NULL && joined) {
        invite->joined = true;
        memcpy(invite->join, job->letter.body, sizeof invite->join);
        memcpy(invite->answer, job->join->joined, sizeof invite->answer);
    }
    if (answer->error == 0)
        reply(&job->letter, joined ? job->join->joined : job->join->refused);
    gp_job_end(job);
}

/* ---------------------------------------------------------------- inviting */

/* A repeated `invite` gets the text again as long as nobody has used it. */
struct gp_span gp_invitation_for(struct gp_job *job, const struct gp_answer *answer)
{
    struct gp_seal *seal = job->app->seal;
    struct gp_invitation invitation = {.device = answer->device};
    struct gp_invite *invite =
        gp_invites_find(&seal->invites, answer->device, gp_app_now(job->app));
    char *text = gp_arena_alloc(&job->page, GP_INVITATION_TEXT);

    if (invite == NULL && !answer->repeated && (!job->sealed || job->session != NULL))
        invite = gp_invites_add(&seal->invites, answer->device, job->by_device,
                                answer->at_ms + GP_INVITATION_MS);
    if (invite == NULL || invite->joined || text == NULL)
        return (struct gp_span){0};
    invitation.expires_s = invite->ends_ms / 1000;
    memcpy(invitation.server, seal->keys.box[0].public, sizeof invitation.server);
    memcpy(invitation.psk, invite->psk, sizeof invitation.psk);
    memcpy(invitation.sign, seal->keys.sign_public, sizeof invitation.sign);
    gp_invitation_write(&invitation, text);
    gp_wipe(&invitation, sizeof invitation);
    return gp_span_of(text);
}
