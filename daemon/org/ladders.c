/* ladders.yaml: policies, their rungs, whom each tells. */
#include "org/yaml.h"

#include <stdio.h>
#include <stdlib.h>

#define GP_LADDERS_MAX 64

struct builder {
    struct gp_ladder *ladders;
    struct gp_ladder *ladder; /* being read */
    struct gp_rung *rung;     /* being read */
};

/* ---------------------------------------------------------------- when */

/* The text without blanks. */
static struct gp_span squeeze(struct gp_yaml *yaml, struct gp_span text)
{
    char *to = gp_arena_alloc(yaml->loader->arena, text.len + 1);
    size_t len = 0;

    if (to == NULL)
        yaml->loader->error = GP_ENOMEM;
    for (size_t i = 0; to != NULL && i < text.len; i++) {
        if (text.ptr[i] != ' ')
            to[len++] = text.ptr[i];
    }
    return (struct gp_span){to, len};
}

static bool read_percent(struct gp_span text, struct gp_rung *rung)
{
    int64_t percent;

    if (text.len == 0 || text.ptr[text.len - 1] != '%' ||
        !gp_word_whole((struct gp_span){text.ptr, text.len - 1}, 3, &percent) || percent > 100)
        return false;
    rung->has_percent = true;
    rung->percent = (uint8_t)percent;
    return true;
}

/* "80%", "start", "start+2wh", "due+4wh", "card+8wh". */
static bool read_at(struct gp_span text, struct gp_rung *rung)
{
    static const struct {
        const char *word;
        uint8_t anchor;
    } anchors[] = {{"start", GP_ANCHOR_START}, {"due", GP_ANCHOR_DUE}, {"card", GP_ANCHOR_CARD}};

    if (rung->anchor == 0)
        rung->anchor = GP_ANCHOR_START;
    if (read_percent(text, rung))
        return true;
    for (size_t i = 0; i < sizeof anchors / sizeof anchors[0]; i++) {
        size_t len = strlen(anchors[i].word);
        if (text.len < len || memcmp(text.ptr, anchors[i].word, len) != 0)
            continue;
        rung->anchor = anchors[i].anchor;
        if (text.len == len)
            return true;
        struct gp_span rest = {text.ptr + len + 1, text.len - len - 1};
        rung->has_amount = text.ptr[len] == '+' && gp_amount_parse(rest, &rung->amount) == 0;
        return rung->has_amount;
    }
    return false;
}

static void read_times(struct gp_yaml *yaml, yaml_node_t *node, struct gp_rung *rung)
{
    struct gp_span at = squeeze(yaml, gp_yaml_get_text(yaml, node, "at"));
    struct gp_span other = squeeze(yaml, gp_yaml_get_text(yaml, node, "or"));

    if (!read_at(at, rung))
        gp_yaml_find_key(yaml, node, "at", "not a time of a step",
                         "write start, start + 2wh, 80%, due, due + 4wh or card + 8wh");
    if (other.len > 0 && !read_percent(other, rung))
        gp_yaml_find_key(yaml, node, "or", "not a percentage", "write 25%");
    if (rung->has_percent && rung->anchor != GP_ANCHOR_START)
        gp_yaml_find_key(yaml, node, "or", "a percentage counts from the start only",
                         "use start, or leave it out");
    if (rung->step == GP_STEP_DISPATCH &&
        (rung->anchor != GP_ANCHOR_START || rung->has_amount || rung->has_percent))
        gp_yaml_find_key(yaml, node, "at", "dispatch is at the start", "write at: start");
    if (rung->step != GP_STEP_REPEAT && rung->anchor == GP_ANCHOR_CARD)
        gp_yaml_find_key(yaml, node, "at", "only repeat counts from the card",
                         "count from due: due + 4wh");
}

/* ---------------------------------------------------------------- whom */

static void read_tell(struct gp_yaml *yaml, yaml_node_t *node, void *context)
{
    struct gp_rung *rung = context;
    struct gp_span word = gp_yaml_text(yaml, node);
    int tell = gp_tell_parse(word);

    if (tell == 0)
        gp_yaml_find(yaml, GP_FINDING_ERROR, node, "tell", word, "nobody is known by this word",
                     "use: owner owner_deputy B tell Z D1 D2 R S1 S2 SK SZ K H H2 F X");
    else
        rung->tells |= UINT32_C(1) << tell;
}

static bool read_yes(struct gp_yaml *yaml, yaml_node_t *node, const char *key)
{
    struct gp_span text = gp_yaml_get_text(yaml, node, key);

    if (text.len == 0 || gp_span_is(text, "no") || gp_span_is(text, "false"))
        return false;
    if (gp_span_is(text, "yes") || gp_span_is(text, "true"))
        return true;
    gp_yaml_find_key(yaml, node, key, "neither yes nor no", "write yes or no");
    return false;
}

/* ---------------------------------------------------------------- rungs */

static void read_repeat(struct gp_yaml *yaml, yaml_node_t *node, struct gp_rung *rung)
{
    struct gp_span times = gp_yaml_get_text(yaml, node, "times");
    struct gp_span then = gp_yaml_get_text(yaml, node, "then");
    uint32_t value = 0;

    for (size_t i = 0; i < times.len && value < 100000; i++)
        value = times.ptr[i] >= '0' && times.ptr[i] <= '9'
                    ? value * 10 + (uint32_t)(times.ptr[i] - '0')
                    : UINT32_MAX / 20;
    rung->times = value;
    if (times.len == 0 || value == 0 || value >= 100000)
        gp_yaml_find_key(yaml, node, "times", "not a number of times",
                         "write how often it repeats before `then` counts, e.g. 10");
    if (gp_amount_parse(squeeze(yaml, then), &rung->then) != 0 || rung->then.n == 0)
        gp_yaml_find_key(yaml, node, "then", "not an amount of time", "write e.g. 40wh");
    if (rung->anchor != GP_ANCHOR_CARD || !rung->has_amount || rung->amount.n == 0)
        gp_yaml_find_key(yaml, node, "at", "repeat follows the card", "write at: card + 8wh");
}

#define STEPS                                                                                      \
    "dispatch unaccepted yellow1 yellow red blue orange card repeat dispatch_late verify_late "    \
    "resume_notice"

/* The clocks beside the owner's: one instant each, which hands nothing over. */
static void check_side(struct gp_yaml *yaml, yaml_node_t *node, const struct gp_rung *rung)
{
    bool days = rung->amount.unit == GP_UNIT_URGENT_DAY;

    if (rung->anchor != GP_ANCHOR_START || !rung->has_amount || rung->has_percent)
        gp_yaml_find_key(yaml, node, "at", "this step counts from the start of its own clock",
                         "write at: start + 15m");
    else if (rung->step == GP_STEP_RESUME_NOTICE && !days)
        gp_yaml_find_key(yaml, node, "at", "the notice comes whole days before",
                         "write at: start + 7ud");
    if (rung->handover || rung->strike)
        gp_yaml_find_key(yaml, node, rung->handover ? "handover" : "strike", "this step only tells",
                         "leave it out");
}

static void read_rung(struct gp_yaml *yaml, yaml_node_t *node, void *context)
{
    static const char *const keys[] = {"step",   "at",     "or",    "tell", "handover",
                                       "strike", "urgent", "times", "then", NULL};
    struct builder *builder = context;
    struct gp_ladder *ladder = builder->ladder;
    struct gp_rung rung = {0};
    struct gp_span step = gp_yaml_get_text(yaml, node, "step");

    gp_yaml_known(yaml, node, keys);
    rung.step = (uint8_t)gp_step_parse(step);
    if (rung.step == GP_STEP_NONE || rung.step > GP_STEP_RESUME_NOTICE) {
        gp_yaml_find_key(yaml, node, "step", "no such step", "use: " STEPS);
        return;
    }
    if (ladder->rung_count > 0 && ladder->rung[ladder->rung_count - 1].step >= rung.step)
        gp_yaml_find_key(yaml, node, "step", "steps out of order or twice", "order: " STEPS);
    read_times(yaml, node, &rung);
    gp_yaml_each(yaml, gp_yaml_get(yaml, node, "tell"), read_tell, &rung);
    if (rung.tells == 0)
        gp_yaml_find_key(yaml, node, "tell", "the step tells nobody", "write tell: [owner]");
    rung.handover = read_yes(yaml, node, "handover");
    rung.strike = read_yes(yaml, node, "strike");
    rung.urgent = read_yes(yaml, node, "urgent");
    if (rung.step == GP_STEP_REPEAT)
        read_repeat(yaml, node, &rung);
    if (rung.step > GP_STEP_REPEAT)
        check_side(yaml, node, &rung);
    if (ladder->rung_count < GP_LADDER_STEPS_MAX)
        ladder->rung[ladder->rung_count++] = rung;
}

/* ---------------------------------------------------------------- ladders */

static bool has_step(const struct gp_ladder *ladder, enum gp_step step)
{
    for (uint8_t i = 0; i < ladder->rung_count; i++) {
        if (ladder->rung[i].step == (uint8_t)step)
            return true;
    }
    return false;
}

static bool hands_over(const struct gp_ladder *ladder)
{
    for (uint8_t i = 0; i < ladder->rung_count; i++) {
        if (ladder->rung[i].handover)
            return true;
    }
    return false;
}

static void check_steps(struct gp_yaml *yaml, yaml_node_t *node, const struct gp_ladder *ladder)
{
    if (!has_step(ladder, GP_STEP_DISPATCH) || !has_step(ladder, GP_STEP_RED))
        gp_yaml_find(yaml, GP_FINDING_ERROR, node, "steps", ladder->id,
                     "a ladder needs dispatch and red", "add the step that is missing");
    else if (!hands_over(ladder))
        gp_yaml_find(yaml, GP_FINDING_WARNING, node, "steps", ladder->id,
                     "no step hands over to the department", "write handover: yes at red");
    if (has_step(ladder, GP_STEP_REPEAT) && !has_step(ladder, GP_STEP_CARD))
        gp_yaml_find(yaml, GP_FINDING_ERROR, node, "steps", ladder->id, "repeat without card",
                     "add card, or remove repeat");
}

static void read_id(struct gp_yaml *yaml, yaml_node_t *node, struct gp_ladder *ladder)
{
    const struct gp_org *org = yaml->loader->org;

    ladder->id = gp_yaml_get_text(yaml, node, "id");
    if (ladder->id.len == 0 || ladder->id.len > GP_ID_BYTES_MAX)
        gp_yaml_find_key(yaml, node, "id", "the ladder has no id of 1 to 64 bytes", "write id: N");
    for (size_t i = 0; &org->ladders[i] != ladder; i++) {
        if (ladder->id.len > 0 && gp_span_equal(org->ladders[i].id, ladder->id))
            gp_yaml_find_key(yaml, node, "id", "two ladders of one id", "rename one");
    }
}

/* What goes for the stages after the first. */
static void read_next(struct gp_yaml *yaml, yaml_node_t *node, struct gp_ladder *ladder)
{
    struct gp_span days = gp_yaml_get_text(yaml, node, "next_long_days");
    struct gp_amount amount = {0};
    char text[16];

    ladder->next = gp_yaml_get_text(yaml, node, "next");
    ladder->next_long = gp_yaml_get_text(yaml, node, "next_long");
    if (days.len == 0)
        return;
    int len = snprintf(text, sizeof text, "%.*swd", GP_SPAN_ARG(days));
    if (len >= (int)sizeof text || gp_amount_parse(gp_span_of(text), &amount) != 0)
        gp_yaml_find_key(yaml, node, "next_long_days", "not a number of days", "write e.g. 5");
    ladder->next_long_wd = amount.n;
}

static void read_ladder(struct gp_yaml *yaml, yaml_node_t *node, void *context)
{
    static const char *const keys[] = {"id",    "clock", "next", "next_long", "next_long_days",
                                       "steps", NULL};
    struct builder *builder = context;
    struct gp_org *org = yaml->loader->org;
    struct gp_span clock = gp_yaml_get_text(yaml, node, "clock");

    if (org->ladder_count == GP_LADDERS_MAX) {
        gp_yaml_find(yaml, GP_FINDING_ERROR, node, "ladders", (struct gp_span){0},
                     "more than 64 ladders", "remove those that no row uses");
        return;
    }
    builder->ladder = &builder->ladders[org->ladder_count++];
    gp_yaml_known(yaml, node, keys);
    read_id(yaml, node, builder->ladder);
    builder->ladder->continuous = gp_span_is(clock, "continuous");
    if (clock.len > 0 && !gp_span_is(clock, "continuous") && !gp_span_is(clock, "work"))
        gp_yaml_find_key(yaml, node, "clock", "no such clock", "write work or continuous");
    read_next(yaml, node, builder->ladder);
    gp_yaml_each(yaml, gp_yaml_get(yaml, node, "steps"), read_rung, builder);
    check_steps(yaml, node, builder->ladder);
}

static int by_id(const void *a, const void *b)
{
    return gp_span_compare(((const struct gp_ladder *)a)->id, ((const struct gp_ladder *)b)->id);
}

/* Once all ladders are known and sorted. */
static void check_links(struct gp_yaml *yaml, yaml_node_t *node, void *context)
{
    static const char *const keys[] = {"next", "next_long"};

    (void)context; /* nothing is read here */
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        struct gp_span id = gp_yaml_text(yaml, gp_yaml_get(yaml, node, keys[i]));
        if (id.len > 0 && gp_org_ladder(yaml->loader->org, id) == GP_NONE)
            gp_yaml_find_key(yaml, node, keys[i], "no such ladder",
                             "name the id of a ladder of this file");
    }
}

static void read_ladders(struct gp_yaml *yaml)
{
    static const char *const keys[] = {"ladders", NULL};
    struct gp_loader *loader = yaml->loader;
    yaml_node_t *list = gp_yaml_get(yaml, gp_yaml_root(yaml), "ladders");
    struct builder builder = {.ladders =
                                  gp_loader_array(loader, GP_LADDERS_MAX, sizeof *builder.ladders)};

    gp_yaml_known(yaml, gp_yaml_root(yaml), keys);
    if (builder.ladders == NULL)
        return;
    loader->org->ladders = builder.ladders;
    gp_yaml_each(yaml, list, read_ladder, &builder);
    qsort(builder.ladders, loader->org->ladder_count, sizeof *builder.ladders, by_id);
    if (list != NULL && list->type == YAML_SEQUENCE_NODE)
        gp_yaml_each(yaml, list, check_links, NULL);
}

void gp_load_ladders(struct gp_loader *loader)
{
    struct gp_yaml yaml;
    size_t errors = loader->findings->errors;
    int rc = gp_yaml_open(loader, "ladders.yaml", &yaml);

    if (rc == GP_ENOTFOUND)
        gp_findings_add(loader->findings, GP_FINDING_ERROR, "ladders.yaml", 0, "",
                        (struct gp_span){0}, "the file is missing",
                        "copy the one of the sample configuration");
    if (rc == 0) {
        read_ladders(&yaml);
        gp_yaml_close(&yaml);
    }
    if (loader->findings->errors > errors) /* a mistake may have cost a ladder its id */
        gp_loader_unread(loader, "ladders.yaml");
}
