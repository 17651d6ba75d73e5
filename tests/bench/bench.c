/*
 * bench load  [OPTION…] ADDRESS CLIENTS SECONDS   clients that report; load.h has the options
 * bench hello [OPTION…] ADDRESS CLIENTS SECONDS   clients that handshake; needs --sealed
 * bench echo  [OPTION…] ADDRESS CLIENTS SECONDS   reports to bench_echo, which stores nothing
 * bench idle ADDRESS COUNT PID                    resident memory of PID per idle connection
 * bench sync FOLDER SECONDS BYTES append|zeroed   fdatasyncs, to compare with
 * bench devices COUNT                             devices.csv for the devices that --sealed speaks
 * as bench areas | posts | holdings                  rows of the town, behind the golden ones
 *
 *   --sealed KEYS   sealed, to the server whose keys are in the folder KEYS
 *   --first N       the first client is device N, counted from 0
 *
 * The first five print one line of key=value pairs.
 */
#include "bench/bench.h"

#include "bench/devices.h"
#include "bench/town.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct load_peer *peer_of(const char *word, const struct load_ask *ask)
{
    if (strcmp(word, "load") == 0)
        return ask->keys != NULL ? &bench_sealed : &bench_reports;
    if (strcmp(word, "hello") == 0 && ask->keys != NULL)
        return &bench_hello;
    return strcmp(word, "echo") == 0 ? &bench_echo : NULL;
}

static int usage(void)
{
    fputs("usage: bench load|hello|echo|idle|sync|devices|areas|posts|holdings … (see bench.c)\n",
          stderr);
    return 64;
}

/* argv[0] is the word that says which peer. */
static int load(int argc, char **argv)
{
    struct load_ask ask;

    if (!load_read(argc, argv, &ask))
        return 64;
    const struct load_peer *peer = peer_of(argv[0], &ask);
    return peer != NULL ? load_run(peer, &ask) : usage();
}

int main(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "";

    if (strcmp(word, "idle") == 0 && argc == 5)
        return bench_idle(argv[2], atoi(argv[3]), argv[4]);
    if (strcmp(word, "sync") == 0 && argc == 6)
        return bench_sync(argv[2], atof(argv[3]), strtoul(argv[4], NULL, 10),
                          strcmp(argv[5], "zeroed") == 0);
    if (strcmp(word, "devices") == 0 && argc == 3) {
        bench_devices((unsigned)strtoul(argv[2], NULL, 10));
        return 0;
    }
    if (argc == 2 && town_print(word))
        return 0;
    return argc > 2 ? load(argc - 1, argv + 1) : usage();
}
