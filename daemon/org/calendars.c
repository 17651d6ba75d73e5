/* calendar/NAME.yaml: working hours, days off, make-up days. */
#include "base/clocktext.h"
#include "org/yaml.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct builder {
    struct gp_calendar *calendar;
    struct gp_week *weeks;
    struct gp_special_day *specials;
    size_t specials_max;
    yaml_node_t *node; /* where the list being read stands */
};

static int64_t get_day(struct gp_yaml *yaml, yaml_node_t *mapping, const char *key, int64_t missing)
{
    struct gp_span text = gp_yaml_get_text(yaml, mapping, key);
    int64_t day = missing;

    if (text.len > 0 && gp_date_parse(text, &day) != 0)
        gp_yaml_find_key(yaml, mapping, key, "not a date", "write 2026-10-01");
    return day;
}

/* ---------------------------------------------------------------- weeks */

/* One line of hours: "mon-fri: 08:00-12:00 14:00-18:00". */
static void read_days(struct gp_yaml *yaml, yaml_node_t *key, yaml_node_t *value,
                      struct gp_week *week, uint8_t *named)
{
    struct gp_span word = gp_yaml_text(yaml, key);
    struct gp_day_hours hours = {0};
    uint8_t days = 0;

    if (!gp_word_days(word, &days))
        gp_yaml_find(yaml, GP_FINDING_ERROR, key, "hours", word, "not a weekday",
                     "write mon, mon-fri or sat sun");
    else if ((*named & days) != 0)
        gp_yaml_find(yaml, GP_FINDING_ERROR, key, "hours", word, "the weekday is there twice",
                     "remove one");
    else if (!gp_word_hours(gp_yaml_text(yaml, value), &hours))
        gp_yaml_find(yaml, GP_FINDING_ERROR, value, "hours", gp_yaml_text(yaml, value),
                     "hours out of order or malformed", "write 08:00-12:00 14:00-18:00");
    *named |= days;
    for (int i = 0; i < 7; i++) {
        if (days >> i & 1)
            week->hours[i] = hours;
    }
}

static void read_hours(struct gp_yaml *yaml, yaml_node_t *node, struct gp_week *week)
{
    yaml_node_t *hours = gp_yaml_get(yaml, node, "hours");

    if (hours == NULL || hours->type != YAML_MAPPING_NODE) {
        gp_yaml_find_key(yaml, node, "hours", "the hours are missing",
                         "write mon-fri: 08:00-12:00 14:00-18:00");
        return;
    }
    uint8_t named = 0;
    for (yaml_node_pair_t *pair = hours->data.mapping.pairs.start;
         pair < hours->data.mapping.pairs.top; pair++)
        read_days(yaml, yaml_document_get_node(&yaml->document, pair->key),
                  yaml_document_get_node(&yaml->document, pair->value), week, &named);
}

static void read_week(struct gp_yaml *yaml, yaml_node_t *node, void *context)
{
    static const char *const keys[] = {"from", "to", "hours", NULL};
    struct builder *builder = context;
    struct gp_week *week = &builder->weeks[builder->calendar->week_count];

    gp_yaml_known(yaml, node, keys);
    week->first_day = get_day(yaml, node, "from", INT64_MIN);
    week->last_day = get_day(yaml, node, "to", INT64_MAX);
    if (week->first_day > week->last_day)
        gp_yaml_find(yaml, GP_FINDING_ERROR, node, "from", (struct gp_span){0}, "from is after to",
                     "swap them");
    for (size_t i = 0; i < builder->calendar->week_count; i++) {
        const struct gp_week *other = &builder->weeks[i];
        if (week->first_day <= other->last_day && other->first_day <= week->last_day)
            gp_yaml_find(yaml, GP_FINDING_ERROR, node, "from", (struct gp_span){0},
                         "two week templates overlap", "let one end the day before the other");
    }
    read_hours(yaml, node, week);
    builder->calendar->week_count++;
}

/* ---------------------------------------------------------------- special days */

static void add_special(struct gp_yaml *yaml, yaml_node_t *node, struct builder *builder,
                        const char *field, struct gp_special_day special)
{
    size_t count = builder->calendar->special_count, at = count;

    if (count == builder->specials_max) {
        gp_yaml_find(yaml, GP_FINDING_ERROR, node, field, (struct gp_span){0},
                     "more than 4000 days in one calendar", "remove years that are over");
        return;
    }
    while (at > 0 && builder->specials[at - 1].day > special.day)
        at--;
    if (at > 0 && builder->specials[at - 1].day == special.day) {
        gp_yaml_find(yaml, GP_FINDING_ERROR, node, field, gp_yaml_text(yaml, node),
                     "the day is listed twice", "remove one");
        return;
    }
    memmove(&builder->specials[at + 1], &builder->specials[at],
            (count - at) * sizeof *builder->specials);
    builder->specials[at] = special;
    builder->calendar->special_count++;
}

static void read_off(struct gp_yaml *yaml, yaml_node_t *node, void *context)
{
    struct gp_span text = gp_yaml_text(yaml, node);
    int64_t first, last;
    bool range = text.len == 22 && memcmp(text.ptr + 10, "..", 2) == 0;
    struct gp_span head = {text.ptr, range ? 10 : text.len};
    struct gp_span tail = {range ? text.ptr + 12 : text.ptr, range ? 10 : text.len};

    if (gp_date_parse(head, &first) != 0 || gp_date_parse(tail, &last) != 0 || last < first ||
        last - first > 366) {
        gp_yaml_find(yaml, GP_FINDING_ERROR, node, "off", text, "not a date or range",
                     "write 2026-10-01 or 2026-10-01..2026-10-07");
        return;
    }
    for (int64_t day = first; day <= last; day++)
        add_special(yaml, node, context, "off", (struct gp_special_day){.day = day});
}

static void read_work(struct gp_yaml *yaml, yaml_node_t *node, void *context)
{
    static const char *const keys[] = {"date", "hours", NULL};
    struct gp_special_day special = {.work = true};
    struct gp_span hours;

    gp_yaml_known(yaml, node, keys);
    if (node == NULL || node->type != YAML_MAPPING_NODE)
        return;
    special.day = get_day(yaml, node, "date", INT64_MIN);
    hours = gp_yaml_get_text(yaml, node, "hours");
    special.own_hours = hours.len > 0;
    if (special.own_hours && !gp_word_hours(hours, &special.hours))
        gp_yaml_find_key(yaml, node, "hours", "hours out of order or malformed",
                         "write 08:00-12:00 14:00-18:00");
    if (gp_yaml_text(yaml, gp_yaml_get(yaml, node, "date")).len == 0)
        gp_yaml_find_key(yaml, node, "date", "the date is missing", "write date: 2026-10-10");
    else if (special.day != INT64_MIN)
        add_special(yaml, gp_yaml_get(yaml, node, "date"), context, "date", special);
}

/* ---------------------------------------------------------------- one file */

static void read_facts(struct gp_yaml *yaml, yaml_node_t *root, struct gp_calendar *calendar,
                       struct gp_span name)
{
    struct gp_span known = gp_yaml_get_text(yaml, root, "known_until");
    struct gp_span workday = gp_yaml_get_text(yaml, root, "workday");
    int64_t day;

    calendar->id = gp_yaml_get_text(yaml, root, "id");
    if (!gp_span_equal(calendar->id, name))
        gp_yaml_find_key(yaml, root, "id", "the id is not the file's name",
                         "let both be the same word");
    if (gp_zone_parse(gp_yaml_get_text(yaml, root, "zone"), &calendar->zone_ms) != 0)
        gp_yaml_find_key(yaml, root, "zone", "not a zone", "write \"+08:00\"");
    calendar->workday_ms = 8 * GP_MS_HOUR;
    if (workday.len > 0 && (!gp_word_duration(workday, &calendar->workday_ms) ||
                            calendar->workday_ms <= 0 || calendar->workday_ms > GP_MS_DAY))
        gp_yaml_find_key(yaml, root, "workday", "not a working day's length", "write 8h or 510m");
    calendar->known_until_ms = INT64_MAX;
    if (known.len == 0 || gp_span_is(known, "always"))
        return;
    if (gp_date_parse(known, &day) != 0)
        gp_yaml_find_key(yaml, root, "known_until", "not a date",
                         "write the last day whose holidays are published, or always");
    else
        calendar->known_until_ms = (day + 1) * GP_MS_DAY - calendar->zone_ms;
}

static int by_first_day(const void *a, const void *b)
{
    const struct gp_week *x = a, *y = b;
    return (x->first_day > y->first_day) - (x->first_day < y->first_day);
}

static bool any_work(const struct gp_calendar *calendar)
{
    for (size_t i = 0; i < calendar->week_count; i++) {
        for (int day = 0; day < 7; day++) {
            if (calendar->weeks[i].hours[day].segment_count > 0)
                return true;
        }
    }
    return false;
}

#define GP_WEEKS_MAX    64
#define GP_SPECIALS_MAX 4000

static void read_calendar(struct gp_yaml *yaml, struct gp_span name, struct gp_calendar *calendar)
{
    static const char *const keys[] = {"id",    "zone", "workday", "known_until",
                                       "weeks", "off",  "work",    NULL};
    yaml_node_t *root = gp_yaml_root(yaml);
    yaml_node_t *weeks = gp_yaml_get(yaml, root, "weeks");
    struct builder builder = {.calendar = calendar, .specials_max = GP_SPECIALS_MAX};

    gp_yaml_known(yaml, root, keys);
    builder.weeks = gp_loader_array(yaml->loader, GP_WEEKS_MAX, sizeof *builder.weeks);
    builder.specials = gp_loader_array(yaml->loader, GP_SPECIALS_MAX, sizeof *builder.specials);
    if (yaml->loader->error != 0)
        return;
    calendar->weeks = builder.weeks;
    calendar->specials = builder.specials;
    read_facts(yaml, root, calendar, name);
    if (weeks != NULL && weeks->type == YAML_SEQUENCE_NODE &&
        weeks->data.sequence.items.top - weeks->data.sequence.items.start > GP_WEEKS_MAX)
        gp_yaml_find(yaml, GP_FINDING_ERROR, weeks, "weeks", (struct gp_span){0},
                     "more than 64 week templates", "remove years that are over");
    else
        gp_yaml_each(yaml, weeks, read_week, &builder);
    qsort(builder.weeks, calendar->week_count, sizeof *builder.weeks, by_first_day);
    gp_yaml_each(yaml, gp_yaml_get(yaml, root, "off"), read_off, &builder);
    gp_yaml_each(yaml, gp_yaml_get(yaml, root, "work"), read_work, &builder);
    if (!any_work(calendar))
        gp_yaml_find_key(yaml, root, "weeks", "no weekday has working hours",
                         "write weeks: - hours: mon-fri: 08:00-12:00");
}

/* ---------------------------------------------------------------- all files */

static int is_yaml(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);
    return len > 5 && strcmp(entry->d_name + len - 5, ".yaml") == 0 && entry->d_name[0] != '.';
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void load_one(struct gp_loader *loader, const char *name, struct gp_calendar *calendars)
{
    char file[300];
    struct gp_yaml yaml;
    struct gp_span id = {name, strlen(name) - 5};

    (void)snprintf(file, sizeof file, "calendar/%s", name);
    int rc = gp_yaml_open(loader, file, &yaml);
    if (rc == GP_ENOTFOUND)
        gp_findings_add(loader->findings, GP_FINDING_ERROR, file, 0, "", (struct gp_span){0},
                        "the file is listed and not there", "mend or remove the link");
    if (rc != 0) {
        gp_loader_unread(loader, "calendar/");
        return; /* a finding says why */
    }
    id = gp_arena_copy(loader->arena, id);
    if (id.ptr == NULL) {
        loader->error = GP_ENOMEM;
        gp_yaml_close(&yaml);
        return;
    }
    read_calendar(&yaml, id, &calendars[loader->org->calendar_count]);
    calendars[loader->org->calendar_count].id = id;
    loader->org->calendar_count++;
    gp_yaml_close(&yaml);
}

/* Says where the settings name a calendar that is not there. */
static void find_default(struct gp_loader *loader, struct gp_span wanted)
{
    static const char key[] = "default_calendar";
    static const char problem[] = "there is no such calendar";
    static const char remedy[] = "name a file of calendar/, without .yaml";
    struct gp_yaml yaml;
    yaml_node_t *named = NULL;
    int rc = gp_yaml_open(loader, "gridpost.yaml", &yaml);

    if (rc == 0) {
        named = gp_yaml_get(&yaml, gp_yaml_root(&yaml), key);
        if (named != NULL)
            gp_yaml_find_key(&yaml, gp_yaml_root(&yaml), key, problem, remedy);
        gp_yaml_close(&yaml);
    }
    if (named == NULL)
        gp_findings_add(loader->findings, GP_FINDING_ERROR, "gridpost.yaml", 0, key, wanted,
                        problem, remedy);
}

/* Without the one that is wanted, times are read in the first one's zone: the folder is refused
 * anyhow. */
static void choose_default(struct gp_loader *loader)
{
    struct gp_org *org = loader->org;
    struct gp_span wanted = gp_span_of(loader->default_calendar);
    size_t chosen = 0;

    if (org->calendar_count == 0)
        return;
    while (chosen < org->calendar_count && !gp_span_equal(org->calendars[chosen].id, wanted))
        chosen++;
    if (chosen == org->calendar_count) {
        if (wanted.len > 0 && gp_loader_whole(loader, "calendar/"))
            find_default(loader, wanted);
        chosen = 0;
    }
    org->default_calendar = (uint32_t)chosen;
    loader->zone_ms = org->calendars[chosen].zone_ms;
}

void gp_load_calendars(struct gp_loader *loader)
{
    char path[4096];
    struct dirent **names = NULL;
    int count;

    (void)snprintf(path, sizeof path, "%s/calendar", loader->folder);
    count = scandir(path, &names, is_yaml, by_bytes);
    if (count < 0 && (errno == ENOMEM || errno == EMFILE || errno == ENFILE)) {
        loader->error = errno == ENOMEM ? GP_ENOMEM : GP_EAGAIN;
        return;
    }
    if (count <= 0) {
        gp_findings_add(loader->findings, GP_FINDING_ERROR, "calendar/", 0, "", (struct gp_span){0},
                        "there is no calendar", "put at least calendar/office.yaml there");
        free(names);
        return;
    }
    struct gp_calendar *calendars = gp_loader_array(loader, (size_t)count, sizeof *calendars);
    loader->org->calendars = calendars;
    for (int i = 0; i < count; i++) {
        if (calendars != NULL)
            load_one(loader, names[i]->d_name, calendars);
        free(names[i]);
    }
    free(names);
    if (loader->error == 0)
        choose_default(loader);
}
