/*
 * Files as offices keep them: UTF-8 with or without byte-order mark, else GB18030 as Excel and WPS
 * export it; line ends of any kind. One file has one encoding: a line of another is a mistake.
 */
#include "org/loader.h"

#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>

/* What passes is no mistake in the file. */
static int open_error(void)
{
    switch (errno) {
    case ENOENT:
    case ENOTDIR:
        return GP_ENOTFOUND;
    case ENOMEM:
        return GP_ENOMEM;
    case EMFILE:
    case ENFILE:
        return GP_EAGAIN;
    default:
        return GP_EIO;
    }
}

static int read_file(struct gp_loader *loader, const char *file, char **ret_data, size_t *ret_len)
{
    char path[4096];
    FILE *stream;
    char *data = NULL;
    size_t len = 0, capacity = 0, got;

    if (snprintf(path, sizeof path, "%s/%s", loader->folder, file) >= (int)sizeof path)
        return GP_ELIMIT;
    stream = fopen(path, "rbe");
    if (stream == NULL)
        return open_error();
    do {
        if (len + 65536 > capacity) {
            capacity = capacity == 0 ? 131072 : capacity * 2;
            char *more = capacity <= GP_CONFIG_FILE_BYTES_MAX ? realloc(data, capacity) : NULL;
            if (more == NULL) {
                free(data);
                (void)fclose(stream);
                return capacity <= GP_CONFIG_FILE_BYTES_MAX ? GP_ENOMEM : GP_ELIMIT;
            }
            data = more;
        }
        got = fread(data + len, 1, 65536, stream);
        len += got;
    } while (got > 0);
    int rc = ferror(stream) ? GP_EIO : 0;
    (void)fclose(stream); /* only read from */
    if (rc != 0) {
        free(data);
        return rc;
    }
    *ret_data = data;
    *ret_len = len;
    return 0;
}

/*
 * GB18030 to UTF-8: at most three bytes for two. Errors: GP_ENOMEM; GP_EUTF8: *ret_text is what
 * came before the bytes that are no GB18030, so that its line ends tell the line.
 */
static int decode(struct gp_loader *loader, struct gp_span raw, struct gp_span *ret_text)
{
    size_t room = raw.len * 2 + 16, left = room;
    char *text = gp_arena_alloc(loader->arena, room);
    char *in = (char *)(uintptr_t)raw.ptr, *out = text;
    iconv_t conversion = text != NULL ? iconv_open("UTF-8", "GB18030") : (iconv_t)-1;

    if (conversion == (iconv_t)-1)
        return GP_ENOMEM;
    size_t rc = iconv(conversion, &in, &raw.len, &out, &left);
    (void)iconv_close(conversion); /* fails for a bad descriptor only */
    *ret_text = (struct gp_span){text, room - left};
    return rc != (size_t)-1 && gp_utf8_valid(*ret_text) ? 0 : GP_EUTF8;
}

static size_t normalise_lines(char *text, size_t len)
{
    size_t to = 0;

    for (size_t from = 0; from < len; from++) {
        if (text[from] != '\r')
            text[to++] = text[from];
        else if (from + 1 == len || text[from + 1] != '\n')
            text[to++] = '\n';
    }
    return to;
}

unsigned gp_text_line(struct gp_span text)
{
    unsigned line = 1;

    for (size_t i = 0; i < text.len; i++)
        line += text.ptr[i] == '\n';
    return line;
}

static bool is_ascii(struct gp_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] >= 0x80)
            return false;
    }
    return true;
}

/* The lines of a text, from its beginning, that are UTF-8. */
static struct gp_span utf8_lines(struct gp_span text)
{
    size_t good = 0;

    while (good < text.len) {
        const char *end = memchr(text.ptr + good, '\n', text.len - good);
        size_t part = end != NULL ? (size_t)(end - text.ptr) + 1 - good : text.len - good;
        if (!gp_utf8_valid((struct gp_span){text.ptr + good, part}))
            break;
        good += part;
    }
    return (struct gp_span){text.ptr, good};
}

/* Names the line that spoils it: a text that begins as UTF-8 was meant to be that. */
static int refuse(struct gp_loader *loader, const char *file, struct gp_span raw, bool marked,
                  struct gp_span decoded)
{
    struct gp_span good = utf8_lines(raw);
    bool meant_utf8 = marked || !is_ascii(good);

    gp_findings_add(loader->findings, GP_FINDING_ERROR, file,
                    gp_text_line(meant_utf8 ? good : utf8_lines(decoded)), "", (struct gp_span){0},
                    "text is neither UTF-8 nor GB18030",
                    "save the file as UTF-8 (CSV UTF-8 in Excel and WPS)");
    return GP_EUTF8;
}

/* Whether more lines with letters beyond ASCII are UTF-8 than are not. A line of GB18030 can be
 * UTF-8 by chance, most of a file cannot. */
static bool mostly_utf8(struct gp_span text)
{
    size_t good = 0, bad = 0;

    for (size_t at = 0; at < text.len;) {
        const char *end = memchr(text.ptr + at, '\n', text.len - at);
        size_t len = end != NULL ? (size_t)(end - text.ptr) + 1 - at : text.len - at;
        struct gp_span line = {text.ptr + at, len};
        if (!is_ascii(line))
            *(gp_utf8_valid(line) ? &good : &bad) += 1;
        at += len;
    }
    return good > bad;
}

static int refuse_mixed(struct gp_loader *loader, const char *file, struct gp_span raw)
{
    gp_findings_add(loader->findings, GP_FINDING_ERROR, file, gp_text_line(utf8_lines(raw)), "",
                    (struct gp_span){0}, "this line is not UTF-8, most others are",
                    "type the line again, or save the whole file as UTF-8");
    return GP_EUTF8;
}

static int to_utf8(struct gp_loader *loader, const char *file, const char *data, size_t len,
                   struct gp_span *ret_text)
{
    bool marked = len >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0;
    struct gp_span raw = {marked ? data + 3 : data, marked ? len - 3 : len};
    struct gp_span text = {0};
    int rc = GP_EUTF8;

    if (gp_utf8_valid(raw)) {
        text = gp_arena_copy(loader->arena, raw);
        rc = text.ptr != NULL ? 0 : GP_ENOMEM;
    } else if (!marked) {
        rc = decode(loader, raw, &text);
    }
    if (rc == 0 && !gp_utf8_valid(raw) && mostly_utf8(raw))
        return refuse_mixed(loader, file, raw);
    if (rc == GP_EUTF8)
        return refuse(loader, file, raw, marked, text);
    if (rc != 0)
        return rc;
    if (text.len > 0)
        text.len = normalise_lines((char *)(uintptr_t)text.ptr, text.len);
    *ret_text = text;
    return 0;
}

int gp_text_load(struct gp_loader *loader, const char *file, struct gp_span *ret_text)
{
    char *data = NULL;
    size_t len = 0;
    int rc = read_file(loader, file, &data, &len);

    if (rc == 0)
        rc = to_utf8(loader, file, data, len, ret_text);
    free(data);
    if (rc == GP_ENOMEM || rc == GP_EAGAIN)
        loader->error = rc;
    if (rc == GP_EIO || rc == GP_ELIMIT)
        gp_findings_add(loader->findings, GP_FINDING_ERROR, file, 0, "", (struct gp_span){0},
                        rc == GP_EIO ? "the file cannot be read" : "the file is above 64 MiB",
                        rc == GP_EIO ? "check its permissions" : "split it, or remove what is old");
    return rc;
}
