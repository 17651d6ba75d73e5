#include "web/open311/markup.h"

#include "base/clocktext.h"
#include "base/error.h"

#include <assert.h>
#include <jansson.h>
#include <libxml/xmlwriter.h>
#include <stdio.h>
#include <stdlib.h>

#define DEPTH_MAX     8
#define DEGREES_BYTES 16 /* "-180.1234567" */

struct gp_markup {
    enum gp_markup_format format;
    int error;
    unsigned depth;
    xmlBuffer *buffer;
    xmlTextWriter *writer;
    json_t *open[DEPTH_MAX]; /* borrowed, but for the outermost */
};

const char *gp_markup_type(enum gp_markup_format format)
{
    return format == GP_MARKUP_JSON ? "application/json; charset=utf-8" : "text/xml; charset=utf-8";
}

/* ---------------------------------------------------------------- texts */

/* Bytes of the character that stands here; 0: there is none. */
static size_t character(struct gp_span text)
{
    for (size_t len = 1; len <= 4 && len <= text.len; len++) {
        if (gp_utf8_valid((struct gp_span){text.ptr, len}))
            return len;
    }
    return 0;
}

/* Whether a character is none that a document may have, or one that shows text as it is not. */
static bool is_unwanted(const unsigned char *at, size_t len)
{
    if (len == 1)
        return (at[0] < 0x20 && at[0] != '\n' && at[0] != '\t') || at[0] == 0x7F;
    if (len == 2)
        return at[0] == 0xC2 && at[1] < 0xA0;
    if (len != 3)
        return false;
    return (at[0] == 0xEF && at[1] == 0xBF && at[2] >= 0xBE) || /* U+FFFE, U+FFFF */
           (at[0] == 0xE2 && at[1] == 0x80 && at[2] >= 0xAA && at[2] <= 0xAE) || /* U+202A…202E */
           (at[0] == 0xE2 && at[1] == 0x81 && at[2] >= 0xA6 && at[2] <= 0xA9);   /* U+2066…2069 */
}

static struct gp_span escaped(char c)
{
    switch (c) {
    case '&':
        return GP_SPAN("&amp;");
    case '<':
        return GP_SPAN("&lt;");
    case '>':
        return GP_SPAN("&gt;");
    default:
        return (struct gp_span){0};
    }
}

/* A copy that both formats can hold, NUL-terminated; NULL: no memory. For XML it is escaped here:
 * libxml2, asked to do it, leaves a text out and says nothing where it has no memory for that. */
static char *clean(struct gp_span text, bool escape, size_t *ret_len)
{
    char *copy = malloc((sizeof "&amp;" - 1) * text.len + 1);
    size_t used = 0;

    if (copy == NULL)
        return NULL;
    for (size_t at = 0; at < text.len;) {
        const char *here = text.ptr + at;
        size_t len = character((struct gp_span){here, text.len - at});
        struct gp_span put = escape ? escaped(*here) : (struct gp_span){0};
        if (len == 0 || is_unwanted((const unsigned char *)here, len))
            put = GP_SPAN("\xEF\xBF\xBD");
        else if (put.len == 0)
            put = (struct gp_span){here, len};
        memcpy(copy + used, put.ptr, put.len);
        used += put.len;
        at += len > 0 ? len : 1;
    }
    copy[used] = '\0';
    *ret_len = used;
    return copy;
}

/* ---------------------------------------------------------------- both formats */

static void note(struct gp_markup *markup, bool good)
{
    if (!good && markup->error == 0)
        markup->error = GP_ENOMEM; /* neither library fails here for another reason */
}

static bool is_xml(const struct gp_markup *markup)
{
    return markup->format == GP_MARKUP_XML;
}

static const xmlChar *xml(const char *text)
{
    return (const xmlChar *)text;
}

int gp_markup_open(enum gp_markup_format format, struct gp_markup **ret_markup)
{
    struct gp_markup *markup = calloc(1, sizeof *markup);

    if (markup == NULL)
        return GP_ENOMEM;
    markup->format = format;
    if (is_xml(markup)) {
        markup->buffer = xmlBufferCreate();
        if (markup->buffer != NULL)
            markup->writer = xmlNewTextWriterMemory(markup->buffer, 0);
        note(markup, markup->writer != NULL && xmlTextWriterSetIndent(markup->writer, 1) == 0 &&
                         xmlTextWriterStartDocument(markup->writer, "1.0", "UTF-8", NULL) >= 0);
    }
    if (markup->error != 0) {
        gp_markup_abandon(markup);
        return GP_ENOMEM;
    }
    *ret_markup = markup;
    return 0;
}

/* Puts a value where it belongs, and takes it over. False: no memory. */
static bool put_json(struct gp_markup *markup, const char *name, json_t *value)
{
    json_t *around = markup->open[markup->depth - 1];

    if (value == NULL)
        return false;
    return json_is_array(around) ? json_array_append_new(around, value) == 0
                                 : json_object_set_new_nocheck(around, name, value) == 0;
}

static void begin(struct gp_markup *markup, const char *name, json_t *value)
{
    assert(markup->depth < DEPTH_MAX);
    if (is_xml(markup)) {
        note(markup, xmlTextWriterStartElement(markup->writer, xml(name)) >= 0);
    } else {
        note(markup, markup->depth == 0 ? value != NULL : put_json(markup, name, value));
        markup->open[markup->depth] = value;
    }
    markup->depth++;
}

void gp_markup_list(struct gp_markup *markup, const char *name)
{
    if (markup->error == 0)
        begin(markup, name, is_xml(markup) ? NULL : json_array());
}

void gp_markup_object(struct gp_markup *markup, const char *name)
{
    if (markup->error == 0)
        begin(markup, name, is_xml(markup) ? NULL : json_object());
}

void gp_markup_close(struct gp_markup *markup)
{
    if (markup->error != 0)
        return;
    assert(markup->depth > 0);
    markup->depth--;
    if (is_xml(markup))
        note(markup, xmlTextWriterEndElement(markup->writer) >= 0);
}

/* A field whose text is XML already. Takes the JSON value over. */
static void field(struct gp_markup *markup, const char *name, const char *text, json_t *value)
{
    assert(markup->error != 0 || markup->depth > 0);
    if (markup->error != 0)
        json_decref(value);
    else if (!is_xml(markup))
        note(markup, put_json(markup, name, value));
    else
        note(markup,
             xmlTextWriterStartElement(markup->writer, xml(name)) >= 0 &&
                 (text[0] == '\0' || xmlTextWriterWriteRaw(markup->writer, xml(text)) >= 0) &&
                 xmlTextWriterEndElement(markup->writer) >= 0);
}

void gp_markup_text(struct gp_markup *markup, const char *name, struct gp_span text)
{
    size_t len;
    char *copy;

    if (text.len == 0) {
        gp_markup_null(markup, name);
        return;
    }
    if (markup->error != 0)
        return;
    copy = clean(text, is_xml(markup), &len);
    note(markup, copy != NULL);
    if (copy != NULL)
        field(markup, name, copy, is_xml(markup) ? NULL : json_stringn_nocheck(copy, len));
    free(copy);
}

void gp_markup_word(struct gp_markup *markup, const char *name, const char *word)
{
    gp_markup_text(markup, name, gp_span_of(word));
}

void gp_markup_null(struct gp_markup *markup, const char *name)
{
    field(markup, name, "", is_xml(markup) ? NULL : json_null());
}

void gp_markup_bool(struct gp_markup *markup, const char *name, bool value)
{
    field(markup, name, value ? "true" : "false", is_xml(markup) ? NULL : json_boolean(value));
}

void gp_markup_number(struct gp_markup *markup, const char *name, int64_t number)
{
    char text[24];

    (void)snprintf(text, sizeof text, "%lld", (long long)number);
    field(markup, name, text, is_xml(markup) ? NULL : json_integer(number));
}

/* By hand, since printf's point is the locale's. */
static void degrees_text(int32_t degrees_e7, char ret_text[DEGREES_BYTES])
{
    int64_t size = degrees_e7 < 0 ? -(int64_t)degrees_e7 : degrees_e7;
    int len = snprintf(ret_text, DEGREES_BYTES, "%s%d.%07d", degrees_e7 < 0 ? "-" : "",
                       (int)(size / 10000000), (int)(size % 10000000));

    while (ret_text[len - 1] == '0' && ret_text[len - 2] != '.')
        ret_text[--len] = '\0';
}

void gp_markup_degrees(struct gp_markup *markup, const char *name, int32_t degrees_e7)
{
    char text[DEGREES_BYTES];

    degrees_text(degrees_e7, text);
    field(markup, name, text, is_xml(markup) ? NULL : json_real(degrees_e7 / 1e7));
}

void gp_markup_instant(struct gp_markup *markup, const char *name, int64_t ms, int64_t zone_ms)
{
    char text[GP_CLOCKTEXT_BYTES];

    if (ms == 0) {
        gp_markup_null(markup, name);
        return;
    }
    gp_instant_format(ms - ms % GP_MS_SECOND, zone_ms, text);
    gp_markup_word(markup, name, text);
}

/* ---------------------------------------------------------------- the end */

static void take_xml(struct gp_markup *markup, char **ret_bytes, size_t *ret_len)
{
    note(markup, xmlTextWriterEndDocument(markup->writer) >= 0);
    xmlFreeTextWriter(markup->writer); /* flushes into the buffer */
    markup->writer = NULL;
    if (markup->error != 0)
        return;
    *ret_len = (size_t)xmlBufferLength(markup->buffer);
    *ret_bytes = strndup((const char *)xmlBufferContent(markup->buffer), *ret_len);
    note(markup, *ret_bytes != NULL);
}

/* Into a buffer that is large enough from the first: jansson, where one cannot grow, may leave a
 * key out and go on. */
static void take_json(struct gp_markup *markup, char **ret_bytes, size_t *ret_len)
{
    /* Ten digits are all that degrees times 10^7 have. */
    const size_t flags = JSON_INDENT(1) | JSON_REAL_PRECISION(10);
    size_t len = json_dumpb(markup->open[0], NULL, 0, flags);
    char *bytes = malloc(len + 1);

    note(markup, len > 0 && bytes != NULL && json_dumpb(markup->open[0], bytes, len, flags) == len);
    if (markup->error != 0) {
        free(bytes);
        return;
    }
    bytes[len] = '\0';
    *ret_bytes = bytes;
    *ret_len = len;
}

int gp_markup_finish(struct gp_markup *markup, char **ret_bytes, size_t *ret_len)
{
    char *bytes = NULL;
    size_t len = 0;
    int error;

    assert(markup->error != 0 || markup->depth == 0);
    if (markup->error == 0 && is_xml(markup))
        take_xml(markup, &bytes, &len);
    else if (markup->error == 0)
        take_json(markup, &bytes, &len);
    error = markup->error;
    gp_markup_abandon(markup);
    if (error != 0) {
        free(bytes);
        return error;
    }
    *ret_bytes = bytes;
    *ret_len = len;
    return 0;
}

void gp_markup_abandon(struct gp_markup *markup)
{
    if (markup == NULL)
        return;
    if (markup->writer != NULL)
        xmlFreeTextWriter(markup->writer);
    if (markup->buffer != NULL)
        xmlBufferFree(markup->buffer);
    json_decref(markup->open[0]);
    free(markup);
}
