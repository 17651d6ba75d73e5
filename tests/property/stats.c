#include "property/stats.h"

#include "property/rules.h"

#define VERBS   (GP_VERB_ENROL + 1)
#define WHATS   (GP_WHAT_DEVICE + 1)
#define STATES  (GP_STATE_REOPENED + 1)
#define REASONS 64
#define STEPS   (GP_STEP_RESUME + 1)

static uint64_t answers[VERBS][REASONS], repeated;
static uint64_t by_verb[VERBS][STATES][STATES], alone[WHATS][STATES][STATES];
static uint64_t whats[WHATS], steps[STEPS], states[STATES], acts[ACT_KINDS];
static uint64_t counters[STATS_COUNTERS];

void stats_answer(int verb, const struct gp_answer *answer)
{
    if (answer->repeated)
        repeated++;
    else
        answers[verb][answer->reason]++;
}

void stats_transition(bool by_itself, int verb_or_what, int from, int to)
{
    if (by_itself)
        alone[verb_or_what][from][to]++;
    else
        by_verb[verb_or_what][from][to]++;
}

void stats_entry(const struct gp_entry *entry)
{
    whats[entry->what]++;
    steps[entry->step]++;
    states[entry->state]++;
}

void stats_act(int kind)
{
    acts[kind]++;
}

void stats_count(enum stats_counter counter, uint64_t many)
{
    counters[counter] += many;
}

/* ---------------------------------------------------------------- shown */

static void show_verb(FILE *to, int verb)
{
    fprintf(to, "%-9s accepted %llu", gp_verb_name(verb), (unsigned long long)answers[verb][0]);
    for (int reason = 1; reason < REASONS; reason++) {
        if (answers[verb][reason] > 0)
            fprintf(to, "  %s %llu", gp_reason_word(reason),
                    (unsigned long long)answers[verb][reason]);
    }
    fprintf(to, "\n");
}

static void show_row(FILE *to, const char *title, const uint64_t *count, int number,
                     const char *(*name)(int))
{
    fprintf(to, "%s:", title);
    for (int i = 1; i < number; i++) {
        if (count[i] > 0)
            fprintf(to, "  %s %llu", name(i), (unsigned long long)count[i]);
    }
    fprintf(to, "\n");
}

static const char *act_name(int kind)
{
    static const char *const names[ACT_KINDS] = {"",       "command", "repeat", "reload", "crash",
                                                 "forget", "rebuild", "clock",  "hold"};
    return names[kind];
}

void stats_show(FILE *to)
{
    for (int verb = 1; verb < VERBS; verb++) {
        if (rules_has_verb(verb))
            show_verb(to, verb);
    }
    show_row(to, "acts", acts, ACT_KINDS, act_name);
    show_row(to, "entries", whats, WHATS, gp_what_name);
    show_row(to, "steps", steps, STEPS, gp_step_name);
    show_row(to, "entries in state", states, STATES, gp_state_name);
    fprintf(to,
            "batches %llu  repeats answered %llu  refusals with all tables compared %llu  "
            "rebuilds %llu  played twice %llu  steps caught up %llu\n",
            (unsigned long long)counters[STATS_BATCHES], (unsigned long long)repeated,
            (unsigned long long)counters[STATS_UNCHANGED],
            (unsigned long long)counters[STATS_REBUILDS], (unsigned long long)counters[STATS_AGAIN],
            (unsigned long long)counters[STATS_MISSED]);
    fprintf(to, "leaves begun %llu  in downtime %llu  with a step %llu  overridden %llu\n",
            (unsigned long long)counters[STATS_BEGUN],
            (unsigned long long)counters[STATS_BEGUN_LATE],
            (unsigned long long)counters[STATS_BEGUN_WITH_STEP],
            (unsigned long long)counters[STATS_OVERRIDDEN]);
}

/* ---------------------------------------------------------------- complete? */

struct check {
    FILE *to;
    unsigned wanted, missing;
};

static void transition(void *context, bool by_itself, int name, int from, int to)
{
    struct check *check = context;
    uint64_t seen = by_itself ? alone[name][from][to] : by_verb[name][from][to];

    check->wanted++;
    if (seen > 0)
        return;
    check->missing++;
    fprintf(check->to, "never reached: %s from %s to %s\n",
            by_itself ? gp_what_name(name) : gp_verb_name(name),
            from == GP_STATE_NONE ? "nothing" : gp_state_name(from), gp_state_name(to));
}

static void want(struct check *check, uint64_t seen, const char *kind, const char *name)
{
    check->wanted++;
    if (seen > 0)
        return;
    check->missing++;
    fprintf(check->to, "never reached: %s %s\n", kind, name);
}

bool stats_complete(FILE *to)
{
    struct check check = {.to = to};

    rules_each(transition, &check);
    for (int verb = 1; verb < VERBS; verb++) {
        if (rules_has_verb(verb))
            want(&check, answers[verb][0], "verb", gp_verb_name(verb));
    }
    for (int state = 1; state < STATES; state++)
        want(&check, states[state], "state", gp_state_name(state));
    for (int step = 1; step < GP_STEP_RESUME; step++)
        want(&check, steps[step], "step", gp_step_name(step));
    for (int kind = 1; kind < ACT_KINDS; kind++)
        want(&check, acts[kind], "act", act_name(kind));
    want(&check, counters[STATS_BEGUN_LATE], "leave begun", "in downtime");
    want(&check, counters[STATS_BEGUN_WITH_STEP], "leave begun", "with a step");
    want(&check, counters[STATS_OVERRIDDEN], "leave", "of both, overridden");
    fprintf(to, "reached %u of %u verbs, states, transitions, steps and acts\n",
            check.wanted - check.missing, check.wanted);
    return check.missing == 0;
}
