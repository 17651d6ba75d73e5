#include "core/org.h"

#include <assert.h>

uint32_t gp_post_key(struct gp_span id)
{
    uint32_t hash = UINT32_C(2166136261);

    for (size_t i = 0; i < id.len; i++)
        hash = (hash ^ (unsigned char)id.ptr[i]) * UINT32_C(16777619);
    return hash;
}

/* Binary search over any sorted array of the snapshot: order(row i, key) is <0, 0, >0. */
typedef int (*row_order)(const struct gp_org *org, size_t i, const void *key);

/* The first row that is not below the key; count: all are. */
static size_t lower(const struct gp_org *org, size_t count, row_order order, const void *key)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (order(org, middle, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static uint32_t find(const struct gp_org *org, size_t count, row_order order, const void *key)
{
    size_t low = lower(org, count, order, key);
    return low < count && order(org, low, key) == 0 ? (uint32_t)low : GP_NONE;
}

static int area_order(const struct gp_org *org, size_t i, const void *key)
{
    const struct gp_area_ref *a = &org->areas[i].ref, *b = key;

    if (a->padded != b->padded)
        return a->padded < b->padded ? -1 : 1;
    return a->level - b->level;
}

static int person_order(const struct gp_org *org, size_t i, const void *key)
{
    return gp_span_compare(org->persons[i].id, *(const struct gp_span *)key);
}

static int department_order(const struct gp_org *org, size_t i, const void *key)
{
    return gp_span_compare(org->departments[i].code, *(const struct gp_span *)key);
}

static int line_order(const struct gp_org *org, size_t i, const void *key)
{
    return gp_span_compare(org->lines[i].code, *(const struct gp_span *)key);
}

static int post_order(const struct gp_org *org, size_t i, const void *key)
{
    return gp_span_compare(org->posts[i].id, *(const struct gp_span *)key);
}

static int post_key_order(const struct gp_org *org, size_t i, const void *key)
{
    uint32_t a = org->posts[org->posts_by_key[i]].key, b = *(const uint32_t *)key;
    return (a > b) - (a < b);
}

static int ladder_order(const struct gp_org *org, size_t i, const void *key)
{
    return gp_span_compare(org->ladders[i].id, *(const struct gp_span *)key);
}

static int user_order(const struct gp_org *org, size_t i, const void *key)
{
    const struct gp_user *a = &org->users[i], *b = key;

    if (a->person != b->person)
        return a->person < b->person ? -1 : 1;
    return (a->via > b->via) - (a->via < b->via);
}

static int user_name_order(const struct gp_org *org, size_t i, const void *key)
{
    return gp_span_compare(org->users[org->users_by_name[i]].name, *(const struct gp_span *)key);
}

struct row_key {
    struct gp_span code, condition;
    int64_t from_ms;
};

static int row_key_order(const struct gp_org *org, size_t i, const void *key)
{
    const struct row_key *pair = key;
    int order = gp_span_compare(org->rows[i].code, pair->code);
    return order != 0 ? order : gp_span_compare(org->rows[i].condition, pair->condition);
}

static int row_version_order(const struct gp_org *org, size_t i, const void *key)
{
    int64_t a = org->rows[i].valid_from_ms, b = ((const struct row_key *)key)->from_ms;
    int order = row_key_order(org, i, key);
    return order != 0 ? order : (a > b) - (a < b);
}

/* The same, but a version that has begun is below: the search ends behind the newest of them. */
static int row_begun_order(const struct gp_org *org, size_t i, const void *key)
{
    int order = row_version_order(org, i, key);
    return order != 0 ? order : -1;
}

static int scope_order(const struct gp_org *org, size_t i, const void *key)
{
    const struct gp_scope *a = &org->scopes[i], *b = key;

    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->area != b->area)
        return a->area < b->area ? -1 : 1;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    return (a->department > b->department) - (a->department < b->department);
}

uint32_t gp_org_scope(const struct gp_org *org, enum gp_post_kind kind, uint32_t area,
                      uint32_t line, uint32_t department)
{
    const struct gp_scope key = {
        .kind = (uint8_t)kind, .area = area, .line = line, .department = department};
    uint32_t at = find(org, org->scope_count, scope_order, &key);
    return at != GP_NONE ? org->scopes[at].post : GP_NONE;
}

size_t gp_org_scopes(const struct gp_org *org, enum gp_post_kind kind, uint32_t area,
                     size_t *ret_first)
{
    const struct gp_scope key = {.kind = (uint8_t)kind, .area = area};
    size_t first = lower(org, org->scope_count, scope_order, &key), end = first;

    while (end < org->scope_count && org->scopes[end].kind == (uint8_t)kind &&
           org->scopes[end].area == area)
        end++;
    *ret_first = first;
    return end - first;
}

uint32_t gp_org_area_ref(const struct gp_org *org, struct gp_area_ref ref)
{
    return find(org, org->area_count, area_order, &ref);
}

uint32_t gp_org_area(const struct gp_org *org, struct gp_span code)
{
    struct gp_area_ref ref;

    if (gp_area_parse(code, &ref) != 0)
        return GP_NONE;
    for (int level = GP_LEVEL_CITY; level <= GP_LEVEL_GRID; level++) {
        ref.level = (uint8_t)level;
        uint32_t area = gp_org_area_ref(org, ref);
        if (area != GP_NONE && org->areas[area].ref.digits == ref.digits)
            return area;
    }
    return GP_NONE;
}

int64_t gp_area_alias_from(const struct gp_area *area)
{
    if (area->alias_of == GP_NONE)
        return INT64_MAX;
    return area->valid_to_ms != INT64_MAX ? area->valid_to_ms : area->valid_from_ms;
}

uint32_t gp_org_area_at(const struct gp_org *org, uint32_t area, int64_t at_ms)
{
    for (int hops = 0; area != GP_NONE && hops < GP_ALIASES_MAX; hops++) {
        assert(area < org->area_count);
        if (at_ms < gp_area_alias_from(&org->areas[area]))
            return area;
        area = org->areas[area].alias_of;
    }
    return area;
}

uint32_t gp_org_area_near(const struct gp_org *org, struct gp_area_ref ref, int64_t at_ms)
{
    uint32_t area = ref.padded != 0 ? gp_org_area_ref(org, ref) : GP_NONE;
    char code[GP_AREA_DIGITS_MAX + 1] = "";

    if (ref.padded != 0)
        gp_area_format(ref, code);
    for (size_t digits = strlen(code); area == GP_NONE && digits > 0; digits--)
        area = gp_org_area(org, (struct gp_span){code, digits});
    return gp_org_area_at(org, area, at_ms);
}

bool gp_org_covers(const struct gp_org *org, struct gp_area_ref outer, struct gp_area_ref inner,
                   int64_t at_ms)
{
    if (gp_area_covers(outer, inner))
        return true;
    uint32_t area = gp_org_area_at(org, gp_org_area_ref(org, inner), at_ms);
    return area != GP_NONE && gp_area_covers(outer, org->areas[area].ref);
}

uint32_t gp_org_person(const struct gp_org *org, struct gp_span id)
{
    return find(org, org->person_count, person_order, &id);
}

uint32_t gp_org_user(const struct gp_org *org, uint32_t person, uint32_t via)
{
    const struct gp_user key = {.person = person, .via = via};
    return find(org, org->user_count, user_order, &key);
}

bool gp_org_has_users(const struct gp_org *org, uint32_t via)
{
    for (size_t i = 0; i < org->user_count; i++) {
        if (org->users[i].via == via)
            return true;
    }
    return false;
}

uint32_t gp_org_user_by_name(const struct gp_org *org, struct gp_span name)
{
    uint32_t at = find(org, org->user_count, user_name_order, &name);
    return at != GP_NONE ? org->users_by_name[at] : GP_NONE;
}

uint32_t gp_org_department(const struct gp_org *org, struct gp_span code)
{
    return find(org, org->department_count, department_order, &code);
}

uint32_t gp_org_line(const struct gp_org *org, struct gp_span code)
{
    return find(org, org->line_count, line_order, &code);
}

uint32_t gp_org_post(const struct gp_org *org, struct gp_span id)
{
    return find(org, org->post_count, post_order, &id);
}

uint32_t gp_org_post_by_key(const struct gp_org *org, uint32_t key)
{
    uint32_t at = find(org, org->post_count, post_key_order, &key);
    return at != GP_NONE ? org->posts_by_key[at] : GP_NONE;
}

uint32_t gp_org_ladder(const struct gp_org *org, struct gp_span id)
{
    return find(org, org->ladder_count, ladder_order, &id);
}

uint32_t gp_org_row(const struct gp_org *org, struct gp_span code, struct gp_span condition,
                    int64_t at_ms)
{
    const struct row_key key = {code, condition, at_ms};
    size_t behind = lower(org, org->row_count, row_begun_order, &key);

    if (behind == 0 || row_key_order(org, behind - 1, &key) != 0)
        return GP_NONE;
    return (uint32_t)(behind - 1);
}

uint32_t gp_org_row_version(const struct gp_org *org, struct gp_span code, struct gp_span condition,
                            int64_t valid_from_ms)
{
    const struct row_key key = {code, condition, valid_from_ms};
    return find(org, org->row_count, row_version_order, &key);
}

int64_t gp_org_row_until(const struct gp_org *org, uint32_t row)
{
    assert(row < org->row_count);
    const struct gp_row *now = &org->rows[row], *next = now + 1;

    if (row + 1 == org->row_count || !gp_span_equal(now->code, next->code) ||
        !gp_span_equal(now->condition, next->condition))
        return INT64_MAX;
    return next->valid_from_ms;
}

uint32_t gp_org_ancestor(const struct gp_org *org, uint32_t area, enum gp_level level)
{
    while (area != GP_NONE) {
        assert(area < org->area_count);
        if (org->areas[area].ref.level == (uint8_t)level)
            return area;
        if (org->areas[area].ref.level < (uint8_t)level)
            return GP_NONE; /* already above it: that level is not there */
        area = org->areas[area].parent;
    }
    return GP_NONE;
}

const struct gp_calendar *gp_org_calendar(const struct gp_org *org, uint32_t area)
{
    for (; area != GP_NONE; area = org->areas[area].parent) {
        if (org->areas[area].calendar != GP_NONE)
            return &org->calendars[org->areas[area].calendar];
    }
    assert(org->default_calendar < org->calendar_count);
    return &org->calendars[org->default_calendar];
}
