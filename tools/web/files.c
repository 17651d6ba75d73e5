#include "web/files.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define ETAG_BYTES 12

struct body {
    char *bytes;
    size_t len;
};

struct file {
    char *path; /* "/css/app.css" */
    const char *type;
    char etag[2 * ETAG_BYTES + 3]; /* with its quotes */
    struct body plain, packed;     /* packed.bytes NULL: only plain */
};

struct gp_files {
    struct file *file;
    size_t count, bytes;
};

static const struct {
    const char *ending, *type;
} types[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".webmanifest", "application/manifest+json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".txt", "text/plain; charset=utf-8"},
};

static bool ends_with(const char *text, const char *ending)
{
    size_t len = strlen(text), ending_len = strlen(ending);
    return len > ending_len && strcmp(text + len - ending_len, ending) == 0;
}

static const char *type_of(const char *path)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (ends_with(path, types[i].ending))
            return types[i].type;
    }
    return NULL;
}

/* ---------------------------------------------------------------- reading */

static int read_body(const char *path, struct body *ret_body)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    int rc = 0;

    if (fd < 0)
        return errno == ENOENT ? GP_ENOTFOUND : GP_EIO;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
        rc = GP_EIO;
    else if (status.st_size > GP_FILES_BYTES_MAX)
        rc = GP_ELIMIT;
    else if ((ret_body->bytes = malloc((size_t)status.st_size + 1)) == NULL)
        rc = GP_ENOMEM;
    while (rc == 0 && ret_body->len < (size_t)status.st_size) {
        ssize_t got =
            read(fd, ret_body->bytes + ret_body->len, (size_t)status.st_size - ret_body->len);
        if (got <= 0 && !(got < 0 && errno == EINTR))
            rc = GP_EIO;
        else if (got > 0)
            ret_body->len += (size_t)got;
    }
    (void)close(fd);
    return rc;
}

static void set_etag(struct file *file)
{
    unsigned char
        hash[ETAG_BYTES < crypto_generichash_BYTES_MIN ? crypto_generichash_BYTES_MIN : ETAG_BYTES];
    char text[2 * ETAG_BYTES + 1];

    (void)crypto_generichash(hash, sizeof hash, (const unsigned char *)file->plain.bytes,
                             file->plain.len, NULL, 0);
    (void)sodium_bin2hex(text, sizeof text, hash, ETAG_BYTES);
    (void)snprintf(file->etag, sizeof file->etag, "\"%s\"", text);
}

static int read_packed(const char *path, struct file *file)
{
    char *packed = NULL;

    if (asprintf(&packed, "%s.gz", path) < 0)
        return GP_ENOMEM;
    int rc = read_body(packed, &file->packed);
    free(packed);
    return rc == GP_ENOTFOUND ? 0 : rc;
}

static int add(struct gp_files *files, const char *path, const char *below)
{
    if (files->count == GP_FILES_MAX)
        return GP_ELIMIT;
    struct file *more = realloc(files->file, (files->count + 1) * sizeof *more);
    if (more == NULL)
        return GP_ENOMEM;
    files->file = more;
    struct file *file = &files->file[files->count++];
    *file = (struct file){.path = strdup(below), .type = type_of(below)};
    int rc = file->path != NULL ? read_body(path, &file->plain) : GP_ENOMEM;
    if (rc == 0)
        rc = read_packed(path, file);
    if (rc == 0)
        set_etag(file);
    files->bytes += file->plain.len + file->packed.len;
    return rc == 0 && files->bytes > GP_FILES_BYTES_MAX ? GP_ELIMIT : rc;
}

/* nftw has no context: one folder is read at a time, at start. */
static struct {
    struct gp_files *files;
    size_t folder_len;
    int error;
} reading;

static int on_entry(const char *path, const struct stat *status, int type, struct FTW *at)
{
    const char *below = path + reading.folder_len;

    (void)status;
    if (at->level > 0 && path[at->base] == '.')
        return type == FTW_D ? FTW_SKIP_SUBTREE : FTW_CONTINUE;
    if (type == FTW_DNR || type == FTW_NS)
        reading.error = GP_EIO;
    else if (type == FTW_F && !ends_with(path, ".gz") && type_of(below) != NULL)
        reading.error = add(reading.files, path, below);
    return reading.error == 0 ? FTW_CONTINUE : FTW_STOP;
}

static const struct file *find(const struct gp_files *files, const char *path)
{
    for (size_t i = 0; i < files->count; i++) {
        if (strcmp(files->file[i].path, path) == 0)
            return &files->file[i];
    }
    return NULL;
}

int gp_files_read(const char *folder, struct gp_files **ret_files)
{
    struct gp_files *files = calloc(1, sizeof *files);
    size_t len = strlen(folder);

    if (files == NULL)
        return GP_ENOMEM;
    while (len > 1 && folder[len - 1] == '/')
        len--;
    reading.files = files;
    reading.folder_len = len;
    reading.error = sodium_init() < 0 ? GP_EIO : 0;
    char *clean = strndup(folder, len);
    if (clean == NULL)
        reading.error = GP_ENOMEM;
    if (reading.error == 0 && nftw(clean, on_entry, 16, FTW_PHYS | FTW_ACTIONRETVAL) < 0)
        reading.error = errno == ENOENT || errno == ENOTDIR ? GP_ENOTFOUND : GP_EIO;
    free(clean);
    if (reading.error == 0 && find(files, "/index.html") == NULL)
        reading.error = GP_ENOTFOUND;
    if (reading.error != 0) {
        gp_files_free(files);
        return reading.error;
    }
    *ret_files = files;
    return 0;
}

void gp_files_free(struct gp_files *files)
{
    if (files == NULL)
        return;
    for (size_t i = 0; i < files->count; i++) {
        free(files->file[i].path);
        free(files->file[i].plain.bytes);
        free(files->file[i].packed.bytes);
    }
    free(files->file);
    free(files);
}

unsigned gp_files_count(const struct gp_files *files)
{
    return (unsigned)files->count;
}

/* ---------------------------------------------------------------- serving */

/* Whether a list such as "gzip, deflate;q=0.5" has a word; "gzip;q=0" says that it is not wanted.
 */
static bool takes(const char *list, const char *word)
{
    size_t len = strlen(word);

    for (const char *at = list; at != NULL && *at != '\0';
         at += strcspn(at, ","), at += *at == ',') {
        at += strspn(at, " \t");
        if (strncasecmp(at, word, len) != 0 || strchr(" \t,;", at[len]) == NULL)
            continue;
        const char *q = at + len + strspn(at + len, " \t;");
        return strncmp(q, "q=0", 3) != 0 || strtod(q + 2, NULL) > 0;
    }
    return false;
}

bool gp_files_serve(const struct gp_files *files, struct gp_exchange *exchange, const char *path)
{
    const struct file *file = find(files, path);

    if (file == NULL)
        return false;
    const char *known = gp_http_header(exchange, "if-none-match");
    bool packed =
        file->packed.bytes != NULL && takes(gp_http_header(exchange, "accept-encoding"), "gzip");
    const struct body *body = packed ? &file->packed : &file->plain;
    gp_http_add(exchange, "etag:", file->etag);
    gp_http_add(exchange, "cache-control:", "no-cache"); /* it is asked for again, and is short */
    gp_http_add(exchange, "vary:", "accept-encoding");
    if (known != NULL && strstr(known, file->etag) != NULL) {
        gp_http_reply(exchange, 304, NULL, (struct gp_span){0});
        return true;
    }
    if (packed)
        gp_http_add(exchange, "content-encoding:", "gzip");
    gp_http_reply(exchange, 200, file->type, (struct gp_span){body->bytes, body->len});
    return true;
}
