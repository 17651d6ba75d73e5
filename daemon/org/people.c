/* departments.csv, lines.csv, people.csv: who there is. */
#include "org/loader.h"

#include <stdlib.h>

/* Rows whose first member is their id. */
static int by_first_span(const void *a, const void *b)
{
    return gp_span_compare(*(const struct gp_span *)a, *(const struct gp_span *)b);
}

static void sort_unique(struct gp_loader *loader, const struct gp_sheet *sheet, void *rows,
                        size_t size)
{
    gp_sheet_unique(loader, sheet, 0, 0, "the id is there twice", "remove or rename one row");
    qsort(rows, sheet->row_count, size, by_first_span);
}

/* ---------------------------------------------------------------- departments */

static const struct gp_column department_columns[] = {
    {"code", "部门代码", true}, {"name_zh", "部门名称", true}, {"name_en", "英文名称", false}};

void gp_load_departments(struct gp_loader *loader)
{
    struct gp_sheet sheet;
    struct gp_department *rows;

    if (gp_sheet_load(loader, "org/departments.csv", department_columns, 3, true, &sheet) != 0)
        return;
    rows = gp_loader_array(loader, sheet.row_count, sizeof *rows);
    for (size_t row = 0; rows != NULL && row < sheet.row_count; row++)
        rows[row] = (struct gp_department){
            .code = gp_cell_id(loader, &sheet, row, 0, true),
            .name_zh = gp_cell_id(loader, &sheet, row, 1, true),
            .name_en = gp_cell_id(loader, &sheet, row, 2, false),
        };
    if (rows != NULL) {
        sort_unique(loader, &sheet, rows, sizeof *rows);
        loader->org->departments = rows;
        loader->org->department_count = sheet.row_count;
    }
    gp_sheet_release(&sheet);
}

static uint32_t cell_department(struct gp_loader *loader, const struct gp_sheet *sheet, size_t row,
                                size_t column)
{
    struct gp_span code = gp_cell(sheet, row, column);
    uint32_t department = code.len > 0 ? gp_org_department(loader->org, code) : GP_NONE;

    if (code.len > 0 && department == GP_NONE)
        gp_sheet_find_link(loader, sheet, row, column, "org/departments.csv", "no such department",
                           "add it to org/departments.csv, or correct the code");
    return department;
}

/* ---------------------------------------------------------------- lines */

static const struct gp_column line_columns[] = {{"code", "条线代码", true},
                                                {"name_zh", "条线名称", true},
                                                {"name_en", "英文名称", false},
                                                {"department", "部门", true}};

void gp_load_lines(struct gp_loader *loader)
{
    struct gp_sheet sheet;
    struct gp_line *rows;

    if (gp_sheet_load(loader, "org/lines.csv", line_columns, 4, true, &sheet) != 0)
        return;
    rows = gp_loader_array(loader, sheet.row_count, sizeof *rows);
    for (size_t row = 0; rows != NULL && row < sheet.row_count; row++) {
        rows[row] = (struct gp_line){
            .code = gp_cell_id(loader, &sheet, row, 0, true),
            .name_zh = gp_cell_id(loader, &sheet, row, 1, true),
            .name_en = gp_cell_id(loader, &sheet, row, 2, false),
            .department = cell_department(loader, &sheet, row, 3),
        };
        (void)gp_cell_id(loader, &sheet, row, 3, true);
    }
    if (rows != NULL) {
        sort_unique(loader, &sheet, rows, sizeof *rows);
        loader->org->lines = rows;
        loader->org->line_count = sheet.row_count;
    }
    gp_sheet_release(&sheet);
}

/* ---------------------------------------------------------------- people */

static const struct gp_column people_columns[] = {{"id", "工号", true},
                                                  {"name", "姓名", true},
                                                  {"phone", "电话", false},
                                                  {"department", "部门", false}};

void gp_load_people(struct gp_loader *loader)
{
    struct gp_sheet sheet;
    struct gp_person *rows;

    if (gp_sheet_load(loader, "org/people.csv", people_columns, 4, true, &sheet) != 0)
        return;
    rows = gp_loader_array(loader, sheet.row_count, sizeof *rows);
    for (size_t row = 0; rows != NULL && row < sheet.row_count; row++)
        rows[row] = (struct gp_person){
            .id = gp_cell_id(loader, &sheet, row, 0, true),
            .name = gp_cell_id(loader, &sheet, row, 1, true),
            .phone = gp_cell_id(loader, &sheet, row, 2, false),
            .department = cell_department(loader, &sheet, row, 3),
        };
    if (rows != NULL) {
        sort_unique(loader, &sheet, rows, sizeof *rows);
        loader->org->persons = rows;
        loader->org->person_count = sheet.row_count;
    }
    gp_sheet_release(&sheet);
}
