#include "lib/document.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

void document_read(const char *name, char ret_document[DOCUMENT_BYTES_MAX])
{
    char path[256];
    FILE *file;
    size_t len;

    (void)snprintf(path, sizeof path, "%s/docs/%s", GP_SOURCE_DIR, name);
    file = fopen(path, "rb");
    assert_non_null(file);
    len = fread(ret_document, 1, DOCUMENT_BYTES_MAX - 1, file);
    assert_true(len > 0 && len < DOCUMENT_BYTES_MAX - 1);
    ret_document[len] = '\0';
    (void)fclose(file); /* only read from */
}

static int digit(char c)
{
    return isdigit((unsigned char)c) ? c - '0' : c - 'a' + 10;
}

static size_t line_bytes(const char *line, unsigned char *to)
{
    size_t count = 0;

    while (*line == ' ')
        line++;
    while (isxdigit((unsigned char)line[0]) && isxdigit((unsigned char)line[1])) {
        to[count++] = (unsigned char)(digit(line[0]) << 4 | digit(line[1]));
        line += 2;
        if (*line == ' ' && line[1] != ' ')
            line++;
    }
    return count;
}

/* The first line of a block. */
static const char *block(const char *document, const char *kind, const char *name)
{
    char fence[80];
    const char *line;

    (void)snprintf(fence, sizeof fence, "\n```%s %s\n", kind, name);
    line = strstr(document, fence);
    if (line == NULL)
        fail_msg("the document has no block%s", fence);
    return line + strlen(fence);
}

struct gp_span document_hex(const char *document, const char *name, unsigned char *ret_bytes)
{
    size_t count = 0;

    for (const char *line = block(document, "hex", name); strncmp(line, "```", 3) != 0; line++) {
        count += line_bytes(line, ret_bytes + count);
        line = strchr(line, '\n');
        assert_non_null(line);
    }
    return (struct gp_span){(const char *)ret_bytes, count};
}

struct gp_span document_text(const char *document, const char *name)
{
    const char *text = block(document, "text", name), *end = strstr(text, "```");

    assert_non_null(end);
    return (struct gp_span){text, (size_t)(end - text)};
}
