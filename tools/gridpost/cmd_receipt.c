/* receipt: what a saved receipt says, and whether it is true. Neither asks the daemon. */
#include "gridpost/proof.h"

#include <inttypes.h>
#include <string.h>

struct receipt {
    struct gp_cli cli;
    const char *path, *key;
    bool verify;
    struct gp_arena arena;
    struct gp_saved_receipt saved;
    struct gp_request request;
};

/* ---------------------------------------------------------------- show */

static void set_text(json_t *object, const char *key, struct gp_span text)
{
    if (text.len > 0)
        json_object_set_new(object, key, gp_show_text(text));
}

static json_t *receipt_json(const struct receipt *receipt)
{
    const struct gp_command *command = &receipt->request.command;
    int64_t at_ms = receipt->saved.leaf.at_ms;
    char key[GP_KEY_TEXT];
    json_t *object = json_object();

    gp_key_format(receipt->saved.key, key);
    json_object_set_new(object, "seq", json_integer((json_int_t)receipt->saved.leaf.seq));
    json_object_set_new(object, "at", gp_show_time(at_ms, gp_show_zone(at_ms)));
    json_object_set_new(object, "verb", json_string(gp_verb_name(command->verb)));
    json_object_set_new(object, "id", gp_proof_hex(command->id, GP_COMMAND_ID_BYTES));
    set_text(object, "speaker", receipt->request.person);
    if (command->incident != 0)
        json_object_set_new(object, "incident", json_integer((json_int_t)command->incident));
    set_text(object, "category", command->category);
    set_text(object, "condition", command->condition);
    set_text(object, "text", command->text);
    json_object_set_new(object, "request_hash",
                        gp_proof_hex(receipt->saved.leaf.request_hash, GP_DIGEST_BYTES));
    json_object_set_new(object, "key", json_string(key));
    return object;
}

static void print_receipt(const struct receipt *receipt)
{
    const struct gp_command *command = &receipt->request.command;
    char at[GP_CLI_TIME_BYTES], key[GP_KEY_TEXT];

    gp_cli_time_text(receipt->saved.leaf.at_ms, at);
    gp_key_format(receipt->saved.key, key);
    printf(_("entry      %" PRIu64 " of %s\n"), receipt->saved.leaf.seq, at);
    printf(_("request    %s"), gp_verb_name(command->verb));
    if (command->incident != 0)
        printf(" #%" PRIu64, command->incident);
    printf(" %.*s %.*s\n", GP_SPAN_ARG(command->category), GP_SPAN_ARG(command->condition));
    printf(_("text       "));
    gp_cli_flat(command->text);
    printf(_("\nsigned by  %s (%u of %u in its batch)\n"), key, receipt->saved.proof.index + 1,
           receipt->saved.proof.count);
}

static int show(struct receipt *receipt)
{
    if (receipt->cli.json)
        gp_cli_print_json(receipt_json(receipt));
    else
        print_receipt(receipt);
    return GP_EXIT_DONE;
}

/* ---------------------------------------------------------------- verify */

static int verify(struct receipt *receipt)
{
    unsigned char key[GP_KEY_BYTES];
    int code = gp_proof_key(&receipt->cli, receipt->key, receipt->saved.key, key);

    if (code != GP_EXIT_DONE)
        return code;
    bool true_ = gp_receipt_verify(&receipt->saved.leaf, &receipt->saved.proof, key);
    if (receipt->cli.json) {
        json_t *object = receipt_json(receipt);
        json_object_set_new(object, "valid", json_boolean(true_));
        gp_cli_print_json(object);
    } else if (true_) {
        print_receipt(receipt);
        puts(_("valid      the server has written this request into its journal"));
    } else {
        fprintf(stderr,
                _("gridpost: %s: NOT VALID: the server that has this key did not sign it\n"),
                receipt->path);
    }
    return true_ ? GP_EXIT_DONE : GP_EXIT_FAILED;
}

static int run(struct receipt *receipt)
{
    const char *field = "";
    int code = gp_proof_load(receipt->path, &receipt->arena, &receipt->saved);

    if (code != GP_EXIT_DONE)
        return code;
    int rc =
        gp_wire_request_unpack(receipt->saved.request, &receipt->arena, &receipt->request, &field);
    if (rc != 0 || receipt->request.kind != GP_REQUEST_COMMAND) {
        fprintf(stderr, _("gridpost: %s: its request is no command\n"), receipt->path);
        return GP_EXIT_FAILED;
    }
    return receipt->verify ? verify(receipt) : show(receipt);
}

/* ---------------------------------------------------------------- words */

enum { OPT_KEY = 256 };
static const struct argp_option options[] = {
    {"key", OPT_KEY, "KEY", 0,
     N_("verify: the server's signing key (default: that of the identity)"), 0},
    {0},
};
static const struct argp_child children[] = {{&gp_cli_argp, 0, NULL, 0}, {0}};

static error_t on_option(int key, char *value, struct argp_state *state)
{
    struct receipt *receipt = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &receipt->cli;
        return 0;
    case OPT_KEY:
        receipt->key = value;
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num == 0 && strcmp(value, "verify") == 0)
            receipt->verify = true;
        else if (state->arg_num == 1)
            receipt->path = value;
        else if (state->arg_num != 0 || strcmp(value, "show") != 0)
            argp_error(state, "%s", _("write: show FILE, or verify FILE"));
        return 0;
    case ARGP_KEY_END:
        if (receipt->path == NULL)
            argp_error(state, "%s", _("write: show FILE, or verify FILE"));
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int gp_cmd_receipt(int argc, char **argv)
{
    static const struct argp parser = {
        .options = options,
        .parser = on_option,
        .args_doc = "show FILE\nverify FILE",
        .doc = N_("Says what a receipt is about that a command has kept by --receipt, and whether "
                  "it is true: the server has written this very request into its journal, as that "
                  "entry, at that time. The daemon is not asked."),
        .children = children,
    };
    struct receipt receipt = {0};

    gp_cli_init(&receipt.cli);
    (void)argp_parse(&parser, argc, argv, 0, NULL, &receipt); /* exits on a mistake */
    gp_arena_init(&receipt.arena, GP_UNPACK_BYTES_MAX + GP_MESSAGE_BYTES_MAX);
    int code = GP_EXIT_FAILED;
    if (gp_trust_start() == 0)
        code = run(&receipt);
    gp_arena_release(&receipt.arena);
    gp_cli_release(&receipt.cli);
    return code;
}
