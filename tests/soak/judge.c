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

/* Quarters are counted from 0. */
static uint64_t median(const struct soak_sample *sample, size_t count, unsigned quarter,
                       take_fn take)
{
    size_t each = count / 4;
    uint64_t *value = calloc(each, sizeof *value);

    assert(value != NULL);
    for (size_t i = 0; i < each; i++)
        value[i] = take(&sample[quarter * each + i]);
    qsort(value, each, sizeof *value, by_size);
    uint64_t middle = value[each / 2];
    free(value);
    return middle;
}

static double drift_pct(const struct soak_sample *sample, size_t count, take_fn take)
{
    double before = (double)median(sample, count, 1, take);
    double after = (double)median(sample, count, 3, take);

    return before > 0 ? (after - before) / before * 100 : 0;
}

static int32_t more(const struct soak_sample *sample, size_t count, take_fn take)
{
    return (int32_t)((int64_t)median(sample, count, 3, take) -
                     (int64_t)median(sample, count, 1, take));
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

void soak_judge(const struct soak_sample *sample, size_t count, struct soak_verdict *ret_verdict)
{
    assert(count >= 8);
    struct growth before = grew(sample, count, 1), after = grew(sample, count, 3);
    struct soak_verdict verdict = {
        .drift_pct = drift_pct(sample, count, private_kib),
        .gate_drift_pct = drift_pct(sample, count, gate_kib),
        .entry_bytes_before = bytes_each(&before),
        .entry_bytes = bytes_each(&after),
        .descriptors = more(sample, count, descriptors),
        .gate_descriptors = more(sample, count, gate_descriptors),
        .threads = more(sample, count, threads),
    };

    verdict.memory = verdict.drift_pct < SOAK_DRIFT_PCT && verdict.gate_drift_pct < SOAK_DRIFT_PCT;
    verdict.open =
        verdict.descriptors <= 0 && verdict.gate_descriptors <= 0 && verdict.threads <= 0;
    verdict.growth = after.bytes <= SOAK_GROWTH * verdict.entry_bytes_before * after.entries +
                                        (double)SOAK_STEP_BYTES;
    *ret_verdict = verdict;
}
