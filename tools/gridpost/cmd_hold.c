/* hold: who holds a post from a day on; transfer: somebody leaves for good, and everything that
 * they hold goes to another person. */
#include "gridpost/offline.h"
#include "gridpost/people.h"

#include <inttypes.h>

static const struct argp_child children[] = {{&gp_cli_argp, 0, NULL, 0}, {0}};

static void print_held(const struct gp_cli *cli, const struct gp_command *command, uint64_t seq)
{
    json_t *object;

    if (!cli->json) {
        struct gp_span person = command->person.len > 0 ? command->person : gp_span_of(_("vacant"));
        printf(_("%.*s: %.*s %s (entry %" PRIu64 ")\n"), GP_SPAN_ARG(command->post),
               GP_SPAN_ARG(person),
               command->from_ms != 0
                   ? gp_people_interval(command->from_ms,
                                        command->to_ms != 0 ? command->to_ms : INT64_MAX)
                   : _("from now on"),
               seq);
        return;
    }
    object = json_object();
    json_object_set_new(object, "post", gp_show_text(command->post));
    json_object_set_new(object, "person", gp_show_text(command->person));
    json_object_set_new(object, "from",
                        gp_show_time(command->from_ms, gp_show_zone(command->from_ms)));
    json_object_set_new(object, "to", gp_show_time(command->to_ms, gp_show_zone(command->to_ms)));
    json_object_set_new(object, "seq", json_integer((json_int_t)seq));
    gp_cli_print_json(object);
}

static int send_hold(struct gp_cli *cli, struct gp_command *command)
{
    struct gp_reply reply;
    int code = gp_cli_send(cli, command, &reply);

    if (code == GP_EXIT_DONE)
        print_held(cli, command, reply.answer.seq);
    return code;
}

/* ---------------------------------------------------------------- hold */

enum { OPT_FROM = 256, OPT_TO, OPT_REASON, OPT_DRY_RUN };

struct hold {
    struct gp_cli cli;
    struct gp_command command;
};

static const struct argp_option hold_options[] = {
    {"from", OPT_FROM, "TIME", 0, N_("from when (default: now)"), 0},
    {"to", OPT_TO, "TIME", 0, N_("until when, a day alone to its end (default: open)"), 0},
    {"reason", OPT_REASON, "TEXT", 0, N_("why"), 0},
    {0},
};

static error_t on_hold(int key, char *value, struct argp_state *state)
{
    struct hold *hold = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &hold->cli;
        return 0;
    case OPT_FROM:
        gp_cli_read_time(value, &hold->command.from_ms, state);
        return 0;
    case OPT_TO:
        gp_people_read_end(value, &hold->command.to_ms, state);
        return 0;
    case OPT_REASON:
        hold->command.text = gp_span_of(value);
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 1)
            argp_error(state, "%s", _("one post and one person at a time"));
        *(state->arg_num == 0 ? &hold->command.post : &hold->command.person) = gp_span_of(value);
        return 0;
    case ARGP_KEY_END:
        if (hold->command.post.len == 0)
            argp_error(state, "%s", _("name the post, and who holds it (nobody: vacant)"));
        gp_cli_need_speaker(&hold->cli, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int gp_cmd_hold(int argc, char **argv)
{
    static const struct argp parser = {
        .options = hold_options,
        .parser = on_hold,
        .args_doc = "POST [PERSON]",
        .doc = N_("Says who holds a post from a time on; whoever held it before holds it no "
                  "longer. Without PERSON it is vacant."),
        .children = children,
    };
    struct hold hold = {.command = {.verb = GP_VERB_HOLD}};

    gp_cli_init(&hold.cli);
    (void)argp_parse(&parser, argc, argv, 0, NULL, &hold); /* exits on a mistake */
    int code = send_hold(&hold.cli, &hold.command);
    gp_cli_release(&hold.cli);
    return code;
}

/* ---------------------------------------------------------------- transfer: what there is */

struct transfer {
    struct gp_cli cli;
    const char *folder, *from, *to;
    int64_t at_ms;
    bool dry_run;
    struct gp_directory *directory;
};

/* "deputy     SK-340705006      edit org/posts.csv" */
static void print_row(const struct transfer *transfer, const char *kind, struct gp_span what,
                      const char *when, const char *then)
{
    if (transfer->cli.json) {
        json_t *object = json_object();
        json_object_set_new(object, "kind", json_string(kind));
        json_object_set_new(object, "what", gp_show_text(what));
        json_object_set_new(object, "when", json_string(when));
        json_object_set_new(object, "then", json_string(then));
        gp_cli_print_json(object);
        return;
    }
    gp_cli_cell(gp_span_of(_(kind)), 12);
    gp_cli_cell(what, 30);
    gp_cli_cell(gp_span_of(when), 36);
    printf("%s\n", _(then));
}

/* What commands cannot change. */
static void print_files(const struct transfer *transfer, const struct gp_org *org)
{
    uint32_t person = gp_org_person(org, gp_span_of(transfer->from));

    for (size_t i = 0; i < org->post_count; i++) {
        for (uint8_t k = 0; k < org->posts[i].deputy_count; k++) {
            if (org->posts[i].deputies[k] == person)
                print_row(transfer, N_("deputy"), org->posts[i].id, "", N_("edit org/posts.csv"));
        }
    }
    for (size_t i = 0; i < org->shift_count; i++) {
        const struct gp_shift *shift = &org->shifts[i];
        if (shift->person == person && shift->valid_to_ms > transfer->at_ms)
            print_row(transfer, N_("duty"), org->areas[shift->area].code,
                      shift->weekdays != 0
                          ? ""
                          : gp_people_interval(shift->valid_from_ms, shift->valid_to_ms),
                      N_("edit org/roster.csv"));
    }
}

static int print_leaves(struct transfer *transfer)
{
    struct gp_people_list list = {0};
    int code = gp_people_ask(
        &transfer->cli,
        (struct gp_leaves_ask){.person = gp_span_of(transfer->from), .from_ms = transfer->at_ms},
        &list);

    for (size_t i = 0; code == GP_EXIT_DONE && i < list.leave_count; i++) {
        const struct gp_leave_record *leave = &list.leave[i];
        char id[24];
        (void)snprintf(id, sizeof id, "%" PRIu64, leave->id);
        if (leave->state == GP_LEAVE_REQUESTED || leave->state == GP_LEAVE_APPROVED)
            print_row(transfer, N_("leave"), gp_span_of(id),
                      gp_people_interval(leave->from_ms, leave->to_ms),
                      N_("cancel it: gridpost leave cancel"));
    }
    gp_people_release(&list);
    return code;
}

/* The open incidents of one post: they stay with it. */
static int print_incidents(struct transfer *transfer, struct gp_span post)
{
    struct gp_request request = {.kind = GP_REQUEST_QUERY,
                                 .query = {.post = post, .open_only = true}};
    struct gp_reply reply;

    do {
        int code = gp_cli_call(&transfer->cli, &request, 0, &reply);
        if (code != GP_EXIT_DONE)
            return code;
        for (uint32_t i = 0; i < reply.page.count; i++) {
            const struct gp_incident *incident = &reply.page.item[i];
            char text[60];
            (void)snprintf(text, sizeof text, "#%" PRIu64 " %s", incident->id,
                           _(gp_state_name(incident->state)));
            print_row(transfer, N_("incident"), gp_span_of(text), "",
                      N_("stays with its post, the clock goes on"));
        }
    } while (gp_cli_next_page(&request.query, &reply));
    return GP_EXIT_DONE;
}

static int print_what_there_is(struct transfer *transfer, const struct gp_people_list *held)
{
    int code = GP_EXIT_DONE;

    for (size_t i = 0; i < held->holding_count; i++)
        print_row(transfer, N_("holding"), held->holding[i].post,
                  gp_people_interval(held->holding[i].from_ms, held->holding[i].to_ms),
                  N_("goes over by command"));
    print_files(transfer, gp_directory_org(transfer->directory));
    code = print_leaves(transfer);
    for (size_t i = 0; code == GP_EXIT_DONE && i < held->holding_count; i++)
        code = print_incidents(transfer, held->holding[i].post);
    return code;
}

/* ---------------------------------------------------------------- transfer: doing it */

/* Goes on after a refusal, so that one post in other hands does not keep the rest; the first code
 * that is not DONE is the end's. */
static int hand_over(struct transfer *transfer, const struct gp_people_list *held)
{
    int first = GP_EXIT_DONE;

    for (size_t i = 0; i < held->holding_count; i++) {
        const struct gp_tenure *holding = &held->holding[i];
        struct gp_command command = {
            .verb = GP_VERB_HOLD,
            .post = holding->post,
            .person = gp_span_of(transfer->to),
            .from_ms = holding->from_ms > transfer->at_ms ? holding->from_ms : transfer->at_ms,
            .to_ms = holding->to_ms != INT64_MAX ? holding->to_ms : 0,
        };
        int code = send_hold(&transfer->cli, &command);
        if (first == GP_EXIT_DONE)
            first = code;
        if (code != GP_EXIT_DONE && code != GP_EXIT_REFUSED)
            return first;
    }
    return first;
}

static bool is_known(const struct transfer *transfer, const char *person)
{
    const struct gp_org *org = gp_directory_org(transfer->directory);

    if (gp_org_person(org, gp_span_of(person)) != GP_NONE)
        return true;
    fprintf(stderr, _("gridpost: '%s' is not in people.csv\n"), person);
    return false;
}

static int run_transfer(struct transfer *transfer)
{
    struct gp_people_list held = {0};
    struct gp_leaves_ask ask = {.holdings = true, .person = gp_span_of(transfer->from)};

    if (!is_known(transfer, transfer->from) || !is_known(transfer, transfer->to))
        return GP_EXIT_NOT_FOUND;
    int code = transfer->at_ms == 0 ? gp_cli_now(&transfer->cli, &transfer->at_ms) : GP_EXIT_DONE;

    ask.from_ms = transfer->at_ms;
    if (code == GP_EXIT_DONE)
        code = gp_people_ask(&transfer->cli, ask, &held);
    if (code == GP_EXIT_DONE)
        code = print_what_there_is(transfer, &held);
    if (code == GP_EXIT_DONE && !transfer->dry_run)
        code = hand_over(transfer, &held);
    gp_people_release(&held);
    return code;
}

static const struct argp_option transfer_options[] = {
    {"from", OPT_FROM, "TIME", 0, N_("from when (default: now)"), 0},
    {"dry-run", OPT_DRY_RUN, NULL, 0, N_("only say what is concerned"), 0},
    {"config", 'c', "DIR", 0, N_("configuration folder (default /etc/gridpost)"), 0},
    {0},
};

static error_t on_transfer(int key, char *value, struct argp_state *state)
{
    struct transfer *transfer = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &transfer->cli;
        return 0;
    case 'c':
        transfer->folder = value;
        return 0;
    case OPT_FROM:
        gp_cli_read_time(value, &transfer->at_ms, state);
        return 0;
    case OPT_DRY_RUN:
        transfer->dry_run = true;
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 1)
            argp_error(state, "%s", _("name two people"));
        *(state->arg_num == 0 ? &transfer->from : &transfer->to) = value;
        return 0;
    case ARGP_KEY_END:
        if (transfer->to == NULL)
            argp_error(state, "%s", _("name two people"));
        if (!transfer->dry_run)
            gp_cli_need_speaker(&transfer->cli, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int gp_cmd_transfer(int argc, char **argv)
{
    static const struct argp parser = {
        .options = transfer_options,
        .parser = on_transfer,
        .args_doc = "FROM TO",
        .doc = N_("Somebody leaves for good: whatever FROM holds goes to TO, by commands that the "
                  "journal keeps. Says first what is concerned, and what must be edited in the "
                  "files."),
        .children = children,
    };
    struct transfer transfer = {.folder = "/etc/gridpost"};

    gp_cli_init(&transfer.cli);
    (void)argp_parse(&parser, argc, argv, 0, NULL, &transfer); /* exits on a mistake */
    int code = gp_offline_load(transfer.folder, &transfer.directory);
    if (code == GP_EXIT_DONE)
        code = run_transfer(&transfer);
    gp_directory_unref(transfer.directory);
    gp_cli_release(&transfer.cli);
    return code;
}
