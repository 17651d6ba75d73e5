/**
 * A small configuration folder that is right, in a temporary place, to be edited by a test.
 */
#ifndef GP_TESTS_ORG_FOLDER_H
#define GP_TESTS_ORG_FOLDER_H

#include "org/directory.h"

struct folder {
    char path[64];
};

/** Makes a folder with the good configuration of folder.c. */
void folder_open(struct folder *folder);
/** Removes it with everything inside. */
void folder_close(struct folder *folder);

/** Writes one file, as it is. */
void folder_put(struct folder *folder, const char *file, const char *text, size_t len);
/** The text of a file; the caller frees it. */
char *folder_get(const struct folder *folder, const char *file);
void folder_remove(struct folder *folder, const char *file);
/** Makes a folder, or a link to nowhere, under a file's name. */
void folder_make_folder(struct folder *folder, const char *name);
void folder_make_link(struct folder *folder, const char *name);

/** Replaces the first `from` of a file, which must be there; "" appends, NULL replaces all. */
void folder_edit(struct folder *folder, const char *file, const char *from, const char *to);

/* What loading gave. */
struct loaded {
    int rc;
    struct gp_findings findings;
    struct gp_directory *directory; /* NULL unless rc is 0 */
    const struct gp_org *org;
};

void folder_load(const struct folder *folder, struct loaded *ret_loaded);
/** The same, for a folder that must load without any finding. */
void folder_load_good(const struct folder *folder, struct loaded *ret_loaded);
void loaded_release(struct loaded *loaded);
/** Prints every finding, for a test that is about to fail. */
void findings_print(const struct gp_findings *findings);

/** "2026-10-01T08:00+08:00" to milliseconds. */
int64_t at(const char *text);

#endif
