#include "gridpost/coverage.h"

#include "org/coverage.h"

static int64_t zone_of(const struct gp_org *org, uint32_t area)
{
    return gp_org_calendar(org, area)->zone_ms;
}

/* ---------------------------------------------------------------- holes */

static json_t *hole_json(const struct gp_org *org, const struct gp_hole *hole)
{
    const struct gp_row *row = &org->rows[hole->row];
    int64_t zone_ms = zone_of(org, hole->grid);
    json_t *object = json_object();

    json_object_set_new(object, "what", json_string("hole"));
    json_object_set_new(object, "area", gp_show_text(org->areas[hole->area].code));
    json_object_set_new(object, "area_name", gp_show_text(org->areas[hole->area].name));
    json_object_set_new(object, "grids", json_integer(hole->grids));
    json_object_set_new(object, "category", gp_show_text(row->code));
    json_object_set_new(object, "condition", gp_show_text(row->condition));
    json_object_set_new(object, "rows", json_integer(hole->rows));
    json_object_set_new(object, "line", gp_show_text(org->lines[row->line].code));
    json_object_set_new(object, "department", gp_show_text(org->departments[row->department].code));
    json_object_set_new(object, "from", gp_show_time(hole->from_ms, zone_ms));
    json_object_set_new(object, "to", gp_show_time(hole->to_ms, zone_ms));
    return object;
}

static void print_hole(const struct gp_org *org, const struct gp_hole *hole)
{
    const struct gp_row *row = &org->rows[hole->row];
    char from[GP_CLI_TIME_BYTES], to[GP_CLI_TIME_BYTES], rows[2 * GP_ID_BYTES_MAX + 40];

    gp_cli_time_text(hole->from_ms, from);
    gp_cli_time_text(hole->to_ms, to);
    (void)snprintf(rows, sizeof rows, "%.*s %.*s", GP_SPAN_ARG(row->code),
                   GP_SPAN_ARG(row->condition));
    gp_cli_cell(org->areas[hole->area].code, 15);
    gp_cli_cell(org->areas[hole->area].name, 20);
    gp_cli_cell(gp_span_of(rows), 20);
    printf(_("%s to %s: nobody of line %.*s, department %.*s (%u grids, %u rows)\n"), from, to,
           GP_SPAN_ARG(org->lines[row->line].code),
           GP_SPAN_ARG(org->departments[row->department].code), hole->grids, hole->rows);
}

static void on_hole(void *context, const struct gp_org *org, const struct gp_hole *hole)
{
    const struct gp_cli *cli = context;

    if (cli->json)
        gp_cli_print_json(hole_json(org, hole));
    else
        print_hole(org, hole);
}

/* ---------------------------------------------------------------- what was looked at */

static json_t *summary_json(const struct gp_org *org, const struct gp_coverage *coverage)
{
    int64_t zone_ms = org->calendars[org->default_calendar].zone_ms;
    json_t *object = json_object();

    json_object_set_new(object, "what", json_string("coverage"));
    json_object_set_new(object, "covered", json_boolean(coverage->holes == 0));
    json_object_set_new(object, "from", gp_show_time(coverage->from_ms, zone_ms));
    json_object_set_new(object, "to", gp_show_time(coverage->to_ms, zone_ms));
    json_object_set_new(object, "grids", json_integer(coverage->grids));
    json_object_set_new(object, "rows", json_integer(coverage->rows));
    json_object_set_new(object, "hours", json_integer(coverage->hours));
    json_object_set_new(object, "chains", json_integer(coverage->chains));
    json_object_set_new(object, "instants", json_integer(coverage->instants));
    json_object_set_new(object, "holes", json_integer(coverage->holes));
    return object;
}

static void print_summary(const struct gp_coverage *coverage)
{
    char from[GP_CLI_TIME_BYTES], to[GP_CLI_TIME_BYTES];

    gp_cli_time_text(coverage->from_ms, from);
    gp_cli_time_text(coverage->to_ms, to);
    if (coverage->holes > 0)
        printf(_("%u holes from %s to %s, in %u grids × %u catalogue rows × %u hours "
                 "(%u chains at %u instants)\n"),
               coverage->holes, from, to, coverage->grids, coverage->rows, coverage->hours,
               coverage->chains, coverage->instants);
    else
        printf(_("proven from %s to %s: %u grids × %u catalogue rows × %u hours have somebody "
                 "(%u chains at %u instants)\n"),
               from, to, coverage->grids, coverage->rows, coverage->hours, coverage->chains,
               coverage->instants);
}

int gp_coverage_report(const struct gp_cli *cli, const struct gp_org *org, int64_t from_ms)
{
    struct gp_coverage coverage;
    int rc = gp_coverage_prove(org, from_ms, on_hole, (void *)(uintptr_t)cli, &coverage);

    if (rc != 0) {
        fprintf(stderr, "gridpost: %s\n", gp_error_text(rc));
        return GP_EXIT_FAILED;
    }
    if (cli->json)
        gp_cli_print_json(summary_json(org, &coverage));
    else
        print_summary(&coverage);
    return coverage.holes == 0 ? GP_EXIT_DONE : GP_EXIT_FAILED;
}
