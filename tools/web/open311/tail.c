/*
 * A report has one text, phone and place. What else came over Open311 is kept below the text, where
 * the staff reads it, behind a line of its own:
 *
 *     路边有个大坑
 *     ---- Open311 ----
 *     地址: 东湖路 12 号
 *     图片: https://example.org/1.jpg
 *     联系人: 王五
 *
 * Below the line stands who reports, so nothing from the first such line on is shown as the text,
 * and what may be shown is looked for behind the last one: a text that has such a line itself hides
 * more, and never shows more.
 */
#include "web/open311/internal.h"

#include "base/error.h"

static const struct gp_span line = {"---- Open311 ----\n", sizeof "---- Open311 ----\n" - 1};

/* ---------------------------------------------------------------- joining */

struct writer {
    char *text;
    size_t used;
};

static void put(struct writer *writer, struct gp_span text)
{
    if (text.len > 0)
        memcpy(writer->text + writer->used, text.ptr, text.len);
    writer->used += text.len;
}

static size_t label_len(int language, enum gp_open311_word label, struct gp_span value)
{
    return value.len > 0 ? strlen(gp_open311_word(language, label)) + value.len + 1 : 0;
}

static void put_labelled(struct writer *writer, int language, enum gp_open311_word label,
                         struct gp_span value)
{
    if (value.len == 0)
        return;
    put(writer, gp_span_of(gp_open311_word(language, label)));
    put(writer, value);
    put(writer, GP_SPAN("\n"));
}

/* At most so many bytes of a text, whole characters. */
static struct gp_span cut_to(struct gp_span text, size_t most)
{
    if (text.len <= most)
        return text;
    while (most > 0 && ((unsigned char)text.ptr[most] & 0xC0) == 0x80)
        most--;
    return (struct gp_span){text.ptr, most};
}

int gp_open311_tail_join(struct gp_arena *arena, int language, struct gp_span text,
                         const struct gp_open311_tail *tail, struct gp_span *ret_joined,
                         bool *ret_cut)
{
    const struct {
        enum gp_open311_word label;
        struct gp_span value;
    } rows[] = {
        {GP_OPEN311_LABEL_ADDRESS, tail->address},
        {GP_OPEN311_LABEL_MEDIA, tail->media},
        {GP_OPEN311_LABEL_STATUS, tail->status},
        {GP_OPEN311_LABEL_NAME, tail->name},
        {GP_OPEN311_LABEL_PHONE, tail->phone},
        {GP_OPEN311_LABEL_EMAIL, tail->email},
        {GP_OPEN311_LABEL_CLIENT, tail->client},
        {GP_OPEN311_LABEL_GRID, tail->grid_unknown
                                    ? gp_span_of(gp_open311_word(language, GP_OPEN311_GRID_UNKNOWN))
                                    : (struct gp_span){0}},
    };
    const size_t row_count = sizeof rows / sizeof rows[0];
    struct writer writer = {gp_arena_alloc(arena, GP_TEXT_BYTES_MAX), 0};
    size_t below = line.len + 1;

    if (writer.text == NULL)
        return GP_ENOMEM;
    for (size_t i = 0; i < row_count; i++)
        below += label_len(language, rows[i].label, rows[i].value);
    if (below > GP_TEXT_BYTES_MAX)
        return GP_ELIMIT;
    struct gp_span kept = cut_to(text, GP_TEXT_BYTES_MAX - below);
    put(&writer, kept);
    if (kept.len > 0)
        put(&writer, GP_SPAN("\n"));
    put(&writer, line);
    for (size_t i = 0; i < row_count; i++)
        put_labelled(&writer, language, rows[i].label, rows[i].value);
    *ret_joined = (struct gp_span){writer.text, writer.used};
    *ret_cut = kept.len < text.len;
    return 0;
}

/* ---------------------------------------------------------------- taking apart */

static bool begins(struct gp_span text, struct gp_span with)
{
    return text.len >= with.len && memcmp(text.ptr, with.ptr, with.len) == 0;
}

/* The text from the next line on; empty at the end. */
static struct gp_span next_line(struct gp_span text)
{
    const char *end = text.len > 0 ? memchr(text.ptr, '\n', text.len) : NULL;
    size_t used = end != NULL ? (size_t)(end - text.ptr) + 1 : text.len;

    return (struct gp_span){text.ptr + used, text.len - used};
}

/* What stands behind a label, in either language, at a line's begin. */
static void take_value(struct gp_span at, enum gp_open311_word label, struct gp_span *value)
{
    for (int language = GP_OPEN311_ZH; language <= GP_OPEN311_EN; language++) {
        struct gp_span word = gp_span_of(gp_open311_word(language, label));
        if (!begins(at, word))
            continue;
        at = (struct gp_span){at.ptr + word.len, at.len - word.len};
        const char *end = memchr(at.ptr, '\n', at.len);
        *value = (struct gp_span){at.ptr, end != NULL ? (size_t)(end - at.ptr) : at.len};
        return;
    }
}

struct gp_span gp_open311_tail_split(struct gp_span joined, struct gp_open311_tail *ret_tail)
{
    struct gp_span shown = joined, tail = {0};
    bool found = false;

    for (struct gp_span at = joined; at.len > 0; at = next_line(at)) {
        if (!begins(at, line))
            continue;
        if (!found)
            shown.len = (size_t)(at.ptr - joined.ptr);
        found = true;
        tail = next_line(at);
    }
    *ret_tail = (struct gp_open311_tail){.found = found};
    for (struct gp_span at = tail; at.len > 0; at = next_line(at)) {
        take_value(at, GP_OPEN311_LABEL_ADDRESS, &ret_tail->address);
        take_value(at, GP_OPEN311_LABEL_MEDIA, &ret_tail->media);
    }
    if (found && shown.len > 0)
        shown.len--; /* the line feed in front of the line */
    return shown;
}
