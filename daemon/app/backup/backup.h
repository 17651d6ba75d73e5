/**
 * Backups: copies of the store in a folder of their own, each whole, checked and synced under its
 * final name, or not there.
 *
 *   label.c   names, and what is written beside a copy
 *   shelf.c   the folder of backups: putting one there, taking old ones away
 *   child.c   gridpostd itself on a copy, in a process of its own
 *   backup.c  the job: copy, compact, verify, finish
 *   list.c    what backups there are
 *   restore.c offline: a backup becomes a store again
 */
#ifndef GP_APP_BACKUP_BACKUP_H
#define GP_APP_BACKUP_BACKUP_H

#include "app/internal.h"

#include <stdio.h>

/* ---------------------------------------------------------------- label.c */

#define GP_LABEL_NAME_BYTES 48

/* What is known of a backup without opening it: in its file backup.json. */
struct gp_label {
    int64_t at_ms; /* effective time, whole seconds: what was acknowledged before is in it */
    uint64_t seq;  /* the journal's last entry, and its hash */
    unsigned char hash[32];
    bool drill;
};

/** "2026-11-26T12-00-00Z-41873": its second, UTC, and seq. Thread: any. */
void gp_label_name(const struct gp_label *label, char ret_name[GP_LABEL_NAME_BYTES]);
/** Reads time and seq from a name; false: gp_label_name makes no such name. Thread: any. */
bool gp_label_parse(const char *name, struct gp_label *ret_label);
/** Writes backup.json into a folder, synced. Errors: as gp_file_write. */
int gp_label_write(const char *folder, const struct gp_label *label);
/** Errors: GP_ENOTFOUND there is no such file; GP_EFORMAT, GP_EIO. */
int gp_label_read(const char *folder, struct gp_label *ret_label);
/** A hash as 64 hex digits. */
void gp_label_hex(const unsigned char hash[32], char ret_text[65]);

/* ---------------------------------------------------------------- shelf.c
 * A name that is none of ours is never touched. Thread: any, one at a time
 */

#define GP_SHELF_PATH_MAX 512
#define GP_SHELF_TMP      ".tmp-backup-" /* under way; or on its way out */

/** Makes the folder where it is not there, and removes what a process that died has left under way.
 * Errors: GP_ENOTFOUND its parent is missing; GP_EINVAL others may write in it; GP_EIO, GP_ENOSPC.
 */
int gp_shelf_prepare(const char *shelf);

/* A backup that is there. */
struct gp_shelved {
    struct gp_label label; /* time and seq, as its name says */
    uint64_t bytes;        /* of the disk */
    bool verified;         /* its file backup.json, which is written last of all, says the same */
};

/** The newest backups, the newest first; no folder has none. What goes meanwhile may be there in
 * part. Errors: GP_EIO, GP_ENOMEM. */
int gp_shelf_list(const char *shelf, size_t max, struct gp_shelved *ret_shelved, size_t *ret_count);

/** When the newest backup was made; 0: there is none, or no folder. */
int64_t gp_shelf_newest(const char *shelf);

/**
 * Gives a copy its final name: everything in it is synced before, the folder behind.
 *
 * Requires: `copy` lies in the shelf, under a name that gp_shelf_prepare would remove
 * Errors:   GP_EEXIST one of that second and seq is there; GP_ELIMIT, GP_EIO, GP_ENOSPC. It has its
 *           name for good or not at all, as far as anybody knows
 */
int gp_shelf_put(const char *shelf, const char *copy, const struct gp_label *label);

/** Removes the oldest beyond `keep`, never the one that was just made. Errors: GP_EIO: some may be
 * left. */
int gp_shelf_thin(const char *shelf, int64_t keep, const struct gp_label *made);

/** Syncs all files of a folder and its folder journal, and both. Errors: GP_EIO. */
int gp_shelf_sync(const char *folder);

/* ---------------------------------------------------------------- list.c */

struct gp_lister {
    struct gp_job *job; /* that waits for the list; NULL: none does */
    const char *shelf;
    uv_work_t work;
};

/** Answers a job with what is kept, or "try again" while another one waits for that. Thread: loop.
 * Lifetime: of `shelf`: until lister->job is NULL. */
void gp_lister_start(struct gp_lister *lister, const char *shelf, struct gp_job *job);

/* ---------------------------------------------------------------- child.c */

enum gp_child_act { GP_CHILD_COMPACT, GP_CHILD_VERIFY };

#define GP_CHILD_WORDS 6

/** The arguments of gridpostd for an act on a store, NULL-ended. Lifetime: that of `store`. */
void gp_child_words(enum gp_child_act act, const char *store, bool drill,
                    const char *ret_words[GP_CHILD_WORDS]);

/** This very program, also when its file was replaced since it was started. */
#define GP_CHILD_PROGRAM "/proc/self/exe"

struct gp_child {
    void (*over)(void *context);
    void *context;
    uv_process_t process;
    uv_pipe_t said[2]; /* its standard output and error */
    char room[2][512];
    unsigned handles; /* open ones */
    bool runs;
    int64_t exit_code; /* behind `over`; -1: it was not started */
    int signal;
    char text[GP_TEXT_BYTES_MAX + 1]; /* what it said, as far as there is room; one line each */
    size_t text_len;
};

/** Starts it; over(context) is called when it has ended and said all. Thread: loop. */
void gp_child_start(struct gp_child *child, uv_loop_t *loop, enum gp_child_act act,
                    const char *store, bool drill);
/** Kills it, where it runs. */
void gp_child_kill(struct gp_child *child);

#endif
