/*
 * bench_many [OPTION…] WORD …
 *
 *   devices COUNT CONFIG        a devices.csv for the devices 0 to COUNT - 1: the city's officers
 *   auditors COUNT CONFIG       the same with the role auditor, for followers of everything
 *   crowd ADDRESS COUNT         handsets that come and stay; stdin tells them what to do (crowd.c)
 *   pace ADDRESS CLIENTS RATE SECONDS
 *                               reports at RATE a second; 0: each client as fast as it is answered
 *   follow ADDRESS COUNT RATE SECONDS
 *                               followers beside reports that write RATE entries a second
 *   pages ADDRESS               first pages of all kinds of query
 *   assess ADDRESS FROM TO      an assessment by each kind of unit; times ISO 8601 with zone
 *   late ADDRESS SEQ            how late the steps were that were recorded after SEQ
 *   caught ADDRESS SEQ          waits for what a start says behind SEQ when it has caught up
 *   ready SOCKET                waits at SOCKET, as systemd, until a daemon says READY=1, and
 *                               prints the time in ns since 1970
 *   disk FOLDER                 bytes that the disk below it has written by now (usage.h)
 *
 *   --config DIR    the city whose officers speak
 *   --keys DIR      sealed, to the server of these keys
 *   --first N       the first client is device N, counted from 0
 *   --own           follow: each its own community, in place of everything
 *
 * Each but devices, auditors, ready and disk prints lines of key=value pairs.
 */
#include "bench/many.h"
#include "bench/usage.h"

#include "base/clocktext.h"

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static struct many_ask ask;
static const char *config;

static bool read_options(int argc, char **argv)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {"keys", required_argument, NULL, 'k'},
                                            {"first", required_argument, NULL, 'f'},
                                            {"own", no_argument, NULL, 'o'},
                                            {0}};
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'c')
            config = optarg;
        else if (option == 'k')
            ask.keys = optarg;
        else if (option == 'f')
            ask.first = (uint32_t)strtoul(optarg, NULL, 10);
        else if (option == 'o')
            ask.own = true;
        else
            return false;
    }
    return true;
}

static int print_devices(const char *count, const char *folder, const char *role)
{
    char text[GP_KEY_TEXT];
    struct gp_keypair pair;
    uint32_t most = (uint32_t)strtoul(count, NULL, 10);

    city_open(&ask.city, folder, NULL);
    if (ask.first == 0)
        puts("person,role,key,label");
    for (uint32_t i = ask.first; i < ask.first + most; i++) {
        fleet_device(i, &pair);
        gp_key_format(pair.public, text);
        printf("%.*s,%s,%s,bench\n", GP_SPAN_ARG(city_grid_of(&ask.city, i)->officer), role, text);
    }
    return 0;
}

/* ---------------------------------------------------------------- systemd's end */

static int wait_ready(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    char message[1024];
    struct timespec now;
    ssize_t len;

    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    (void)unlink(path);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        perror(path);
        return 1;
    }
    do {
        len = recv(fd, message, sizeof message - 1, 0);
        (void)clock_gettime(CLOCK_REALTIME, &now);
        message[len > 0 ? len : 0] = '\0';
    } while (len >= 0 && strstr(message, "READY=1") == NULL);
    (void)unlink(path);
    printf("%lld%09ld\n", (long long)now.tv_sec, now.tv_nsec);
    return 0;
}

/* ---------------------------------------------------------------- words */

static int print_disk(const char *folder)
{
    double bytes = usage_disk_bytes(folder);

    if (isnan(bytes)) {
        fprintf(stderr, "bench_many: %s: not on a disk that counts\n", folder);
        return 1;
    }
    printf("%.0f\n", bytes);
    return 0;
}

static int assess(const char *from, const char *to)
{
    int64_t from_ms, to_ms;

    if (gp_instant_parse(gp_span_of(from), &from_ms) != 0 ||
        gp_instant_parse(gp_span_of(to), &to_ms) != 0) {
        fputs("bench_many: write 2026-10-01T00:00+08:00\n", stderr);
        return 64;
    }
    return many_assess(&ask, from_ms, to_ms);
}

/* Words that need an address and a city. argv[0] is the word. */
static int ask_daemon(int argc, char **argv)
{
    const char *word = argv[0];

    ask.address = argv[1];
    city_open(&ask.city, config, NULL);
    if (argc > 2)
        ask.count = (uint32_t)strtoul(argv[2], NULL, 10);
    if (argc > 4) {
        ask.rate = strtod(argv[3], NULL);
        ask.seconds = strtod(argv[4], NULL);
    }
    if (strcmp(word, "crowd") == 0 && argc == 3)
        return many_crowd(&ask);
    if (strcmp(word, "pace") == 0 && argc == 5)
        return many_pace(&ask);
    if (strcmp(word, "follow") == 0 && argc == 5)
        return many_follow(&ask);
    if (strcmp(word, "pages") == 0 && argc == 2)
        return many_pages(&ask);
    if (strcmp(word, "assess") == 0 && argc == 4)
        return assess(argv[2], argv[3]);
    if (strcmp(word, "late") == 0 && argc == 3)
        return many_late(&ask, strtoull(argv[2], NULL, 10));
    if (strcmp(word, "caught") == 0 && argc == 3)
        return many_caught(&ask, strtoull(argv[2], NULL, 10));
    return 64;
}

int main(int argc, char **argv)
{
    int rc = 64;

    if (read_options(argc, argv) && argc - optind >= 2) {
        argv += optind;
        argc -= optind;
        if (strcmp(argv[0], "devices") == 0 && argc == 3)
            rc = print_devices(argv[1], argv[2], "officer");
        else if (strcmp(argv[0], "auditors") == 0 && argc == 3)
            rc = print_devices(argv[1], argv[2], "auditor");
        else if (strcmp(argv[0], "ready") == 0 && argc == 2)
            rc = wait_ready(argv[1]);
        else if (strcmp(argv[0], "disk") == 0 && argc == 2)
            rc = print_disk(argv[1]);
        else if (config != NULL)
            rc = ask_daemon(argc, argv);
    }
    if (rc == 64)
        fputs("usage: see the top of tests/bench/many.c\n", stderr);
    return rc;
}
