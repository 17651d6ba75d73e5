/*
 * The pages of data.mdb, read as a file: LMDB takes what they say about themselves on trust, and
 * neither a walk nor a search would notice, say, a page whose own number is wrong; the next write
 * would give back another one in its stead. Here every page that the newest snapshot reaches must
 * be the one that was meant, must be reached once, and must not be on the list of free ones; and a
 * page must be on that list once, or two tables would get it. The file may end before the last page
 * that was ever used: what a transaction takes and gives back is never written, and is on the list.
 *
 * As LMDB 0.9 lays them out on 64 bits (mdb.c: MDB_page, MDB_node, MDB_db, MDB_meta), numbers as
 * the machine has them:
 *
 *   page  0 number u64, 8 pad u16, 10 flags u16 (1 branch, 2 leaf, 4 overflow), 12 lower u16,
 *         14 upper u16 (overflow: 12 pages u32), 16 offsets of nodes u16 each
 *   node  0 lo u16, 2 hi u16, 4 flags u16 (1 the value is elsewhere, 2 it is a tree), 6 key bytes
 *         u16, 8 key, value; of a branch lo, hi and flags are the number of the page below
 *   tree  0 pad u32, 4 flags u16, 6 depth u16, 8 branch, 16 leaf, 24 overflow pages, 32 rows,
 *         40 root, u64 each
 *   meta  (from 16 on) 24 tree of free pages, 72 tree of tables, 120 last page u64, 128 txn u64
 */
#include "store/internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD       16
#define NODE_HEAD  8
#define TREE_BYTES 48
#define NO_PAGE    UINT64_MAX
#define DEPTH_MAX  32

enum { BRANCH = 1, LEAF = 2, OVERFLOW = 4 };
enum { BIG = 1, TREE = 2 };

struct checking {
    int fd;
    size_t page_bytes;
    uint64_t pages;      /* of the file */
    uint64_t last;       /* behind the last one that was ever used */
    uint64_t told;       /* flaws */
    unsigned char *seen; /* a bit each */
    unsigned char *free; /* likewise, of those on the list */
    uint64_t behind;     /* on it, behind the file's end */
    gp_page_flaw flaw;
    void *context;
    enum gp_table table; /* whose tree it is; GP_TABLE_COUNT: LMDB's own */
    int error;
    unsigned char *page[DEPTH_MAX + 2]; /* a buffer for each level, made when it is needed */
};

struct tree {
    uint16_t depth;
    uint64_t pages[3]; /* branch, leaf, overflow */
    uint64_t rows, root;
};

static uint16_t get16(const unsigned char *at)
{
    uint16_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static uint64_t get64(const unsigned char *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static struct tree get_tree(const unsigned char *at)
{
    return (struct tree){.depth = get16(at + 6),
                         .pages = {get64(at + 8), get64(at + 16), get64(at + 24)},
                         .rows = get64(at + 32),
                         .root = get64(at + 40)};
}

static void say(struct checking *on, uint64_t page, const char *what)
{
    on->told++;
    on->flaw(on->context, on->table, page, what);
}

/* ---------------------------------------------------------------- pages */

static bool has(const unsigned char *bits, uint64_t page)
{
    return (bits[page / 8] & 1U << page % 8) != 0;
}

static void set(unsigned char *bits, uint64_t page)
{
    bits[page / 8] |= (unsigned char)(1U << page % 8);
}

/* Whether a page may be gone to: it is in the file, and nobody was there. */
static bool enter(struct checking *on, uint64_t page)
{
    if (page < 2 || page >= on->pages) {
        say(on, page, "it is not in the file");
        return false;
    }
    if (has(on->seen, page)) {
        say(on, page, "it is reached twice");
        return false;
    }
    set(on->seen, page);
    return true;
}

static unsigned char *buffer(struct checking *on, unsigned level)
{
    if (on->page[level] == NULL)
        on->page[level] = malloc(on->page_bytes);
    if (on->page[level] == NULL)
        on->error = GP_ENOMEM;
    return on->page[level];
}

static bool read_page(struct checking *on, uint64_t page, unsigned char *to)
{
    if (pread(on->fd, to, on->page_bytes, (off_t)(page * on->page_bytes)) ==
        (ssize_t)on->page_bytes)
        return true;
    on->error = GP_EIO;
    return false;
}

/* Overflow pages lie one behind the other; the first has a head. */
static void check_overflow(struct checking *on, uint64_t page, size_t len, uint64_t *count)
{
    uint64_t pages = (HEAD + len - 1) / on->page_bytes + 1;
    unsigned char head[HEAD];
    uint32_t said;

    if (page >= on->pages || pages > on->pages - page) {
        say(on, page, "a value ends behind the file");
        return;
    }
    for (uint64_t i = 0; i < pages; i++) {
        if (!enter(on, page + i))
            return;
    }
    *count += pages;
    if (pread(on->fd, head, sizeof head, (off_t)(page * on->page_bytes)) != sizeof head) {
        on->error = GP_EIO;
        return;
    }
    memcpy(&said, head + 12, sizeof said);
    if (get64(head) != page || get16(head + 10) != OVERFLOW || said != pages)
        say(on, page, "its head is damaged");
}

static void check_tree(struct checking *on, const struct tree *tree, unsigned level);

static enum gp_table table_of(const unsigned char *name, size_t len)
{
    for (int i = 0; i < GP_TABLE_COUNT; i++) {
        if (gp_span_is((struct gp_span){(const char *)name, len}, gp_table_name((enum gp_table)i)))
            return (enum gp_table)i;
    }
    return GP_TABLE_COUNT;
}

struct walk {
    struct tree is; /* counted */
    unsigned depth; /* that leaves shall have */
    unsigned first; /* level of the root */
};

static void check_value(struct checking *on, struct walk *walk, const unsigned char *node,
                        const unsigned char *end, unsigned level)
{
    size_t key_len = get16(node + 6), len = get16(node) | (size_t)get16(node + 2) << 16;
    const unsigned char *value = node + NODE_HEAD + key_len;
    uint16_t flags = get16(node + 4);
    size_t here = flags & BIG ? 8 : len;

    walk->is.rows++;
    if (here > (size_t)(end - value)) {
        say(on, NO_PAGE, "a value is longer than its page");
        return;
    }
    if (flags & BIG) {
        check_overflow(on, get64(value), len, &walk->is.pages[2]);
    } else if (flags & TREE && len == TREE_BYTES) {
        struct tree tree = get_tree(value);
        on->table = table_of(node + NODE_HEAD, key_len);
        check_tree(on, &tree, level + 1);
        on->table = GP_TABLE_COUNT;
    }
}

static void check_page(struct checking *on, struct walk *walk, uint64_t number, unsigned level);

/* The nodes of a page, whose head is right. */
static void check_nodes(struct checking *on, struct walk *walk, const unsigned char *page,
                        uint64_t number, unsigned level)
{
    unsigned count = (unsigned)(get16(page + 12) - HEAD) / 2;
    const unsigned char *end = page + on->page_bytes;
    bool branch = get16(page + 10) == BRANCH; /* else a leaf */

    for (unsigned i = 0; i < count && on->error == 0; i++) {
        size_t at = get16(page + HEAD + 2 * (size_t)i);
        if (at < get16(page + 14) || at + NODE_HEAD > on->page_bytes ||
            at + NODE_HEAD + get16(page + at + 6) > on->page_bytes) {
            say(on, number, "a row lies outside of it");
            continue;
        }
        const unsigned char *node = page + at;
        if (branch)
            check_page(on, walk,
                       get16(node) | (uint64_t)get16(node + 2) << 16 |
                           (uint64_t)get16(node + 4) << 32,
                       level + 1);
        else
            check_value(on, walk, node, end, level);
    }
}

static bool has_head(const struct checking *on, const unsigned char *page, uint64_t number,
                     bool leaf)
{
    uint16_t lower = get16(page + 12), upper = get16(page + 14);

    return get64(page) == number && get16(page + 10) == (leaf ? LEAF : BRANCH) && lower >= HEAD &&
           lower % 2 == 0 && lower <= upper && upper <= on->page_bytes;
}

static void check_page(struct checking *on, struct walk *walk, uint64_t number, unsigned level)
{
    bool leaf = level + 1 - walk->first == walk->depth;
    unsigned char *page;

    if (level + 1 - walk->first > walk->depth || level >= DEPTH_MAX) {
        say(on, number, "the tree is deeper than it says");
        return;
    }
    if (!enter(on, number) || (page = buffer(on, level)) == NULL || !read_page(on, number, page))
        return;
    if (!has_head(on, page, number, leaf)) {
        say(on, number, "its head is damaged");
        return;
    }
    walk->is.pages[leaf ? 1 : 0]++;
    check_nodes(on, walk, page, number, level);
}

static void check_tree(struct checking *on, const struct tree *tree, unsigned level)
{
    struct walk walk = {.depth = tree->depth, .first = level};

    if (tree->root != NO_PAGE)
        check_page(on, &walk, tree->root, level);
    if (on->error == 0 && (memcmp(walk.is.pages, tree->pages, sizeof walk.is.pages) != 0 ||
                           walk.is.rows != tree->rows))
        say(on, NO_PAGE, "it has other pages or rows than it says");
}

/* ---------------------------------------------------------------- all of it */

static void check_free_page(struct checking *on, uint64_t page)
{
    if (page < 2 || page >= on->last) {
        say(on, page, "it is on the list of free ones, and not in the file");
    } else if (page >= on->pages) {
        on->behind++;
    } else {
        if (has(on->seen, page))
            say(on, page, "it is in use, and on the list of free ones");
        if (has(on->free, page))
            say(on, page, "it is on the list of free ones twice");
        set(on->free, page);
    }
}

/* A copy that is to leave free pages out counts them, and is not made where one is lost. */
static bool has_all(const struct checking *on)
{
    uint64_t end = on->last < on->pages ? on->last : on->pages;

    for (uint64_t page = 2; page < end; page++) {
        if (!has(on->seen, page) && !has(on->free, page))
            return false;
    }
    return true;
}

/* The list of free pages: for each transaction that freed some a count, and their numbers. */
static int check_free(struct checking *on, MDB_txn *mdb)
{
    MDB_val key, value;
    MDB_cursor *cursor;
    int rc = mdb_cursor_open(mdb, 0, &cursor);

    if (rc != 0)
        return gp_mdb_error(rc);
    while ((rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
        const unsigned char *list = value.mv_data;
        uint64_t count = value.mv_size >= 8 ? get64(list) : 0;
        if (value.mv_size < 8 || count > value.mv_size / 8 - 1) {
            say(on, NO_PAGE, "a list of free pages is damaged");
            continue;
        }
        for (uint64_t i = 1; i <= count; i++)
            check_free_page(on, get64(list + 8 * i));
    }
    mdb_cursor_close(cursor);
    if (rc != MDB_NOTFOUND)
        return gp_mdb_error(rc);
    if (on->last > on->pages && on->last - on->pages != on->behind)
        say(on, NO_PAGE, "the file is shorter than it says");
    if (!has_all(on))
        say(on, NO_PAGE, "pages are lost: they are neither in use nor free");
    return 0;
}

/* The two trees of the newest snapshot, which is the one that LMDB reads. */
static int read_meta(struct checking *on, struct tree ret_tree[2])
{
    unsigned char meta[2][152];
    const unsigned char *newest;

    for (int i = 0; i < 2; i++) {
        if (pread(on->fd, meta[i], sizeof meta[i], (off_t)((size_t)i * on->page_bytes)) !=
            (ssize_t)sizeof meta[i])
            return GP_EIO;
    }
    newest = get64(meta[0] + HEAD + 128) > get64(meta[1] + HEAD + 128) ? meta[0] : meta[1];
    ret_tree[0] = get_tree(newest + HEAD + 24);
    ret_tree[1] = get_tree(newest + HEAD + 72);
    on->last = get64(newest + HEAD + 120) + 1;
    return 0;
}

static int check_all(struct checking *on, MDB_txn *mdb)
{
    struct tree tree[2];
    int rc = read_meta(on, tree);

    if (rc != 0)
        return rc;
    check_tree(on, &tree[0], 0);
    check_tree(on, &tree[1], 0);
    return on->error == 0 && on->told == 0 ? check_free(on, mdb) : on->error;
}

static int prepare(struct checking *on, struct gp_store *store)
{
    struct stat stat;
    MDB_stat env;

    if (mdb_env_get_fd(store->env, &on->fd) != 0 || mdb_env_stat(store->env, &env) != 0 ||
        fstat(on->fd, &stat) != 0)
        return GP_EIO;
    on->page_bytes = env.ms_psize;
    on->pages = (uint64_t)stat.st_size / on->page_bytes;
    on->seen = calloc(on->pages / 8 + 1, 1);
    on->free = calloc(on->pages / 8 + 1, 1);
    return on->seen != NULL && on->free != NULL ? 0 : GP_ENOMEM;
}

int gp_pages_check(struct gp_store *store, gp_page_flaw flaw, void *context)
{
    struct checking on = {.flaw = flaw, .context = context, .table = GP_TABLE_COUNT};
    MDB_txn *mdb = NULL;
    int rc = prepare(&on, store);

    if (rc == 0) /* so that nothing that it reaches is written over meanwhile */
        rc = gp_mdb_error(mdb_txn_begin(store->env, NULL, MDB_RDONLY, &mdb));
    if (rc == 0)
        rc = check_all(&on, mdb);
    mdb_txn_abort(mdb);
    for (size_t i = 0; i < sizeof on.page / sizeof on.page[0]; i++)
        free(on.page[i]);
    free(on.seen);
    free(on.free);
    return rc;
}
