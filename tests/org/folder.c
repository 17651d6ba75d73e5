#define _XOPEN_SOURCE 700
#include "org/folder.h"

#include "base/clocktext.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static const struct {
    const char *file, *text;
} good[] = {
    {"gridpost.yaml", "default_calendar: office\n"},
    {"calendar/office.yaml", "id: office\n"
                             "zone: \"+08:00\"\n"
                             "workday: 8h\n"
                             "known_until: 2026-12-31\n"
                             "weeks:\n"
                             "  - from: 2026-05-01\n"
                             "    to: 2026-09-30\n"
                             "    hours:\n"
                             "      mon-fri: 08:00-12:00 14:30-18:30\n"
                             "  - from: 2026-10-01\n"
                             "    hours:\n"
                             "      mon-thu: 08:00-12:00 14:00-18:00\n"
                             "      fri: 08:00-12:00\n"
                             "off: [2026-10-01..2026-10-07, 2026-12-25]\n"
                             "work:\n"
                             "  - date: 2026-10-10\n"
                             "  - date: 2026-10-11\n"
                             "    hours: 09:00-12:00\n"},
    {"ladders.yaml", "ladders:\n"
                     "  - id: N\n"
                     "    clock: work\n"
                     "    next: N\n"
                     "    next_long: L\n"
                     "    next_long_days: 5\n"
                     "    steps:\n"
                     "      - {step: dispatch, at: start, tell: [owner, B, tell]}\n"
                     "      - {step: unaccepted, at: start + 2wh, or: 25%, tell: [D2]}\n"
                     "      - {step: yellow, at: 80%, tell: [owner, B]}\n"
                     "      - {step: red, at: due, handover: yes, tell: [K, D1, D2]}\n"
                     "      - {step: card, at: due + 24wh, strike: yes, tell: [X]}\n"
                     "      - {step: repeat, at: card + 8wh, times: 10, then: 40wh, tell: [X]}\n"
                     "  - id: U\n"
                     "    clock: continuous\n"
                     "    next: N\n"
                     "    steps:\n"
                     "      - {step: dispatch, at: start, urgent: yes, tell: [owner, Z]}\n"
                     "      - {step: red, at: due, handover: yes, tell: [K, SZ]}\n"
                     "  - id: L\n"
                     "    steps:\n"
                     "      - {step: dispatch, at: start, tell: [owner]}\n"
                     "      - {step: yellow1, at: 50%, tell: [owner]}\n"
                     "      - {step: red, at: due, handover: yes, tell: K}\n"},
    {"org/areas.csv", "code,name,level,households,calendar,alias_of,valid_from,valid_to\n"
                      "340705,铜官区,district,,office,,,\n"
                      "340705006,新城街道,street,,,,,\n"
                      "340705006001,临湖社区,community,1800,,,,\n"
                      "340705006001001,临湖第1网格,grid,240,,,,\n"
                      "340705006001002,临湖第2网格,grid,260,,,,\n"
                      "340705006002,天井社区,community,1500,,,,\n"
                      "340705006002001,天井第1网格,grid,250,,,,\n"
                      "340705006009,老社区,community,,,340705006002,,2026-01-01\n"},
    {"org/departments.csv", "code,name_zh,name_en\n"
                            "SZ,市政处,municipal works\n"
                            "XF,消防队,fire brigade\n"},
    {"org/lines.csv", "code,name_zh,name_en,department\n"
                      "shizheng,市政设施,works,SZ\n"
                      "xiaofang,消防安全,fire safety,XF\n"},
    {"org/people.csv", "id,name,phone,department\n"
                       "li,李一,13800000001,\n"
                       "wang,王一,,\n"
                       "zhang,张一,,\n"
                       "zhao,赵一,,\n"
                       "chen,陈一,,SZ\n"
                       "zhou,周一,,SZ\n"
                       "hu,胡一,,XF\n"},
    {"org/posts.csv", "post,kind,areas,line,department,deputies\n"
                      "A-shizheng-001,A,340705006001,shizheng,,zhao wang\n"
                      "A-xiaofang-006,A,340705006,xiaofang,,\n"
                      "B-001001,B,340705006001001,,,zhao\n"
                      "B-001002,B,340705006001002,,,\n"
                      "B-002001,B,340705006002001,,,\n"
                      "F-SZ,F,340705006001 340705006002,,SZ,\n"
                      "K-SZ,K,,,SZ,\n"
                      "K-XF,K,,,XF,\n"
                      "H-SZ,H,,,SZ,\n"
                      "D2-001,D2,340705006001,,,\n"
                      "S1-006,S1,340705006,,,\n"},
    {"org/holdings.csv", "post,person,from,to\n"
                         "A-shizheng-001,li,2025-01-01,\n"
                         "A-xiaofang-006,zhang,2025-01-01,2026-12-31\n"
                         "B-001001,li,2025-01-01,\n"
                         "B-001002,zhang,2025-01-01,\n"
                         "B-002001,zhang,2025-01-01,\n"
                         "F-SZ,chen,2025-01-01,2026-06-30\n"
                         "F-SZ,zhou,2026-07-01,\n"
                         "K-SZ,zhou,2025-01-01,\n"
                         "K-XF,hu,2025-01-01,\n"
                         "D2-001,wang,2025-01-01,\n"},
    {"org/leave.csv", "id,person,from,to,standin,status\n"
                      "l1,li,2026-06-15,2026-06-16,zhao,approved\n"
                      "l2,li,2026-07-01T08:00,2026-07-01T12:00+08:00,,requested\n"
                      "l3,wang,2026-08-01,2026-08-02,,rejected\n"},
    {"org/roster.csv", "area,person,days,from,to,valid_from,valid_to\n"
                       "340705006,hu,mon-fri,18:00,08:00,,\n"
                       "340705006,hu,sat sun,00:00,24:00,2026-01-01,2026-12-31\n"
                       "340705006001,zhao,,2026-10-01T08:00,2026-10-02T08:00,,\n"},
    {"org/catalogue.csv",
     "code,condition,name_zh,name_en,condition_zh,line,department,first_owner,tell,urgency,limit,"
     "policy,first_act,on_spot,private,informed,wd_mode,filing,valid_from\n"
     "01-10,default,暴露垃圾,rubbish,,shizheng,SZ,A,,normal,4wh,N,清理,yes,no,no,,\n"
     "02-01,lost,井盖,manhole cover,缺失,shizheng,,F,S "
     "XF,urgent,2uh+5wd,U,围挡,no,no,是,hours,auto\n"
     "03-01,default,消防通道,fire lane,,xiaofang,XF,A,,low,15wd,L,,否,1,0,eod,manual\n"},
    {"org/rights.csv", "role,actions,scope\n"
                       "officer,report note finish,own\n"
                       "officer,query incident,own self\n"
                       "dispatcher,report file void,street community\n"
                       "handler,accept finish,department\n"
                       "admin,invite confirm revoke,all\n"},
    {"org/devices.csv", "person,role,key,label\n"
                        "zhou,handler,ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=,desk\n"
                        "hu,bridge,AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=,hotline\n"},
    {"org/users.csv", "user,person,role,via\n"
                      "desk,zhou,handler,hu\n"
                      "wang.d2,wang,dispatcher,hu\n"
                      "wang_r,wang,reader,zhang\n"},
};

static void path_of(const struct folder *folder, const char *file, char *path, size_t size)
{
    assert_true(snprintf(path, size, "%s/%s", folder->path, file) < (int)size);
}

void folder_open(struct folder *folder)
{
    strcpy(folder->path, "/tmp/gridpost-org-XXXXXX");
    assert_non_null(mkdtemp(folder->path));
    folder_make_folder(folder, "org");
    folder_make_folder(folder, "calendar");
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        folder_put(folder, good[i].file, good[i].text, strlen(good[i].text));
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void)status;
    (void)type;
    (void)where;
    return remove(path);
}

void folder_close(struct folder *folder)
{
    assert_int_equal(nftw(folder->path, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

void folder_put(struct folder *folder, const char *file, const char *text, size_t len)
{
    char path[128];

    path_of(folder, file, path, sizeof path);
    FILE *stream = fopen(path, "wb");
    assert_non_null(stream);
    assert_int_equal(fwrite(text, 1, len, stream), len);
    assert_int_equal(fclose(stream), 0);
}

char *folder_get(const struct folder *folder, const char *file)
{
    char path[128];
    char *text = calloc(1, 65536);

    path_of(folder, file, path, sizeof path);
    FILE *stream = fopen(path, "rb");
    assert_non_null(text);
    assert_non_null(stream);
    assert_true(fread(text, 1, 65535, stream) < 65535);
    assert_int_equal(fclose(stream), 0);
    return text;
}

void folder_remove(struct folder *folder, const char *file)
{
    char path[128];

    path_of(folder, file, path, sizeof path);
    assert_int_equal(remove(path), 0);
}

void folder_make_folder(struct folder *folder, const char *name)
{
    char path[128];

    path_of(folder, name, path, sizeof path);
    assert_int_equal(mkdir(path, 0700), 0);
}

void folder_make_link(struct folder *folder, const char *name)
{
    char path[128];

    path_of(folder, name, path, sizeof path);
    assert_int_equal(symlink("nowhere", path), 0);
}

void folder_edit(struct folder *folder, const char *file, const char *from, const char *to)
{
    char *text = folder_get(folder, file);
    char *found = from == NULL ? text : from[0] == '\0' ? text + strlen(text) : strstr(text, from);
    size_t gone = from == NULL ? strlen(text) : strlen(from);
    char *edited = malloc(strlen(text) + strlen(to) + 1);

    if (found == NULL)
        fail_msg("%s has no \"%s\"", file, from);
    assert_non_null(edited);
    int len = sprintf(edited, "%.*s%s%s", (int)(found - text), text, to, found + gone);
    folder_put(folder, file, edited, (size_t)len);
    free(edited);
    free(text);
}

void folder_load(const struct folder *folder, struct loaded *ret_loaded)
{
    *ret_loaded = (struct loaded){0};
    gp_findings_init(&ret_loaded->findings);
    ret_loaded->rc = gp_directory_load(folder->path, &ret_loaded->findings, &ret_loaded->directory);
    if (ret_loaded->rc == 0)
        ret_loaded->org = gp_directory_org(ret_loaded->directory);
}

void folder_load_good(const struct folder *folder, struct loaded *ret_loaded)
{
    folder_load(folder, ret_loaded);
    findings_print(&ret_loaded->findings);
    assert_int_equal(ret_loaded->findings.count, 0);
    assert_int_equal(ret_loaded->rc, 0);
}

void loaded_release(struct loaded *loaded)
{
    gp_directory_unref(loaded->directory);
    gp_findings_release(&loaded->findings);
}

void findings_print(const struct gp_findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        const struct gp_finding *finding = &findings->item[i];
        print_message("%s %s:%u field '%s' value '%s': %s (%s)\n",
                      finding->severity == GP_FINDING_ERROR ? "error" : "warning", finding->file,
                      finding->line, finding->field, finding->value, finding->problem,
                      finding->remedy);
    }
}

int64_t at(const char *text)
{
    int64_t ms;
    assert_int_equal(gp_instant_parse(gp_span_of(text), &ms), 0);
    return ms;
}
