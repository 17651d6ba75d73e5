/* What the programs around the loop share: options, sockets, the clock, the last word. */
#include "bench/load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

double load_now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

void load_die(const char *format, ...)
{
    va_list words;

    va_start(words, format);
    fputs("bench: ", stderr);
    vfprintf(stderr, format, words);
    fputc('\n', stderr);
    va_end(words);
    exit(1);
}

/* ---------------------------------------------------------------- options */

static const struct option options[] = {
    {"connections", required_argument, NULL, 'c'}, {"rate", required_argument, NULL, 'r'},
    {"fill", required_argument, NULL, 'l'},        {"pid", required_argument, NULL, 'p'},
    {"disk", required_argument, NULL, 'd'},        {"sealed", required_argument, NULL, 's'},
    {"first", required_argument, NULL, 'f'},       {0}};

static bool take_option(int option, const char *value, struct load_ask *ask)
{
    switch (option) {
    case 'c':
        ask->connections = atoi(value);
        return ask->connections > 0 && ask->connections <= LOAD_CLIENTS_MAX;
    case 'r':
        ask->rate = atof(value);
        return ask->rate > 0;
    case 'l':
        ask->fill = strtoul(value, NULL, 10);
        return ask->fill > 0;
    case 'p':
        if (ask->pid_count == LOAD_PIDS_MAX)
            return false;
        ask->pids[ask->pid_count++] = atoi(value);
        return true;
    case 'd':
        ask->disk = value;
        return true;
    case 's':
        ask->keys = value;
        return true;
    case 'f':
        ask->first = (unsigned)strtoul(value, NULL, 10);
        return true;
    default:
        return false;
    }
}

static bool read_words(char **words, struct load_ask *ask)
{
    ask->address = words[0];
    ask->clients = atoi(words[1]);
    ask->seconds = atof(words[2]);
    return ask->clients > 0 && ask->clients <= LOAD_CLIENTS_MAX && ask->seconds > 0;
}

bool load_read(int argc, char **argv, struct load_ask *ret_ask)
{
    struct load_ask ask = {0};
    bool good = true;
    int option;

    while (good && (option = getopt_long(argc, argv, "", options, NULL)) != -1)
        good = take_option(option, optarg, &ask);
    if (!good || argc - optind != 3 || !read_words(argv + optind, &ask)) {
        fputs("usage: [--connections N] [--rate N] [--fill N] [--pid PID]… [--disk FOLDER] "
              "ADDRESS CLIENTS SECONDS\n",
              stderr);
        return false;
    }
    *ret_ask = ask;
    return true;
}

/* ---------------------------------------------------------------- sockets */

static int connect_unix(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (strlen(path) >= sizeof address.sun_path)
        load_die("%s: too long for a socket's path", path);
    memcpy(address.sun_path, path, strlen(path));
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        load_die("%s: %m", path);
    return fd;
}

static int connect_tcp(const char *host)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    char name[INET_ADDRSTRLEN] = "";
    unsigned short port;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), at_once = 1;

    if (sscanf(host, "%15[0-9.]:%hu", name, &port) != 2 ||
        inet_pton(AF_INET, name, &address.sin_addr) != 1)
        load_die("%s: no IPv4 address with a port", host);
    address.sin_port = htons(port);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once) != 0)
        load_die("%s: %m", host);
    return fd;
}

int load_connect(const char *address)
{
    if (strncmp(address, "ipc://", 6) == 0)
        return connect_unix(address + 6);
    if (strncmp(address, "tcp://", 6) == 0)
        return connect_tcp(address + 6);
    load_die("%s: neither ipc:// nor tcp://", address);
}

void load_put(int fd, const void *bytes, size_t len)
{
    if (send(fd, bytes, len, MSG_NOSIGNAL) != (ssize_t)len)
        load_die("a message was not taken: %m");
}

size_t load_take(int fd, void *to, size_t room)
{
    ssize_t len = recv(fd, to, room, MSG_DONTWAIT);

    if (len > 0)
        return (size_t)len;
    if (len < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    load_die(len == 0 ? "the server hung up" : "recv: %m");
}
