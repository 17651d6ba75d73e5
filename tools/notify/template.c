#include "notify/template.h"

#include "base/clocktext.h"
#include "base/error.h"

#include <inttypes.h>
#include <stdio.h>

static const struct {
    enum gp_place_kind kind;
    const char *name;
} places[] = {
#define X(kind, name) {kind, name},
    GP_PLACEHOLDERS(X)
#undef X
};

/* ---------------------------------------------------------------- taking apart */

struct parser {
    struct gp_arena *arena;
    struct gp_piece **end;
    struct gp_span wrong;
};

static int add_piece(struct parser *parser, enum gp_place_kind kind, struct gp_span text)
{
    struct gp_piece *piece = gp_arena_zalloc(parser->arena, 1, sizeof *piece);

    if (piece == NULL)
        return GP_ENOMEM;
    *piece = (struct gp_piece){.kind = kind, .text = text};
    *parser->end = piece;
    parser->end = &piece->next;
    return 0;
}

static enum gp_place_kind kind_of(struct gp_span name)
{
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (gp_span_is(name, places[i].name))
            return places[i].kind;
    }
    return GP_PLACE_NONE;
}

/* The brace at `at`, and what belongs to it: *ret_len bytes of it are dealt with. */
static int read_brace(struct parser *parser, struct gp_span rest, size_t *ret_len)
{
    const char *close = memchr(rest.ptr, '}', rest.len);

    if (rest.len > 1 && rest.ptr[1] == rest.ptr[0]) { /* one of them */
        *ret_len = 2;
        return add_piece(parser, GP_PLACE_NONE, (struct gp_span){rest.ptr, 1});
    }
    if (rest.ptr[0] == '}' || close == NULL) {
        parser->wrong = (struct gp_span){rest.ptr, 1};
        return GP_EFORMAT;
    }
    *ret_len = (size_t)(close - rest.ptr) + 1;
    enum gp_place_kind kind = kind_of((struct gp_span){rest.ptr + 1, *ret_len - 2});
    if (kind == GP_PLACE_NONE) {
        parser->wrong = (struct gp_span){rest.ptr, *ret_len};
        return GP_EFORMAT;
    }
    return add_piece(parser, kind, (struct gp_span){0});
}

static size_t plain_length(struct gp_span rest)
{
    size_t len = 0;

    while (len < rest.len && rest.ptr[len] != '{' && rest.ptr[len] != '}')
        len++;
    return len;
}

int gp_template_parse(struct gp_span text, struct gp_arena *arena, struct gp_template *ret_template,
                      struct gp_span *ret_wrong)
{
    struct gp_piece *first = NULL;
    struct parser parser = {.arena = arena, .end = &first};
    int rc = 0;

    for (size_t at = 0; rc == 0 && at < text.len;) {
        struct gp_span rest = {text.ptr + at, text.len - at};
        size_t len = plain_length(rest);
        rc = len > 0 ? add_piece(&parser, GP_PLACE_NONE, (struct gp_span){rest.ptr, len})
                     : read_brace(&parser, rest, &len);
        at += len;
    }
    if (rc == 0)
        *ret_template = (struct gp_template){first};
    else
        *ret_wrong = parser.wrong;
    return rc;
}

/* ---------------------------------------------------------------- writing */

static void write_text(struct gp_buffer *buffer, struct gp_span text)
{
    gp_buffer_add(buffer, text.len > 0 ? text : GP_SPAN("-"));
}

static void write_number(struct gp_buffer *buffer, uint64_t number)
{
    if (number == 0)
        gp_buffer_say(buffer, "-");
    else
        gp_buffer_printf(buffer, "%" PRIu64, number);
}

/* "2026-10-08 16:40": people know their zone. */
static void write_time(struct gp_buffer *buffer, int64_t ms, int64_t zone_ms)
{
    int64_t day = gp_day_of(ms, zone_ms);
    int64_t minute = (ms + zone_ms - day * GP_MS_DAY) / GP_MS_MINUTE;
    int year, month, date;

    if (ms == 0) {
        gp_buffer_say(buffer, "-");
        return;
    }
    gp_date_from_day(day, &year, &month, &date);
    gp_buffer_printf(buffer, "%04d-%02d-%02d %02d:%02d", year, month, date, (int)(minute / 60),
                     (int)(minute % 60));
}

/* How long the limit has passed; "-" while it has not. */
static void write_late(struct gp_buffer *buffer, const struct gp_fill *fill)
{
    const struct gp_note *note = fill->note;
    int64_t minutes = (note->at_ms - note->due_ms) / GP_MS_MINUTE;

    if (note->due_ms == 0 || minutes <= 0)
        gp_buffer_say(buffer, "-");
    else if (fill->language == GP_LANGUAGE_ZH)
        gp_buffer_printf(buffer, "%" PRId64 " 小时 %02" PRId64 " 分", minutes / 60, minutes % 60);
    else
        gp_buffer_printf(buffer, "%" PRId64 " h %02" PRId64 " min", minutes / 60, minutes % 60);
}

static void write_told(struct gp_buffer *buffer, const struct gp_fill *fill, bool capacities)
{
    const char *comma = fill->language == GP_LANGUAGE_ZH ? "、" : ", ";
    bool first = true;

    for (uint8_t i = 0; i < fill->note->told_count; i++) {
        const struct gp_told *told = &fill->note->told[i];
        if (!(fill->who >> i & 1))
            continue;
        if (!first)
            gp_buffer_say(buffer, comma);
        gp_buffer_add(buffer, capacities ? gp_span_of(told->capacity)
                                         : gp_name_of_person(fill->org, told->person));
        first = false;
    }
    if (first)
        gp_buffer_say(buffer, "-");
}

/* A drill says so wherever what happened is named. */
static void write_name(struct gp_buffer *buffer, const struct gp_fill *fill)
{
    bool zh = fill->language == GP_LANGUAGE_ZH;

    if (fill->note->flags & GP_FLAG_DRILL)
        gp_buffer_say(buffer, zh ? "【演练】" : "[DRILL] ");
    gp_buffer_say(buffer, gp_word_in(fill->language, gp_note_word(fill->note)));
}

static void write_code(struct gp_buffer *buffer, const struct gp_fill *fill)
{
    char code[16];

    gp_code_of_area(fill->org, fill->note, code);
    write_text(buffer, gp_span_of(code));
}

static void write_link(struct gp_buffer *buffer, const struct gp_fill *fill)
{
    if (fill->link.len == 0 || fill->note->incident == 0)
        gp_buffer_say(buffer, "-");
    else
        gp_buffer_printf(buffer, "%.*s%" PRIu64, GP_SPAN_ARG(fill->link), fill->note->incident);
}

/* What the directory gives names to. False: this is none of it. */
static bool write_named(enum gp_place_kind kind, const struct gp_fill *fill,
                        struct gp_buffer *buffer)
{
    const struct gp_org *org = fill->org;
    const struct gp_note *note = fill->note;

    switch (kind) {
    case GP_PLACE_CATEGORY:
        write_text(buffer, gp_name_of_category(org, note, fill->language));
        return true;
    case GP_PLACE_CONDITION:
        write_text(buffer, gp_name_of_condition(org, note));
        return true;
    case GP_PLACE_AREA:
        write_text(buffer, gp_name_of_area(org, note));
        return true;
    case GP_PLACE_DEPARTMENT:
        write_text(buffer, gp_name_of_department(org, note->department, fill->language));
        return true;
    case GP_PLACE_LINE:
        write_text(buffer, gp_name_of_line(org, note->line, fill->language));
        return true;
    case GP_PLACE_SUBJECT:
        write_text(buffer, gp_name_of_person(org, note->subject));
        return true;
    case GP_PLACE_PERSONS:
    case GP_PLACE_CAPACITIES:
        write_told(buffer, fill, kind == GP_PLACE_CAPACITIES);
        return true;
    default:
        return false;
    }
}

static void write_place(enum gp_place_kind kind, const struct gp_fill *fill,
                        struct gp_buffer *buffer)
{
    const struct gp_note *note = fill->note;

    switch (kind) {
    case GP_PLACE_ID:
        write_text(buffer, fill->id);
        break;
    case GP_PLACE_SEQ:
        write_number(buffer, note->seq);
        break;
    case GP_PLACE_INCIDENT:
        write_number(buffer, note->incident);
        break;
    case GP_PLACE_NAME:
        write_name(buffer, fill);
        break;
    case GP_PLACE_WORD:
        gp_buffer_say(buffer, gp_note_word(note));
        break;
    case GP_PLACE_CODE:
        write_code(buffer, fill);
        break;
    case GP_PLACE_OWNER:
        write_text(buffer, note->owner);
        break;
    case GP_PLACE_TIME:
        write_time(buffer, note->at_ms, fill->zone_ms);
        break;
    case GP_PLACE_DUE:
        write_time(buffer, note->due_ms, fill->zone_ms);
        break;
    case GP_PLACE_LATE:
        write_late(buffer, fill);
        break;
    case GP_PLACE_NTH:
        write_number(buffer, note->nth);
        break;
    case GP_PLACE_LINK:
        write_link(buffer, fill);
        break;
    case GP_PLACE_COUNT:
        write_number(buffer, fill->count);
        break;
    default:
        (void)write_named(kind, fill, buffer); /* every other kind is one of its */
        break;
    }
}

void gp_template_write(const struct gp_template *template, const struct gp_fill *fill,
                       bool one_line, struct gp_buffer *buffer)
{
    size_t begin = buffer->len;

    for (const struct gp_piece *piece = template->first; piece != NULL; piece = piece->next) {
        if (piece->kind == GP_PLACE_NONE)
            gp_buffer_add(buffer, piece->text);
        else
            write_place(piece->kind, fill, buffer);
    }
    for (size_t i = begin; one_line && i < buffer->len; i++) {
        if (buffer->ptr[i] == '\n' || buffer->ptr[i] == '\r' || buffer->ptr[i] == '\t')
            buffer->ptr[i] = ' ';
    }
}
