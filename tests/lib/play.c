#include "lib/play.h"

#include "core/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define ZONE_MS (8 * GP_MS_HOUR)

/* ---------------------------------------------------------------- what every decision promises */

static void check_recipients(const struct gp_entry *entry)
{
    assert_true(entry->recipient_count <= GP_RECIPIENTS_MAX);
    for (uint8_t i = 0; i < entry->recipient_count; i++) {
        assert_true(entry->recipient[i].person.len > 0);
        assert_true(entry->recipient[i].capacity[0] != '\0');
        assert_string_not_equal(gp_path_name(entry->recipient[i].path), "?");
        for (uint8_t k = 0; k < i; k++)
            assert_false(gp_span_equal(entry->recipient[i].person, entry->recipient[k].person));
    }
}

static void check_entry(const struct gp_entry *entry, const struct gp_scene *scene)
{
    assert_string_not_equal(gp_what_name(entry->what), "?");
    assert_int_equal(entry->at_ms, scene->now_ms);
    assert_true(entry->incident != 0);
    assert_true(!entry->has_nominal || entry->late_ms == entry->at_ms - entry->nominal_ms);
    assert_true(entry->has_nominal || entry->late_ms == 0);
    assert_int_equal(entry->what == GP_WHAT_STEP, entry->step != GP_STEP_NONE);
    if (entry->what == GP_WHAT_STEP || entry->what == GP_WHAT_HANDOVER)
        assert_int_equal(entry->actor.len, 0);
    if (entry->flags & GP_FLAG_COALESCED)
        assert_int_equal(entry->recipient_count, 0);
    else if (entry->what == GP_WHAT_STEP)
        assert_true(entry->recipient_count > 0);
    check_recipients(entry);
}

static void check_incident(const struct gp_incident *incident, bool may_end)
{
    const struct gp_plan *plan = &incident->plan;
    bool clock_runs = false;

    assert_true(plan->step_count <= GP_PLAN_STEPS_MAX);
    assert_true(plan->stage_count == 0 || plan->current < plan->stage_count);
    assert_true(plan->stage_count == 0 || plan->stage_count == incident->row.limit.stage_count);
    switch ((enum gp_state)incident->state) {
    case GP_STATE_DISPATCHED: /* the owner's */
    case GP_STATE_ACCEPTED:
    case GP_STATE_REWORK:
    case GP_STATE_REOPENED:
    case GP_STATE_RETURNED: /* the dispatcher's, and the overall one */
    case GP_STATE_ARBITRATION:
    case GP_STATE_SUSPENDED: /* until it goes on */
        clock_runs = true;
        break;
    case GP_STATE_FINISHED: /* the checker's, until it was late */
        clock_runs = gp_plan_find(plan, plan->current, GP_STEP_VERIFY_LATE)->status == GP_PLANNED;
        break;
    default:
        break;
    }
    assert_true(gp_plan_next(plan) == NULL || clock_runs);
    assert_true(gp_plan_next(plan) != NULL || !clock_runs || may_end);
    assert_true(!clock_runs || incident->owner.len > 0);
    assert_int_equal(incident->overdue_ms != 0, incident->overdue_post.len > 0);
    for (uint8_t i = 0; i < plan->stage_count; i++) {
        assert_true(plan->stage[i].due_ms >= plan->stage[i].start_ms);
        assert_true(plan->stage[i].policy.len > 0);
    }
}

static bool guarded_change(const struct gp_incident *a, const struct gp_incident *b)
{
    return a->state != b->state || !gp_span_equal(a->owner, b->owner) ||
           a->plan.current != b->plan.current || a->plan.stage_count != b->plan.stage_count ||
           gp_plan_due(&a->plan) != gp_plan_due(&b->plan);
}

static void record(struct play *play, const struct gp_entry *entry)
{
    assert_true(play->count < PLAY_ENTRIES_MAX);
    play->journal[play->count++] = *entry;
}

/* Folding the entries on the original gives what decide said, entry by entry. */
static void take(struct play *play, const struct gp_scene *scene)
{
    static struct gp_incident folded, step_before;
    const struct gp_decision *decision = &play->decision;

    if (scene->incident != NULL)
        folded = *scene->incident;
    else
        memset(&folded, 0, sizeof folded);
    for (uint8_t i = 0; i < decision->entry_count; i++) {
        const struct gp_entry *entry = &decision->entry[i];
        step_before = folded;
        check_entry(entry, scene);
        gp_fold(entry, &folded);
        assert_int_equal(folded.state, entry->state);
        assert_int_equal(folded.version, entry->version);
        assert_true(gp_span_equal(folded.owner, entry->owner));
        if (guarded_change(&step_before, &folded))
            assert_int_equal(folded.version, step_before.version + 1);
        record(play, entry);
    }
    assert_memory_equal(&folded, &decision->after, sizeof folded);
    if (decision->entry_count == 0)
        return;
    play->incident = folded;
    play->reported = true;
    check_incident(&play->incident, play->may_end);
}

/* ---------------------------------------------------------------- acting */

/* One `vacant` entry per post and day: the engine asks its table, we ask the journal. */
static bool vacancy_known(void *context, uint32_t post_key, int64_t day)
{
    const struct play *play = context;

    for (size_t i = 0; i < play->count; i++) {
        const struct gp_entry *entry = &play->journal[i];
        if (entry->what == GP_WHAT_VACANT && gp_post_key(entry->vacant_post) == post_key &&
            entry->vacant_day == day)
            return true;
    }
    return false;
}

static bool strike_of(void *context, struct gp_span person, uint64_t incident,
                      struct gp_strike *ret_strike)
{
    const struct play *play = context;

    for (size_t i = play->count; i-- > 0;) {
        const struct gp_strike *strike = &play->journal[i].strike;
        if (strike->incident == incident && gp_span_equal(strike->person, person)) {
            *ret_strike = *strike;
            return true;
        }
    }
    return false;
}

/* Of this incident, and as many from others as the test says. */
static uint32_t strikes(void *context, struct gp_span person, uint16_t year)
{
    const struct play *play = context;
    struct gp_strike strike;
    bool counts = strike_of(context, person, play->incident.id, &strike) && strike.year == year &&
                  strike.state != GP_STRIKE_LIFTED;
    return play->strikes_before + counts;
}

static uint32_t on_spot(void *context, struct gp_area_ref grid)
{
    const struct play *play = context;

    (void)grid;
    return play->on_spot_before;
}

/* Of whatever category, as of two whose hashes are the same. */
static void similar(void *context, struct gp_area_ref grid, struct gp_span category,
                    bool (*show)(void *to, const struct gp_similar *other), void *to)
{
    const struct play *play = context;

    (void)grid;
    (void)category;
    for (size_t i = play->similar_count; i-- > 0 && show(to, &play->similar[i]);)
        ;
}

static unsigned linked(void *context, uint64_t main)
{
    const struct play *play = context;

    (void)main;
    return play->linked;
}

static bool told(void *context, uint64_t seq, struct gp_span person, uint64_t *ret_incident)
{
    const struct play *play = context;

    if (seq == 0 || seq > play->count)
        return false;
    const struct gp_entry *entry = &play->journal[seq - 1];
    for (uint8_t i = 0; i < entry->recipient_count; i++) {
        if (gp_span_equal(entry->recipient[i].person, person)) {
            *ret_incident = entry->incident;
            return true;
        }
    }
    return false;
}

static struct gp_scene scene_at(struct play *play, int64_t now_ms)
{
    return (struct gp_scene){
        .org = &play->town->org,
        .now_ms = now_ms,
        .incident = play->reported ? &play->incident : NULL,
        .new_id = 7,
        .next_seq = play->count + 1,
        .recall = &play->recall,
    };
}

void play_begin(struct play *play, struct town *town)
{
    memset(play, 0, sizeof *play);
    play->town = town;
    play->recall = (struct gp_recall){
        .context = play,
        .vacancy_known = vacancy_known,
        .strikes = strikes,
        .strike_of = strike_of,
        .on_spot = on_spot,
        .similar = similar,
        .linked = linked,
        .told = told,
    };
}

static void fire_before(struct play *play, int64_t end_ms)
{
    const struct gp_plan_step *next;

    while ((next = gp_plan_next(&play->incident.plan)) != NULL && next->at_ms < end_ms) {
        if (next->at_ms > play->now_ms)
            play->now_ms = next->at_ms;
        struct gp_scene scene = scene_at(play, play->now_ms);
        gp_decide_expire(&scene, &play->decision);
        assert_int_equal(play->decision.reason, GP_REASON_NONE);
        assert_true(play->decision.entry_count > 0);
        take(play, &scene);
    }
}

int play_command(struct play *play, const char *when, const char *by,
                 const struct gp_command *command)
{
    struct gp_command said = *command;
    struct gp_scene scene = scene_at(play, town_at(when));

    fire_before(play, scene.now_ms);
    play->now_ms = scene.now_ms;
    if (said.verb == GP_VERB_REPORT)
        scene.incident = NULL;
    scene.other = play->other;
    said.incident = scene.incident != NULL ? scene.incident->id : 0;
    said.actor = gp_span_of(by);
    gp_decide(&scene, &said, &play->decision);
    if (play->decision.reason != GP_REASON_NONE) {
        assert_int_equal(play->decision.entry_count, 0);
        assert_true(play->decision.detail[0] != '\0');
        assert_true(gp_utf8_valid(gp_span_of(play->decision.detail)));
    } else {
        assert_true(play->decision.entry_count > 0);
    }
    take(play, &scene);
    return play->decision.reason;
}

int play_report(struct play *play, const char *when, const char *by, const char *grid,
                const char *category)
{
    struct gp_command command = {
        .verb = GP_VERB_REPORT,
        .device = GP_SPAN("handset"),
        .grid = gp_span_of(grid),
        .category = gp_span_of(category),
        .text = GP_SPAN("text"),
        .captured_ms = town_at(when),
    };
    return play_command(play, when, by, &command);
}

int play_do(struct play *play, const char *when, enum gp_verb verb, const char *by)
{
    struct gp_command command = {.verb = (uint8_t)verb};
    return play_command(play, when, by, &command);
}

void play_until(struct play *play, const char *when)
{
    fire_before(play, town_at(when) + 1);
}

void play_catch_up(struct play *play, const char *when)
{
    struct gp_scene scene = scene_at(play, town_at(when));

    do {
        gp_decide_catch_up(&scene, &play->decision);
        take(play, &scene);
    } while (play->decision.more);
}

bool play_replan(struct play *play, const char *when)
{
    struct gp_scene scene = scene_at(play, town_at(when));

    gp_decide_replan(&scene, &play->decision);
    take(play, &scene);
    assert_true(play->decision.entry_count <= 1);
    return play->decision.entry_count == 1;
}

/* ---------------------------------------------------------------- reading */

struct out {
    char *text;
    size_t used, size;
};

__attribute__((format(printf, 2, 3))) static void put(struct out *out, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    out->used += (size_t)vsnprintf(out->text + out->used, out->size - out->used, format, arguments);
    va_end(arguments);
    assert_true(out->used < out->size);
}

/* "06-15 09:00", with seconds where there are some. */
static void put_time(struct out *out, int64_t ms)
{
    char text[GP_CLOCKTEXT_BYTES];

    gp_instant_format(ms, ZONE_MS, text);
    put(out, "%.5s %.*s", text + 5, ms % GP_MS_MINUTE == 0 ? 5 : 8, text + 11);
}

static void put_flags(struct out *out, const struct gp_entry *entry)
{
    for (int bit = 0; bit < 6; bit++) {
        if (entry->flags & (UINT32_C(1) << bit))
            put(out, " %s", gp_flag_name(1 << bit));
    }
}

static void put_recipients(struct out *out, const struct gp_entry *entry)
{
    for (uint8_t i = 0; i < entry->recipient_count; i++) {
        const struct gp_recipient *who = &entry->recipient[i];
        put(out, "%s%.*s(%s", i == 0 ? ": " : " ", GP_SPAN_ARG(who->person), who->capacity);
        if (who->path != GP_PATH_HOLDER)
            put(out, " %s", gp_path_name(who->path));
        put(out, ")");
    }
}

static void put_entry(struct out *out, const struct gp_entry *entry)
{
    put_time(out, entry->at_ms);
    put(out, " %s",
        entry->what == GP_WHAT_STEP ? gp_step_name(entry->step) : gp_what_name(entry->what));
    if (entry->late_ms != 0)
        put(out, " late %d:%02d", (int)(entry->late_ms / GP_MS_HOUR),
            (int)(entry->late_ms % GP_MS_HOUR / GP_MS_MINUTE));
    put_flags(out, entry);
    if (entry->patch.bits & GP_PATCH_OWNER)
        put(out, " -> %.*s", GP_SPAN_ARG(entry->owner));
    if (entry->patch.bits & GP_PATCH_PLAN && entry->due_ms != 0) {
        put(out, " due ");
        put_time(out, entry->due_ms);
    }
    put_recipients(out, entry);
    put(out, "\n");
}

void play_skip(struct play *play)
{
    play->read = play->count;
}

void play_expect(struct play *play, const char *transcript)
{
    struct out out = {play->transcript, 0, sizeof play->transcript};

    play->transcript[0] = '\0';
    for (; play->read < play->count; play->read++)
        put_entry(&out, &play->journal[play->read]);
    assert_string_equal(play->transcript, transcript);
}

const struct gp_entry *play_last(const struct play *play, enum gp_what what, enum gp_step step)
{
    for (size_t i = play->count; i-- > 0;) {
        const struct gp_entry *entry = &play->journal[i];
        if (entry->what == (uint8_t)what && (step == GP_STEP_NONE || entry->step == (uint8_t)step))
            return entry;
    }
    fail_msg("no %s %s in the journal", gp_what_name(what), gp_step_name(step));
    return NULL;
}

const char *play_when(const struct play *play, uint8_t stage, enum gp_step step)
{
    static char text[32];
    const struct gp_plan *plan = &play->incident.plan;
    struct out out = {text, 0, sizeof text};

    for (uint8_t i = 0; i < plan->step_count; i++) {
        if (plan->step[i].stage != stage || plan->step[i].step != (uint8_t)step)
            continue;
        if (plan->step[i].status != GP_PLANNED)
            return plan->step[i].status == GP_FIRED    ? "fired"
                   : plan->step[i].status == GP_PAUSED ? "paused"
                                                       : "dropped";
        put_time(&out, plan->step[i].at_ms);
        return text;
    }
    return "none";
}
