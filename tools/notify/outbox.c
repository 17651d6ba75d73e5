#include "notify/outbox.h"

#include "notify/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#define FILE_NAME "outbox"
#define NEW_NAME  "outbox.new"
#define SUM_BYTES 17 /* 16 digits and a blank */

struct gp_outbox {
    int folder, file;
    int64_t bytes; /* all of them whole lines */
    bool broken;   /* a record is lacking */
};

static int error_of(int number)
{
    return number == ENOSPC || number == EDQUOT ? GP_ENOSPC : GP_EIO;
}

/* ---------------------------------------------------------------- reading */

static void write_sum(const char *text, size_t len, char ret_sum[SUM_BYTES + 1])
{
    (void)snprintf(ret_sum, SUM_BYTES + 1, "%016llx ", (unsigned long long)XXH3_64bits(text, len));
}

/* A line without its line feed as a record; NULL: it is none. */
static json_t *record_of(const char *line, size_t len)
{
    char sum[SUM_BYTES + 1];

    if (len <= SUM_BYTES)
        return NULL;
    write_sum(line + SUM_BYTES, len - SUM_BYTES, sum);
    if (memcmp(sum, line, SUM_BYTES) != 0)
        return NULL;
    return json_loadb(line + SUM_BYTES, len - SUM_BYTES, 0, NULL);
}

/* Reads lines up to the first that is none. *ret_good is the length of those that are. */
static int read_lines(FILE *file, gp_outbox_fn *each, void *context, unsigned *ret_line,
                      int64_t *ret_good)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t len;
    int rc = 0;

    *ret_line = 0;
    *ret_good = 0;
    while (rc == 0 && (len = getline(&line, &room, file)) > 0) {
        ++*ret_line;
        json_t *record = line[len - 1] == '\n' ? record_of(line, (size_t)len - 1) : NULL;
        if (record == NULL)
            break;
        rc = each(context, record);
        json_decref(record);
        *ret_good += len;
    }
    free(line);
    return rc == 0 && ferror(file) ? GP_EIO : rc;
}

/* Whether a cursor stands behind the first line that is none. A cursor is synced with all before
 * it: then this is damage, and else an end that a kill or a power failure has torn. */
static bool cursor_follows(FILE *file)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t len;
    bool found = false;

    while (!found && (len = getline(&line, &room, file)) > 0) {
        json_t *record = line[len - 1] == '\n' ? record_of(line, (size_t)len - 1) : NULL;
        const char *kind = json_string_value(json_object_get(record, "k"));
        found = kind != NULL && strcmp(kind, GP_RECORD_CURSOR) == 0;
        json_decref(record);
    }
    free(line);
    return found;
}

static int read_file(int file, gp_outbox_fn *each, void *context, unsigned *ret_line,
                     int64_t *ret_good)
{
    int copy = fcntl(file, F_DUPFD_CLOEXEC, 0);
    FILE *stream = copy >= 0 ? fdopen(copy, "r") : NULL;
    int rc;

    if (stream == NULL) {
        if (copy >= 0)
            (void)close(copy);
        return GP_EIO;
    }
    rc = read_lines(stream, each, context, ret_line, ret_good);
    if (rc == 0 && cursor_follows(stream))
        rc = GP_ECORRUPT;
    (void)fclose(stream); /* only read */
    return rc;
}

int gp_outbox_read(const char *folder, gp_outbox_fn *each, void *context, unsigned *ret_line)
{
    char path[PATH_MAX];
    int64_t good;
    int len = snprintf(path, sizeof path, "%s/" FILE_NAME, folder);

    if (len < 0 || len >= (int)sizeof path)
        return GP_EINVAL;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return errno == ENOENT ? GP_ENOTFOUND : GP_EIO;
    int rc = read_file(file, each, context, ret_line, &good);
    (void)close(file); /* only read */
    return rc;
}

/* ---------------------------------------------------------------- opening */

/* Also for a file that is new: its name must be there after a power failure. */
static int cut_end(struct gp_outbox *outbox, int64_t good)
{
    struct stat is;

    if (fstat(outbox->file, &is) != 0)
        return GP_EIO;
    if (is.st_size != good && ftruncate(outbox->file, good) != 0)
        return GP_EIO;
    if (lseek(outbox->file, good, SEEK_SET) != good || fsync(outbox->file) != 0 ||
        fsync(outbox->folder) != 0)
        return GP_EIO;
    outbox->bytes = good;
    return 0;
}

static int open_file(struct gp_outbox *outbox, const char *folder, gp_outbox_fn *each,
                     void *context, unsigned *ret_line)
{
    int64_t good = 0;

    outbox->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (outbox->folder < 0)
        return GP_EIO;
    (void)unlinkat(outbox->folder, NEW_NAME, 0); /* of a rewrite that was cut short; mostly none */
    outbox->file =
        openat(outbox->folder, FILE_NAME, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (outbox->file < 0)
        return error_of(errno);
    int rc = read_file(outbox->file, each, context, ret_line, &good);
    return rc == 0 ? cut_end(outbox, good) : rc;
}

int gp_outbox_open(const char *folder, gp_outbox_fn *each, void *context, unsigned *ret_line,
                   struct gp_outbox **ret_outbox)
{
    struct gp_outbox *outbox = calloc(1, sizeof *outbox);

    if (outbox == NULL)
        return GP_ENOMEM;
    outbox->folder = outbox->file = -1;
    int rc = open_file(outbox, folder, each, context, ret_line);
    if (rc != 0)
        gp_outbox_close(outbox);
    else
        *ret_outbox = outbox;
    return rc;
}

void gp_outbox_close(struct gp_outbox *outbox)
{
    if (outbox == NULL)
        return;
    if (outbox->file >= 0)
        (void)close(outbox->file); /* what had to be on the disk was synced */
    if (outbox->folder >= 0)
        (void)close(outbox->folder);
    free(outbox);
}

/* ---------------------------------------------------------------- writing */

static int write_all(int file, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t wrote = write(file, bytes, len);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return error_of(errno);
        bytes += wrote;
        len -= (size_t)wrote;
    }
    return 0;
}

/* The line of a record; the caller frees. NULL: memory, or it is longer than a line may be. */
static char *line_of(const json_t *record, size_t *ret_len)
{
    char *text = record != NULL ? json_dumps(record, JSON_COMPACT) : NULL;
    char *line = NULL;

    if (text != NULL && strlen(text) < GP_RECORD_BYTES) {
        char sum[SUM_BYTES + 1];
        write_sum(text, strlen(text), sum);
        int len = asprintf(&line, "%s%s\n", sum, text);
        if (len < 0)
            line = NULL;
        else
            *ret_len = (size_t)len;
    }
    free(text);
    return line;
}

int gp_outbox_add(struct gp_outbox *outbox, json_t *record)
{
    size_t len = 0;
    char *line = line_of(record, &len);
    int rc = line != NULL ? write_all(outbox->file, line, len) : GP_ENOMEM;

    json_decref(record);
    free(line);
    if (rc == 0) {
        outbox->bytes += (int64_t)len;
        return 0;
    }
    outbox->broken = true;
    /* what went half is cut off, or the next line would be glued to it; if that fails, too, the
     * file ends in a line that is none, as after a kill, and is written anew */
    if (ftruncate(outbox->file, outbox->bytes) == 0)
        (void)lseek(outbox->file, outbox->bytes, SEEK_SET);
    return rc;
}

int gp_outbox_sync(struct gp_outbox *outbox)
{
    if (fdatasync(outbox->file) == 0)
        return 0;
    outbox->broken = true; /* nobody knows what of it is there */
    return error_of(errno);
}

bool gp_outbox_is_whole(const struct gp_outbox *outbox)
{
    return !outbox->broken;
}

int64_t gp_outbox_bytes(const struct gp_outbox *outbox)
{
    return outbox->bytes;
}

int gp_outbox_rewrite(struct gp_outbox *outbox, int (*all)(void *context, struct gp_outbox *outbox),
                      void *context)
{
    struct gp_outbox fresh = {.folder = outbox->folder};

    fresh.file =
        openat(outbox->folder, NEW_NAME, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fresh.file < 0)
        return error_of(errno);
    int rc = all(context, &fresh);
    if (rc == 0 && (fsync(fresh.file) != 0 ||
                    renameat(outbox->folder, NEW_NAME, outbox->folder, FILE_NAME) != 0))
        rc = error_of(errno);
    if (rc != 0) {
        (void)close(fresh.file);
        (void)unlinkat(outbox->folder, NEW_NAME, 0);
        return rc;
    }
    (void)close(outbox->file);
    *outbox = fresh; /* it has the name now, whatever becomes of the folder's sync */
    return fsync(outbox->folder) == 0 ? 0 : error_of(errno);
}
