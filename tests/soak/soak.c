/*
 * A long run at half load with faults, and whether what the daemon and the gate take stays steady.
 * A short calibration at the begin says what full load is. Half of the workers come sealed through
 * the gate, the others by the local socket; beside them followers, pages, assessments. All the
 * while, each in its own rhythm: connections break and what was on them is sent again, followers
 * stall, the directory is reloaded, the disk is full for a moment, the clock steps by a second.
 *
 *   soak [OPTION…]
 *     --seconds N   1200 unless it is said
 *     --seed N      draws who is hit
 *     --short       memory is not judged: the run is too short for it
 *     --samples FILE  where what was sampled is written
 *
 * The last line is one of figures.
 */
#include "crash/clients.h"
#include "gate/fixture.h"
#include "lib/daemon.h"
#include "soak/judge.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <getopt.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define WORKERS       16
#define SEALED        8 /* as many devices as a person may have */
#define FOLLOWERS     4
#define SEALED_OPEN   8   /* GP_SEALED_OPEN_MAX of daemon/store/log, … */
#define SEALED_READ   8   /* … and those that readers hold */
#define WARM_S        120 /* at least … */
#define WARM_S_MAX    300
#define VERIFY_MS     2 /* an incident may take to be checked at the end, ten times what it needs */
#define STEP_MS       50
#define CALIBRATE_PCT 5    /* of the run, … */
#define CALIBRATE_MS  5000 /* … and not longer */
#define SAMPLES       240  /* fewer in a short run */
#define FULL_MS       300  /* that the disk is full */
#define STALL_MS      1500
#define ASSESS_MS     60000 /* the length of the period that is assessed */
#define REPORT_PCT    25

static struct {
    int seconds;
    unsigned seed;
    bool brief;
    const char *samples;
} ask = {.seconds = 1200};

enum fault { FAULT_BREAK, FAULT_STALL, FAULT_READ, FAULT_STEP, FAULT_FULL, FAULT_RELOAD, FAULTS };

/* How far apart, in ms; in a short run a tenth of that. */
static const int period_ms[FAULTS] = {
    [FAULT_BREAK] = 700,  [FAULT_STALL] = 5000, [FAULT_READ] = 300,
    [FAULT_STEP] = 11000, [FAULT_FULL] = 23000, [FAULT_RELOAD] = 17000,
};

struct soak {
    struct daemon daemon;
    struct gate gate;
    struct clients clients;
    struct sealed device[SEALED], *devices[SEALED];
    struct line reader;
    struct gp_arena arena;
    uint8_t page_kind;   /* what was asked … */
    bool reading, ahead; /* a page is awaited; the clock is a second ahead */
    unsigned seed;
    unsigned faults[FAULTS], pages;
    int64_t due_ms[FAULTS];
    struct soak_sample sample[SAMPLES];
    size_t samples;
    uint64_t least_kib; /* of the daemon's memory since the last sample; 0: not looked at yet */
    size_t commands;    /* before the history was forgotten */
    double full, rate;  /* commands a second: measured, and kept */
};

static int64_t now_ms(clockid_t clock)
{
    struct timespec now;
    (void)clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static unsigned draw(struct soak *soak, unsigned below)
{
    return (unsigned)rand_r(&soak->seed) % below;
}

/* ---------------------------------------------------------------- samples */

/* A figure of /proc/PID/status. */
static uint64_t status_of(pid_t pid, const char *name)
{
    char path[64], line[256];
    uint64_t value = 0;

    (void)snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, name, strlen(name)) == 0)
            value = strtoull(line + strlen(name) + 1, NULL, 10);
    }
    (void)fclose(file); /* only read */
    return value;
}

/* The journal keeps its last few sealed segments open, as many as SEALED_OPEN: those are counted
 * apart, since they come one by one as the journal grows. */
static uint32_t descriptors_of(pid_t pid, uint32_t *ret_sealed)
{
    char path[64], name[512];
    uint32_t count = 0;

    *ret_sealed = 0;
    (void)snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    DIR *folder = opendir(path);
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        ssize_t len = readlinkat(dirfd(folder), entry->d_name, name, sizeof name);
        if (len > 4 && memcmp(name + len - 4, ".seg", 4) == 0)
            ++*ret_sealed;
        else if (len > 0)
            count++;
    }
    (void)closedir(folder);
    return count;
}

static uint64_t folder_bytes;

static int add_file(const char *path, const struct stat *status, int type, struct FTW *at)
{
    (void)path;
    (void)at;
    if (type == FTW_F)
        folder_bytes += (uint64_t)status->st_blocks * 512;
    return 0;
}

/* What is being made or removed at this moment may be gone when it is looked at. */
static uint64_t bytes_of(const char *folder)
{
    folder_bytes = 0;
    (void)nftw(folder, add_file, 8, FTW_PHYS);
    return folder_bytes;
}

static uint64_t highest_seen(const struct soak *soak)
{
    uint64_t head = 0;

    for (unsigned i = 0; i < FOLLOWERS; i++) {
        uint64_t after = soak->clients.follower[i].head;
        head = after > head ? after : head;
    }
    return head;
}

/* Memory goes up and down by some MB from one checkpoint to the next, since LMDB keeps what it will
 * write: so it is looked at often, and a sample has the least of it. What leaks is in that, too. */
static void look_at_memory(struct soak *soak)
{
    uint64_t seen = status_of(soak->daemon.pid, "RssAnon");

    if (soak->least_kib == 0 || seen < soak->least_kib)
        soak->least_kib = seen;
}

static uint64_t least_look(struct soak *soak)
{
    look_at_memory(soak);
    uint64_t least = soak->least_kib;
    soak->least_kib = 0;
    return least;
}

static void take_sample(struct soak *soak)
{
    uint32_t sealed, none;
    uint32_t own = descriptors_of(soak->daemon.pid, &sealed);

    assert_true(soak->samples < SAMPLES);
    assert_in_range(sealed, 0, SEALED_OPEN + SEALED_READ);
    soak->sample[soak->samples++] = (struct soak_sample){
        .private_kib = least_look(soak),
        .gate_kib = status_of(soak->gate.pid, "RssAnon"),
        .descriptors = own,
        .gate_descriptors = descriptors_of(soak->gate.pid, &none),
        .threads = (uint32_t)status_of(soak->daemon.pid, "Threads"),
        .entries = highest_seen(soak),
        .bytes = bytes_of(soak->daemon.store),
    };
    clients_forget(&soak->clients);
}

/* ---------------------------------------------------------------- faults */

static void break_one(struct soak *soak)
{
    clients_break(&soak->clients, draw(soak, WORKERS));
}

static void stall_one(struct soak *soak)
{
    clients_stall(&soak->clients, draw(soak, FOLLOWERS), STALL_MS);
}

static struct gp_request draw_read(struct soak *soak)
{
    int64_t wall_ms = now_ms(CLOCK_REALTIME);
    unsigned known = soak->clients.recent_count;

    switch (draw(soak, 4)) {
    case 0:
        return (struct gp_request){.kind = GP_REQUEST_STATUS};
    case 1:
        return (struct gp_request){.kind = GP_REQUEST_INCIDENT,
                                   .incident = soak->clients.recent[draw(soak, known)].incident};
    case 2:
        return (struct gp_request){
            .kind = GP_REQUEST_ASSESS,
            .assess = {.from_ms = wall_ms - ASSESS_MS, .to_ms = wall_ms, .by = GP_BY_AREA}};
    default:
        return (struct gp_request){.kind = GP_REQUEST_QUERY,
                                   .query = {.limit = 50, .open_only = draw(soak, 2) == 0}};
    }
}

/* Whether the reader may ask again. A request that is not answered yet is not given up for another:
 * nanomsg 1.1.5 then hands out an answer that it has freed. */
static bool take_page(struct soak *soak)
{
    struct gp_reply reply;

    if (!soak->reading)
        return true;
    if (line_receive(&soak->reader, &soak->arena, &reply) != LINE_ANSWER)
        return false;
    if (reply.status != GP_STATUS_OK && reply.status != GP_STATUS_TRY_AGAIN)
        fail_msg("a page of kind %u was answered with status %u: %.*s", soak->page_kind,
                 reply.status, GP_SPAN_ARG(reply.detail));
    soak->pages += reply.status == GP_STATUS_OK;
    soak->reading = false;
    return true;
}

static void read_one(struct soak *soak)
{
    struct gp_span packed;

    if (!take_page(soak))
        return;
    if (soak->clients.recent_count == 0)
        return;
    struct gp_request request = draw_read(soak);
    request.person = clients_golden[0].person;
    soak->page_kind = request.kind;
    gp_arena_reset(&soak->arena);
    assert_int_equal(gp_wire_request_pack(&request, &soak->arena, &packed), 0);
    line_send(&soak->reader, packed);
    soak->reading = true;
}

static void step_clock(struct soak *soak)
{
    daemon_shift(&soak->daemon, soak->ahead ? -1000 : 1000, 0);
    soak->ahead = !soak->ahead;
}

/* Senders are told to try again, and do. */
static void fill_disk(struct soak *soak)
{
    daemon_fail_writes(&soak->daemon, ENOSPC);
    (void)clients_run(&soak->clients, -1, FULL_MS);
    daemon_fail_writes(&soak->daemon, 0);
}

/* Another directory each time; nobody waits for the daemon's word that it is done. */
static void reload(struct soak *soak)
{
    static const char *const phone[2] = {"li,李某,,", "li,李某,13800000000,"};
    unsigned now = soak->faults[FAULT_RELOAD] % 2;

    daemon_edit(&soak->daemon, "org/people.csv", phone[now], phone[1 - now]);
    daemon_signal(&soak->daemon, SIGHUP);
    daemon_forget(&soak->daemon);
}

static void (*const act[FAULTS])(struct soak *soak) = {
    [FAULT_BREAK] = break_one, [FAULT_STALL] = stall_one, [FAULT_READ] = read_one,
    [FAULT_STEP] = step_clock, [FAULT_FULL] = fill_disk,  [FAULT_RELOAD] = reload,
};

static void play_faults(struct soak *soak)
{
    int64_t now = now_ms(CLOCK_MONOTONIC);

    for (int fault = 0; fault < FAULTS; fault++) {
        if (now < soak->due_ms[fault])
            continue;
        act[fault](soak);
        soak->faults[fault]++;
        soak->due_ms[fault] = now + period_ms[fault] / (ask.brief ? 10 : 1);
    }
}

/* ---------------------------------------------------------------- the run */

static void begin(struct soak *soak)
{
    struct client client;

    daemon_prepare(&soak->daemon);
    daemon_setting(&soak->daemon, "device_rate: 1000000\nperson_rate: 1000000");
    daemon_fault(&soak->daemon, now_ms(CLOCK_REALTIME));
    daemon_start(&soak->daemon, NULL);
    gate_prepare(&soak->gate);
    gate_front(&soak->gate, soak->daemon.edge, soak->daemon.hint);
    gate_start(&soak->gate, NULL);
    client_open(&client, soak->daemon.socket);
    for (unsigned i = 0; i < SEALED; i++) {
        sealed_enrol(&soak->device[i], &client, soak->gate.address, "li", GP_ROLE_OFFICER);
        soak->devices[i] = &soak->device[i];
    }
    uint64_t head = client_status(&client).head;
    client_close(&client);
    line_open(&soak->reader, soak->daemon.socket, NULL);
    gp_arena_init(&soak->arena, (size_t)32 * 1024 * 1024);
    const struct clients_plan plan = {
        .address = soak->daemon.socket,
        .sealed_at = soak->gate.address,
        .device = soak->devices,
        .place = clients_golden,
        .places = CLIENTS_GOLDEN,
        .workers = WORKERS,
        .sealed = SEALED,
        .followers = FOLLOWERS,
        .report_pct = REPORT_PCT,
        .seed = soak->seed,
        .after = head,
    };
    clients_open(&soak->clients, &plan);
}

static size_t answered(const struct soak *soak)
{
    return soak->clients.acknowledged + soak->clients.refused;
}

static void calibrate(struct soak *soak)
{
    int duration_ms = ask.seconds * 1000 * CALIBRATE_PCT / 100;
    int64_t begin_ms = now_ms(CLOCK_MONOTONIC);

    duration_ms = duration_ms < CALIBRATE_MS ? duration_ms : CALIBRATE_MS;
    (void)clients_run(&soak->clients, -1, duration_ms);
    soak->full = 1e3 * (double)answered(soak) / (double)(now_ms(CLOCK_MONOTONIC) - begin_ms);
    soak->rate = soak->full / 2;
    soak->clients.plan.rate = soak->rate;
}

static void begin_faults(struct soak *soak)
{
    for (int fault = 0; fault < FAULTS; fault++) {
        int apart_ms = period_ms[fault] / (ask.brief ? 10 : 1);
        soak->due_ms[fault] = now_ms(CLOCK_MONOTONIC) + (int64_t)draw(soak, (unsigned)apart_ms);
    }
}

/* At full load until as many sealed segments are open as ever will be, each with its index in
 * memory: at half load that would take until the second quarter. */
static void warm_up(struct soak *soak)
{
    int64_t begin_ms = now_ms(CLOCK_MONOTONIC), gone_s = 0;
    uint32_t sealed = 0;

    soak->clients.plan.rate = 0;
    while (gone_s < WARM_S || (sealed < SEALED_OPEN && gone_s < WARM_S_MAX)) {
        (void)clients_run(&soak->clients, -1, STEP_MS);
        play_faults(soak);
        (void)descriptors_of(soak->daemon.pid, &sealed);
        gone_s = (now_ms(CLOCK_MONOTONIC) - begin_ms) / 1000;
    }
    clients_forget(&soak->clients);
    soak->clients.plan.rate = soak->rate;
}

static void run_long(struct soak *soak)
{
    int64_t begin_ms = now_ms(CLOCK_MONOTONIC), length_ms = (int64_t)ask.seconds * 1000;

    for (int64_t gone_ms = 0; gone_ms < length_ms; gone_ms = now_ms(CLOCK_MONOTONIC) - begin_ms) {
        (void)clients_run(&soak->clients, -1, STEP_MS);
        play_faults(soak);
        look_at_memory(soak);
        if (soak->samples < SAMPLES && gone_ms * SAMPLES >= length_ms * (int64_t)soak->samples)
            take_sample(soak);
    }
}

/* What was acknowledged is there, and the journal is whole. */
static void check(struct soak *soak)
{
    struct client client;

    (void)clients_finish(&soak->clients);
    client_open(&client, soak->daemon.socket);
    assert_int_equal(client_status(&client).incidents, soak->clients.reported);
    client_close(&client);
    assert_int_equal(gate_stop(&soak->gate), 0);
    assert_int_equal(daemon_stop(&soak->daemon), 0);
    soak->daemon.patience_ms = (int64_t)soak->clients.reported * VERIFY_MS;
    assert_int_equal(daemon_run(&soak->daemon, (const char *const[]){"--verify", NULL}), 0);
}

static void end(struct soak *soak)
{
    line_close(&soak->reader);
    gp_arena_release(&soak->arena);
    clients_close(&soak->clients);
    for (unsigned i = 0; i < SEALED; i++)
        sealed_close(&soak->device[i]);
    gate_remove(&soak->gate);
    daemon_remove(&soak->daemon);
}

static void write_samples(const struct soak *soak)
{
    FILE *file = fopen(ask.samples, "we");

    assert_non_null(file);
    fputs("private_kib gate_kib descriptors gate_descriptors threads entries bytes\n", file);
    for (size_t i = 0; i < soak->samples; i++) {
        const struct soak_sample *sample = &soak->sample[i];
        fprintf(file, "%" PRIu64 " %" PRIu64 " %u %u %u %" PRIu64 " %" PRIu64 "\n",
                sample->private_kib, sample->gate_kib, sample->descriptors,
                sample->gate_descriptors, sample->threads, sample->entries, sample->bytes);
    }
    assert_int_equal(fclose(file), 0);
}

static struct soak soak;
static struct soak_verdict verdict;

static void half_load_with_faults_is_steady(void **state)
{
    (void)state;
    soak.seed = ask.seed;
    begin(&soak);
    calibrate(&soak);
    begin_faults(&soak);
    if (!ask.brief)
        warm_up(&soak);
    run_long(&soak);
    soak_judge(soak.sample, soak.samples, &verdict);
    check(&soak);
    for (int fault = 0; fault < FAULTS; fault++)
        assert_true(soak.faults[fault] > 0);
    assert_true(ask.brief || verdict.memory);
    assert_true(verdict.open);
    assert_true(verdict.growth);
    end(&soak);
}

/* ---------------------------------------------------------------- start */

static bool read_options(int argc, char **argv)
{
    static const struct option options[] = {{"seconds", required_argument, NULL, 't'},
                                            {"seed", required_argument, NULL, 's'},
                                            {"samples", required_argument, NULL, 'f'},
                                            {"short", no_argument, NULL, 'b'},
                                            {0}};
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 't')
            ask.seconds = (int)strtol(optarg, NULL, 10);
        else if (option == 's')
            ask.seed = (unsigned)strtoul(optarg, NULL, 10);
        else if (option == 'f')
            ask.samples = optarg;
        else if (option == 'b')
            ask.brief = true;
        else
            return false;
    }
    return optind == argc && ask.seconds >= 5;
}

static void print_figures(void)
{
    printf("seconds=%d full_per_s=%.0f rate_per_s=%.0f commands=%zu reports=%zu entries=%" PRIu64
           " put_off=%zu resent=%zu sessions=%zu breaks=%u stalls=%u pages=%u clock_steps=%u "
           "disk_full=%u reloads=%u private_kib=%" PRIu64 " drift_pct=%.2f drift_kib=%+" PRId64
           " gate_drift_pct=%.2f "
           "descriptors=%+d gate_descriptors=%+d threads=%+d entry_bytes=%.0f "
           "entry_bytes_before=%.0f\n",
           ask.seconds, soak.full, soak.rate, soak.clients.acknowledged, soak.clients.reported,
           soak.samples > 0 ? soak.sample[soak.samples - 1].entries : 0, soak.clients.put_off,
           soak.clients.resent, soak.clients.welcomes, soak.faults[FAULT_BREAK],
           soak.faults[FAULT_STALL], soak.pages, soak.faults[FAULT_STEP], soak.faults[FAULT_FULL],
           soak.faults[FAULT_RELOAD],
           soak.samples > 0 ? soak.sample[soak.samples - 1].private_kib : 0, verdict.drift_pct,
           verdict.more_kib, verdict.gate_drift_pct, verdict.descriptors, verdict.gate_descriptors,
           verdict.threads, verdict.entry_bytes, verdict.entry_bytes_before);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(half_load_with_faults_is_steady),
    };

    ask.seed = (unsigned)getpid();
    if (!read_options(argc, argv)) {
        fputs("usage: see the top of tests/soak/soak.c\n", stderr);
        return 64;
    }
    print_message("--seed %u\n", ask.seed);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    fflush(stderr);
    if (ask.samples != NULL)
        write_samples(&soak); /* of a run that failed, too */
    print_figures();
    return failed;
}
