#include "property/act.h"

#include "base/clocktext.h"

#include <stdio.h>

#define SHOW_ZONE_MS (8 * GP_MS_HOUR)

static void word(const char *key, struct gp_span text)
{
    if (text.len > 0)
        fprintf(stderr, " %s=%.*s", key, GP_SPAN_ARG(text));
}

static void number(const char *key, uint64_t value)
{
    if (value != 0)
        fprintf(stderr, " %s=%llu", key, (unsigned long long)value);
}

static void instant(const char *key, int64_t ms)
{
    char text[GP_CLOCKTEXT_BYTES];

    if (ms == 0)
        return;
    gp_instant_format(ms, SHOW_ZONE_MS, text);
    fprintf(stderr, "%s%s%s", key, key[0] != '\0' ? "=" : "", text);
}

static void show_words(const struct gp_command *command)
{
    word("grid", command->grid);
    word("category", command->category);
    word("condition", command->condition);
    word("by", command->actor);
    word("post", command->post);
    word("person", command->person);
    word("text", command->text);
    word("approval", command->approval);
    number("result", command->result);
    number("reason", command->return_reason);
    number("delivery", command->delivery);
    number("hours", command->hours);
    number("ref", command->ref_seq);
    number("version", command->expect_version);
    number("on_spot", command->on_spot);
    number("informed", command->informed);
    number("downward", command->downward);
    word("standin", command->standin);
    word("override", command->override_reason);
    number("role", command->role);
    number("digits", command->digits);
    number("through", command->by_device);
    instant(" from", command->from_ms);
    instant(" to", command->to_ms);
}

static void show_command(const struct sequence *sequence, int index)
{
    const struct act *act = &sequence->act[index];
    const struct gp_command *command = &act->command;

    fprintf(stderr, "%s", gp_verb_name(command->verb));
    if (command->verb == GP_VERB_REPORT)
        fprintf(stderr, " r%d", index);
    else if (command->verb == GP_VERB_LEAVE)
        fprintf(stderr, " l%d", index);
    else if (act->leave != ACT_NOBODY)
        fprintf(stderr, " l%d", act->leave);
    else if (gp_verb_about_people(command->verb))
        number(" leave", command->leave);
    else if (gp_verb_about_devices(command->verb))
        number("device", command->device_id);
    else
        fprintf(stderr, " r%d", act->target);
    if (act->other != ACT_NOBODY)
        fprintf(stderr, " other=r%d", act->other);
    show_words(command);
    if (act->answer.reason != GP_REASON_NONE)
        fprintf(stderr, "   # %s: %s", gp_reason_word(act->answer.reason), act->answer.detail);
    else if (act->done)
        fprintf(stderr, "   # %llu %s", (unsigned long long)act->answer.incident,
                gp_state_name(act->answer.state));
}

static void show_other(const struct act *act)
{
    static const char *const names[ACT_KINDS] = {"",       "command", "repeat", "reload", "crash",
                                                 "forget", "rebuild", "clock",  "hold"};

    fprintf(stderr, "%s", names[act->kind]);
    if (act->kind == ACT_RELOAD)
        fprintf(stderr, " variant=%u", act->variant);
    if (act->kind == ACT_CRASH) {
        fprintf(stderr, " start");
        instant("", act->at_ms + act->down_ms);
    }
    if (act->kind == ACT_REPEAT)
        fprintf(stderr, " of=%d%s", act->repeat_of, act->other_body ? " other body" : "");
}

void act_show(const struct sequence *sequence, int until)
{
    fprintf(stderr, "# directory %u\n", sequence->variant);
    for (int i = 0; i < sequence->count && i <= until; i++) {
        const struct act *act = &sequence->act[i];
        instant("", act->at_ms);
        fprintf(stderr, " %s", act->joined ? "& " : "");
        if (act->kind == ACT_COMMAND)
            show_command(sequence, i);
        else
            show_other(act);
        fprintf(stderr, "%s%s%s\n", act->expires ? " +expire" : "",
                act->settles_late ? " +wait" : "", act->lags ? " +lag" : "");
    }
}
