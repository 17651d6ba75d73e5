/*
 * Lines of a scenario about people: leave and what becomes of it, and who holds a post.
 *
 * A leave that was refused because both would be away keeps its label: `approve` with an override
 * enters it again by the approver's hand, with the reason, and approves it.
 *
 * In `hold by=PERSON post=POST` the person is the new holder. Who orders it is named by as=PERSON,
 * else it is the first of people.csv who may.
 */
#include "gridpost/rehearse.h"

#include "base/clocktext.h"
#include "core/standing.h"

#include <string.h>

static struct gp_leave_label *find_label(struct gp_stage_play *play, struct gp_span name)
{
    for (size_t i = 0; i < play->leave_count; i++) {
        if (gp_span_equal(play->leave[i].name, name))
            return &play->leave[i];
    }
    return NULL;
}

/* ---------------------------------------------------------------- keys */

/* A date alone begins at its midnight, and as an end means the end of that day. */
static int read_time(struct gp_stage_play *play, const struct gp_scenario_act *act, const char *key,
                     bool end, int64_t *ret_ms)
{
    struct gp_span text = gp_scenario_value(act, key);
    int64_t day;

    if (text.len == 0)
        return GP_EXIT_DONE;
    if (!gp_offline_time(text, play->zone_ms, ret_ms))
        return gp_rehearse_complain(play, act, _("%s=%.*s is no time: write 2026-06-17"), key,
                                    GP_SPAN_ARG(text));
    if (end && gp_date_parse(text, &day) == 0)
        *ret_ms += GP_MS_DAY;
    return GP_EXIT_DONE;
}

/* The keys that each verb knows, with blanks around. */
static const char *keys_of(int verb)
{
    switch (verb) {
    case GP_VERB_LEAVE:
        return " by person from to standin override reason text ";
    case GP_VERB_APPROVE:
        return " by override reason text ";
    case GP_VERB_HOLD:
        return " by as post from to reason text ";
    default:
        return " by reason text ";
    }
}

static int check_keys(struct gp_stage_play *play, const struct gp_scenario_act *act, int verb)
{
    for (unsigned i = 0; i < act->pair_count; i++) {
        char word[40];
        (void)snprintf(word, sizeof word, " %.*s ", GP_SPAN_ARG(act->pair[i].key));
        if (strstr(keys_of(verb), word) == NULL)
            return gp_rehearse_complain(play, act, _("%.*s does not know the key '%.*s':%s"),
                                        GP_SPAN_ARG(act->verb), GP_SPAN_ARG(act->pair[i].key),
                                        keys_of(verb));
    }
    return GP_EXIT_DONE;
}

static int fill(struct gp_stage_play *play, const struct gp_scenario_act *act,
                struct gp_command *command)
{
    struct gp_span reason = gp_scenario_value(act, "reason");
    int code = check_keys(play, act, command->verb);

    command->device = GP_SPAN("rehearsal");
    command->actor = gp_scenario_value(act, "by");
    command->person = gp_scenario_value(act, "person");
    command->standin = gp_scenario_value(act, "standin");
    command->post = gp_scenario_value(act, "post");
    command->override_reason = gp_scenario_value(act, "override");
    command->text = reason.len > 0 ? reason : gp_scenario_value(act, "text");
    if (code == GP_EXIT_DONE)
        code = read_time(play, act, "from", false, &command->from_ms);
    return code == GP_EXIT_DONE ? read_time(play, act, "to", true, &command->to_ms) : code;
}

/* ---------------------------------------------------------------- leave */

static int send_leave(struct gp_stage_play *play, const struct gp_scenario_act *act,
                      const struct gp_command *command)
{
    struct gp_leave_label *label = &play->leave[play->leave_count];
    struct gp_answer answer = {0};

    if (act->label.len == 0 || act->label.len > GP_ID_BYTES_MAX)
        return gp_rehearse_complain(play, act, "%s", _("leave needs a label: leave l1 by=…"));
    if (find_label(play, act->label) != NULL)
        return gp_rehearse_complain(play, act, _("the label %.*s is used already"),
                                    GP_SPAN_ARG(act->label));
    int code = gp_rehearse_send(play, act, command, &answer);
    if (code != GP_EXIT_DONE)
        return code;
    *label = (struct gp_leave_label){act->label, answer.leave, *command};
    if (label->asked.person.len == 0)
        label->asked.person = command->actor;
    play->leave_count++;
    return GP_EXIT_DONE;
}

/* Enters a leave again that was refused, with the override that the approver gives. */
static int enter_again(struct gp_stage_play *play, const struct gp_scenario_act *act,
                       struct gp_leave_label *label, struct gp_command *approve,
                       struct gp_answer *ret_answer)
{
    struct gp_command leave = label->asked;

    leave.actor = approve->actor;
    leave.override_reason = approve->override_reason;
    int code = gp_rehearse_send(play, act, &leave, ret_answer);
    if (code != GP_EXIT_DONE || ret_answer->reason != GP_REASON_NONE)
        return code;
    label->leave = ret_answer->leave;
    approve->override_reason = (struct gp_span){0}; /* it is audited once */
    return code;
}

static int send_about(struct gp_stage_play *play, const struct gp_scenario_act *act,
                      struct gp_command *command)
{
    struct gp_leave_label *label = find_label(play, act->label);
    struct gp_answer answer = {0};
    int code = GP_EXIT_DONE;

    if (label == NULL)
        return gp_rehearse_complain(play, act, _("no leave has the label '%.*s'"),
                                    GP_SPAN_ARG(act->label));
    if (label->leave == 0 && command->override_reason.len > 0)
        code = enter_again(play, act, label, command, &answer);
    command->leave = label->leave;
    if (code == GP_EXIT_DONE && answer.reason == GP_REASON_NONE)
        code = gp_rehearse_send(play, act, command, &answer);
    return code;
}

/* ---------------------------------------------------------------- hold */

static struct gp_span who_may(const struct gp_stage_play *play, const struct gp_scenario_act *act,
                              struct gp_span post_id)
{
    const struct gp_org *org = gp_directory_org(play->directory);
    uint32_t post = gp_org_post(org, post_id);

    for (uint32_t i = 0; post != GP_NONE && i < org->person_count; i++) {
        if (gp_may_fill(org, i, post, act->at_ms))
            return org->persons[i].id;
    }
    return org->persons[0].id; /* is refused, with the reason */
}

static int send_hold(struct gp_stage_play *play, const struct gp_scenario_act *act,
                     struct gp_command *command)
{
    struct gp_answer answer = {0};

    command->person = command->actor;
    command->actor = gp_scenario_value(act, "as");
    if (command->actor.len == 0)
        command->actor = who_may(play, act, command->post);
    return gp_rehearse_send(play, act, command, &answer);
}

int gp_rehearse_staff(struct gp_stage_play *play, const struct gp_scenario_act *act, int verb)
{
    struct gp_command command = {.verb = (uint8_t)verb};
    int code = fill(play, act, &command);

    if (code != GP_EXIT_DONE)
        return code;
    switch (verb) {
    case GP_VERB_LEAVE:
        return send_leave(play, act, &command);
    case GP_VERB_HOLD:
        return send_hold(play, act, &command);
    default:
        return send_about(play, act, &command);
    }
}
