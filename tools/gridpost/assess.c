/* Asking the daemon for a report: its rows, page by page, and what is behind a figure. */
#include "gridpost/assess.h"

enum gp_report_language gp_cli_report_language(void)
{
    return gp_cli_is_chinese() ? GP_REPORT_ZH : GP_REPORT_EN;
}

static int out_of_memory(void)
{
    fputs("gridpost: out of memory\n", stderr);
    return GP_EXIT_FAILED;
}

int gp_report_take(struct gp_report *report, const struct gp_assessment *page)
{
    return gp_report_add(report, page) == 0 ? GP_EXIT_DONE : out_of_memory();
}

static int fetch_rows(struct gp_cli *cli, struct gp_report *report)
{
    struct gp_request request = {.kind = GP_REQUEST_ASSESS, .assess = report->ask};

    do {
        struct gp_reply reply;
        int code = gp_cli_call(cli, &request, 0, &reply);
        if (code == GP_EXIT_DONE)
            code = gp_report_take(report, &reply.assess);
        if (code != GP_EXIT_DONE)
            return code;
        request.assess.after = reply.assess.next;
        request.assess.upto = reply.assess.head;
    } while (request.assess.after != 0);
    return GP_EXIT_DONE;
}

int gp_report_finish(struct gp_report *report, const struct gp_weighing *weighing)
{
    return gp_report_weigh(report, weighing) == 0 ? GP_EXIT_DONE : out_of_memory();
}

int gp_report_fetch(struct gp_cli *cli, struct gp_report *report,
                    const struct gp_weighing *weighing)
{
    int code = fetch_rows(cli, report);
    return code == GP_EXIT_DONE ? gp_report_finish(report, weighing) : code;
}

/* ---------------------------------------------------------------- what is behind a figure */

/* One page; what it holds lives until the next call, so it is copied before item may call. */
static int give_page(const struct gp_assessment *page,
                     int (*item)(void *context, const struct gp_assess_case *found), void *context)
{
    struct gp_arena arena;
    struct gp_assess_case *copy;
    int code = GP_EXIT_DONE;

    gp_arena_init(&arena, (size_t)GP_ASSESS_CASES_MAX * 256);
    copy = gp_arena_zalloc(&arena, page->behind_count + 1, sizeof *copy);
    for (uint32_t i = 0; copy != NULL && i < page->behind_count; i++)
        copy[i] = (struct gp_assess_case){page->behind[i].incident,
                                          gp_arena_copy(&arena, page->behind[i].unit)};
    uint32_t count = page->behind_count;
    for (uint32_t i = 0; copy != NULL && code == GP_EXIT_DONE && i < count; i++)
        code = item(context, &copy[i]);
    gp_arena_release(&arena);
    return copy != NULL ? code : out_of_memory();
}

int gp_report_behind(struct gp_cli *cli, const struct gp_report *report, struct gp_span unit,
                     enum gp_figure figure,
                     int (*item)(void *context, const struct gp_assess_case *found), void *context)
{
    struct gp_request request = {.kind = GP_REQUEST_ASSESS, .assess = report->ask};
    int code;

    request.assess.unit = unit;
    request.assess.figure = (uint8_t)figure;
    request.assess.upto = report->head;
    do {
        struct gp_reply reply;
        code = gp_cli_call(cli, &request, 0, &reply);
        if (code != GP_EXIT_DONE)
            return code;
        request.assess.after = reply.assess.next;
        request.assess.upto = reply.assess.head;
        code = give_page(&reply.assess, item, context);
    } while (code == GP_EXIT_DONE && request.assess.after != 0);
    return code;
}
