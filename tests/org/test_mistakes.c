/* Each mistake an office can make: one edit of the good folder, one finding at its place. */
#include "org/folder.h"

#include "base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define E GP_FINDING_ERROR
#define W GP_FINDING_WARNING

struct mistake {
    const char *file, *from, *to; /* the edit; to NULL: the file is removed */
    enum gp_severity severity;
    unsigned line;
    const char *field, *value, *problem; /* value NULL: not compared; problem: its beginning */
    const char *found_in;                /* NULL: the edited file */
};

static bool fits(const struct mistake *mistake, const struct gp_finding *finding)
{
    const char *file = mistake->found_in != NULL ? mistake->found_in : mistake->file;

    return finding->severity == mistake->severity && strcmp(finding->file, file) == 0 &&
           finding->line == mistake->line && strcmp(finding->field, mistake->field) == 0 &&
           (mistake->value == NULL || strcmp(finding->value, mistake->value) == 0) &&
           strncmp(finding->problem, mistake->problem, strlen(mistake->problem)) == 0 &&
           finding->remedy[0] != '\0';
}

/* Whether the edit gives the finding and, when it is an error, nothing is loaded. */
static bool is_found(const struct mistake *mistake)
{
    struct folder folder;
    struct loaded loaded;
    bool found = false, error = mistake->severity == E;

    folder_open(&folder);
    if (mistake->to == NULL)
        folder_remove(&folder, mistake->file);
    else
        folder_edit(&folder, mistake->file, mistake->from, mistake->to);
    folder_load(&folder, &loaded);
    for (size_t i = 0; i < loaded.findings.count; i++)
        found = found || fits(mistake, &loaded.findings.item[i]);
    found = found && loaded.rc == (error ? GP_ECONFIG : 0) && (loaded.findings.errors > 0) == error;
    if (!found)
        findings_print(&loaded.findings);
    loaded_release(&loaded);
    folder_close(&folder);
    return found;
}

static void make_mistakes(const struct mistake *mistakes, size_t count)
{
    size_t missed = 0;

    for (size_t i = 0; i < count; i++) {
        const struct mistake *mistake = &mistakes[i];
        if (is_found(mistake))
            continue;
        print_error("^ %s, \"%s\" to \"%s\": not found at line %u, field '%s': %s\n", mistake->file,
                    mistake->from != NULL ? mistake->from : "(all)",
                    mistake->to != NULL ? mistake->to : "(removed)", mistake->line, mistake->field,
                    mistake->problem);
        missed++;
    }
    assert_int_equal(missed, 0);
}

#define MAKE(mistakes) make_mistakes(mistakes, sizeof(mistakes) / sizeof(mistakes)[0])

#define AREAS "org/areas.csv"

static const struct mistake in_areas[] = {
    {AREAS, "", NULL, E, 0, "", "", "the file is missing", NULL},
    {AREAS, "340705006002001", "34070500600200x", E, 8, "code", "34070500600200x", "not a code",
     NULL},
    {AREAS, "340705006002001", "", E, 8, "code", "", "the cell is empty", NULL},
    {AREAS, "340705006002001", "3407050060020011", E, 8, "code", NULL, "not a code", NULL},
    {AREAS, "天井第1网格", "", E, 8, "name", "", "the cell is empty", NULL},
    {AREAS, "grid,250", "village,250", E, 8, "level", "village", "no such level", NULL},
    {AREAS, "grid,250", ",250", E, 8, "level", "", "no such level", NULL},
    {AREAS, "grid,250", "grid,2x0", E, 8, "households", "2x0", "not a number", NULL},
    {AREAS, "grid,250", "grid,12345678", E, 8, "households", NULL, "not a number", NULL},
    {AREAS, "district,,office", "district,,night", E, 2, "calendar", "night", "no such calendar",
     NULL},
    {AREAS, "340705006002,,2026", "340705006007,,2026", E, 9, "alias_of", "340705006007",
     "no such other area", NULL},
    {AREAS, "340705006002,,2026", "340705006009,,2026", E, 9, "alias_of", NULL,
     "no such other area", NULL},
    {AREAS, "天井社区,community,1500,,", "天井社区,community,1500,,340705006009", E, 7, "alias_of",
     "340705006009", "its aliases run in a circle", NULL},
    {AREAS, "天井第1网格,grid,250,,,,", "天井第1网格,grid,250,,340705006001,,", E, 8, "alias_of",
     "340705006001", "only a grid can answer for a grid", NULL},
    {AREAS, "天井社区,community,1500,,,,", "天井社区,community,1500,,,2026-02-01,", W, 9,
     "alias_of", "340705006002", "the area that answers is not valid", NULL},
    {AREAS, "天井社区,community,1500,,,,", "天井社区,community,1500,,,,2025-12-31", W, 9,
     "alias_of", "340705006002", "the area that answers is not valid", NULL},
    {AREAS, "天井社区,community,1500,,,,", "天井社区,community,1500,,340705006001,,2026-12-31", W,
     8, "code", "340705006002001", "the area above it is an old code", NULL},
    {AREAS, ",,2026-01-01", ",,2026-02-30", E, 9, "valid_to", "2026-02-30", "not a date or time",
     NULL},
    {AREAS, ",,2026-01-01", ",2026-02-01,2026-01-01", E, 9, "valid_to", NULL,
     "ends before it begins", NULL},
    {AREAS, "", "340705006002,又一个,community,,,,,\n", E, 10, "code", "340705006002",
     "the code is there twice", NULL},
    {AREAS, "", "340706001,孤街道,street,,,,,\n", E, 10, "code", "340706001", "no area above it",
     NULL},
    {AREAS, "新城街道,street", "新城街道,grid", E, 4, "level", "community",
     "an area of the same or a lower level stands above it", NULL},
    {AREAS, "grid,250", "grid,199", W, 8, "households", "199", "a grid outside", NULL},
    {AREAS, "grid,250", "grid,301", W, 8, "households", "301", "a grid outside", NULL},
    {AREAS, "community,1800", "community,3001", W, 4, "households", "3001", "a community above",
     NULL},
    {AREAS, "", "340705006002002,天井第2网格,grid,250,,,,\n", W, 10, "code", "340705006002002",
     "a grid without a B-post holder", NULL},
};

static void areas(void **state)
{
    (void)state;
    MAKE(in_areas);
}

#define PEOPLE "org/people.csv"
#define DEPTS  "org/departments.csv"
#define LINES  "org/lines.csv"

static const struct mistake in_people[] = {
    {PEOPLE, "", NULL, E, 0, "", "", "the file is missing", NULL},
    {PEOPLE, "", "li,李二,,\n", E, 9, "id", "li", "the id is there twice", NULL},
    {PEOPLE, "chen,陈一,,SZ", "chen,陈一,,SY", E, 6, "department", "SY", "no such department",
     NULL},
    {PEOPLE, "zhang,张一", "zhang,", E, 4, "name", "", "the cell is empty", NULL},
    {PEOPLE, "zhang,张一",
     "zhang,01234567890123456789012345678901234567890123456789012345678901234", E, 4, "name", NULL,
     "longer than 64 bytes", NULL},
    {DEPTS, "", NULL, E, 0, "", "", "the file is missing", NULL},
    {DEPTS, "", "SZ,又一个,\n", E, 4, "code", "SZ", "the id is there twice", NULL},
    {LINES, "", NULL, E, 0, "", "", "the file is missing", NULL},
    {LINES, "", "xiaofang,又一个,,XF\n", E, 4, "code", "xiaofang", "the id is there twice", NULL},
    {LINES, "safety,XF", "safety,XX", E, 3, "department", "XX", "no such department", NULL},
    {LINES, "safety,XF", "safety,", E, 3, "department", "", "the cell is empty", NULL},
};

static void people(void **state)
{
    (void)state;
    MAKE(in_people);
}

#define POSTS "org/posts.csv"

static const struct mistake in_posts[] = {
    {POSTS, "", NULL, E, 0, "", "", "the file is missing", NULL},
    {POSTS, "B-002001,B", "B-002001,C", E, 6, "kind", "C", "no such kind of post", NULL},
    {POSTS, "B-002001,B", "B-002001,Z", E, 6, "kind", "Z", "no such kind of post", NULL},
    {POSTS, "B-002001,B,340705006002001", "B-002001,B,340705006002009", E, 6, "areas",
     "340705006002009", "no such area", NULL},
    {POSTS, "B-002001,B,340705006002001", "B-002001,B,340705006002", E, 6, "areas", "340705006002",
     "an area of a level", NULL},
    {POSTS, "B-002001,B,340705006002001", "B-002001,B,", E, 6, "areas", "",
     "the post serves no area", NULL},
    {POSTS, "B-001002,B,340705006001002", "B-001002,B,340705006001002 340705006002001", E, 5,
     "areas", NULL, "this kind of post serves one area", NULL},
    {POSTS, "A-shizheng-001,A,340705006001", "A-shizheng-001,A,", E, 2, "areas", "",
     "the post serves no area", NULL},
    {POSTS, "A,340705006001,shizheng", "A,340705006001001,shizheng", E, 2, "areas", NULL,
     "an area of a level", NULL},
    {POSTS, "A,340705006001,shizheng", "A,340705006001,", E, 2, "line", "",
     "an A post without line", NULL},
    {POSTS, "A,340705006001,shizheng", "A,340705006001,shizhen", E, 2, "line", "shizhen",
     "no such line", NULL},
    {POSTS, "F-SZ,F,340705006001 340705006002,,SZ", "F-SZ,F,340705006001,,", E, 7, "department", "",
     "a department's post without department", NULL},
    {POSTS, "K-XF,K,,,XF", "K-XF,K,,,", E, 9, "department", "",
     "a department's post without department", NULL},
    {POSTS, "H-SZ,H,,,SZ", "H-SZ,H,,,SS", E, 10, "department", "SS", "no such department", NULL},
    {POSTS, "H-SZ,H,,,SZ", "H-SZ,H2,,,", E, 10, "department", "",
     "a department's post without department", NULL},
    {POSTS, "D2-001,D2,340705006001", "D2-001,D2,340705006", E, 11, "areas", NULL,
     "an area of a level", NULL},
    {POSTS, "S1-006,S1,340705006", "S1-006,S1,340705006001", E, 12, "areas", NULL,
     "an area of a level", NULL},
    {POSTS, "zhao wang", "zhao weng", E, 2, "deputies", "zhao weng", "no such person", NULL},
    {POSTS, "zhao wang", "li wang zhang zhao chen zhou hu li wang", E, 2, "deputies", NULL,
     "more than 8 deputies", NULL},
    {POSTS, "F-SZ,F,340705006001 340705006002,,", "F-SZ,F,340705006001 340705006001,,", E, 7,
     "areas", NULL, "an area is named twice", NULL},
    {POSTS, "", "B-001001,R,340705006001,,,\n", E, 13, "post", "B-001001",
     "the post is there twice", NULL},
    /* FNV-1a has both names at 0x5e4daa9d. */
    {POSTS, "", "costarring,R,340705006001,,,\nliquid,R,340705006002,,,\n", E, 14, "post", "liquid",
     "its key in the store equals another post's", NULL},
    {POSTS, "", "A-shizheng-other,A,340705006001,shizheng,,\n", E, 13, "post", "A-shizheng-other",
     "another post of this kind serves the same area", NULL},
    {POSTS, "", "K2-SZ,K,,,SZ,\n", E, 13, "post", "K2-SZ",
     "another post of this kind serves the same area", NULL},
};

static void posts(void **state)
{
    (void)state;
    MAKE(in_posts);
}

static void field_post_of_many_communities(void **state)
{
    static const struct mistake mistake = {
        POSTS,
        "340705006001 340705006002",
        "340705006001 340705006002 340705006003 340705006004 340705006005",
        W,
        7,
        "areas",
        NULL,
        "a field post covering more than 4 communities",
        NULL};
    struct folder folder;
    struct loaded loaded;

    (void)state;
    folder_open(&folder);
    folder_edit(&folder, AREAS, "",
                "340705006003,三,community,,,,,\n340705006004,四,community,,,,,\n"
                "340705006005,五,community,,,,,\n");
    folder_edit(&folder, mistake.file, mistake.from, mistake.to);
    folder_load(&folder, &loaded);
    assert_int_equal(loaded.findings.count, 1);
    assert_true(fits(&mistake, &loaded.findings.item[0]));
    assert_int_equal(loaded.rc, 0);
    loaded_release(&loaded);
    folder_close(&folder);
}

#define HOLDINGS "org/holdings.csv"
#define LEAVE    "org/leave.csv"
#define ROSTER   "org/roster.csv"

static const struct mistake in_staff[] = {
    {HOLDINGS, "", NULL, E, 0, "", "", "the file is missing", NULL},
    {HOLDINGS, "B-001002,zhang", "B-001003,zhang", E, 5, "post", "B-001003", "no such post", NULL},
    {HOLDINGS, "B-001002,zhang", ",zhang", E, 5, "post", "", "no such post", NULL},
    {HOLDINGS, "B-001002,zhang", "B-001002,zang", E, 5, "person", "zang", "no such person", NULL},
    {HOLDINGS, "B-001002,zhang", "B-001002,", E, 5, "person", "", "the cell is empty", NULL},
    {HOLDINGS, "B-001002,zhang,2025-01-01", "B-001002,zhang,2025-13-01", E, 5, "from", "2025-13-01",
     "not a date or time", NULL},
    {HOLDINGS, "chen,2025-01-01,2026-06-30", "chen,2026-07-01,2026-06-30", E, 7, "to", "2026-06-30",
     "ends before it begins", NULL},
    {HOLDINGS, "F-SZ,zhou,2026-07-01", "F-SZ,zhou,2026-06-30", W, 8, "post", "F-SZ",
     "two people hold the post at the same time", NULL},
    {HOLDINGS, "B-001002,zhang,2025-01-01,\n", "", W, 6, "code", "340705006001002",
     "a grid without a B-post holder", AREAS},
    {LEAVE, "l3,wang", "l3,weng", E, 4, "person", "weng", "no such person", NULL},
    {LEAVE, "2026-06-16,zhao", "2026-06-16,zho", E, 2, "standin", "zho", "no such person", NULL},
    {LEAVE, "2026-06-16,zhao", "2026-06-16,li", E, 2, "standin", "li", "the person who is away",
     NULL},
    {LEAVE, "2026-06-15,2026-06-16", "2026-06-15,2026-06-14", E, 2, "to", "2026-06-14",
     "ends before it begins", NULL},
    {LEAVE, "2026-06-15,2026-06-16", "2026-06-15T25:00,2026-06-16", E, 2, "from",
     "2026-06-15T25:00", "not a date or time", NULL},
    {LEAVE, "2026-06-15,2026-06-16", ",2026-06-16", E, 2, "from", "", "the cell is empty", NULL},
    {LEAVE, "2026-06-15,2026-06-16", "2026-06-15,", E, 3, "id", "l2",
     "overlaps another leave of the same person", NULL}, /* open: for good */
    {LEAVE, ",approved", ",granted", E, 2, "status", "granted", "no such status", NULL},
    {LEAVE, "", "l1,hu,2026-06-15,2026-06-16,,approved\n", E, 5, "id", "l1",
     "the id is there twice", NULL},
    {LEAVE, "", "l4,li,2026-06-16T08:00,2026-06-18,,approved\n", E, 5, "id", "l4",
     "overlaps another leave of the same person", NULL},
    {LEAVE, "", "l4,li,2026-06-01,2026-06-30,,requested\n", E, 2, "id", "l1",
     "overlaps another leave of the same person", NULL},
    {LEAVE, "",
     "l4,hu,2026-06-01,2026-06-30,,approved\nl5,hu,2026-06-02,2026-06-03,,approved\n"
     "l6,hu,2026-06-20,2026-06-21,,approved\n",
     E, 7, "id", "l6", "overlaps another leave of the same person", NULL},
    {ROSTER, "340705006,hu,mon-fri", "340705009,hu,mon-fri", E, 2, "area", "340705009",
     "no such area", NULL},
    {ROSTER, "340705006,hu,mon-fri", "340705006,ho,mon-fri", E, 2, "person", "ho", "no such person",
     NULL},
    {ROSTER, "mon-fri", "mon-fry", E, 2, "days", "mon-fry", "not weekdays", NULL},
    {ROSTER, "18:00,08:00", "18:0,08:00", E, 2, "from", "18:0", "not a time of day", NULL},
    {ROSTER, "18:00,08:00", "x8:00,08:00", E, 2, "from", "x8:00", "not a time of day", NULL},
    {ROSTER, "18:00,08:00", "18:00,08:0x", E, 2, "to", "08:0x", "not a time of day", NULL},
    {ROSTER, "18:00,08:00", "18:00,08:60", E, 2, "to", "08:60", "not a time of day", NULL},
    {ROSTER, "18:00,08:00", "25:00,08:00", E, 2, "from", "25:00", "not a time of day", NULL},
    {ROSTER, "18:00,08:00", "18:00,24:01", E, 2, "to", "24:01", "not a time of day", NULL},
    {ROSTER, "2026-01-01,2026-12-31", "2026-13-01,", E, 3, "valid_from", "2026-13-01",
     "not a date or time", NULL},
    {ROSTER, "2026-01-01,2026-12-31", "2027-01-01,2026-12-31", E, 3, "valid_to", "2026-12-31",
     "ends before it begins", NULL},
    {ROSTER, "zhao,,2026-10-01T08:00,", "zhao,,2026-10-03T08:00,", E, 4, "to", "2026-10-02T08:00",
     "ends before it begins", NULL},
    {ROSTER, "zhao,,2026-10-01T08:00,", "zhao,,,", E, 4, "from", "", "the cell is empty", NULL},
    {ROSTER, "zhao,,2026-10-01T08:00,2026-10-02T08:00", "zhao,,18:00,08:00", E, 4, "from", "18:00",
     "not a date or time", NULL},
};

static void staff(void **state)
{
    (void)state;
    MAKE(in_staff);
}

#define ROWS "org/catalogue.csv"

static const struct mistake in_catalogue[] = {
    {ROWS, "", NULL, E, 0, "", "", "the file is missing", NULL},
    {ROWS, "4wh", "4xh", E, 2, "limit", "4xh", "not a limit", NULL},
    {ROWS, "4wh", "", E, 2, "limit", "", "not a limit", NULL},
    {ROWS, "4wh", "15m", E, 2, "limit", "15m", "not a limit", NULL},
    {ROWS, "2uh+5wd", "2uh+", E, 3, "limit", "2uh+", "not a limit", NULL},
    {ROWS, "2uh+5wd", "1uh+1uh+1uh+1uh", E, 3, "limit", "1uh+1uh+1uh+1uh", "not a limit", NULL},
    {ROWS, "4wh,N", "4wh,M", E, 2, "policy", "M", "no such ladder", NULL},
    {ROWS, "4wh,N", "4wh,", E, 2, "policy", "", "no such ladder", NULL},
    {ROWS, "rubbish,,shizheng", "rubbish,,shirong", E, 2, "line", "shirong", "no such line", NULL},
    {ROWS, "shizheng,SZ,A", "shizheng,CG,A", E, 2, "department", "CG", "no such department", NULL},
    {ROWS, "S XF", "S XY", E, 3, "tell", "S XY", "neither S nor a department's code", NULL},
    {ROWS, "S XF", "S XF SZ S S", E, 3, "tell", NULL, "more than 4 parties", NULL},
    {ROWS, "SZ,A,", "SZ,B,", E, 2, "first_owner", "B", "neither A nor F", NULL},
    {ROWS, "yes,no,no", "perhaps,no,no", E, 2, "on_spot", "perhaps", "neither yes nor no", NULL},
    {ROWS, "hours,auto", "ours,auto", E, 3, "wd_mode", "ours", "no such way to count", NULL},
    {ROWS, "hours,auto", "hours,automatic", E, 3, "filing", "automatic", "no such way of filing",
     NULL},
    {ROWS, "03-01,default", "02-01,lost", E, 4, "code", "02-01",
     "the category and condition are there twice", NULL},
    {ROWS, "", "03-01,default,消防通道,,,xiaofang,XF,A,,,1wh,N,,,,,,,\n", E, 5, "code", "03-01",
     "the category and condition are there twice", NULL},
    {ROWS, "eod,manual\n",
     "eod,manual,2026-07-01\n03-01,default,消防通道,,,xiaofang,XF,A,,,1wh,N,,,,,,,"
     "2026-07-01T00:00\n",
     E, 5, "code", "03-01", "the category and condition are there twice", NULL},
    {ROWS, "eod,manual\n", "eod,manual,2026-06-31\n", E, 4, "valid_from", "2026-06-31",
     "not a date or time", NULL},
    {ROWS, "01-10,default", "01-10,", E, 2, "condition", "", "the cell is empty", NULL},
    {ROWS, "code,condition", "code,conditions", E, 1, "condition", "", "the column is missing",
     NULL},
};

static void catalogue(void **state)
{
    (void)state;
    MAKE(in_catalogue);
}

#define CAL "calendar/office.yaml"

static const struct mistake in_calendars[] = {
    {CAL, "", NULL, E, 0, "", "", "there is no calendar", "calendar/"},
    {"gridpost.yaml", "office", "night", E, 1, "default_calendar", "night",
     "there is no such calendar", NULL},
    {CAL, "id: office", "id: ofice", E, 1, "id", "ofice", "the id is not the file's name", NULL},
    {CAL, "id: office\n", "", E, 1, "id", "", "the id is not the file's name", NULL},
    {CAL, "\"+08:00\"", "Asia/Shanghai", E, 2, "zone", "Asia/Shanghai", "not a zone", NULL},
    {CAL, "workday: 8h", "workday: 8", E, 3, "workday", "8", "not a working day's length", NULL},
    {CAL, "workday: 8h", "workday: 25h", E, 3, "workday", "25h", "not a working day's length",
     NULL},
    {CAL, "workday: 8h", "workday: [8h]", E, 3, "workday", "", "expected one value", NULL},
    {CAL, "2026-12-31", "2026-12-32", E, 4, "known_until", "2026-12-32", "not a date", NULL},
    {CAL, "workday:", "work_day:", E, 3, "", "work_day", "unknown key", NULL},
    {CAL, "workday: 8h", "id: office", E, 3, "", "id", "the key is there twice", NULL},
    {CAL, "from: 2026-10-01", "from: 2026-09-30", E, 10, "from", "", "two week templates", NULL},
    {CAL, "to: 2026-09-30", "to: 2026-04-30", E, 6, "from", "", "from is after to", NULL},
    {CAL, "to: 2026-09-30", "to: 2026-09-31", E, 7, "to", "2026-09-31", "not a date", NULL},
    {CAL, "mon-fri: 08", "mon-fry: 08", E, 9, "hours", "mon-fry", "not a weekday", NULL},
    {CAL, "08:00-12:00 14:30-18:30", "14:30-18:30 08:00-12:00", E, 9, "hours",
     "14:30-18:30 08:00-12:00", "hours out of order", NULL},
    {CAL, "08:00-12:00 14:30-18:30", "08:00-12:00 11:30-18:30", E, 9, "hours", NULL,
     "hours out of order", NULL},
    {CAL, "08:00-12:00 14:30-18:30", "12:00-08:00", E, 9, "hours", "12:00-08:00",
     "hours out of order", NULL},
    {CAL, "fri: 08:00-12:00\n", "thu: 08:00-12:00\n", E, 13, "hours", "thu",
     "the weekday is there twice", NULL},
    {CAL, "2026-10-01..2026-10-07", "2026-10-07..2026-10-01", E, 14, "off",
     "2026-10-07..2026-10-01", "not a date or range", NULL},
    {CAL, "2026-12-25", "2026-10-07", E, 14, "off", "2026-10-07", "the day is listed twice", NULL},
    {CAL, "date: 2026-10-10", "date: 2026-10-07", E, 16, "date", "2026-10-07",
     "the day is listed twice", NULL},
    {CAL, "date: 2026-10-10", "date: 2026-10-1", E, 16, "date", "2026-10-1", "not a date", NULL},
    {CAL, "2026-10-01..2026-10-07", "2026-10-01..2027-10-03", E, 14, "off", NULL,
     "not a date or range", NULL},
    {CAL, "2026-10-01..2026-10-07", "2026-10-01..2026-10-32", E, 14, "off", NULL,
     "not a date or range", NULL},
    {CAL, "2026-10-01..2026-10-07", "2026-10-01 - 2026-10-0", E, 14, "off", NULL,
     "not a date or range", NULL},
    {CAL, "date: 2026-10-10", "hours: 08:00-12:00", E, 16, "date", "", "the date is missing", NULL},
    {CAL, "date: 2026-10-10", "date:", E, 16, "date", "", "the date is missing", NULL},
    {CAL, "hours: 09:00-12:00", "hours: 9:00-12:00", E, 18, "hours", "9:00-12:00",
     "hours out of order", NULL},
    {CAL, "  - date: 2026-10-10\n", "  - 2026-10-10\n", E, 16, "", "",
     "expected key: value lines here", NULL},
    {CAL, NULL, "id: office\nzone: \"+08:00\"\n", E, 1, "weeks", "", "no weekday has working hours",
     NULL},
    {CAL, NULL, "id: office\nzone: \"+08:00\"\nweeks:\n  - hours: {}\n", E, 4, "weeks", "",
     "no weekday has working hours", NULL},
    {CAL, "    hours:\n      mon-thu: 08:00-12:00 14:00-18:00\n      fri: 08:00-12:00\n", "", E, 10,
     "hours", "", "the hours are missing", NULL},
    {CAL, "    hours:\n      mon-thu: 08:00-12:00 14:00-18:00\n      fri: 08:00-12:00\n",
     "    hours: 08:00-12:00\n", E, 11, "hours", "08:00-12:00", "the hours are missing", NULL},
    {CAL, "workday: 8h", "workday: 0h", E, 3, "workday", "0h", "not a working day's length", NULL},
    {CAL, "workday: 8h", "workday: 8w", E, 3, "workday", "8w", "not a working day's length", NULL},
    {CAL, "workday: 8h", "workday: \"8h", E, 3, "", "", "found unexpected end of stream", NULL},
    {CAL, "weeks:", "weeks", E, 5, "", "", "could not find expected ':'", NULL},
    {CAL, "workday: 8h", "workday: 8h\x01", E, 3, "", "", "control characters are not allowed",
     NULL},
};

static void calendars(void **state)
{
    (void)state;
    MAKE(in_calendars);
}

#define LADDERS "ladders.yaml"

static const struct mistake in_ladders[] = {
    {LADDERS, "", NULL, E, 0, "", "", "the file is missing", NULL},
    {LADDERS, NULL, "", E, 0, "", "", "expected key: value lines here", NULL},
    {LADDERS, "step: yellow,", "step: amber,", E, 10, "step", "amber", "no such step", NULL},
    {LADDERS, "step: yellow,", "step: resume,", E, 10, "step", "resume", "no such step", NULL},
    {LADDERS, "      - {step: repeat",
     "      - {step: verify_late, at: due + 1wh, tell: [D1]}\n"
     "      - {step: repeat",
     E, 13, "at", "due + 1wh", "this step counts from the start of its own clock", NULL},
    {LADDERS, "      - {step: repeat",
     "      - {step: verify_late, at: start + 1wh, handover: yes, tell: [D1]}\n"
     "      - {step: repeat",
     E, 13, "handover", "yes", "this step only tells", NULL},
    {LADDERS, "      - {step: repeat",
     "      - {step: dispatch_late, at: start + 15m, strike: yes, tell: [D1]}\n"
     "      - {step: repeat",
     E, 13, "strike", "yes", "this step only tells", NULL},
    {LADDERS, "      - {step: repeat",
     "      - {step: resume_notice, at: start + 7wd, tell: [D1]}\n"
     "      - {step: repeat",
     E, 13, "at", "start + 7wd", "the notice comes whole days before", NULL},
    {LADDERS, "step: yellow,", "stop: yellow,", E, 10, "", "stop", "unknown key", NULL},
    {LADDERS, "tell: [D2]", "tell: [D3]", E, 9, "tell", "D3", "nobody is known by this word", NULL},
    {LADDERS, "tell: [D2]", "tell: []", E, 9, "tell", "", "the step tells nobody", NULL},
    {LADDERS, "tell: [D2]", "tell: {D2: yes}", E, 9, "", "", "expected a list", NULL},
    {LADDERS, "80%", "101%", E, 10, "at", "101%", "not a time of a step", NULL},
    {LADDERS, "80%", "x%", E, 10, "at", "x%", "not a time of a step", NULL},
    {LADDERS, "80%", "80", E, 10, "at", "80", "not a time of a step", NULL},
    {LADDERS, "80%", "due * 2", E, 10, "at", "due * 2", "not a time of a step", NULL},
    {LADDERS, "or: 25%", "or: 2wh", E, 9, "or", "2wh", "not a percentage", NULL},
    {LADDERS, "at: start + 2wh, or: 25%", "at: due, or: 25%", E, 9, "or", "25%",
     "a percentage counts from the start only", NULL},
    {LADDERS, "start + 2wh", "start + 2xh", E, 9, "at", "start + 2xh", "not a time of a step",
     NULL},
    {LADDERS, "at: due + 24wh", "at: card + 24wh", E, 12, "at", "card + 24wh",
     "only repeat counts from the card", NULL},
    {LADDERS, "at: card + 8wh", "at: due + 8wh", E, 13, "at", NULL, "repeat follows the card",
     NULL},
    {LADDERS, "times: 10", "times: ten", E, 13, "times", "ten", "not a number of times", NULL},
    {LADDERS, "times: 10, ", "", E, 13, "times", "", "not a number of times", NULL},
    {LADDERS, "times: 10", "times: 100000", E, 13, "times", "100000", "not a number of times",
     NULL},
    {LADDERS, "at: card + 8wh", "at: card", E, 13, "at", "card", "repeat follows the card", NULL},
    {LADDERS, "at: card + 8wh", "at: card + 0wh", E, 13, "at", NULL, "repeat follows the card",
     NULL},
    {LADDERS, "step: dispatch, at: start, tell: [owner, B, tell]",
     "step: dispatch, at: start + 1wh, tell: [owner]", E, 8, "at", "start + 1wh",
     "dispatch is at the start", NULL},
    {LADDERS, "times: 10", "times: 0", E, 13, "times", "0", "not a number of times", NULL},
    {LADDERS, "then: 40wh", "then: 0wh", E, 13, "then", "0wh", "not an amount", NULL},
    {LADDERS, "handover: yes, tell: [K, D1", "handover: ja, tell: [K, D1", E, 11, "handover", "ja",
     "neither yes nor no", NULL},
    {LADDERS, "step: dispatch, at: start, tell: [owner, B, tell]",
     "step: dispatch, at: due, tell: [owner, B, tell]", E, 8, "at", "due",
     "dispatch is at the start", NULL},
    {LADDERS, "step: card", "step: red", E, 12, "step", "red", "steps out of order", NULL},
    {LADDERS, "      - {step: card, at: due + 24wh, strike: yes, tell: [X]}\n", "", E, 2, "steps",
     "N", "repeat without card", NULL},
    {LADDERS, "step: red, at: due, handover: yes, tell: [K, S", "step: blue, at: due, tell: [K, S",
     E, 14, "steps", "U", "a ladder needs dispatch and red", NULL},
    {LADDERS, "handover: yes, tell: [K, D1", "tell: [K, D1", W, 2, "steps", "N",
     "no step hands over to the department", NULL},
    {LADDERS, "  - id: U", "  - id: N", E, 14, "id", "N", "two ladders of one id", NULL},
    {LADDERS, "  - id: U\n",
     "  - id: 01234567890123456789012345678901234567890123456789012345678901234\n", E, 14, "id",
     NULL, "the ladder has no id of 1 to 64 bytes", NULL},
    {LADDERS, "  - id: U\n", "  - id:\n", E, 14, "id", "", "the ladder has no id", NULL},
    {LADDERS, "clock: continuous", "clock: urgent", E, 15, "clock", "urgent", "no such clock",
     NULL},
    {LADDERS, "next_long: L", "next_long: M", E, 5, "next_long", "M", "no such ladder", NULL},
    {LADDERS, "next: N\n    next_long", "next: M\n    next_long", E, 4, "next", "M",
     "no such ladder", NULL},
    {LADDERS, "next_long_days: 5", "next_long_days: five", E, 6, "next_long_days", "five",
     "not a number of days", NULL},
    {LADDERS, "next_long_days: 5", "next_long_days: 5555555555555555", E, 6, "next_long_days", NULL,
     "not a number of days", NULL},
    {LADDERS, "ladders:", "ladder:", E, 1, "", "ladder", "unknown key", NULL},
    {LADDERS, "    steps:\n      - {step: dispatch, at: start, urgent",
     "    stops:\n"
     "      - {step: dispatch, at: start, urgent",
     E, 17, "", "stops", "unknown key", NULL},
    {LADDERS, "tell: K}", "tell: K]", E, 24, "", "", "did not find expected ',' or '}'", NULL},
};

static void ladders(void **state)
{
    (void)state;
    MAKE(in_ladders);
}

static const struct mistake in_sheets[] = {
    {PEOPLE, NULL, "", E, 1, "", "", "the header row is missing", NULL},
    {PEOPLE, NULL, "\n\n", E, 3, "", "", "the header row is missing", NULL},
    {PEOPLE, "id,name,phone", "id,name,id", E, 1, "", "id", "the column is there twice", NULL},
    {PEOPLE, "id,name,phone", "id,phone", E, 1, "name", "", "the column is missing", NULL},
    {PEOPLE, "id,name,phone", "id,name,fon", W, 1, "", "fon", "unknown column", NULL},
    {PEOPLE, "wang,王一,,", "wang,王一,,,,9", E, 3, "", "9", "more cells than the header", NULL},
    {PEOPLE, "wang,王一", "wang,\"王一", E, 3, "", "", "a double quote is not closed", NULL},
    {PEOPLE, "wang,王一", "wang,王\"一", E, 3, "", "", "a double quote is not closed", NULL},
    {PEOPLE, "hu,胡一", "hu,\"胡\n一\"", E, 8, "name", "胡\n一", "a line break or control", NULL},
    {PEOPLE, "hu,胡一", "hu,胡\t一", E, 8, "name", "胡\t一", "a line break or control", NULL},
    {PEOPLE, "hu,胡一", "hu,胡\x7F一", E, 8, "name", NULL, "a line break or control", NULL},
    {PEOPLE, "hu,胡一", "hu,胡\x07一", E, 8, "name", NULL, "a line break or control", NULL},
    {PEOPLE, "hu,胡一", "hu,胡\xE4\xE4", E, 8, "", "", "text is neither UTF-8 nor GB18030", NULL},
};

static void sheets(void **state)
{
    (void)state;
    MAKE(in_sheets);
}

/* Everything that is wrong is said at once, also when the settings are wrong too. */
static void mistakes_do_not_hide_each_other(void **state)
{
    struct folder folder;
    struct loaded loaded;
    static const struct mistake all[] = {
        {"gridpost.yaml", NULL, NULL, E, 2, "log_level", "loud", "not a value", NULL},
        {POSTS, NULL, NULL, E, 6, "kind", "C", "no such kind", NULL},
        {ROWS, NULL, NULL, E, 2, "limit", "4xh", "not a limit", NULL},
    };

    (void)state;
    folder_open(&folder);
    folder_edit(&folder, "gridpost.yaml", "", "log_level: loud\n");
    folder_edit(&folder, POSTS, "B-002001,B", "B-002001,C");
    folder_edit(&folder, ROWS, "4wh", "4xh");
    folder_load(&folder, &loaded);
    assert_int_equal(loaded.rc, GP_ECONFIG);
    assert_int_equal(loaded.findings.errors, 3);
    for (size_t i = 0; i < 3; i++) {
        bool found = false;
        for (size_t j = 0; j < loaded.findings.count; j++)
            found = found || fits(&all[i], &loaded.findings.item[j]);
        if (!found)
            fail_msg("%s line %u is not found", all[i].file, all[i].line);
    }
    loaded_release(&loaded);
    folder_close(&folder);
}

/* Findings beyond the limit are counted, not kept; a very long value is cut. */
static void findings_are_bounded(void **state)
{
    struct gp_findings findings;
    static char value[5000];

    (void)state;
    memset(value, 'v', sizeof value);
    gp_findings_init(&findings);
    for (int i = 0; i < GP_FINDINGS_MAX + 5; i++)
        gp_findings_add(&findings, i % 2 == 0 ? E : W, "f", 1, "",
                        (struct gp_span){value, sizeof value}, "p", "r");
    assert_int_equal(findings.count, GP_FINDINGS_MAX);
    assert_int_equal(findings.dropped, 5);
    assert_int_equal(findings.errors + findings.warnings, GP_FINDINGS_MAX + 5);
    assert_true(strlen(findings.item[0].value) < 300);
    gp_findings_release(&findings);
    assert_int_equal(findings.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(areas),
        cmocka_unit_test(people),
        cmocka_unit_test(posts),
        cmocka_unit_test(field_post_of_many_communities),
        cmocka_unit_test(staff),
        cmocka_unit_test(catalogue),
        cmocka_unit_test(calendars),
        cmocka_unit_test(ladders),
        cmocka_unit_test(sheets),
        cmocka_unit_test(mistakes_do_not_hide_each_other),
        cmocka_unit_test(findings_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
