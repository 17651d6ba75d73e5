/**
 * The pages' files: read whole at start, served from memory with an ETag, packed where the browser
 * takes gzip. Nothing is looked for in a file system later, so no path can lead out of it.
 */
#ifndef GP_WEB_FILES_H
#define GP_WEB_FILES_H

#include "web/http.h"

#define GP_FILES_MAX       512
#define GP_FILES_BYTES_MAX (32u * 1024 * 1024) /* all together */

struct gp_files;

/**
 * Reads a folder and what is below it. A file NAME.gz beside NAME is its packed form. Links and
 * names that begin with a dot are passed over.
 *
 * Errors: GP_ENOTFOUND: no such folder, or no index.html in it; GP_ELIMIT; GP_EIO; GP_ENOMEM
 */
int gp_files_read(const char *folder, struct gp_files **ret_files);
void gp_files_free(struct gp_files *files); /* accepts NULL */

unsigned gp_files_count(const struct gp_files *files);

/** Answers with the file of a path ("/app.js"); false: there is none, and nothing was answered. */
bool gp_files_serve(const struct gp_files *files, struct gp_exchange *exchange, const char *path);

#endif
