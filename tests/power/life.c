/*
 * A life in this program: batches of reports and of what is done about them, steps that come due,
 * checkpoints that are settled at once, later or by the next one, and upkeep of the log. Some
 * incidents go the whole way to `erase`, which ends a segment.
 */
#include "power/life.h"

#include "engine/city.h"
#include "power/history.h"
#include "power/record.h"

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ITEMS_MAX 4
#define WAYS_MAX  8

/* What is done about an incident in the golden city's first grid, up to its end. */
static const struct {
    enum gp_verb verb;
    const char *by;
} stages[] = {{GP_VERB_FINISH, "li"},
              {GP_VERB_VERIFY, "wang"},
              {GP_VERB_INFORM, "wang"},
              {GP_VERB_CLOSE, "wang"},
              {GP_VERB_ERASE, "feng"}};

struct living {
    struct city city;
    struct gp_store *store;
    struct gp_engine *engine;
    struct { /* incidents on their way */
        uint64_t incident;
        size_t stage;
    } way[WAYS_MAX];
    size_t ways;
    int64_t next_ms; /* the next deadline */
    struct gp_item item[ITEMS_MAX];
};

static void must(int rc, const char *what)
{
    if (rc != 0)
        power_fail("a life: %s: %s", what, gp_error_text(rc));
}

/* ---------------------------------------------------------------- commands */

static void fill_id(struct living *living, struct gp_command *command)
{
    struct gp_command other;

    city_random_report(&living->city, &other); /* for its numbers */
    memcpy(command->id, other.id, sizeof command->id);
    memcpy(command->body_hash, other.body_hash, sizeof command->body_hash);
    memcpy(command->salt, other.salt, sizeof command->salt);
}

static void fill_report(struct living *living, struct gp_command *command)
{
    city_random_report(&living->city, command);
    if (city_random(&living->city, 2) == 0)
        return;
    command->grid = GP_SPAN("340705006001001");
    command->category = GP_SPAN("n4");
    command->condition = (struct gp_span){0};
    command->phone = GP_SPAN("13800001234");
}

static void fill_stage(struct living *living, size_t way, struct gp_command *command)
{
    size_t stage = living->way[way].stage++;

    *command = (struct gp_command){.verb = (uint8_t)stages[stage].verb,
                                   .incident = living->way[way].incident,
                                   .actor = gp_span_of(stages[stage].by),
                                   .device = GP_SPAN("handset-2"),
                                   .text = GP_SPAN("修好了")};
    fill_id(living, command);
    if (living->way[way].stage == sizeof stages / sizeof stages[0])
        living->way[way] = living->way[--living->ways];
}

static void fill_note(struct living *living, struct gp_command *command)
{
    *command =
        (struct gp_command){.verb = GP_VERB_NOTE,
                            .incident = 1 + city_random(&living->city, living->city.incidents),
                            .actor = GP_SPAN("li"),
                            .device = GP_SPAN("handset-2"),
                            .text = GP_SPAN("去看过了")};
    fill_id(living, command);
}

static void fill(struct living *living, struct gp_item *item)
{
    *item = (struct gp_item){.kind = GP_ITEM_COMMAND};
    if (living->city.incidents == 0 || city_random(&living->city, 5) < 2)
        fill_report(living, &item->command);
    else if (living->ways > 0 && city_random(&living->city, 3) > 0)
        fill_stage(living, city_random(&living->city, living->ways), &item->command);
    else
        fill_note(living, &item->command);
}

/* ---------------------------------------------------------------- batches */

static void promise(struct living *living, const struct gp_item *item)
{
    const struct gp_answer *answer = &item->answer;

    if (item->kind != GP_ITEM_COMMAND || answer->reason != GP_REASON_NONE)
        return;
    record_promise(answer->seq, answer->incident);
    if (item->command.verb != GP_VERB_REPORT)
        return;
    if (answer->incident > living->city.incidents)
        living->city.incidents = answer->incident;
    if (gp_span_is(item->command.category, "n4") && living->ways < WAYS_MAX) {
        living->way[living->ways].incident = answer->incident;
        living->way[living->ways++].stage = 0;
    }
}

static void apply(struct living *living, size_t count)
{
    struct gp_batch batch = {.org = living->city.org,
                             .now_ms = living->city.now_ms,
                             .item = living->item,
                             .item_count = count};

    must(gp_engine_apply(living->engine, &batch), "a batch");
    living->next_ms = batch.next_deadline_ms;
    for (size_t i = 0; i < count; i++)
        promise(living, &living->item[i]);
}

static void live_batch(struct living *living)
{
    size_t count = 1 + city_random(&living->city, ITEMS_MAX);

    living->city.now_ms += (int64_t)city_random(&living->city, 1800) * GP_MS_SECOND;
    if (living->next_ms <= living->city.now_ms) {
        living->item[0] = (struct gp_item){.kind = GP_ITEM_EXPIRE};
        apply(living, 1);
        return;
    }
    for (size_t i = 0; i < count; i++)
        fill(living, &living->item[i]);
    apply(living, count);
}

static void live_upkeep(struct living *living)
{
    struct city *city = &living->city;

    if (city_random(city, 5) == 0)
        must(gp_store_checkpoint(living->store), "a checkpoint");
    if (gp_store_settle_due(living->store) && city_random(city, 3) == 0)
        must(gp_store_settle(living->store), "settling");
    if (gp_store_upkeep_due(living->store) && city_random(city, 2) == 0)
        must(gp_store_upkeep(living->store), "upkeep");
}

/* ---------------------------------------------------------------- a process */

static void begin(struct living *living, const char *root, const struct life *life)
{
    struct gp_engine_start start;
    struct gp_txn *txn;
    char path[240];

    (void)snprintf(path, sizeof path, "%s/store", root);
    must(power_store_open(path, NULL, &living->store), "opening");
    must(gp_engine_open(living->store, &living->engine), "the engine");
    must(gp_engine_state(living->engine, &start), "its state");
    if (start.mark_ms > living->city.now_ms)
        living->city.now_ms = start.mark_ms;
    living->city.random = (living->city.random ^ (life->seed * 2654435761u + start.head)) | 1;
    living->next_ms = start.next_deadline_ms;
    must(gp_txn_read(living->store, &txn), "reading");
    must(gp_last_id(txn, GP_TABLE_INCIDENT, &living->city.incidents), "the incidents");
    gp_txn_abort(txn);
}

__attribute__((noreturn)) static void live(const char *root, const char *trace,
                                           const struct life *life)
{
    static struct living living;

    city_open(&living.city, life->seed);
    record_begin(root, trace, life->last);
    begin(&living, root, life);
    for (unsigned i = 0; i < life->batches; i++) {
        live_batch(&living);
        live_upkeep(&living);
    }
    if (life->close) {
        gp_engine_close(living.engine);
        gp_store_close(living.store);
    }
    city_close(&living.city);
    _exit(0);
}

bool life_run(const char *root, const char *trace, const struct life *life)
{
    int status;
    pid_t child = fork();

    if (child < 0)
        power_fail("no process");
    if (child == 0)
        live(root, trace, life);
    if (waitpid(child, &status, 0) != child)
        power_fail("a life is gone");
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
        return true;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        power_fail("a life ended with status %d; its trace is %s", status, trace);
    return false;
}
