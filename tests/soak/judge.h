/**
 * What a process and its folder took over a long run, and whether that is steady. The run is cut
 * into four quarters by time; the first is for warming up (caches fill), and the second and the
 * last are held against each other: by their medians, and memory by its low tides, so that one
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
    uint64_t private_kib, gate_kib; /* least anonymous memory of the daemon, and the gate's */
    uint32_t descriptors, gate_descriptors;
    uint32_t threads;
    uint64_t entries, bytes; /* of the journal, and of the store's folder */
};

struct soak_verdict {
    double drift_pct, gate_drift_pct;       /* of memory, the last quarter against the second */
    int64_t more_kib, gate_more_kib;        /* the same in KiB */
    double entry_bytes, entry_bytes_before; /* of an entry: in the last quarter, in the second */
    int32_t descriptors, gate_descriptors, threads; /* more in the last quarter */
    bool memory, open, growth;                      /* each: it is steady */
};

/* Memory is steady below the one or the other. A daemon that holds 4 MB between two checkpoints is
 * not told a leak by 40 KiB; 256 are a fifth of a byte for each command of twenty minutes. */
#define SOAK_DRIFT_PCT 1.0
#define SOAK_DRIFT_KIB 256
#define SOAK_GROWTH    1.1
/* Files grow in steps: a journal's segment that is begun, its spare, and LMDB's pages at a
 * checkpoint. A quarter may have one of each more than another. */
#define SOAK_STEP_BYTES (UINT64_C(48) << 20)

/** Judges. Requires: count is 8 at least. */
void soak_judge(const struct soak_sample *sample, size_t count, struct soak_verdict *ret_verdict);

#endif
