#include "property/world.h"

#include "property/audit.h"
#include "property/fail.h"
#include "property/stats.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define WORLD_MAP_BYTES (UINT64_C(256) << 20)

static char folder[200];
static pid_t folder_of;
static unsigned stores;

/* ---------------------------------------------------------------- stores */

static int remove_one(const char *path, const struct stat *stat, int kind, struct FTW *walk)
{
    (void)stat;
    (void)kind;
    (void)walk;
    return remove(path);
}

static void remove_tree(const char *path)
{
    (void)nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS); /* a temporary folder */
}

static void remove_folder(void)
{
    if (getpid() == folder_of)
        remove_tree(folder);
}

void world_folder(void)
{
    const char *base = getenv("TMPDIR");

    if (base == NULL || base[0] == '\0')
        base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    (void)snprintf(folder, sizeof folder, "%s/gridpost-property-XXXXXX", base);
    if (mkdtemp(folder) == NULL) {
        perror(folder);
        exit(1);
    }
    folder_of = getpid();
    atexit(remove_folder);
}

static void store_path(char path[300], unsigned number)
{
    (void)snprintf(path, 300, "%s/%u-%u", folder, (unsigned)getpid(), number);
}

static struct gp_store *open_store(unsigned number, bool create)
{
    struct gp_store_options options = {
        .map_bytes = WORLD_MAP_BYTES, .create = create, .unsafe_nosync = true};
    struct gp_store *store = NULL;
    char path[300];

    store_path(path, number);
    fail_unless_ok(gp_store_open(path, &options, &store), "opening a store");
    return store;
}

static void drop_store(struct gp_store *store, unsigned number)
{
    char path[300];

    gp_store_close(store);
    store_path(path, number);
    remove_tree(path);
}

static void open_engine(struct world *world, bool create)
{
    world->store = open_store(0, create);
    fail_unless_ok(gp_engine_open(world->store, &world->engine), "opening the engine");
}

/* ---------------------------------------------------------------- one batch */

static void take(struct world *world, uint64_t after, uint64_t head)
{
    struct gp_txn *txn = NULL;
    struct gp_span bytes;

    if (after == head)
        return;
    fail_unless_ok(gp_txn_read(world->store, &txn), "reading");
    for (uint64_t seq = after + 1; seq <= head; seq++) {
        fail_unless_ok(gp_journal_get(txn, seq, &bytes), "reading the journal");
        model_take(world->model, bytes, seq);
        if (world->entry != NULL)
            world->entry(world->context, world->model);
    }
    gp_txn_abort(txn);
}

void world_apply(struct world *world, struct gp_item *items, size_t count)
{
    struct gp_batch batch = {.org = world->org,
                             .now_ms = world->now_ms,
                             .held = world->held,
                             .item = items,
                             .item_count = count};

    world->model->held = world->held;
    model_begin_batch(world->model, world->org, world->now_ms);
    fail_unless_ok(gp_engine_apply(world->engine, &batch), "applying a batch");
    stats_count(STATS_BATCHES, 1);
    world->next_ms = batch.next_deadline_ms;
    world->view = gp_view_org(batch.view);
    take(world, batch.head_before, batch.head);
    audit(world);
}

static void apply_all(struct world *world, struct gp_item item)
{
    do {
        world_apply(world, &item, 1);
    } while (item.more);
}

void world_open(struct world *world, const struct gp_org *org, int64_t now_ms, struct model *model)
{
    *world = (struct world){
        .org = org, .view = org, .now_ms = now_ms, .next_ms = INT64_MAX, .model = model};
    model_reset(model);
    open_engine(world, true);
    apply_all(world, (struct gp_item){.kind = GP_ITEM_DIRECTORY}); /* rows of leave.csv */
}

void world_close(struct world *world)
{
    gp_engine_close(world->engine);
    drop_store(world->store, 0);
}

/* ---------------------------------------------------------------- the clock */

void world_expire(struct world *world)
{
    while (!world->held && world->next_ms <= world->now_ms)
        world_apply(world, &(struct gp_item){.kind = GP_ITEM_EXPIRE}, 1);
    world->model->lagging = false;
}

void world_lag(struct world *world, int64_t at_ms)
{
    if (at_ms > world->now_ms)
        world->now_ms = at_ms;
    world->model->lagging = true;
}

void world_advance(struct world *world, int64_t at_ms)
{
    while (!world->held && world->next_ms < at_ms) {
        if (world->next_ms > world->now_ms)
            world->now_ms = world->next_ms;
        world_expire(world);
    }
    if (at_ms > world->now_ms)
        world->now_ms = at_ms;
}

/* ---------------------------------------------------------------- what befalls a daemon */

void world_reload(struct world *world, const struct gp_org *org)
{
    if (memcmp(org->digest, world->org->digest, sizeof org->digest) == 0)
        return;
    world->org = org;
    world_apply(world, &(struct gp_item){.kind = GP_ITEM_DIRECTORY, .text = GP_SPAN("in force")},
                1);
    apply_all(world, (struct gp_item){.kind = GP_ITEM_REPLAN});
}

static void start(struct world *world)
{
    model_begin_start(world->model);
    apply_all(world, (struct gp_item){.kind = GP_ITEM_START});
    model_end_start(world->model);
    if (world->next_ms <= world->now_ms)
        fail("the start leaves a step behind");
}

void world_crash(struct world *world, int64_t down_ms)
{
    struct gp_engine_start state;

    world->held = false;
    gp_engine_close(world->engine);
    world->view = world->org; /* until the next batch */
    gp_store_close(world->store);
    world->now_ms += down_ms;
    open_engine(world, false);
    fail_unless_ok(gp_engine_state(world->engine, &state), "reading the engine's state");
    if (state.head != world->model->head || state.mark_ms > world->now_ms)
        fail("the store knows head %llu, the model %llu", (unsigned long long)state.head,
             (unsigned long long)world->model->head);
    start(world);
    uint64_t head = world->model->head;
    start(world);
    if (world->model->due != 0 || world->model->head != head + 1)
        fail("a second start sends something");
}

void world_forget(struct world *world)
{
    apply_all(world, (struct gp_item){.kind = GP_ITEM_FORGET});
}

void world_alarm(struct world *world)
{
    apply_all(world, (struct gp_item){.kind = GP_ITEM_CLOCK, .text = GP_SPAN("a jump")});
}

void world_hold(struct world *world)
{
    world->held = !world->held;
    if (!world->held)
        start(world);
}

/* ---------------------------------------------------------------- the whole store */

static void verify_chain(struct world *world)
{
    struct gp_txn *txn = NULL;
    uint64_t bad = 0, head = 0;

    fail_unless_ok(gp_txn_read(world->store, &txn), "reading");
    fail_unless_ok(gp_journal_head(txn, &head, NULL), "reading the head");
    if (head != world->model->head)
        fail("the journal ends at %llu", (unsigned long long)head);
    if (head > 0 && gp_journal_verify(txn, 1, head, &bad) != 0)
        fail("the journal's chain breaks at %llu", (unsigned long long)bad);
    gp_txn_abort(txn);
}

/* Rebuilding writes the indexes by the same code: that no row is left behind is counted here. */
static void expect_rows(const struct model *model, uint64_t want[GP_TABLE_COUNT])
{
    memset(want, 0, GP_TABLE_COUNT * sizeof *want);
    want[GP_TABLE_INCIDENT] = want[GP_TABLE_BY_AREA] = model->last_id;
    for (uint64_t id = 1; id <= model->last_id; id++) {
        const struct gp_incident *incident = &model->incident[id].folded;
        want[GP_TABLE_BY_POST] += incident->owner.len > 0;
        want[GP_TABLE_BY_DEPT] += incident->row.department.len > 0;
        want[GP_TABLE_BY_STATE] += gp_state_open(incident->state);
        want[GP_TABLE_BY_STATE] += gp_state_open(incident->state) && incident->overdue_ms != 0;
        want[GP_TABLE_LINK] += incident->side.main != 0;
        want[GP_TABLE_STRIKE] += incident->side.struck_count;
    }
    want[GP_TABLE_LEAVE] = model->people.leave_count;
    want[GP_TABLE_TENURE] = model->people.tenure_count;
    want[GP_TABLE_DEVICE] = model->devices.count;
    want[GP_TABLE_DEVICE_KEY] = devices_keys(model);
}

static void verify_rows(struct world *world)
{
    static const enum gp_table tables[] = {GP_TABLE_INCIDENT,   GP_TABLE_BY_AREA, GP_TABLE_BY_POST,
                                           GP_TABLE_BY_DEPT,    GP_TABLE_LINK,    GP_TABLE_STRIKE,
                                           GP_TABLE_LEAVE,      GP_TABLE_TENURE,  GP_TABLE_DEVICE,
                                           GP_TABLE_DEVICE_KEY, GP_TABLE_BY_STATE};
    struct gp_store_figures figures;
    uint64_t want[GP_TABLE_COUNT];
    struct gp_txn *txn = NULL;

    expect_rows(world->model, want);
    fail_unless_ok(gp_txn_read(world->store, &txn), "reading");
    fail_unless_ok(gp_store_figures(txn, &figures), "counting rows");
    gp_txn_abort(txn);
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        if (figures.rows[tables[i]] != want[tables[i]])
            fail("table %s has %llu rows, the journal makes %llu", gp_table_name(tables[i]),
                 (unsigned long long)figures.rows[tables[i]], (unsigned long long)want[tables[i]]);
    }
}

void world_rebuild(struct world *world)
{
    unsigned number = ++stores;
    struct gp_store *other = open_store(number, true);
    enum gp_table table = GP_TABLE_COUNT;

    verify_chain(world);
    verify_rows(world);
    fail_unless_ok(gp_engine_rebuild(world->store, other, NULL, NULL), "rebuilding");
    if (gp_engine_compare(world->store, other, &table) != 0)
        fail("the journal rebuilds another table %s", gp_table_name(table));
    drop_store(other, number);
    stats_count(STATS_REBUILDS, 1);
}

void world_hash(struct world *world, unsigned char ret_hash[GP_HASH_BYTES])
{
    struct gp_txn *txn = NULL;
    uint64_t head;

    fail_unless_ok(gp_txn_read(world->store, &txn), "reading");
    fail_unless_ok(gp_journal_head(txn, &head, ret_hash), "reading the head");
    gp_txn_abort(txn);
}

void world_digest(struct world *world, struct world_digest *ret_digest)
{
    struct gp_txn *txn = NULL;
    uint64_t rows;

    fail_unless_ok(gp_txn_read(world->store, &txn), "reading");
    for (int table = 0; table < GP_TABLE_COUNT; table++)
        fail_unless_ok(gp_table_digest(txn, table, ret_digest->table[table], &rows), "a digest");
    gp_txn_abort(txn);
}
