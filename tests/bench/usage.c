#include "bench/usage.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define SECTOR_BYTES 512 /* in the kernel's figures, whatever the disk has */

/* Fields 14 to 17: utime, stime, cutime, cstime, in ticks; the name before them ends with ')'. */
static double processor_s(int pid)
{
    char path[64], line[1024] = "";
    long ticks[4] = {0};

    (void)snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return 0;
    (void)!fgets(line, sizeof line, file);
    (void)fclose(file);
    const char *behind = strrchr(line, ')');
    if (behind == NULL ||
        sscanf(behind + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld %ld %ld",
               &ticks[0], &ticks[1], &ticks[2], &ticks[3]) != 4)
        return 0;
    return (double)(ticks[0] + ticks[1] + ticks[2] + ticks[3]) / (double)sysconf(_SC_CLK_TCK);
}

double usage_processor_s(const int *pids, int count)
{
    double sum = 0;
    char path[64];
    int child;

    for (int i = 0; i < count; i++) {
        sum += processor_s(pids[i]);
        (void)snprintf(path, sizeof path, "/proc/%d/task/%d/children", pids[i], pids[i]);
        FILE *children = fopen(path, "r");
        while (children != NULL && fscanf(children, "%d", &child) == 1)
            sum += usage_processor_s(&child, 1);
        if (children != NULL)
            (void)fclose(children);
    }
    return sum;
}

static double sectors_written(dev_t device)
{
    char path[64];
    double sectors = NAN;

    (void)snprintf(path, sizeof path, "/sys/dev/block/%u:%u/stat", major(device), minor(device));
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return NAN;
    if (fscanf(file, "%*s %*s %*s %*s %*s %*s %lf", &sectors) != 1)
        sectors = NAN;
    (void)fclose(file);
    return sectors;
}

double usage_disk_bytes(const char *folder)
{
    struct stat about;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    double sectors = NAN;

    if (fd < 0)
        return NAN;
    if (syncfs(fd) == 0 && fstat(fd, &about) == 0)
        sectors = sectors_written(about.st_dev);
    (void)close(fd);
    return sectors * SECTOR_BYTES;
}
