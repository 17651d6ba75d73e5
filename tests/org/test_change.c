/*
 * The digest and the difference: spelling changes neither, each change of content changes both.
 */
#include "org/folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define AREAS    "org/areas.csv"
#define PEOPLE   "org/people.csv"
#define DEPTS    "org/departments.csv"
#define LINES    "org/lines.csv"
#define POSTS    "org/posts.csv"
#define HOLDINGS "org/holdings.csv"
#define LEAVE    "org/leave.csv"
#define ROSTER   "org/roster.csv"
#define RIGHTS   "org/rights.csv"
#define DEVICES  "org/devices.csv"
#define USERS    "org/users.csv"
#define ROWS     "org/catalogue.csv"
#define CAL      "calendar/office.yaml"
#define LADDERS  "ladders.yaml"

struct edit {
    const char *file, *from, *to;
    const char *gone, *come; /* lines of the difference; NULL: none of that sign */
};

/* Lines of a difference. */
struct said {
    char *line[100];
    size_t count;
};

static void keep(void *context, const char *text)
{
    struct said *said = context;

    assert_true(said->count < sizeof said->line / sizeof said->line[0]);
    said->line[said->count++] = strdup(text);
}

static bool has_line(const struct said *said, char sign, const char *text)
{
    for (size_t i = 0; i < said->count; i++) {
        const char *line = said->line[i];
        if (line[0] == sign && (text == NULL || strcmp(line + 2, text) == 0))
            return true;
    }
    return false;
}

static void release(struct said *said)
{
    for (size_t i = 0; i < said->count; i++)
        free(said->line[i]);
}

/* Whether the difference to the good folder is this one, with another digest. */
static bool makes(const struct edit *edit, const struct gp_org *good)
{
    struct folder folder;
    struct loaded loaded;
    struct said said = {0};

    folder_open(&folder);
    folder_edit(&folder, edit->file, edit->from, edit->to);
    folder_load_good(&folder, &loaded);
    gp_directory_diff(good, loaded.org, keep, &said);
    bool right = memcmp(good->digest, loaded.org->digest, sizeof good->digest) != 0 &&
                 has_line(&said, '-', edit->gone) == (edit->gone != NULL) &&
                 has_line(&said, '+', edit->come) == (edit->come != NULL);
    for (size_t i = 0; !right && i < said.count; i++)
        print_error("%s\n", said.line[i]);
    release(&said);
    loaded_release(&loaded);
    folder_close(&folder);
    return right;
}

static const struct edit changes[] = {
    {AREAS, "临湖第1网格", "临湖一格", "area 340705006001001 grid 临湖第1网格 households 240",
     "area 340705006001001 grid 临湖一格 households 240"},
    {AREAS, "grid,240", "grid,241", "area 340705006001001 grid 临湖第1网格 households 240",
     "area 340705006001001 grid 临湖第1网格 households 241"},
    {AREAS, "新城街道,street,,", "新城街道,street,,office", "area 340705006 street 新城街道",
     "area 340705006 street 新城街道 calendar office"},
    {AREAS, "340705006002,,2026-01-01", "340705006001,,2026-01-01",
     "area 340705006009 community 老社区 alias of 340705006002 to 2026-01-02T00:00:00+08:00",
     "area 340705006009 community 老社区 alias of 340705006001 to 2026-01-02T00:00:00+08:00"},
    {AREAS, "340705006002,,2026-01-01", "340705006002,2020-01-01,2026-01-01",
     "area 340705006009 community 老社区 alias of 340705006002 to 2026-01-02T00:00:00+08:00",
     "area 340705006009 community 老社区 alias of 340705006002 from 2020-01-01T00:00:00+08:00 "
     "to 2026-01-02T00:00:00+08:00"},
    {AREAS, "", "340705006003,新社区,community,,,,,\n", NULL, "area 340705006003 community 新社区"},
    {DEPTS, "fire brigade", "fire", "department XF 消防队 fire brigade",
     "department XF 消防队 fire"},
    {LINES, "消防安全", "消防", "line xiaofang 消防安全 fire safety department XF",
     "line xiaofang 消防 fire safety department XF"},
    {LINES, "safety,XF", "safety,SZ", "line xiaofang 消防安全 fire safety department XF",
     "line xiaofang 消防安全 fire safety department SZ"},
    {PEOPLE, "李一", "李二", "person li 李一 phone …0001", "person li 李二 phone …0001"},
    {PEOPLE, "13800000001", "转分机二", "person li 李一 phone …0001", "person li 李一 phone …二"},
    {PEOPLE, "13800000001", "13800000002", "person li 李一 phone …0001",
     "person li 李一 phone …0002"},
    {PEOPLE, "hu,胡一,,XF", "hu,胡一,,", "person hu 胡一 department XF", "person hu 胡一"},
    {PEOPLE, "", "new,新人,,\n", NULL, "person new 新人"},
    {POSTS, "zhao wang", "wang zhao",
     "post A-shizheng-001 A line shizheng areas 340705006001 deputies zhao wang",
     "post A-shizheng-001 A line shizheng areas 340705006001 deputies wang zhao"},
    {POSTS, "340705006001 340705006002", "340705006001",
     "post F-SZ F department SZ areas 340705006001 340705006002",
     "post F-SZ F department SZ areas 340705006001"},
    {POSTS, "H-SZ,H,,,SZ", "H-SZ,H,,,XF", "post H-SZ H department SZ", "post H-SZ H department XF"},
    {POSTS, "H-SZ,H,,,SZ", "H-SZ,H2,,,SZ", "post H-SZ H department SZ",
     "post H-SZ H2 department SZ"},
    {POSTS, "340705006,xiaofang", "340705006,shizheng",
     "post A-xiaofang-006 A line xiaofang areas 340705006",
     "post A-xiaofang-006 A line shizheng areas 340705006"},
    {POSTS, "", "R-001,R,340705006001,,,\n", NULL, "post R-001 R areas 340705006001"},
    {HOLDINGS, "K-XF,hu", "K-XF,chen", "holding K-XF hu from 2025-01-01T00:00:00+08:00",
     "holding K-XF chen from 2025-01-01T00:00:00+08:00"},
    {HOLDINGS, "chen,2025-01-01", "chen,2025-01-02",
     "holding F-SZ chen from 2025-01-01T00:00:00+08:00 to 2026-07-01T00:00:00+08:00",
     "holding F-SZ chen from 2025-01-02T00:00:00+08:00 to 2026-07-01T00:00:00+08:00"},
    {HOLDINGS, "D2-001,wang,2025-01-01,\n", "",
     "holding D2-001 wang from "
     "2025-01-01T00:00:00+08:00",
     NULL},
    {LEAVE, "2026-06-15,2026-06-16", "2026-06-15,2026-06-17",
     "leave l1 li from 2026-06-15T00:00:00+08:00 to 2026-06-17T00:00:00+08:00 stand-in zhao",
     "leave l1 li from 2026-06-15T00:00:00+08:00 to 2026-06-18T00:00:00+08:00 stand-in zhao"},
    {LEAVE, "zhao,approved", ",requested",
     "leave l1 li from 2026-06-15T00:00:00+08:00 to 2026-06-17T00:00:00+08:00 stand-in zhao",
     "leave l1 li from 2026-06-15T00:00:00+08:00 to 2026-06-17T00:00:00+08:00 (requested)"},
    {LEAVE, "l2,li,2026-07-01T08:00,2026-07-01T12:00+08:00,,requested\n", "",
     "leave l2 li from 2026-07-01T08:00:00+08:00 to 2026-07-01T12:00:00+08:00 (requested)", NULL},
    {ROSTER, "hu,mon-fri,18:00", "hu,mon-fri,18:30",
     "shift 340705006 hu mon tue wed thu fri 18:00-08:00",
     "shift 340705006 hu mon tue wed thu fri 18:30-08:00"},
    {ROSTER, "hu,mon-fri", "hu,mon-thu", "shift 340705006 hu mon tue wed thu fri 18:00-08:00",
     "shift 340705006 hu mon tue wed thu 18:00-08:00"},
    {ROSTER, "340705006001,zhao,", "340705006002,zhao,",
     "shift 340705006001 zhao from 2026-10-01T08:00:00+08:00 to 2026-10-02T08:00:00+08:00",
     "shift 340705006002 zhao from 2026-10-01T08:00:00+08:00 to 2026-10-02T08:00:00+08:00"},
    {ROSTER, "2026-01-01,2026-12-31", "2026-01-01,",
     "shift 340705006 hu sat sun 00:00-24:00 from 2026-01-01T00:00:00+08:00 to "
     "2027-01-01T00:00:00+08:00",
     "shift 340705006 hu sat sun 00:00-24:00 from 2026-01-01T00:00:00+08:00"},
    {CAL, "workday: 8h", "workday: 510m",
     "calendar office zone 480 min workday 480 min known until 2027-01-01T00:00:00+08:00",
     "calendar office zone 480 min workday 510 min known until 2027-01-01T00:00:00+08:00"},
    {CAL, "known_until: 2026-12-31", "known_until: always",
     "calendar office zone 480 min workday 480 min known until 2027-01-01T00:00:00+08:00",
     "calendar office zone 480 min workday 480 min"},
    {CAL, "fri: 08:00-12:00\n", "fri: 08:30-12:00\n",
     "calendar office from 2026-10-01 fri 08:00-12:00",
     "calendar office from 2026-10-01 fri 08:30-12:00"},
    {CAL, "from: 2026-05-01", "from: 2026-05-02",
     "calendar office from 2026-05-01 to 2026-09-30 mon 08:00-12:00 14:30-18:30",
     "calendar office from 2026-05-02 to 2026-09-30 mon 08:00-12:00 14:30-18:30"},
    {CAL, ", 2026-12-25", "", "calendar office off 2026-12-25", NULL},
    {CAL, "2026-12-25", "2026-12-26", "calendar office off 2026-12-25",
     "calendar office off 2026-12-26"},
    {CAL, "hours: 09:00-12:00", "hours: 09:00-11:00", "calendar office work 2026-10-11 09:00-12:00",
     "calendar office work 2026-10-11 09:00-11:00"},
    {LADDERS, "clock: continuous", "clock: work", "ladder U clock continuous next N from 0 wd",
     "ladder U clock work next N from 0 wd"},
    {LADDERS, "next_long_days: 5", "next_long_days: 6",
     "ladder N clock work next N long L from 5 wd", "ladder N clock work next N long L from 6 wd"},
    {LADDERS, "80%", "70%", "ladder N yellow at start 80% tells owner B",
     "ladder N yellow at start 70% tells owner B"},
    {LADDERS, "due + 24wh, strike: yes", "due + 16wh", "ladder N card at due + 24wh strike tells X",
     "ladder N card at due + 16wh tells X"},
    {LADDERS, "start + 2wh, or: 25%", "start + 2wh",
     "ladder N unaccepted at start + 2wh 25% tells D2",
     "ladder N unaccepted at start + 2wh tells D2"},
    {LADDERS, "times: 10, then: 40wh", "times: 5, then: 3ud",
     "ladder N repeat at card + 8wh 10 times then every 40wh tells X",
     "ladder N repeat at card + 8wh 5 times then every 3ud tells X"},
    {LADDERS, "urgent: yes, tell: [owner, Z]", "tell: [owner, Z]",
     "ladder U dispatch at start urgent tells owner Z", "ladder U dispatch at start tells owner Z"},
    {LADDERS, "tell: [K, SZ]", "tell: [K, SZ, H]", "ladder U red at due handover tells SZ K",
     "ladder U red at due handover tells SZ K H"},
    {ROWS, "4wh,N", "8wh,N",
     "row 01-10 default 暴露垃圾 rubbish line shizheng department SZ owner A urgency normal "
     "limit 4wh days hours policy N first 清理 on_spot",
     "row 01-10 default 暴露垃圾 rubbish line shizheng department SZ owner A urgency normal "
     "limit 8wh days hours policy N first 清理 on_spot"},
    {ROWS, "清理,yes,no,no,,", "清理,no,yes,yes,clock,manual",
     "row 01-10 default 暴露垃圾 rubbish line shizheng department SZ owner A urgency normal "
     "limit 4wh days hours policy N first 清理 on_spot",
     "row 01-10 default 暴露垃圾 rubbish line shizheng department SZ owner A urgency normal "
     "limit 4wh days clock policy N first 清理 private informed manual"},
    {ROWS, "S XF", "XF",
     "row 02-01 lost 井盖 缺失 manhole cover line shizheng department SZ owner F tell S XF "
     "urgency urgent limit 2uh+5wd days hours policy U first 围挡 informed",
     "row 02-01 lost 井盖 缺失 manhole cover line shizheng department SZ owner F tell XF "
     "urgency urgent limit 2uh+5wd days hours policy U first 围挡 informed"},
    {ROWS, "shizheng,SZ,A", "shizheng,XF,F",
     "row 01-10 default 暴露垃圾 rubbish line shizheng department SZ owner A urgency normal "
     "limit 4wh days hours policy N first 清理 on_spot",
     "row 01-10 default 暴露垃圾 rubbish line shizheng department XF owner F urgency normal "
     "limit 4wh days hours policy N first 清理 on_spot"},
    {RIGHTS, "report file void,street community", "report file,street community",
     "right dispatcher void street community", NULL},
    {RIGHTS, "accept finish,department", "accept finish,department own",
     "right handler accept department", "right handler accept own department"},
    {RIGHTS, "", "auditor,head,all\n", NULL, "right auditor head all"},
    {DEVICES, "hu,bridge,AAEC", "hu,reader,AAEC",
     "device hu bridge hotline key "
     "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
     "device hu reader hotline key "
     "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"},
    {USERS, "desk,zhou", "z,zhou", "user desk zhou handler via hu", "user z zhou handler via hu"},
    {USERS, "desk,zhou", "desk,chen", "user desk zhou handler via hu",
     "user desk chen handler via hu"},
    {USERS, "handler,hu", "reader,hu", "user desk zhou handler via hu",
     "user desk zhou reader via hu"},
    {USERS, "handler,hu", "handler,zhang", "user desk zhou handler via hu",
     "user desk zhou handler via zhang"},
    {USERS, "desk,zhou,handler,hu\n", "", "user desk zhou handler via hu", NULL},
    {ROWS, "", "01-10,default,垃圾,,,shizheng,SZ,A,,,2wh,N,,,,,,,2027-01-01\n", NULL,
     "row 01-10 default 垃圾 line shizheng department SZ owner A limit 2wh days hours policy N "
     "from 2027-01-01T00:00:00+08:00"},
};

static void each_change_shows(void **state)
{
    struct folder folder;
    struct loaded good;
    size_t wrong = 0;

    (void)state;
    folder_open(&folder);
    folder_load_good(&folder, &good);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        if (makes(&changes[i], good.org))
            continue;
        print_error("^ %s, \"%s\" to \"%s\"\n", changes[i].file, changes[i].from, changes[i].to);
        wrong++;
    }
    assert_int_equal(wrong, 0);
    loaded_release(&good);
    folder_close(&folder);
}

/* What a phone number hides still differs: the difference says at least that. */
static void a_difference_is_never_empty(void **state)
{
    static const struct edit edit = {PEOPLE, "13800000001", "13900000001", NULL, NULL};
    struct folder folder;
    struct loaded good, other;
    struct said said = {0};

    (void)state;
    folder_open(&folder);
    folder_load_good(&folder, &good);
    folder_edit(&folder, edit.file, edit.from, edit.to);
    folder_load_good(&folder, &other);
    gp_directory_diff(good.org, other.org, keep, &said);
    assert_int_equal(said.count, 1);
    assert_true(said.line[0][0] == '~');
    release(&said);
    loaded_release(&other);
    loaded_release(&good);
    folder_close(&folder);
}

/* A change of the default calendar alone: its zone and hours may be the same. */
static void the_default_calendar_counts(void **state)
{
    struct folder folder;
    struct loaded good, other;
    struct said said = {0};

    (void)state;
    folder_open(&folder);
    folder_put(&folder, "calendar/abc.yaml", "", 0);
    folder_edit(&folder, "calendar/abc.yaml", "",
                "id: abc\nzone: \"+08:00\"\nweeks: [{hours: {mon-sun: 00:00-24:00}}]\n");
    folder_load_good(&folder, &good);
    folder_edit(&folder, "gridpost.yaml", "office", "abc");
    folder_load_good(&folder, &other);
    gp_directory_diff(good.org, other.org, keep, &said);
    assert_int_equal(said.count, 2);
    assert_true(has_line(&said, '-', "default calendar office"));
    assert_true(has_line(&said, '+', "default calendar abc"));
    release(&said);
    loaded_release(&other);
    loaded_release(&good);
    folder_close(&folder);
}

static void refuse_line(void *context, const char *text)
{
    (void)context;
    fail_msg("unexpected: %s", text);
}

static const struct edit spellings[] = {
    {AREAS, "grid,240,,,,", "网格,240,,,,", NULL, NULL},
    {AREAS, "grid,240,,,,", "grid,0240,,,,", NULL, NULL},
    {AREAS, ",,2026-01-01", ",,2026-01-02T00:00", NULL, NULL},
    {AREAS, "临湖社区", "\"临湖社区\"", NULL, NULL},
    {PEOPLE, "li,李一", "  li ,  李一 ", NULL, NULL},
    {PEOPLE, "hu,胡一,,XF\n", "hu,胡一,,XF,,,\n\n,,,\n", NULL, NULL},
    {POSTS, "zhao wang", "zhao   wang", NULL, NULL},
    {POSTS, "340705006001 340705006002", "340705006002 340705006001", NULL, NULL},
    {HOLDINGS, "chen,2025-01-01,2026-06-30", "chen,2025-01-01T00:00:00+08:00,2026-06-30", NULL,
     NULL},
    {HOLDINGS, "chen,2025-01-01,2026-06-30", "chen,2024-12-31T16:00Z,2026-07-01 00:00", NULL, NULL},
    {LEAVE, "approved", "已批准", NULL, NULL},
    {LEAVE, "l3,wang,2026-08-01,2026-08-02,,rejected\n", "", NULL, NULL},
    {ROSTER, "mon-fri", "\"mon tue wed,thu fri\"", NULL, NULL},
    {ROSTER, "sat sun", "sat-sun", NULL, NULL},
    {RIGHTS, "report note finish,own", "finish  report,own\nofficer,note,own", NULL, NULL},
    {RIGHTS, "own self", "self own self", NULL, NULL},
    {DEVICES, "GBkaGxwdHh8=", "GBkaGxwdHh8", NULL, NULL},
    {USERS, "user,person,role,via", "用户名,工号,角色,经由", NULL, NULL},
    {USERS, "desk,zhou,handler,hu\nwang.d2,wang,dispatcher,hu\n",
     "wang.d2,wang,dispatcher,hu\ndesk,zhou,handler,hu\n", NULL, NULL},
    {ROWS, "hours,auto", ",", NULL, NULL},
    {ROWS, "缺失,shizheng,,F", "缺失,shizheng,SZ,F", NULL, NULL},
    {ROWS, "清理,yes,no,no", "清理,是,,否", NULL, NULL},
    {CAL, "2026-10-01..2026-10-07, 2026-12-25",
     "2026-12-25, 2026-10-04..2026-10-07, 2026-10-01..2026-10-02, 2026-10-03", NULL, NULL},
    {CAL, "workday: 8h", "workday: 480m # as agreed", NULL, NULL},
    {CAL, "workday: 8h\n", "", NULL, NULL},
    {CAL, "mon-fri: 08", "mon-wed: 08:00-12:00 14:30-18:30\n      thu fri: 08", NULL, NULL},
    {LADDERS, "start + 2wh", "start+2wh", NULL, NULL},
    {LADDERS, "tell: [owner, B, tell]", "tell: [tell, B, owner]", NULL, NULL},
    {LADDERS, "handover: yes, tell: K}", "tell: [K], handover: true}", NULL, NULL},
    {LADDERS, "    clock: work\n", "", NULL, NULL},
    {"gridpost.yaml", "default_calendar: office", "log_level: debug", NULL, NULL},
};

static void spelling_changes_nothing(void **state)
{
    struct folder folder;
    struct loaded good;

    (void)state;
    folder_open(&folder);
    folder_load_good(&folder, &good);
    for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++) {
        struct folder other;
        struct loaded loaded;
        folder_open(&other);
        folder_edit(&other, spellings[i].file, spellings[i].from, spellings[i].to);
        folder_load_good(&other, &loaded);
        gp_directory_diff(good.org, loaded.org, refuse_line, NULL);
        if (memcmp(good.org->digest, loaded.org->digest, sizeof good.org->digest) != 0)
            fail_msg("%s, \"%s\" to \"%s\" changes the digest", spellings[i].file,
                     spellings[i].from, spellings[i].to);
        loaded_release(&loaded);
        folder_close(&other);
    }
    loaded_release(&good);
    folder_close(&folder);
}

/* Writes the rows of a sheet backwards, below its header. */
static void reverse_rows(struct folder *folder, const char *file)
{
    char *text = folder_get(folder, file);
    char *body = strchr(text, '\n') + 1;
    char sheet[4096];
    size_t len = (size_t)(body - text);

    memcpy(sheet, text, len);
    for (char *end = text + strlen(text); end > body;) {
        char *start = end - 1;
        while (start > body && start[-1] != '\n')
            start--;
        memcpy(sheet + len, start, (size_t)(end - start));
        len += (size_t)(end - start);
        end = start;
    }
    folder_put(folder, file, sheet, len);
    free(text);
}

static void the_order_of_rows_does_not_count(void **state)
{
    static const char *const files[] = {AREAS, PEOPLE, DEPTS, LINES,  POSTS,  HOLDINGS,
                                        LEAVE, ROSTER, ROWS,  RIGHTS, DEVICES};
    struct folder folder;
    struct loaded good, other;

    (void)state;
    folder_open(&folder);
    folder_load_good(&folder, &good);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        reverse_rows(&folder, files[i]);
    folder_load_good(&folder, &other);
    assert_memory_equal(good.org->digest, other.org->digest, sizeof good.org->digest);
    loaded_release(&other);
    loaded_release(&good);
    folder_close(&folder);
}

static void the_order_of_weeks_and_ladders_does_not_count(void **state)
{
    struct folder folder;
    struct loaded good, other;

    (void)state;
    folder_open(&folder);
    folder_load_good(&folder, &good);
    folder_edit(&folder, CAL,
                "  - from: 2026-05-01\n    to: 2026-09-30\n    hours:\n"
                "      mon-fri: 08:00-12:00 14:30-18:30\n",
                "");
    folder_edit(&folder, CAL, "off:",
                "  - {to: 2026-09-30, from: 2026-05-01, hours: {mon-fri: 08:00-12:00 "
                "14:30-18:30}}\noff:");
    folder_edit(&folder, LADDERS,
                "  - id: U\n    clock: continuous\n    next: N\n    steps:\n"
                "      - {step: dispatch, at: start, urgent: yes, tell: [owner, Z]}\n"
                "      - {step: red, at: due, handover: yes, tell: [K, SZ]}\n",
                "");
    folder_edit(&folder, LADDERS, "",
                "  - steps:\n    - {step: dispatch, at: start, urgent: yes, tell: [owner, Z]}\n"
                "    - {step: red, at: due, handover: yes, tell: [K, SZ]}\n"
                "    next: N\n    clock: continuous\n    id: U\n");
    folder_load_good(&folder, &other);
    assert_memory_equal(good.org->digest, other.org->digest, sizeof good.org->digest);
    loaded_release(&other);
    loaded_release(&good);
    folder_close(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_change_shows),
        cmocka_unit_test(a_difference_is_never_empty),
        cmocka_unit_test(the_default_calendar_counts),
        cmocka_unit_test(spelling_changes_nothing),
        cmocka_unit_test(the_order_of_rows_does_not_count),
        cmocka_unit_test(the_order_of_weeks_and_ladders_does_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
