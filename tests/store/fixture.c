#include "store/fixture.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

char store_folder[64], store_path[80];

static int remove_one(const char *name, const struct stat *stat, int kind, struct FTW *walk)
{
    (void)stat;
    (void)kind;
    (void)walk;
    return remove(name);
}

int make_folder(void **state)
{
    (void)state;
    (void)snprintf(store_folder, sizeof store_folder, "/tmp/gridpost-store-XXXXXX");
    assert_non_null(mkdtemp(store_folder));
    (void)snprintf(store_path, sizeof store_path, "%s/store", store_folder);
    return 0;
}

int remove_folder(void **state)
{
    (void)state;
    return nftw(store_folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

struct gp_store *open_as(bool drill)
{
    struct gp_store_options options = {
        .map_bytes = MAP_BYTES, .create = true, .drill = drill, .segment_bytes = 16384};
    struct gp_store *store = NULL;

    assert_int_equal(gp_store_open(store_path, &options, &store), 0);
    return store;
}

struct gp_txn *begin(struct gp_store *store)
{
    struct gp_txn *txn;
    assert_int_equal(gp_txn_write(store, &txn), 0);
    return txn;
}

struct gp_txn *look(struct gp_store *store)
{
    struct gp_txn *txn;
    assert_int_equal(gp_txn_read(store, &txn), 0);
    return txn;
}

int try_open(bool drill, bool create)
{
    struct gp_store_options options = {
        .map_bytes = MAP_BYTES, .create = create, .drill = drill, .segment_bytes = 16384};
    struct gp_store *store = NULL;
    int rc = gp_store_open(store_path, &options, &store);

    gp_store_close(store);
    return rc;
}

void raw_begin(struct raw *raw, const char *table)
{
    assert_int_equal(mdb_env_create(&raw->env), 0);
    assert_int_equal(mdb_env_set_maxdbs(raw->env, 20), 0);
    assert_int_equal(mdb_env_set_mapsize(raw->env, MAP_BYTES), 0);
    assert_int_equal(mdb_env_open(raw->env, store_path, 0, 0600), 0);
    assert_int_equal(mdb_txn_begin(raw->env, NULL, 0, &raw->txn), 0);
    assert_int_equal(mdb_dbi_open(raw->txn, table, 0, &raw->table), 0);
}

void raw_end(struct raw *raw)
{
    char synced[100];

    assert_int_equal(mdb_txn_commit(raw->txn), 0);
    mdb_env_close(raw->env);
    (void)snprintf(synced, sizeof synced, "%s/data.synced", store_path);
    (void)unlink(
        synced); /* it tells of the store's own commits, so it would be stepped back from */
}

void put_meta(const char *name, struct gp_span value)
{
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);

    assert_int_equal(gp_meta_put(txn, name, value), 0);
    assert_int_equal(gp_txn_commit(txn), 0);
    gp_store_close(store);
}
