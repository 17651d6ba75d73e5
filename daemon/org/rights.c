/*
 * rights.csv: what each role may do and read, and where. Default deny: a table that is missing,
 * empty, not understood whole, or leaves nobody to lock a lost handset out, is no table, and the
 * folder does not load.
 */
#include "core/decide.h"
#include "org/loader.h"

#include <stdlib.h>

#define FILE_NAME "org/rights.csv"

enum { R_ROLE, R_ACTIONS, R_SCOPE, R_COLUMNS };
static const struct gp_column columns[R_COLUMNS] = {
    {"role", "角色", true}, {"actions", "权限", true}, {"scope", "范围", true}};

/* A row being read, for the words in its cells. */
struct row {
    struct gp_loader *loader;
    const struct gp_sheet *sheet;
    size_t row;
    struct gp_rights *rights;
    int role;
    uint16_t scopes;
};

static void find_word(const struct row *row, size_t column, struct gp_span word,
                      const char *problem, const char *remedy)
{
    gp_findings_add(row->loader->findings, GP_FINDING_ERROR, FILE_NAME, row->sheet->line[row->row],
                    columns[column].name, word, problem, remedy);
}

static void read_scope(void *context, struct gp_span word)
{
    struct row *row = context;
    int scope = gp_reach_parse(word);

    if (scope == GP_REACH_NONE)
        find_word(row, R_SCOPE, word, "no such scope",
                  "use: all street community own department self");
    row->scopes |= (uint16_t)(scope != GP_REACH_NONE ? 1U << scope : 0);
}

/* A right stands in one place, or nobody sees at a glance how far it reaches. */
static void read_action(void *context, struct gp_span word)
{
    struct row *row = context;
    int action = gp_action_parse(word);

    if (action == GP_ACTION_NONE) {
        find_word(row, R_ACTIONS, word, "no such action",
                  "name commands and reads as docs/CONFIG.md lists them");
        return;
    }
    if (row->role == GP_ROLE_LOCAL)
        return;
    if (row->rights->reach[row->role][action] != 0)
        find_word(row, R_ACTIONS, word, "the role has this action already",
                  "write it once, with all its scopes in one cell");
    row->rights->reach[row->role][action] |= row->scopes;
}

static void need_cell(const struct row *row, size_t column)
{
    if (gp_cell(row->sheet, row->row, column).len == 0)
        gp_sheet_find(row->loader, GP_FINDING_ERROR, row->sheet, row->row, column,
                      "the cell is empty", "fill it in, or remove the row");
}

static void read_row(struct row *row)
{
    struct gp_span role = gp_cell(row->sheet, row->row, R_ROLE);

    row->role = gp_role_parse(role);
    row->scopes = 0;
    for (size_t column = 0; column < R_COLUMNS; column++)
        need_cell(row, column);
    if (role.len > 0 && row->role == GP_ROLE_LOCAL)
        gp_sheet_find(row->loader, GP_FINDING_ERROR, row->sheet, row->row, R_ROLE, "no such role",
                      "use: officer dispatcher reader handler admin supervisor auditor bridge");
    gp_cell_words(gp_cell(row->sheet, row->row, R_SCOPE), read_scope, row);
    gp_cell_words(gp_cell(row->sheet, row->row, R_ACTIONS), read_action, row);
}

/* What is wrong with a table whose rows are right. */
static void check_table(struct gp_loader *loader, const struct gp_sheet *sheet,
                        const struct gp_rights *rights)
{
    const struct gp_span none = {0};

    if (sheet->row_count == 0)
        gp_findings_add(loader->findings, GP_FINDING_ERROR, FILE_NAME, 0, "", none,
                        "nobody has any right: the file is missing or has no rows",
                        "start from the sample city's, config/org/rights.csv");
    else if (rights->reach[GP_ROLE_ADMIN][GP_VERB_REVOKE] == 0)
        gp_findings_add(loader->findings, GP_FINDING_ERROR, FILE_NAME, 0, "", none,
                        "nobody could lock a lost device out",
                        "give the role admin the action revoke");
}

void gp_load_rights(struct gp_loader *loader)
{
    size_t errors = loader->findings->errors;
    struct gp_sheet sheet;

    if (gp_sheet_load(loader, FILE_NAME, columns, R_COLUMNS, false, &sheet) != 0)
        return;
    struct row row = {.loader = loader, .sheet = &sheet, .rights = &loader->org->rights};
    for (; row.row < sheet.row_count; row.row++)
        read_row(&row);
    if (loader->findings->errors == errors)
        check_table(loader, &sheet, row.rights);
    gp_sheet_release(&sheet);
}
