#include "web/weights.h"

#include "base/error.h"
#include "base/log.h"

#include <stdlib.h>

static int load(const char *path, struct gp_weighing *ret_weighing)
{
    struct gp_findings findings;

    gp_findings_init(&findings);
    int rc = gp_weighing_load(path, &findings, ret_weighing);
    for (size_t i = 0; i < findings.count; i++) {
        const struct gp_finding *finding = &findings.item[i];
        gp_log(GP_LOG_ERROR, "score", "%s:%u: %s %s: %s", path, finding->line, finding->field,
               finding->value, finding->problem);
    }
    if (rc != 0 && findings.count == 0)
        gp_log(GP_LOG_ERROR, "score", "%s: %s", path, gp_error_text(rc));
    gp_findings_release(&findings);
    return rc == GP_ENOTFOUND ? GP_ECONFIG : rc;
}

int gp_web_weights_read(const char *path, struct gp_web_weights **weights)
{
    struct gp_web_weights *read = calloc(1, sizeof *read);
    int rc = 0;

    if (read == NULL)
        return GP_ENOMEM;
    read->users = 1;
    read->scored = path[0] != '\0';
    if (read->scored)
        rc = load(path, &read->weighing);
    else
        gp_weighing_defaults(&read->weighing);
    if (rc != 0) {
        free(read);
        return rc;
    }
    gp_web_weights_unref(*weights);
    *weights = read;
    return 0;
}

struct gp_web_weights *gp_web_weights_ref(struct gp_web_weights *weights)
{
    weights->users++;
    return weights;
}

void gp_web_weights_unref(struct gp_web_weights *weights)
{
    if (weights == NULL || --weights->users > 0)
        return;
    gp_weighing_release(&weights->weighing);
    free(weights);
}
