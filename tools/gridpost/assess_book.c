/* What the workbook needs besides the report, asked for and written. */
#include "gridpost/assess.h"

#include "report/book.h"

static int out_of_memory(void)
{
    fprintf(stderr, "gridpost: %s\n", gp_error_text(GP_ENOMEM));
    return GP_EXIT_FAILED;
}

/* ---------------------------------------------------------------- what is asked */

struct gathering {
    struct gp_cli *cli;
    struct gp_overdues overdues;
};

static int add_overdue(void *context, const struct gp_assess_case *found)
{
    struct gathering *gathering = context;
    struct gp_request request = {.kind = GP_REQUEST_INCIDENT, .incident = found->incident};
    struct gp_reply reply;
    int code = gp_cli_call(gathering->cli, &request, 0, &reply);

    if (code != GP_EXIT_DONE)
        return code;
    if (gp_overdues_add(&gathering->overdues, found) != 0 ||
        gp_overdues_tell(&gathering->overdues, gathering->overdues.count - 1, reply.incident) != 0)
        return out_of_memory();
    return GP_EXIT_DONE;
}

int gp_strikes_fetch(struct gp_cli *cli, const struct gp_feed_filter *filter,
                     struct gp_strikes *strikes)
{
    struct gp_request request = {.kind = GP_REQUEST_FEED};
    struct gp_reply reply;

    request.feed.filter = *filter;
    request.feed.filter.whats = gp_strikes_whats();
    do {
        int code = gp_cli_call(cli, &request, 0, &reply);
        if (code != GP_EXIT_DONE)
            return code;
        for (uint32_t i = 0; i < reply.feed.count; i++) {
            if (gp_strikes_add(strikes, reply.feed.item[i]) != 0)
                return gp_cli_call_failed(cli, GP_ENOMEM);
        }
        request.feed.after = reply.feed.scanned_to;
    } while (reply.feed.scanned_to < reply.feed.head);
    return GP_EXIT_DONE;
}

/* ---------------------------------------------------------------- the file */

/* The library says what it cannot open on stderr, in its own words and when all is counted. */
static bool can_be_written(const char *path)
{
    FILE *file = fopen(path, "ab");

    if (file == NULL) {
        fprintf(stderr, _("gridpost: %s: cannot be written\n"), path);
        return false;
    }
    (void)fclose(file); /* nothing was written */
    return true;
}

static int write_book(const struct gp_book *book, const char *path)
{
    const char *problem = NULL;
    int rc = gp_book_write(book, path, &problem);

    if (rc == 0)
        return GP_EXIT_DONE;
    if (problem == NULL)
        return out_of_memory();
    fprintf(stderr, _("gridpost: %s: %s\n"), path, problem);
    return GP_EXIT_FAILED;
}

int gp_report_book(struct gp_cli *cli, const struct gp_report *report, const char *path)
{
    struct gathering gathering = {.cli = cli};
    struct gp_feed_filter filter = {.area = report->ask.area};
    struct gp_strikes strikes;

    if (!can_be_written(path))
        return GP_EXIT_FAILED;
    gp_overdues_init(&gathering.overdues, GP_CLI_REPORT_BYTES_MAX);
    gp_strikes_init(&strikes, GP_CLI_REPORT_BYTES_MAX);
    int code = gp_report_behind(cli, report, (struct gp_span){0}, GP_FIGURE_OVERDUE, add_overdue,
                                &gathering);
    if (code == GP_EXIT_DONE)
        code = gp_strikes_fetch(cli, &filter, &strikes);
    const struct gp_book book = {report, &gathering.overdues, &strikes};
    if (code == GP_EXIT_DONE)
        code = write_book(&book, path);
    gp_strikes_release(&strikes);
    gp_overdues_release(&gathering.overdues);
    if (code != GP_EXIT_DONE)
        (void)remove(path); /* half a workbook is worse than none */
    return code;
}
