/* Commands on a store that no daemon has open: check it, rebuild every table. */
#include "app/internal.h"

#include "inspect/inspect.h"

#include <stdio.h>

/* Of 1000: behind it there is only what asked to be ended first. */
#define OOM_SCORE 500

void gp_offline_yield(void)
{
    FILE *file = fopen("/proc/self/oom_score_adj", "r+e");
    int score;

    if (file == NULL)
        return;
    if (fscanf(file, "%d", &score) == 1 && score < OOM_SCORE) {
        rewind(file);
        (void)fprintf(file, "%d", OOM_SCORE);
    }
    (void)fclose(file); /* what was not taken is as it was */
}

static void show_progress(void *context, uint64_t done, uint64_t head)
{
    (void)context;
    gp_inspect_print_progress("entries", done, head);
}

static void show_part(void *context, const char *part, uint64_t done, uint64_t of)
{
    (void)context;
    gp_inspect_print_progress(part, done, of);
}

static void show_flaw(void *context, const struct gp_flaw *flaw)
{
    (void)context;
    gp_inspect_print_progress(NULL, 0, 0);
    gp_inspect_print(stderr, flaw);
}

int gp_offline_verify(const char *path, uint64_t map_bytes, int *ret_error)
{
    const struct gp_inspect_options options = {
        .path = path, .map_bytes = map_bytes, .flaw = show_flaw, .progress = show_part};
    struct gp_inspected inspected;

    *ret_error = gp_inspect(&options, &inspected);
    gp_inspect_print_progress(NULL, 0, 0);
    if (*ret_error != 0)
        return 1;
    gp_inspect_print_end(inspected.flaws > 0 ? stderr : stdout, &inspected);
    return inspected.flaws > 0 ? 1 : 0;
}

static int compare(struct gp_store *store, struct gp_store *copy)
{
    enum gp_table table = GP_TABLE_COUNT;
    int rc = gp_engine_compare(store, copy, &table);

    if (rc != 0) {
        fprintf(stderr, "gridpostd: table %s differs from what the journal says\n",
                gp_table_name(table));
        return 1;
    }
    puts("rebuilt: every table is the same, byte for byte");
    return 0;
}

int gp_offline_rebuild(struct gp_store *store, const char *path)
{
    struct gp_store_options options = {.create = true, .drill = gp_store_is_drill(store)};
    struct gp_store *copy = NULL;
    int rc = gp_store_open(path, &options, &copy);

    if (rc == 0)
        rc = gp_engine_rebuild(store, copy, show_progress, NULL);
    gp_inspect_print_progress(NULL, 0, 0);
    if (rc != 0)
        fprintf(stderr, "gridpostd: %s: %s\n", path,
                rc == GP_EEXIST ? "something is there already: name a new folder"
                                : gp_error_text(rc));
    int exit_code = rc == 0 ? compare(store, copy) : 1;
    gp_store_close(copy);
    return exit_code;
}
