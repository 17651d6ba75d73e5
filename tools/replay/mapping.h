/**
 * A mapping file says how a municipality's request export becomes reports: which column is the
 * time, the area levels, the category, the department, the closing; limits per category; the
 * calendar. config/mapping/ has those of Boston 2015 and Baltimore 2019.
 */
#ifndef GP_REPLAY_MAPPING_H
#define GP_REPLAY_MAPPING_H

#include <stdint.h>

struct gp_mapping_limit {
    char *category; /* as the export writes it */
    char *limit;    /* "5wd", "48uh" */
};

struct gp_mapping {
    char *name;
    char *source;        /* whose data, under which licence */
    char *time_format;   /* strptime(3) */
    char *zone;          /* one fixed offset for all times of the export: "-05:00" */
    char *calendar;      /* calendar file, relative to the mapping file */
    char *ladders;       /* ladders file, relative to the mapping file */
    char *rights;        /* table of rights, relative to the mapping file */
    char *policy;        /* ladder of all categories: "N" */
    char *wd_mode;       /* hours, eod, clock */
    char *default_limit; /* for categories that the list does not name */
    char *accept_after;  /* how long after the opening the owner accepts: "30m" */
    /* columns, by header name; NULL where the export has none */
    char *id, *opened, *due, *closed, *verdict, *category, *department, *latitude, *longitude,
        *text;
    char **areas; /* street, community, grid: one to three columns, from the top down */
    unsigned areas_count;
    char *verdict_on_time, *verdict_overdue; /* what the verdict column says */
    struct gp_mapping_limit *limits;
    unsigned limits_count;
};

/**
 * Reads a mapping file.
 *
 * Errors: GP_ECONFIG: the reason was written to stderr with file and line; GP_ENOMEM
 */
int gp_mapping_load(const char *path, struct gp_mapping **ret_mapping);
void gp_mapping_free(struct gp_mapping *mapping); /* accepts NULL */

#endif
