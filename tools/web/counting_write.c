/* What an assessment is answered with. In libuv's pool: nothing of the web is touched here. */
#include "web/counting.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---------------------------------------------------------------- JSON */

/* An object that goes on: its last brace is left to the caller. Takes the reference. */
static bool put_open(FILE *to, json_t *object)
{
    char *text = object != NULL ? json_dumps(object, JSON_COMPACT) : NULL;
    size_t len = text != NULL ? strlen(text) : 0;
    bool good = len > 1 && fwrite(text, 1, len - 1, to) == len - 1;

    json_decref(object);
    free(text);
    return good;
}

static bool put_row(FILE *to, const struct gp_report *report, uint32_t row)
{
    json_t *object = json_object();

    gp_report_set_json(report, row, object);
    bool good = json_dumpf(object, to, JSON_COMPACT) == 0;
    json_decref(object);
    return good;
}

/* Row by row: a tree of all of them would take ten times as much. */
static bool put_rows(FILE *to, const struct gp_report *report)
{
    bool good = fputs(",\"rows\":[", to) >= 0;

    for (uint32_t row = 0; good && row < report->count; row++)
        good = (row == 0 || fputc(',', to) != EOF) && put_row(to, report, row);
    return good && fputs("]}", to) >= 0;
}

static bool put_periods(FILE *to, const struct gp_counting *counting)
{
    bool good = fputs(",\"periods\":[", to) >= 0;

    for (unsigned i = 0; good && i < counting->periods; i++) {
        const struct gp_report *report = &counting->report[i];
        json_t *period = json_pack("{s:o, s:o}", "from", gp_ask_time(report->ask.from_ms), "to",
                                   gp_ask_time(report->ask.to_ms));
        good = (i == 0 || fputc(',', to) != EOF) && put_open(to, period) && put_rows(to, report);
    }
    return good && fputs("]}", to) >= 0;
}

static int write_json(struct gp_counting *counting)
{
    FILE *to = open_memstream(&counting->made, &counting->made_len);

    if (to == NULL)
        return GP_ENOMEM;
    bool good = put_open(to, json_incref(counting->frame));
    if (counting->kind == GP_COUNT_SERIES)
        good = good && put_periods(to, counting);
    else
        good = good && put_rows(to, &counting->report[0]);
    return fclose(to) == 0 && good ? 0 : GP_ENOMEM;
}

/* ---------------------------------------------------------------- the workbook */

static int read_back(struct gp_counting *counting, int fd)
{
    struct stat file;

    if (fstat(fd, &file) != 0)
        return GP_EIO;
    size_t len = (size_t)file.st_size;
    if (len > GP_COUNTING_BOOK_MAX)
        return GP_ELIMIT;
    counting->made = malloc(len + 1);
    if (counting->made == NULL)
        return GP_ENOMEM;
    while (counting->made_len < len) {
        ssize_t got = pread(fd, counting->made + counting->made_len, len - counting->made_len,
                            (off_t)counting->made_len);
        if (got <= 0)
            return GP_EIO;
        counting->made_len += (size_t)got;
    }
    return 0;
}

/* libxlsxwriter writes to a path, so it gets that of a file in memory. */
static int write_book(struct gp_counting *counting)
{
    const struct gp_book book = {&counting->report[0], &counting->overdues,
                                 counting->strikes_hidden ? NULL : &counting->strikes};
    char path[32];
    int fd = memfd_create("assessment", MFD_CLOEXEC);

    if (fd < 0)
        return GP_EIO;
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int rc = gp_book_write(&book, path, &counting->problem);
    if (rc == 0)
        rc = read_back(counting, fd);
    (void)close(fd);
    return rc;
}

void gp_counting_write(struct gp_counting *counting)
{
    for (unsigned i = 0; counting->error == 0 && i < counting->periods; i++)
        counting->error = gp_report_weigh(&counting->report[i], &counting->weights->weighing);
    if (counting->error == 0)
        counting->error =
            counting->kind == GP_COUNT_BOOK ? write_book(counting) : write_json(counting);
}
