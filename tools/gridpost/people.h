/** What the subcommands about people share: asking for leaves and holdings. */
#ifndef GP_CLI_PEOPLE_H
#define GP_CLI_PEOPLE_H

#include "gridpost/cli.h"

/** As gp_cli_read_time, but a date alone means the end of that day. */
void gp_people_read_end(const char *value, int64_t *ret_ms, struct argp_state *state);

/** "2026-06-17 – 2026-06-18" in the local zone; INT64_MAX is open. Lifetime: static, until the next
 * call. */
const char *gp_people_interval(int64_t from_ms, int64_t to_ms);

/* Copies of all pages of an answer. */
struct gp_people_list {
    struct gp_arena arena;
    struct gp_leave_record *leave;
    size_t leave_count;
    struct gp_tenure *holding;
    size_t holding_count;
    size_t room; /* of whichever is filled */
};

/**
 * Asks for all leaves, or all holdings, that pass.
 *
 * Requires: *list is zeroed; release it whatever comes back
 * Returns:  an exit code, having said what went wrong
 */
int gp_people_ask(struct gp_cli *cli, struct gp_leaves_ask ask, struct gp_people_list *list);
void gp_people_release(struct gp_people_list *list);

/** One leave: a row, or a JSON object. */
void gp_people_print_leave(const struct gp_cli *cli, const struct gp_leave_record *leave);

#endif
