/* verify without an incident: the daemon's look at its journal's chain of hashes, piece by piece;
 * head: its end, signed, to be kept where the daemon cannot change it. */
#include "gridpost/proof.h"
#include "gridpost/save.h"
#include "gridpost/stores.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct chain {
    struct gp_cli cli;
    const char *path; /* verify: of a head from before; head: where to write; or NULL */
    const char *key;
    struct gp_saved_head before;
    bool on_line;                        /* progress is shown */
    uint64_t upto, head;                 /* how far it is good, and how far it goes */
    unsigned char hash[GP_DIGEST_BYTES]; /* of the entry upto */
};

static const struct argp_child children[] = {{&gp_cli_argp, 0, NULL, 0}, {0}};

static int check_signature(struct chain *chain, const struct gp_saved_head *head)
{
    unsigned char key[GP_KEY_BYTES];
    int code = gp_proof_key(&chain->cli, chain->key, head->key, key);

    if (code != GP_EXIT_DONE || gp_head_verify(&head->head, head->signature, key))
        return code;
    fprintf(stderr,
            _("gridpost: NOT VALID: the server that has this key did not sign this head\n"));
    return GP_EXIT_FAILED;
}

/* ---------------------------------------------------------------- verify */

/* On one line of a terminal, which ends with end_progress. */
static void print_progress(struct chain *chain)
{
    if (!isatty(STDERR_FILENO) || chain->cli.json)
        return;
    fputc('\r', stderr);
    fprintf(stderr, _("%" PRIu64 " of %" PRIu64 " entries"), chain->upto, chain->head);
    chain->on_line = true;
}

static void end_progress(struct chain *chain)
{
    if (chain->on_line)
        fputc('\n', stderr);
    chain->on_line = false;
}

static int say_broken(struct chain *chain, uint64_t seq)
{
    end_progress(chain);
    if (chain->cli.json)
        gp_cli_print_json(json_pack("{s:b, s:I, s:I}", "valid", 0, "bad", (json_int_t)seq, "upto",
                                    (json_int_t)chain->upto));
    else
        fprintf(stderr,
                _("gridpost: the chain breaks at entry %" PRIu64
                  ": the journal was changed or damaged there\n"),
                seq);
    return GP_EXIT_FAILED;
}

/* Looks from behind `upto` to an entry; 0: to the end. */
static int walk(struct chain *chain, uint64_t last)
{
    do {
        struct gp_request request = {.kind = GP_REQUEST_VERIFY,
                                     .verify = {.from = chain->upto + 1, .upto = last}};
        struct gp_reply reply;
        int code = gp_cli_call(&chain->cli, &request, 0, &reply);
        if (code != GP_EXIT_DONE)
            return code;
        if (reply.verified.bad != 0)
            return say_broken(chain, reply.verified.bad);
        if (reply.verified.upto <= chain->upto)
            break; /* there is no more */
        chain->upto = reply.verified.upto;
        chain->head = reply.verified.head;
        memcpy(chain->hash, reply.verified.hash, GP_DIGEST_BYTES);
        print_progress(chain);
    } while (chain->upto < (last != 0 ? last : chain->head));
    return GP_EXIT_DONE;
}

static int compare_head(struct chain *chain)
{
    const struct gp_head *before = &chain->before.head;

    if (chain->upto == before->seq && memcmp(chain->hash, before->hash, GP_DIGEST_BYTES) == 0)
        return GP_EXIT_DONE;
    end_progress(chain);
    if (chain->upto < before->seq)
        fprintf(stderr,
                _("gridpost: the journal ends at entry %" PRIu64 ", before %" PRIu64
                  " of the signed head: entries were taken away\n"),
                chain->upto, before->seq);
    else
        fprintf(stderr,
                _("gridpost: entry %" PRIu64
                  " is another one than in the signed head: the journal was rewritten\n"),
                before->seq);
    return GP_EXIT_FAILED;
}

static int compare(struct chain *chain)
{
    int code = gp_proof_load_head(chain->path, &chain->before);

    if (code == GP_EXIT_DONE)
        code = check_signature(chain, &chain->before);
    if (code == GP_EXIT_DONE && chain->before.head.seq > 0)
        code = walk(chain, chain->before.head.seq);
    return code == GP_EXIT_DONE ? compare_head(chain) : code;
}

static int run_verify(struct chain *chain)
{
    int code = chain->path != NULL ? compare(chain) : GP_EXIT_DONE;

    if (code == GP_EXIT_DONE)
        code = walk(chain, 0);
    end_progress(chain);
    if (code != GP_EXIT_DONE)
        return code;
    if (chain->cli.json)
        gp_cli_print_json(json_pack("{s:b, s:I, s:o}", "valid", 1, "upto", (json_int_t)chain->upto,
                                    "hash", gp_proof_hex(chain->hash, GP_DIGEST_BYTES)));
    else
        printf(chain->path != NULL ? _("%" PRIu64 " entries, the chain is whole and goes on from "
                                       "the signed head\n")
                                   : _("%" PRIu64 " entries, the chain is whole\n"),
               chain->upto);
    return GP_EXIT_DONE;
}

enum { OPT_HEAD = 256, OPT_OUTPUT, OPT_KEY };
static const struct argp_option verify_options[] = {
    {"head", OPT_HEAD, "FILE", 0, N_("a signed head from before, to compare with"), 0},
    {"key", OPT_KEY, "KEY", 0, N_("the server's signing key (default: that of the identity)"), 0},
    {0},
};

static error_t on_option(int key, char *value, struct argp_state *state)
{
    struct chain *chain = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &chain->cli;
        return 0;
    case OPT_HEAD:
    case OPT_OUTPUT:
        chain->path = value;
        return 0;
    case OPT_KEY:
        chain->key = value;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int start(int argc, char **argv, const struct argp *parser, int (*run)(struct chain *))
{
    struct chain chain = {0};
    int code = GP_EXIT_FAILED;

    gp_cli_init(&chain.cli);
    (void)argp_parse(parser, argc, argv, 0, NULL, &chain); /* exits on a mistake */
    if (gp_trust_start() == 0)
        code = run(&chain);
    gp_cli_release(&chain.cli);
    return code;
}

/* Whether all there is are options of the walk: then no incident is meant. */
static bool is_about_chain(int argc, char **argv)
{
    static const char *const with_value[] = {"socket",  "as",    "identity", "device",
                                             "timeout", "color", "head",     "key"};

    for (int i = 1; i < argc; i++) {
        bool found = strcmp(argv[i], "--json") == 0;
        for (size_t k = 0; !found && k < sizeof with_value / sizeof with_value[0]; k++) {
            size_t len = strlen(with_value[k]);
            if (strncmp(argv[i], "--", 2) != 0 || strncmp(argv[i] + 2, with_value[k], len) != 0)
                continue;
            found = argv[i][2 + len] == '=' || argv[i][2 + len] == '\0';
            i += found && argv[i][2 + len] == '\0';
        }
        if (!found)
            return false;
    }
    return true;
}

int gp_cmd_verify(int argc, char **argv)
{
    static const struct argp parser = {
        .options = verify_options,
        .parser = on_option,
        .doc = N_("Walks the journal's whole chain of hashes, and compares it with a signed head "
                  "from before."),
        .children = children,
    };

    if (gp_stores_is_asked(argc, argv))
        return gp_cmd_verify_store(argc, argv);
    return is_about_chain(argc, argv) ? start(argc, argv, &parser, run_verify)
                                      : gp_cmd_act(argc, argv);
}

/* ---------------------------------------------------------------- head */

static int print_head(struct chain *chain, const struct gp_saved_head *head)
{
    json_t *object = gp_proof_head_json(head);

    if (chain->path == NULL) {
        gp_cli_print_json(object);
        return GP_EXIT_DONE;
    }
    char *text = json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER);
    json_decref(object);
    int code = text != NULL ? gp_save_or_say(chain->path, gp_span_of(text), 0644) : GP_EXIT_FAILED;
    free(text);
    return code;
}

static int run_head(struct chain *chain)
{
    struct gp_request request = {.kind = GP_REQUEST_HEAD};
    struct gp_saved_head head;
    struct gp_reply reply;
    int code = gp_cli_call(&chain->cli, &request, 0, &reply);

    if (code != GP_EXIT_DONE)
        return code;
    head = (struct gp_saved_head){.head = {.seq = reply.head.seq, .at_ms = reply.head.at_ms}};
    memcpy(head.head.hash, reply.head.hash, GP_DIGEST_BYTES);
    memcpy(head.signature, reply.head.signature, GP_SIGNATURE_BYTES);
    memcpy(head.key, reply.head.key, GP_KEY_BYTES);
    code = check_signature(chain, &head);
    return code == GP_EXIT_DONE ? print_head(chain, &head) : code;
}

static const struct argp_option head_options[] = {
    {"output", OPT_OUTPUT, "FILE", 0, N_("into this file, whole or not at all"), 0},
    {"key", OPT_KEY, "KEY", 0, N_("the server's signing key (default: that of the identity)"), 0},
    {0},
};

int gp_cmd_head(int argc, char **argv)
{
    static const struct argp parser = {
        .options = head_options,
        .parser = on_option,
        .doc = N_("The journal's last entry with its hash, signed by the server: one JSON object. "
                  "Kept on another machine, it shows later whether the journal was changed: "
                  "gridpost verify --head FILE."),
        .children = children,
    };

    return start(argc, argv, &parser, run_head);
}
