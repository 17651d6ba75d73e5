/** Subcommands on a store that no daemon has open: verify --store, export, import --store. */
#ifndef GP_CLI_STORES_H
#define GP_CLI_STORES_H

#include "gridpost/cli.h"

#define GP_STORE_DIGEST_BYTES 32

/** Whether --store is among the arguments. */
bool gp_stores_is_asked(int argc, char **argv);

/** Says why a store could not be opened, made or read. Returns an exit code. */
int gp_stores_failed(const char *path, int error);

/** Shows on a terminal how far it is; part NULL: the line goes. */
void gp_stores_progress(const char *part, uint64_t done, uint64_t of);

int gp_cmd_verify_store(int argc, char **argv);
int gp_cmd_import_store(int argc, char **argv);

#endif
