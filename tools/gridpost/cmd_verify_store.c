/* verify --store: looks through a whole store. */
#include "gridpost/stores.h"

#include "inspect/inspect.h"

#include <inttypes.h>
#include <string.h>

struct look {
    const char *path, *scratch;
    bool json;
};

bool gp_stores_is_asked(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--store", 7) == 0 && (argv[i][7] == '\0' || argv[i][7] == '='))
            return true;
    }
    return false;
}

int gp_stores_failed(const char *path, int error)
{
    const char *text = gp_error_text(error);

    if (error == GP_ELOCKED)
        text = _("a gridpostd has it open");
    else if (error == GP_EEXIST)
        text = _("something is there already: name a new folder");
    else if (error == GP_EVERSION)
        text = _("not a store of this version of gridpost");
    fprintf(stderr, "gridpost: %s: %s\n", path, text);
    if (error == GP_ELOCKED)
        return GP_EXIT_TRY_AGAIN;
    return error == GP_ENOTFOUND ? GP_EXIT_NOT_FOUND : GP_EXIT_FAILED;
}

void gp_stores_progress(const char *part, uint64_t done, uint64_t of)
{
    gp_inspect_print_progress(part, done, of);
}

static void on_part(void *context, const char *part, uint64_t done, uint64_t of)
{
    (void)context;
    gp_inspect_print_progress(part, done, of);
}

static json_t *hex(const unsigned char *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    char text[2 * GP_FLAW_KEY_BYTES];

    for (size_t i = 0; i < len; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    return json_stringn(text, 2 * len);
}

static void add_place(json_t *object, const struct gp_flaw *flaw)
{
    if (flaw->file[0] != '\0') {
        json_object_set_new(object, "file", json_string(flaw->file));
        json_object_set_new(object, "offset", json_integer((json_int_t)flaw->offset));
    }
    if (flaw->first == 0)
        return;
    json_object_set_new(object, "first", json_integer((json_int_t)flaw->first));
    json_object_set_new(object, "last",
                        flaw->last == UINT64_MAX ? json_null()
                                                 : json_integer((json_int_t)flaw->last));
}

static void print_json(const struct gp_flaw *flaw)
{
    json_t *object = json_pack("{s:s, s:s}", "what", gp_flaw_name(flaw->kind), "text", flaw->text);
    char key[200];

    if (flaw->table >= 0)
        json_object_set_new(object, "table",
                            json_string(gp_table_name((enum gp_table)flaw->table)));
    if (flaw->key_bytes > 0) {
        gp_key_text((enum gp_table)flaw->table, flaw->key, flaw->key_bytes, key, sizeof key);
        json_object_set_new(object, "row", json_string(key));
        json_object_set_new(object, "key", hex(flaw->key, flaw->key_bytes));
    }
    add_place(object, flaw);
    gp_cli_print_json(object);
}

static void on_flaw(void *context, const struct gp_flaw *flaw)
{
    const struct look *look = context;

    gp_inspect_print_progress(NULL, 0, 0);
    if (look->json)
        print_json(flaw);
    else
        gp_inspect_print(stdout, flaw);
}

static void print_end(const struct look *look, const struct gp_inspected *inspected)
{
    if (!look->json) {
        gp_inspect_print_end(stdout, inspected);
        return;
    }
    gp_cli_print_json(json_pack(
        "{s:b, s:I, s:I, s:o, s:I, s:I, s:I}", "whole", inspected->flaws == 0, "findings",
        (json_int_t)inspected->flaws, "entries", (json_int_t)inspected->entries, "hash",
        hex(inspected->hash, GP_HASH_BYTES), "rows", (json_int_t)inspected->rows, "texts",
        (json_int_t)inspected->texts.kept, "erased", (json_int_t)inspected->texts.erased));
}

static int run(struct look *look)
{
    const struct gp_inspect_options options = {.path = look->path,
                                               .scratch = look->scratch,
                                               .flaw = on_flaw,
                                               .progress = on_part,
                                               .context = look};
    struct gp_inspected inspected;
    int rc = gp_inspect(&options, &inspected);

    gp_inspect_print_progress(NULL, 0, 0);
    if (rc != 0)
        return gp_stores_failed(look->path, rc);
    print_end(look, &inspected);
    return inspected.flaws > 0 ? GP_EXIT_FAILED : GP_EXIT_DONE;
}

enum { OPT_STORE = 256, OPT_JSON, OPT_SCRATCH };
static const struct argp_option options[] = {
    {"store", OPT_STORE, "DIR", 0, N_("a store that no daemon has open"), 0},
    {"scratch", OPT_SCRATCH, "DIR", 0,
     N_("where there is as much room as the store takes (default: TMPDIR, else /var/tmp)"), 0},
    {"json", OPT_JSON, NULL, 0, N_("one JSON object per line"), 0},
    {0},
};

static error_t on_option(int key, char *value, struct argp_state *state)
{
    struct look *look = state->input;

    switch (key) {
    case OPT_STORE:
        look->path = value;
        return 0;
    case OPT_SCRATCH:
        look->scratch = value;
        return 0;
    case OPT_JSON:
        look->json = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int gp_cmd_verify_store(int argc, char **argv)
{
    static const struct argp parser = {
        .options = options,
        .parser = on_option,
        .doc = N_("Looks through a whole store: every row, every record of the journal, the chain "
                  "of hashes, the tables against the journal. What is damaged is named."),
    };
    struct look look = {0};

    (void)argp_parse(&parser, argc, argv, 0, NULL, &look); /* exits on a mistake */
    return run(&look);
}
