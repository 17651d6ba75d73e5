/* catalogue.csv: one row per category, condition and version. */
#include "org/loader.h"

#include <stdlib.h>

enum {
    CODE,
    CONDITION,
    NAME_ZH,
    NAME_EN,
    CONDITION_ZH,
    LINE,
    DEPARTMENT,
    FIRST_OWNER,
    TELL,
    URGENCY,
    LIMIT,
    POLICY,
    FIRST_ACT,
    ON_SPOT,
    PRIVATE,
    INFORMED,
    WD_MODE,
    FILING,
    VALID_FROM,
    COLUMNS
};

static const struct gp_column columns[COLUMNS] = {
    [CODE] = {"code", "类别代码", true},
    [CONDITION] = {"condition", "情形代码", true},
    [NAME_ZH] = {"name_zh", "类别名称", true},
    [NAME_EN] = {"name_en", "英文名称", false},
    [CONDITION_ZH] = {"condition_zh", "情形", false},
    [LINE] = {"line", "条线", true},
    [DEPARTMENT] = {"department", "责任部门", false},
    [FIRST_OWNER] = {"first_owner", "首责岗", true},
    [TELL] = {"tell", "抄告", false},
    [URGENCY] = {"urgency", "紧急程度", false},
    [LIMIT] = {"limit", "时限", true},
    [POLICY] = {"policy", "督办方案", true},
    [FIRST_ACT] = {"first_act", "先行处置", false},
    [ON_SPOT] = {"on_spot", "可当场处置", false},
    [PRIVATE] = {"private", "涉隐私", false},
    [INFORMED] = {"informed", "须告知居民", false},
    [WD_MODE] = {"wd_mode", "工作日算法", false},
    [FILING] = {"filing", "立案方式", false},
    [VALID_FROM] = {"valid_from", "启用", false},
};

struct row_reader {
    struct gp_loader *loader;
    const struct gp_sheet *sheet;
    size_t row;
    struct gp_row *to;
};

static void find(struct row_reader *reader, size_t column, const char *problem, const char *remedy)
{
    gp_sheet_find(reader->loader, GP_FINDING_ERROR, reader->sheet, reader->row, column, problem,
                  remedy);
}

static void find_link(struct row_reader *reader, size_t column, const char *other,
                      const char *problem, const char *remedy)
{
    gp_sheet_find_link(reader->loader, reader->sheet, reader->row, column, other, problem, remedy);
}

static struct gp_span cell(const struct row_reader *reader, size_t column)
{
    return gp_cell(reader->sheet, reader->row, column);
}

static void tell_word(void *context, struct gp_span word)
{
    struct row_reader *reader = context;
    struct gp_party party = {.kind = GP_PARTY_STREET, .department = GP_NONE};

    if (!gp_span_is(word, "S")) {
        party.kind = GP_PARTY_DEPARTMENT;
        party.department = gp_org_department(reader->loader->org, word);
        if (party.department == GP_NONE) {
            find_link(reader, TELL, "org/departments.csv", "neither S nor a department's code",
                      "use S for the street, or a code of org/departments.csv");
            return;
        }
    }
    if (reader->to->tell_count == GP_TELL_MAX)
        find(reader, TELL, "more than 4 parties", "name the four that must know");
    else
        reader->to->tell[reader->to->tell_count++] = party;
}

static void read_links(struct row_reader *reader)
{
    const struct gp_org *org = reader->loader->org;
    struct gp_row *to = reader->to;
    struct gp_span department = cell(reader, DEPARTMENT);

    to->line = gp_org_line(org, cell(reader, LINE));
    if (to->line == GP_NONE)
        find_link(reader, LINE, "org/lines.csv", "no such line",
                  "add it to org/lines.csv, or correct the code");
    to->department = department.len > 0    ? gp_org_department(org, department)
                     : to->line != GP_NONE ? org->lines[to->line].department
                                           : GP_NONE;
    if (department.len > 0 && to->department == GP_NONE)
        find_link(reader, DEPARTMENT, "org/departments.csv", "no such department",
                  "add it to org/departments.csv, or correct the code");
    gp_cell_words(cell(reader, TELL), tell_word, reader);
    to->policy = cell(reader, POLICY);
    to->ladder = gp_org_ladder(org, to->policy);
    if (to->ladder == GP_NONE)
        find_link(reader, POLICY, "ladders.yaml", "no such ladder",
                  "name the id of a ladder of ladders.yaml");
}

static void read_rules(struct row_reader *reader)
{
    struct gp_row *to = reader->to;
    struct gp_span owner = cell(reader, FIRST_OWNER);
    struct gp_span mode = cell(reader, WD_MODE);
    struct gp_span filing = cell(reader, FILING);

    to->first_owner = (uint8_t)gp_post_kind_parse(owner);
    if (to->first_owner != GP_POST_A && to->first_owner != GP_POST_F)
        find(reader, FIRST_OWNER, "neither A nor F",
             "A: the community's line specialist; F: the department's field post");
    if (gp_limit_parse(cell(reader, LIMIT), &to->limit) != 0)
        find(reader, LIMIT, "not a limit", "write 4wh, 2uh, 5wd, 2ud, or stages: 2uh+5wd");
    if (mode.len == 0 || gp_span_is(mode, "hours"))
        to->wd_mode = GP_WD_HOURS;
    else if (gp_span_is(mode, "eod"))
        to->wd_mode = GP_WD_EOD;
    else if (gp_span_is(mode, "clock"))
        to->wd_mode = GP_WD_CLOCK;
    else
        find(reader, WD_MODE, "no such way to count days", "use: hours eod clock");
    to->manual_filing = gp_span_is(filing, "manual");
    if (filing.len > 0 && !to->manual_filing && !gp_span_is(filing, "auto"))
        find(reader, FILING, "no such way of filing", "use: auto manual");
}

static void read_row(struct row_reader *reader)
{
    struct gp_loader *loader = reader->loader;
    const struct gp_sheet *sheet = reader->sheet;
    size_t row = reader->row;
    struct gp_row *to = reader->to;

    to->code = gp_cell_id(loader, sheet, row, CODE, true);
    to->condition = gp_cell_id(loader, sheet, row, CONDITION, true);
    to->name_zh = gp_cell_id(loader, sheet, row, NAME_ZH, true);
    to->name_en = cell(reader, NAME_EN);
    to->condition_zh = cell(reader, CONDITION_ZH);
    to->urgency = cell(reader, URGENCY);
    to->first_act = cell(reader, FIRST_ACT);
    to->on_spot = gp_cell_yes(loader, sheet, row, ON_SPOT);
    to->is_private = gp_cell_yes(loader, sheet, row, PRIVATE);
    to->informed = gp_cell_yes(loader, sheet, row, INFORMED);
    to->valid_from_ms = gp_cell_from(loader, sheet, row, VALID_FROM);
    read_links(reader);
    read_rules(reader);
}

struct raw { /* a catalogue row and the row of the sheet that it came from, while sorting */
    struct gp_row to;
    size_t row;
};

static int by_version(const void *a, const void *b)
{
    const struct gp_row *x = &((const struct raw *)a)->to, *y = &((const struct raw *)b)->to;
    int order = gp_span_compare(x->code, y->code);

    if (order == 0)
        order = gp_span_compare(x->condition, y->condition);
    return order != 0
               ? order
               : (x->valid_from_ms > y->valid_from_ms) - (x->valid_from_ms < y->valid_from_ms);
}

static int by_version_and_row(const void *a, const void *b)
{
    const struct raw *x = a, *y = b;
    int order = by_version(a, b);
    return order != 0 ? order : (x->row > y->row) - (x->row < y->row);
}

/* Puts the sorted rows in place. */
static void settle(struct gp_loader *loader, const struct gp_sheet *sheet, const struct raw *raw)
{
    struct gp_row *rows = gp_loader_array(loader, sheet->row_count, sizeof *rows);

    if (rows == NULL)
        return;
    for (size_t i = 0; i < sheet->row_count; i++) {
        rows[i] = raw[i].to;
        if (i > 0 && by_version(&raw[i - 1], &raw[i]) == 0 && rows[i].code.len > 0)
            gp_sheet_find(loader, GP_FINDING_ERROR, sheet, raw[i].row, CODE,
                          "the category and condition are there twice",
                          "remove one row, or say in valid_from when the newer one begins");
    }
    loader->org->rows = rows;
    loader->org->row_count = sheet->row_count;
}

void gp_load_catalogue(struct gp_loader *loader)
{
    struct gp_sheet sheet;
    struct raw *raw;

    if (gp_sheet_load(loader, "org/catalogue.csv", columns, COLUMNS, true, &sheet) != 0)
        return;
    raw = calloc(sheet.row_count + 1, sizeof *raw);
    if (raw == NULL)
        loader->error = GP_ENOMEM;
    for (size_t row = 0; raw != NULL && row < sheet.row_count; row++) {
        struct row_reader reader = {
            .loader = loader, .sheet = &sheet, .row = row, .to = &raw[row].to};
        raw[row].row = row;
        read_row(&reader);
    }
    if (loader->error == 0) {
        qsort(raw, sheet.row_count, sizeof *raw, by_version_and_row);
        settle(loader, &sheet, raw);
    }
    free(raw);
    gp_sheet_release(&sheet);
}
