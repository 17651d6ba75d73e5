/* One line of a scenario: a command of a person, a question (assess), or the daemon's own lot
 * (crash, start, end). */
#include "gridpost/rehearse.h"

#include "gridpost/verbs.h"

#include <stdarg.h>

int gp_rehearse_complain(const struct gp_stage_play *play, const struct gp_scenario_act *act,
                         const char *format, ...)
{
    va_list arguments;

    fprintf(stderr, "%s:%u: ", play->file, act->line);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return GP_EXIT_FAILED;
}

/* ---------------------------------------------------------------- labels */

static struct gp_label *find_label(struct gp_stage_play *play, struct gp_span name)
{
    for (size_t i = 0; i < play->label_count; i++) {
        if (gp_span_equal(play->label[i].name, name))
            return &play->label[i];
    }
    return NULL;
}

static struct gp_label *label_of(struct gp_stage_play *play, uint64_t incident)
{
    for (size_t i = 0; i < play->label_count; i++) {
        if (play->label[i].incident == incident)
            return &play->label[i];
    }
    return NULL;
}

/* A gp_label_fn. Lifetime: until the next call. */
static const char *label_text(void *context, uint64_t incident)
{
    struct gp_stage_play *play = context;
    const struct gp_label *label = label_of(play, incident);

    if (label == NULL)
        return NULL;
    (void)snprintf(play->label_text, sizeof play->label_text, "%.*s", GP_SPAN_ARG(label->name));
    return play->label_text;
}

void gp_rehearse_entry(void *context, const struct gp_entry *entry)
{
    struct gp_stage_play *play = context;
    struct gp_label *label = label_of(play, entry->incident);
    json_t *object = gp_show_entry(entry, play->zone_ms, label_text, play);

    if (label != NULL && entry->patch.bits & GP_PATCH_OVERDUE)
        label->overdue = entry->patch.overdue_ms != 0;
    json_object_set_new(object, "overdue",
                        label != NULL ? json_boolean(label->overdue) : json_null());
    gp_cli_print_json(object);
}

/* A report opens the next number. The label stands before the answer does, because entries are
 * printed as they come. */
static int add_label(struct gp_stage_play *play, const struct gp_scenario_act *act)
{
    struct gp_label *label = &play->label[play->label_count];

    if (act->label.len == 0 || act->label.len > GP_ID_BYTES_MAX)
        return gp_rehearse_complain(play, act, "%s", _("report needs a label: report r1 grid=…"));
    if (find_label(play, act->label) != NULL)
        return gp_rehearse_complain(play, act, _("the label %.*s is used already"),
                                    GP_SPAN_ARG(act->label));
    *label = (struct gp_label){.name = act->label, .incident = play->label_count + 1};
    for (size_t i = 0; i < play->label_count; i++) {
        if (play->label[i].incident >= label->incident)
            label->incident = play->label[i].incident + 1;
    }
    play->label_count++;
    return GP_EXIT_DONE;
}

static int use_label(struct gp_stage_play *play, const struct gp_scenario_act *act,
                     struct gp_command *command)
{
    const struct gp_label *label = find_label(play, act->label);

    if (label == NULL)
        return gp_rehearse_complain(play, act, _("no report has the label '%.*s'"),
                                    GP_SPAN_ARG(act->label));
    command->incident = label->incident;
    return GP_EXIT_DONE;
}

/* ---------------------------------------------------------------- keys */

static bool time_of(void *context, struct gp_span text, int64_t *ret_ms)
{
    const struct gp_stage_play *play = context;
    return gp_offline_time(text, play->zone_ms, ret_ms);
}

static bool incident_of(void *context, struct gp_span text, uint64_t *ret_incident)
{
    const struct gp_label *label = find_label(context, text);

    if (label != NULL)
        *ret_incident = label->incident;
    return label != NULL;
}

/* "by text reason …": what the verb of this line takes. */
static int unknown_key(struct gp_stage_play *play, const struct gp_scenario_act *act,
                       struct gp_span word, uint32_t keys)
{
    char known[400] = "by";
    size_t used = 2;

    for (int key = 0; key < GP_ARG_COUNT; key++) {
        if (keys & GP_ARG_BIT(key))
            used += (size_t)snprintf(known + used, sizeof known - used, " %s",
                                     gp_arg_name((enum gp_arg)key));
    }
    return gp_rehearse_complain(play, act, _("%.*s does not know the key '%.*s': %s"),
                                GP_SPAN_ARG(act->verb), GP_SPAN_ARG(word), known);
}

static int set_pair(struct gp_stage_play *play, const struct gp_scenario_act *act,
                    const struct gp_scenario_pair *pair, struct gp_command *command)
{
    const struct gp_arg_reader reader = {time_of, incident_of, play};
    uint32_t keys = gp_verb_keys(command->verb);
    enum gp_arg key = gp_arg_parse(pair->key);
    char wrong[GP_ARG_WRONG_BYTES];

    if (gp_span_is(pair->key, "by"))
        command->actor = pair->value;
    else if (key == GP_ARG_COUNT || !(keys & GP_ARG_BIT(key)))
        return unknown_key(play, act, pair->key, keys);
    else if (!gp_arg_set(&reader, key, pair->value, command, wrong))
        return gp_rehearse_complain(play, act, "%s", wrong);
    return GP_EXIT_DONE;
}

static int fill_command(struct gp_stage_play *play, const struct gp_scenario_act *act,
                        struct gp_command *command)
{
    int code = GP_EXIT_DONE;

    for (unsigned i = 0; code == GP_EXIT_DONE && i < act->pair_count; i++)
        code = set_pair(play, act, &act->pair[i], command);
    if (code != GP_EXIT_DONE)
        return code;
    if (command->verb != GP_VERB_REPORT)
        return use_label(play, act, command);
    if ((gp_scenario_value(act, "lat").len == 0) != (gp_scenario_value(act, "lon").len == 0))
        return gp_rehearse_complain(play, act, "%s", _("lat= and lon= go together"));
    if (command->captured_ms == 0)
        command->captured_ms = act->at_ms;
    return add_label(play, act);
}

/* ---------------------------------------------------------------- one act */

static void print_refused(const struct gp_stage_play *play, const struct gp_scenario_act *act,
                          const struct gp_answer *answer)
{
    json_t *object = json_object();

    json_object_set_new(object, "at", gp_show_time(act->at_ms, play->zone_ms));
    json_object_set_new(object, "what", json_string("refused"));
    json_object_set_new(object, "incident", gp_show_text(act->label));
    json_object_set_new(object, "reason", json_string(gp_reason_word(answer->reason)));
    json_object_set_new(object, "detail", json_string(answer->detail));
    gp_cli_print_json(object);
}

int gp_rehearse_send(struct gp_stage_play *play, const struct gp_scenario_act *act,
                     const struct gp_command *command, struct gp_answer *ret_answer)
{
    int rc = gp_rehearsal_command(play->rehearsal, act->at_ms, command, ret_answer);

    if (rc == GP_EAGAIN)
        return gp_rehearse_complain(play, act, "%s",
                                    _("the daemon is down here: `start` comes first"));
    if (rc != 0)
        return gp_rehearse_complain(play, act, "%s", gp_error_text(rc));
    if (ret_answer->reason != GP_REASON_NONE)
        print_refused(play, act, ret_answer);
    return GP_EXIT_DONE;
}

static int run_command(struct gp_stage_play *play, const struct gp_scenario_act *act, int verb)
{
    struct gp_command command = {.verb = (uint8_t)verb, .device = GP_SPAN("rehearsal")};
    struct gp_answer answer = {0};
    int code = fill_command(play, act, &command);

    if (code == GP_EXIT_DONE)
        code = gp_rehearse_send(play, act, &command, &answer);
    if (verb == GP_VERB_REPORT && answer.reason != GP_REASON_NONE)
        play->label_count--; /* it opened nothing */
    return code;
}

static int unknown_verb(struct gp_stage_play *play, const struct gp_scenario_act *act)
{
    char known[400] = "";
    size_t used = 0;

    for (int verb = GP_VERB_REPORT; verb <= GP_VERB_HOLD; verb++)
        used += (size_t)snprintf(known + used, sizeof known - used, " %s", gp_verb_name(verb));
    return gp_rehearse_complain(play, act, _("there is no verb '%.*s':%s assess crash start end"),
                                GP_SPAN_ARG(act->verb), known);
}

int gp_rehearse_act(struct gp_stage_play *play, const struct gp_scenario_act *act)
{
    int verb = gp_verb_parse(act->verb);
    int rc;

    if (gp_verb_keys(verb) != 0) /* about an incident */
        return run_command(play, act, verb);
    if (gp_verb_about_people(verb))
        return gp_rehearse_staff(play, act, verb);
    if (gp_span_is(act->verb, "assess"))
        return gp_rehearse_assess(play, act);
    if (gp_span_is(act->verb, "crash"))
        rc = gp_rehearsal_crash(play->rehearsal, act->at_ms);
    else if (gp_span_is(act->verb, "start"))
        rc = gp_rehearsal_start(play->rehearsal, act->at_ms);
    else if (gp_span_is(act->verb, "end"))
        rc = gp_rehearsal_settle(play->rehearsal, act->at_ms);
    else
        return unknown_verb(play, act);
    return rc == 0 ? GP_EXIT_DONE : gp_rehearse_complain(play, act, "%s", gp_error_text(rc));
}
