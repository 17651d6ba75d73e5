#include "gridpost/proof.h"

#include "gridpost/save.h"

#include <stdlib.h>
#include <string.h>

#define RECEIPT_FORMAT "gridpost receipt 1"
#define HEAD_FORMAT    "gridpost head 1"

/* ---------------------------------------------------------------- bytes as text */

json_t *gp_proof_hex(const void *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *from = bytes;
    char *text = malloc(2 * len + 1);

    if (text == NULL)
        return NULL;
    for (size_t i = 0; i < len; i++) {
        text[2 * i] = digits[from[i] >> 4];
        text[2 * i + 1] = digits[from[i] & 15];
    }
    json_t *string = json_stringn(text, 2 * len);
    free(text);
    return string;
}

static int digit_of(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c != '\0' ? strchr(digits, c) : NULL;

    return at != NULL ? (int)(at - digits) : -1;
}

static bool read_hex(const json_t *string, unsigned char *ret_bytes, size_t len)
{
    const char *text = json_string_value(string);

    if (text == NULL || json_string_length(string) != 2 * len)
        return false;
    for (size_t i = 0; i < len; i++) {
        int high = digit_of(text[2 * i]), low = digit_of(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        ret_bytes[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

static bool read_number(const json_t *number, uint64_t most, uint64_t *ret_value)
{
    json_int_t value = json_integer_value(number);

    if (!json_is_integer(number) || value < 0 || (uint64_t)value > most)
        return false;
    *ret_value = (uint64_t)value;
    return true;
}

static bool read_key(const json_t *string, unsigned char ret_key[GP_KEY_BYTES])
{
    return json_is_string(string) &&
           gp_key_parse(gp_span_of(json_string_value(string)), ret_key) == 0;
}

static json_t *key_json(const unsigned char key[GP_KEY_BYTES])
{
    char text[GP_KEY_TEXT];

    gp_key_format(key, text);
    return json_string(text);
}

/* ---------------------------------------------------------------- files */

/* Of many lines, for people look at it, too. */
static int save(const char *path, json_t *object)
{
    char *text = object != NULL ? json_dumps(object, JSON_INDENT(2) | JSON_PRESERVE_ORDER) : NULL;
    char *line = text != NULL ? realloc(text, strlen(text) + 2) : NULL;
    int code = GP_EXIT_FAILED;

    json_decref(object);
    if (line == NULL) {
        free(text);
        fprintf(stderr, "gridpost: %s\n", gp_error_text(GP_ENOMEM));
        return code;
    }
    strcat(line, "\n");
    code = gp_save_or_say(path, gp_span_of(line), 0600);
    free(line);
    return code;
}

static int say_no_proof(const char *path, const char *what)
{
    fprintf(stderr, _("gridpost: %s: %s\n"), path, what);
    return GP_EXIT_FAILED;
}

static int load(const char *path, const char *format, json_t **ret_object)
{
    struct gp_span text;
    int code = gp_read_or_say(path, &text);

    if (code != GP_EXIT_DONE)
        return code;
    json_t *object = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, NULL);
    const char *says = json_string_value(json_object_get(object, "format"));
    free((void *)(uintptr_t)text.ptr);
    if (says != NULL && strcmp(says, format) == 0) {
        *ret_object = object;
        return GP_EXIT_DONE;
    }
    json_decref(object);
    return say_no_proof(path, _("this is no such file, or it is damaged"));
}

/* ---------------------------------------------------------------- receipts */

static json_t *path_json(const struct gp_receipt *receipt)
{
    json_t *path = json_array();

    for (uint8_t i = 0; i < receipt->path_len; i++)
        json_array_append_new(path, gp_proof_hex(receipt->path[i], GP_DIGEST_BYTES));
    return path;
}

int gp_proof_save(const char *path, struct gp_span request, const struct gp_reply *reply)
{
    const struct gp_receipt *receipt = &reply->answer.receipt;
    json_t *object = json_object();
    int64_t at_ms = reply->answer.at_ms;

    if (!receipt->present) {
        json_decref(object);
        return say_no_proof(path, _("the daemon has given no receipt"));
    }
    json_object_set_new(object, "format", json_string(RECEIPT_FORMAT));
    json_object_set_new(object, "incident", json_integer((json_int_t)reply->answer.incident));
    json_object_set_new(object, "seq", json_integer((json_int_t)reply->answer.seq));
    json_object_set_new(object, "at", gp_show_time(at_ms, gp_show_zone(at_ms)));
    json_object_set_new(object, "at_ms", json_integer(at_ms));
    json_object_set_new(object, "request", gp_proof_hex(request.ptr, request.len));
    json_object_set_new(object, "request_hash",
                        gp_proof_hex(receipt->request_hash, GP_DIGEST_BYTES));
    json_object_set_new(object, "index", json_integer(receipt->index));
    json_object_set_new(object, "count", json_integer(receipt->count));
    json_object_set_new(object, "path", path_json(receipt));
    json_object_set_new(object, "signature", gp_proof_hex(receipt->signature, GP_SIGNATURE_BYTES));
    json_object_set_new(object, "key", key_json(receipt->key));
    return save(path, object);
}

static bool read_path(const json_t *path, struct gp_proof *proof)
{
    size_t len = json_array_size(path);

    if (!json_is_array(path) || len > GP_PROOF_PATH_MAX)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (!read_hex(json_array_get(path, i), proof->path[i], GP_DIGEST_BYTES))
            return false;
    }
    proof->path_len = (uint8_t)len;
    return true;
}

/* The request's bytes are what the hash is of: the hash in the file is for people. */
static bool read_request(const json_t *string, struct gp_arena *arena,
                         struct gp_saved_receipt *receipt)
{
    size_t len = json_string_length(string) / 2;
    unsigned char *bytes;

    if (!json_is_string(string) || len == 0 || len > GP_MESSAGE_BYTES_MAX)
        return false;
    bytes = gp_arena_alloc(arena, len);
    if (bytes == NULL || !read_hex(string, bytes, len))
        return false;
    receipt->request = (struct gp_span){(const char *)bytes, len};
    gp_request_hash(receipt->request, receipt->leaf.request_hash);
    return true;
}

static bool read_receipt(const json_t *object, struct gp_arena *arena,
                         struct gp_saved_receipt *receipt)
{
    uint64_t at_ms = 0, index = 0, count = 0;
    bool good = read_request(json_object_get(object, "request"), arena, receipt) &&
                read_number(json_object_get(object, "seq"), INT64_MAX, &receipt->leaf.seq) &&
                read_number(json_object_get(object, "at_ms"), INT64_MAX, &at_ms) &&
                read_number(json_object_get(object, "index"), UINT32_MAX, &index) &&
                read_number(json_object_get(object, "count"), UINT32_MAX, &count) &&
                read_path(json_object_get(object, "path"), &receipt->proof) &&
                read_hex(json_object_get(object, "signature"), receipt->proof.signature,
                         GP_SIGNATURE_BYTES) &&
                read_key(json_object_get(object, "key"), receipt->key);

    receipt->leaf.at_ms = (int64_t)at_ms;
    receipt->proof.index = (uint32_t)index;
    receipt->proof.count = (uint32_t)count;
    return good;
}

int gp_proof_load(const char *path, struct gp_arena *arena, struct gp_saved_receipt *ret_receipt)
{
    struct gp_saved_receipt receipt = {0};
    json_t *object;
    int code = load(path, RECEIPT_FORMAT, &object);

    if (code != GP_EXIT_DONE)
        return code;
    bool good = read_receipt(object, arena, &receipt);
    json_decref(object);
    if (!good)
        return say_no_proof(path, _("this is no such file, or it is damaged"));
    *ret_receipt = receipt;
    return GP_EXIT_DONE;
}

/* ---------------------------------------------------------------- heads */

json_t *gp_proof_head_json(const struct gp_saved_head *head)
{
    json_t *object = json_object();
    int64_t at_ms = head->head.at_ms;

    json_object_set_new(object, "format", json_string(HEAD_FORMAT));
    json_object_set_new(object, "seq", json_integer((json_int_t)head->head.seq));
    json_object_set_new(object, "at", gp_show_time(at_ms, gp_show_zone(at_ms)));
    json_object_set_new(object, "at_ms", json_integer(at_ms));
    json_object_set_new(object, "hash", gp_proof_hex(head->head.hash, GP_DIGEST_BYTES));
    json_object_set_new(object, "signature", gp_proof_hex(head->signature, GP_SIGNATURE_BYTES));
    json_object_set_new(object, "key", key_json(head->key));
    return object;
}

int gp_proof_load_head(const char *path, struct gp_saved_head *ret_head)
{
    struct gp_saved_head head = {0};
    uint64_t at_ms = 0;
    json_t *object;
    int code = load(path, HEAD_FORMAT, &object);

    if (code != GP_EXIT_DONE)
        return code;
    bool good =
        read_number(json_object_get(object, "seq"), INT64_MAX, &head.head.seq) &&
        read_number(json_object_get(object, "at_ms"), INT64_MAX, &at_ms) &&
        read_hex(json_object_get(object, "hash"), head.head.hash, GP_DIGEST_BYTES) &&
        read_hex(json_object_get(object, "signature"), head.signature, GP_SIGNATURE_BYTES) &&
        read_key(json_object_get(object, "key"), head.key);
    json_decref(object);
    if (!good)
        return say_no_proof(path, _("this is no such file, or it is damaged"));
    head.head.at_ms = (int64_t)at_ms;
    *ret_head = head;
    return GP_EXIT_DONE;
}

/* ---------------------------------------------------------------- whose signature */

int gp_proof_key(struct gp_cli *cli, const char *given, const unsigned char own[GP_KEY_BYTES],
                 unsigned char ret_key[GP_KEY_BYTES])
{
    int code = GP_EXIT_DONE;

    if (given != NULL) {
        if (gp_key_parse(gp_span_of(given), ret_key) == 0)
            return GP_EXIT_DONE;
        fprintf(stderr, _("gridpost: '%s' is no key\n"), given);
        return GP_EXIT_USAGE;
    }
    code = gp_cli_load_identity(cli);
    if (code != GP_EXIT_DONE)
        return code;
    if (cli->sealed) {
        memcpy(ret_key, cli->known.sign, GP_KEY_BYTES);
        return GP_EXIT_DONE;
    }
    memcpy(ret_key, own, GP_KEY_BYTES);
    fputs(_("gridpost: checked against the key in the file itself, which proves nothing about who "
            "wrote it: give --key or --identity\n"),
          stderr);
    return GP_EXIT_DONE;
}
