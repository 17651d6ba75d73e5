/* What the machine and the daemon's process say of themselves: memory, disk. */
#include "bench/bench.h"

#include <fcntl.h>
#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static long resident_kib(const char *pid)
{
    char path[64], line[256];
    long kib = -1;
    FILE *file;

    (void)snprintf(path, sizeof path, "/proc/%s/status", pid);
    file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "VmRSS: %ld", &kib) == 1)
            break;
    }
    if (file != NULL)
        (void)fclose(file);
    return kib;
}

int bench_idle(const char *address, int count, const char *pid)
{
    int socket = nn_socket(AF_SP, NN_REQ);
    long before = resident_kib(pid);
    struct timespec settle = {2, 0};

    for (int i = 0; i < count; i++) {
        if (socket < 0 || nn_connect(socket, address) < 0)
            load_die("connect: %s", nn_strerror(nn_errno()));
    }
    (void)nanosleep(&settle, NULL);
    printf("connections=%d rss_before_kib=%ld rss_after_kib=%ld per_connection_bytes=%ld\n", count,
           before, resident_kib(pid), (resident_kib(pid) - before) * 1024 / count);
    return 0;
}

/* ---------------------------------------------------------------- disk */

#define ZEROED_BYTES ((size_t)64 * 1024 * 1024)
#define SYNCS_MAX    1000000

static float syncs[SYNCS_MAX]; /* milliseconds */

/* A file to write into: empty, or of zeros that are on disk already. */
static int make_file(const char *path, const char *block, size_t bytes, bool zeroed)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    for (size_t at = 0; fd >= 0 && zeroed && at < ZEROED_BYTES; at += bytes) {
        if (write(fd, block, bytes) != (ssize_t)bytes)
            load_die("%s: %m", path);
    }
    if (fd < 0 || fsync(fd) != 0)
        load_die("%s: %m", path);
    return fd;
}

static size_t sync_for(int fd, const char *block, size_t bytes, bool zeroed, double seconds)
{
    double start = load_now(), now = start;
    size_t count = 0;

    while (now - start < seconds && count < SYNCS_MAX) {
        size_t at = zeroed ? count * bytes % (ZEROED_BYTES / bytes * bytes) : count * bytes;
        double before = now;
        if (pwrite(fd, block, bytes, (off_t)at) != (ssize_t)bytes || fdatasync(fd) != 0)
            load_die("fdatasync: %m");
        now = load_now();
        syncs[count++] = (float)((now - before) * 1000);
    }
    return count;
}

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

int bench_sync(const char *folder, double seconds, size_t bytes, bool zeroed)
{
    char path[4096], *block = bytes > 0 && bytes <= ZEROED_BYTES ? calloc(1, bytes) : NULL;

    if (block == NULL)
        load_die("not so many bytes");
    (void)snprintf(path, sizeof path, "%s/bench-sync", folder);
    int fd = make_file(path, block, bytes, zeroed);
    memset(block, 'x', bytes);
    size_t count = sync_for(fd, block, bytes, zeroed, seconds);
    (void)close(fd);
    (void)unlink(path);
    free(block);
    qsort(syncs, count, sizeof *syncs, by_value);
    printf("bytes=%zu fdatasync_per_second=%.0f p50_ms=%.3f p95_ms=%.3f p99_ms=%.3f max_ms=%.3f\n",
           bytes, (double)count / seconds, (double)syncs[count / 2],
           (double)syncs[count * 95 / 100], (double)syncs[count * 99 / 100],
           (double)syncs[count - 1]);
    return 0;
}
