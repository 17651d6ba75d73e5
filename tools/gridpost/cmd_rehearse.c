/* rehearse: a scenario against the real engine on a virtual clock (DOMAIN section 10). */
#include "gridpost/rehearse.h"
#include "replay/file.h"

#include <stdlib.h>

#define GP_SCENARIO_BYTES_MAX ((size_t)256 * 1024 * 1024)

static int run_scenario(struct gp_stage_play *play)
{
    int code = GP_EXIT_DONE;
    int rc = gp_rehearsal_open(gp_directory_org(play->directory), play->scenario.act[0].at_ms,
                               &play->rehearsal);

    if (rc != 0) {
        fprintf(stderr, "gridpost: %s\n", gp_error_text(rc));
        return GP_EXIT_FAILED;
    }
    gp_rehearsal_on_entry(play->rehearsal, gp_rehearse_entry, play);
    for (size_t i = 0; code == GP_EXIT_DONE && i < play->scenario.count; i++)
        code = gp_rehearse_act(play, &play->scenario.act[i]);
    gp_rehearsal_close(play->rehearsal);
    return code;
}

static int read_and_run(struct gp_stage_play *play)
{
    struct gp_scenario_error error = {0};
    struct gp_arena arena;
    char *text = NULL;
    size_t len = 0;
    int code = GP_EXIT_FAILED;
    int rc = gp_replay_read(play->file, &text, &len);

    if (rc != 0) {
        fprintf(stderr, "gridpost: %s: %s\n", play->file, gp_error_text(rc));
        return rc == GP_ENOTFOUND ? GP_EXIT_NOT_FOUND : GP_EXIT_FAILED;
    }
    gp_arena_init(&arena, GP_SCENARIO_BYTES_MAX);
    rc = gp_scenario_parse((struct gp_span){text, len}, &arena, &play->scenario, &error);
    if (rc == 0)
        play->label = gp_arena_zalloc(&arena, play->scenario.count + 1, sizeof *play->label);
    if (rc == 0)
        play->leave = gp_arena_zalloc(&arena, play->scenario.count + 1, sizeof *play->leave);
    if (rc != 0 || play->label == NULL || play->leave == NULL)
        fprintf(stderr, "%s:%u: %s\n", play->file, error.line,
                rc != 0 ? error.text : gp_error_text(GP_ENOMEM));
    else
        code = run_scenario(play);
    gp_arena_release(&arena);
    free(text);
    return code;
}

static const struct argp_child children[] = {{&gp_cli_argp, 0, NULL, 0}, {0}};
static const struct argp_option options[] = {
    {"config", 'c', "DIR", 0, N_("configuration folder (default /etc/gridpost)"), 0}, {0}};

static error_t on_option(int key, char *value, struct argp_state *state)
{
    struct gp_stage_play *play = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &play->cli;
        return 0;
    case 'c':
        play->folder = value;
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 0)
            argp_error(state, "%s", _("one scenario at a time"));
        play->file = value;
        return 0;
    case ARGP_KEY_END:
        if (play->file == NULL)
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
    struct gp_stage_play play = {.folder = "/etc/gridpost"};

    gp_cli_init(&play.cli);
    (void)argp_parse(&parser, argc, argv, 0, NULL, &play); /* exits on a mistake */
    int code = gp_offline_load(play.folder, &play.directory);
    if (code == GP_EXIT_DONE) {
        play.zone_ms = gp_offline_zone(play.directory);
        code = read_and_run(&play);
    }
    gp_directory_unref(play.directory);
    return code;
}
