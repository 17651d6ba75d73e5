/**
 * The rows of a request export, ready to be replayed: times read, names numbered.
 */
#ifndef GP_REPLAY_TABLE_H
#define GP_REPLAY_TABLE_H

#include "core/incident.h"
#include "replay/mapping.h"

#include <stdint.h>
#include <stdio.h>

/* A set of names, numbered from 0 in order of their first appearance. */
struct gp_names {
    char **item;
    uint32_t count, capacity;
    uint32_t *slot; /* open addressing: index + 1; 0: free */
    uint32_t slot_count;
};

/** The number of a name, added if it is new; UINT32_MAX when memory is out. */
uint32_t gp_names_number(struct gp_names *names, const char *text);

struct gp_replay_row {
    unsigned line; /* of the export, 1-based, header included */
    char *id, *text;
    int64_t opened_ms;
    int64_t due_ms, closed_ms; /* 0: none */
    bool has_due, closed;
    int8_t verdict;                           /* 1 on time, 2 overdue, 0 not said */
    uint32_t category, department, row, grid; /* numbers in the table's names */
    struct gp_place place;
};

struct gp_replay_table {
    struct gp_replay_row *row;
    size_t count, capacity;
    size_t skipped; /* rows without a usable opening time or category */
    struct gp_names categories, departments;
    struct gp_names rows; /* "category \x1f department": one catalogue row each */
    struct gp_names streets, communities, grids; /* each with its ancestors' names before it */
};

/**
 * Reads an export: CSV, or CSV in .xz as it is.
 *
 * Errors: GP_EFORMAT, GP_ENOTFOUND (a column that the mapping names is missing), GP_EIO, GP_ENOMEM;
 * the reason was written to stderr
 */
int gp_replay_table_load(const char *path, const struct gp_mapping *mapping,
                         struct gp_replay_table *ret_table);
void gp_replay_table_release(struct gp_replay_table *table);

#endif
