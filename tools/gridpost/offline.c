#include "gridpost/offline.h"

#include "base/clocktext.h"

#include <stdlib.h>
#include <sys/stat.h>

void gp_offline_print_finding(FILE *to, bool colour, const struct gp_finding *finding)
{
    bool error = finding->severity == GP_FINDING_ERROR;

    fputs(finding->file, to);
    if (finding->line != 0)
        fprintf(to, ":%u", finding->line);
    fprintf(to, ": %s%s%s: ", colour ? (error ? "\033[31m" : "\033[33m") : "",
            error ? _("error") : _("warning"), colour ? "\033[0m" : "");
    if (finding->field[0] != '\0')
        fprintf(to, "%s ", finding->field);
    if (finding->value[0] != '\0')
        fprintf(to, "'%s' ", finding->value);
    fprintf(to, "%s\n    %s\n", _(finding->problem), _(finding->remedy));
}

bool gp_offline_is_folder(const char *folder)
{
    struct stat is;

    if (stat(folder, &is) == 0 && S_ISDIR(is.st_mode))
        return true;
    fprintf(stderr, _("gridpost: %s is no configuration folder\n"), folder);
    return false;
}

int gp_offline_load(const char *folder, struct gp_directory **ret_directory)
{
    return gp_offline_load_as(folder, folder, ret_directory);
}

int gp_offline_load_as(const char *name, const char *folder, struct gp_directory **ret_directory)
{
    struct gp_findings findings;
    int rc;

    if (!gp_offline_is_folder(folder))
        return GP_EXIT_NOT_FOUND;
    gp_findings_init(&findings);
    rc = gp_directory_load(folder, &findings, ret_directory);
    for (size_t i = 0; rc != 0 && i < findings.count; i++) {
        if (findings.item[i].severity == GP_FINDING_ERROR)
            gp_offline_print_finding(stderr, false, &findings.item[i]);
    }
    if (rc != 0)
        fprintf(stderr, "gridpost: %s: %s\n", name, gp_error_text(rc));
    gp_findings_release(&findings);
    return rc == 0 ? GP_EXIT_DONE : GP_EXIT_FAILED;
}

int64_t gp_offline_zone(const struct gp_directory *directory)
{
    const struct gp_org *org = gp_directory_org(directory);
    return org->calendars[org->default_calendar].zone_ms;
}

int gp_offline_forecast(const struct gp_org *org, const struct gp_forecast_ask *ask,
                        gp_forecast_fn entry, void *context)
{
    struct gp_forecast *forecast = malloc(sizeof *forecast);
    int code = GP_EXIT_DONE;

    if (forecast == NULL) {
        fprintf(stderr, "gridpost: %s\n", gp_error_text(GP_ENOMEM));
        return GP_EXIT_FAILED;
    }
    enum gp_reason reason = gp_forecast_run(org, ask, forecast, entry, context);
    if (reason != GP_REASON_NONE) {
        fprintf(stderr, _("gridpost: refused: %s (%s). %s\n"), _(gp_reason_text(reason)),
                gp_reason_word(reason), forecast->decision.detail);
        code = GP_EXIT_REFUSED;
    }
    free(forecast);
    return code;
}

bool gp_offline_time(struct gp_span text, int64_t zone_ms, int64_t *ret_ms)
{
    char zoned[48];
    int64_t day, ms;

    if (gp_instant_parse(text, ret_ms) == 0)
        return true;
    if (gp_date_parse(text, &day) == 0) {
        *ret_ms = day * GP_MS_DAY - zone_ms;
        return true;
    }
    (void)snprintf(zoned, sizeof zoned, "%.*sZ", text.len < 40 ? (int)text.len : 40, text.ptr);
    if (gp_instant_parse(gp_span_of(zoned), &ms) != 0)
        return false;
    *ret_ms = ms - zone_ms;
    return true;
}
