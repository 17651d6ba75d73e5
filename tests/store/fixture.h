/** A store of its own for each test of tests/store, in /tmp, and LMDB's view of it. */
#ifndef GP_TESTS_STORE_FIXTURE_H
#define GP_TESTS_STORE_FIXTURE_H

#include "store/store.h"

#include <lmdb.h>
#include <stdbool.h>

#define MAP_BYTES (UINT64_C(16) << 20)

/** Set by make_folder: an empty folder, and where in it the store is to be. */
extern char store_folder[64], store_path[80];

int make_folder(void **state);
int remove_folder(void **state);

/** Opens, and makes where it is not there, the store at store_path. Fails the test if it can't. */
struct gp_store *open_as(bool drill);
/** What opening says; the store is closed again. */
int try_open(bool drill, bool create);
struct gp_txn *begin(struct gp_store *store);
struct gp_txn *look(struct gp_store *store);

/** Opens the store, puts a row of meta, closes it. */
void put_meta(const char *name, struct gp_span value);

/** The same store as raw LMDB sees it, when nobody has it open; changes are committed by raw_end.
 */
struct raw {
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi table;
};
void raw_begin(struct raw *raw, const char *table);
void raw_end(struct raw *raw);

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

#endif
