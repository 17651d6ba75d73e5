/*
 * One file of a configuration folder, the others being good: the first line of the input names it,
 * the rest is its content. What is promised: a refusal has a finding that says why; what loads has
 * a digest that the same bytes give again, no difference to itself, and can be asked for gaps.
 */
#include "fuzz.h"

#include "base/error.h"
#include "org/folder.h"

static void never(void *context, const char *text)
{
    (void)context;
    (void)text;
    abort();
}

static void count_line(void *context, const char *text)
{
    PROMISE(text[0] == '+' || text[0] == '-' || text[0] == '~');
    ++*(size_t *)context;
}

static void check_findings(const struct loaded *loaded)
{
    const struct gp_findings *findings = &loaded->findings;

    PROMISE(loaded->rc == 0 || loaded->rc == GP_ECONFIG);
    PROMISE((loaded->rc == 0) == (findings->errors == 0));
    for (size_t i = 0; i < findings->count; i++) {
        PROMISE(findings->item[i].file[0] != '\0');
        PROMISE(findings->item[i].problem[0] != '\0');
        PROMISE(findings->item[i].remedy[0] != '\0');
    }
}

static const char *const files[] = {
    "gridpost.yaml",    "calendar/office.yaml", "ladders.yaml",   "org/areas.csv",
    "org/people.csv",   "org/departments.csv",  "org/lines.csv",  "org/posts.csv",
    "org/holdings.csv", "org/leave.csv",        "org/roster.csv", "org/catalogue.csv",
    "org/rights.csv",   "org/devices.csv",      "org/users.csv",
};

#define FILES (sizeof files / sizeof files[0])

/* Made once; each input changes one file of it, which is written again behind it. */
static struct folder folder;
static struct loaded good;
static char *texts[FILES];

static void close_folder(void)
{
    for (size_t i = 0; i < FILES; i++)
        free(texts[i]);
    loaded_release(&good);
    folder_close(&folder);
}

static void open_folder(void)
{
    folder_open(&folder);
    folder_load(&folder, &good);
    PROMISE(good.rc == 0);
    for (size_t i = 0; i < FILES; i++)
        texts[i] = folder_get(&folder, files[i]);
    PROMISE(atexit(close_folder) == 0);
}

static void check_snapshot(const struct gp_org *org)
{
    struct loaded again;
    struct gp_findings gaps;
    size_t lines = 0;

    folder_load(&folder, &again);
    PROMISE(again.rc == 0);
    gp_directory_diff(org, again.org, never, NULL);
    gp_directory_diff(good.org, org, count_line, &lines);
    PROMISE((lines == 0) == (memcmp(good.org->digest, org->digest, sizeof org->digest) == 0));
    gp_findings_init(&gaps);
    PROMISE(gp_directory_coverage(org, INT64_C(1795449600000), &gaps) == 0); /* 2026-11-24 */
    gp_findings_release(&gaps);
    loaded_release(&again);
}

/* Which file the first line names, FILES for none; the rest is what follows it. */
static size_t choose(struct gp_span input, struct gp_span *ret_rest)
{
    for (size_t i = 0; i < FILES; i++) {
        size_t len = strlen(files[i]);
        if (input.len <= len || memcmp(input.ptr, files[i], len) != 0 || input.ptr[len] != '\n')
            continue;
        *ret_rest = (struct gp_span){input.ptr + len + 1, input.len - len - 1};
        return i;
    }
    return FILES;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gp_span rest;
    size_t file = choose((struct gp_span){(const char *)data, size}, &rest);
    struct loaded loaded;

    if (file == FILES)
        return 0;
    if (good.org == NULL)
        open_folder();
    folder_put(&folder, files[file], rest.ptr, rest.len);
    folder_load(&folder, &loaded);
    check_findings(&loaded);
    if (loaded.rc == 0)
        check_snapshot(loaded.org);
    loaded_release(&loaded);
    folder_put(&folder, files[file], texts[file], strlen(texts[file]));
    return 0;
}
