/* report, and the verbs that act on an incident: one parser for all of them; which options a verb
 * has follows from the keys that it takes (verbs.h). */
#include "gridpost/cli.h"
#include "gridpost/proof.h"
#include "gridpost/verbs.h"

#include <inttypes.h>
#include <string.h>

struct act {
    struct gp_cli cli;
    struct gp_command command;
    char text[GP_TEXT_BYTES_MAX + 1];
    uint32_t given; /* set of GP_ARG_BIT */
    bool chain;     /* what is said of the journal's chain was given */
    const char *receipt;
    bool has_id;
};

/* ---------------------------------------------------------------- who may, and when */

static const struct help {
    const char *doc, *result;
} help[] = {
    [GP_VERB_REPORT] = {N_("Reports an incident and waits until it is on disk: anybody in "
                           "people.csv; with --on-spot the grid's B post, for a category that "
                           "allows it."),
                        NULL},
    [GP_VERB_FILE] = {N_("Files and dispatches a report that waits for it: the dispatcher (SK), "
                         "S1, D2 or D1."),
                      NULL},
    [GP_VERB_ACCEPT] = {N_("Accepts a dispatched or reopened incident: the owner post's holder, "
                           "whoever stands in, or a deputy."),
                        NULL},
    [GP_VERB_NOTE] = {N_("Adds a note to an open incident: its reporter, and the posts of its "
                         "community, street and department."),
                      NULL},
    [GP_VERB_STAGE] = {N_("Meets a stage of a staged limit: the owner post's people."), NULL},
    [GP_VERB_FINISH] = {N_("Says that the work is done: the owner post's people; after a handover "
                           "also the assistant, until the new owner has accepted."),
                        NULL},
    [GP_VERB_VERIFY] =
        {N_("Says whether finished work is good (it is, without a result): the "
            "dispatcher (SK), else D2, D1 or S1, never who finished it. What fails is "
            "reworked. Without INCIDENT it checks the journal's whole chain of hashes; with "
            "--head FILE also against a signed head from before, by --key KEY or the "
            "identity's."),
         "pass|fail"},
    [GP_VERB_INFORM] = {N_("Says that residents were told: the posts of its community, street and "
                           "department."),
                        NULL},
    [GP_VERB_CLOSE] = {N_("Closes a verified incident, and what is linked to it: SK, D2, D1 or the "
                          "department's desk K."),
                       NULL},
    [GP_VERB_VOID] = {N_("Ends what is no incident, with a reason: the dispatcher (SK), S1, D2 or "
                         "D1, before it is accepted."),
                      NULL},
    [GP_VERB_LINK] = {N_("Lets a report follow the incident of which it is a duplicate, and close "
                         "with it: the dispatcher (SK), S1, D2 or D1, before it is finished."),
                      NULL},
    [GP_VERB_UNLINK] = {N_("Takes a duplicate out again; its own clock goes on: the dispatcher "
                           "(SK), S1, D2 or D1."),
                        NULL},
    [GP_VERB_RETURN] = {N_("Says that it is not ours, with a reason: the owner post's people, in "
                           "the window after dispatch. Later the street must consent first, and "
                           "it counts as buck-passing."),
                        NULL},
    [GP_VERB_CONSENT] = {N_("Allows one return after the window: the street (SK, S1 or S2)."),
                         NULL},
    [GP_VERB_RULE] = {N_("Rules on a returned incident: the street (SK, S1 or S2). accept gives it "
                         "to --owner, else to the suggested post; refuse gives it back."),
                      "accept|refuse"},
    [GP_VERB_REFUSE] = {N_("Refuses a task from above that has no approval reference: the "
                           "community's D1, D2, A or B, before it is accepted. It is never held "
                           "against them."),
                        NULL},
    [GP_VERB_EXTEND] = {N_("Asks for more time before the due, at most one original allowance: the "
                           "owner post's people. It is granted at most twice."),
                        NULL},
    [GP_VERB_DECIDE] = {N_("Decides on an extension that was asked for: D1; where a department "
                           "owns, the dispatcher (SK)."),
                        "grant|refuse"},
    [GP_VERB_SUSPEND] = {N_("Lets the clock stand still until a date within a year, once, with a "
                            "reason: the street (SK, S1 or S2)."),
                         NULL},
    [GP_VERB_RESUME] = {N_("Ends a suspension before its date: the street (SK, S1 or S2)."), NULL},
    [GP_VERB_REOPEN] = {N_("Begins the work of a closed incident again, with a reason: the "
                           "dispatcher (SK), S1, D2 or D1."),
                        NULL},
    [GP_VERB_REASSIGN] = {N_("Gives an incident at work to another post, with a fresh plan and a "
                             "reason: the dispatcher (SK), S1, D2 or D1."),
                          NULL},
    [GP_VERB_CORRECT] = {N_("Corrects the grid, category or condition, with a fresh plan and a "
                            "reason: the dispatcher (SK), S1, D2 or D1, before it is finished."),
                         NULL},
    [GP_VERB_DELIVER] = {N_("Says what became of a notice: whoever carries it; that it was read, "
                            "only the person who was told."),
                         NULL},
    [GP_VERB_APPEAL] = {N_("Appeals against one's own strike from this incident, once, with a "
                           "reason."),
                        NULL},
    [GP_VERB_SIGN] = {N_("Signs an appeal: X, S1, S2, R, H or H2, never the subject. Two different "
                         "people must grant it."),
                      "grant|refuse"},
};

/* ---------------------------------------------------------------- options */

enum { OPT_KEY = 1024, OPT_ID = 2048, OPT_FAIL, OPT_RECEIPT, OPT_CHAIN };

/* The option of each key. The position is one option of two keys, the words behind the options are
 * the text of a report. */
static const struct argp_option choices[GP_ARG_COUNT] = {
    [GP_ARG_TEXT] = {"note", OPT_KEY + GP_ARG_TEXT, "TEXT", 0, N_("a note for the journal"), 0},
    [GP_ARG_REASON] = {"reason", OPT_KEY + GP_ARG_REASON, "TEXT", 0, N_("why"), 0},
    [GP_ARG_VERSION] = {"if-version", OPT_KEY + GP_ARG_VERSION, "N", 0,
                        N_("only if the incident is still at version N"), 0},
    [GP_ARG_GRID] = {"grid", 'g', "CODE", 0, N_("grid, 15 digits"), 0},
    [GP_ARG_CATEGORY] = {"category", 'c', "CODE", 0, N_("category of the catalogue"), 0},
    [GP_ARG_CONDITION] = {"condition", 'k', "CODE", 0,
                          N_("condition, where the category has several"), 0},
    [GP_ARG_CAPTURED] = {"captured", OPT_KEY + GP_ARG_CAPTURED, "TIME", 0,
                         N_("when it was seen (default: now)"), 0},
    [GP_ARG_LAT] = {"at", OPT_KEY + GP_ARG_LAT, "LAT,LON", 0, N_("position in degrees"), 0},
    [GP_ARG_PHONE] = {"phone", OPT_KEY + GP_ARG_PHONE, "NUMBER", 0,
                      N_("of the resident who reports"), 0},
    [GP_ARG_ON_SPOT] = {"on-spot", OPT_KEY + GP_ARG_ON_SPOT, NULL, 0,
                        N_("it was put right at once"), 0},
    [GP_ARG_INFORMED] = {"informed", OPT_KEY + GP_ARG_INFORMED, NULL, 0,
                         N_("with --on-spot: residents were told"), 0},
    [GP_ARG_DOWNWARD] = {"downward", OPT_KEY + GP_ARG_DOWNWARD, NULL, 0, N_("a task from above"),
                         0},
    [GP_ARG_APPROVAL] = {"approval", OPT_KEY + GP_ARG_APPROVAL, "REF", 0,
                         N_("approval reference of a task from above"), 0},
    [GP_ARG_SUGGEST] = {"suggest", OPT_KEY + GP_ARG_SUGGEST, "POST", 0, N_("whose it is"), 0},
    [GP_ARG_OWNER] = {"owner", OPT_KEY + GP_ARG_OWNER, "POST", 0, N_("who shall own it"), 0},
    [GP_ARG_RESULT] = {"result", OPT_KEY + GP_ARG_RESULT, NULL, 0, N_("what is decided"), 0},
    [GP_ARG_HOURS] = {"hours", OPT_KEY + GP_ARG_HOURS, "N", 0,
                      N_("how many, in the limit's own clock"), 0},
    [GP_ARG_UNTIL] = {"until", OPT_KEY + GP_ARG_UNTIL, "DATE", 0, N_("when it goes on"), 0},
    [GP_ARG_TO] = {"to", OPT_KEY + GP_ARG_TO, "INCIDENT", 0, N_("the main incident"), 0},
    [GP_ARG_SEQ] = {"seq", OPT_KEY + GP_ARG_SEQ, "N", 0, N_("the entry that carried the notice"),
                    0},
    [GP_ARG_PERSON] = {"person", OPT_KEY + GP_ARG_PERSON, "PERSON", 0,
                       N_("who was told (default: who speaks)"), 0},
    [GP_ARG_OF] = {"of", OPT_KEY + GP_ARG_OF, "PERSON", 0, N_("who appeals"), 0},
    [GP_ARG_STATE] = {"state", OPT_KEY + GP_ARG_STATE, "STATE", 0,
                      N_("delivered, failed or acknowledged"), 0},
};

/* Of verify without an incident, which is cmd_chain.c's: here they are said, and not taken. */
static const struct argp_option chain_options[] = {
    {NULL, 0, NULL, 0, N_("Without INCIDENT, of the journal's chain:"), 1},
    {"head", OPT_CHAIN, "FILE", 0, N_("a signed head from before, to compare with"), 1},
    {"key", OPT_CHAIN, "KEY", 0, N_("the server's signing key (default: that of the identity)"), 1},
};

#define CHAIN_OPTIONS (sizeof chain_options / sizeof chain_options[0])
#define OPTIONS_MAX   (GP_ARG_COUNT + 4 + CHAIN_OPTIONS)

/* The options of a verb, ended by an empty one. */
static void choose_options(int verb, struct argp_option ret_options[OPTIONS_MAX])
{
    uint32_t keys = gp_verb_keys(verb);
    int count = 0;

    if (verb == GP_VERB_REPORT)
        keys &= ~GP_ARG_BIT(GP_ARG_TEXT);
    for (int key = 0; key < GP_ARG_COUNT; key++) {
        if (!(keys & GP_ARG_BIT(key)) || choices[key].name == NULL)
            continue;
        ret_options[count] = choices[key];
        if (key == GP_ARG_RESULT)
            ret_options[count].arg = help[verb].result;
        if (key == GP_ARG_REASON && verb == GP_VERB_RETURN)
            ret_options[count].arg = "REASON";
        count++;
    }
    if (verb == GP_VERB_VERIFY)
        ret_options[count++] =
            (struct argp_option){"fail", OPT_FAIL, NULL, 0, N_("the same as --result fail"), 0};
    ret_options[count++] = (struct argp_option){
        "id", OPT_ID, "HEX", 0, N_("id of an earlier try, to do it once however often it is sent"),
        0};
    ret_options[count++] = (struct argp_option){
        "receipt", OPT_RECEIPT, "FILE", 0, N_("keep the daemon's signed receipt in this file"), 0};
    for (size_t i = 0; verb == GP_VERB_VERIFY && i < CHAIN_OPTIONS; i++)
        ret_options[count++] = chain_options[i];
    ret_options[count] = (struct argp_option){0};
}

static int key_of_option(int option)
{
    int key = 0;

    while (key < GP_ARG_COUNT && (choices[key].name == NULL || choices[key].key != option))
        key++;
    return key;
}

/* ---------------------------------------------------------------- values */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static bool read_id(const char *text, unsigned char ret_id[GP_COMMAND_ID_BYTES])
{
    if (strlen(text) != 2 * GP_COMMAND_ID_BYTES)
        return false;
    for (int i = 0; i < GP_COMMAND_ID_BYTES; i++) {
        int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        ret_id[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

/* Words of the command line, with blanks between them. */
static void add_word(struct act *act, const char *word, struct argp_state *state)
{
    size_t used = strlen(act->text), more = strlen(word), blank = used > 0;

    if (used + blank + more >= sizeof act->text)
        argp_error(state, _("the text is longer than %d bytes"), GP_TEXT_BYTES_MAX);
    if (blank)
        act->text[used] = ' ';
    memcpy(act->text + used + blank, word, more + 1);
}

static bool time_here(void *context, struct gp_span text, int64_t *ret_ms)
{
    (void)context;
    return gp_cli_time(text.ptr, ret_ms); /* of the command line: NUL-terminated */
}

static bool number_of(void *context, struct gp_span text, uint64_t *ret_incident)
{
    (void)context;
    return gp_cli_incident(text.ptr, ret_incident);
}

static void set_key(struct act *act, enum gp_arg key, struct gp_span value,
                    struct argp_state *state)
{
    static const struct gp_arg_reader reader = {.time = time_here, .incident = number_of};
    char wrong[GP_ARG_WRONG_BYTES];

    act->given |= GP_ARG_BIT(key);
    if (!gp_arg_set(&reader, key, value, &act->command, wrong))
        argp_error(state, "%s", wrong);
}

static void set_place(struct act *act, const char *value, struct argp_state *state)
{
    const char *comma = strchr(value, ',');

    if (comma == NULL)
        argp_error(state, "%s", _("--at is LAT,LON in degrees, such as 30.93,117.81"));
    set_key(act, GP_ARG_LAT, (struct gp_span){value, (size_t)(comma - value)}, state);
    set_key(act, GP_ARG_LON, gp_span_of(comma + 1), state);
}

static void set_option(struct act *act, enum gp_arg key, const char *value,
                       struct argp_state *state)
{
    bool is_text =
        key == GP_ARG_TEXT || (key == GP_ARG_REASON && act->command.verb != GP_VERB_RETURN);

    if (is_text)
        add_word(act, value, state);
    else if (key == GP_ARG_LAT)
        set_place(act, value, state);
    else
        set_key(act, key, gp_span_of(value != NULL ? value : "yes"), state);
}

/* ---------------------------------------------------------------- sending */

#define ID_TEXT_BYTES (2 * GP_COMMAND_ID_BYTES + 1)

static void id_text(const unsigned char id[GP_COMMAND_ID_BYTES], char ret_text[ID_TEXT_BYTES])
{
    for (int i = 0; i < GP_COMMAND_ID_BYTES; i++)
        (void)snprintf(ret_text + 2 * i, 3, "%02x", id[i]);
}

static json_t *answer_json(const struct gp_reply *reply)
{
    json_t *object = json_object();
    char id[ID_TEXT_BYTES];

    id_text(reply->answer.id, id);
    json_object_set_new(object, "id", json_string(id));
    json_object_set_new(object, "incident", json_integer((json_int_t)reply->answer.incident));
    json_object_set_new(object, "seq", json_integer((json_int_t)reply->answer.seq));
    json_object_set_new(object, "state", json_string(gp_state_name(reply->answer.state)));
    json_object_set_new(object, "version", json_integer(reply->answer.version));
    json_object_set_new(object, "due",
                        gp_show_time(reply->answer.due_ms, gp_show_zone(reply->answer.due_ms)));
    json_object_set_new(object, "repeated", json_boolean(reply->answer.repeated));
    return object;
}

static void print_answer(const struct gp_cli *cli, const struct gp_reply *reply)
{
    char due[GP_CLI_TIME_BYTES];

    if (cli->json) {
        gp_cli_print_json(answer_json(reply));
        return;
    }
    gp_cli_time_text(reply->answer.due_ms, due);
    printf(_("#%" PRIu64 " %s, due %s (entry %" PRIu64 "%s)\n"), reply->answer.incident,
           _(gp_state_name(reply->answer.state)), due, reply->answer.seq,
           reply->answer.repeated ? _(", stored before") : "");
}

/* Whether it was stored is not known, or it was not: the same id makes it safe to try again. */
static void print_how_to_repeat(const struct act *act)
{
    char id[ID_TEXT_BYTES];

    id_text(act->command.id, id);
    fprintf(stderr, _("gridpost: to repeat it without doing it twice: --id %s\n"), id);
}

static int send_command(struct act *act)
{
    struct gp_request request = {.kind = GP_REQUEST_COMMAND};
    struct gp_reply reply;
    int code;

    act->command.text = gp_span_of(act->text);
    if (!act->has_id && gp_client_new_id(act->command.id) != 0) {
        fputs(_("gridpost: no random numbers to be had\n"), stderr);
        return GP_EXIT_FAILED;
    }
    request.command = act->command;
    code = gp_cli_call(&act->cli, &request, 0, &reply);
    if (code == GP_EXIT_DONE) {
        print_answer(&act->cli, &reply);
        if (act->receipt != NULL)
            code = gp_proof_save(act->receipt, gp_client_sent(act->cli.client), &reply);
    }
    if (code == GP_EXIT_TIMED_OUT || code == GP_EXIT_TRY_AGAIN)
        print_how_to_repeat(act);
    gp_cli_release(&act->cli);
    return code;
}

/* ---------------------------------------------------------------- the command line */

static void check_needs(const struct act *act, struct argp_state *state)
{
    uint32_t missing = gp_verb_needs(act->command.verb) & ~act->given;

    if (act->chain)
        argp_error(state, "%s", _("--head and --key are for the chain, without an incident"));
    for (int key = 0; key < GP_ARG_COUNT; key++) {
        if (missing & GP_ARG_BIT(key))
            argp_error(state, _("--%s is needed"), choices[key].name);
    }
    if (act->command.verb != GP_VERB_REPORT && act->command.incident == 0)
        argp_error(state, "%s", _("name the incident's number"));
    gp_cli_need_speaker(&act->cli, state);
}

static void on_argument(struct act *act, const char *value, struct argp_state *state)
{
    if (act->command.verb == GP_VERB_REPORT || state->arg_num > 0)
        add_word(act, value, state);
    else if (!gp_cli_incident(value, &act->command.incident))
        argp_error(state, _("'%s' is no incident's number"), value);
}

static error_t on_option(int option, char *value, struct argp_state *state)
{
    struct act *act = state->input;

    switch (option) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &act->cli;
        return 0;
    case OPT_FAIL:
        act->command.result = GP_RESULT_NO;
        return 0;
    case OPT_ID:
        act->has_id = read_id(value, act->command.id);
        if (!act->has_id)
            argp_error(state, "%s", _("--id is 32 hexadecimal digits"));
        return 0;
    case OPT_RECEIPT:
        act->receipt = value;
        return 0;
    case OPT_CHAIN:
        act->chain = true;
        return 0;
    case ARGP_KEY_ARG:
        on_argument(act, value, state);
        return 0;
    case ARGP_KEY_END:
        check_needs(act, state);
        return 0;
    default:
        break;
    }
    int key = key_of_option(option);
    if (key == GP_ARG_COUNT)
        return ARGP_ERR_UNKNOWN;
    set_option(act, (enum gp_arg)key, value, state);
    return 0;
}

static const char *arguments_of(int verb)
{
    if (verb == GP_VERB_REPORT)
        return "TEXT...";
    return verb == GP_VERB_VERIFY ? "INCIDENT [TEXT...]\n[--head FILE] [--key KEY]"
                                  : "INCIDENT [TEXT...]";
}

int gp_cmd_act(int argc, char **argv)
{
    static const struct argp_child children[] = {{&gp_cli_argp, 0, NULL, 0}, {0}};
    int verb = gp_verb_parse(gp_span_of(strchr(argv[0], ' ') + 1));
    struct argp_option options[OPTIONS_MAX];
    struct argp parser = {
        .options = options,
        .parser = on_option,
        .args_doc = arguments_of(verb),
        .doc = help[verb].doc,
        .children = children,
    };
    struct act act = {.command = {.verb = (uint8_t)verb}};

    choose_options(verb, options);
    gp_cli_init(&act.cli);
    (void)argp_parse(&parser, argc, argv, 0, NULL, &act); /* exits on a mistake */
    return send_command(&act);
}
