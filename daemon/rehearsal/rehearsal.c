#include "rehearsal/rehearsal.h"

#include "base/arena.h"
#include "base/tree.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Address space of a throw-away store: sparse, and small enough for Valgrind. */
#define GP_REHEARSAL_MAP_BYTES   (UINT64_C(8) << 30)
#define GP_REHEARSAL_ENTRY_BYTES ((size_t)256 * 1024)

struct gp_rehearsal {
    const struct gp_org *org;
    struct gp_store *store;
    struct gp_engine *engine;
    int64_t now_ms, next_deadline_ms;
    bool down;
    bool began; /* leaves of the files are in the store */
    void (*on_entry)(void *context, const struct gp_entry *entry);
    void *context;
    struct gp_arena arena; /* of one entry that is shown */
    struct gp_entry entry;
    char folder[256]; /* "": not made yet */
    char path[264];   /* of the store inside the folder */
};

/* ---------------------------------------------------------------- the throw-away store */

static int make_folder(struct gp_rehearsal *rehearsal)
{
    const char *base = getenv("TMPDIR");
    int len = snprintf(rehearsal->folder, sizeof rehearsal->folder, "%s/gridpost-rehearsal-XXXXXX",
                       base != NULL && base[0] != '\0' ? base : "/tmp");

    if (len < 0 || (size_t)len >= sizeof rehearsal->folder) {
        rehearsal->folder[0] = '\0';
        return GP_ELIMIT;
    }
    if (mkdtemp(rehearsal->folder) == NULL) {
        rehearsal->folder[0] = '\0';
        return gp_errno();
    }
    (void)snprintf(rehearsal->path, sizeof rehearsal->path, "%s/store", rehearsal->folder);
    return 0;
}

static int open_store(struct gp_rehearsal *rehearsal)
{
    struct gp_store_options options = {
        .map_bytes = GP_REHEARSAL_MAP_BYTES, .create = true, .unsafe_nosync = true};
    int rc = gp_store_open(rehearsal->path, &options, &rehearsal->store);

    return rc == 0 ? gp_engine_open(rehearsal->store, &rehearsal->engine) : rc;
}

static void close_store(struct gp_rehearsal *rehearsal)
{
    gp_engine_close(rehearsal->engine);
    gp_store_close(rehearsal->store);
    rehearsal->engine = NULL;
    rehearsal->store = NULL;
}

int gp_rehearsal_open(const struct gp_org *org, int64_t start_ms, struct gp_rehearsal **ret)
{
    struct gp_rehearsal *rehearsal = calloc(1, sizeof *rehearsal);
    int rc;

    assert(org != NULL);
    if (rehearsal == NULL)
        return GP_ENOMEM;
    rehearsal->org = org;
    rehearsal->now_ms = start_ms;
    rehearsal->next_deadline_ms = INT64_MAX;
    gp_arena_init(&rehearsal->arena, GP_REHEARSAL_ENTRY_BYTES);
    rc = make_folder(rehearsal);
    if (rc == 0)
        rc = open_store(rehearsal);
    if (rc != 0) {
        gp_rehearsal_close(rehearsal);
        return rc;
    }
    *ret = rehearsal;
    return 0;
}

void gp_rehearsal_close(struct gp_rehearsal *rehearsal)
{
    if (rehearsal == NULL)
        return;
    close_store(rehearsal);
    (void)gp_tree_remove(rehearsal->folder, GP_TREE_ROUND); /* a temporary one */
    gp_arena_release(&rehearsal->arena);
    free(rehearsal);
}

void gp_rehearsal_on_entry(struct gp_rehearsal *rehearsal,
                           void (*entry)(void *context, const struct gp_entry *entry),
                           void *context)
{
    rehearsal->on_entry = entry;
    rehearsal->context = context;
}

struct gp_store *gp_rehearsal_store(struct gp_rehearsal *rehearsal)
{
    return rehearsal->store;
}

/* ---------------------------------------------------------------- one batch */

static int show_one(struct gp_rehearsal *rehearsal, struct gp_txn *txn, uint64_t seq)
{
    int rc;

    gp_arena_reset(&rehearsal->arena);
    memset(&rehearsal->entry, 0, sizeof rehearsal->entry);
    rc = gp_engine_entry(txn, seq, &rehearsal->arena, &rehearsal->entry);
    if (rc == 0)
        rehearsal->on_entry(rehearsal->context, &rehearsal->entry);
    return rc;
}

static int show(struct gp_rehearsal *rehearsal, uint64_t after, uint64_t head)
{
    struct gp_txn *txn = NULL;
    int rc;

    if (rehearsal->on_entry == NULL || after == head)
        return 0;
    rc = gp_txn_read(rehearsal->store, &txn);
    for (uint64_t seq = after + 1; rc == 0 && seq <= head; seq++)
        rc = show_one(rehearsal, txn, seq);
    gp_txn_abort(txn);
    return rc;
}

static int apply_item(struct gp_rehearsal *rehearsal, struct gp_item *item)
{
    struct gp_batch batch = {
        .org = rehearsal->org, .now_ms = rehearsal->now_ms, .item = item, .item_count = 1};
    int rc = gp_engine_apply(rehearsal->engine, &batch);

    if (rc != 0)
        return rc;
    rehearsal->next_deadline_ms = batch.next_deadline_ms;
    return show(rehearsal, batch.head_before, batch.head);
}

/* Applies an item of a kind, again while it has more to do. */
static int apply_all(struct gp_rehearsal *rehearsal, struct gp_item item)
{
    int rc;

    do {
        rc = apply_item(rehearsal, &item);
    } while (rc == 0 && item.more);
    return rc;
}

/* As a daemon that comes upon leave.csv: its rows are journalled, and those that have begun move
 * what there is, before anything else happens. */
static int begin(struct gp_rehearsal *rehearsal)
{
    if (rehearsal->began)
        return 0;
    rehearsal->began = true;
    if (rehearsal->org->leave_count == 0)
        return 0;
    int rc = apply_all(rehearsal, (struct gp_item){.kind = GP_ITEM_DIRECTORY});
    return rc == 0 ? apply_all(rehearsal, (struct gp_item){.kind = GP_ITEM_EXPIRE}) : rc;
}

static int apply(struct gp_rehearsal *rehearsal, struct gp_item *item)
{
    int rc = begin(rehearsal);
    return rc == 0 ? apply_item(rehearsal, item) : rc;
}

/* ---------------------------------------------------------------- the clock */

/* Fires everything planned before end_ms, each step at its own instant. */
static int run_until(struct gp_rehearsal *rehearsal, int64_t end_ms)
{
    while (!rehearsal->down && rehearsal->next_deadline_ms < end_ms) {
        if (rehearsal->next_deadline_ms > rehearsal->now_ms)
            rehearsal->now_ms = rehearsal->next_deadline_ms;
        int rc = apply(rehearsal, &(struct gp_item){.kind = GP_ITEM_EXPIRE});
        if (rc != 0)
            return rc;
    }
    return 0;
}

int gp_rehearsal_advance(struct gp_rehearsal *rehearsal, int64_t at_ms)
{
    if (at_ms < rehearsal->now_ms)
        return GP_EINVAL;
    int rc = run_until(rehearsal, at_ms);
    if (rc == 0)
        rehearsal->now_ms = at_ms;
    return rc;
}

int gp_rehearsal_settle(struct gp_rehearsal *rehearsal, int64_t at_ms)
{
    int rc = gp_rehearsal_advance(rehearsal, at_ms);
    return rc == 0 ? run_until(rehearsal, at_ms + 1) : rc;
}

int gp_rehearsal_command(struct gp_rehearsal *rehearsal, int64_t at_ms,
                         const struct gp_command *command, struct gp_answer *ret_answer)
{
    struct gp_item item = {.kind = GP_ITEM_COMMAND, .command = *command};
    int rc = gp_rehearsal_advance(rehearsal, at_ms);

    if (rc == 0 && rehearsal->down)
        rc = GP_EAGAIN;
    if (rc == 0)
        rc = apply(rehearsal, &item);
    if (rc == 0)
        *ret_answer = item.answer;
    return rc;
}

int gp_rehearsal_crash(struct gp_rehearsal *rehearsal, int64_t at_ms)
{
    int rc = gp_rehearsal_advance(rehearsal, at_ms);

    if (rc != 0 || rehearsal->down)
        return rc;
    rehearsal->down = true;
    close_store(rehearsal);
    return 0;
}

int gp_rehearsal_start(struct gp_rehearsal *rehearsal, int64_t at_ms)
{
    int rc = gp_rehearsal_advance(rehearsal, at_ms);

    if (rc != 0 || !rehearsal->down)
        return rc;
    rc = open_store(rehearsal);
    if (rc != 0)
        return rc;
    rehearsal->down = false;
    return apply_all(rehearsal, (struct gp_item){.kind = GP_ITEM_START});
}
