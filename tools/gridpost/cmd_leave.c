/* leave: asking for it, and what becomes of it. */
#include "gridpost/people.h"

#include <string.h>

struct leave {
    struct gp_cli cli;
    struct gp_command command; /* verb 0: list */
    const char *person;
    const char *state;
    bool is_list;
};

static int print_one(struct leave *leave, uint64_t id)
{
    struct gp_request request = {.kind = GP_REQUEST_LEAVES,
                                 .leaves = {.after = id - 1, .limit = 1}};
    struct gp_reply reply;
    int code = gp_cli_call(&leave->cli, &request, 0, &reply);

    if (code == GP_EXIT_DONE && reply.leaves.count > 0)
        gp_people_print_leave(&leave->cli, &reply.leaves.item[0]);
    return code;
}

static int run_command(struct leave *leave)
{
    struct gp_reply reply;
    int code = gp_cli_send(&leave->cli, &leave->command, &reply);

    return code == GP_EXIT_DONE ? print_one(leave, reply.answer.incident) : code;
}

static uint8_t state_of(const struct leave *leave, struct argp_state *state)
{
    if (leave->state == NULL)
        return GP_LEAVE_NONE;
    for (int i = GP_LEAVE_REQUESTED; i <= GP_LEAVE_CANCELLED; i++) {
        if (strcmp(leave->state, gp_leave_state_name(i)) == 0)
            return (uint8_t)i;
    }
    argp_error(state, "%s", _("--state is requested, approved, rejected or cancelled"));
    return GP_LEAVE_NONE;
}

static int run_list(struct leave *leave)
{
    struct gp_people_list list = {0};
    const struct gp_leaves_ask ask = {
        .person = gp_span_of(leave->person != NULL ? leave->person : ""),
        .state = leave->command.result,
        .from_ms = leave->command.from_ms,
        .to_ms = leave->command.to_ms,
    };
    int code = gp_people_ask(&leave->cli, ask, &list);

    for (size_t i = 0; code == GP_EXIT_DONE && i < list.leave_count; i++)
        gp_people_print_leave(&leave->cli, &list.leave[i]);
    gp_people_release(&list);
    return code;
}

/* ---------------------------------------------------------------- words */

enum { OPT_FROM = 256, OPT_TO, OPT_STANDIN, OPT_REASON, OPT_OVERRIDE, OPT_STATE };
static const struct argp_option options[] = {
    {"from", OPT_FROM, "TIME", 0, N_("first day, or when it begins"), 0},
    {"to", OPT_TO, "TIME", 0, N_("last day, or when it ends"), 0},
    {"standin", OPT_STANDIN, "PERSON", 0, N_("who stands in"), 0},
    {"reason", OPT_REASON, "TEXT", 0, N_("why"), 0},
    {"override", OPT_OVERRIDE, "REASON", 0, N_("why secretary and director may both be away"), 0},
    {"state", OPT_STATE, "STATE", 0, N_("list: requested, approved, rejected or cancelled"), 0},
    {0},
};
static const struct argp_child children[] = {{&gp_cli_argp, 0, NULL, 0}, {0}};

/* The first word: list, approve, reject, cancel; anything else is whose leave it is. */
static void first_word(struct leave *leave, const char *word)
{
    int verb = gp_verb_parse(gp_span_of(word));

    if (strcmp(word, "list") == 0)
        leave->is_list = true;
    else if (verb == GP_VERB_APPROVE || verb == GP_VERB_REJECT || verb == GP_VERB_CANCEL)
        leave->command.verb = (uint8_t)verb;
    else
        leave->person = word;
}

static void add_word(struct leave *leave, char *word, struct argp_state *state)
{
    if (state->arg_num == 0)
        first_word(leave, word);
    else if (state->arg_num == 1 && leave->is_list)
        leave->person = word;
    else if (state->arg_num != 1 || leave->command.verb == GP_VERB_LEAVE ||
             !gp_read_number(word, &leave->command.leave))
        argp_error(state, _("'%s' is no leave's number"), word);
}

static void check(struct leave *leave, struct argp_state *state)
{
    struct gp_command *command = &leave->command;

    if (leave->is_list) {
        command->result = state_of(leave, state);
        return;
    }
    gp_cli_need_speaker(&leave->cli, state);
    if (leave->person != NULL)
        command->person = gp_span_of(leave->person);
    if (command->verb == GP_VERB_LEAVE && (command->from_ms == 0 || command->to_ms == 0))
        argp_error(state, "%s", _("--from and --to are needed"));
    if (command->verb != GP_VERB_LEAVE && command->leave == 0)
        argp_error(state, "%s", _("name the leave's number: gridpost leave list"));
}

static error_t on_option(int key, char *value, struct argp_state *state)
{
    struct leave *leave = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &leave->cli;
        return 0;
    case OPT_FROM:
        gp_cli_read_time(value, &leave->command.from_ms, state);
        return 0;
    case OPT_TO:
        gp_people_read_end(value, &leave->command.to_ms, state);
        return 0;
    case OPT_STANDIN:
        leave->command.standin = gp_span_of(value);
        return 0;
    case OPT_REASON:
        leave->command.text = gp_span_of(value);
        return 0;
    case OPT_OVERRIDE:
        leave->command.override_reason = gp_span_of(value);
        return 0;
    case OPT_STATE:
        leave->state = value;
        return 0;
    case ARGP_KEY_ARG:
        add_word(leave, value, state);
        return 0;
    case ARGP_KEY_END:
        check(leave, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int gp_cmd_leave(int argc, char **argv)
{
    static const struct argp parser = {
        .options = options,
        .parser = on_option,
        .args_doc = "[PERSON]\nlist [PERSON]\napprove ID\nreject ID\ncancel ID",
        .doc = N_("Asks for leave, for oneself or for PERSON; lists leaves; approves, rejects or "
                  "cancels one. A day alone as --to means its end."),
        .children = children,
    };
    struct leave leave = {.command = {.verb = GP_VERB_LEAVE}};

    gp_cli_init(&leave.cli);
    (void)argp_parse(&parser, argc, argv, 0, NULL, &leave); /* exits on a mistake */
    int code = leave.is_list ? run_list(&leave) : run_command(&leave);
    gp_cli_release(&leave.cli);
    return code;
}
