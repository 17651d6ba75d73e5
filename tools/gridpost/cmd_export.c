/*
 * export: everything in a store as lines of JSON, so that it can be read without gridpost, and
 * without it once a store is made from it again (cmd_import_store.c):
 *
 *   {"gridpost":"store","version":1,"kind":"real","head":9,"hash":"…","at":"…"}
 *   {"seq":1,"hash":"…","entry":{…},"bytes":"…"}          every entry in its order
 *   {"table":"personal","key":"…","value":"…"}            what no entry says, by table and key
 *   {"lines":12,"digest":"…"}                             BLAKE2b-256 over all bytes before this
 * line
 *
 * Hashes, keys and digests are hex, bytes and values base64. `bytes` is what counts; `entry` is for
 * people. The same store gives the same bytes.
 */
#include "gridpost/stores.h"

#include "inspect/transfer.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct out {
    const char *path, *file; /* file "-": standard output */
    char made[512];          /* where it is written until it is whole */
    FILE *to;
    crypto_generichash_state digest;
    uint64_t lines;
    struct gp_export_head head;
};

/* ---------------------------------------------------------------- lines */

static json_t *hex(const void *bytes, size_t len)
{
    char *text = malloc(2 * len + 1);
    json_t *string;

    if (text == NULL)
        return NULL;
    string = json_string(sodium_bin2hex(text, 2 * len + 1, bytes, len));
    free(text);
    return string;
}

static json_t *base64(struct gp_span bytes)
{
    size_t room = sodium_base64_ENCODED_LEN(bytes.len, sodium_base64_VARIANT_ORIGINAL);
    char *text = malloc(room);
    json_t *string;

    if (text == NULL)
        return NULL;
    string = json_string(sodium_bin2base64(text, room, (const unsigned char *)bytes.ptr, bytes.len,
                                           sodium_base64_VARIANT_ORIGINAL));
    free(text);
    return string;
}

static bool put_line(struct out *out, json_t *object)
{
    char *text = object != NULL ? json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
    bool done = text != NULL;

    json_decref(object);
    if (done) {
        size_t len = strlen(text);
        text[len] = '\n'; /* in place of its NUL */
        (void)crypto_generichash_update(&out->digest, (const unsigned char *)text, len + 1);
        done = fwrite(text, 1, len + 1, out->to) == len + 1;
        out->lines++;
    }
    free(text);
    return done;
}

static bool put_head(struct out *out)
{
    return put_line(out,
                    json_pack("{s:s, s:i, s:s, s:I, s:o, s:o}", "gridpost", "store", "version", 1,
                              "kind", out->head.drill ? "drill" : "real", "head",
                              (json_int_t)out->head.seq, "hash", hex(out->head.hash, GP_HASH_BYTES),
                              "at", gp_show_time(out->head.at_ms, 0)));
}

static bool put_item(struct out *out, const struct gp_export_item *item)
{
    if (item->seq != 0)
        return put_line(out, json_pack("{s:I, s:o, s:o, s:o}", "seq", (json_int_t)item->seq, "hash",
                                       hex(item->hash, GP_HASH_BYTES), "entry",
                                       gp_show_entry(item->entry, 0, NULL, NULL), "bytes",
                                       base64(item->bytes)));
    return put_line(out,
                    json_pack("{s:s, s:o, s:o}", "table", gp_table_name(item->table), "key",
                              hex(item->key.ptr, item->key.len), "value", base64(item->value)));
}

static bool put_end(struct out *out)
{
    unsigned char digest[GP_STORE_DIGEST_BYTES];
    json_int_t lines = (json_int_t)out->lines;

    (void)crypto_generichash_final(&out->digest, digest, sizeof digest);
    return put_line(out,
                    json_pack("{s:I, s:o}", "lines", lines, "digest", hex(digest, sizeof digest)));
}

/* ---------------------------------------------------------------- all of it */

static int say_unwritten(const struct out *out)
{
    fprintf(stderr, "gridpost: %s: %s\n", out->file, strerror(errno));
    return GP_EXIT_FAILED;
}

static int write_all(struct out *out, struct gp_export *export)
{
    struct gp_export_item item;
    uint64_t done = 0;
    int rc;

    if (!put_head(out))
        return say_unwritten(out);
    while ((rc = gp_export_next(export, &item)) == 0) {
        if (!put_item(out, &item))
            return say_unwritten(out);
        if (++done % 1000 == 0)
            gp_stores_progress(_("entries"), done, out->head.seq);
    }
    if (rc != GP_ENOTFOUND) {
        gp_stores_progress(NULL, 0, 0);
        fprintf(stderr,
                _("gridpost: %s: damaged behind line %" PRIu64 ": %s; gridpost verify "
                  "--store says more\n"),
                out->path, out->lines, gp_error_text(rc));
        return GP_EXIT_FAILED;
    }
    return put_end(out) && fflush(out->to) == 0 ? GP_EXIT_DONE : say_unwritten(out);
}

static int open_file(struct out *out)
{
    if (strcmp(out->file, "-") == 0) {
        out->to = stdout;
        return GP_EXIT_DONE;
    }
    if (snprintf(out->made, sizeof out->made, "%s.XXXXXX", out->file) >= (int)sizeof out->made) {
        errno = ENAMETOOLONG;
        return say_unwritten(out);
    }
    int fd = mkstemp(out->made); /* of mode 0600: there are texts of people in it */
    out->to = fd >= 0 ? fdopen(fd, "w") : NULL;
    return out->to != NULL ? GP_EXIT_DONE : say_unwritten(out);
}

/* Whole and on the disk, or not there. */
static int close_file(struct out *out, int code)
{
    if (out->to == NULL || out->to == stdout)
        return code;
    if (code == GP_EXIT_DONE && fsync(fileno(out->to)) != 0)
        code = say_unwritten(out);
    if (fclose(out->to) != 0 && code == GP_EXIT_DONE)
        code = say_unwritten(out);
    if (code == GP_EXIT_DONE && rename(out->made, out->file) != 0)
        code = say_unwritten(out);
    if (code != GP_EXIT_DONE)
        (void)unlink(out->made); /* what is left of it is of no use */
    return code;
}

static int run(struct out *out)
{
    struct gp_export *export = NULL;
    int rc = sodium_init() >= 0 ? gp_export_open(out->path, &export, &out->head) : GP_EIO;
    int code;

    if (rc != 0)
        return gp_stores_failed(out->path, rc);
    (void)crypto_generichash_init(&out->digest, NULL, 0, GP_STORE_DIGEST_BYTES);
    code = open_file(out);
    if (code == GP_EXIT_DONE)
        code = write_all(out, export);
    gp_stores_progress(NULL, 0, 0);
    gp_export_close(export);
    return close_file(out, code);
}

enum { OPT_STORE = 256, OPT_OUTPUT };
static const struct argp_option options[] = {
    {"store", OPT_STORE, "DIR", 0, N_("a store that no daemon has open"), 0},
    {"output", OPT_OUTPUT, "FILE", 0, N_("into this file, whole or not at all"), 0},
    {0},
};

static error_t on_option(int key, char *value, struct argp_state *state)
{
    struct out *out = state->input;

    switch (key) {
    case OPT_STORE:
        out->path = value;
        return 0;
    case OPT_OUTPUT:
        out->file = value;
        return 0;
    case ARGP_KEY_END:
        if (out->path == NULL)
            argp_error(state, "%s", _("name the store by --store"));
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int gp_cmd_export(int argc, char **argv)
{
    static const struct argp parser = {
        .options = options,
        .parser = on_option,
        .doc = N_("Writes everything that is in a store as lines of JSON, from which gridpost "
                  "import --store makes the same store again. There are texts of people in it."),
    };
    struct out *out = calloc(1, sizeof *out); /* large */
    int code = GP_EXIT_FAILED;

    if (out == NULL)
        return code;
    out->file = "-";
    (void)argp_parse(&parser, argc, argv, 0, NULL, out); /* exits on a mistake */
    code = run(out);
    free(out);
    return code;
}
