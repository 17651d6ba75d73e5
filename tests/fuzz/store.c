/*
 * A whole store whose files were damaged: segments of the log, raw and sealed, and data.synced.
 * Pages of LMDB are left alone, for LMDB itself notices nothing; but the input may choose tables
 * that are older than the log.
 *
 * The input is a list of changes: to the bytes of a file, to its being there, to its name. A change
 * may ask for the file's checksums to be made right behind it. What is promised: the store opens,
 * or is refused with an error, and nothing dies. Where it opens and no checksum was made up, what
 * is read is what was written, the tables' entries are all there, and it can be written and read
 * again.
 */
#include "fuzz.h"

#include "made.h"
#include "scratch.h"
#include "store/store.h"

enum change { STOP, DAMAGE, GONE, TWICE, OLDER, MEND, SEAL, CHANGES };

struct world {
    struct made_file files[MADE_FILES_MAX];
    size_t count;
    bool made_up; /* a checksum was written that nobody of ours did */
    bool seals;   /* at the end what is full is sealed, too */
};

/* ---------------------------------------------------------------- changes */

/* Under the name of a segment near its own. */
static void copy_file(struct world *world, const struct made_file *file, uint8_t by)
{
    struct made_file *copy = &world->files[world->count];

    if (world->count == MADE_FILES_MAX)
        return;
    *copy = *file;
    copy->bytes = malloc(file->room);
    PROMISE(copy->bytes != NULL);
    memcpy(copy->bytes, file->bytes, file->len);
    copy->name[strlen("journal/") + by % 16] = "0123456789abcdef"[by / 16];
    world->count++;
}

static void change_one(struct world *world, enum change change, struct fuzz_bytes *input)
{
    struct made_file *file = &world->files[fuzz_byte(input) % world->count];

    switch (change) {
    case DAMAGE:
        fuzz_damage(input, file->bytes, &file->len, file->room);
        break;
    case GONE:
        file->gone = true;
        break;
    case TWICE:
        if (strncmp(file->name, "journal/", strlen("journal/")) == 0)
            copy_file(world, file, fuzz_byte(input));
        break;
    case OLDER:
        made_older();
        break;
    case MEND:
        made_mend(file);
        world->made_up = true;
        break;
    case SEAL:
        world->seals = true;
        break;
    case STOP:
    case CHANGES:
        break;
    }
}

static void change_all(struct world *world, struct fuzz_bytes *input)
{
    enum change change;

    while ((change = (enum change)(fuzz_byte(input) % CHANGES)) != STOP)
        change_one(world, change, input);
}

/* ---------------------------------------------------------------- looking */

/* Every entry up to `upto` is the one that was written, or is not to be read. Returns the last seq.
 */
static uint64_t read_all(struct gp_store *store, bool made_up, uint64_t upto)
{
    struct gp_txn *txn;
    struct gp_span entry;
    uint64_t head = 0, bad = 0;

    PROMISE(gp_txn_read(store, &txn) == 0);
    PROMISE(gp_journal_head(txn, &head, NULL) == 0);
    for (uint64_t seq = 1; seq <= head && seq <= upto; seq++) {
        int rc = gp_journal_get(txn, seq, &entry);
        PROMISE(rc == 0 || rc == GP_ECORRUPT || rc == GP_ENOTFOUND);
        PROMISE(rc != 0 || made_up || gp_span_equal(entry, made_entry(seq)));
    }
    int rc = gp_journal_verify(txn, 1, head, &bad);
    PROMISE(rc == 0 || rc == GP_ECORRUPT);
    PROMISE(rc == 0 || (bad >= 1 && bad <= head + 1));
    gp_txn_abort(txn);
    return head;
}

static int accept(void *context, struct gp_txn *txn, uint64_t seq, struct gp_span entry)
{
    (void)txn;
    (void)entry;
    PROMISE(seq > *(uint64_t *)context); /* in order, each once */
    *(uint64_t *)context = seq;
    return 0;
}

static void write_one(struct gp_store *store)
{
    struct gp_txn *txn;
    struct gp_span entry;
    uint64_t seq;

    PROMISE(gp_txn_write(store, &txn) == 0);
    PROMISE(gp_journal_append(txn, GP_SPAN("one more"), &seq) == 0);
    PROMISE(gp_txn_commit(txn) == 0);
    PROMISE(gp_txn_read(store, &txn) == 0);
    PROMISE(gp_journal_get(txn, seq, &entry) == 0 && gp_span_is(entry, "one more"));
    gp_txn_abort(txn);
}

/* Readers see the last checkpoint; behind it lies what recovery folds. Whose newest segment is gone
 * has an end before it, which nothing tells of. */
static void look(struct gp_store *store, const struct world *world)
{
    uint64_t folded = gp_store_committed(store);

    PROMISE(read_all(store, world->made_up, folded) == folded);
    if (gp_store_behind(store)) {
        int rc = gp_store_recover(store, accept, &folded);
        PROMISE(rc == 0 || rc == GP_ECORRUPT || rc == GP_ENOSPC);
        if (rc != 0)
            return;
    }
    PROMISE(read_all(store, world->made_up, folded) == folded);
    if (world->made_up)
        return; /* numbers near the end of their range: what comes next is not ours */
    write_one(store);
    if (world->seals) {
        int rc = gp_store_upkeep(store);
        PROMISE(rc == 0 || rc == GP_ECORRUPT);
    }
    PROMISE(read_all(store, world->made_up, folded) == folded + 1);
}

static void open_and_look(const struct world *world)
{
    struct gp_store_found found = {0};
    struct gp_store_options options = {
        .found = &found, .map_bytes = MADE_MAP_BYTES, .segment_bytes = MADE_SEGMENT_BYTES};
    struct gp_store *store = NULL;
    int rc = gp_store_open(scratch_path("store"), &options, &store);

    PROMISE(rc == 0 || rc == GP_ECORRUPT || rc == GP_EVERSION || rc == GP_ENOTFOUND ||
            rc == GP_ENOMEM || rc == GP_EIO);
    PROMISE((rc == 0) == (store != NULL));
    PROMISE(memchr(found.bad_name, 0, sizeof found.bad_name) != NULL);
    if (rc == 0)
        look(store, world);
    gp_store_close(store);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_bytes input = {data, size};
    struct world world = {.count = 0};

    world.count = made_files(world.files);
    change_all(&world, &input);
    made_write("store", world.files, world.count);
    for (size_t i = 0; i < world.count; i++)
        free(world.files[i].bytes);
    open_and_look(&world);
    scratch_remove("store");
    return 0;
}
