/**
 * Checking a whole store that nobody else has open, part by part. Each part goes on behind what it
 * finds and tells of all of it; none writes to the store. inspect/ does them in a process that may
 * die of a damaged page.
 */
#ifndef GP_ENGINE_VERIFY_H
#define GP_ENGINE_VERIFY_H

#include "engine/engine.h"

#define GP_FLAW_KEY_BYTES  64
#define GP_FLAW_TEXT_BYTES 192

enum gp_flaw_kind {
    GP_FLAW_LOG,     /* a record, block or file of the journal: file, offset, first, last */
    GP_FLAW_ROW,     /* a row's checksum is wrong */
    GP_FLAW_FORM,    /* its checksum is right, and yet it is no row of its table */
    GP_FLAW_ASTRAY,  /* it is not found by its key */
    GP_FLAW_MISSING, /* a row that the journal, or its incident, says is there */
    GP_FLAW_EXTRA,   /* a row that they know nothing of */
    GP_FLAW_OTHER,   /* a row that says something else than they do */
    GP_FLAW_TABLE,   /* a table as a whole: missing, or with other rows than it says */
    GP_FLAW_PAGE,    /* a page of LMDB's, of a table or of none */
    GP_FLAW_TEXT,    /* a personal text is missing, or another one than was journalled */
    GP_FLAW_ENTRY,   /* an entry whose bytes are whole, but no fold can take */
    GP_FLAW_STORE,   /* the store as a whole: it does not open, or a check of it died */
};

/** Short name, as JSON has it: "row", "missing". Thread: any. */
const char *gp_flaw_name(enum gp_flaw_kind kind);

/* What is damaged. Fits into one write to a pipe. */
struct gp_flaw {
    uint8_t kind;      /* enum gp_flaw_kind */
    int8_t table;      /* enum gp_table; -1: of none */
    uint8_t key_bytes; /* of the key, cut at GP_FLAW_KEY_BYTES */
    unsigned char key[GP_FLAW_KEY_BYTES];
    uint64_t first, last; /* entries; first 0: of none; last UINT64_MAX: all from there on */
    uint64_t offset;      /* in the file, bytes */
    char file[64];        /* in journal/; "": of none */
    char text[GP_FLAW_TEXT_BYTES]; /* what is wrong, English, no data of the row */
};

static_assert(GP_TABLE_COUNT <= INT8_MAX, "gp_flaw.table holds a table");

struct gp_verify {
    void (*flaw)(void *context, const struct gp_flaw *flaw);
    void (*progress)(void *context, uint64_t done, uint64_t of); /* now and then */
    void *context;
};

/** A row's key for people: "area 340705006001000, incident 41". Thread: any. */
void gp_key_text(enum gp_table table, const unsigned char *key, size_t len, char *ret_text,
                 size_t room);

/**
 * All files of the journal (gp_store_check_log).
 *
 * Errors: as gp_store_check_log
 */
int gp_verify_log(const char *path, const struct gp_verify *verify,
                  struct gp_log_checked *ret_checked);

/** The pages that the tables lie in (gp_pages_check). Errors: GP_EIO, GP_ENOMEM. */
int gp_verify_pages(struct gp_store *store, const struct gp_verify *verify);

/**
 * Every row of one table: checksum, form, and that it is found by its key.
 *
 * Ensures: *ret_walkable: it ended where it says; else nobody should walk over it again
 * Errors:  GP_EIO, GP_ENOMEM
 */
int gp_verify_rows(struct gp_store *store, enum gp_table table, const struct gp_verify *verify,
                   bool *ret_walkable);

/**
 * The tables against the journal: its entries, folded into a throw-away store, must give the same
 * rows.
 *
 * Requires: the journal is whole; `scratch` is a folder of ours that is not there yet and may have
 *           as many bytes as the store; bit (1 << table) of `without`: that one is left out
 * Errors:   GP_ENOSPC, GP_EIO, GP_ENOMEM
 */
int gp_verify_fold(struct gp_store *store, const char *scratch, uint32_t without,
                   const struct gp_verify *verify);

/**
 * The indexes against the records that they are of, in both directions, where there is no journal
 * to go by: each record has all its rows, and each row a record that says the same.
 *
 * Requires, errors: as gp_verify_fold
 */
int gp_verify_index(struct gp_store *store, const char *scratch, uint32_t without,
                    const struct gp_verify *verify);

/**
 * Personal texts against their hashes in the journal, that none is gone but by `erase`, or as
 * words about people by their age. Entries that cannot be read are told of, and passed over with
 * their texts.
 *
 * Errors: GP_EIO, GP_ENOMEM
 */
int gp_verify_texts(struct gp_store *store, const struct gp_verify *verify,
                    struct gp_texts *ret_texts);

/** What meta says, against the journal. Errors: GP_EIO, GP_ENOMEM. */
int gp_verify_meta(struct gp_store *store, const struct gp_verify *verify);

/** Whether the tables have all of the journal, in this gridpost's form. Thread: any. */
int gp_verify_is_level(struct gp_store *store, bool *ret_level);

/** Brings them there: what a start of the daemon would do. Errors: as gp_engine_open. */
int gp_verify_catch_up(struct gp_store *store);

#endif
