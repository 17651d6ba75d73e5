#include "made.h"

#include "base/bytes.h"
#include "fuzz.h"
#include "scratch.h"
#include "store/log/internal.h"
#include "store/store.h"

#include <dirent.h>
#include <sodium.h>
#include <string.h>
#include <xxhash.h>

#define BATCH  5
#define FOLDER "made"
#define MORE   64 /* bytes that a file may grow by */
#define SYNCED "data.synced"
#define TABLES "data.mdb"

static struct made_file kept[MADE_FILES_MAX];
static size_t kept_count;
static struct made_file tables[2]; /* the older and the newer ones */
static bool older;

/* ---------------------------------------------------------------- always the same bytes */

static uint32_t dice;

static const char *dice_name(void)
{
    return "the same each time";
}

static uint32_t dice_throw(void)
{
    dice = dice * 1664525u + 1013904223u;
    return dice;
}

static void dice_fill(void *const bytes, const size_t len)
{
    for (size_t i = 0; i < len; i++)
        ((unsigned char *)bytes)[i] = (unsigned char)(dice_throw() >> 24);
}

static void load_dice(void)
{
    static struct randombytes_implementation loaded = {
        .implementation_name = dice_name, .random = dice_throw, .buf = dice_fill};

    PROMISE(randombytes_set_implementation(&loaded) == 0);
    PROMISE(sodium_init() >= 0);
}

struct gp_span made_entry(uint64_t seq)
{
    static char text[512];
    int len = snprintf(text, sizeof text, "entry %u %*u", (unsigned)seq, (int)(1 + seq * 37 % 211),
                       (unsigned)seq * 2654435761u);

    return (struct gp_span){text, (size_t)len};
}

/* ---------------------------------------------------------------- making */

static void add_batch(struct gp_store *store, uint64_t first)
{
    struct gp_personal personal = {.salt = {1}, .text = GP_SPAN("a text"), .phone = GP_SPAN("138")};
    struct gp_txn *txn;
    uint64_t seq;

    PROMISE(gp_txn_write(store, &txn) == 0);
    for (uint64_t i = 0; i < BATCH; i++)
        PROMISE(gp_journal_append(txn, made_entry(first + i), &seq) == 0 && seq == first + i);
    PROMISE(gp_personal_put(txn, first, first, &personal) == 0);
    PROMISE(gp_meta_put(txn, "fuzz", GP_SPAN("a row of meta")) == 0);
    if (first % 3 == 0)
        PROMISE(gp_meta_del(txn, "fuzz") == 0);
    PROMISE(gp_txn_commit(txn) == 0);
}

static void keep_file(const char *name, struct made_file *file)
{
    char path[SCRATCH_PATH_BYTES];

    (void)snprintf(path, sizeof path, FOLDER "/%s", name);
    FILE *from = fopen(scratch_path(path), "rb");
    PROMISE(from != NULL && fseek(from, 0, SEEK_END) == 0);
    (void)snprintf(file->name, sizeof file->name, "%s", name);
    file->len = (size_t)ftell(from);
    file->room = file->len + MORE;
    free(file->bytes);
    file->bytes = calloc(1, file->room);
    rewind(from);
    PROMISE(file->bytes != NULL && fread(file->bytes, 1, file->len, from) == file->len);
    (void)fclose(from); /* only read */
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct made_file *)a)->name, ((const struct made_file *)b)->name);
}

static void keep_log(void)
{
    DIR *folder = opendir(scratch_path(FOLDER "/journal"));
    char name[sizeof kept[0].name];

    PROMISE(folder != NULL);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        PROMISE(kept_count < MADE_FILES_MAX - 2);
        (void)snprintf(name, sizeof name, "journal/%.64s", entry->d_name);
        keep_file(name, &kept[kept_count++]);
    }
    (void)closedir(folder);
    keep_file(SYNCED, &kept[kept_count++]);
    qsort(kept, kept_count, sizeof kept[0], by_name);
}

/* The tables stop at two places; what is behind them stays in the log alone. */
static void make(void)
{
    struct gp_store_options options = {
        .create = true, .map_bytes = MADE_MAP_BYTES, .segment_bytes = MADE_SEGMENT_BYTES};
    struct gp_store *store;
    uint64_t seq = 1;

    load_dice();
    PROMISE(gp_store_open(scratch_path(FOLDER), &options, &store) == 0);
    for (int stop = 0; stop < 2; stop++) {
        for (uint64_t end = seq + MADE_ENTRIES / 3; seq < end; seq += BATCH)
            add_batch(store, seq);
        PROMISE(gp_store_checkpoint(store) == 0 && gp_store_settle(store) == 0);
        keep_file(TABLES, &tables[stop]);
        if (stop == 0)
            PROMISE(gp_store_upkeep(store) == 0);
    }
    for (; seq <= MADE_ENTRIES; seq += BATCH)
        add_batch(store, seq);
    keep_log();
    gp_store_close(store);
    scratch_remove(FOLDER);
}

size_t made_files(struct made_file files[MADE_FILES_MAX])
{
    if (kept_count == 0)
        make();
    older = false;
    for (size_t i = 0; i < kept_count; i++) {
        files[i] = kept[i];
        files[i].bytes = malloc(kept[i].room);
        PROMISE(files[i].bytes != NULL);
        memcpy(files[i].bytes, kept[i].bytes, kept[i].room);
    }
    return kept_count;
}

void made_older(void)
{
    older = true;
}

/* ---------------------------------------------------------------- checksums */

static void mend_groups(struct made_file *file, uint64_t seed)
{
    struct gp_group group;

    for (size_t at = GP_SEGMENT_HEAD; at + GP_GROUP_HEAD <= file->len; at += group.bytes) {
        unsigned char *bytes = file->bytes + at;
        group.bytes = gp_get_u32(bytes + 4);
        if (group.bytes < GP_GROUP_HEAD || group.bytes > file->len - at)
            return;
        group.segment = gp_get_u64(bytes + 8);
        group.first = gp_get_u64(bytes + 16);
        group.last = gp_get_u64(bytes + 24);
        group.synced_to = gp_get_u64(bytes + 32);
        memcpy(group.before, bytes + 40, sizeof group.before);
        group.records = gp_get_u32(bytes + 72);
        gp_group_pack(&group, seed, bytes);
    }
}

/* Over index and trailer. */
static void mend_sealed(struct made_file *file)
{
    uint32_t index;

    if (file->len < 112)
        return;
    index = gp_get_u32(file->bytes + file->len - 112 + 36);
    if (index <= file->len - 112)
        gp_put_u64(file->bytes + file->len - 8,
                   XXH3_64bits(file->bytes + index, file->len - 8 - index));
}

void made_mend(struct made_file *file)
{
    if (strcmp(file->name, SYNCED) == 0 && file->len >= 12)
        gp_put_u32(file->bytes + 8, (uint32_t)XXH3_64bits(file->bytes, 8));
    else if (strstr(file->name, ".seg") != NULL)
        mend_sealed(file);
    else if (file->len >= GP_SEGMENT_HEAD) {
        gp_put_u64(file->bytes + 80, XXH3_64bits(file->bytes, 80));
        mend_groups(file, gp_salt_seed(file->bytes + 32));
    }
}

/* ---------------------------------------------------------------- writing */

static void write_file(const char *folder, const struct made_file *file)
{
    char name[SCRATCH_PATH_BYTES];

    if (file->gone)
        return;
    (void)snprintf(name, sizeof name, "%s/%s", folder, file->name);
    (void)scratch_put(name, (struct gp_span){(char *)file->bytes, file->len});
}

void made_write(const char *folder, const struct made_file *files, size_t count)
{
    write_file(folder, &tables[older ? 0 : 1]);
    for (size_t i = 0; i < count; i++)
        write_file(folder, &files[i]);
}
