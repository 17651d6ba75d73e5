/*
 * gridpostd as it is, with the recorder and with segments and a data file so small that a short
 * life has many of everything: its command line has no option for that, and needs none.
 */
#include "power/history.h"

int __real_gp_store_open(const char *path, const struct gp_store_options *options,
                         struct gp_store **ret_store);
int __wrap_gp_store_open(const char *path, const struct gp_store_options *options,
                         struct gp_store **ret_store);

/* Behind every call of gp_store_open, by the linker's --wrap. */
int __wrap_gp_store_open(const char *path, const struct gp_store_options *options,
                         struct gp_store **ret_store)
{
    struct gp_store_options small = *options;

    small.map_bytes = POWER_MAP_BYTES;
    small.segment_bytes = POWER_SEGMENT_BYTES;
    return __real_gp_store_open(path, &small, ret_store);
}
