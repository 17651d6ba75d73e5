/* States as folders of files. */
#include "power/disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int remove_one(const char *name, const struct stat *stat, int kind, struct FTW *walk)
{
    (void)stat;
    (void)kind;
    (void)walk;
    return remove(name);
}

static void write_one(const char *path, const struct image_file *file)
{
    size_t done = 0;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0)
        power_fail("%s: %s", path, strerror(errno));
    while (done < file->len) {
        ssize_t got = write(fd, file->bytes + done, file->len - done);
        if (got <= 0)
            power_fail("%s: %s", path, strerror(errno));
        done += (size_t)got;
    }
    (void)close(fd); /* nothing of it is to last */
}

void image_write(const struct image *image, const char *folder)
{
    char path[512];

    (void)nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS); /* it may not be there */
    if (mkdir(folder, 0700) != 0)
        power_fail("%s: %s", folder, strerror(errno));
    for (size_t i = 0; i < image->count; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, image->file[i].path);
        if (!image->file[i].folder)
            write_one(path, &image->file[i]);
        else if (mkdir(path, 0700) != 0)
            power_fail("%s: %s", path, strerror(errno));
    }
}

/* ---------------------------------------------------------------- reading */

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_named(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static void read_one(struct image *image, const char *path, size_t at)
{
    unsigned char *bytes = image->pool + image->used;
    struct stat stat;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &stat) != 0 || (size_t)stat.st_size > IMAGE_POOL_BYTES - image->used ||
        read(fd, bytes, (size_t)stat.st_size) != stat.st_size)
        power_fail("%s: %s", path, strerror(errno));
    (void)close(fd); /* only read */
    image->used += (size_t)stat.st_size;
    image->file[at].bytes = bytes;
    image->file[at].len = (size_t)stat.st_size;
}

static void read_folder(struct image *image, const char *root, const char *below)
{
    char path[512];
    struct dirent **names;
    struct stat stat;

    (void)snprintf(path, sizeof path, "%s/%s", root, below);
    int count = scandir(path, &names, is_named, by_name);
    for (int i = 0; i < count; i++) {
        size_t at = image->count;
        char inner[sizeof image->file->path];
        memcpy(inner, image_add(image, below, names[i]->d_name)->path, sizeof inner);
        (void)snprintf(path, sizeof path, "%s/%s", root, inner);
        if (lstat(path, &stat) != 0)
            power_fail("%s: %s", path, strerror(errno));
        image->file[at].folder = S_ISDIR(stat.st_mode);
        if (image->file[at].folder)
            read_folder(image, root, inner);
        else
            read_one(image, path, at);
        free(names[i]);
    }
    if (count >= 0)
        free(names);
}

void image_read(struct image *image, const char *folder)
{
    image->count = 0;
    image->used = 0;
    read_folder(image, folder, "");
}

/* ---------------------------------------------------------------- proving */

static bool is_same(const struct image_file *told, const struct image_file *found)
{
    if (strcmp(told->path, found->path) != 0 || told->folder != found->folder)
        return false;
    if (strstr(told->path, "lock.mdb") != NULL)
        return true;
    return told->len == found->len &&
           (told->len == 0 || memcmp(told->bytes, found->bytes, told->len) == 0);
}

void image_prove(const struct trace *trace, const char *folder)
{
    struct image told, found;
    struct disk disk;

    image_open(&told);
    image_open(&found);
    disk_open(&disk, trace);
    disk_advance(&disk, trace->count);
    image_choose_all(&told, &disk);
    image_read(&found, folder);
    for (size_t i = 0; i < told.count || i < found.count; i++) {
        if (i >= told.count || i >= found.count || !is_same(&told.file[i], &found.file[i]))
            power_fail("%s: the recorder has missed something of %s", trace->path,
                       i < found.count ? found.file[i].path : told.file[i].path);
    }
    disk_close(&disk);
    image_close(&told);
    image_close(&found);
}
