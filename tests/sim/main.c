/*
 * test_sim [--seed N] [--days D] [--seeds M] [--twice] [--complete] [--trace] [--commit NAME]
 *
 * --seeds M    runs M seeds, from N on
 * --twice      runs each twice, and compares the digests
 * --complete   fails when some kind of stop was never reached
 * --trace      prints what happens, on stderr
 * --commit     what is under test, for what a failure says
 */
#include "sim/main.h"

#include "base/clocktext.h"
#include "property/city.h"
#include "property/fail.h"
#include "sim/checks.h"
#include "sim/daemon.h"
#include "sim/desk.h"
#include "sim/events.h"
#include "sim/fate.h"
#include "sim/follower.h"
#include "sim/handset.h"
#include "sim/machine.h"
#include "sim/net.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define DAYS_MAX 28 /* the model has room for the incidents of so many */
/* 2026-01-05T08:00+08:00, a Monday. */
#define START_MS INT64_C(1767571200000)

struct main_options main_options = {.seed = 1, .days = 2, .seeds = 1, .commit = "?"};
static char base[200];
static int64_t begun_ms, simulated_ms;
static uint64_t digests; /* of all runs */

void main_say_when(char *text, size_t room)
{
    int64_t at_ms = events_now() - START_MS + 8 * GP_MS_HOUR;

    (void)snprintf(text, room, "day %lld %02lld:%02lld:%06.3f", (long long)(at_ms / GP_MS_DAY),
                   (long long)(at_ms % GP_MS_DAY / GP_MS_HOUR),
                   (long long)(at_ms % GP_MS_HOUR / GP_MS_MINUTE),
                   (double)(at_ms % GP_MS_MINUTE) / 1000);
}

/* ---------------------------------------------------------------- one run */

static void begin(uint64_t seed)
{
    static const int64_t idles_ms[] = {20, 20, 1000, 30 * GP_MS_MINUTE};

    events_begin(seed, START_MS);
    begun_ms = START_MS;
    checks_begin(city_org(0), START_MS);
    (void)machine_begin(base);
    net_begin();
    handset_begin();
    fate_begin();
    daemon_begin(city_org(0), idles_ms[seed % 4]);
    follower_begin();
    desk_begin(seed);
}

static void show_progress(unsigned day)
{
    if (isatty(STDERR_FILENO) && !events_trace)
        fprintf(stderr, "\rseed %llu, day %u of %u, entry %llu  ",
                (unsigned long long)main_options.seed, day, main_options.days,
                (unsigned long long)checks_world.model->head);
}

static bool is_quiet(void)
{
    return daemon_is_idle() && !daemon_is_held() && handset_waiting() == 0 &&
           checks_world.next_ms > daemon_time() && follower_all_at(checks_world.model->head);
}

/* Handsets never give up, so all is answered; an hour of quiet without that is a failure. */
static void come_to_rest(void)
{
    int64_t until_ms;

    desk_close();
    fate_end();
    until_ms = events_now() + 3 * GP_MS_HOUR;
    while (!is_quiet() && events_step(until_ms))
        ;
    if (!is_quiet())
        fail("three hours of quiet, and %u commands wait, or the daemon or a follower",
             handset_waiting());
}

static uint64_t run(uint64_t seed)
{
    begin(seed);
    for (unsigned day = 1; day <= main_options.days; day++) {
        show_progress(day);
        while (events_step(START_MS + day * GP_MS_DAY))
            ;
    }
    come_to_rest();
    checks_end();
    daemon_close();
    simulated_ms += events_now() - begun_ms;
    return events_digest();
}

/* ---------------------------------------------------------------- figures */

static void show(double seconds)
{
    const struct checks_figures *checks = &checks_figures;
    const struct machine_figures *machine = &machine_figures;

    printf("%llu batches, %llu entries, %llu steps (%llu late with a cause), %llu pages of feeds\n",
           (unsigned long long)checks->batches, (unsigned long long)checks->entries,
           (unsigned long long)checks->steps, (unsigned long long)checks->late,
           (unsigned long long)checks->pages);
    printf("%llu commands, sent %llu times, refused %llu; repeats answered %llu, conflicts %llu\n",
           (unsigned long long)handset_figures.errands, (unsigned long long)handset_figures.sends,
           (unsigned long long)handset_figures.refused, (unsigned long long)checks->repeats,
           (unsigned long long)checks->conflicts);
    printf("letters %llu, lost %llu, doubled %llu, stalled %llu\n",
           (unsigned long long)net_figures.sent, (unsigned long long)net_figures.lost,
           (unsigned long long)net_figures.doubled, (unsigned long long)net_figures.stalled);
    printf("starts %llu; kills %llu, power cuts %llu (%llu of %llu sectors lost); between events "
           "%llu, start %llu, batch %llu (before its write %llu, its sync %llu), checkpoint %llu, "
           "settling %llu, upkeep %llu, end %llu\n",
           (unsigned long long)checks->starts, (unsigned long long)machine->kills,
           (unsigned long long)machine->power_cuts, (unsigned long long)machine->lost,
           (unsigned long long)machine->sectors, (unsigned long long)machine->died[MACHINE_IDLE],
           (unsigned long long)machine->died[MACHINE_START],
           (unsigned long long)machine->died[MACHINE_BATCH],
           (unsigned long long)machine->before_write, (unsigned long long)machine->before_sync,
           (unsigned long long)machine->died[MACHINE_CHECKPOINT],
           (unsigned long long)machine->died[MACHINE_SETTLE],
           (unsigned long long)machine->died[MACHINE_UPKEEP],
           (unsigned long long)machine->died[MACHINE_STOP]);
    printf("unanswered batches that were kept %llu, lost %llu\n", (unsigned long long)checks->kept,
           (unsigned long long)checks->lost);
    printf("days %.1f reports %llu acknowledged %llu stops %llu syncs %llu times-real-time %.0f "
           "digest %016llx\n",
           (double)simulated_ms / (double)GP_MS_DAY, (unsigned long long)checks->reports,
           (unsigned long long)checks->promises,
           (unsigned long long)(machine->kills + machine->power_cuts),
           (unsigned long long)machine->syncs, (double)simulated_ms / 1000 / seconds,
           (unsigned long long)digests);
}

static bool is_complete(void)
{
    bool all = checks_figures.kept > 0 && checks_figures.lost > 0 && checks_figures.conflicts > 0;

    for (int place = 0; place < MACHINE_PLACES; place++)
        all = all && machine_figures.died[place] > 0;
    all = all && machine_figures.before_write > 0 && machine_figures.before_sync > 0;
    if (!all)
        fprintf(stderr, "some kind of stop was never reached: see the figures\n");
    return all;
}

/* ---------------------------------------------------------------- start */

static int remove_one(const char *path, const struct stat *stat, int kind, struct FTW *walk)
{
    (void)stat;
    (void)kind;
    (void)walk;
    return remove(path);
}

static void remove_base(void)
{
    (void)nftw(base, remove_one, 8, FTW_DEPTH | FTW_PHYS); /* a temporary folder */
}

static void make_base(void)
{
    const char *where = getenv("TMPDIR");

    if (where == NULL || where[0] == '\0')
        where = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    (void)snprintf(base, sizeof base, "%s/gridpost-sim-XXXXXX", where);
    if (mkdtemp(base) == NULL) {
        perror(base);
        exit(1);
    }
    atexit(remove_base);
}

static unsigned long long number(const char *word)
{
    char *end = NULL;
    unsigned long long value = word != NULL ? strtoull(word, &end, 10) : 0;

    if (end == NULL || end == word || *end != '\0') {
        fprintf(stderr, "a number is missing\n");
        exit(64);
    }
    return value;
}

static void read_options(char **arguments)
{
    struct main_options *options = &main_options;

    for (char **word = arguments; *word != NULL; word++) {
        if (strcmp(*word, "--complete") == 0)
            options->complete = true;
        else if (strcmp(*word, "--twice") == 0)
            options->twice = true;
        else if (strcmp(*word, "--trace") == 0)
            events_trace = true;
        else if (strcmp(*word, "--seed") == 0)
            options->seed = number(*++word);
        else if (strcmp(*word, "--seeds") == 0)
            options->seeds = (unsigned)number(*++word);
        else if (strcmp(*word, "--days") == 0)
            options->days = (unsigned)number(*++word);
        else if (strcmp(*word, "--commit") == 0 && word[1] != NULL)
            options->commit = *++word;
        else {
            fprintf(stderr, "%s: see the head of tests/sim/main.c\n", *word);
            exit(64);
        }
    }
    if (options->days < 1 || options->days > DAYS_MAX) {
        fprintf(stderr, "--days: 1 to %d; for more, --seeds\n", DAYS_MAX);
        exit(64);
    }
}

int main(int count, char **arguments)
{
    double begun = machine_real_seconds();

    (void)count;
    read_options(arguments + 1);
    fail_install();
    machine_prepare();
    city_load();
    world_folder();
    make_base();
    for (unsigned i = 0; i < main_options.seeds; i++) {
        uint64_t digest = run(main_options.seed);
        if (main_options.twice && run(main_options.seed) != digest)
            fail("the same seed makes another run");
        digests = digests * 31 + digest;
        main_options.seed++;
    }
    show(machine_real_seconds() - begun);
    return is_complete() || !main_options.complete ? 0 : 1;
}
