/* Denials: a device asked for what its role does not have, or knocks although it was revoked. All
 * are counted. */
#include "app/seal/seal.h"

#include <stdio.h>

void gp_denied(struct gp_app *app, uint64_t device, struct gp_span person, const char *what)
{
    struct gp_seal *seal = app->seal;
    uint64_t now_ms = uv_now(&app->loop);
    unsigned count = gp_denials_count(&seal->denials, device, now_ms);
    char text[160];

    seal->denied++;
    if (count == 0)
        return;
    (void)snprintf(text, sizeof text, "denied: device %llu: %s (%u since the last)",
                   (unsigned long long)device, what, count);
    if (!gp_batcher_note(app, text, person))
        return; /* the next one says it */
    gp_log(GP_LOG_WARNING, "rights", "%s", text);
    gp_denials_told(&seal->denials, device, now_ms);
}
