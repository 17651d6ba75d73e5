#include "gridpost/offline.h"

#include <stdlib.h>

int gp_offline_load(const char *folder, struct gp_directory **ret_directory)
{
    struct gp_findings findings;
    int rc;

    gp_findings_init(&findings);
    rc = gp_directory_load(folder, &findings, ret_directory);
    for (size_t i = 0; rc != 0 && i < findings.count; i++) {
        const struct gp_finding *finding = &findings.item[i];
        if (finding->severity == GP_FINDING_ERROR)
            fprintf(stderr, "%s/%s:%u: %s '%s': %s; %s\n", folder, finding->file, finding->line,
                    finding->field, finding->value, _(finding->problem), _(finding->remedy));
    }
    if (rc != 0)
        fprintf(stderr, "gridpost: %s: %s\n", folder, gp_error_text(rc));
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
