/*
 * A mapping file of a replay. What is promised: every key that must be there is, in what is read; a
 * file that is refused leaves nothing behind.
 */
#include "fuzz.h"

#include "base/error.h"
#include "replay/mapping.h"
#include "scratch.h"

static void check(const struct gp_mapping *mapping)
{
    const char *const must[] = {
        mapping->name,     mapping->source,     mapping->time_format,   mapping->zone,
        mapping->calendar, mapping->ladders,    mapping->rights,        mapping->policy,
        mapping->wd_mode,  mapping->opened,     mapping->default_limit, mapping->accept_after,
        mapping->category, mapping->department,
    };

    for (size_t i = 0; i < sizeof must / sizeof must[0]; i++)
        PROMISE(must[i] != NULL && must[i][0] != '\0');
    PROMISE(mapping->areas_count >= 1 && mapping->areas_count <= 3);
    for (unsigned i = 0; i < mapping->areas_count; i++)
        PROMISE(mapping->areas[i] != NULL);
    for (unsigned i = 0; i < mapping->limits_count; i++)
        PROMISE(mapping->limits[i].category != NULL && mapping->limits[i].limit != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gp_mapping *mapping = NULL;
    const char *path = scratch_put("mapping.yaml", (struct gp_span){(const char *)data, size});
    int rc = gp_mapping_load(path, &mapping);

    PROMISE(rc == 0 || rc == GP_ECONFIG || rc == GP_ENOMEM);
    PROMISE((rc == 0) == (mapping != NULL));
    if (rc == 0)
        check(mapping);
    gp_mapping_free(mapping);
    return 0;
}
