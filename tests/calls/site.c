#include "calls/ops.h"
#include "store/internal.h"

#include <setjmp.h>
#include <stdarg.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define SEGMENT_BYTES 16384 /* small, so that there are many */
#define MAP_BYTES     (UINT64_C(16) << 20)

/* The same city with office hours from 10 o'clock. */
static void make_later(struct site *site)
{
    const struct gp_org *org = site->city.org;

    site->later = *org;
    site->later_calendar = org->calendars[0];
    site->later_week = site->later_calendar.weeks[0];
    for (int day = 0; day < 5; day++)
        site->later_week.hours[day].segment[0].from_ms = 10 * GP_MS_HOUR;
    site->later_calendar.weeks = &site->later_week;
    site->later.calendars = &site->later_calendar;
    site->later.digest[0] ^= 1;
}

void site_init(struct site *site)
{
    struct gp_findings findings;

    *site = (struct site){0};
    gp_findings_init(&findings);
    assert_int_equal(
        gp_directory_load(GP_SOURCE_DIR "/tests/golden/config", &findings, &site->city.directory),
        0);
    gp_findings_release(&findings);
    site->city.org = gp_directory_org(site->city.directory);
    make_later(site);
}

void site_release(struct site *site)
{
    gp_directory_unref(site->city.directory);
}

int site_open(struct site *site, const char *path)
{
    const struct gp_store_options options = {
        .map_bytes = MAP_BYTES, .create = true, .segment_bytes = SEGMENT_BYTES};
    int rc = gp_store_open(path, &options, &site->store);

    if (rc != 0)
        return rc;
    rc = gp_engine_open(site->store, &site->engine);
    if (rc != 0)
        site_close(site);
    return rc;
}

void site_close(struct site *site)
{
    gp_engine_close(site->engine);
    gp_store_close(site->store);
    site->engine = NULL;
    site->store = NULL;
}

uint64_t site_head(const struct site *site)
{
    return gp_wal_synced(site->store->wal);
}
