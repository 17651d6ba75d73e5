/*
 * Files as offices keep them: UTF-8 with or without byte-order mark, else GB18030 as Excel and WPS
 * export it; line ends of any kind.
 */
#include "org/loader.h"

#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>

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
        return errno == ENOENT || errno == ENOTDIR ? GP_ENOTFOUND : GP_EIO;
    do {
        if (len + 65536 > capacity) {
            capacity = capacity == 0 ? 131072 : capacity * 2;
            char *more = capacity <= GP_CONFIG_FILE_BYTES_MAX ? realloc(data, capacity) : NULL;
            if (more == NULL) {
                free(data);
                (void)fclose(stream);
                return GP_ELIMIT;
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

/* GB18030 to UTF-8: at most three bytes for two. */
static char *decode(struct gp_loader *loader, const char *data, size_t len, size_t *ret_len)
{
    size_t room = len * 2 + 16, left = room;
    char *text = gp_arena_alloc(loader->arena, room);
    char *in = (char *)(uintptr_t)data, *out = text;
    iconv_t conversion = iconv_open("UTF-8", "GB18030");

    if (text == NULL || conversion == (iconv_t)-1) {
        loader->error = GP_ENOMEM;
        return NULL;
    }
    size_t rc = iconv(conversion, &in, &len, &out, &left);
    (void)iconv_close(conversion);
    if (rc == (size_t)-1)
        return NULL;
    *ret_len = room - left;
    return text;
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

static unsigned line_of(const char *text, size_t len)
{
    unsigned line = 1;
    struct gp_span rest = {text, len};

    while (rest.len > 0) {
        const char *end = memchr(rest.ptr, '\n', rest.len);
        size_t part = end != NULL ? (size_t)(end - rest.ptr) + 1 : rest.len;
        if (!gp_utf8_valid((struct gp_span){rest.ptr, part}))
            return line;
        rest.ptr += part;
        rest.len -= part;
        line++;
    }
    return line;
}

static int to_utf8(struct gp_loader *loader, const char *file, const char *data, size_t len,
                   struct gp_span *ret_text)
{
    bool marked = len >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0;
    struct gp_span raw = {marked ? data + 3 : data, marked ? len - 3 : len};
    char *text;
    size_t text_len = raw.len;

    if (gp_utf8_valid(raw)) {
        struct gp_span copy = gp_arena_copy(loader->arena, raw);
        text = (char *)(uintptr_t)copy.ptr;
        if (text == NULL)
            return GP_ENOMEM;
    } else {
        text = marked ? NULL : decode(loader, raw.ptr, raw.len, &text_len);
        if (text == NULL || !gp_utf8_valid((struct gp_span){text, text_len})) {
            gp_findings_add(loader->findings, GP_FINDING_ERROR, file, line_of(raw.ptr, raw.len), "",
                            (struct gp_span){0}, "text is neither UTF-8 nor GB18030",
                            "save the file as UTF-8 (CSV UTF-8 in Excel and WPS)");
            return GP_EUTF8;
        }
    }
    *ret_text = (struct gp_span){text, raw.len > 0 ? normalise_lines(text, text_len) : 0};
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
    if (rc == GP_EIO || rc == GP_ELIMIT)
        gp_findings_add(loader->findings, GP_FINDING_ERROR, file, 0, "", (struct gp_span){0},
                        rc == GP_EIO ? "the file cannot be read" : "the file is above 64 MiB",
                        rc == GP_EIO ? "check its permissions" : "split it, or remove what is old");
    return rc;
}
