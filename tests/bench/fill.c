/*
 * bench_fill [OPTION…] CONFIG STORE COUNT
 *     fills a store with COUNT incidents, in process and by the engine: reports spread over the
 *     city's grids and categories and over time, finished, verified and closed by commands, with
 *     every step of a ladder at its time. Of the incidents 3 of 100 stay open: every 8th of
 *     the newest 24,000, and of those before them every second one until there are enough. So the
 *     newest week looks the same whatever COUNT is. Stopped by SIGINT or SIGTERM, the same command
 *     goes on; with --sync after kill -9 as well.
 * bench_fill --steps ITEMS CONFIG STORE
 *     fires ITEMS times 256 rows of the deadline table, by setting the clock a month ahead, and
 *     prints what one costs. The store has seen that time then: do it last.
 *
 *   --sync            every batch on disk
 *   --drill           a drill's store
 *   --open N          N of 100 stay open; 100: all
 *   --category CODE   reports of this one only
 *   --spread SECONDS  from the first report to the last; without it a month has 100,000
 *   --until TIME      of the last report, ISO 8601 with zone; without it now
 */
#include "bench/city.h"

#include "base/bytes.h"
#include "base/clocktext.h"
#include "core/post.h"
#include "engine/engine.h"

#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SLOT_REPORTS  128 /* of one batch, and so of one instant */
#define SLOT_COMMANDS 5   /* at most for an incident: report, finish, verify, inform, close */
#define MONTH_REPORTS 100000
#define NEWEST        24000 /* a week's incidents */
#define NEWEST_EACH   8     /* of which every 8th is open */
#define MAP_BYTES     (UINT64_C(256) << 30)
#define RUN           1 /* in the ids of commands; clients of the daemon have others */

/* How the incidents lie in time. It is kept beside the store, so that a run can go on. */
struct layout {
    uint64_t count, open;
    int64_t until_ms, spread_ms;
};

struct fill {
    struct city city;
    struct gp_store *store;
    struct gp_engine *engine;
    struct layout layout;
    uint64_t commands, refused;
    int64_t forgot_ms;
    char text[SLOT_REPORTS][CITY_TEXT_BYTES];
    struct gp_item item[SLOT_REPORTS * SLOT_COMMANDS];
    size_t items;
};

static volatile sig_atomic_t stopped;
static struct fill fill;

static void on_signal(int number)
{
    (void)number;
    stopped = 1;
}

static void die(const char *what, const char *why)
{
    fprintf(stderr, "bench_fill: %s: %s\n", what, why);
    exit(1);
}

static void must(int rc, const char *what)
{
    if (rc != 0)
        die(what, gp_error_text(rc));
}

static double seconds(clockid_t clock)
{
    struct timespec now;

    (void)clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---------------------------------------------------------------- layout */

/* The time of a slot: all of its reports come at once. */
static int64_t slot_ms(const struct layout *layout, uint64_t slot)
{
    uint64_t slots = (layout->count + SLOT_REPORTS - 1) / SLOT_REPORTS;
    int64_t back = (int64_t)(slots - 1 - slot);

    return layout->until_ms - (slots > 1 ? layout->spread_ms / (int64_t)(slots - 1) * back : 0);
}

/* n counts from 0. */
static bool stays_open(const struct layout *layout, uint64_t n)
{
    uint64_t age = layout->count - 1 - n, rest;

    if (layout->open >= layout->count)
        return true;
    if (age < NEWEST)
        return age % NEWEST_EACH == 0 && age / NEWEST_EACH < layout->open;
    rest = layout->open > NEWEST / NEWEST_EACH ? layout->open - NEWEST / NEWEST_EACH : 0;
    return (age - NEWEST) % 2 == 0 && (age - NEWEST) / 2 < rest;
}

static void keep_layout(struct layout *layout, const char *store)
{
    char path[4096];
    struct layout old;
    FILE *file;

    (void)snprintf(path, sizeof path, "%s.layout", store);
    file = fopen(path, "r");
    if (file != NULL) {
        if (fscanf(file, "%" SCNu64 " %" SCNu64 " %" SCNd64 " %" SCNd64, &old.count, &old.open,
                   &old.until_ms, &old.spread_ms) != 4 ||
            old.count != layout->count || old.open != layout->open)
            die(path, "a store of another COUNT or --open: name another folder");
        *layout = old;
        (void)fclose(file);
        return;
    }
    file = fopen(path, "w");
    if (file == NULL ||
        fprintf(file, "%" PRIu64 " %" PRIu64 " %" PRId64 " %" PRId64 "\n", layout->count,
                layout->open, layout->until_ms, layout->spread_ms) < 0 ||
        fclose(file) != 0)
        die(path, "cannot be written");
}

/* ---------------------------------------------------------------- batches */

static void apply(int64_t now_ms, struct gp_item *item, size_t count)
{
    struct gp_batch batch = {
        .org = fill.city.org, .now_ms = now_ms, .item = item, .item_count = count};

    must(gp_engine_apply(fill.engine, &batch), "batch");
}

/* Applies an item again while it has more to do. */
static void apply_all(int64_t now_ms, struct gp_item item)
{
    do {
        apply(now_ms, &item, 1);
    } while (item.more);
}

static struct gp_command *add(int64_t now_ms)
{
    struct gp_item *item = &fill.item[fill.items++];
    struct gp_command *command = &item->command;

    *item = (struct gp_item){.kind = GP_ITEM_COMMAND};
    city_id(now_ms, ++fill.commands, RUN, command->id);
    gp_put_u64(command->salt, fill.commands * UINT64_C(0xD1B54A32D192ED03));
    command->device = GP_SPAN("bench");
    return command;
}

static void add_report(int64_t now_ms, uint64_t n)
{
    struct gp_command said, *command = add(now_ms);

    city_report(&fill.city, n, fill.text[n % SLOT_REPORTS], &said);
    memcpy(said.id, command->id, sizeof said.id);
    memcpy(said.salt, command->salt, sizeof said.salt);
    *command = said;
}

static struct gp_span person_of(enum gp_post_kind kind, uint64_t n, int64_t now_ms)
{
    const struct gp_org *org = fill.city.org;
    const struct gp_row *row = city_row_of(&fill.city, n);
    uint32_t area = city_grid_of(&fill.city, n)->area;
    uint32_t post = gp_post_of(org, kind, area, row->line, row->department);
    uint32_t person = post != GP_NONE ? gp_post_effective(org, post, area, now_ms).person : GP_NONE;

    return person != GP_NONE ? org->persons[person].id : (struct gp_span){0};
}

static void add_act(int64_t now_ms, uint64_t n, enum gp_verb verb, struct gp_span actor)
{
    struct gp_command *command = add(now_ms);

    command->verb = (uint8_t)verb;
    command->incident = n + 1;
    command->actor = actor;
    command->result = verb == GP_VERB_VERIFY ? GP_RESULT_YES : 0;
}

/* What its owner and the street's desk do about one that does not stay open. */
static void add_end(int64_t now_ms, uint64_t n)
{
    const struct gp_row *row = city_row_of(&fill.city, n);
    struct gp_span desk = person_of(GP_POST_SK, n, now_ms);

    add_act(now_ms, n, GP_VERB_FINISH, person_of(row->first_owner, n, now_ms));
    add_act(now_ms, n, GP_VERB_VERIFY, desk);
    if (row->informed)
        add_act(now_ms, n, GP_VERB_INFORM, desk);
    add_act(now_ms, n, GP_VERB_CLOSE, desk);
}

static void count_refused(void)
{
    for (size_t i = 0; i < fill.items; i++) {
        const struct gp_answer *answer = &fill.item[i].answer;
        if (answer->reason == 0)
            continue;
        if (fill.item[i].command.verb == GP_VERB_REPORT || fill.refused == 0)
            fprintf(stderr, "bench_fill: refused: %s\n", answer->detail);
        if (fill.item[i].command.verb == GP_VERB_REPORT)
            exit(1);
        fill.refused++;
    }
}

/* The reports of a slot and the ends of the slot before it, in one batch; then what fell due. */
static void play_slot(uint64_t slot)
{
    int64_t now_ms = slot_ms(&fill.layout, slot);
    uint64_t first = slot * SLOT_REPORTS, end = first + SLOT_REPORTS;

    fill.items = 0;
    for (uint64_t n = first; n < end && n < fill.layout.count; n++)
        add_report(now_ms, n);
    for (uint64_t n = slot > 0 ? first - SLOT_REPORTS : first; n < first; n++) {
        if (!stays_open(&fill.layout, n))
            add_end(now_ms, n);
    }
    apply(now_ms, fill.item, fill.items);
    count_refused();
    apply_all(now_ms, (struct gp_item){.kind = GP_ITEM_EXPIRE});
    if (now_ms - fill.forgot_ms < GP_MS_DAY)
        return;
    fill.forgot_ms = now_ms;
    apply_all(now_ms, (struct gp_item){.kind = GP_ITEM_FORGET});
}

/* ---------------------------------------------------------------- filling */

static void show(uint64_t done, uint64_t first, double start)
{
    uint64_t count = fill.layout.count;
    double spent = seconds(CLOCK_MONOTONIC) - start;
    double rate = (double)(done - first) / (spent > 0 ? spent : 1);

    fprintf(stderr, "\rfill: %" PRIu64 " of %" PRIu64 " (%.0f %%), %.0f a second, %.0f s left   ",
            done, count, 100.0 * (double)done / (double)count, rate,
            (double)(count - done) / (rate > 0 ? rate : 1));
}

static uint64_t incidents(void)
{
    struct gp_txn *txn = NULL;
    uint64_t last = 0;

    must(gp_txn_read(fill.store, &txn), "store");
    must(gp_last_id(txn, GP_TABLE_INCIDENT, &last), "store");
    gp_txn_abort(txn);
    return last;
}

/* As a daemon does at its first start, which then finds it in force. */
static void bring_directory(void)
{
    struct gp_item item = {.kind = GP_ITEM_DIRECTORY,
                           .text = GP_SPAN("directory in force (bench)")};

    apply(slot_ms(&fill.layout, 0), &item, 1);
    apply_all(slot_ms(&fill.layout, 0), (struct gp_item){.kind = GP_ITEM_REPLAN});
}

/* What the daemon does beside its batches: segments of the journal that are full are sealed. */
static void keep_up(void)
{
    if (gp_store_upkeep_due(fill.store))
        must(gp_store_upkeep(fill.store), "upkeep");
}

static void play(void)
{
    uint64_t slots = (fill.layout.count + SLOT_REPORTS - 1) / SLOT_REPORTS;
    uint64_t first = (incidents() + SLOT_REPORTS - 1) / SLOT_REPORTS;
    double start = seconds(CLOCK_MONOTONIC), shown = 0;

    if (first == 0)
        bring_directory();
    fill.commands = first * SLOT_REPORTS * SLOT_COMMANDS;
    fill.forgot_ms = slot_ms(&fill.layout, first);
    for (uint64_t slot = first; slot < slots && !stopped; slot++) {
        play_slot(slot);
        keep_up();
        if (seconds(CLOCK_MONOTONIC) - shown < 1)
            continue;
        shown = seconds(CLOCK_MONOTONIC);
        show(slot * SLOT_REPORTS, first * SLOT_REPORTS, start);
    }
    fprintf(stderr, "\n");
    printf("filled=%" PRIu64 " refused=%" PRIu64 " seconds=%.1f processor_s=%.1f\n", incidents(),
           fill.refused, seconds(CLOCK_MONOTONIC) - start, seconds(CLOCK_PROCESS_CPUTIME_ID));
}

/* ---------------------------------------------------------------- steps */

static uint64_t head_of(void)
{
    struct gp_engine_start state;

    must(gp_engine_state(fill.engine, &state), "store");
    return state.head;
}

static void play_steps(unsigned items)
{
    struct gp_item item = {.kind = GP_ITEM_EXPIRE};
    struct gp_engine_start state;
    uint64_t entries;
    unsigned done;
    double cpu;

    must(gp_engine_state(fill.engine, &state), "store");
    cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    for (done = 0; done < items && (done == 0 || item.more); done++)
        apply(state.mark_ms + 30 * GP_MS_DAY, &item, 1);
    cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    if (!item.more)
        die("steps", "fewer are due than were asked for");
    entries = head_of() - state.head;
    printf("steps=%u entries=%" PRIu64 " processor_us_per_step=%.1f\n", done * GP_EXPIRE_STEPS_MAX,
           entries, cpu * 1e6 / (done * GP_EXPIRE_STEPS_MAX));
}

/* ---------------------------------------------------------------- start */

struct ask {
    const char *category, *until;
    double spread_s;
    unsigned open_of_100, steps;
    bool sync, drill;
};

static void read_options(int argc, char **argv, struct ask *ask)
{
    static const struct option options[] = {
        {"sync", no_argument, NULL, 's'},           {"open", required_argument, NULL, 'o'},
        {"category", required_argument, NULL, 'c'}, {"spread", required_argument, NULL, 'p'},
        {"until", required_argument, NULL, 'u'},    {"steps", required_argument, NULL, 't'},
        {"drill", no_argument, NULL, 'd'},          {0}};
    int option;

    *ask = (struct ask){.open_of_100 = 3};
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 's')
            ask->sync = true;
        else if (option == 'd')
            ask->drill = true;
        else if (option == 'o')
            ask->open_of_100 = (unsigned)strtoul(optarg, NULL, 10);
        else if (option == 'c')
            ask->category = optarg;
        else if (option == 'p')
            ask->spread_s = strtod(optarg, NULL);
        else if (option == 'u')
            ask->until = optarg;
        else if (option == 't')
            ask->steps = (unsigned)strtoul(optarg, NULL, 10);
        else
            exit(64);
    }
}

static void lay_out(const struct ask *ask, uint64_t count, struct layout *ret_layout)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    *ret_layout = (struct layout){
        .count = count,
        .open = count / 100 * ask->open_of_100,
        .until_ms = (int64_t)now.tv_sec * 1000,
        .spread_ms = (int64_t)((double)count * (30.0 * (double)GP_MS_DAY / MONTH_REPORTS)),
    };
    if (ask->open_of_100 == 100)
        ret_layout->open = count;
    if (ask->spread_s > 0)
        ret_layout->spread_ms = (int64_t)(ask->spread_s * 1000);
    if (ask->until != NULL)
        must(gp_instant_parse(gp_span_of(ask->until), &ret_layout->until_ms), "--until");
}

static void open_all(const char *config, const char *store, const struct ask *ask)
{
    struct gp_store_options options = {.map_bytes = MAP_BYTES,
                                       .create = ask->steps == 0,
                                       .drill = ask->drill,
                                       .unsafe_nosync = ask->steps == 0 && !ask->sync};

    city_open(&fill.city, config, ask->category);
    must(gp_store_open(store, &options, &fill.store), store);
    must(gp_engine_open(fill.store, &fill.engine), "engine");
}

int main(int argc, char **argv)
{
    struct sigaction action = {.sa_handler = on_signal};
    struct ask ask;

    read_options(argc, argv, &ask);
    if (argc - optind != (ask.steps > 0 ? 2 : 3)) {
        fputs("usage: see the top of tests/bench/fill.c\n", stderr);
        return 64;
    }
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    if (ask.steps == 0) {
        lay_out(&ask, strtoull(argv[optind + 2], NULL, 10), &fill.layout);
        keep_layout(&fill.layout, argv[optind + 1]);
    }
    open_all(argv[optind], argv[optind + 1], &ask);
    if (ask.steps > 0)
        play_steps(ask.steps);
    else
        play();
    gp_engine_close(fill.engine);
    gp_store_close(fill.store);
    city_close(&fill.city);
    return stopped ? 3 : 0;
}
