/**
 * A disk as a trace tells of it, and what may be on it when the power goes. The model is that of
 * ALICE (Pillai et al., OSDI 2014) and CrashMonkey (Mohan et al., OSDI 2018), with torn sectors:
 *
 *   - A file is its bytes and its size. A write changes sectors of 512 bytes, and each of them by
 *     itself is on the disk or not. The page cache holds one version of a sector at a time, so what
 *     is there of a sector is what it was after some write or other: never a later write without an
 *     earlier one's bytes beside it.
 *   - The size comes by itself: it may be there before the bytes, which are zeros then, or they
 *     before it, and then they are not seen.
 *   - fsync and fdatasync make durable what had returned before they began, once they have
 *     returned: bytes and size, but not the file's name. A sync that is under way promises nothing.
 *     A write through O_DSYNC is durable when it has returned.
 *   - A folder is its names. Making, renaming and removing are each there or not; one that concerns
 *     a name or a file of an earlier one not without that. fsync of the folder makes durable what
 *     had returned before it began. A rename takes the old name and gives the new one at once.
 *   - What had begun when the power went may be there, whether it had returned or not.
 *
 * Not modelled: a disk that loses what it said was flushed, sectors torn within, bytes that nobody
 * wrote, and a sector that loses its old bytes while the same ones are written over it (see
 * docs/ARCHITECTURE.md, "What is asked of the disk").
 *
 * A state of the disk is a pure function of trace, cut and choice.
 */
#ifndef GP_TESTS_POWER_DISK_H
#define GP_TESTS_POWER_DISK_H

#include "power/trace.h"

#include <stdbool.h>

#define DISK_SECTOR 512
#define DISK_NAME   64 /* bytes of a name, with its NUL */

/** A write or truncation that no sync covers yet. */
struct disk_op {
    size_t began, ended;        /* items of the trace; SIZE_MAX: it has not returned */
    uint64_t at, size;          /* what it changes */
    const unsigned char *bytes; /* in the trace; NULL: zeros */
    bool truncates;
    uint64_t size_after; /* of the file, as the process sees it */
};

struct disk_name {
    char name[DISK_NAME];
    unsigned node;
};

enum disk_turn { DISK_LINK, DISK_UNLINK, DISK_MOVE };

/** A change of names that no sync covers yet. */
struct disk_name_op {
    size_t at; /* item of the trace */
    enum disk_turn turn;
    struct disk_name was; /* LINK: the new name */
    char to[DISK_NAME];   /* MOVE */
    bool replaces;        /* MOVE: a file that had that name … */
    unsigned replaced;    /* … this one */
};

struct disk_names {
    struct disk_name *item;
    size_t count, room;
};

struct disk_node {
    bool folder;
    /* a file: what is on the disk for sure, and what may be */
    unsigned char *base; /* base_room bytes; zeros where nothing was written */
    size_t base_room;
    uint64_t base_size, size;
    struct disk_op *op;
    size_t ops, op_room;
    /* a folder: likewise, and what the process sees */
    struct disk_names names, now;
    struct disk_name_op *name_op;
    size_t name_ops, name_op_room;
};

struct disk {
    const struct trace *trace;
    size_t next;             /* item */
    struct disk_node **node; /* 0 is the root */
    size_t nodes, node_room;
    struct disk_handle { /* of the process under way, by number */
        unsigned node;
        bool durable; /* O_DSYNC */
    } * handle;
    size_t handles, handle_room;
    size_t *call; /* by number: the item that began it */
    size_t calls, call_room;
    uint64_t promised; /* the last entry that was answered for */
};

void disk_open(struct disk *disk, const struct trace *trace);
void disk_close(struct disk *disk);

/** Goes on to a cut: the items before it have come to pass. Requires: it lies ahead. */
void disk_advance(struct disk *disk, size_t cut);

/** Puts a name into a list, over the one that is there; takes one out. */
void disk_names_put(struct disk_names *names, const char *name, unsigned node);
void disk_names_drop(struct disk_names *names, const char *name);
void disk_names_apply(struct disk_names *names, const struct disk_name_op *op);

/* ---------------------------------------------------------------- states */

#define IMAGE_POOL_BYTES ((size_t)1 << 28) /* address space; what is not used costs nothing */

struct image_file {
    char path[4 * DISK_NAME];
    bool folder;
    const unsigned char *bytes;
    size_t len;
};

/** What is on the disk: files and folders, each folder before what lies in it. */
struct image {
    struct image_file *file;
    size_t count, room;
    uint64_t hash;
    unsigned char *pool; /* of the bytes */
    size_t used;
    /* scratch */
    unsigned char *torn;
    size_t torn_room;
};

void image_open(struct image *image);
void image_close(struct image *image);

/** Adds a file without bytes, or a folder. */
struct image_file *image_add(struct image *image, const char *folder, const char *name);

/** The state that a choice, any number, makes of the disk at its cut. Lifetime: until the next. */
void image_choose(struct image *image, const struct disk *disk, uint64_t choice);

/** The state in which everything came to the disk. */
void image_choose_all(struct image *image, const struct disk *disk);

/** The state that a folder is in; paths are relative to it. Lifetime: as above. */
void image_read(struct image *image, const char *folder);

/**
 * Fails unless a folder's files are those of the trace when all of it came to the disk: then the
 * recorder has missed nothing. LMDB's lock file, which is written through a mapping, is left out.
 */
void image_prove(const struct trace *trace, const char *folder);

/** Writes it below a folder, which is made anew. */
void image_write(const struct image *image, const char *folder);

/** The words for a choice, for whoever looks into a failure. */
const char *image_choice_name(uint64_t choice);

#endif
