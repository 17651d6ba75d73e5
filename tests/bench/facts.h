/**
 * What a report leaves behind, for the servers to which somebody else must say it: an incident with
 * what it is found by, its texts, and four entries of the journal. Sizes are those of the rows that
 * gridpostd writes for the reports of town.h (without key and checksum); bytes are random enough
 * not to be pressed away.
 */
#ifndef GP_TESTS_BENCH_FACTS_H
#define GP_TESTS_BENCH_FACTS_H

#include <stddef.h>
#include <stdint.h>

#define FACTS_ENTRIES      4
#define FACTS_ENTRY_MAX    320
#define FACTS_RECORD_BYTES 334 /* the incident with its plan, as it is shown */
#define FACTS_ANSWER_BYTES 61  /* kept for a repeat */
#define FACTS_TEXTS_BYTES  237 /* text, phone, salt */

struct facts {
    unsigned char id[16];      /* of the report: its time, then random */
    uint64_t area;             /* the grid's code, 15 digits */
    int32_t owner, department; /* post; department */
    int64_t due_ms, step_ms;   /* the limit; the next step of the ladder */
    unsigned char record[FACTS_RECORD_BYTES];
    unsigned char answer[FACTS_ANSWER_BYTES];
    unsigned char texts[FACTS_TEXTS_BYTES];
    unsigned char entry[FACTS_ENTRIES][FACTS_ENTRY_MAX];
};

/** How long the entries are. */
extern const size_t facts_entry_bytes[FACTS_ENTRIES];

/** The next report. No two are equal, of two processes either. */
void facts_next(struct facts *ret_facts);

#endif
