/**
 * What a process and its folder took over a long run, and whether that is steady. The run is cut
 * into four quarters by time; the first is for warming up (caches fill, and glibc's arenas come to
 * their size), and medians of the second and the last are held against each other, so that one
 * sample in the middle of something says nothing.
 *
 * Looks at nothing but its arguments.
 */
#ifndef GP_TESTS_SOAK_JUDGE_H
#define GP_TESTS_SOAK_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct soak_sample {
    uint64_t private_kib, gate_kib; /* anonymous memory of the daemon, and of the gate */
    uint32_t descriptors, gate_descriptors;
    uint32_t threads;
    uint64_t entries, bytes; /* of the journal, and of the store's folder */
};

struct soak_verdict {
    double drift_pct, gate_drift_pct;       /* of memory, the last quarter against the second */
    double entry_bytes, entry_bytes_before; /* of an entry: in the last quarter, in the second */
    int32_t descriptors, gate_descriptors, threads; /* more in the last quarter */
    bool memory, open, growth;                      /* each: it is steady */
};

#define SOAK_DRIFT_PCT 1.0
#define SOAK_GROWTH    1.1
/* Files grow in steps: a journal's segment that is begun, its spare, and LMDB's pages at a
 * checkpoint. A quarter may have one of each more than another. */
#define SOAK_STEP_BYTES (UINT64_C(48) << 20)

/** Judges. Requires: count is 8 at least. */
void soak_judge(const struct soak_sample *sample, size_t count, struct soak_verdict *ret_verdict);

#endif
