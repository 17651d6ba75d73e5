/*
 * Power cuts: lives of a store are recorded, and what their disks may hold when the power goes is
 * made and judged. A round has a life from the first start to the last stop; one that is killed and
 * started again; one of gridpostd with its threads; one that begins by bringing up a store of an
 * older format; and starts on states that a power cut has left, which are cut themselves. Rounds
 * follow until so many different states were judged.
 */
#include "power/explore.h"
#include "power/life.h"
#include "power/old.h"

#include <argp.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ROUND_STATES 2500
#define RECOVERIES   8  /* of a round */
#define DEATHS       3  /* of the life that is killed */
#define WHOLE_SHARE  25 /* of a hundred states: the whole life, … */
#define KILLED_SHARE 21
#define DAEMON_SHARE 24
#define OLD_SHARE    6 /* … and the rest recovers */

struct options {
    size_t states;
    uint64_t seed;
    unsigned jobs;
    const char *again;
    struct explore_draw draw;
    bool verbose;
};

struct session {
    struct options options;
    struct explore explore;
    char folder[64];
    uint64_t seed; /* of what comes next */
    size_t traces, items;
    bool failed;
};

enum { OPT_STATES = 's', OPT_SEED = 'S', OPT_JOBS = 'j', OPT_AGAIN = 256, OPT_CUT, OPT_CHOICE };

static const struct argp_option arguments[] = {
    {"states", OPT_STATES, "N", 0, "different states to judge (5000)", 0},
    {"seed", OPT_SEED, "N", 0, "of lives and choices (1)", 0},
    {"jobs", OPT_JOBS, "N", 0, "workers beside each other (1)", 0},
    {"verbose", 'v', NULL, 0, "a line for each trace", 0},
    {"again", OPT_AGAIN, "TRACE", 0, "judge one state of a trace that was kept", 1},
    {"cut", OPT_CUT, "N", 0, "… where it is cut", 1},
    {"choice", OPT_CHOICE, "N", 0, "… and what was on the disk", 1},
    {0},
};

static error_t on_argument(int key, char *value, struct argp_state *state)
{
    struct options *options = state->input;

    switch (key) {
    case OPT_STATES:
        options->states = strtoull(value, NULL, 10);
        break;
    case OPT_SEED:
        options->seed = strtoull(value, NULL, 10);
        break;
    case OPT_JOBS:
        options->jobs = (unsigned)strtoul(value, NULL, 10);
        if (options->jobs < 1 || options->jobs > EXPLORE_JOBS_MAX)
            argp_error(state, "--jobs is a number from 1 to %d", EXPLORE_JOBS_MAX);
        break;
    case 'v':
        options->verbose = true;
        break;
    case OPT_AGAIN:
        options->again = value;
        break;
    case OPT_CUT:
        options->draw.cut = strtoull(value, NULL, 10);
        break;
    case OPT_CHOICE:
        options->draw.choice = strtoull(value, NULL, 10);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

/* ---------------------------------------------------------------- folders */

static int remove_one(const char *name, const struct stat *stat, int kind, struct FTW *walk)
{
    (void)stat;
    (void)kind;
    (void)walk;
    return remove(name);
}

static void remove_folder(const char *path)
{
    (void)nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS); /* it may not be there */
}

static void make_folder(const char *path)
{
    remove_folder(path);
    if (mkdir(path, 0700) != 0)
        power_fail("%s cannot be made", path);
}

static void path_in(const struct session *session, const char *name, char path[160])
{
    (void)snprintf(path, 160, "%s/%s", session->folder, name);
}

/* ---------------------------------------------------------------- traces */

/* Reads a trace, explores it and throws it away, unless it shows a failure. */
static void explore_one(struct session *session, const char *path, const char *what, size_t states)
{
    size_t before = atomic_load(&session->explore.shared->distinct);
    struct trace trace;

    trace_open(&trace, path);
    session->failed |= !explore_trace(&session->explore, &trace, session->seed++, states);
    session->traces++;
    session->items += trace.count - trace.base;
    if (session->options.verbose)
        printf("%-10s %6zu items, %6zu states\n", what, trace.count - trace.base,
               atomic_load(&session->explore.shared->distinct) - before);
    trace_close(&trace);
    if (!session->failed)
        (void)unlink(path);
}

static void whole_life(struct session *session, const char *root, const char *trace)
{
    const struct life life = {.seed = session->seed++, .batches = 120, .close = true};

    make_folder(root);
    (void)life_run(root, trace, &life);
    history_write(trace, root, NULL);
}

static void killed_life(struct session *session, const char *root, const char *trace)
{
    struct life life = {.batches = 60};

    make_folder(root);
    for (unsigned i = 0; i < DEATHS; i++) {
        life.seed = session->seed++;
        life.last = 40 + life.seed * 2654435761u % 600;
        (void)life_run(root, trace, &life);
    }
    life.last = 0;
    (void)life_run(root, trace, &life);
    history_write(trace, root, NULL);
}

static void daemon_life(struct session *session, const char *root, const char *trace)
{
    char data[200];

    make_folder(root);
    life_run_daemon(root, trace, session->seed++, 150);
    (void)snprintf(data, sizeof data, "%s/data", root);
    history_write(trace, data, NULL);
}

/* ---------------------------------------------------------------- cut again */

static void append(const char *trace, enum record_kind kind, uint32_t handle,
                   const struct record *more, const void *bytes)
{
    struct record record = *more;

    record.kind = kind;
    record.handle = handle;
    trace_append(trace, &record, bytes);
}

static void append_file(const char *trace, const struct image_file *file, uint32_t handle)
{
    const struct record path = {.len = (uint32_t)strlen(file->path) + 1, .at = O_CREAT};
    struct record call = {.call = 2 * handle, .len = (uint32_t)file->len, .size = file->len};
    struct record end = {.call = call.call, .at = file->len};

    if (file->folder)
        append(trace, RECORD_MKDIR, 0, &path, file->path);
    append(trace, RECORD_OPEN, handle, &path, file->path);
    if (file->len > 0) {
        append(trace, RECORD_WRITE, handle, &call, file->bytes);
        append(trace, RECORD_END, 0, &end, NULL);
    }
}

static void append_sync(const char *trace, uint32_t handle)
{
    const struct record call = {.call = 2 * handle + 1};

    append(trace, RECORD_SYNC, handle, &call, NULL);
    append(trace, RECORD_END, 0, &call, NULL);
}

/* A trace begins on a disk that holds a state. */
static void begin_with(const char *trace, const struct image *image, uint64_t promised)
{
    const struct record none = {0}, promise = {.at = promised};
    const struct record root = {.len = 1};

    append(trace, RECORD_PROCESS, 0, &none, NULL);
    append(trace, RECORD_OPEN, 1, &root, "");
    for (size_t i = 0; i < image->count; i++)
        append_file(trace, &image->file[i], (uint32_t)i + 2);
    for (size_t i = 0; i <= image->count; i++)
        append_sync(trace, (uint32_t)i + 1);
    append(trace, RECORD_PROMISE, 0, &promise, NULL);
    append(trace, RECORD_BASE, 0, &none, NULL);
}

/* The state that a draw makes, as a disk and as the beginning of a trace. */
static void cut_trace(const struct trace *from, struct explore_draw draw, const char *root,
                      const char *trace)
{
    struct image image;
    struct disk disk;

    image_open(&image);
    disk_open(&disk, from);
    disk_advance(&disk, draw.cut);
    image_choose(&image, &disk, draw.choice);
    image_write(&image, root);
    begin_with(trace, &image, disk.promised);
    disk_close(&disk);
    image_close(&image);
}

/* A start on what a power cut has left, and a few batches; half of them are killed in between. */
static void recover(struct session *session, const struct trace *from, const char *root,
                    const char *trace)
{
    struct explore_cuts cuts;
    struct history before;
    struct life life = {.seed = session->seed, .batches = 6, .close = session->seed % 4 == 0};
    uint64_t random = session->seed++;

    explore_find_cuts(from, &cuts);
    cut_trace(from, explore_draw(from, &cuts, &random), root, trace);
    explore_free_cuts(&cuts);
    if (life.seed % 2 == 1) {
        life.last = 2 + life.seed * 2654435761u % 80;
        (void)life_run(root, trace, &life);
        life.last = 0;
    }
    (void)life_run(root, trace, &life);
    history_read(from, &before);
    history_write(trace, root, &before);
    history_free(&before);
}

static void recoveries(struct session *session, const char *from_path, size_t states)
{
    char root[160], path[160];
    struct trace from;

    path_in(session, "again", root);
    path_in(session, "again.trace", path);
    trace_open(&from, from_path);
    for (unsigned i = 0; i < RECOVERIES / 2 && !session->failed; i++) {
        recover(session, &from, root, path);
        explore_one(session, path, "recovering", states / (RECOVERIES / 2));
    }
    trace_close(&from);
    remove_folder(root);
}

/* ---------------------------------------------------------------- an older store */

/* A start on a store of format 3, with a journal that is to be moved. */
static void old_life(struct session *session, const char *root, const char *trace)
{
    struct life life = {.seed = session->seed++, .batches = 40, .close = true};
    struct history history;
    struct trace first;
    struct image image;

    make_folder(root);
    (void)life_run(root, trace, &life);
    history_write(trace, root, NULL);
    trace_open(&first, trace);
    history_read(&first, &history);
    trace_close(&first);
    if (unlink(trace) != 0)
        power_fail("%s stays", trace);
    old_make(root);
    image_open(&image);
    image_read(&image, root);
    begin_with(trace, &image, history.head);
    image_close(&image);
    life.batches = 8;
    (void)life_run(root, trace, &life);
    history_write(trace, root, &history);
    history_free(&history);
}

/* ---------------------------------------------------------------- rounds */

typedef void (*live_fn)(struct session *session, const char *root, const char *trace);

static void live_and_explore(struct session *session, live_fn live, const char *name, size_t states,
                             size_t again)
{
    char root[160], path[170], kept[180];

    if (session->failed)
        return;
    path_in(session, name, root);
    (void)snprintf(path, sizeof path, "%s.trace", root);
    (void)snprintf(kept, sizeof kept, "%s.first", path);
    live(session, root, path);
    if (again > 0 && link(path, kept) != 0)
        power_fail("%s cannot be kept", path);
    explore_one(session, path, name, states);
    if (again > 0 && !session->failed)
        recoveries(session, kept, again);
    (void)unlink(kept); /* it may not be there */
    remove_folder(root);
}

static void play_round(struct session *session)
{
    size_t known = atomic_load(&session->explore.shared->distinct);
    size_t states = session->options.states - known;
    size_t again;

    if (states > ROUND_STATES)
        states = ROUND_STATES;
    again = states * (100 - WHOLE_SHARE - KILLED_SHARE - DAEMON_SHARE - OLD_SHARE) / 100 / 2 + 4;
    live_and_explore(session, daemon_life, "gridpostd", states * DAEMON_SHARE / 100 + 1, 0);
    live_and_explore(session, old_life, "older", states * OLD_SHARE / 100 + 1, 0);
    live_and_explore(session, killed_life, "killed", states * KILLED_SHARE / 100 + 1, again);
    live_and_explore(session, whole_life, "whole", states * WHOLE_SHARE / 100 + 1, again);
    if (!session->failed && atomic_load(&session->explore.shared->distinct) == known)
        power_fail("a round found no state that was not known");
}

static int play(struct session *session)
{
    struct explore_shared *shared = session->explore.shared;
    struct timespec begin, end;

    (void)clock_gettime(CLOCK_MONOTONIC, &begin);
    while (!session->failed && atomic_load(&shared->distinct) < session->options.states)
        play_round(session);
    (void)clock_gettime(CLOCK_MONOTONIC, &end);
    double seconds =
        (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
    printf("%zu states of %zu traces with %zu items in %.0f s: %.0f a second; %s\n",
           atomic_load(&shared->distinct), session->traces, session->items, seconds,
           (double)atomic_load(&shared->distinct) / seconds,
           session->failed ? "FAILED" : "nothing lost, nothing half-applied, everything opens");
    return session->failed ? 1 : 0;
}

static int judge_again(struct session *session)
{
    struct trace trace;

    trace_open(&trace, session->options.again);
    bool ok = explore_again(session->folder, &trace, session->options.draw);
    trace_close(&trace);
    return ok ? 0 : 1;
}

int main(int argc, char **argv)
{
    static const struct argp parser = {
        .options = arguments, .parser = on_argument, .doc = "Cuts the power under a store."};
    struct session session = {.options = {.states = 5000, .seed = 1, .jobs = 1}};
    int rc;

    if (argp_parse(&parser, argc, argv, 0, NULL, &session.options) != 0)
        return 64;
    (void)snprintf(session.folder, sizeof session.folder, "%s/gridpost-power-XXXXXX",
                   access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (mkdtemp(session.folder) == NULL)
        power_fail("%s cannot be made", session.folder);
    (void)setenv("CMOCKA_TEST_ABORT", "1", 1); /* what tests share says why, no test being run */
    session.seed = session.options.seed << 20;
    explore_open(&session.explore, session.folder, session.options.jobs, session.options.states);
    rc = session.options.again != NULL ? judge_again(&session) : play(&session);
    explore_close(&session.explore);
    if (!session.failed)
        remove_folder(session.folder);
    return rc;
}
