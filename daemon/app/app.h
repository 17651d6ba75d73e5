/**
 * The daemon: loop, batches, clock, deadlines, readers, followers, signals, shutdown.
 */
#ifndef GP_APP_APP_H
#define GP_APP_APP_H

#include <stdbool.h>
#include <stdint.h>

struct gp_app_options {
    const char *config;                                           /* folder */
    const char *store, *keys, *socket, *socket_tcp, *edge, *hint; /* NULL: as gridpost.yaml says */
    bool insecure_local; /* unsealed messages are taken on `socket` and `socket_tcp` */
    bool drill;
    uint32_t clock_rate;    /* drill: times as fast; 1 otherwise */
    int64_t clock_start_ms; /* drill: effective time at start of an empty store; 0: now */
    bool check_only;        /* load the configuration, say what is wrong, exit */
    bool verify;            /* offline: check the whole store, exit */
    const char *backup;     /* NULL: as gridpost.yaml says, of the store that it names only */
    bool compact;           /* offline: write the tables anew, exit */
    const char *restore;    /* offline: make a store of this backup, exit */
    const char *rebuild;    /* offline: fold the journal into this new store and compare, exit */
};

/**
 * Reads the command line. Exits by itself on --help, --version and mistakes (64). Otherwise than 0
 * it returns when memory is out, and has said so.
 */
int gp_options_parse(int argc, char **argv, struct gp_app_options *ret_options);

/**
 * Runs the daemon until it is told to stop.
 *
 * Returns: the process's exit code: 0 stopped as told; 1 failed; 78 configuration, addresses or
 *          the store's kind are not usable: the same start would fail again; 75 the store is in use
 */
int gp_app_run(const struct gp_app_options *options);

#endif
