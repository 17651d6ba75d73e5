#include "soak/judge.h"

#include <assert.h>
#include <stdlib.h>

typedef uint64_t (*take_fn)(const struct soak_sample *sample);

static uint64_t private_kib(const struct soak_sample *sample)
{
    return sample->private_kib;
}

static uint64_t gate_kib(const struct soak_sample *sample)
{
    return sample->gate_kib;
}

static uint64_t descriptors(const struct soak_sample *sample)
{
    return sample->descriptors;
}

static uint64_t gate_descriptors(const struct soak_sample *sample)
{
    return sample->gate_descriptors;
}

static uint64_t threads(const struct soak_sample *sample)
{
    return sample->threads;
}

static int by_size(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return left < right ? -1 : left > right;
}

/* What `percent` of a quarter's samples are not above. Quarters are counted from 0. */
static uint64_t rank(const struct soak_sample *sample, size_t count, unsigned quarter,
                     unsigned percent, take_fn take)
{
    size_t each = count / 4;
    uint64_t *value = calloc(each, sizeof *value);

    assert(value != NULL);
    for (size_t i = 0; i < each; i++)
        value[i] = take(&sample[quarter * each + i]);
    qsort(value, each, sizeof *value, by_size);
    uint64_t at = value[each * percent / 100];
    free(value);
    return at;
}

/* Memory is told by its low tides: LMDB's pages of a standing transaction come and go. */
static double drift_pct(const struct soak_sample *sample, size_t count, take_fn take)
{
    double before = (double)rank(sample, count, 1, 10, take);
    double after = (double)rank(sample, count, 3, 10, take);

    return before > 0 ? (after - before) / before * 100 : 0;
}

static int64_t more_kib(const struct soak_sample *sample, size_t count, take_fn take)
{
    return (int64_t)rank(sample, count, 3, 10, take) - (int64_t)rank(sample, count, 1, 10, take);
}

static int32_t more(const struct soak_sample *sample, size_t count, take_fn take)
{
    return (int32_t)((int64_t)rank(sample, count, 3, 50, take) -
                     (int64_t)rank(sample, count, 1, 50, take));
}

struct growth {
    double entries, bytes;
};

static struct growth grew(const struct soak_sample *sample, size_t count, unsigned quarter)
{
    size_t each = count / 4;
    const struct soak_sample *begin = &sample[quarter * each];
    const struct soak_sample *end = &sample[(quarter + 1) * each - 1];

    return (struct growth){
        .entries = (double)(end->entries - begin->entries),
        .bytes = (double)end->bytes - (double)begin->bytes,
    };
}

static double bytes_each(const struct growth *growth)
{
    return growth->entries > 0 ? growth->bytes / growth->entries : 0;
}

static bool is_steady(double pct, int64_t kib)
{
    return pct < SOAK_DRIFT_PCT || kib < SOAK_DRIFT_KIB;
}

void soak_judge(const struct soak_sample *sample, size_t count, struct soak_verdict *ret_verdict)
{
    assert(count >= 8);
    struct growth before = grew(sample, count, 1), after = grew(sample, count, 3);
    struct soak_verdict verdict = {
        .drift_pct = drift_pct(sample, count, private_kib),
        .gate_drift_pct = drift_pct(sample, count, gate_kib),
        .more_kib = more_kib(sample, count, private_kib),
        .gate_more_kib = more_kib(sample, count, gate_kib),
        .entry_bytes_before = bytes_each(&before),
        .entry_bytes = bytes_each(&after),
        .descriptors = more(sample, count, descriptors),
        .gate_descriptors = more(sample, count, gate_descriptors),
        .threads = more(sample, count, threads),
    };

    verdict.memory = is_steady(verdict.drift_pct, verdict.more_kib) &&
                     is_steady(verdict.gate_drift_pct, verdict.gate_more_kib);
    verdict.open =
        verdict.descriptors <= 0 && verdict.gate_descriptors <= 0 && verdict.threads <= 0;
    verdict.growth = after.bytes <= SOAK_GROWTH * verdict.entry_bytes_before * after.entries +
                                        (double)SOAK_STEP_BYTES;
    *ret_verdict = verdict;
}
