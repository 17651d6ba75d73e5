/**
 * A city to measure with: the areas, categories and people of a configuration folder, and what the
 * n-th report of it says. The same n gives the same report.
 */
#ifndef GP_TESTS_BENCH_CITY_H
#define GP_TESTS_BENCH_CITY_H

#include "core/decide.h"
#include "org/directory.h"

#define CITY_TEXT_BYTES 400

struct city_grid {
    uint32_t area;
    struct gp_span code;
    struct gp_span officer; /* who holds the B post */
};

struct city {
    struct gp_directory *directory;
    const struct gp_org *org;
    struct city_grid *grid;
    uint32_t grid_count;
    uint32_t *row; /* of the catalogue: those that a report can name and file by itself */
    uint32_t row_count;
};

/**
 * Loads a folder; says what is wrong and ends the process when it is not usable.
 * category: reports are of this one only; NULL: of all that have one stage.
 */
void city_open(struct city *city, const char *folder, const char *category);
void city_close(struct city *city);

/** Grid and catalogue row of the n-th report: neighbours in n are strangers in the city. */
const struct city_grid *city_grid_of(const struct city *city, uint64_t n);
const struct gp_row *city_row_of(const struct city *city, uint64_t n);

/**
 * The n-th report, but for its id, as its grid's officer makes it: some 330 bytes on the wire.
 *
 * Lifetime: points into the city and into text
 */
void city_report(const struct city *city, uint64_t n, char text[CITY_TEXT_BYTES],
                 struct gp_command *ret_command);

/** A command's id: its time, a number and what tells one run from another. */
void city_id(int64_t at_ms, uint64_t number, uint16_t run, unsigned char ret_id[16]);

#endif
