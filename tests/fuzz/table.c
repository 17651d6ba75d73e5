/*
 * An export that is replayed: CSV, perhaps in xz. The input's first byte says how its times are
 * written; the rest is the file. What is promised: every row has a time of the calendar, a category
 * and numbers of names that are there; places are on the earth; what is refused leaves nothing.
 */
#include "fuzz.h"

#include "base/clocktext.h"
#include "base/error.h"
#include "replay/table.h"
#include "scratch.h"

#include <string.h>

/* One mapping for each way of writing times. */
static struct gp_mapping *mappings[4];

static const char *const formats[4] = {"%m/%d/%Y %I:%M:%S %p", "%Y-%m-%dT%H:%M:%S", "%s", "%D"};

static const char text[] = "name: fuzz\nsource: fuzz\ntime_format: '%s'\nzone: '-05:00'\n"
                           "calendar: c\nladders: l\nrights: r\npolicy: N\nwd_mode: hours\n"
                           "default_limit: 1wd\naccept_after: 30m\nid: id\nopened: opened\n"
                           "due: due\nclosed: closed\nverdict: verdict\n"
                           "verdict_on_time: ONTIME\nverdict_overdue: OVERDUE\n"
                           "category: category\ndepartment: department\nlatitude: lat\n"
                           "longitude: lon\ntext: text\nareas: [area, ward, grid]\nlimits: []\n";

static const struct gp_mapping *mapping_of(uint8_t number)
{
    char yaml[sizeof text + 64];

    if (mappings[number] == NULL) {
        (void)snprintf(yaml, sizeof yaml, text, formats[number]);
        const char *path = scratch_put("mapping.yaml", gp_span_of(yaml));
        PROMISE(gp_mapping_load(path, &mappings[number]) == 0);
    }
    return mappings[number];
}

static bool in_time(int64_t ms)
{
    return ms > gp_day_from_date(0, 1, 1) * GP_MS_DAY &&
           ms < gp_day_from_date(10001, 1, 1) * GP_MS_DAY;
}

static void check_row(const struct gp_replay_table *table, const struct gp_replay_row *row)
{
    PROMISE(row->id != NULL && row->text != NULL && row->line >= 2 && in_time(row->opened_ms));
    PROMISE(!row->has_due || in_time(row->due_ms));
    PROMISE(!row->closed || in_time(row->closed_ms));
    PROMISE(row->verdict >= 0 && row->verdict <= 2);
    PROMISE(row->category < table->categories.count && row->department < table->departments.count);
    PROMISE(row->row < table->rows.count && row->grid < table->grids.count);
    PROMISE(row->place.lat_e7 >= -900000000 && row->place.lat_e7 <= 900000000);
    PROMISE(row->place.lon_e7 >= -1800000000 && row->place.lon_e7 <= 1800000000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gp_replay_table table = {0};

    if (size == 0)
        return 0;
    const struct gp_mapping *mapping = mapping_of(data[0] % 4);
    const char *path =
        scratch_put("export.csv", (struct gp_span){(const char *)data + 1, size - 1});
    int rc = gp_replay_table_load(path, mapping, &table);
    PROMISE(rc == 0 || rc == GP_EFORMAT || rc == GP_ENOTFOUND || rc == GP_ENOMEM ||
            rc == GP_ELIMIT);
    PROMISE(rc == 0 || (table.row == NULL && table.categories.item == NULL));
    for (size_t i = 0; i < table.count; i++)
        check_row(&table, &table.row[i]);
    gp_replay_table_release(&table);
    return 0;
}
