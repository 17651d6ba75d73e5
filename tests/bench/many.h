/**
 * What the files of `bench_many` share: what was asked on the command line, samples, and requests.
 */
#ifndef GP_TESTS_BENCH_MANY_H
#define GP_TESTS_BENCH_MANY_H

#include "bench/city.h"
#include "bench/fleet.h"

struct many_ask {
    const char *address;
    const char *keys; /* the server's folder of keys: sealed; NULL: unsealed */
    struct city city;
    uint32_t first; /* device of the first client */
    uint32_t count; /* of clients */
    double rate;    /* a second */
    double seconds;
    bool own; /* follow: each its own grid's community */
};

/* Milliseconds that things took, at a resolution of 0.01 ms up to a minute and more coarsely never:
 * what took longer counts as that. */
#define SAMPLES_PLACES 6000000u
struct samples {
    uint32_t *count; /* of each hundredth */
    uint64_t total;
    double max_ms;
};
void samples_open(struct samples *samples);
void samples_add(struct samples *samples, double ms);
double samples_quantile(const struct samples *samples, double share);
/** Prints NAME_p50_ms=… p95, p99, max. */
void samples_print(const struct samples *samples, const char *name);
void samples_close(struct samples *samples);

/** Wall clock in ms since 1970. */
int64_t many_wall_ms(void);

/** A fresh report of the client's own, whose bytes live until the next call. */
struct gp_request many_report(const struct city *city, uint64_t n);

/* ---- pace.c: reports of `count` clients at a rate; 0: each as soon as it has its answer ---- */
struct pace {
    struct fleet fleet;
    struct samples samples;
    const struct many_ask *ask;
    uint64_t sent, answered, refused;
    double begin_s, next_s;
    uint32_t turn; /* the client whose turn it is */
    bool ending;
};
/** Connects and, where sealed, shakes hands; returns when all are ready. */
void pace_open(struct pace *pace, const struct many_ask *ask, uint32_t count);
/** Sends what is due and serves what comes, for at most wait_ms. */
void pace_run(struct pace *pace, int wait_ms);
void pace_close(struct pace *pace);
int many_pace(const struct many_ask *ask);

/* ---- crowd.c: handsets that come, stay, and come again all at once ---- */
int many_crowd(const struct many_ask *ask);

/* ---- follow.c: followers of feeds beside reports at a rate ---- */
int many_follow(const struct many_ask *ask);
/** How late the steps were that are in the journal after a seq. */
int many_late(const struct many_ask *ask, uint64_t after);
int many_caught(const struct many_ask *ask, uint64_t after);

/* ---- pages.c: first pages of queries, and an assessment ---- */
int many_pages(const struct many_ask *ask);
int many_assess(const struct many_ask *ask, int64_t from_ms, int64_t to_ms);

#endif
