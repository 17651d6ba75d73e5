/**
 * The town in which the benchmark's incidents happen, in every server the same: communities of one
 * street with grids, of which each report names the next, so that no index has one hot end and the
 * search for duplicates meets a grid's own incidents only.
 */
#ifndef GP_TESTS_BENCH_TOWN_H
#define GP_TESTS_BENCH_TOWN_H

#include <stdbool.h>

#define TOWN_COMMUNITIES 20
#define TOWN_GRIDS       20 /* of a community */
#define TOWN_CODE_BYTES  16
#define TOWN_CATEGORIES  4

/** The text of every report, with it a report is 295 bytes as gridpost sends it. */
extern const char town_text[];

/** Where report number n happens, and of what category it is: four entries in the journal each. */
void town_grid(unsigned n, char ret_code[TOWN_CODE_BYTES]);
const char *town_category(unsigned n);

/** Prints rows for a sheet of the golden configuration: "areas", "posts", "holdings". The officer
 * li holds the posts, so that he may report in all grids. Returns whether it is one of these. */
bool town_print(const char *sheet);

#endif
