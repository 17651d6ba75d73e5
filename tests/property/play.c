#include "property/play.h"

#include "property/city.h"
#include "property/fail.h"
#include "property/generate.h"
#include "property/rules.h"
#include "property/stats.h"

#define JOINED_MAX  8
#define ENTRIES_MAX 4096

/* What one batch of commands wrote. */
struct line {
    uint64_t seq, incident;
    uint8_t from, to, step;
    uint32_t version, before_version;
    bool acted;
    bool owing; /* its incident had a step from before now that had not fired */
};

static struct {
    struct line line[ENTRIES_MAX];
    size_t count;
} written;

static struct model model;
static struct world world;
unsigned char play_hash[GP_HASH_BYTES];

static void write_down(void *context, const struct model *from)
{
    const struct gp_entry *entry = &from->entry;
    const struct gp_plan_step *next = gp_plan_next(&from->before.plan);

    (void)context;
    if (written.count == ENTRIES_MAX)
        fail("a batch writes more than %d entries", ENTRIES_MAX);
    written.line[written.count++] = (struct line){
        .seq = entry->seq,
        .incident = entry->incident,
        .from = entry->incident != 0 ? from->before.state : 0,
        .to = entry->state,
        .step = entry->step,
        .version = entry->version,
        .before_version = entry->incident != 0 ? from->before.version : 0,
        .acted = entry->actor.len > 0,
        .owing = entry->incident != 0 && next != NULL && next->at_ms < entry->at_ms,
    };
}

/* ---------------------------------------------------------------- answers */

/* Where an accepted command found its incident. The steps that were still owed come before it. */
static const struct line *first_line(uint64_t after, const struct gp_answer *answer)
{
    for (size_t i = 0; i < written.count; i++) {
        const struct line *line = &written.line[i];
        if (line->seq > after && line->seq <= answer->seq && line->acted &&
            line->incident == answer->incident)
            return line;
    }
    fail("a command was accepted and wrote no entry");
}

static void check_accepted(const struct act *act, uint64_t after)
{
    const struct gp_answer *answer = &act->answer;
    const struct line *line = first_line(after, answer);
    uint8_t verb = act->command.verb;

    stats_transition(false, verb, line->from, answer->state);
    if (!rules_verb(verb, line->from, answer->state))
        fail("%s was accepted and leads from %s to %s", gp_verb_name(verb),
             gp_state_name(line->from), gp_state_name(answer->state));
    if (line->owing && !world.held && verb != GP_VERB_REPORT)
        fail("%s was decided before a step that is older", gp_verb_name(verb));
    if (verb != GP_VERB_REPORT && act->command.expect_version != 0 &&
        act->command.expect_version != line->before_version)
        fail("%s was accepted for version %u of an incident at %u", gp_verb_name(verb),
             act->command.expect_version, line->before_version);
}

/* Only where nothing else can have come between. */
static void check_refused(const struct act *act, uint64_t incident, int state)
{
    devices_refused(&model, act);
    if (gp_verb_about_people(act->command.verb)) {
        people_refused(&model, act);
        return;
    }
    if (gp_verb_about_devices(act->command.verb))
        return;
    if (act->answer.reason != GP_REASON_STATE || act->command.verb == GP_VERB_LINK ||
        act->command.verb == GP_VERB_ERASE) /* of the other one; nothing is left */
        return;
    if (rules_allowed(act->command.verb, state))
        fail("%s was refused because incident %llu is %s", gp_verb_name(act->command.verb),
             (unsigned long long)incident, gp_state_name(state));
}

static uint64_t opened(const struct sequence *sequence, int act)
{
    return act >= 0 && act < sequence->count && sequence->act[act].done
               ? sequence->act[act].answer.incident
               : 0;
}

static uint64_t asked_for(const struct sequence *sequence, int act)
{
    return act < sequence->count && sequence->act[act].done ? sequence->act[act].answer.leave : 0;
}

static void fill_item(const struct sequence *sequence, struct act *act, struct gp_item *item)
{
    struct gp_command *command = &act->command;

    if (command->verb != GP_VERB_REPORT)
        command->incident = opened(sequence, act->target);
    if (act->leave != ACT_NOBODY)
        command->leave = asked_for(sequence, act->leave);
    command->other = opened(sequence, act->other);
    *item = (struct gp_item){.kind = GP_ITEM_COMMAND, .command = *command};
}

static void take_answer(struct act *act, const struct gp_answer *answer)
{
    act->answer = *answer;
    act->done = answer->error == 0 && answer->reason == GP_REASON_NONE && !answer->repeated;
    stats_answer(act->command.verb, answer);
    if (answer->error != 0)
        fail("%s: %s", gp_verb_name(act->command.verb), gp_error_text(answer->error));
    if (answer->repeated)
        fail("a new %s was taken for a repeat", gp_verb_name(act->command.verb));
}

static void check_answers(struct sequence *sequence, int first, int count,
                          const struct gp_item *items, const int *state_before)
{
    uint64_t after = written.count > 0 ? written.line[0].seq - 1 : world.model->head;

    for (int i = 0; i < count; i++) {
        struct act *act = &sequence->act[first + i];
        take_answer(act, &items[i].answer);
        if (act->done) {
            check_accepted(act, after);
            after = act->answer.seq;
        } else if (count == 1 && written.count == 0) {
            check_refused(act, act->command.incident, state_before[i]);
        }
    }
}

/* ---------------------------------------------------------------- commands */

static bool all_refused(const struct sequence *sequence, int first, int count)
{
    for (int i = first; i < first + count; i++) {
        if (sequence->act[i].done)
            return false;
    }
    return written.count == 0;
}

static void play_commands(struct sequence *sequence, int first, int count)
{
    struct gp_item items[JOINED_MAX + 1];
    int state_before[JOINED_MAX];
    struct world_digest before, after;
    bool sampled = (first + (int)sequence->number) % 16 == 0;
    size_t item_count = (size_t)count;

    for (int i = 0; i < count; i++) {
        fill_item(sequence, &sequence->act[first + i], &items[i]);
        state_before[i] = model_state(&model, items[i].command.incident);
    }
    if (sequence->act[first].expires)
        items[item_count++] = (struct gp_item){.kind = GP_ITEM_EXPIRE};
    if (sampled)
        world_digest(&world, &before);
    world_apply(&world, items, item_count);
    check_answers(sequence, first, count, items, state_before);
    if (!sampled || !all_refused(sequence, first, count))
        return;
    world_digest(&world, &after);
    if (memcmp(&before, &after, sizeof before) != 0)
        fail("a refused command changed a table");
    stats_count(STATS_UNCHANGED, 1);
}

/* R20: the same answer, and nothing stored. */
static void play_repeat(const struct sequence *sequence, struct act *act)
{
    const struct act *old = act->repeat_of >= 0 ? &sequence->act[act->repeat_of] : NULL;
    struct gp_item item = {.kind = GP_ITEM_COMMAND};

    if (old == NULL || !old->done)
        return;
    item.command = old->command;
    item.command.body_hash[0] ^= act->other_body;
    world_apply(&world, &item, 1);
    stats_answer(old->command.verb, &item.answer);
    if (written.count > 0)
        fail("a repeated %s wrote an entry", gp_verb_name(old->command.verb));
    /* Once its text was erased nobody can tell any more what its body was. */
    bool forgotten =
        item.answer.repeated && model.incident[old->answer.incident].folded.erased_ms != 0;
    if (act->other_body && !forgotten) {
        if (item.answer.reason != GP_REASON_CONFLICT)
            fail("the id of another %s was used again without a conflict",
                 gp_verb_name(old->command.verb));
        return;
    }
    if (!item.answer.repeated || item.answer.reason != GP_REASON_NONE ||
        item.answer.seq != old->answer.seq || item.answer.incident != old->answer.incident ||
        item.answer.leave != old->answer.leave || item.answer.device != old->answer.device ||
        item.answer.at_ms != old->answer.at_ms || item.answer.version != old->answer.version ||
        item.answer.state != old->answer.state || item.answer.due_ms != old->answer.due_ms)
        fail("a repeated %s gets another answer", gp_verb_name(old->command.verb));
}

/* ---------------------------------------------------------------- acts */

static void play_other(struct sequence *sequence, struct act *act)
{
    switch ((enum act_kind)act->kind) {
    case ACT_REPEAT:
        play_repeat(sequence, act);
        break;
    case ACT_RELOAD:
        world_reload(&world, city_org(act->variant));
        break;
    case ACT_CRASH:
        world_crash(&world, act->down_ms);
        break;
    case ACT_FORGET:
        world_forget(&world);
        break;
    case ACT_REBUILD:
        world_rebuild(&world);
        break;
    case ACT_CLOCK:
        world_alarm(&world);
        break;
    case ACT_HOLD:
        world_hold(&world);
        break;
    case ACT_COMMAND:
    case ACT_KINDS:
        break;
    }
}

static int joined(const struct sequence *sequence, int first)
{
    int count = 1;

    while (first + count < sequence->count && sequence->act[first + count].joined)
        count++;
    return count;
}

/* Plays the act and what is joined to it; returns the index behind. */
static int play_act(struct sequence *sequence, int first)
{
    struct act *act = &sequence->act[first];
    int count = joined(sequence, first);

    fail_place.act = first;
    if (act->lags)
        world_lag(&world, act->at_ms);
    else
        world_advance(&world, act->at_ms);
    written.count = 0;
    for (int i = 0; i < count; i++)
        stats_act(sequence->act[first + i].kind);
    if (act->kind == ACT_COMMAND)
        play_commands(sequence, first, count);
    else
        play_other(sequence, act);
    if (act->lags || !act->settles_late)
        world_expire(&world);
    return first + count;
}

static void begin(const struct sequence *sequence)
{
    world_open(&world, city_org(sequence->variant), sequence->start_ms, &model);
    world.entry = write_down;
}

static void end(void)
{
    world_rebuild(&world);
    world_hash(&world, play_hash);
    world_close(&world);
}

void play_again(struct sequence *sequence)
{
    for (int i = 0; i < sequence->count; i++)
        sequence->act[i].done = false;
    begin(sequence);
    for (int i = 0; i < sequence->count;)
        i = play_act(sequence, i);
    end();
}

void play_new(struct sequence *sequence, uint64_t seed, uint64_t number, int commands)
{
    struct generator generator;
    int played = 0;

    generate_begin(&generator, sequence, seed, number);
    fail_place.sequence = sequence;
    begin(sequence);
    while (sequence->commands < commands && sequence->count + JOINED_MAX < ACTS_MAX) {
        generate(&generator, &world);
        while (played < sequence->count)
            played = play_act(sequence, played);
    }
    end();
}
