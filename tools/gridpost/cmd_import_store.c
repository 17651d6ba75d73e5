/* import --store: a new store from what export has written (cmd_export.c has the lines). */
#include "gridpost/stores.h"

#include "inspect/transfer.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES_MAX ((size_t)64 << 20) /* an entry of 16 MiB in base64, and as text */

struct in {
    const char *path, *file; /* file "-": standard input */
    FILE *from;
    char *line;
    size_t room;
    uint64_t lines; /* that were read */
    crypto_generichash_state digest;
    struct gp_import *import;
    uint64_t head;
    unsigned char hash[GP_HASH_BYTES];
    bool ended;
    unsigned char *bytes; /* of base64 that was read */
    size_t bytes_room;
};

/* ---------------------------------------------------------------- fields */

static int say_line(const struct in *in, const char *what)
{
    fprintf(stderr, _("gridpost: %s, line %" PRIu64 ": %s; nothing was made\n"), in->file,
            in->lines, what);
    return GP_EXIT_FAILED;
}

static bool read_hex(const json_t *line, const char *name, unsigned char *ret_bytes, size_t room,
                     size_t *ret_len)
{
    const char *text = json_string_value(json_object_get(line, name)), *end;

    return text != NULL &&
           sodium_hex2bin(ret_bytes, room, text, strlen(text), NULL, ret_len, &end) == 0 &&
           *end == '\0';
}

static bool read_hash(const json_t *line, const char *name, unsigned char ret_hash[GP_HASH_BYTES])
{
    size_t len;
    return read_hex(line, name, ret_hash, GP_HASH_BYTES, &len) && len == GP_HASH_BYTES;
}

static bool read_bytes(struct in *in, const json_t *line, const char *name,
                       struct gp_span *ret_bytes)
{
    const char *text = json_string_value(json_object_get(line, name)), *end;
    size_t len = text != NULL ? strlen(text) : 0, got;

    if (text == NULL)
        return false;
    if (len > in->bytes_room) {
        unsigned char *grown = realloc(in->bytes, 2 * len);
        if (grown == NULL)
            return false;
        in->bytes = grown;
        in->bytes_room = 2 * len;
    }
    *ret_bytes = (struct gp_span){"", 0};
    if (len == 0)
        return true;
    if (sodium_base642bin(in->bytes, in->bytes_room, text, len, NULL, &got, &end,
                          sodium_base64_VARIANT_ORIGINAL) != 0 ||
        *end != '\0')
        return false;
    *ret_bytes = (struct gp_span){(const char *)in->bytes, got};
    return true;
}

static bool read_number(const json_t *line, const char *name, uint64_t *ret_value)
{
    const json_t *value = json_object_get(line, name);

    *ret_value = (uint64_t)json_integer_value(value);
    return json_is_integer(value) && json_integer_value(value) >= 0;
}

/* ---------------------------------------------------------------- lines */

static int take_head(struct in *in, const json_t *line)
{
    const char *what = json_string_value(json_object_get(line, "gridpost"));
    const char *kind = json_string_value(json_object_get(line, "kind"));
    uint64_t version;

    if (what == NULL || strcmp(what, "store") != 0 || kind == NULL ||
        !read_number(line, "version", &version) || !read_number(line, "head", &in->head) ||
        !read_hash(line, "hash", in->hash))
        return say_line(in, _("this is no export of a store"));
    if (version != 1)
        return say_line(in, _("this export is of a newer gridpost"));
    int rc = gp_import_open(in->path, strcmp(kind, "drill") == 0, &in->import);
    return rc == 0 ? GP_EXIT_DONE : gp_stores_failed(in->path, rc);
}

static int say_piece(const struct in *in, int rc)
{
    if (rc == GP_ECORRUPT || rc == GP_EFORMAT || rc == GP_EUTF8)
        return say_line(in, _("it is not what follows from the lines before it"));
    return say_line(in, gp_error_text(rc));
}

static int take_entry(struct in *in, const json_t *line)
{
    unsigned char hash[GP_HASH_BYTES];
    struct gp_span bytes;
    uint64_t seq;

    if (!read_number(line, "seq", &seq) || !read_hash(line, "hash", hash) ||
        !read_bytes(in, line, "bytes", &bytes))
        return say_line(in, _("it is no line of an export"));
    int rc = gp_import_entry(in->import, seq, bytes, hash);
    if (seq % 1000 == 0)
        gp_stores_progress(_("entries"), seq, in->head);
    return rc == 0 ? GP_EXIT_DONE : say_piece(in, rc);
}

static int take_row(struct in *in, const json_t *line)
{
    const char *name = json_string_value(json_object_get(line, "table"));
    unsigned char key[64];
    struct gp_span value;
    size_t len;
    int table = 0;

    while (table < GP_TABLE_COUNT &&
           (name == NULL || strcmp(gp_table_name((enum gp_table)table), name) != 0))
        table++;
    if (table == GP_TABLE_COUNT || !read_hex(line, "key", key, sizeof key, &len) ||
        !read_bytes(in, line, "value", &value))
        return say_line(in, _("it is no line of an export"));
    int rc = gp_import_row(in->import, (enum gp_table)table,
                           (struct gp_span){(const char *)key, len}, value);
    return rc == 0 ? GP_EXIT_DONE : say_piece(in, rc);
}

static int take_end(struct in *in, const json_t *line, const unsigned char *digest)
{
    unsigned char said[GP_STORE_DIGEST_BYTES];
    uint64_t lines;

    if (!read_number(line, "lines", &lines) || !read_hash(line, "digest", said) ||
        lines != in->lines - 1 || memcmp(said, digest, sizeof said) != 0)
        return say_line(in, _("the lines before it are not all, or other ones"));
    in->ended = true;
    return GP_EXIT_DONE;
}

/* `digest` is of all lines before this one. */
static int take(struct in *in, const json_t *line, const unsigned char *digest)
{
    if (in->ended)
        return say_line(in, _("the export has ended before it"));
    if (in->lines == 1)
        return take_head(in, line);
    if (json_object_get(line, "seq") != NULL)
        return take_entry(in, line);
    return json_object_get(line, "table") != NULL ? take_row(in, line) : take_end(in, line, digest);
}

/* ---------------------------------------------------------------- all of it */

static int take_line(struct in *in, size_t len)
{
    crypto_generichash_state copy = in->digest;
    unsigned char digest[GP_STORE_DIGEST_BYTES];
    json_t *line = json_loadb(in->line, len, JSON_REJECT_DUPLICATES, NULL);
    int code;

    in->lines++;
    if (!json_is_object(line))
        code = say_line(in, _("it is no line of an export"));
    else {
        (void)crypto_generichash_final(&copy, digest, sizeof digest);
        code = take(in, line, digest);
    }
    json_decref(line);
    (void)crypto_generichash_update(&in->digest, (const unsigned char *)in->line, len);
    return code;
}

static bool grow_line(struct in *in)
{
    size_t room = in->room == 0 ? 65536 : 2 * in->room;
    char *grown = realloc(in->line, room);

    if (grown == NULL)
        return false;
    in->line = grown;
    in->room = room;
    return true;
}

/* A line with its end, or what the file ends with; 0: nothing is left. getline would read one of
 * any length. */
static int read_line(struct in *in, size_t *ret_len)
{
    size_t len = 0;
    int byte = 0;

    while (byte != '\n' && (byte = getc_unlocked(in->from)) != EOF) {
        if (len == LINE_BYTES_MAX) {
            in->lines++;
            return say_line(in, _("it is too long"));
        }
        if (len == in->room && !grow_line(in))
            return say_line(in, gp_error_text(GP_ENOMEM));
        in->line[len++] = (char)byte;
    }
    *ret_len = len;
    return ferror(in->from) ? say_line(in, strerror(errno)) : GP_EXIT_DONE;
}

static int take_all(struct in *in)
{
    int code;
    size_t len = 0;

    while ((code = read_line(in, &len)) == GP_EXIT_DONE && len > 0 &&
           (code = take_line(in, len)) == GP_EXIT_DONE)
        ;
    if (code == GP_EXIT_DONE && !in->ended)
        code = say_line(in, _("the file ends here, and lines are missing"));
    if (code != GP_EXIT_DONE)
        return code;
    int rc = gp_import_finish(in->import, in->head, in->hash);
    if (rc == GP_ECORRUPT)
        return say_line(in, _("its journal ends elsewhere than its first line says"));
    if (rc == GP_EFORMAT)
        return say_line(in, _("a row of meta is not what its journal says"));
    return rc == 0 ? GP_EXIT_DONE : gp_stores_failed(in->path, rc);
}

static int run(struct in *in)
{
    int code;

    in->from = strcmp(in->file, "-") == 0 ? stdin : fopen(in->file, "re");
    if (in->from == NULL) {
        fprintf(stderr, "gridpost: %s: %s\n", in->file, strerror(errno));
        return errno == ENOENT ? GP_EXIT_NOT_FOUND : GP_EXIT_FAILED;
    }
    if (sodium_init() < 0)
        return GP_EXIT_FAILED;
    (void)crypto_generichash_init(&in->digest, NULL, 0, GP_STORE_DIGEST_BYTES);
    code = take_all(in);
    gp_stores_progress(NULL, 0, 0);
    if (code == GP_EXIT_DONE)
        printf(_("%" PRIu64 " entries, head as exported\n"), in->head);
    gp_import_close(in->import);
    if (in->from != stdin)
        (void)fclose(in->from); /* only read */
    free(in->line);
    free(in->bytes);
    return code;
}

enum { OPT_STORE = 256 };
static const struct argp_option options[] = {
    {"store", OPT_STORE, "DIR", 0, N_("the new store, which must not be there"), 0},
    {0},
};

static error_t on_option(int key, char *value, struct argp_state *state)
{
    struct in *in = state->input;

    switch (key) {
    case OPT_STORE:
        in->path = value;
        return 0;
    case ARGP_KEY_ARG:
        if (in->file != NULL)
            argp_error(state, "%s", _("name one file"));
        in->file = value;
        return 0;
    case ARGP_KEY_END:
        if (in->file == NULL)
            argp_error(state, "%s", _("name the file that export has written, or -"));
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int gp_cmd_import_store(int argc, char **argv)
{
    static const struct argp parser = {
        .options = options,
        .parser = on_option,
        .args_doc = N_("FILE"),
        .doc = N_("Makes a store from what gridpost export has written: numbers, hashes and texts "
                  "are checked, and the store is there when all of it was well."),
    };
    struct in in = {0};

    (void)argp_parse(&parser, argc, argv, 0, NULL, &in); /* exits on a mistake */
    return run(&in);
}
