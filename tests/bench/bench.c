/*
 * bench load ADDRESS CLIENTS SECONDS [CATEGORY]
 *                             closed-loop clients, each with one report in flight
 * bench hello ADDRESS CLIENTS SECONDS
 *                             closed-loop clients that handshake; needs --sealed
 * bench fill ADDRESS COUNT    COUNT reports that stay open, 256 clients
 * bench idle ADDRESS COUNT PID
 *                             resident memory of PID per idle connection
 * bench sync FOLDER SECONDS   fdatasyncs of 4 KiB appends per second, to compare with
 * bench devices COUNT         a devices.csv for the devices that --sealed speaks as
 *
 *   --sealed KEYS   sealed, to the server whose keys are in the folder KEYS
 *   --first N       the first client is device N, counted from 0
 *
 * Each but `devices` prints one line of key=value pairs.
 */
#include "bench/bench.h"

#include <getopt.h>
#include <nanomsg/nn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void bench_die(const char *text)
{
    fprintf(stderr, "bench: %s: %s\n", text, nn_strerror(nn_errno()));
    exit(1);
}

double bench_now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static const struct option options[] = {
    {"sealed", required_argument, NULL, 's'}, {"first", required_argument, NULL, 'f'}, {0}};

static bool read_options(int argc, char **argv, struct bench_ask *ask)
{
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 's')
            ask->keys = optarg;
        else if (option == 'f')
            ask->first = (unsigned)strtoul(optarg, NULL, 10);
        else
            return false;
    }
    return true;
}

static bool read_ask(int argc, char **argv, struct bench_ask *ask)
{
    if (argc < 4)
        return false;
    ask->address = argv[1];
    ask->clients = atoi(argv[2]);
    ask->seconds = atof(argv[3]);
    ask->category = argc > 4 ? argv[4] : "l5";
    return ask->clients > 0 && ask->clients <= BENCH_CLIENTS_MAX;
}

/* argv[0] is the word that says what to do. */
static int run(int argc, char **argv, struct bench_ask *ask)
{
    const char *word = argc > 0 ? argv[0] : "";

    if (strcmp(word, "load") == 0 && read_ask(argc, argv, ask))
        return bench_load(ask);
    if (strcmp(word, "hello") == 0 && ask->keys != NULL && read_ask(argc, argv, ask))
        return bench_hello(ask);
    if (strcmp(word, "fill") == 0 && argc == 3)
        return bench_fill(argv[1], (size_t)atol(argv[2]));
    if (strcmp(word, "idle") == 0 && argc == 4)
        return bench_idle(argv[1], atoi(argv[2]), argv[3]);
    if (strcmp(word, "sync") == 0 && argc == 3)
        return bench_sync(argv[1], atof(argv[2]));
    if (strcmp(word, "devices") == 0 && argc == 2)
        return bench_devices((unsigned)strtoul(argv[1], NULL, 10));
    fputs("usage: bench load|hello|fill|idle|sync|devices … (see bench.c)\n", stderr);
    return 64;
}

int main(int argc, char **argv)
{
    struct bench_ask ask = {0};

    if (!read_options(argc, argv, &ask))
        return 64;
    return run(argc - optind, argv + optind, &ask);
}
