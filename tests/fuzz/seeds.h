/* What the files of the program fuzz_seeds share. */
#ifndef GP_TESTS_FUZZ_SEEDS_H
#define GP_TESTS_FUZZ_SEEDS_H

#include "fuzz.h"

/** Writes a seed of a target: both spans, one behind the other. */
void seed_bytes(const char *target, const char *name, struct gp_span head, struct gp_span rest);

/** Of a target whose first byte says what the rest is. */
void seed_kind(const char *target, const char *name, char kind, struct gp_span rest);

#define SEED(target, name, literal) seed_bytes(target, name, GP_SPAN(literal), (struct gp_span){0})

/** From the sample city's configuration. */
void seed_journals(const char *config);

void seed_log(void);
void seed_stores(void);
void seed_store_rows(void);

#endif
