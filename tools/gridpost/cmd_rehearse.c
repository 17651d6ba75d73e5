/* rehearse: a scenario against the real engine on a virtual clock (DOMAIN section 10). */
#include "gridpost/offline.h"
#include "rehearsal/rehearsal.h"
#include "rehearsal/scenario.h"
#include "replay/file.h"

#include <stdlib.h>
#include <string.h>

#define GP_SCENARIO_BYTES_MAX ((size_t)256 * 1024 * 1024)

struct label {
    struct gp_span name;
    uint64_t incident;
};

struct stage {
    struct gp_cli cli;
    const char *folder, *file;
    struct gp_directory *directory;
    struct gp_rehearsal *rehearsal;
    struct gp_scenario scenario;
    int64_t zone_ms;
    struct label *label;
    size_t label_count;
    char label_text[GP_ID_BYTES_MAX + 1]; /* of the entry being printed */
};

/* ---------------------------------------------------------------- labels */

static struct label *find_label(struct stage *stage, struct gp_span name)
{
    for (size_t i = 0; i < stage->label_count; i++) {
        if (gp_span_equal(stage->label[i].name, name))
            return &stage->label[i];
    }
    return NULL;
}

static const char *label_of(void *context, uint64_t incident)
{
    struct stage *stage = context;

    for (size_t i = 0; i < stage->label_count; i++) {
        if (stage->label[i].incident != incident)
            continue;
        (void)snprintf(stage->label_text, sizeof stage->label_text, "%.*s",
                       GP_SPAN_ARG(stage->label[i].name));
        return stage->label_text;
    }
    return NULL;
}

/* ---------------------------------------------------------------- output */

static void on_entry(void *context, const struct gp_entry *entry)
{
    struct stage *stage = context;
    gp_cli_print_json(gp_cli_entry_json(entry, stage->zone_ms, label_of, stage));
}

static void print_refused(struct stage *stage, const struct gp_scenario_act *act,
                          const struct gp_answer *answer)
{
    json_t *object = json_object();

    json_object_set_new(object, "at", gp_cli_json_time(act->at_ms, stage->zone_ms));
    json_object_set_new(object, "what", json_string("refused"));
    json_object_set_new(object, "incident", gp_cli_json_text(act->label));
    json_object_set_new(object, "reason", json_string(gp_reason_word(answer->reason)));
    json_object_set_new(object, "detail", json_string(answer->detail));
    gp_cli_print_json(object);
}

__attribute__((format(printf, 3, 4))) static int
complain(const struct stage *stage, const struct gp_scenario_act *act, const char *format, ...)
{
    va_list arguments;

    fprintf(stderr, "%s:%u: ", stage->file, act->line);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return GP_EXIT_FAILED;
}

/* ---------------------------------------------------------------- one act */

static int fill_report(struct stage *stage, const struct gp_scenario_act *act,
                       struct gp_command *command)
{
    struct gp_span captured = gp_scenario_value(act, "captured");
    struct label *label = &stage->label[stage->label_count];

    if (act->label.len == 0 || act->label.len > GP_ID_BYTES_MAX)
        return complain(stage, act, "%s", _("report needs a label: report r1 grid=…"));
    if (find_label(stage, act->label) != NULL)
        return complain(stage, act, _("the label %.*s is used already"), GP_SPAN_ARG(act->label));
    command->grid = gp_scenario_value(act, "grid");
    command->category = gp_scenario_value(act, "category");
    command->condition = gp_scenario_value(act, "condition");
    command->captured_ms = act->at_ms;
    if (captured.len > 0) {
        char text[48];
        (void)snprintf(text, sizeof text, "%.*s", GP_SPAN_ARG(captured));
        if (!gp_cli_time(text, &command->captured_ms))
            return complain(stage, act, _("captured=%s is no time"), text);
    }
    /* The label stands before the answer does, because entries are printed as they come. */
    label->name = act->label;
    label->incident = stage->label_count + 1;
    for (size_t i = 0; i < stage->label_count; i++) {
        if (stage->label[i].incident >= label->incident)
            label->incident = stage->label[i].incident + 1;
    }
    stage->label_count++;
    return GP_EXIT_DONE;
}

static int fill_act(struct stage *stage, const struct gp_scenario_act *act,
                    struct gp_command *command)
{
    struct gp_span result = gp_scenario_value(act, "result");
    const struct label *label = find_label(stage, act->label);

    if (label == NULL)
        return complain(stage, act, _("no report has the label '%.*s'"), GP_SPAN_ARG(act->label));
    if (command->verb == GP_VERB_VERIFY && result.len > 0 && !gp_span_is(result, "pass"))
        return complain(stage, act, _("result=%.*s is not known: use pass"), GP_SPAN_ARG(result));
    command->incident = label->incident;
    return GP_EXIT_DONE;
}

static int run_command(struct stage *stage, const struct gp_scenario_act *act, int verb)
{
    struct gp_command command = {
        .verb = (uint8_t)verb,
        .actor = gp_scenario_value(act, "by"),
        .device = GP_SPAN("rehearsal"),
        .text = gp_scenario_value(act, "text"),
    };
    struct gp_answer answer = {0};
    int code =
        verb == GP_VERB_REPORT ? fill_report(stage, act, &command) : fill_act(stage, act, &command);
    int rc;

    if (code != GP_EXIT_DONE)
        return code;
    rc = gp_rehearsal_command(stage->rehearsal, act->at_ms, &command, &answer);
    if (rc == GP_EAGAIN)
        return complain(stage, act, "%s", _("the daemon is down here: `start` comes first"));
    if (rc != 0)
        return complain(stage, act, "%s", gp_error_text(rc));
    if (answer.reason != GP_REASON_NONE) {
        print_refused(stage, act, &answer);
        stage->label_count -= verb == GP_VERB_REPORT; /* it opened nothing */
    }
    return GP_EXIT_DONE;
}

static int run_act(struct stage *stage, const struct gp_scenario_act *act)
{
    int verb = gp_verb_parse(act->verb);
    int rc;

    if (verb != GP_VERB_NONE)
        return run_command(stage, act, verb);
    if (gp_span_is(act->verb, "crash"))
        rc = gp_rehearsal_crash(stage->rehearsal, act->at_ms);
    else if (gp_span_is(act->verb, "start"))
        rc = gp_rehearsal_start(stage->rehearsal, act->at_ms);
    else if (gp_span_is(act->verb, "end"))
        rc = gp_rehearsal_settle(stage->rehearsal, act->at_ms);
    else
        return complain(stage, act,
                        _("there is no verb '%.*s': report accept note stage finish verify inform "
                          "close file crash start end"),
                        GP_SPAN_ARG(act->verb));
    return rc == 0 ? GP_EXIT_DONE : complain(stage, act, "%s", gp_error_text(rc));
}

/* ---------------------------------------------------------------- the whole */

static int run_scenario(struct stage *stage)
{
    int code = GP_EXIT_DONE;
    int rc = gp_rehearsal_open(gp_directory_org(stage->directory), stage->scenario.act[0].at_ms,
                               &stage->rehearsal);

    if (rc != 0) {
        fprintf(stderr, "gridpost: %s\n", gp_error_text(rc));
        return GP_EXIT_FAILED;
    }
    gp_rehearsal_on_entry(stage->rehearsal, on_entry, stage);
    for (size_t i = 0; code == GP_EXIT_DONE && i < stage->scenario.count; i++)
        code = run_act(stage, &stage->scenario.act[i]);
    gp_rehearsal_close(stage->rehearsal);
    return code;
}

static int read_and_run(struct stage *stage)
{
    struct gp_scenario_error error = {0};
    struct gp_arena arena;
    char *text = NULL;
    size_t len = 0;
    int code = GP_EXIT_FAILED;
    int rc = gp_file_read(stage->file, &text, &len);

    if (rc != 0) {
        fprintf(stderr, "gridpost: %s: %s\n", stage->file, gp_error_text(rc));
        return rc == GP_ENOTFOUND ? GP_EXIT_NOT_FOUND : GP_EXIT_FAILED;
    }
    gp_arena_init(&arena, GP_SCENARIO_BYTES_MAX);
    rc = gp_scenario_parse((struct gp_span){text, len}, &arena, &stage->scenario, &error);
    if (rc == 0)
        stage->label = gp_arena_zalloc(&arena, stage->scenario.count + 1, sizeof *stage->label);
    if (rc != 0 || stage->label == NULL)
        fprintf(stderr, "%s:%u: %s\n", stage->file, error.line,
                rc != 0 ? error.text : gp_error_text(GP_ENOMEM));
    else
        code = run_scenario(stage);
    gp_arena_release(&arena);
    free(text);
    return code;
}

static const struct argp_child children[] = {{&gp_cli_argp, 0, NULL, 0}, {0}};
static const struct argp_option options[] = {
    {"config", 'c', "DIR", 0, N_("configuration folder (default /etc/gridpost)"), 0}, {0}};

static error_t on_option(int key, char *value, struct argp_state *state)
{
    struct stage *stage = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &stage->cli;
        return 0;
    case 'c':
        stage->folder = value;
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 0)
            argp_error(state, "%s", _("one scenario at a time"));
        stage->file = value;
        return 0;
    case ARGP_KEY_END:
        if (stage->file == NULL)
            argp_error(state, "%s", _("name the scenario file"));
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int gp_cmd_rehearse(int argc, char **argv)
{
    static const struct argp parser = {
        .options = options,
        .parser = on_option,
        .args_doc = "SCENARIO",
        .doc = N_("Runs the commands of a scenario file against the real engine on a virtual clock "
                  "and prints every journal entry as one JSON object a line."),
        .children = children,
    };
    struct stage stage = {.folder = "/etc/gridpost"};

    gp_cli_init(&stage.cli);
    (void)argp_parse(&parser, argc, argv, 0, NULL, &stage); /* exits on a mistake */
    int code = gp_offline_load(stage.folder, &stage.directory);
    if (code == GP_EXIT_DONE) {
        stage.zone_ms = gp_offline_zone(stage.directory);
        code = read_and_run(&stage);
    }
    gp_directory_unref(stage.directory);
    return code;
}
