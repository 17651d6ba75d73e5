/* Runs a fuzz target over every file of a folder, each in a block of exactly its size. */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_BYTES_MAX ((size_t)1024 * 1024)

static int replay_file(const char *folder, const char *name)
{
    static uint8_t buffer[INPUT_BYTES_MAX];
    char path[4096];

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return -1;
    }
    size_t size = fread(buffer, 1, sizeof buffer, file);
    (void)fclose(file); /* only read from */
    uint8_t *exact = malloc(size > 0 ? size : 1);
    if (exact == NULL)
        return -1;
    memcpy(exact, buffer, size);
    (void)LLVMFuzzerTestOneInput(exact, size); /* always 0; it aborts */
    free(exact);
    return 0;
}

int main(int argc, char **argv)
{
    unsigned files = 0;
    DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;

    if (folder == NULL) {
        (void)fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 64;
    }
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (entry->d_name[0] == '.')
            continue;
        if (replay_file(argv[1], entry->d_name) != 0)
            return 1;
        files++;
    }
    (void)closedir(folder);
    (void)printf("%u inputs\n", files);
    return files > 0 ? 0 : 1; /* an empty corpus is a mistake */
}
