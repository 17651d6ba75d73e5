#include "bench/many.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define PER_MS 100

void samples_open(struct samples *samples)
{
    *samples = (struct samples){.count = calloc(SAMPLES_PLACES, sizeof *samples->count)};
    if (samples->count == NULL)
        exit(1);
}

void samples_add(struct samples *samples, double ms)
{
    double place = ms > 0 ? ms * PER_MS : 0;

    samples->count[place < SAMPLES_PLACES - 1 ? (uint32_t)place : SAMPLES_PLACES - 1]++;
    samples->total++;
    if (ms > samples->max_ms)
        samples->max_ms = ms;
}

double samples_quantile(const struct samples *samples, double share)
{
    uint64_t wanted = (uint64_t)((double)samples->total * share), seen = 0;

    for (uint32_t i = 0; i < SAMPLES_PLACES; i++) {
        seen += samples->count[i];
        if (seen > wanted)
            return (double)i / PER_MS;
    }
    return samples->max_ms;
}

void samples_print(const struct samples *samples, const char *name)
{
    printf(" %s_p50_ms=%.2f %s_p95_ms=%.2f %s_p99_ms=%.2f %s_max_ms=%.2f", name,
           samples_quantile(samples, 0.5), name, samples_quantile(samples, 0.95), name,
           samples_quantile(samples, 0.99), name, samples->max_ms);
}

void samples_close(struct samples *samples)
{
    free(samples->count);
}

int64_t many_wall_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct gp_request many_report(const struct city *city, uint64_t n)
{
    static char text[CITY_TEXT_BYTES];
    static uint64_t number;
    struct gp_request request = {.kind = GP_REQUEST_COMMAND, .device = GP_SPAN("bench")};
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* beside the number: no run repeats another's */
    city_report(city, n, text, &request.command);
    request.person = request.command.actor;
    city_id(many_wall_ms(), ++number ^ (uint64_t)now.tv_nsec << 32, 2, request.command.id);
    return request;
}
