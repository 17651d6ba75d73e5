#include "org/weights.h"

#include "org/yaml.h"

#include <stdio.h>

#define GP_WEIGHING_BYTES_MAX ((size_t)4 * 1024 * 1024)
#define GP_WEIGHT_MAX         1000
#define GP_YEARS_MAX          99
#define GP_BONUS_MAX          (100 * 100) /* points in hundredths */

/* ---------------------------------------------------------------- numbers */

static bool read_whole(struct gp_span text, uint32_t max, uint32_t *ret_value)
{
    int64_t value;

    if (!gp_word_whole(text, 6, &value) || value > max)
        return false;
    *ret_value = (uint32_t)value;
    return true;
}

/* "90", "90.5" or "90.25" in hundredths. */
static bool read_hundredths(struct gp_span text, uint32_t max, uint32_t *ret_value)
{
    const char *dot = text.len > 0 ? memchr(text.ptr, '.', text.len) : NULL;
    struct gp_span whole = {text.ptr, dot != NULL ? (size_t)(dot - text.ptr) : text.len};
    struct gp_span part = {dot != NULL ? dot + 1 : NULL,
                           dot != NULL ? text.len - whole.len - 1 : 0};
    uint32_t units, hundredths = 0;

    if (!read_whole(whole, max / 100, &units) || (dot != NULL && part.len != 1 && part.len != 2) ||
        (dot != NULL && !read_whole(part, 99, &hundredths)))
        return false;
    if (part.len == 1)
        hundredths *= 10;
    if (units * 100 + hundredths > max)
        return false;
    *ret_value = units * 100 + hundredths;
    return true;
}

/* A number of a key; what is not there stays as it is. */
static void get_whole(struct gp_yaml *yaml, yaml_node_t *node, const char *key, uint32_t max,
                      uint32_t *value)
{
    if (gp_yaml_get(yaml, node, key) != NULL &&
        !read_whole(gp_yaml_get_text(yaml, node, key), max, value))
        gp_yaml_find_key(yaml, node, key, "not a whole number of this key",
                         "see the comments of config/assess.yaml");
}

static void get_hundredths(struct gp_yaml *yaml, yaml_node_t *node, const char *key, uint32_t max,
                           uint32_t *value)
{
    if (gp_yaml_get(yaml, node, key) != NULL &&
        !read_hundredths(gp_yaml_get_text(yaml, node, key), max, value))
        gp_yaml_find_key(yaml, node, key, "not a number of this key",
                         "write points such as 90 or 90.5");
}

/* ---------------------------------------------------------------- weights */

static void default_weights(struct gp_weights *ret_weights)
{
    *ret_weights = (struct gp_weights){
        .rate = {[GP_RATE_ACCEPT] = 20,
                 [GP_RATE_FINISH] = 40,
                 [GP_RATE_QUALITY] = 20,
                 [GP_RATE_DUTY] = 10,
                 [GP_RATE_COVERAGE] = 10},
        .basic = 70,
        .highlights = 20,
        .review = 10,
        .coverage_target = 500,
        .last_years = 3,
    };
}

void gp_weighing_defaults(struct gp_weighing *ret_weighing)
{
    *ret_weighing = (struct gp_weighing){0};
    gp_arena_init(&ret_weighing->arena, GP_WEIGHING_BYTES_MAX);
    default_weights(&ret_weighing->weights);
}

static void read_rates(struct gp_yaml *yaml, yaml_node_t *node, struct gp_weights *weights)
{
    const char *keys[GP_RATE_COUNT + 1] = {NULL};
    uint32_t sum = 0;

    if (node == NULL)
        return;
    for (int i = 0; i < GP_RATE_COUNT; i++)
        keys[i] = gp_rate_name(i);
    gp_yaml_known(yaml, node, keys);
    for (int i = 0; i < GP_RATE_COUNT; i++) {
        get_whole(yaml, node, keys[i], GP_WEIGHT_MAX, &weights->rate[i]);
        sum += weights->rate[i];
    }
    if (sum == 0)
        gp_yaml_find(yaml, GP_FINDING_ERROR, node, "weights", (struct gp_span){0},
                     "no rate weighs anything", "give one of them a weight");
}

static void read_parts(struct gp_yaml *yaml, yaml_node_t *node, struct gp_weights *weights)
{
    static const char *const keys[] = {"basic", "highlights", "review", NULL};

    if (node == NULL)
        return;
    gp_yaml_known(yaml, node, keys);
    get_whole(yaml, node, "basic", 100, &weights->basic);
    get_whole(yaml, node, "highlights", 100, &weights->highlights);
    get_whole(yaml, node, "review", 100, &weights->review);
    if (weights->basic + weights->highlights + weights->review != 100)
        gp_yaml_find(yaml, GP_FINDING_ERROR, node, "parts", (struct gp_span){0},
                     "basic, highlights and review are not 100 together",
                     "write e.g. basic: 70, highlights: 20, review: 10");
}

/* ---------------------------------------------------------------- units */

static void check_year(struct gp_yaml *yaml, yaml_node_t *node, void *context)
{
    struct gp_span *years = context, text = gp_yaml_text(yaml, node), joined;
    uint32_t year;

    if (text.len != 4 || !read_whole(text, 9999, &year)) {
        gp_yaml_find(yaml, GP_FINDING_ERROR, node, "last_in", text, "not a year",
                     "write e.g. [2024, 2025]");
        return;
    }
    char *both = gp_arena_alloc(yaml->loader->arena, years->len + 4);
    if (both == NULL) {
        yaml->loader->error = GP_ENOMEM;
        return;
    }
    if (years->len > 0)
        memcpy(both, years->ptr, years->len);
    memcpy(both + years->len, text.ptr, 4);
    joined = (struct gp_span){both, years->len + 4};
    *years = joined;
}

static void read_unit(struct gp_yaml *yaml, yaml_node_t *id, yaml_node_t *node,
                      struct gp_weighed_unit *unit)
{
    static const char *const keys[] = {"highlights", "review", "bonus", "veto", "last_in", NULL};
    uint32_t highlights = 0, review = 0, bonus = 0;

    unit->id = gp_yaml_text(yaml, id);
    gp_yaml_known(yaml, node, keys);
    get_hundredths(yaml, node, "highlights", GP_POINTS, &highlights);
    get_hundredths(yaml, node, "review", GP_POINTS, &review);
    get_hundredths(yaml, node, "bonus", GP_BONUS_MAX, &bonus);
    unit->veto = gp_yaml_get_text(yaml, node, "veto");
    gp_yaml_each(yaml, gp_yaml_get(yaml, node, "last_in"), check_year, &unit->last_in);
    unit->entered = (struct gp_entered){.highlights = (int32_t)highlights,
                                        .review = (int32_t)review,
                                        .bonus = (int32_t)bonus,
                                        .veto = unit->veto.len > 0};
}

static void check_twice(struct gp_yaml *yaml, yaml_node_t *id, const struct gp_weighing *weighing)
{
    const struct gp_weighed_unit *last = &weighing->unit[weighing->unit_count];

    for (size_t i = 0; i < weighing->unit_count; i++) {
        if (gp_span_equal(weighing->unit[i].id, last->id))
            gp_yaml_find(yaml, GP_FINDING_ERROR, id, "units", last->id, "the unit is there twice",
                         "remove one");
    }
}

static void read_units(struct gp_yaml *yaml, yaml_node_t *node, struct gp_weighing *weighing)
{
    if (node == NULL)
        return;
    if (node->type != YAML_MAPPING_NODE) {
        gp_yaml_find(yaml, GP_FINDING_ERROR, node, "units", (struct gp_span){0},
                     "expected key: value lines here", "see the comments of config/assess.yaml");
        return;
    }
    yaml_node_pair_t *pair = node->data.mapping.pairs.start, *end = node->data.mapping.pairs.top;
    weighing->unit =
        gp_arena_zalloc(&weighing->arena, (size_t)(end - pair) + 1, sizeof *weighing->unit);
    if (weighing->unit == NULL) {
        yaml->loader->error = GP_ENOMEM;
        return;
    }
    for (; pair < end; pair++) {
        yaml_node_t *id = yaml_document_get_node(&yaml->document, pair->key);
        read_unit(yaml, id, yaml_document_get_node(&yaml->document, pair->value),
                  &weighing->unit[weighing->unit_count]);
        check_twice(yaml, id, weighing);
        weighing->unit_count++;
    }
}

static void read_file(struct gp_yaml *yaml, struct gp_weighing *weighing)
{
    static const char *const keys[] = {"weights",    "parts", "coverage_target",
                                       "last_years", "units", NULL};
    struct gp_weights *weights = &weighing->weights;
    yaml_node_t *root = gp_yaml_root(yaml);
    uint32_t years = weights->last_years;

    if (root == NULL)
        return; /* an empty file: all defaults */
    gp_yaml_known(yaml, root, keys);
    read_rates(yaml, gp_yaml_get(yaml, root, "weights"), weights);
    read_parts(yaml, gp_yaml_get(yaml, root, "parts"), weights);
    get_hundredths(yaml, root, "coverage_target", 100000, &weights->coverage_target);
    get_whole(yaml, root, "last_years", GP_YEARS_MAX, &years);
    weights->last_years = (uint16_t)years;
    if (weights->coverage_target == 0 || years == 0)
        gp_yaml_find(yaml, GP_FINDING_ERROR, root, "", (struct gp_span){0},
                     "coverage_target and last_years are more than 0",
                     "see the comments of config/assess.yaml");
    read_units(yaml, gp_yaml_get(yaml, root, "units"), weighing);
}

/* ---------------------------------------------------------------- the file */

/* The folder and the name of a path, as the reader of folders wants them. */
static void split(const char *path, char folder[4096], const char **ret_name)
{
    const char *slash = strrchr(path, '/');

    (void)snprintf(folder, 4096, "%.*s", slash != NULL ? (int)(slash - path + 1) : 1,
                   slash != NULL ? path : ".");
    *ret_name = slash != NULL ? slash + 1 : path;
}

int gp_weighing_load(const char *path, struct gp_findings *findings,
                     struct gp_weighing *ret_weighing)
{
    struct gp_weighing weighing;
    char folder[4096];
    const char *name;
    struct gp_yaml yaml;
    size_t errors = findings->errors;

    gp_weighing_defaults(&weighing);
    split(path, folder, &name);
    struct gp_loader loader = {.folder = folder, .findings = findings, .arena = &weighing.arena};
    int rc = gp_yaml_open(&loader, name, &yaml);
    if (rc == 0) {
        read_file(&yaml, &weighing);
        gp_yaml_close(&yaml);
    }
    if (loader.error != 0)
        rc = loader.error;
    else if (findings->errors > errors)
        rc = GP_ECONFIG;
    if (rc != 0) {
        gp_weighing_release(&weighing);
        return rc;
    }
    *ret_weighing = weighing;
    return 0;
}

void gp_weighing_release(struct gp_weighing *weighing)
{
    if (weighing != NULL)
        gp_arena_release(&weighing->arena);
}

/* ---------------------------------------------------------------- asking */

static bool has_year(struct gp_span years, int year)
{
    char text[16];

    (void)snprintf(text, sizeof text, "%04d", year);
    for (size_t i = 0; i + 4 <= years.len; i += 4) {
        if (memcmp(years.ptr + i, text, 4) == 0)
            return true;
    }
    return false;
}

struct gp_entered gp_weighing_entered(const struct gp_weighing *weighing, struct gp_span unit,
                                      int year, struct gp_span *ret_veto)
{
    *ret_veto = (struct gp_span){0};
    for (size_t i = 0; i < weighing->unit_count; i++) {
        const struct gp_weighed_unit *found = &weighing->unit[i];
        struct gp_entered entered = found->entered;
        if (!gp_span_equal(found->id, unit))
            continue;
        while (entered.last_running < GP_YEARS_MAX &&
               has_year(found->last_in, year - 1 - entered.last_running))
            entered.last_running++;
        *ret_veto = found->veto;
        return entered;
    }
    return (struct gp_entered){0};
}
