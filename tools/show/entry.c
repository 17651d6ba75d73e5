/* A journal entry for programs and for people. The first ten keys are DOMAIN section 10's contract.
 */
#include "show/show.h"

#include "base/clocktext.h"

#include <stdio.h>
#include <time.h>

int64_t gp_show_zone(int64_t ms)
{
    time_t second = (time_t)(ms / 1000);
    struct tm local;

    return localtime_r(&second, &local) != NULL ? local.tm_gmtoff * GP_MS_SECOND : 0;
}

json_t *gp_show_time(int64_t ms, int64_t zone_ms)
{
    char text[GP_CLOCKTEXT_BYTES];

    if (ms == 0)
        return json_null();
    gp_instant_format(ms, zone_ms, text);
    return json_string(text);
}

void gp_show_time_text(int64_t ms, char ret_text[GP_SHOW_TIME_BYTES])
{
    char text[GP_CLOCKTEXT_BYTES];

    if (ms == 0) {
        (void)snprintf(ret_text, GP_SHOW_TIME_BYTES, "-");
        return;
    }
    gp_instant_format(ms - ms % 1000, gp_show_zone(ms), text);
    text[10] = ' ';
    text[19] = '\0';
    (void)snprintf(ret_text, GP_SHOW_TIME_BYTES, "%s", text);
}

json_t *gp_show_text(struct gp_span text)
{
    return text.len > 0 ? json_stringn(text.ptr, text.len) : json_null();
}

json_t *gp_show_area(struct gp_area_ref area)
{
    char code[16];

    if (area.padded == 0)
        return json_null();
    gp_area_format(area, code);
    return json_string(code);
}

static json_t *json_name(const char *name)
{
    return name[0] != '\0' ? json_string(name) : json_null();
}

static json_t *json_recipients(const struct gp_entry *entry)
{
    json_t *list = json_array();

    for (uint8_t i = 0; i < entry->recipient_count; i++) {
        const struct gp_recipient *recipient = &entry->recipient[i];
        json_t *row = json_object();
        json_object_set_new(row, "person", gp_show_text(recipient->person));
        json_object_set_new(row, "post", gp_show_text(recipient->post));
        json_object_set_new(row, "capacity", json_string(recipient->capacity));
        json_object_set_new(row, "path", json_string(gp_path_name(recipient->path)));
        json_array_append_new(list, row);
    }
    return list;
}

static json_t *json_flags(const struct gp_entry *entry)
{
    json_t *list = json_array();

    for (int bit = 1; bit <= GP_FLAG_ERASED; bit <<= 1) {
        if (entry->flags & (uint32_t)bit)
            json_array_append_new(list, json_string(gp_flag_name(bit)));
    }
    return list;
}

static json_t *json_incident(uint64_t incident, gp_label_fn label, void *context)
{
    const char *name = label != NULL ? label(context, incident) : NULL;

    if (incident == 0)
        return json_null();
    return name != NULL ? json_string(name) : json_integer((json_int_t)incident);
}

/* What an entry says about others: persons, incidents, earlier entries. */
static void add_others(json_t *object, const struct gp_entry *entry, gp_label_fn label,
                       void *context)
{
    json_t *refs = json_array(), *similar = json_array();

    for (uint8_t i = 0; i < entry->ref_count; i++)
        json_array_append_new(refs, json_integer((json_int_t)entry->ref_seq[i]));
    for (uint8_t i = 0; i < entry->similar_count; i++)
        json_array_append_new(similar, json_incident(entry->similar[i], label, context));
    json_object_set_new(object, "subject", gp_show_text(entry->subject));
    json_object_set_new(object, "level",
                        entry->level > 0 ? json_integer(entry->level) : json_null());
    json_object_set_new(object, "other", json_incident(entry->other, label, context));
    json_object_set_new(object, "ref_seqs", refs);
    json_object_set_new(object, "similar", similar);
    json_object_set_new(object, "by_device",
                        entry->by_device > 0 ? json_integer((json_int_t)entry->by_device)
                                             : json_null());
}

static void add_more(json_t *object, const struct gp_entry *entry)
{
    json_object_set_new(object, "area", gp_show_area(entry->area));
    json_object_set_new(object, "line", gp_show_text(entry->line));
    json_object_set_new(object, "department", gp_show_text(entry->department));
    json_object_set_new(object, "category", gp_show_text(entry->category));
    json_object_set_new(object, "condition", gp_show_text(entry->condition));
    json_object_set_new(object, "state",
                        entry->state != 0 ? json_string(gp_state_name(entry->state)) : json_null());
    json_object_set_new(object, "version", json_integer(entry->version));
    json_object_set_new(object, "stage", json_integer(entry->stage + 1));
    json_object_set_new(object, "nth", entry->nth > 0 ? json_integer(entry->nth) : json_null());
    json_object_set_new(object, "actor", gp_show_text(entry->actor));
    json_object_set_new(object, "actor_post", gp_show_text(entry->actor_post));
    json_object_set_new(object, "text", gp_show_text(entry->text));
}

json_t *gp_show_entry(const struct gp_entry *entry, int64_t zone_ms, gp_label_fn label,
                      void *context)
{
    json_t *object = json_object();

    json_object_set_new(object, "seq", json_integer((json_int_t)entry->seq));
    json_object_set_new(object, "at", gp_show_time(entry->at_ms, zone_ms));
    json_object_set_new(object, "incident", json_incident(entry->incident, label, context));
    json_object_set_new(object, "what", json_string(gp_what_name(entry->what)));
    json_object_set_new(object, "step", json_name(gp_step_name(entry->step)));
    json_object_set_new(object, "nominal",
                        entry->has_nominal ? gp_show_time(entry->nominal_ms, zone_ms)
                                           : json_null());
    json_object_set_new(object, "late_ms",
                        entry->has_nominal ? json_integer(entry->late_ms) : json_null());
    json_object_set_new(object, "owner", gp_show_text(entry->owner));
    json_object_set_new(object, "due", gp_show_time(entry->due_ms, zone_ms));
    json_object_set_new(object, "recipients", json_recipients(entry));
    json_object_set_new(object, "flags", json_flags(entry));
    add_more(object, entry);
    add_others(object, entry, label, context);
    return object;
}

const char *gp_show_entry_name(const struct gp_entry *entry)
{
    return entry->what == GP_WHAT_STEP ? gp_step_name(entry->step) : gp_what_name(entry->what);
}
