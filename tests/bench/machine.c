/* What the machine and the daemon's process say of themselves: memory, disk. */
#include "bench/bench.h"

#include <fcntl.h>
#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>
#include <stdio.h>
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
            bench_die("connect");
    }
    (void)nanosleep(&settle, NULL);
    printf("connections=%d rss_before_kib=%ld rss_after_kib=%ld per_connection_bytes=%ld\n", count,
           before, resident_kib(pid), (resident_kib(pid) - before) * 1024 / count);
    return 0;
}

int bench_sync(const char *folder, double seconds)
{
    static const char block[4096];
    char path[4096];
    size_t count = 0;
    double start;

    (void)snprintf(path, sizeof path, "%s/bench-sync", folder);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    for (start = bench_now(); fd >= 0 && bench_now() - start < seconds; count++) {
        if (write(fd, block, sizeof block) != (ssize_t)sizeof block || fdatasync(fd) != 0) {
            perror(path);
            return 1;
        }
    }
    (void)close(fd);
    (void)unlink(path);
    printf("fdatasync_per_second=%.0f\n", (double)count / (bench_now() - start));
    return 0;
}
