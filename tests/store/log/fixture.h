/**
 * A log in a folder of its own for each test of tests/store/log. What entry n and a side record say
 * follows from their numbers, so a test needs no second copy of what it wrote.
 */
#ifndef GP_TESTS_STORE_LOG_FIXTURE_H
#define GP_TESTS_STORE_LOG_FIXTURE_H

#include "store/log/internal.h"

#define SEGMENT_BYTES GP_SEGMENT_BYTES_MIN

struct box {
    char path[64];
    int folder;
    struct gp_wal *log;               /* NULL: closed */
    struct gp_wal_reader *readers[4]; /* of it, closed with it */
    unsigned reader_count;
    struct gp_wal_found found; /* of the last opening */
    struct gp_wal_options options;
};

int make_box(void **state);
int remove_box(void **state);

/** Opens with a mark, or anew where it is NULL. What it says; box->log is NULL where it fails. */
int try_open(struct box *box, const struct gp_wal_mark *from);
void open_log(struct box *box, const struct gp_wal_mark *from);
void close_log(struct box *box);

/** A reader, until drop_readers or close_log. */
struct gp_wal_reader *reader_of(struct box *box, bool with_group);
void drop_readers(struct box *box);

/** Bytes of entry seq, of 8 to 300 bytes. Lifetime: until the fourth call after it. */
struct gp_span entry_of(uint64_t seq);
/** Bytes of side record number n: "secret <n>" and some. Lifetime: as above. */
struct gp_span side_of(unsigned n);

/** Adds entries, not yet written. */
void add_entries(struct box *box, unsigned count);
/** One synced group of so many entries and, before the last of them, side records. */
void put_group(struct box *box, unsigned entries, unsigned sides);
/** One synced group of one entry that makes it exactly so long. */
void put_long(struct box *box, size_t group_bytes);
void sync_group(struct box *box);
struct gp_wal_mark mark_of(const struct box *box);

/** The hash of an entry, computed here from the first one on. Requires: entry_of wrote them. */
void chain_of(uint64_t seq, unsigned char ret_hash[32]);

/** Asserts that [from, to] can be read, in order and backwards, and the chain is right. */
void assert_entries(struct box *box, uint64_t from, uint64_t to);

/* ---- the folder */

bool has_file(const struct box *box, const char *name);
unsigned count_files(const struct box *box, const char *suffix);
/** All of a file, to be freed. */
unsigned char *slurp(const struct box *box, const char *name, size_t *ret_len);
void spill(const struct box *box, const char *name, const unsigned char *bytes, size_t len);
/** Writes bytes into a file that is there. */
void poke(const struct box *box, const char *name, size_t offset, const void *bytes, size_t len);
/** Whether any file of the folder has these bytes in it. */
bool folder_has(const struct box *box, const char *text);

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_box, remove_box)

#endif
