/* A journal entry for programs and for people. The first ten keys are DOMAIN section 10's contract.
 */
#include "gridpost/cli.h"

#include "base/clocktext.h"

#include <inttypes.h>

json_t *gp_cli_json_time(int64_t ms, int64_t zone_ms)
{
    char text[GP_CLOCKTEXT_BYTES];

    if (ms == 0)
        return json_null();
    gp_instant_format(ms, zone_ms, text);
    return json_string(text);
}

json_t *gp_cli_json_text(struct gp_span text)
{
    return text.len > 0 ? json_stringn(text.ptr, text.len) : json_null();
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
        json_object_set_new(row, "person", gp_cli_json_text(recipient->person));
        json_object_set_new(row, "post", gp_cli_json_text(recipient->post));
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
    json_object_set_new(object, "subject", gp_cli_json_text(entry->subject));
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
    char area[16];

    if (entry->area.padded != 0) {
        gp_area_format(entry->area, area);
        json_object_set_new(object, "area", json_string(area));
    } else {
        json_object_set_new(object, "area", json_null());
    }
    json_object_set_new(object, "line", gp_cli_json_text(entry->line));
    json_object_set_new(object, "department", gp_cli_json_text(entry->department));
    json_object_set_new(object, "category", gp_cli_json_text(entry->category));
    json_object_set_new(object, "condition", gp_cli_json_text(entry->condition));
    json_object_set_new(object, "state",
                        entry->state != 0 ? json_string(gp_state_name(entry->state)) : json_null());
    json_object_set_new(object, "version", json_integer(entry->version));
    json_object_set_new(object, "stage", json_integer(entry->stage + 1));
    json_object_set_new(object, "nth", entry->nth > 0 ? json_integer(entry->nth) : json_null());
    json_object_set_new(object, "actor", gp_cli_json_text(entry->actor));
    json_object_set_new(object, "actor_post", gp_cli_json_text(entry->actor_post));
    json_object_set_new(object, "text", gp_cli_json_text(entry->text));
}

json_t *gp_cli_entry_json(const struct gp_entry *entry, int64_t zone_ms, gp_label_fn label,
                          void *context)
{
    json_t *object = json_object();

    json_object_set_new(object, "seq", json_integer((json_int_t)entry->seq));
    json_object_set_new(object, "at", gp_cli_json_time(entry->at_ms, zone_ms));
    json_object_set_new(object, "incident", json_incident(entry->incident, label, context));
    json_object_set_new(object, "what", json_string(gp_what_name(entry->what)));
    json_object_set_new(object, "step", json_name(gp_step_name(entry->step)));
    json_object_set_new(object, "nominal",
                        entry->has_nominal ? gp_cli_json_time(entry->nominal_ms, zone_ms)
                                           : json_null());
    json_object_set_new(object, "late_ms",
                        entry->has_nominal ? json_integer(entry->late_ms) : json_null());
    json_object_set_new(object, "owner", gp_cli_json_text(entry->owner));
    json_object_set_new(object, "due", gp_cli_json_time(entry->due_ms, zone_ms));
    json_object_set_new(object, "recipients", json_recipients(entry));
    json_object_set_new(object, "flags", json_flags(entry));
    add_more(object, entry);
    add_others(object, entry, label, context);
    return object;
}

/* ---------------------------------------------------------------- for people */

static const char *colour_of(const struct gp_entry *entry)
{
    switch (entry->what == GP_WHAT_STEP ? entry->step : GP_STEP_NONE) {
    case GP_STEP_UNACCEPTED:
    case GP_STEP_YELLOW1:
    case GP_STEP_YELLOW:
        return "\033[33m";
    case GP_STEP_RED:
    case GP_STEP_CARD:
    case GP_STEP_REPEAT:
        return "\033[31m";
    case GP_STEP_BLUE:
        return "\033[34m";
    case GP_STEP_ORANGE:
        return "\033[35m";
    default:
        return entry->what == GP_WHAT_HANDOVER ? "\033[31m" : "";
    }
}

const char *gp_cli_entry_name(const struct gp_entry *entry)
{
    return entry->what == GP_WHAT_STEP ? gp_step_name(entry->step) : gp_what_name(entry->what);
}

static void print_recipients(const struct gp_entry *entry)
{
    for (uint8_t i = 0; i < entry->recipient_count; i++)
        printf("%s%.*s(%s)", i > 0 ? " " : "→ ", GP_SPAN_ARG(entry->recipient[i].person),
               entry->recipient[i].capacity);
}

/* Lateness that a person would notice. */
static void print_late(const struct gp_entry *entry)
{
    char late[GP_CLI_TIME_BYTES];

    if (entry->late_ms < GP_MS_MINUTE)
        return;
    gp_cli_duration_text(entry->late_ms, late);
    printf(_(" late by %s"), late);
}

void gp_cli_entry_line(const struct gp_cli *cli, const struct gp_entry *entry)
{
    const char *colour = cli->colour ? colour_of(entry) : "";
    char at[GP_CLI_TIME_BYTES], number[24];

    gp_cli_time_text(entry->at_ms, at);
    (void)snprintf(number, sizeof number, "#%" PRIu64, entry->incident);
    printf("%7" PRIu64 "  %s  ", entry->seq, at);
    gp_cli_cell(gp_span_of(entry->incident != 0 ? number : ""), 8);
    fputs(colour, stdout);
    gp_cli_cell(gp_span_of(_(gp_cli_entry_name(entry))), 12);
    if (colour[0] != '\0')
        fputs("\033[0m", stdout);
    gp_cli_cell(entry->owner, 24);
    if (entry->actor.len > 0)
        printf(_("by %.*s "), GP_SPAN_ARG(entry->actor));
    if (entry->other != 0)
        printf("(#%" PRIu64 ") ", entry->other);
    if (entry->subject.len > 0)
        printf("(%.*s) ", GP_SPAN_ARG(entry->subject));
    print_recipients(entry);
    print_late(entry);
    if (entry->flags & GP_FLAG_ERASED)
        fputs(_(" (text erased)"), stdout);
    if (entry->text.len > 0 && entry->what != GP_WHAT_STEP) {
        fputs(" \"", stdout);
        gp_cli_flat(entry->text);
        putchar('"');
    }
    putchar('\n');
    (void)fflush(stdout); /* somebody is watching */
}
