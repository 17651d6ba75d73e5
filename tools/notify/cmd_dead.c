/* dead and resend: notices that were given up. Both look at the outbox beside the process that
 * runs, which may write it meanwhile. */
#include "notify/notify.h"

#include "base/clocktext.h"
#include "notify/again.h"
#include "notify/desk.h"
#include "notify/words.h"

#include <inttypes.h>
#include <string.h>

static const struct argp_child children[] = {{&gp_notify_argp, 0, NULL, 0}, {0}};

static int load_desk(const struct gp_notify_settings *settings, struct gp_desk **ret_desk)
{
    unsigned line = 0;
    int rc = gp_desk_look(settings, &line, ret_desk);

    if (rc == 0)
        return GP_NOTIFY_DONE;
    if (rc == GP_ECORRUPT)
        fprintf(stderr, _("gridpost-notify: %s/outbox is damaged at line %u\n"), settings->state,
                line);
    else
        fprintf(stderr, "gridpost-notify: %s/outbox: %s\n", settings->state, gp_error_text(rc));
    return GP_NOTIFY_FAILED;
}

/* ---------------------------------------------------------------- dead */

static void letter_id(const struct gp_notify_settings *settings, const struct gp_letter *letter,
                      char ret_id[GP_LETTER_ID_BYTES])
{
    gp_letter_id(letter->note->seq, settings->rule[letter->rule].name, ret_id);
}

static void print_json(const struct gp_notify_settings *settings, const struct gp_letter *letter)
{
    const struct gp_rule *rule = &settings->rule[letter->rule];
    json_t *object = json_object();
    char id[GP_LETTER_ID_BYTES], at[GP_CLOCKTEXT_BYTES];

    letter_id(settings, letter, id);
    gp_instant_format(letter->dead_ms, settings->zone_ms, at);
    json_object_set_new(object, "id", json_string(id));
    json_object_set_new(object, "seq", json_integer((json_int_t)letter->note->seq));
    json_object_set_new(object, "incident", json_integer((json_int_t)letter->note->incident));
    json_object_set_new(object, "name", json_string(gp_note_word(letter->note)));
    json_object_set_new(object, "recipient", json_string(rule->name));
    json_object_set_new(object, "channel", json_string(settings->channel[rule->channel].name));
    json_object_set_new(object, "given_up", json_string(at));
    json_object_set_new(object, "attempts", json_integer(letter->attempts));
    json_object_set_new(object, "why", json_string(letter->why));
    (void)json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

static void print_line(const struct gp_notify_settings *settings, const struct gp_letter *letter)
{
    const struct gp_rule *rule = &settings->rule[letter->rule];
    char id[GP_LETTER_ID_BYTES], at[GP_CLOCKTEXT_BYTES];

    letter_id(settings, letter, id);
    gp_instant_format(letter->dead_ms, settings->zone_ms, at);
    printf("%-28s %s  #%-7" PRIu64 " %-12s %s: %s\n", id, at, letter->note->incident,
           _(gp_note_word(letter->note)), settings->channel[rule->channel].name, letter->why);
}

static int list_dead(const struct gp_notify_settings *settings, const struct gp_notify_cli *cli)
{
    struct gp_desk *desk = NULL;
    int code = load_desk(settings, &desk);

    if (code != GP_NOTIFY_DONE)
        return code;
    for (const struct gp_letter *letter = gp_desk_first_dead(desk); letter != NULL;
         letter = letter->next) {
        if (cli->json)
            print_json(settings, letter);
        else
            print_line(settings, letter);
    }
    if (!cli->json)
        printf(_("%zu given up, %zu wait\n"), gp_desk_dead(desk), gp_desk_waiting(desk));
    gp_desk_close(desk);
    return GP_NOTIFY_DONE;
}

int gp_notify_dead(int argc, char **argv)
{
    static const struct argp parser = {.children = children,
                                       .doc = N_("Lists the notices that could not be delivered "
                                                 "and were given up.")};
    struct gp_notify_cli cli = {0};
    struct gp_notify_settings *settings = NULL;

    (void)argp_parse(&parser, argc, argv, 0, NULL, &cli); /* exits on a mistake */
    int code = gp_notify_load(&cli, false, &settings);
    if (code == GP_NOTIFY_DONE)
        code = list_dead(settings, &cli);
    gp_notify_settings_free(settings);
    return code;
}

/* ---------------------------------------------------------------- resend */

struct resend {
    struct gp_notify_cli cli;
    const char *id;
};

static error_t on_resend(int key, char *value, struct argp_state *state)
{
    struct resend *resend = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &resend->cli;
        return 0;
    case ARGP_KEY_ARG:
        if (resend->id != NULL)
            argp_error(state, "%s", _("one id, or all"));
        resend->id = value;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "%s", _("name an id that `dead` lists, or all"));
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static bool is_dead(const struct gp_notify_settings *settings, const struct gp_desk *desk,
                    const char *id)
{
    char own[GP_LETTER_ID_BYTES];

    for (const struct gp_letter *letter = gp_desk_first_dead(desk); letter != NULL;
         letter = letter->next) {
        letter_id(settings, letter, own);
        if (strcmp(id, own) == 0 || strcmp(id, "all") == 0)
            return true;
    }
    return false;
}

static int ask_again(const struct gp_notify_settings *settings, const char *id)
{
    struct gp_desk *desk = NULL;
    int code = load_desk(settings, &desk);

    if (code != GP_NOTIFY_DONE)
        return code;
    bool found = is_dead(settings, desk, id);
    gp_desk_close(desk);
    if (!found) {
        fprintf(stderr, _("gridpost-notify: no such notice was given up: %s\n"), id);
        return GP_NOTIFY_NOT_FOUND;
    }
    int rc = gp_again_ask(settings->state, id);
    if (rc != 0) {
        fprintf(stderr, "gridpost-notify: %s/again: %s\n", settings->state, gp_error_text(rc));
        return GP_NOTIFY_FAILED;
    }
    printf(_("%s goes again as soon as gridpost-notify runs\n"), id);
    return GP_NOTIFY_DONE;
}

int gp_notify_resend(int argc, char **argv)
{
    static const struct argp parser = {.parser = on_resend,
                                       .args_doc = N_("ID|all"),
                                       .children = children,
                                       .doc = N_("Sends a notice again that was given up, or all "
                                                 "of them.")};
    struct resend resend = {0};
    struct gp_notify_settings *settings = NULL;

    (void)argp_parse(&parser, argc, argv, 0, NULL, &resend); /* exits on a mistake */
    int code = gp_notify_load(&resend.cli, false, &settings);
    if (code == GP_NOTIFY_DONE)
        code = ask_again(settings, resend.id);
    gp_notify_settings_free(settings);
    return code;
}
