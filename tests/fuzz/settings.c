/*
 * gridpost.yaml, or the weights of an assessment (assess.yaml); the input's first byte says which.
 * What is promised: it is refused with a finding of where and why, and never without one; what is
 * taken is within its ranges.
 */
#include "fuzz.h"

#include "base/error.h"
#include "org/settings.h"
#include "org/weights.h"
#include "scratch.h"

static void check_findings(const struct gp_findings *findings, int rc)
{
    PROMISE(rc == 0 || rc == GP_ECONFIG || rc == GP_ENOMEM);
    if (rc != GP_ENOMEM)
        PROMISE((rc == 0) == (findings->errors == 0));
    for (size_t i = 0; i < findings->count; i++)
        PROMISE(findings->item[i].file[0] != '\0' && findings->item[i].problem[0] != '\0');
}

static void try_settings(struct gp_span text)
{
    struct gp_findings findings;
    struct gp_settings settings;

    (void)scratch_put("gridpost.yaml", text);
    gp_findings_init(&findings);
    int rc = gp_settings_load(scratch_folder(), &findings, &settings);
    check_findings(&findings, rc);
    gp_findings_release(&findings);
    if (rc != 0)
        return;
    PROMISE(settings.batch_items_max >= 1 && settings.sessions_max >= 1);
    PROMISE(settings.store_map_mib > 0 && settings.personal_days > 0 && settings.drain_ms_max >= 0);
    PROMISE(settings.socket[0] != '\0' && settings.store[0] != '\0' && settings.keys[0] != '\0');
    PROMISE(settings.socket_tcp[0] == '\0' ||
            gp_settings_loopback(gp_span_of(settings.socket_tcp)));
    gp_settings_release(&settings);
}

static void check_weighing(const struct gp_weighing *weighing)
{
    const struct gp_weights *weights = &weighing->weights;

    PROMISE(weights->basic + weights->highlights + weights->review == 100);
    for (size_t i = 0; i < weighing->unit_count; i++) {
        struct gp_span veto;
        struct gp_entered entered =
            gp_weighing_entered(weighing, weighing->unit[i].id, 2026, &veto);
        PROMISE(entered.highlights <= 10000 && entered.review <= 10000);
        PROMISE(weighing->unit[i].id.len > 0);
    }
}

static void try_weights(struct gp_span text)
{
    struct gp_findings findings;
    struct gp_weighing weighing;

    gp_findings_init(&findings);
    int rc = gp_weighing_load(scratch_put("assess.yaml", text), &findings, &weighing);
    check_findings(&findings, rc);
    gp_findings_release(&findings);
    if (rc != 0)
        return;
    check_weighing(&weighing);
    gp_weighing_release(&weighing);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_bytes input = {data, size};

    if (fuzz_byte(&input) % 2 == 0)
        try_settings(fuzz_rest(&input));
    else
        try_weights(fuzz_rest(&input));
    return 0;
}
