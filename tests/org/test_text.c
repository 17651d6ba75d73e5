/* Files as Excel, WPS and editors save them: one content, many spellings. */
#include "org/folder.h"

#include "base/error.h"

#include <iconv.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static const char *const files[] = {
    "gridpost.yaml",    "calendar/office.yaml", "ladders.yaml",   "org/areas.csv",
    "org/people.csv",   "org/departments.csv",  "org/lines.csv",  "org/posts.csv",
    "org/holdings.csv", "org/leave.csv",        "org/roster.csv", "org/catalogue.csv",
    "org/rights.csv",   "org/devices.csv",
};

#define FILES (sizeof files / sizeof files[0])

/* Rewrites a text into `to`, which has room for three times its length; returns the new length. */
typedef size_t (*rewrite)(const char *text, size_t len, char *to);

static size_t with_mark(const char *text, size_t len, char *to)
{
    memcpy(to, "\xEF\xBB\xBF", 3);
    memcpy(to + 3, text, len);
    return len + 3;
}

static size_t as_gb18030(const char *text, size_t len, char *to)
{
    char *in = (char *)(uintptr_t)text, *out = to;
    size_t room = len * 3, left = room;
    iconv_t conversion = iconv_open("GB18030", "UTF-8");

    assert_true(conversion != (iconv_t)-1);
    assert_true(iconv(conversion, &in, &len, &out, &left) != (size_t)-1);
    assert_int_equal(iconv_close(conversion), 0);
    return room - left;
}

static size_t with_ends(const char *text, size_t len, const char *end, char *to)
{
    size_t written = 0;

    for (size_t i = 0; i < len; i++) {
        if (text[i] != '\n')
            to[written++] = text[i];
        else
            written += (size_t)sprintf(to + written, "%s", end);
    }
    return written;
}

static size_t with_crlf(const char *text, size_t len, char *to)
{
    return with_ends(text, len, "\r\n", to);
}

static size_t with_cr(const char *text, size_t len, char *to)
{
    return with_ends(text, len, "\r", to);
}

static size_t gb18030_with_crlf(const char *text, size_t len, char *to)
{
    char *lines = calloc(3, len + 1);

    assert_non_null(lines);
    size_t written = as_gb18030(lines, with_crlf(text, len, lines), to);
    free(lines);
    return written;
}

static size_t without_last_end(const char *text, size_t len, char *to)
{
    memcpy(to, text, len - 1);
    return len - 1;
}

static void rewrite_all(struct folder *folder, rewrite change)
{
    for (size_t i = 0; i < FILES; i++) {
        char *text = folder_get(folder, files[i]);
        char *to = calloc(3, strlen(text) + 1);
        assert_non_null(to);
        folder_put(folder, files[i], to, change(text, strlen(text), to));
        free(to);
        free(text);
    }
}

static void every_encoding_says_the_same(void **state)
{
    static const rewrite changes[] = {with_mark, as_gb18030,        with_crlf,
                                      with_cr,   gb18030_with_crlf, without_last_end};
    struct folder folder;
    struct loaded plain;

    (void)state;
    folder_open(&folder);
    folder_load_good(&folder, &plain);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        struct folder other;
        struct loaded loaded;
        folder_open(&other);
        rewrite_all(&other, changes[i]);
        folder_load_good(&other, &loaded);
        assert_memory_equal(loaded.org->digest, plain.org->digest, sizeof plain.org->digest);
        loaded_release(&loaded);
        folder_close(&other);
    }
    loaded_release(&plain);
    folder_close(&folder);
}

/* One Excel export, byte by byte: "姓名" is D0 D5 C3 FB in GB18030, a rare character takes four. */
static void gb18030_bytes(void **state)
{
    static const char sheet[] = "\xB9\xA4\xBA\xC5,\xD0\xD5\xC3\xFB\r\n"
                                "li,\xC0\xEE\x81\x39\xEF\x31\r\n"
                                "wang,w\r\nzhang,z\r\nzhao,z\r\nchen,c\r\nzhou,z\r\nhu,h\r\n";
    struct folder folder;
    struct loaded loaded;

    (void)state;
    folder_open(&folder);
    folder_put(&folder, "org/people.csv", sheet, sizeof sheet - 1);
    folder_load_good(&folder, &loaded);
    const struct gp_org *org = loaded.org;
    assert_true(gp_span_is(org->persons[gp_org_person(org, GP_SPAN("li"))].name, "李㐂"));
    loaded_release(&loaded);
    folder_close(&folder);
}

/* Loads people.csv as given, which must be refused, and returns the line that is named. */
static unsigned refused_line(const char *bytes, size_t len)
{
    struct folder folder;
    struct loaded loaded;
    unsigned line = 0;

    folder_open(&folder);
    folder_put(&folder, "org/people.csv", bytes, len);
    folder_load(&folder, &loaded);
    assert_int_equal(loaded.rc, GP_ECONFIG);
    for (size_t i = 0; i < loaded.findings.count; i++) {
        const struct gp_finding *finding = &loaded.findings.item[i];
        if (strcmp(finding->file, "org/people.csv") == 0 && strstr(finding->problem, "GB18030"))
            line = finding->line;
    }
    loaded_release(&loaded);
    folder_close(&folder);
    return line;
}

#define REFUSED(bytes) refused_line(bytes, sizeof(bytes) - 1)

static void the_spoilt_line_is_named(void **state)
{
    (void)state;
    /* UTF-8 up to line 2, a lone lead byte in line 3. */
    assert_int_equal(REFUSED("id,name\nli,\xE6\x9D\x8E\nwang,\xE7\n"), 3);
    /* GB18030 up to line 3, an unfinished pair in line 4. */
    assert_int_equal(REFUSED("id,name\nli,\xC0\xEE\nhu,\xBA\xFA\nwang,\xCD\n"), 4);
    /* A byte-order mark promises UTF-8. */
    assert_int_equal(REFUSED("\xEF\xBB\xBFid,name\nli,\xC0\xEE\n"), 2);
    /* Excel's "Unicode text" is UTF-16. */
    assert_int_equal(REFUSED("\xFF\xFEi\0d\0,\0n\0"), 1);
    assert_int_equal(REFUSED("id,name\nli,a\0b\n"), 2);
}

/* Quoted cells: commas, quotes; a line break only where nobody reads. Blank rows; blanks. */
static void spellings_of_a_sheet(void **state)
{
    static const char sheet[] = "\n name ,\"remark\",  id,department ,phone\n"
                                "\n"
                                "\"李, \"\"一\"\"\",\"two\nlines\",li,,\n"
                                ",,,,\n"
                                "  王一\t,, wang ,,\n"
                                "张一,,zhang\n"
                                "x,,zhao\nx,,chen\nx,,zhou\nx,,hu\n"
                                "x,,extra,SX,\n";
    struct folder folder;
    struct loaded loaded;

    (void)state;
    folder_open(&folder);
    folder_put(&folder, "org/people.csv", sheet, sizeof sheet - 1);
    folder_load(&folder, &loaded);
    assert_int_equal(loaded.findings.warnings, 1); /* the unknown column */
    assert_int_equal(loaded.findings.item[0].line, 2);
    assert_string_equal(loaded.findings.item[0].value, "remark");
    assert_int_equal(loaded.findings.errors, 1); /* the last row; its line counts them all */
    assert_string_equal(loaded.findings.item[1].value, "SX");
    assert_int_equal(loaded.findings.item[1].line, 13);
    loaded_release(&loaded);
    folder_edit(&folder, "org/people.csv", "SX", "SZ");
    folder_load(&folder, &loaded);
    const struct gp_org *org = loaded.org;
    assert_non_null(org);
    assert_true(gp_span_is(org->persons[gp_org_person(org, GP_SPAN("li"))].name, "李, \"一\""));
    assert_true(gp_span_is(org->persons[gp_org_person(org, GP_SPAN("wang"))].name, "王一"));
    loaded_release(&loaded);
    folder_close(&folder);
}

static void chinese_headers(void **state)
{
    static const char *const headers[][2] = {
        {"org/areas.csv", "区划代码,名称,层级,户数,日历,并入,启用,停用"},
        {"org/people.csv", "工号,姓名,电话,部门"},
        {"org/departments.csv", "部门代码,部门名称,英文名称"},
        {"org/lines.csv", "条线代码,条线名称,英文名称,部门"},
        {"org/posts.csv", "岗位,岗位类别,区划,条线,部门,代岗"},
        {"org/holdings.csv", "岗位,工号,任职自,任职至"},
        {"org/leave.csv", "编号,工号,请假自,请假至,代岗人,状态"},
        {"org/roster.csv", "区划,工号,星期,开始,结束,启用,停用"},
        {"org/rights.csv", "角色,权限,范围"},
        {"org/devices.csv", "工号,角色,公钥,名称"},
        {"org/catalogue.csv",
         "类别代码,情形代码,类别名称,英文名称,情形,条线,责任部门,首责岗,抄告,紧急程度,时限,"
         "督办方案,先行处置,可当场处置,涉隐私,须告知居民,工作日算法,立案方式"},
    };
    struct folder folder;
    struct loaded english, chinese;

    (void)state;
    folder_open(&folder);
    folder_load_good(&folder, &english);
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        char *text = folder_get(&folder, headers[i][0]);
        char *rest = strchr(text, '\n');
        char sheet[4096];
        int len = snprintf(sheet, sizeof sheet, "%s%s", headers[i][1], rest);
        folder_put(&folder, headers[i][0], sheet, (size_t)len);
        free(text);
    }
    folder_load_good(&folder, &chinese);
    assert_memory_equal(chinese.org->digest, english.org->digest, sizeof english.org->digest);
    loaded_release(&chinese);
    loaded_release(&english);
    folder_close(&folder);
}

/* Excel turns yes-or-no columns into TRUE and FALSE. */
static void yes_and_no(void **state)
{
    static const char *const words[][2] = {{"yes", "no"}, {"TRUE", "FALSE"}, {"1", "0"},
                                           {"是", "否"},  {"Yes", "No"},     {"true", ""}};

    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        struct folder folder;
        struct loaded loaded;
        char cells[64];
        folder_open(&folder);
        (void)snprintf(cells, sizeof cells, "清理,%s,%s,%s,", words[i][0], words[i][1],
                       words[i][1]);
        folder_edit(&folder, "org/catalogue.csv", "清理,yes,no,no,", cells);
        folder_load_good(&folder, &loaded);
        assert_true(loaded.org->rows[0].on_spot);
        assert_false(loaded.org->rows[0].is_private || loaded.org->rows[0].informed);
        loaded_release(&loaded);
        folder_close(&folder);
    }
}

/* A broken file among good ones never brings the reader down. */
static void any_bytes(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
    } broken[] = {
        {"", 0},
        {"\0", 1},
        {"\"", 1},
        {"\xEF\xBB\xBF", 3},
        {",\n,\n", 4},
        {"&a [*a, *a]", 11},
        {"? [x]\n: {y: z}", 14},
        {"[[[[[[", 6},
        {"- - - -\n", 8},
        {"code,name\r\r\r\n\"", 13},
    };

    (void)state;
    for (size_t i = 0; i < FILES; i++) {
        for (size_t j = 0; j < sizeof broken / sizeof broken[0]; j++) {
            struct folder folder;
            struct loaded loaded;
            folder_open(&folder);
            folder_put(&folder, files[i], broken[j].bytes, broken[j].len);
            folder_load(&folder, &loaded);
            assert_true((loaded.rc == 0) == (loaded.findings.errors == 0));
            loaded_release(&loaded);
            folder_close(&folder);
        }
    }
}

/* A folder where a file should be, a link to nowhere, a folder that is not there. */
static void things_that_are_no_files(void **state)
{
    struct folder folder;
    struct loaded loaded;
    struct gp_findings findings;
    struct gp_directory *directory = NULL;

    (void)state;
    folder_open(&folder);
    folder_remove(&folder, "org/leave.csv");
    folder_make_folder(&folder, "org/leave.csv");
    folder_load(&folder, &loaded);
    assert_int_equal(loaded.rc, GP_ECONFIG);
    assert_int_equal(loaded.findings.errors, 1);
    assert_string_equal(loaded.findings.item[0].file, "org/leave.csv");
    loaded_release(&loaded);
    folder_remove(&folder, "org/leave.csv");
    folder_make_link(&folder, "calendar/gone.yaml");
    folder_load(&folder, &loaded);
    assert_int_equal(loaded.findings.errors, 1);
    assert_string_equal(loaded.findings.item[0].file, "calendar/gone.yaml");
    loaded_release(&loaded);
    folder_close(&folder);

    gp_findings_init(&findings);
    assert_int_equal(gp_directory_load(folder.path, &findings, &directory), GP_ECONFIG);
    assert_null(directory);
    assert_true(findings.errors > 0);
    gp_findings_release(&findings);
}

/* Pasted from another program: read as GB18030 as a whole, the file would be gibberish. */
static void one_line_of_another_encoding_is_named(void **state)
{
    char gb[64] = {0};
    struct folder folder;
    struct loaded loaded;

    (void)state;
    (void)as_gb18030("zhang,章一,,\n", strlen("zhang,章一,,\n"), gb);
    folder_open(&folder);
    folder_edit(&folder, "org/people.csv", "zhang,张一,,\n", gb);
    folder_load(&folder, &loaded);
    assert_int_equal(loaded.rc, GP_ECONFIG);
    assert_int_equal(loaded.findings.errors, 1);
    assert_string_equal(loaded.findings.item[0].file, "org/people.csv");
    assert_int_equal(loaded.findings.item[0].line, 4);
    assert_string_equal(loaded.findings.item[0].problem, "this line is not UTF-8, most others are");
    loaded_release(&loaded);
    folder_close(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_line_of_another_encoding_is_named),
        cmocka_unit_test(every_encoding_says_the_same),
        cmocka_unit_test(gb18030_bytes),
        cmocka_unit_test(the_spoilt_line_is_named),
        cmocka_unit_test(spellings_of_a_sheet),
        cmocka_unit_test(chinese_headers),
        cmocka_unit_test(yes_and_no),
        cmocka_unit_test(any_bytes),
        cmocka_unit_test(things_that_are_no_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
