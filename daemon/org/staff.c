/* holdings.csv, leave.csv, roster.csv: who holds a post, who is away, who is on duty. */
#include "org/loader.h"

#include "base/clocktext.h"
#include "base/search.h"

#include <stdlib.h>

static uint32_t cell_person(struct gp_loader *loader, const struct gp_sheet *sheet, size_t row,
                            size_t column, bool required)
{
    struct gp_span id = gp_cell_id(loader, sheet, row, column, required);
    uint32_t person = id.len > 0 ? gp_org_person(loader->org, id) : GP_NONE;

    if (id.len > 0 && person == GP_NONE)
        gp_sheet_find_link(loader, sheet, row, column, "org/people.csv", "no such person",
                           "add them to org/people.csv, or correct the id");
    return person;
}

static void need(struct gp_loader *loader, const struct gp_sheet *sheet, size_t row, size_t column)
{
    if (gp_cell(sheet, row, column).len == 0)
        gp_sheet_find(loader, GP_FINDING_ERROR, sheet, row, column, "the cell is empty",
                      "fill it in, or remove the row");
}

static void check_interval(struct gp_loader *loader, const struct gp_sheet *sheet, size_t row,
                           size_t column, int64_t from_ms, int64_t to_ms)
{
    if (from_ms >= to_ms)
        gp_sheet_find(loader, GP_FINDING_ERROR, sheet, row, column, "ends before it begins",
                      "correct from or to");
}

/* ---------------------------------------------------------------- holdings */

enum { H_POST, H_PERSON, H_FROM, H_TO, H_COLUMNS };
static const struct gp_column holding_columns[H_COLUMNS] = {{"post", "岗位", true},
                                                            {"person", "工号", true},
                                                            {"from", "任职自", true},
                                                            {"to", "任职至", false}};

struct raw_holding { /* a holding and the row it came from, while sorting */
    struct gp_holding holding;
    size_t row;
};

static int by_holding(const void *a, const void *b)
{
    const struct gp_holding *x = &((const struct raw_holding *)a)->holding;
    const struct gp_holding *y = &((const struct raw_holding *)b)->holding;

    if (x->post != y->post)
        return x->post < y->post ? -1 : 1;
    if (x->from_ms != y->from_ms)
        return x->from_ms < y->from_ms ? -1 : 1;
    return (x->person > y->person) - (x->person < y->person);
}

/* Puts the sorted rows in place; a row that starts before those before it have ended is doubtful.
 */
static void settle_holdings(struct gp_loader *loader, const struct gp_sheet *sheet,
                            const struct raw_holding *raw, size_t count)
{
    struct gp_holding *rows = gp_loader_array(loader, count, sizeof *rows);
    int64_t until_ms = INT64_MIN;

    if (rows == NULL)
        return;
    for (size_t i = 0; i < count; i++) {
        rows[i] = raw[i].holding;
        if (i == 0 || rows[i].post != rows[i - 1].post)
            until_ms = INT64_MIN;
        if (rows[i].from_ms < until_ms)
            gp_sheet_find(loader, GP_FINDING_WARNING, sheet, raw[i].row, H_POST,
                          "two people hold the post at the same time",
                          "end the earlier holding, or make one a deputy");
        if (rows[i].to_ms > until_ms)
            until_ms = rows[i].to_ms;
    }
    loader->org->holdings = rows;
    loader->org->holding_count = count;
}

static bool read_holding(struct gp_loader *loader, const struct gp_sheet *sheet, size_t row,
                         struct gp_holding *holding)
{
    *holding = (struct gp_holding){
        .post = gp_org_post(loader->org, gp_cell(sheet, row, H_POST)),
        .person = cell_person(loader, sheet, row, H_PERSON, true),
        .from_ms = gp_cell_from(loader, sheet, row, H_FROM),
        .to_ms = gp_cell_to(loader, sheet, row, H_TO),
    };
    if (holding->post == GP_NONE)
        gp_sheet_find_link(loader, sheet, row, H_POST, "org/posts.csv", "no such post",
                           "add it to org/posts.csv, or correct the id");
    check_interval(loader, sheet, row, H_TO, holding->from_ms, holding->to_ms);
    return holding->post != GP_NONE && holding->person != GP_NONE;
}

void gp_load_holdings(struct gp_loader *loader)
{
    struct gp_sheet sheet;
    struct raw_holding *raw;
    size_t count = 0;

    if (gp_sheet_load(loader, "org/holdings.csv", holding_columns, H_COLUMNS, true, &sheet) != 0)
        return;
    raw = calloc(sheet.row_count + 1, sizeof *raw);
    if (raw == NULL)
        loader->error = GP_ENOMEM;
    for (size_t row = 0; raw != NULL && row < sheet.row_count; row++) {
        raw[count].row = row;
        count += read_holding(loader, &sheet, row, &raw[count].holding);
    }
    if (raw != NULL) {
        qsort(raw, count, sizeof *raw, by_holding);
        settle_holdings(loader, &sheet, raw, count);
    }
    free(raw);
    gp_sheet_release(&sheet);
}

/* ---------------------------------------------------------------- leave */

enum { L_ID, L_PERSON, L_FROM, L_TO, L_STANDIN, L_STATUS, L_COLUMNS };
static const struct gp_column leave_columns[L_COLUMNS] = {
    {"id", "编号", true},   {"person", "工号", true},     {"from", "请假自", true},
    {"to", "请假至", true}, {"standin", "代岗人", false}, {"status", "状态", true}};

struct raw_leave { /* a leave and the row it came from, while sorting */
    struct gp_leave leave;
    size_t row;
};

static int by_leave(const void *a, const void *b)
{
    const struct gp_leave *x = &((const struct raw_leave *)a)->leave;
    const struct gp_leave *y = &((const struct raw_leave *)b)->leave;

    if (x->person != y->person)
        return x->person < y->person ? -1 : 1;
    if (x->from_ms != y->from_ms)
        return x->from_ms < y->from_ms ? -1 : 1;
    return gp_span_compare(x->id, y->id);
}

/* Whether the row counts; rejected leave is kept in the file and out of the snapshot. */
static bool read_status(struct gp_loader *loader, const struct gp_sheet *sheet, size_t row,
                        bool *ret_approved)
{
    struct gp_span status = gp_cell(sheet, row, L_STATUS);

    *ret_approved = gp_span_is(status, "approved") || gp_span_is(status, "已批准");
    if (*ret_approved || gp_span_is(status, "requested") || gp_span_is(status, "待批准"))
        return true;
    if (!gp_span_is(status, "rejected") && !gp_span_is(status, "不批准"))
        gp_sheet_find(loader, GP_FINDING_ERROR, sheet, row, L_STATUS, "no such status",
                      "use: approved requested rejected");
    return false;
}

/* Puts the sorted rows in place; one that starts before those before it have ended is wrong. */
static void settle_leaves(struct gp_loader *loader, const struct gp_sheet *sheet,
                          const struct raw_leave *raw, size_t count)
{
    struct gp_leave *rows = gp_loader_array(loader, count, sizeof *rows);
    int64_t until_ms = INT64_MIN;

    if (rows == NULL)
        return;
    for (size_t i = 0; i < count; i++) {
        rows[i] = raw[i].leave;
        if (i == 0 || rows[i].person != rows[i - 1].person)
            until_ms = INT64_MIN;
        if (rows[i].from_ms < until_ms)
            gp_sheet_find(loader, GP_FINDING_ERROR, sheet, raw[i].row, L_ID,
                          "overlaps another leave of the same person",
                          "join the two rows, or correct the dates");
        if (rows[i].to_ms > until_ms)
            until_ms = rows[i].to_ms;
    }
    loader->org->leaves = rows;
    loader->org->leave_count = count;
}

static bool read_leave(struct gp_loader *loader, const struct gp_sheet *sheet, size_t row,
                       struct gp_leave *leave)
{
    *leave = (struct gp_leave){
        .id = gp_cell_id(loader, sheet, row, L_ID, true),
        .person = cell_person(loader, sheet, row, L_PERSON, true),
        .standin = cell_person(loader, sheet, row, L_STANDIN, false),
        .from_ms = gp_cell_from(loader, sheet, row, L_FROM),
        .to_ms = gp_cell_to(loader, sheet, row, L_TO),
    };
    need(loader, sheet, row, L_FROM);
    check_interval(loader, sheet, row, L_TO, leave->from_ms, leave->to_ms);
    if (leave->standin != GP_NONE && leave->standin == leave->person)
        gp_sheet_find(loader, GP_FINDING_ERROR, sheet, row, L_STANDIN,
                      "the person who is away cannot stand in", "name somebody else, or nobody");
    return read_status(loader, sheet, row, &leave->approved) && leave->person != GP_NONE;
}

void gp_load_leaves(struct gp_loader *loader)
{
    struct gp_sheet sheet;
    struct raw_leave *raw;
    size_t count = 0;

    if (gp_sheet_load(loader, "org/leave.csv", leave_columns, L_COLUMNS, false, &sheet) != 0)
        return;
    raw = calloc(sheet.row_count + 1, sizeof *raw);
    if (raw == NULL)
        loader->error = GP_ENOMEM;
    for (size_t row = 0; raw != NULL && row < sheet.row_count; row++) {
        raw[count].row = row;
        count += read_leave(loader, &sheet, row, &raw[count].leave);
    }
    if (raw != NULL) {
        gp_sheet_unique(loader, &sheet, L_ID, L_ID, "the id is there twice", "rename one row");
        qsort(raw, count, sizeof *raw, by_leave);
        settle_leaves(loader, &sheet, raw, count);
    }
    free(raw);
    gp_sheet_release(&sheet);
}

/* ---------------------------------------------------------------- roster */

enum { R_AREA, R_PERSON, R_DAYS, R_FROM, R_TO, R_VALID_FROM, R_VALID_TO, R_COLUMNS };
static const struct gp_column roster_columns[R_COLUMNS] = {
    {"area", "区划", true},     {"person", "工号", true}, {"days", "星期", true},
    {"from", "开始", true},     {"to", "结束", true},     {"valid_from", "启用", false},
    {"valid_to", "停用", false}};

static int by_shift(const void *a, const void *b)
{
    const struct gp_shift *x = a, *y = b;

    if (x->area != y->area)
        return x->area < y->area ? -1 : 1;
    if (x->valid_from_ms != y->valid_from_ms)
        return x->valid_from_ms < y->valid_from_ms ? -1 : 1;
    if (x->weekdays != y->weekdays)
        return x->weekdays < y->weekdays ? -1 : 1;
    if (x->from_ms != y->from_ms)
        return x->from_ms < y->from_ms ? -1 : 1;
    return (x->person > y->person) - (x->person < y->person);
}

static void read_weekly(struct gp_loader *loader, const struct gp_sheet *sheet, size_t row,
                        struct gp_shift *shift)
{
    if (!gp_word_days(gp_cell(sheet, row, R_DAYS), &shift->weekdays))
        gp_sheet_find(loader, GP_FINDING_ERROR, sheet, row, R_DAYS, "not weekdays",
                      "write mon-fri, sat sun, or leave it empty for one interval");
    if (!gp_word_time(gp_cell(sheet, row, R_FROM), &shift->from_ms))
        gp_sheet_find(loader, GP_FINDING_ERROR, sheet, row, R_FROM, "not a time of day",
                      "write 18:00");
    if (!gp_word_time(gp_cell(sheet, row, R_TO), &shift->to_ms))
        gp_sheet_find(loader, GP_FINDING_ERROR, sheet, row, R_TO, "not a time of day",
                      "write 08:00");
    shift->valid_from_ms = gp_cell_from(loader, sheet, row, R_VALID_FROM);
    shift->valid_to_ms = gp_cell_to(loader, sheet, row, R_VALID_TO);
}

static bool read_shift(struct gp_loader *loader, const struct gp_sheet *sheet, size_t row,
                       struct gp_shift *shift)
{
    struct gp_span area = gp_cell_id(loader, sheet, row, R_AREA, true);

    *shift = (struct gp_shift){
        .area = gp_org_area(loader->org, area),
        .person = cell_person(loader, sheet, row, R_PERSON, true),
    };
    if (shift->area == GP_NONE)
        gp_sheet_find_link(loader, sheet, row, R_AREA, "org/areas.csv", "no such area",
                           "add it to org/areas.csv, or correct the code");
    if (gp_cell(sheet, row, R_DAYS).len > 0) {
        read_weekly(loader, sheet, row, shift);
    } else {
        need(loader, sheet, row, R_FROM);
        need(loader, sheet, row, R_TO);
        shift->valid_from_ms = gp_cell_from(loader, sheet, row, R_FROM);
        shift->valid_to_ms = gp_cell_to(loader, sheet, row, R_TO);
    }
    check_interval(loader, sheet, row, shift->weekdays != 0 ? R_VALID_TO : R_TO,
                   shift->valid_from_ms, shift->valid_to_ms);
    return shift->area != GP_NONE && shift->person != GP_NONE;
}

void gp_load_roster(struct gp_loader *loader)
{
    struct gp_sheet sheet;
    struct gp_shift *rows;
    size_t count = 0;

    if (gp_sheet_load(loader, "org/roster.csv", roster_columns, R_COLUMNS, false, &sheet) != 0)
        return;
    rows = gp_loader_array(loader, sheet.row_count, sizeof *rows);
    for (size_t row = 0; rows != NULL && row < sheet.row_count; row++)
        count += read_shift(loader, &sheet, row, &rows[count]);
    if (rows != NULL) {
        qsort(rows, count, sizeof *rows, by_shift);
        loader->org->shifts = rows;
        loader->org->shift_count = count;
    }
    gp_sheet_release(&sheet);
}

/* ---------------------------------------------------------------- the staff as a whole */

static bool ever_held(const struct gp_org *org, uint32_t post)
{
    size_t first =
        gp_search_field(struct gp_holding, org->holdings, org->holding_count, post, post);
    return first < org->holding_count && org->holdings[first].post == post;
}

void gp_check_staff(struct gp_loader *loader)
{
    const struct gp_org *org = loader->org;

    if (!gp_loader_whole(loader, "org/posts.csv") || !gp_loader_whole(loader, "org/holdings.csv") ||
        !gp_loader_whole(loader, "org/people.csv"))
        return;
    for (uint32_t i = 0; i < org->area_count; i++) {
        const struct gp_area *area = &org->areas[i];
        if (area->ref.level != GP_LEVEL_GRID || area->alias_of != GP_NONE)
            continue;
        uint32_t post = gp_org_scope(org, GP_POST_B, i, GP_NONE, GP_NONE);
        if (post == GP_NONE || !ever_held(org, post))
            gp_findings_add(loader->findings, GP_FINDING_WARNING, "org/areas.csv",
                            loader->area_line[i], "code", area->code,
                            "a grid without a B-post holder",
                            "add a B post to posts.csv and its holder to holdings.csv");
    }
}
