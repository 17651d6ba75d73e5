/** Entries and incidents with known content. Time 0 of all of them: Wed 2026-09-30 16:40 +08:00. */
#ifndef GP_TESTS_TOOLS_SAMPLE_H
#define GP_TESTS_TOOLS_SAMPLE_H

#include "core/entry.h"

#define SAMPLE_MS INT64_C(1790757600000)

/** A step `yellow` of incident 41, 1.5 s late, told to two people. */
void sample_step(uint64_t seq, struct gp_entry *ret_entry);

/** A report of incident 41 by li, with a Chinese text. */
void sample_reported(uint64_t seq, struct gp_entry *ret_entry);

/** An entry about the daemon itself: no incident, nothing that is not needed. */
void sample_audit(uint64_t seq, struct gp_entry *ret_entry);

/** Incident `id`, accepted, due 8 h after SAMPLE_MS, with a plan of three steps. */
void sample_incident(uint64_t id, struct gp_incident *ret_incident);

#endif
