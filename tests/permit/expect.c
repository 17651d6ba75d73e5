#include "permit/expect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define CELLS 6
#define LINES 8000

/* The rows of a sheet without quotes; a cell that is not there is "". */
struct sheet {
    char *row[LINES][CELLS];
    size_t count;
};

static struct sheet rights, posts, holdings;

static void split(char *line, char *cell[CELLS])
{
    static char nothing[] = "";

    line[strcspn(line, "\r\n")] = '\0';
    for (size_t i = 0; i < CELLS; i++)
        cell[i] = line != NULL ? strsep(&line, ",") : nothing;
}

static void read_sheet(const char *folder, const char *name, struct sheet *sheet)
{
    char path[512], line[4096];

    (void)snprintf(path, sizeof path, "%s/org/%s", folder, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file)); /* the header */
    sheet->count = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        assert_true(sheet->count < LINES);
        split(strdup(line), sheet->row[sheet->count++]); /* kept until the program ends */
    }
    assert_int_equal(fclose(file), 0);
}

void expect_load(const char *folder)
{
    read_sheet(folder, "rights.csv", &rights);
    read_sheet(folder, "posts.csv", &posts);
    read_sheet(folder, "holdings.csv", &holdings);
}

/* Whether a word is among others, separated by blanks. */
static bool among(const char *word, const char *words)
{
    size_t len = strlen(word);

    while (*words != '\0') {
        size_t next = strcspn(words, " ");
        if (next == len && strncmp(words, word, len) == 0)
            return true;
        words += next;
        words += strspn(words, " ");
    }
    return false;
}

/* ---------------------------------------------------------------- posts */

enum { POST, KIND, AREAS, LINE, DEPARTMENT, DEPUTIES };

static bool is_yours(char *const post[CELLS], const char *person)
{
    if (among(person, post[DEPUTIES]))
        return true;
    for (size_t i = 0; i < holdings.count; i++) {
        if (strcmp(holdings.row[i][0], post[POST]) == 0 && strcmp(holdings.row[i][1], person) == 0)
            return true;
    }
    return false;
}

#define MINE 200

/* The posts of one person, found once for many questions. */
struct mine {
    const char *person;
    char *const *post[MINE];
    size_t count;
};

static const struct mine *mine_of(const char *person)
{
    static struct mine known[40];
    size_t i = 0;

    while (i < sizeof known / sizeof known[0] && known[i].person != NULL &&
           strcmp(known[i].person, person) != 0)
        i++;
    assert_true(i < sizeof known / sizeof known[0]);
    if (known[i].person != NULL)
        return &known[i];
    known[i].person = person;
    for (size_t j = 0; j < posts.count; j++) {
        assert_true(known[i].count < MINE);
        if (is_yours(posts.row[j], person))
            known[i].post[known[i].count++] = posts.row[j];
    }
    return &known[i];
}

/* Whether one of a post's areas is the place, or has it inside. */
static bool has_inside(const char *areas, const char *place)
{
    while (*areas != '\0') {
        size_t len = strcspn(areas, " ");
        if (strncmp(areas, place, len) == 0)
            return true;
        areas += len;
        areas += strspn(areas, " ");
    }
    return false;
}

static bool yours_of_kind(const char *kinds, const char *person, const char *place)
{
    const struct mine *mine = mine_of(person);

    for (size_t i = 0; place != NULL && i < mine->count; i++) {
        if (among(mine->post[i][KIND], kinds) && has_inside(mine->post[i][AREAS], place))
            return true;
    }
    return false;
}

static bool yours_by_name(const char *name, const char *person)
{
    const struct mine *mine = mine_of(person);

    for (size_t i = 0; name != NULL && i < mine->count; i++) {
        if (strcmp(mine->post[i][POST], name) == 0)
            return true;
    }
    return false;
}

static bool yours_of_department(const char *department, const char *person)
{
    const struct mine *mine = mine_of(person);

    for (size_t i = 0; department != NULL && i < mine->count; i++) {
        if (strcmp(mine->post[i][DEPARTMENT], department) == 0 &&
            among(mine->post[i][KIND], "F K H H2"))
            return true;
    }
    return false;
}

/* ---------------------------------------------------------------- scopes */

static bool is_named(const char *name, const char *person)
{
    return name != NULL && strcmp(name, person) == 0;
}

static bool reaches(const char *scopes, const char *person, const struct expect_about *about)
{
    if (among("all", scopes))
        return true;
    if (among("self", scopes) && is_named(about->person, person))
        return true;
    if (among("own", scopes) &&
        (yours_of_kind("B", person, about->place) || yours_by_name(about->owner, person) ||
         yours_by_name(about->assistant, person) || is_named(about->reporter, person)))
        return true;
    if (among("community", scopes) && yours_of_kind("D1 D2 R A", person, about->place))
        return true;
    if (among("street", scopes) && yours_of_kind("S1 S2 SK X", person, about->place))
        return true;
    return among("department", scopes) && yours_of_department(about->department, person);
}

/* The scopes that a row of the table gives; NULL: the table has no such row. */
static const char *scopes_of(const char *role, const char *action)
{
    for (size_t i = 0; i < rights.count; i++) {
        if (strcmp(rights.row[i][0], role) == 0 && among(action, rights.row[i][1]))
            return rights.row[i][2];
    }
    return NULL;
}

bool expect_right(const char *role, const char *action, const char *person,
                  const struct expect_about *about)
{
    const char *scopes = scopes_of(role, action);
    return scopes != NULL && reaches(scopes, person, about);
}

bool expect_somewhere(const char *role, const char *action)
{
    return scopes_of(role, action) != NULL;
}
