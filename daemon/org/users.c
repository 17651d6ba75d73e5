/*
 * users.csv: who works through a bridge that knows people by names of its own, as a web server does
 * where they sign in; and in which role. Their passwords are the bridge's matter: this file is
 * edited in spreadsheets and lies in backups.
 */
#include "org/loader.h"

#include <stdlib.h>

#define FILE_NAME "org/users.csv"

enum { U_USER, U_PERSON, U_ROLE, U_VIA, U_COLUMNS };
static const struct gp_column columns[U_COLUMNS] = {{"user", "用户名", true},
                                                    {"person", "工号", true},
                                                    {"role", "角色", true},
                                                    {"via", "经由", true}};

static bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* Typed by hand on any keyboard, and part of names of files: no letters that look alike or have two
 * spellings, and nothing that a path or an option could begin with. */
static bool is_name(struct gp_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        bool inside = i > 0 && (text.ptr[i] == '.' || text.ptr[i] == '_' || text.ptr[i] == '-');
        if (!is_alnum(text.ptr[i]) && !inside)
            return false;
    }
    return true;
}

static struct gp_span read_name(struct gp_loader *loader, const struct gp_sheet *sheet, size_t row)
{
    struct gp_span name = gp_cell_id(loader, sheet, row, U_USER, true);

    if (!is_name(name))
        gp_sheet_find(loader, GP_FINDING_ERROR, sheet, row, U_USER, "not a name to sign in with",
                      "use small letters a-z and digits, and . _ - behind the first");
    return name;
}

static uint32_t read_person(struct gp_loader *loader, const struct gp_sheet *sheet, size_t row,
                            size_t column)
{
    struct gp_span id = gp_cell_id(loader, sheet, row, column, true);
    uint32_t person = id.len > 0 ? gp_org_person(loader->org, id) : GP_NONE;

    if (id.len > 0 && person == GP_NONE)
        gp_sheet_find_link(loader, sheet, row, column, "org/people.csv", "no such person",
                           "add it to org/people.csv, or correct the id");
    return person;
}

static uint8_t read_role(struct gp_loader *loader, const struct gp_sheet *sheet, size_t row)
{
    int role = gp_role_parse(gp_cell(sheet, row, U_ROLE));
    const char *problem = NULL;

    if (role == GP_ROLE_LOCAL)
        problem = "no such role";
    else if (role == GP_ROLE_BRIDGE)
        problem = "a user is a human being, not a bridge";
    if (problem != NULL)
        gp_sheet_find(loader, GP_FINDING_ERROR, sheet, row, U_ROLE, problem,
                      "use: officer dispatcher reader handler admin supervisor auditor");
    return (uint8_t)role;
}

static void read_row(struct gp_loader *loader, const struct gp_sheet *sheet, size_t row,
                     struct gp_user *ret_user)
{
    *ret_user = (struct gp_user){
        .name = read_name(loader, sheet, row),
        .person = read_person(loader, sheet, row, U_PERSON),
        .role = read_role(loader, sheet, row),
        .via = read_person(loader, sheet, row, U_VIA),
    };
    if (ret_user->via != GP_NONE && ret_user->via == ret_user->person)
        gp_sheet_find(loader, GP_FINDING_ERROR, sheet, row, U_VIA,
                      "the bridge would be its own user",
                      "give the bridge a row of its own in org/people.csv");
}

/* ---------------------------------------------------------------- both orders */

static int by_person(const void *a, const void *b)
{
    const struct gp_user *x = a, *y = b;

    if (x->person != y->person)
        return x->person < y->person ? -1 : 1;
    return (x->via > y->via) - (x->via < y->via);
}

struct named {
    struct gp_span name;
    uint32_t user;
};

static int by_name(const void *a, const void *b)
{
    return gp_span_compare(((const struct named *)a)->name, ((const struct named *)b)->name);
}

static void index_names(struct gp_loader *loader, const struct gp_user *users, size_t count)
{
    struct named *named = calloc(count + 1, sizeof *named);
    uint32_t *by = gp_loader_array(loader, count, sizeof *by);

    if (named == NULL)
        loader->error = GP_ENOMEM;
    for (size_t i = 0; named != NULL && i < count; i++)
        named[i] = (struct named){users[i].name, (uint32_t)i};
    if (named != NULL && by != NULL) {
        qsort(named, count, sizeof *named, by_name);
        for (size_t i = 0; i < count; i++)
            by[i] = named[i].user;
    }
    free(named);
    loader->org->users_by_name = by;
}

void gp_load_users(struct gp_loader *loader)
{
    struct gp_sheet sheet;
    struct gp_user *users;

    if (gp_sheet_load(loader, FILE_NAME, columns, U_COLUMNS, false, &sheet) != 0)
        return;
    users = gp_loader_array(loader, sheet.row_count, sizeof *users);
    for (size_t row = 0; users != NULL && row < sheet.row_count; row++)
        read_row(loader, &sheet, row, &users[row]);
    if (users != NULL) {
        gp_sheet_unique(loader, &sheet, U_USER, U_USER, "the user name is there twice",
                        "remove or rename one row");
        gp_sheet_unique(loader, &sheet, U_PERSON, U_VIA, "the person is a user of it already",
                        "remove one row: a person has one role through one bridge");
        qsort(users, sheet.row_count, sizeof *users, by_person);
        loader->org->users = users;
        loader->org->user_count = sheet.row_count;
        index_names(loader, users, sheet.row_count);
    }
    gp_sheet_release(&sheet);
}
