#include "notify/note.h"

#include <inttypes.h>
#include <stdlib.h>

#define GP_NOTE_BYTES_MAX ((size_t)64 * 1024) /* 48 persons and posts of 64 bytes take a tenth */
#define GP_NOTE_BLOCK     1024

static struct gp_note *new_note(void)
{
    struct gp_note *note = calloc(1, sizeof *note);

    if (note != NULL)
        gp_arena_init_blocks(&note->arena, GP_NOTE_BYTES_MAX, GP_NOTE_BLOCK);
    return note;
}

void gp_note_free(struct gp_note *note)
{
    if (note == NULL)
        return;
    gp_arena_release(&note->arena);
    free(note);
}

/* Copies into the note's memory; *ok becomes false when there is none. */
static struct gp_span keep(struct gp_note *note, struct gp_span text, bool *ok)
{
    struct gp_span copy = gp_arena_copy(&note->arena, text);

    if (text.len > 0 && copy.ptr == NULL)
        *ok = false;
    return *ok ? copy : (struct gp_span){0};
}

struct gp_note *gp_note_new(const struct gp_entry *entry)
{
    struct gp_note *note = new_note();
    bool ok = true;

    if (note == NULL)
        return NULL;
    note->seq = entry->seq;
    note->incident = entry->incident;
    note->at_ms = entry->at_ms;
    note->due_ms = entry->due_ms;
    note->has_nominal = entry->has_nominal;
    note->nominal_ms = entry->nominal_ms;
    note->late_ms = entry->late_ms;
    note->is_private = entry->is_private;
    note->what = entry->what;
    note->step = entry->step;
    note->state = entry->state;
    note->nth = entry->nth;
    note->flags = entry->flags;
    note->area = entry->area;
    note->line = keep(note, entry->line, &ok);
    note->department = keep(note, entry->department, &ok);
    note->category = keep(note, entry->category, &ok);
    note->condition = keep(note, entry->condition, &ok);
    note->owner = keep(note, entry->owner, &ok);
    note->subject = keep(note, entry->subject, &ok);
    for (uint8_t i = 0; i < entry->recipient_count; i++) {
        const struct gp_recipient *from = &entry->recipient[i];
        struct gp_told *to = &note->told[note->told_count++];
        to->person = keep(note, from->person, &ok);
        to->post = keep(note, from->post, &ok);
        (void)snprintf(to->capacity, sizeof to->capacity, "%s", from->capacity);
        to->path = from->path;
    }
    if (!ok) {
        gp_note_free(note);
        return NULL;
    }
    return note;
}

/* ---------------------------------------------------------------- JSON */

static void put_text(json_t *object, const char *key, struct gp_span text)
{
    if (text.len > 0)
        json_object_set_new(object, key, json_stringn(text.ptr, text.len));
}

static void put_number(json_t *object, const char *key, int64_t number)
{
    if (number != 0)
        json_object_set_new(object, key, json_integer(number));
}

static json_t *told_json(const struct gp_note *note)
{
    json_t *list = json_array();

    for (uint8_t i = 0; i < note->told_count; i++) {
        const struct gp_told *told = &note->told[i];
        json_t *row = json_object();
        put_text(row, "person", told->person);
        put_text(row, "post", told->post);
        put_text(row, "capacity", gp_span_of(told->capacity));
        put_text(row, "path", gp_span_of(gp_path_name(told->path)));
        json_array_append_new(list, row);
    }
    return list;
}

json_t *gp_note_json(const struct gp_note *note)
{
    json_t *object = json_object();
    char area[16] = "";

    if (note->area.padded != 0)
        gp_area_format(note->area, area);
    put_number(object, "seq", (int64_t)note->seq);
    put_number(object, "incident", (int64_t)note->incident);
    put_number(object, "at", note->at_ms);
    put_number(object, "due", note->due_ms);
    if (note->has_nominal)
        json_object_set_new(object, "nominal", json_integer(note->nominal_ms));
    put_number(object, "late", note->late_ms);
    put_number(object, "private", note->is_private);
    put_number(object, "urgent", note->urgent);
    put_text(object, "what", gp_span_of(gp_what_name(note->what)));
    put_text(object, "step", gp_span_of(gp_step_name(note->step)));
    put_text(object, "state", gp_span_of(gp_state_name(note->state)));
    put_number(object, "nth", note->nth);
    put_number(object, "flags", note->flags);
    put_text(object, "area", gp_span_of(area));
    put_number(object, "level", note->area.level);
    put_text(object, "line", note->line);
    put_text(object, "department", note->department);
    put_text(object, "category", note->category);
    put_text(object, "condition", note->condition);
    put_text(object, "owner", note->owner);
    put_text(object, "subject", note->subject);
    json_object_set_new(object, "told", told_json(note));
    return object;
}

static struct gp_span get_text(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    return (struct gp_span){json_string_value(value), json_string_length(value)};
}

static int64_t get_number(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static bool read_told(struct gp_note *note, const json_t *list)
{
    bool ok = json_array_size(list) <= GP_RECIPIENTS_MAX;

    for (size_t i = 0; ok && i < json_array_size(list); i++) {
        const json_t *row = json_array_get(list, i);
        struct gp_told *told = &note->told[note->told_count++];
        told->person = keep(note, get_text(row, "person"), &ok);
        told->post = keep(note, get_text(row, "post"), &ok);
        (void)snprintf(told->capacity, sizeof told->capacity, "%s",
                       gp_span_text(get_text(row, "capacity")));
        told->path = (uint8_t)gp_path_parse(get_text(row, "path"));
    }
    return ok;
}

static bool read_texts(struct gp_note *note, const json_t *object)
{
    bool ok = true;

    note->line = keep(note, get_text(object, "line"), &ok);
    note->department = keep(note, get_text(object, "department"), &ok);
    note->category = keep(note, get_text(object, "category"), &ok);
    note->condition = keep(note, get_text(object, "condition"), &ok);
    note->owner = keep(note, get_text(object, "owner"), &ok);
    note->subject = keep(note, get_text(object, "subject"), &ok);
    return ok;
}

static bool read_area(struct gp_note *note, const json_t *object)
{
    struct gp_span code = get_text(object, "area");

    if (code.len == 0)
        return true;
    if (gp_area_parse(code, &note->area) != 0)
        return false;
    note->area.level = (uint8_t)get_number(object, "level");
    return true;
}

struct gp_note *gp_note_parse(const json_t *object)
{
    struct gp_note *note = new_note();

    if (note == NULL)
        return NULL;
    note->seq = (uint64_t)get_number(object, "seq");
    note->incident = (uint64_t)get_number(object, "incident");
    note->at_ms = get_number(object, "at");
    note->due_ms = get_number(object, "due");
    note->has_nominal = json_object_get(object, "nominal") != NULL;
    note->nominal_ms = get_number(object, "nominal");
    note->late_ms = get_number(object, "late");
    note->is_private = get_number(object, "private") != 0;
    note->urgent = get_number(object, "urgent") != 0;
    note->what = (uint8_t)gp_what_parse(get_text(object, "what"));
    note->step = (uint8_t)gp_step_parse(get_text(object, "step"));
    note->state = (uint8_t)gp_state_parse(get_text(object, "state"));
    note->nth = (uint32_t)get_number(object, "nth");
    note->flags = (uint32_t)get_number(object, "flags");
    if (note->seq == 0 || note->what == GP_WHAT_NONE || !read_area(note, object) ||
        !read_texts(note, object) || !read_told(note, json_object_get(object, "told"))) {
        gp_note_free(note);
        return NULL;
    }
    return note;
}

/* ---------------------------------------------------------------- words */

const char *gp_note_word(const struct gp_note *note)
{
    return note->what == GP_WHAT_STEP ? gp_step_name(note->step) : gp_what_name(note->what);
}

bool gp_told_is_officer(const struct gp_told *told)
{
    return strcmp(told->capacity, "B") == 0;
}
