/*
 * The environment in its folder, and the log beside it. meta holds "format" (one byte,
 * GP_STORE_FORMAT), "kind" ("real" or "drill") and the place in the log up to which the tables are;
 * they come with the tables, in one commit, so that a store is whole or not there.
 *
 * Format 1 lacked the tables from `link` on, format 2 those from `device` on, and up to format 3
 * by_state, and the journal was a table. A store of any is brought up when it is opened
 * (upgrade.c).
 */
#include "store/internal.h"

#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define GP_STORE_FORMAT 4
#define GP_FORMAT_LOG   4 /* from here on the journal is a log */
#define GP_MAP_BYTES    (UINT64_C(64) << 30)

static const char *const table_names[GP_TABLE_COUNT] = {
    [GP_TABLE_INCIDENT] = "incident",
    [GP_TABLE_BY_AREA] = "by_area",
    [GP_TABLE_BY_POST] = "by_post",
    [GP_TABLE_BY_DEPT] = "by_dept",
    [GP_TABLE_DEADLINE] = "deadline",
    [GP_TABLE_DEDUP] = "dedup",
    [GP_TABLE_VACANT] = "vacant",
    [GP_TABLE_JOURNAL] = "journal",
    [GP_TABLE_META] = "meta",
    [GP_TABLE_LINK] = "link",
    [GP_TABLE_STRIKE] = "strike",
    [GP_TABLE_ON_SPOT] = "on_spot",
    [GP_TABLE_LEAVE] = "leave",
    [GP_TABLE_TENURE] = "tenure",
    [GP_TABLE_PERSONAL] = "personal",
    [GP_TABLE_DEVICE] = "device",
    [GP_TABLE_DEVICE_KEY] = "device_key",
    [GP_TABLE_BY_STATE] = "by_state",
};

const char *gp_table_name(enum gp_table table)
{
    return table < GP_TABLE_COUNT ? table_names[table] : "?";
}

/* ---------------------------------------------------------------- opening */

/* What an earlier start has left in the kernel's hands, and what LMDB makes of a new file. */
static int sync_all(const struct gp_store *store, uint64_t txn)
{
    int fd;

    if (mdb_env_get_fd(store->env, &fd) != 0 || fdatasync(fd) != 0)
        return GP_EIO;
    return gp_snapshot_note(store, txn);
}

/* LMDB leaves it to whoever is started by this process, to write with. */
static int keep_to_ourselves(const struct gp_store *store)
{
    int fd;
    return mdb_env_get_fd(store->env, &fd) == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 ? 0 : GP_EIO;
}

static int open_env(struct gp_store *store, const char *path,
                    const struct gp_store_options *options)
{
    uint64_t txn = 0;
    int rc = options->unsafe_nosync ? 0 : gp_reserve_lock_file(store);

    if (rc != 0)
        return rc;
    rc = mdb_env_create(&store->env);
    if (rc == 0)
        rc = mdb_env_set_maxdbs(store->env, GP_TABLE_COUNT);
    if (rc == 0)
        rc = mdb_env_set_maxreaders(store->env, GP_READERS_MAX);
    if (rc == 0)
        rc = mdb_env_set_mapsize(store->env,
                                 options->map_bytes != 0 ? options->map_bytes : GP_MAP_BYTES);
    if (rc == 0)
        rc = mdb_env_open(store->env, path, MDB_NOTLS | MDB_NOSYNC, 0600); /* settle.c syncs */
    if (rc != 0)
        return gp_mdb_error(rc);
    rc = keep_to_ourselves(store);
    if (rc == 0)
        rc = gp_snapshot_check(store, &txn);
    return rc == 0 && store->synced_fd >= 0 ? sync_all(store, txn) : rc;
}

/* Nothing was ever committed: a new file, or one whose first transaction a crash took. */
static int is_fresh(struct gp_store *store, bool *ret_fresh)
{
    MDB_txn *mdb;
    MDB_dbi names;
    MDB_stat stat;
    int rc = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &mdb);

    if (rc != 0)
        return gp_mdb_error(rc);
    rc = mdb_dbi_open(mdb, NULL, 0, &names);
    if (rc == 0)
        rc = mdb_stat(mdb, names, &stat);
    mdb_txn_abort(mdb);
    *ret_fresh = rc == 0 && stat.ms_entries == 0;
    return gp_mdb_error(rc);
}

static int open_tables(struct gp_store *store, MDB_txn *mdb, unsigned flags)
{
    for (int i = 0; i < GP_TABLE_COUNT; i++) {
        int rc = mdb_dbi_open(mdb, table_names[i], flags, &store->table[i]);
        if (rc == MDB_NOTFOUND || rc == MDB_INCOMPATIBLE)
            return GP_EVERSION;
        if (rc != 0)
            return gp_mdb_error(rc);
    }
    return 0;
}

/* Tables and format in one commit. kind NULL: it is there already. */
static int make_tables(struct gp_store *store, const char *kind)
{
    const char format = GP_STORE_FORMAT;
    struct gp_txn *txn;
    int rc = gp_txn_write(store, &txn);

    if (rc != 0)
        return rc;
    rc = open_tables(store, txn->mdb, MDB_CREATE);
    if (rc != 0) {
        gp_txn_abort(txn);
        return rc;
    }
    (void)gp_meta_put(txn, GP_META_FORMAT, (struct gp_span){&format, 1}); /* commit says it */
    if (kind != NULL) {
        (void)gp_meta_put(txn, GP_META_KIND, gp_span_of(kind));
        (void)gp_meta_put(txn, GP_META_BY_AREA, GP_META_BY_AREA_DONE);
    }
    return gp_txn_commit(txn);
}

static int find_tables(struct gp_store *store)
{
    MDB_txn *mdb;
    int rc = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &mdb);

    if (rc != 0)
        return gp_mdb_error(rc);
    rc = open_tables(store, mdb, 0);
    if (rc != 0) {
        mdb_txn_abort(mdb);
        return rc;
    }
    return gp_mdb_error(mdb_txn_commit(mdb)); /* the handles live on */
}

/* For looking at what is left: a table that is missing is told of when it is looked at. */
static int find_remains(struct gp_store *store)
{
    MDB_txn *mdb;
    int rc = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &mdb);

    if (rc != 0)
        return gp_mdb_error(rc);
    for (int i = 0; i < GP_TABLE_COUNT; i++) {
        if (mdb_dbi_open(mdb, table_names[i], 0, &store->table[i]) != 0)
            store->table[i] = GP_NO_TABLE;
    }
    return gp_mdb_error(mdb_txn_commit(mdb));
}

/* meta alone: what it says decides whether the rest may be opened. */
static int find_meta(struct gp_store *store)
{
    MDB_txn *mdb;
    int rc = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &mdb);

    if (rc != 0)
        return gp_mdb_error(rc);
    rc = mdb_dbi_open(mdb, table_names[GP_TABLE_META], 0, &store->table[GP_TABLE_META]);
    if (rc == 0)
        return gp_mdb_error(mdb_txn_commit(mdb));
    mdb_txn_abort(mdb);
    return rc == MDB_NOTFOUND || rc == MDB_INCOMPATIBLE ? GP_EVERSION : gp_mdb_error(rc);
}

static int check_kind(struct gp_span kind, bool drill)
{
    if (!gp_span_is(kind, "drill") && !gp_span_is(kind, "real"))
        return GP_EVERSION;
    return gp_span_is(kind, "drill") == drill ? 0 : GP_EMODE;
}

static int check_format(struct gp_store *store, bool drill, char *ret_format)
{
    struct gp_span format, kind;
    struct gp_txn *txn;
    int rc = gp_txn_read(store, &txn);

    if (rc != 0)
        return rc;
    rc = gp_meta_get(txn, GP_META_FORMAT, &format);
    if (rc == 0 && (format.len != 1 || format.ptr[0] < 1 || format.ptr[0] > GP_STORE_FORMAT))
        rc = GP_EVERSION;
    if (rc == 0) {
        *ret_format = format.ptr[0];
        rc = gp_meta_get(txn, GP_META_KIND, &kind);
    }
    if (rc == 0)
        rc = check_kind(kind, drill);
    gp_txn_abort(txn);
    return rc == GP_ENOTFOUND ? GP_EVERSION : rc;
}

/* ---------------------------------------------------------------- the log */

static int open_log(struct gp_store *store, const struct gp_store_options *options,
                    const struct gp_wal_mark *from)
{
    struct gp_wal_options wal = {.segment_bytes = options->segment_bytes,
                                 .create = from == NULL,
                                 .unsafe_nosync = options->unsafe_nosync};
    struct gp_wal_found found = {0};
    uint32_t segment = wal.segment_bytes != 0 ? wal.segment_bytes : GP_SEGMENT_BYTES;
    int rc;

    wal.spares_ahead = options->reserve_bytes >= (uint64_t)GP_SPARES_AHEAD * segment;
    rc = gp_wal_open(store->journal_fd, &wal, from, &store->wal, &found);

    if (options->found != NULL) {
        options->found->cut_bytes = found.cut_bytes;
        memcpy(options->found->cut_name, found.cut_name, sizeof found.cut_name);
        memcpy(options->found->bad_name, found.bad_name, sizeof found.bad_name);
        options->found->bad_offset = found.bad_offset;
    }
    return rc;
}

static int find_place(struct gp_store *store)
{
    struct gp_span value;
    struct gp_txn *txn;
    int rc = gp_txn_read(store, &txn);

    if (rc != 0)
        return rc;
    rc = gp_meta_get(txn, GP_META_PLACE, &value);
    if (rc == GP_ENOTFOUND)
        rc = GP_ECORRUPT;
    if (rc == 0)
        rc = gp_wal_mark_unpack(value, &store->mark);
    gp_txn_abort(txn);
    return rc;
}

/* Whether the log tells more than the tables. */
static int look_behind(struct gp_store *store)
{
    struct gp_wal_walk *walk;
    enum gp_record_kind kind;
    struct gp_span bytes;
    uint64_t seq;
    bool last;
    int rc = gp_wal_walk_open(store->wal, &store->mark, &walk);

    if (rc != 0)
        return rc;
    rc = gp_wal_walk_next(walk, &kind, &seq, &bytes, &last);
    gp_wal_walk_close(walk);
    store->behind = rc == 0;
    return rc == GP_ENOTFOUND ? 0 : rc;
}

static int find_log(struct gp_store *store, const struct gp_store_options *options)
{
    int rc = find_tables(store);

    if (rc == 0)
        rc = find_place(store);
    if (rc == 0)
        rc = open_log(store, options, &store->mark);
    if (rc != 0)
        return rc;
    store->settled = store->mark;
    atomic_store(&store->committed, store->mark.seq);
    return look_behind(store);
}

/* ---------------------------------------------------------------- old and new stores */

/* What lies in the journal's folder is of a start that was killed while it brought the store up; or
 * somebody has put an old data file beside a journal that goes on behind it, which is not to be
 * lost. */
static int bring_up(struct gp_store *store, const struct gp_store_options *options)
{
    bool leftover = false;
    int rc = gp_upgrade_is_leftover(store, &leftover);

    if (rc == 0)
        rc = leftover ? gp_folder_clear_journal(store) : GP_EEXIST;
    if (rc == 0)
        rc = open_log(store, options, NULL);
    if (rc == 0)
        rc = gp_upgrade_journal(store);
    return rc == 0 ? make_tables(store, NULL) : rc;
}

/* A store whose disk is full opens all the same. */
static int take_ahead(struct gp_store *store, const struct gp_store_options *options)
{
    int rc = gp_reserve_open(store, options->reserve_bytes);

    atomic_store(&store->without, rc == GP_ENOSPC);
    if (options->found != NULL)
        options->found->unreserved = store->unreserved;
    return rc == GP_ENOSPC ? 0 : rc;
}

/* An existing store, brought up to this format. */
static int find_store(struct gp_store *store, const struct gp_store_options *options)
{
    char format;
    int rc = find_meta(store);

    if (rc == 0)
        rc = check_format(store, options->drill, &format);
    if (rc == 0)
        rc = format < GP_FORMAT_LOG ? bring_up(store, options) : find_log(store, options);
    if (rc == 0 && !store->behind)
        rc = gp_upgrade_clear(store);
    return rc;
}

static int make_store(struct gp_store *store, const struct gp_store_options *options)
{
    int rc = open_log(store, options, NULL);
    return rc == 0 ? make_tables(store, options->drill ? "drill" : "real") : rc;
}

static int open_all(struct gp_store *store, const char *path,
                    const struct gp_store_options *options)
{
    bool fresh = false;
    int rc = gp_folder_open(store, path, options);

    if (rc == 0)
        rc = gp_snapshot_choose(store, options->unsafe_nosync);
    if (rc == 0)
        rc = open_env(store, path, options);
    if (rc == 0)
        rc = is_fresh(store, &fresh);
    if (rc == 0 && fresh && !options->create)
        rc = GP_ENOTFOUND;
    if (rc == 0 && options->tables_only)
        return find_remains(store);
    if (rc == 0)
        rc = gp_folder_journal(store);
    if (rc == 0)
        rc = fresh ? make_store(store, options) : find_store(store, options);
    store->drill = options->drill;
    if (rc == 0 && options->create && !options->unsafe_nosync)
        rc = gp_folder_sync(store, path);
    if (rc == 0 && options->create)
        rc = take_ahead(store, options);
    if (rc == 0)
        gp_store_tidy(store);
    return rc;
}

int gp_store_open(const char *path, const struct gp_store_options *options,
                  struct gp_store **ret_store)
{
    struct gp_store *store;

    if (sodium_init() < 0) /* also finds the fastest BLAKE2b of this machine */
        return GP_EIO;
    store = calloc(1, sizeof *store);
    if (store == NULL)
        return GP_ENOMEM;
    store->lock_fd = -1;
    store->folder_fd = -1;
    store->journal_fd = -1;
    store->synced_fd = -1;
    (void)pthread_mutex_init(&store->settle_lock, NULL); /* cannot fail with default attributes */
    (void)pthread_mutex_init(&store->settled_lock, NULL);
    int rc = open_all(store, path, options);
    if (rc != 0) {
        gp_store_close(store);
        return rc;
    }
    *ret_store = store;
    return 0;
}

void gp_store_close(struct gp_store *store)
{
    if (store == NULL)
        return;
    if (store->standing != NULL && gp_store_checkpoint(store) != 0)
        gp_standing_drop(store);  /* the log has it */
    (void)gp_store_settle(store); /* or the next start steps back, and folds */
    gp_wal_close(store->wal);
    (void)pthread_mutex_destroy(&store->settle_lock); /* nobody holds them */
    (void)pthread_mutex_destroy(&store->settled_lock);
    if (store->env != NULL)
        mdb_env_close(store->env);
    if (store->synced_fd >= 0)
        (void)close(store->synced_fd);
    if (store->journal_fd >= 0)
        (void)close(store->journal_fd);
    if (store->lock_fd >= 0)
        (void)close(store->lock_fd); /* lets go of the lock */
    if (store->folder_fd >= 0)
        (void)close(store->folder_fd);
    free(store);
}

bool gp_store_is_drill(const struct gp_store *store)
{
    return store->drill;
}

/* ---------------------------------------------------------------- upkeep */

int gp_store_figures(struct gp_txn *txn, struct gp_store_figures *ret_figures)
{
    struct gp_store_figures figures = {0};
    struct gp_wal_figures wal;
    MDB_envinfo info;
    struct stat stat;

    for (int i = 0; i < GP_TABLE_COUNT; i++) {
        MDB_stat table;
        int rc = mdb_stat(txn->mdb, txn->store->table[i], &table);
        if (rc != 0)
            return gp_mdb_error(rc);
        figures.rows[i] = table.ms_entries;
    }
    if (mdb_env_info(txn->store->env, &info) != 0 ||
        fstatat(txn->store->folder_fd, "data.mdb", &stat, 0) != 0)
        return GP_EIO;
    gp_wal_figures(txn->store->wal, &wal);
    figures.map_bytes = info.me_mapsize;
    figures.journal_bytes = wal.bytes;
    figures.file_bytes = (uint64_t)stat.st_blocks * 512 + wal.bytes;
    int rc = gp_journal_head(txn, &figures.rows[GP_TABLE_JOURNAL], NULL);
    if (rc == 0)
        *ret_figures = figures;
    return rc;
}

void gp_store_tidy(struct gp_store *store)
{
    int dead;
    (void)mdb_reader_check(store->env, &dead); /* a failure leaves them for the next minute */
}
