/* Commands on a store that no daemon has open: check chain and texts, rebuild every table. */
#include "app/internal.h"

#include <stdio.h>
#include <unistd.h>

#define GP_VERIFY_CHUNK 10000

static void show_progress(void *context, uint64_t done, uint64_t head)
{
    (void)context;
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r%llu of %llu entries", (unsigned long long)done,
                (unsigned long long)head);
}

static void end_progress(void)
{
    if (isatty(STDERR_FILENO))
        fputc('\n', stderr);
}

static int verify_range(struct gp_store *store, uint64_t from, uint64_t to, uint64_t *ret_bad)
{
    struct gp_txn *txn;
    int rc = gp_txn_read(store, &txn);

    if (rc != 0)
        return rc;
    rc = gp_journal_verify(txn, from, to, ret_bad);
    gp_txn_abort(txn);
    return rc;
}

static int read_head(struct gp_store *store, uint64_t *ret_head)
{
    struct gp_txn *txn;
    int rc = gp_txn_read(store, &txn);

    if (rc != 0)
        return rc;
    rc = gp_journal_head(txn, ret_head, NULL);
    gp_txn_abort(txn);
    return rc;
}

static int verify_texts(struct gp_store *store)
{
    struct gp_texts texts;
    uint64_t bad = 0;
    int rc = gp_engine_check_texts(store, &texts, &bad);

    if (rc != 0 && bad != 0)
        fprintf(stderr, "gridpostd: the text of entry %llu is damaged or missing: %s\n",
                (unsigned long long)bad, gp_error_text(rc));
    else if (rc != 0)
        fprintf(stderr, "gridpostd: texts that belong to no entry: %s\n", gp_error_text(rc));
    if (rc != 0)
        return 1;
    printf("texts: %llu as journalled, %llu erased\n", (unsigned long long)texts.kept,
           (unsigned long long)texts.erased);
    return 0;
}

/* Returns whether the tables have all that is in the journal by now. */
static bool catch_up(struct gp_store *store)
{
    int rc = gp_engine_recover(store);

    if (rc != 0)
        fprintf(stderr,
                "gridpostd: the tables cannot be brought up to the journal: %s; "
                "what follows is of before\n",
                gp_error_text(rc));
    return rc == 0;
}

int gp_offline_verify(struct gp_store *store)
{
    bool all = catch_up(store);
    uint64_t head = 0, bad = 0;
    int rc = read_head(store, &head);

    for (uint64_t from = 1; rc == 0 && from <= head; from += GP_VERIFY_CHUNK) {
        uint64_t to = head - from < GP_VERIFY_CHUNK ? head : from + GP_VERIFY_CHUNK - 1;
        rc = verify_range(store, from, to, &bad);
        show_progress(NULL, to, head);
    }
    end_progress();
    if (rc != 0) {
        fprintf(stderr, "gridpostd: the journal is damaged at entry %llu: %s\n",
                (unsigned long long)bad, gp_error_text(rc));
        return 1;
    }
    printf("journal: %llu entries, chain whole\n", (unsigned long long)head);
    return verify_texts(store) == 0 && all ? 0 : 1;
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
    end_progress();
    if (rc != 0)
        fprintf(stderr, "gridpostd: %s: %s\n", path,
                rc == GP_EEXIST ? "something is there already: name a new folder"
                                : gp_error_text(rc));
    int exit_code = rc == 0 ? compare(store, copy) : 1;
    gp_store_close(copy);
    return exit_code;
}
