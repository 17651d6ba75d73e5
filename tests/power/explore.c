#include "power/explore.h"

#include "power/judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHUNK         256 /* draws that one walk over the trace serves */
#define CHUNKS_BARREN 4   /* without a new state, then the trace is left */
#define ONE_GOES_ON   8   /* one state of so many is worked on */

/* ---------------------------------------------------------------- cuts */

static void add_cut(size_t **items, size_t *count, size_t *room, size_t item)
{
    *items = power_grow(*items, *count, room, sizeof **items);
    (*items)[(*count)++] = item;
}

void explore_find_cuts(const struct trace *trace, struct explore_cuts *ret_cuts)
{
    bool *is_sync = calloc(trace->count + 2, sizeof *is_sync); /* by number of the call */

    *ret_cuts = (struct explore_cuts){0};
    if (is_sync == NULL)
        power_fail("no memory");
    for (size_t i = trace->base; i < trace->count; i++) {
        const struct record *head = &trace->item[i].head;
        if (head->call <= trace->count)
            is_sync[head->call] =
                head->kind == RECORD_SYNC || (head->kind == RECORD_END && is_sync[head->call]);
        if (head->kind == RECORD_END && is_sync[head->call])
            add_cut(&ret_cuts->sync, &ret_cuts->syncs, &ret_cuts->sync_room, i);
        else if (head->kind == RECORD_PROMISE)
            add_cut(&ret_cuts->promise, &ret_cuts->promises, &ret_cuts->promise_room, i);
        else if (head->kind == RECORD_RENAME || head->kind == RECORD_UNLINK ||
                 head->kind == RECORD_MKDIR)
            add_cut(&ret_cuts->name, &ret_cuts->names, &ret_cuts->name_room, i);
    }
    free(is_sync);
}

void explore_free_cuts(struct explore_cuts *cuts)
{
    free(cuts->sync);
    free(cuts->promise);
    free(cuts->name);
}

struct explore_draw explore_draw(const struct trace *trace, const struct explore_cuts *cuts,
                                 uint64_t *random)
{
    uint64_t where = power_random(random) % 16, pick = power_random(random);
    struct explore_draw draw = {.choice = power_random(random)};

    if (where < 8 && cuts->syncs > 0) /* before it ends, when most is open; or just behind it */
        draw.cut = cuts->sync[pick % cuts->syncs] + (where < 6 ? 0 : 1);
    else if (where < 11 && cuts->promises > 0)
        draw.cut = cuts->promise[pick % cuts->promises] + 1;
    else if (where < 12 && cuts->names > 0)
        draw.cut = cuts->name[pick % cuts->names] + 1;
    else
        draw.cut = trace->base + pick % (trace->count - trace->base);
    return draw;
}

static int by_cut(const void *a, const void *b)
{
    const struct explore_draw *left = a, *right = b;
    return (left->cut > right->cut) - (left->cut < right->cut);
}

/* ---------------------------------------------------------------- states that are known */

static bool is_new(struct explore_shared *shared, uint64_t hash)
{
    size_t at = (size_t)hash;
    uint64_t found = 0;

    hash |= 1; /* 0 is an empty place */
    for (;; at++) {
        _Atomic uint64_t *place = &shared->seen[at & (shared->seen_room - 1)];
        found = 0;
        if (atomic_compare_exchange_strong(place, &found, hash))
            return true;
        if (found == hash)
            return false;
    }
}

void explore_open(struct explore *explore, const char *folder, unsigned jobs, size_t states)
{
    size_t room = 1024, bytes;

    while (room < 2 * states)
        room *= 2;
    bytes = sizeof(struct explore_shared) + room * sizeof(uint64_t);
    *explore = (struct explore){.folder = folder, .jobs = jobs};
    explore->shared = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (explore->shared == MAP_FAILED)
        power_fail("no memory");
    explore->shared->seen_room = room;
}

void explore_close(struct explore *explore)
{
    (void)munmap(explore->shared,
                 sizeof(struct explore_shared) + explore->shared->seen_room * sizeof(uint64_t));
}

/* ---------------------------------------------------------------- a worker */

struct worker {
    const struct trace *trace;
    struct explore_shared *shared;
    struct explore_slot *slot;
    struct explore_cuts cuts;
    struct history history;
    struct judge judge;
    struct image image;
    char place[200];
    uint64_t random;
    size_t until; /* states that are to be known then */
};

static void open_worker(struct worker *worker, const char *folder, unsigned number)
{
    (void)snprintf(worker->place, sizeof worker->place, "%s/worker-%u", folder, number);
    if (mkdir(worker->place, 0700) != 0 && access(worker->place, W_OK) != 0)
        power_fail("%s cannot be made", worker->place);
    explore_find_cuts(worker->trace, &worker->cuts);
    history_read(worker->trace, &worker->history);
    judge_open(&worker->judge, worker->place, &worker->history);
    image_open(&worker->image);
    (void)snprintf(worker->place + strlen(worker->place),
                   sizeof worker->place - strlen(worker->place), "/disk");
}

static void close_worker(struct worker *worker)
{
    image_close(&worker->image);
    judge_close(&worker->judge);
    history_free(&worker->history);
    explore_free_cuts(&worker->cuts);
}

static bool judge_one(struct worker *worker, const struct disk *disk, uint64_t choice)
{
    image_write(&worker->image, worker->place);
    return judge_state(&worker->judge, disk->promised, choice / 64 % ONE_GOES_ON == 0);
}

/* Returns how many of its states are new. */
static size_t explore_chunk(struct worker *worker)
{
    struct explore_draw draw[CHUNK];
    struct disk disk;
    size_t found = 0;

    for (size_t i = 0; i < CHUNK; i++)
        draw[i] = explore_draw(worker->trace, &worker->cuts, &worker->random);
    qsort(draw, CHUNK, sizeof draw[0], by_cut);
    disk_open(&disk, worker->trace);
    for (size_t i = 0; i < CHUNK && !atomic_load(&worker->shared->stop) &&
                       atomic_load(&worker->shared->distinct) < worker->until;
         i++) {
        worker->slot->now = draw[i];
        disk_advance(&disk, draw[i].cut);
        image_choose(&worker->image, &disk, draw[i].choice);
        (void)atomic_fetch_add(&worker->shared->drawn, 1);
        if (!is_new(worker->shared, worker->image.hash))
            continue;
        found++;
        (void)atomic_fetch_add(&worker->shared->distinct, 1);
        if (judge_one(worker, &disk, draw[i].choice))
            continue;
        memcpy(worker->slot->wrong, worker->judge.wrong, sizeof worker->slot->wrong);
        worker->slot->failed = true;
        atomic_store(&worker->shared->stop, true);
    }
    disk_close(&disk);
    return found;
}

__attribute__((noreturn)) static void work(struct worker *worker, const char *folder,
                                           unsigned number)
{
    unsigned barren = 0;

    open_worker(worker, folder, number);
    while (barren < CHUNKS_BARREN && !atomic_load(&worker->shared->stop) &&
           atomic_load(&worker->shared->distinct) < worker->until)
        barren = explore_chunk(worker) == 0 ? barren + 1 : 0;
    close_worker(worker);
    exit(0); /* a leak is the sanitizer's to tell */
}

/* ---------------------------------------------------------------- many of them */

static void report(const struct explore_slot *slot, const struct trace *trace, int status)
{
    char how[64] = "";

    if (!slot->failed)
        (void)snprintf(how, sizeof how, "it CRASHED: %s %d",
                       WIFSIGNALED(status) ? "signal" : "exit code",
                       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    printf("FAILED: %s\n%s; again:\n  power_explore --again %s --cut %zu --choice %llu\n",
           slot->failed ? slot->wrong : how, image_choice_name(slot->now.choice), trace->path,
           slot->now.cut, (unsigned long long)slot->now.choice);
}

static pid_t start(const struct explore *explore, const struct trace *trace, uint64_t seed,
                   size_t until, unsigned number)
{
    struct worker worker = {.trace = trace,
                            .shared = explore->shared,
                            .slot = &explore->shared->slot[number],
                            .random = seed * EXPLORE_JOBS_MAX + number,
                            .until = until};

    worker.slot->failed = false;
    (void)fflush(stdout);
    pid_t child = fork();
    if (child < 0)
        power_fail("no process");
    if (child == 0)
        work(&worker, explore->folder, number);
    return child;
}

bool explore_trace(struct explore *explore, const struct trace *trace, uint64_t seed, size_t states)
{
    size_t until = atomic_load(&explore->shared->distinct) + states;
    pid_t child[EXPLORE_JOBS_MAX];
    bool ok = true;
    int status;

    for (unsigned i = 0; i < explore->jobs; i++)
        child[i] = start(explore, trace, seed, until, i);
    for (unsigned i = 0; i < explore->jobs; i++) {
        if (waitpid(child[i], &status, 0) != child[i])
            power_fail("a worker is gone");
        if (status == 0 && !explore->shared->slot[i].failed)
            continue;
        atomic_store(&explore->shared->stop, true);
        if (ok)
            report(&explore->shared->slot[i], trace, status);
        ok = false;
    }
    return ok;
}

bool explore_again(const char *folder, const struct trace *trace, struct explore_draw draw)
{
    struct worker worker = {.trace = trace};
    struct disk disk;

    open_worker(&worker, folder, 0);
    disk_open(&disk, trace);
    disk_advance(&disk, draw.cut);
    image_choose(&worker.image, &disk, draw.choice);
    printf("cut %zu of %zu, %s; promised %llu\n", draw.cut, trace->count,
           image_choice_name(draw.choice), (unsigned long long)disk.promised);
    for (size_t i = 0; i < worker.image.count; i++)
        printf("%9zu  %s\n", worker.image.file[i].len, worker.image.file[i].path);
    bool ok = judge_one(&worker, &disk, draw.choice);
    printf("%s\n", ok ? "all is well" : worker.judge.wrong);
    disk_close(&disk);
    close_worker(&worker);
    return ok;
}
