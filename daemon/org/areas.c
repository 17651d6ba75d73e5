/* areas.csv: the tree of districts, streets, communities, committees and grids. */
#include "org/loader.h"

#include <stdlib.h>

enum { CODE, NAME, LEVEL, HOUSEHOLDS, CALENDAR, ALIAS_OF, VALID_FROM, VALID_TO, COLUMNS };

static const struct gp_column columns[COLUMNS] = {
    [CODE] = {"code", "区划代码", true},
    [NAME] = {"name", "名称", true},
    [LEVEL] = {"level", "层级", true},
    [HOUSEHOLDS] = {"households", "户数", false},
    [CALENDAR] = {"calendar", "日历", false},
    [ALIAS_OF] = {"alias_of", "并入", false},
    [VALID_FROM] = {"valid_from", "启用", false},
    [VALID_TO] = {"valid_to", "停用", false},
};

struct raw { /* an area and the row it came from, while sorting */
    struct gp_area area;
    size_t row;
};

static uint32_t households(struct gp_loader *loader, const struct gp_sheet *sheet, size_t row)
{
    struct gp_span text = gp_cell(sheet, row, HOUSEHOLDS);
    int64_t value = 0;

    if (text.len > 0 && !gp_word_whole(text, 7, &value))
        gp_sheet_find(loader, GP_FINDING_ERROR, sheet, row, HOUSEHOLDS, "not a number",
                      "write digits only");
    return (uint32_t)value;
}

static void warn_size(struct gp_loader *loader, const struct gp_sheet *sheet, size_t row,
                      const struct gp_area *area)
{
    if (area->households == 0 || area->alias_of != GP_NONE)
        return;
    if (area->ref.level == GP_LEVEL_GRID && (area->households < 200 || area->households > 300))
        gp_sheet_find(loader, GP_FINDING_WARNING, sheet, row, HOUSEHOLDS,
                      "a grid outside 200 to 300 households", "cut or join grids");
    if (area->ref.level == GP_LEVEL_COMMUNITY && area->households > 3000)
        gp_sheet_find(loader, GP_FINDING_WARNING, sheet, row, HOUSEHOLDS,
                      "a community above 3000 households", "consider splitting it");
}

static uint32_t find_calendar(struct gp_loader *loader, const struct gp_sheet *sheet, size_t row)
{
    struct gp_span id = gp_cell(sheet, row, CALENDAR);

    if (id.len == 0)
        return GP_NONE;
    for (size_t i = 0; i < loader->org->calendar_count; i++) {
        if (gp_span_equal(loader->org->calendars[i].id, id))
            return (uint32_t)i;
    }
    gp_sheet_find_link(loader, sheet, row, CALENDAR, "calendar/", "no such calendar",
                       "name a file of calendar/, without .yaml");
    return GP_NONE;
}

static bool read_area(struct gp_loader *loader, const struct gp_sheet *sheet, size_t row,
                      struct gp_area *area)
{
    *area = (struct gp_area){
        .code = gp_cell_id(loader, sheet, row, CODE, true),
        .name = gp_cell_id(loader, sheet, row, NAME, true),
        .households = households(loader, sheet, row),
        .calendar = find_calendar(loader, sheet, row),
        .parent = GP_NONE,
        .alias_of = GP_NONE,
        .valid_from_ms = gp_cell_from(loader, sheet, row, VALID_FROM),
        .valid_to_ms = gp_cell_to(loader, sheet, row, VALID_TO),
    };
    if (gp_area_parse(area->code, &area->ref) != 0) {
        gp_sheet_find(loader, GP_FINDING_ERROR, sheet, row, CODE, "not a code of 2 to 15 digits",
                      "use the national code: 6, 9, 12 or 15 digits");
        return false;
    }
    area->ref.level = (uint8_t)gp_level_parse(gp_cell(sheet, row, LEVEL));
    if (area->ref.level == GP_LEVEL_NONE)
        gp_sheet_find(loader, GP_FINDING_ERROR, sheet, row, LEVEL, "no such level",
                      "use: city district street community committee grid");
    if (area->valid_from_ms >= area->valid_to_ms)
        gp_sheet_find(loader, GP_FINDING_ERROR, sheet, row, VALID_TO, "ends before it begins",
                      "correct valid_from or valid_to");
    return area->ref.level != GP_LEVEL_NONE;
}

static int by_ref(const void *a, const void *b)
{
    const struct gp_area_ref *x = &((const struct raw *)a)->area.ref;
    const struct gp_area_ref *y = &((const struct raw *)b)->area.ref;

    if (x->padded != y->padded)
        return x->padded < y->padded ? -1 : 1;
    return x->level - y->level;
}

/* The deepest area above `level` with this padded code; GP_NONE. */
static uint32_t deepest_above(const struct gp_org *org, uint64_t padded, uint8_t level)
{
    struct gp_area_ref ref = {.padded = padded};

    for (int candidate = level - 1; candidate >= GP_LEVEL_CITY; candidate--) {
        ref.level = (uint8_t)candidate;
        uint32_t found = gp_org_area_ref(org, ref);
        if (found != GP_NONE)
            return found;
    }
    return GP_NONE;
}

/* The nearest ancestor that exists: shorter and shorter prefixes of the code. */
static uint32_t find_parent(const struct gp_org *org, const struct gp_area *area)
{
    uint64_t unit = 1;

    for (int digits = GP_AREA_DIGITS_MAX; digits >= 2; digits--, unit *= 10) {
        if (digits > area->ref.digits)
            continue;
        uint64_t padded = area->ref.padded - area->ref.padded % unit;
        uint32_t parent = deepest_above(org, padded, area->ref.level);
        if (parent != GP_NONE)
            return parent;
    }
    return GP_NONE;
}

/* Whether a shorter prefix of the code is an area that is not above this one's level. */
static bool out_of_order(const struct gp_org *org, const struct gp_area *area)
{
    struct gp_area_ref ref = {.padded = area->ref.padded};
    uint64_t unit = 1;

    for (int digits = GP_AREA_DIGITS_MAX - 1; digits >= 2; digits--) {
        unit *= 10;
        if (digits >= area->ref.digits)
            continue;
        ref.padded = area->ref.padded - area->ref.padded % unit;
        for (int level = area->ref.level; level <= GP_LEVEL_GRID; level++) {
            ref.level = (uint8_t)level;
            uint32_t found = gp_org_area_ref(org, ref);
            if (found != GP_NONE && org->areas[found].ref.digits <= digits &&
                org->areas[found].alias_of == GP_NONE)
                return true;
        }
    }
    return false;
}

static void link_alias(struct gp_loader *loader, const struct gp_sheet *sheet, size_t row,
                       struct gp_area *area)
{
    struct gp_span alias = gp_cell(sheet, row, ALIAS_OF);

    if (alias.len == 0)
        return;
    uint32_t found = gp_org_area(loader->org, alias);
    if (found != GP_NONE && &loader->org->areas[found] != area)
        area->alias_of = found;
    else
        gp_sheet_find(loader, GP_FINDING_ERROR, sheet, row, ALIAS_OF, "no such other area",
                      "name the code that answers for this one now");
}

/* Whether its aliases never come to an area that answers. */
static bool endless(const struct gp_org *org, const struct gp_area *area)
{
    int hops = 0;

    while (area->alias_of != GP_NONE && hops++ < GP_ALIASES_MAX)
        area = &org->areas[area->alias_of];
    return area->alias_of != GP_NONE;
}

/* An old code that leads nowhere when it begins to lead: what is reported to it would be refused.
 */
static void check_alias(struct gp_loader *loader, const struct gp_sheet *sheet, size_t row,
                        const struct gp_area *area)
{
    const struct gp_org *org = loader->org;
    int64_t from_ms = gp_area_alias_from(area);

    if (endless(org, area)) {
        gp_sheet_find(loader, GP_FINDING_ERROR, sheet, row, ALIAS_OF,
                      "its aliases run in a circle, or through more than 8 codes",
                      "name the code that answers for it now");
        return;
    }
    const struct gp_area *to = &org->areas[gp_org_area_at(org, area->alias_of, from_ms)];
    if (area->ref.level == GP_LEVEL_GRID && to->ref.level != GP_LEVEL_GRID)
        gp_sheet_find(loader, GP_FINDING_ERROR, sheet, row, ALIAS_OF,
                      "only a grid can answer for a grid",
                      "name the grid that answers for this one now");
    if (from_ms != 0 && (from_ms < to->valid_from_ms || from_ms >= to->valid_to_ms))
        gp_sheet_find(loader, GP_FINDING_WARNING, sheet, row, ALIAS_OF,
                      "the area that answers is not valid when this one ends",
                      "let one be valid until the other begins");
}

/* What can be judged when all aliases are known: an old code is not held to the order. */
static void check_area(struct gp_loader *loader, const struct gp_sheet *sheet, size_t row,
                       const struct gp_area *area)
{
    if (area->alias_of == GP_NONE && out_of_order(loader->org, area))
        gp_sheet_find(loader, GP_FINDING_ERROR, sheet, row, LEVEL,
                      "an area of the same or a lower level stands above it",
                      "correct the level, or the code");
    if (area->alias_of != GP_NONE)
        check_alias(loader, sheet, row, area);
    else if (area->parent != GP_NONE && loader->org->areas[area->parent].alias_of != GP_NONE)
        gp_sheet_find(loader, GP_FINDING_WARNING, sheet, row, CODE,
                      "the area above it is an old code: its posts answer no more",
                      "give this one a code below the new area, and this code as an alias");
}

static void link_area(struct gp_loader *loader, const struct gp_sheet *sheet, size_t row,
                      struct gp_area *area)
{
    area->parent = find_parent(loader->org, area);
    if (area->parent == GP_NONE && area->ref.level > GP_LEVEL_DISTRICT)
        gp_sheet_find(loader, GP_FINDING_ERROR, sheet, row, CODE, "no area above it",
                      "add the district or street whose code it starts with");
    link_alias(loader, sheet, row, area);
    warn_size(loader, sheet, row, area);
}

/* Puts the sorted rows in place and links them. */
static void settle(struct gp_loader *loader, const struct gp_sheet *sheet, const struct raw *raw,
                   size_t count)
{
    struct gp_area *areas = gp_loader_array(loader, count, sizeof *areas);
    unsigned *lines = gp_loader_array(loader, count, sizeof *lines);

    if (loader->error != 0)
        return;
    for (size_t i = 0; i < count; i++) {
        areas[i] = raw[i].area;
        lines[i] = sheet->line[raw[i].row];
        if (i > 0 && by_ref(&raw[i - 1], &raw[i]) == 0)
            gp_sheet_find(loader, GP_FINDING_ERROR, sheet, raw[i].row, CODE,
                          "the code is there twice at this level", "remove one row");
    }
    loader->org->areas = areas;
    loader->org->area_count = count;
    loader->area_line = lines;
    for (size_t i = 0; i < count; i++)
        link_area(loader, sheet, raw[i].row, &areas[i]);
    for (size_t i = 0; i < count; i++)
        check_area(loader, sheet, raw[i].row, &areas[i]);
}

static int by_ref_and_row(const void *a, const void *b)
{
    const struct raw *x = a, *y = b;
    int order = by_ref(a, b);
    return order != 0 ? order : (x->row > y->row) - (x->row < y->row);
}

void gp_load_areas(struct gp_loader *loader)
{
    struct gp_sheet sheet;
    struct raw *raw;
    size_t count = 0;

    if (gp_sheet_load(loader, "org/areas.csv", columns, COLUMNS, true, &sheet) != 0)
        return;
    raw = calloc(sheet.row_count + 1, sizeof *raw);
    if (raw == NULL)
        loader->error = GP_ENOMEM;
    for (size_t row = 0; raw != NULL && row < sheet.row_count; row++) {
        raw[count].row = row;
        count += read_area(loader, &sheet, row, &raw[count].area);
    }
    if (loader->error == 0) {
        qsort(raw, count, sizeof *raw, by_ref_and_row);
        settle(loader, &sheet, raw, count);
    }
    free(raw);
    gp_sheet_release(&sheet);
}
