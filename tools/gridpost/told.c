#include "gridpost/told.h"

enum { STEP_WIDTH = 12, TIME_WIDTH = 19, PERSON_WIDTH = 12, POST_WIDTH = 26, CAPACITY_WIDTH = 8 };

#define FOUND_BYTES 120 /* a word and a post */

static void cells(int indent, const char *step, const char *time, struct gp_span person,
                  struct gp_span post, const char *capacity, const char *path)
{
    printf("%*s", indent, "");
    gp_cli_cell(gp_span_of(step), STEP_WIDTH);
    gp_cli_cell(gp_span_of(time), TIME_WIDTH);
    gp_cli_cell(person, PERSON_WIDTH);
    gp_cli_cell(post, POST_WIDTH);
    gp_cli_cell(gp_span_of(capacity), CAPACITY_WIDTH);
    puts(path);
}

void gp_told_head(int indent)
{
    cells(indent, _("step"), _("time"), gp_span_of(_("person")), gp_span_of(_("post")), _("as"),
          _("found as"));
}

/* How the person was found; of a vacancy also which post is vacant. */
static void found_as(const struct gp_entry *entry, uint8_t i, char ret_text[FOUND_BYTES])
{
    const char *path = _(gp_path_name(entry->recipient[i].path));

    if (entry->what == GP_WHAT_VACANT)
        (void)snprintf(ret_text, FOUND_BYTES, "%s (%.*s)", path, GP_SPAN_ARG(entry->text));
    else
        (void)snprintf(ret_text, FOUND_BYTES, "%s", path);
}

static void person_row(const struct gp_forecast_step *step, uint8_t i, int indent, const char *word,
                       const char *time)
{
    const struct gp_recipient *recipient = &step->entry.recipient[i];
    char found[FOUND_BYTES];

    found_as(&step->entry, i, found);
    cells(indent, i == 0 ? word : "", i == 0 ? time : "",
          step->name[i].len > 0 ? step->name[i] : recipient->person, recipient->post,
          recipient->capacity, found);
}

void gp_told_rows(const struct gp_forecast_step *step, int indent)
{
    const struct gp_entry *entry = &step->entry;
    bool is_step = entry->what == GP_WHAT_STEP;
    const char *word = _(gp_show_entry_name(entry));
    char time[GP_CLI_TIME_BYTES];

    gp_cli_time_text(entry->at_ms, time);
    for (uint8_t i = 0; i < entry->recipient_count; i++)
        person_row(step, i, indent, word, time);
    if (entry->what == GP_WHAT_HANDOVER)
        cells(indent, word, time, (struct gp_span){0}, entry->owner, "", "");
    else if (is_step && entry->recipient_count == 0)
        cells(indent, word, time, gp_span_of(_("nobody")), (struct gp_span){0}, "", "");
}

const char *gp_told_label(void *context, uint64_t incident)
{
    (void)context;
    (void)incident;
    return "r1";
}

json_t *gp_told_json(const struct gp_forecast_step *step, int64_t zone_ms)
{
    json_t *object = gp_show_entry(&step->entry, zone_ms, gp_told_label, NULL);
    json_t *recipients = json_object_get(object, "recipients");

    for (uint8_t i = 0; i < step->entry.recipient_count; i++)
        json_object_set_new(json_array_get(recipients, i), "name", gp_show_text(step->name[i]));
    return object;
}

void gp_told_name(const struct gp_org *org, const struct gp_entry *entry,
                  struct gp_forecast_step *ret_step)
{
    ret_step->entry = *entry;
    for (uint8_t i = 0; i < entry->recipient_count; i++) {
        uint32_t person = gp_org_person(org, entry->recipient[i].person);
        ret_step->name[i] = person != GP_NONE ? org->persons[person].name : (struct gp_span){0};
    }
}
