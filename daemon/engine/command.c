/* A person's command: seen before? → same answer; else load → decide → record. */
#include "engine/internal.h"

#include "base/broken.h"
#include "base/bytes.h"

#include <stdio.h>

/* Reports of one batch from one look at the store's room to the next. */
#define GP_ROOM_LOOK 16

static bool has_id(const struct gp_command *command)
{
    static const unsigned char none[GP_COMMAND_ID_BYTES];
    return memcmp(command->id, none, sizeof none) != 0;
}

static void refuse(struct gp_answer *answer, enum gp_reason reason, const char *detail)
{
    answer->reason = reason;
    (void)snprintf(answer->detail, sizeof answer->detail, "%s", detail);
}

/* Whether the kept command had this body. Once its text was erased nobody can tell, and a repeat
 * gets its answer, but no proof. */
static int same_body(struct gp_run *run, const struct gp_kept_row *kept,
                     const struct gp_command *command, bool *ret_same, bool *ret_unsure)
{
    unsigned char hash[sizeof command->body_hash];
    struct gp_personal personal;
    int rc;

    memcpy(hash, command->body_hash, sizeof hash);
    if (kept->text_seq != 0) {
        rc = gp_personal_get(run->txn, kept->incident, kept->text_seq, &personal);
        if (rc == GP_ENOTFOUND) /* about people: there the kept number is the leave's */
            rc = gp_personal_get(run->txn, 0, kept->text_seq, &personal);
        if (rc != 0) {
            *ret_same = true;
            *ret_unsure = rc == GP_ENOTFOUND;
            return rc == GP_ENOTFOUND ? 0 : rc;
        }
        gp_personal_salted(personal.salt, command->body_hash, hash);
    }
    *ret_same = memcmp(kept->body_hash, hash, sizeof hash) == 0;
    return 0;
}

static void set_kept_answer(int verb, const struct gp_kept_row *kept, struct gp_answer *answer)
{
    if (gp_verb_about_people(verb))
        answer->leave = kept->incident;
    else if (gp_verb_about_devices(verb))
        answer->device = kept->incident;
    else
        answer->incident = kept->incident;
    answer->seq = kept->seq;
    answer->version = kept->version;
    answer->state = kept->state;
    answer->due_ms = kept->due_ms;
}

int gp_run_repeat(struct gp_run *run, struct gp_item *item)
{
    const struct gp_command *command = &item->command;
    struct gp_answer *answer = &item->answer;
    struct gp_kept_row kept;
    struct gp_span bytes;
    bool same = true;
    int rc = GP_ENOTFOUND;

    if (has_id(command) && !gp_broken("no-dedup"))
        rc = gp_dedup_get(run->txn, command->id, gp_device_hash(command->device), &bytes);
    if (rc == GP_ENOTFOUND)
        return 0;
    if (rc == 0)
        rc = gp_kept_row_read(command->id, bytes, &kept);
    if (rc == 0)
        rc = same_body(run, &kept, command, &same, &answer->unsure);
    if (rc != 0)
        return rc;
    if (!same) {
        refuse(answer, GP_REASON_CONFLICT, "make a new id for a new message");
        return GP_EEXIST;
    }
    answer->repeated = true;
    set_kept_answer(command->verb, &kept, answer);
    rc = gp_entry_at_ms(run->txn, kept.seq, &answer->at_ms);
    return rc == 0 ? GP_EEXIST : rc;
}

/* An id whose time is far from ours was made on a handset with a wrong clock: say so. */
static bool id_skewed(const struct gp_command *command, int64_t now_ms)
{
    int64_t made_ms = gp_id_made_ms(command->id);
    return made_ms < now_ms - GP_DEDUP_DAYS * GP_MS_DAY || made_ms > now_ms + GP_MS_DAY;
}

/* A drill's clock is not the handsets', so nothing about theirs is judged by it. */
static void flag_skew(const struct gp_run *run, const struct gp_command *command,
                      struct gp_entry *entry)
{
    if (!run->engine->drill && has_id(command) && id_skewed(command, run->batch->now_ms))
        entry->flags |= GP_FLAG_SKEW;
}

static void set_answer(struct gp_answer *answer, const struct gp_decision *decision)
{
    const struct gp_entry *last = &decision->entry[decision->entry_count - 1];

    answer->incident = last->incident;
    answer->leave = last->leave.id;
    answer->device = last->device.id;
    answer->revoked = last->device.state == GP_DEVICE_REVOKED ? last->device.id : 0;
    answer->seq = last->seq;
    answer->at_ms = last->at_ms;
    answer->version = last->version;
    answer->state = last->state;
    answer->due_ms = last->due_ms;
}

struct gp_kept_answer gp_run_kept(const struct gp_command *command)
{
    struct gp_kept_answer kept = {.present = has_id(command)};

    if (!kept.present)
        return kept;
    kept.device_hash = gp_device_hash(command->device);
    memcpy(kept.id, command->id, sizeof kept.id);
    memcpy(kept.body_hash, command->body_hash, sizeof kept.body_hash);
    return kept;
}

/* The hash of a body with a text in it would let anybody try texts against it, for ever: it is
 * salted as the text is. */
static void salt_kept(const struct gp_decision *decision, const struct gp_command *command,
                      struct gp_kept_answer *kept)
{
    for (uint8_t i = 0; i < decision->entry_count; i++) {
        if (!decision->entry[i].personal)
            continue;
        kept->text_seq = decision->entry[i].seq;
        gp_personal_salted(command->salt, command->body_hash, kept->body_hash);
        return;
    }
}

static int record_command(struct gp_run *run, struct gp_item *item,
                          const struct gp_incident *before)
{
    struct gp_decision *decision = &run->engine->decision;
    struct gp_kept_answer kept = gp_run_kept(&item->command);

    if (kept.present)
        salt_kept(decision, &item->command, &kept);
    flag_skew(run, &item->command, &decision->entry[0]);
    int rc = gp_run_record(run, before, kept.present ? &kept : NULL);
    if (rc == 0)
        set_answer(&item->answer, decision);
    return rc;
}

/* Of a command about an incident: the one that it names, with what it owed from before now already
 * fired. */
static int load_target(struct gp_run *run, const struct gp_command *command,
                       const struct gp_incident **ret_incident)
{
    bool other = gp_verb_about_people(command->verb) || gp_verb_about_devices(command->verb);
    uint64_t id = other ? 0 : command->incident;
    int rc = id != 0 ? gp_run_load(run, id) : GP_ENOTFOUND;

    *ret_incident = NULL;
    if (rc == GP_ENOTFOUND)
        return 0;
    if (rc == 0)
        rc = gp_run_settle(run);
    if (rc == 0)
        *ret_incident = &run->engine->incident;
    return rc;
}

/* Of a link: the incident that it names as the main one, if there is one. */
static int load_other(struct gp_run *run, const struct gp_command *command, struct gp_scene *scene)
{
    int rc = command->other != 0 ? gp_run_load_into(run, command->other, &run->engine->other)
                                 : GP_ENOTFOUND;

    if (rc == 0)
        scene->other = &run->engine->other;
    return rc == GP_ENOTFOUND ? 0 : rc;
}

/* Of a command about people: the leave that it names, and the numbers of what it would write. */
static int load_people(struct gp_run *run, const struct gp_command *command, struct gp_scene *scene)
{
    struct gp_engine *engine = run->engine;
    int rc;

    if (!gp_verb_about_people(command->verb))
        return 0;
    rc = gp_last_id(run->txn, GP_TABLE_LEAVE, &scene->new_leave_id);
    if (rc == 0)
        rc = gp_last_id(run->txn, GP_TABLE_TENURE, &scene->new_tenure_id);
    scene->new_leave_id++;
    scene->new_tenure_id++;
    if (rc != 0 || command->leave == 0)
        return rc;
    rc = gp_run_load_leave(run, command->leave, &engine->leave);
    if (rc == 0)
        scene->leave = &engine->leave;
    return rc == GP_ENOTFOUND ? 0 : rc;
}

/* A leave that is approved late has begun already: work that comes from now on goes to whoever
 * stands in by itself, so what is there shifts at once. */
static int begin_if_late(struct gp_run *run, uint64_t id)
{
    struct gp_leave_record leave;
    unsigned shifted;
    int rc = gp_run_load_leave(run, id, &leave);

    if (rc != 0 || run->batch->held || leave.state != GP_LEAVE_APPROVED || leave.begun ||
        leave.from_ms > run->batch->now_ms)
        return rc;
    rc = gp_run_refresh(run);
    return rc == 0 ? gp_run_begin_leave(run, id, &shifted) : rc;
}

/* R21: what follows an incident that was closed closes with it, in the same transaction. */
static int close_followers(struct gp_run *run, uint64_t main)
{
    struct gp_engine *engine = run->engine;
    uint64_t id = 0;
    int rc;

    while ((rc = gp_link_next(run->txn, main, id, &id)) == 0) {
        rc = gp_run_load(run, id);
        if (rc != 0)
            return rc == GP_ENOTFOUND ? GP_ECORRUPT : rc;
        if (engine->incident.state != GP_STATE_DUPLICATE)
            continue; /* closed with it before, and the main one was reopened */
        struct gp_scene scene = gp_run_scene(run, &engine->incident);
        gp_decide_close_with(&scene, &engine->decision);
        rc = gp_run_record(run, &engine->incident, NULL);
        if (rc != 0)
            return rc;
    }
    return rc == GP_ENOTFOUND ? 0 : rc;
}

/* Whatever is open must be handled, escalated and closed to its end: a store that is nearly full
 * takes no more of it. */
static bool has_room(struct gp_run *run)
{
    bool opens = run->engine->decision.after.id > run->last_id;
    return !opens || (run->last_id - run->last_id_before) % GP_ROOM_LOOK != 0 ||
           !gp_txn_tight(run->txn);
}

int gp_run_command(struct gp_run *run, struct gp_item *item)
{
    struct gp_engine *engine = run->engine;
    const struct gp_incident *before;
    int rc = gp_run_repeat(run, item);

    run->salt = item->command.salt;
    if (rc == GP_EEXIST)
        return 0;
    if (rc == 0)
        rc = load_target(run, &item->command, &before);
    if (rc != 0)
        return rc;
    struct gp_scene scene = gp_run_scene(run, before);
    rc = load_other(run, &item->command, &scene);
    if (rc == 0)
        rc = load_people(run, &item->command, &scene);
    if (rc == 0)
        rc = gp_run_load_devices(run, &item->command, &scene);
    if (rc != 0)
        return rc;
    gp_decide(&scene, &item->command, &engine->decision);
    if (engine->decision.reason != GP_REASON_NONE) {
        refuse(&item->answer, engine->decision.reason, engine->decision.detail);
        return 0;
    }
    if (!has_room(run)) {
        item->answer.error = GP_ENOSPC;
        return 0;
    }
    rc = record_command(run, item, before);
    if (rc == 0 && item->answer.leave != 0)
        return begin_if_late(run, item->answer.leave);
    if (rc == 0 && engine->decision.after.state == GP_STATE_CLOSED)
        rc = close_followers(run, engine->decision.after.id);
    return rc;
}
