/* Recipients: who is told by which channel, and when not. */
#include "notify/settings_internal.h"

#include "base/clocktext.h"
#include "notify/address.h"

#include <stdlib.h>

struct rule_text { /* a recipient as it is written */
    const char *name, *person, *post, *department, *channel, *address, *quiet, *zone;
    int language;
};

#define LANGUAGE_NOT_SAID (-1)

static bool is_id(struct gp_span text)
{
    return text.len > 0 && gp_text_is_plain(text);
}

static bool is_zone_or_none(struct gp_span text)
{
    int64_t zone_ms;
    return text.len == 0 || gp_zone_parse(text, &zone_ms) == 0;
}

static bool read_quiet(struct gp_span text, struct gp_quiet *ret_quiet)
{
    struct gp_quiet quiet = {.set = true};

    if (text.len != 11 || text.ptr[5] != '-' ||
        !gp_word_time((struct gp_span){text.ptr, 5}, &quiet.from_ms) ||
        !gp_word_time((struct gp_span){text.ptr + 6, 5}, &quiet.to_ms) ||
        quiet.from_ms == quiet.to_ms)
        return false;
    *ret_quiet = quiet;
    return true;
}

static bool is_quiet_or_none(struct gp_span text)
{
    struct gp_quiet quiet;
    return text.len == 0 || read_quiet(text, &quiet);
}

#define TO(member) offsetof(struct rule_text, member)

static const struct gp_field fields[] = {
    {"name", GP_FIELD_TEXT, TO(name), "", 0, GP_ID_BYTES_MAX, gp_text_is_plain, NULL,
     "at most 64 bytes"},
    {"person", GP_FIELD_TEXT, TO(person), "", 0, GP_ID_BYTES_MAX, is_id, NULL,
     "an id of people.csv, or \"*\" for everybody"},
    {"post", GP_FIELD_TEXT, TO(post), "", 0, GP_ID_BYTES_MAX, is_id, NULL, "an id of posts.csv"},
    {"department", GP_FIELD_TEXT, TO(department), "", 0, GP_ID_BYTES_MAX, is_id, NULL,
     "a code of departments.csv"},
    {"channel", GP_FIELD_TEXT, TO(channel), NULL, 1, GP_ID_BYTES_MAX, is_id, NULL,
     "name one of the channels"},
    {"address", GP_FIELD_TEXT, TO(address), "", 0, 200, gp_text_is_plain, NULL,
     "a mail address, or what the webhook's receiver knows"},
    {"language", GP_FIELD_CHOICE, TO(language), "", 0, 0, NULL, gp_language_names, "use: zh en"},
    {"quiet", GP_FIELD_TEXT, TO(quiet), "", 0, 11, is_quiet_or_none, NULL,
     "write it as 22:00-07:00"},
    {"zone", GP_FIELD_TEXT, TO(zone), "", 0, 6, is_zone_or_none, NULL, "write it as +08:00"},
    {"passes", GP_FIELD_OTHER, 0, NULL, 0, 0, NULL, NULL, ""},
    {0},
};

/* ---------------------------------------------------------------- what passes */

unsigned gp_word_slot(struct gp_span word)
{
    int step = gp_step_parse(word), what = gp_what_parse(word);

    if (step != GP_STEP_NONE)
        return (unsigned)step;
    return what != GP_WHAT_NONE ? 16 + (unsigned)what : 0;
}

static void read_pass(struct gp_yaml *yaml, yaml_node_t *node, void *context)
{
    uint64_t *passes = context;
    struct gp_span word = gp_yaml_text(yaml, node);
    unsigned slot = gp_word_slot(word);

    if (gp_span_is(word, "urgent"))
        *passes |= GP_PASS_URGENT;
    else if (slot != 0)
        *passes |= UINT64_C(1) << slot;
    else
        gp_yaml_find(yaml, GP_FINDING_ERROR, node, "passes", word, "no such step or entry",
                     "use urgent, red, card … as docs/NOTIFY.md lists them");
}

/* ---------------------------------------------------------------- one recipient */

static void choose_match(struct gp_settings_reader *reader, yaml_node_t *node,
                         const struct rule_text *text, struct gp_rule *rule)
{
    int said = (text->person[0] != '\0') + (text->post[0] != '\0') + (text->department[0] != '\0');

    if (said != 1) {
        gp_yaml_find(&reader->yaml, GP_FINDING_ERROR, node, "", (struct gp_span){0},
                     "one of person, post and department says who it is", "write one of them");
        return;
    }
    if (text->post[0] != '\0')
        *rule = (struct gp_rule){.kind = GP_RULE_POST, .match = text->post};
    else if (text->department[0] != '\0')
        *rule = (struct gp_rule){.kind = GP_RULE_DEPARTMENT, .match = text->department};
    else if (strcmp(text->person, "*") == 0)
        *rule = (struct gp_rule){.kind = GP_RULE_EVERYBODY, .match = "everybody"};
    else
        *rule = (struct gp_rule){.kind = GP_RULE_PERSON, .match = text->person};
    rule->name = text->name[0] != '\0' ? text->name : rule->match;
}

static bool is_known(const struct gp_org *org, const struct gp_rule *rule)
{
    struct gp_span id = gp_span_of(rule->match);

    switch (rule->kind) {
    case GP_RULE_PERSON:
        return gp_org_person(org, id) != GP_NONE;
    case GP_RULE_POST:
        return gp_org_post(org, id) != GP_NONE;
    case GP_RULE_DEPARTMENT:
        return gp_org_department(org, id) != GP_NONE;
    case GP_RULE_EVERYBODY:
        break;
    }
    return true;
}

/* People come and go: who is not there (any more) stops nobody else's notices. */
static void check_match(struct gp_settings_reader *reader, yaml_node_t *node,
                        const struct gp_rule *rule)
{
    const struct gp_org *org = gp_notify_org(reader->settings);

    if (org == NULL && rule->kind == GP_RULE_DEPARTMENT)
        gp_yaml_find_key(&reader->yaml, node, "department",
                         "nobody knows who is of it without a directory", "set directory");
    else if (org != NULL && !is_known(org, rule))
        gp_yaml_find(&reader->yaml, GP_FINDING_WARNING, node, "", gp_span_of(rule->match),
                     "the directory does not know it", "correct it, or remove the recipient");
}

static void check_channel(struct gp_settings_reader *reader, yaml_node_t *node,
                          const struct rule_text *text, struct gp_rule *rule)
{
    const struct gp_notify_settings *settings = reader->settings;

    rule->channel = gp_channel_find(settings, gp_span_of(text->channel));
    if (rule->channel == GP_NONE) {
        gp_yaml_find_key(&reader->yaml, node, "channel", "no such channel",
                         "name one of the channels");
        return;
    }
    if (settings->channel[rule->channel].kind == GP_CHANNEL_SMTP &&
        !gp_address_is_mail(gp_span_of(text->address)))
        gp_yaml_find_key(&reader->yaml, node, "address", "not a mail address", "write NAME@HOST");
}

static void read_rule(struct gp_settings_reader *reader, yaml_node_t *node, struct gp_rule *rule)
{
    struct rule_text text = {.language = LANGUAGE_NOT_SAID};
    struct gp_loader *loader = reader->yaml.loader;
    size_t errors = loader->findings->errors;

    gp_fields_read(&reader->yaml, node, fields, &text);
    if (loader->error != 0 || loader->findings->errors > errors)
        return;
    choose_match(reader, node, &text, rule);
    if (loader->findings->errors > errors)
        return;
    check_match(reader, node, rule);
    check_channel(reader, node, &text, rule);
    rule->address = text.address;
    rule->language = (enum gp_language)(
        text.language != LANGUAGE_NOT_SAID ? text.language : reader->settings->language);
    rule->zone_ms = reader->settings->zone_ms;
    if (text.zone[0] != '\0')
        (void)gp_zone_parse(gp_span_of(text.zone), &rule->zone_ms); /* judged before */
    if (text.quiet[0] != '\0')
        (void)read_quiet(gp_span_of(text.quiet), &rule->quiet); /* judged before */
    gp_yaml_each(&reader->yaml, gp_yaml_get(&reader->yaml, node, "passes"), read_pass,
                 &rule->passes);
}

/* ---------------------------------------------------------------- all of them */

/* Orders in which alike rules are neighbours; the earlier one of the file comes first. */
static int by_dest(const void *a, const void *b, void *context)
{
    const struct gp_rule *rules = context;
    const struct gp_rule *x = &rules[*(const uint32_t *)a], *y = &rules[*(const uint32_t *)b];
    int order = (x->channel > y->channel) - (x->channel < y->channel);

    if (order == 0)
        order = strcmp(x->address, y->address);
    if (order == 0)
        order = (int)x->language - (int)y->language;
    return order != 0 ? order : (x > y) - (x < y);
}

static int by_name(const void *a, const void *b, void *context)
{
    const struct gp_rule *rules = context;
    const struct gp_rule *x = &rules[*(const uint32_t *)a], *y = &rules[*(const uint32_t *)b];
    int order = strcmp(x->name, y->name);

    return order != 0 ? order : (x > y) - (x < y);
}

static bool is_same_dest(const struct gp_rule *a, const struct gp_rule *b)
{
    return a->channel == b->channel && a->language == b->language &&
           strcmp(a->address, b->address) == 0;
}

static void find_dests(struct gp_notify_settings *settings, const uint32_t *order)
{
    for (uint32_t i = 0; i < settings->rule_count; i++) {
        struct gp_rule *rule = &settings->rule[order[i]];
        const struct gp_rule *before = i > 0 ? &settings->rule[order[i - 1]] : NULL;
        rule->dest = before != NULL && is_same_dest(before, rule) ? before->dest : order[i];
    }
}

static void find_twins(struct gp_settings_reader *reader, yaml_node_t *list, const uint32_t *order)
{
    const struct gp_notify_settings *settings = reader->settings;

    for (uint32_t i = 1; i < settings->rule_count; i++) {
        const struct gp_rule *rule = &settings->rule[order[i]];
        if (strcmp(rule->name, settings->rule[order[i - 1]].name) == 0)
            gp_yaml_find(&reader->yaml, GP_FINDING_ERROR, gp_reader_item(reader, list, order[i]),
                         "name", gp_span_of(rule->name),
                         "there is a recipient of this name already",
                         "give one of them a name of its own");
    }
}

/* Two orders over all rules. Requires: each was read without a mistake. */
static void join_rules(struct gp_settings_reader *reader, yaml_node_t *list)
{
    struct gp_notify_settings *settings = reader->settings;
    uint32_t *order = gp_reader_array(reader, settings->rule_count, sizeof *order);

    if (order == NULL)
        return;
    for (uint32_t i = 0; i < settings->rule_count; i++)
        order[i] = i;
    qsort_r(order, settings->rule_count, sizeof *order, by_dest, settings->rule);
    find_dests(settings, order);
    qsort_r(order, settings->rule_count, sizeof *order, by_name, settings->rule);
    find_twins(reader, list, order);
    settings->by_name = order;
}

void gp_read_rules(struct gp_settings_reader *reader)
{
    struct gp_notify_settings *settings = reader->settings;
    size_t errors = reader->yaml.loader->findings->errors, count;
    yaml_node_t *list = gp_reader_list(reader, "recipients", GP_RULES_MAX, &count);

    settings->rule = gp_reader_array(reader, count, sizeof *settings->rule);
    if (settings->rule == NULL)
        return;
    for (size_t i = 0; i < count && reader->yaml.loader->error == 0; i++) {
        read_rule(reader, gp_reader_item(reader, list, i), &settings->rule[i]);
        settings->rule_count++;
    }
    if (count == 0)
        gp_yaml_find(&reader->yaml, GP_FINDING_WARNING, reader->root, "recipients",
                     (struct gp_span){0}, "nobody is told of anything", "name recipients");
    if (reader->yaml.loader->error == 0 && reader->yaml.loader->findings->errors == errors)
        join_rules(reader, list);
}

uint32_t gp_rule_find(const struct gp_notify_settings *settings, struct gp_span name)
{
    uint32_t low = 0, high = settings->rule_count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct gp_rule *rule = &settings->rule[settings->by_name[middle]];
        int order = gp_span_compare(gp_span_of(rule->name), name);
        if (order == 0)
            return settings->by_name[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return GP_NONE;
}

/* ---------------------------------------------------------------- who is meant */

static bool is_of_department(const struct gp_org *org, const struct gp_told *told, const char *code)
{
    uint32_t department = gp_org_department(org, gp_span_of(code));
    uint32_t person = gp_org_person(org, told->person), post = gp_org_post(org, told->post);

    if (department == GP_NONE)
        return false;
    return (post != GP_NONE && org->posts[post].department == department) ||
           (person != GP_NONE && org->persons[person].department == department);
}

static bool is_meant(const struct gp_org *org, const struct gp_rule *rule,
                     const struct gp_note *note, const struct gp_told *told)
{
    switch (rule->kind) {
    case GP_RULE_PERSON:
        return gp_span_is(told->person, rule->match);
    case GP_RULE_POST:
        return gp_span_is(told->post, rule->match);
    case GP_RULE_DEPARTMENT:
    case GP_RULE_EVERYBODY:
        if (note->is_private && gp_told_is_officer(told))
            return false;
        return rule->kind == GP_RULE_EVERYBODY ||
               (org != NULL && is_of_department(org, told, rule->match));
    }
    return false;
}

uint64_t gp_rule_match(const struct gp_notify_settings *settings, const struct gp_rule *rule,
                       const struct gp_note *note)
{
    const struct gp_org *org = gp_notify_org(settings);
    uint64_t who = 0;

    for (uint8_t i = 0; i < note->told_count; i++) {
        if (is_meant(org, rule, note, &note->told[i]))
            who |= UINT64_C(1) << i;
    }
    return who;
}
