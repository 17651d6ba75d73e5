/** What `show` tells beside the incident itself. */
#ifndef GP_CLI_SHOW_H
#define GP_CLI_SHOW_H

#include "gridpost/cli.h"

/* One person who was told something, and what became of that notice. */
struct gp_notice_row {
    uint64_t seq;
    int64_t at_ms;
    const char *name; /* of the step, else of what happened; static storage */
    char person[GP_ID_BYTES_MAX + 1];
    char capacity[GP_CAPACITY_BYTES];
    uint8_t path, delivery; /* enum gp_path; enum gp_delivery */
};

struct gp_notices {
    struct gp_notice_row *row;
    size_t count, room;
};

/**
 * Reads the incident's part of the journal: all its notices, with their delivery.
 *
 * Ensures:  returns an exit code; release ret_notices whatever it is
 */
int gp_notices_read(struct gp_cli *cli, uint64_t incident, struct gp_notices *ret_notices);
void gp_notices_release(struct gp_notices *notices);

void gp_notices_print(const struct gp_notices *notices);
json_t *gp_notices_json(const struct gp_notices *notices);

#endif
