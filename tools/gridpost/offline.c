#include "gridpost/offline.h"

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
