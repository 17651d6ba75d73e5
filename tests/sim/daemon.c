#include "sim/daemon.h"

#include "base/clocktext.h"
#include "core/clock.h"
#include "property/fail.h"
#include "sim/checks.h"
#include "sim/events.h"
#include "sim/fate.h"
#include "sim/handset.h"
#include "sim/machine.h"

#define ITEMS_MAX 256
#define OWED_MAX  8
#define LOOK_MS   GP_MS_SECOND
#define MAP_BYTES (UINT64_C(512) << 20)
#define SEGMENT_BYTES                                                                              \
    (UINT32_C(256) << 10) /* small, so that segments are made, sealed and removed */
#define JUMP_MAX_MS  (10 * GP_MS_MINUTE)
#define START_MAX_MS (14 * GP_MS_DAY)

struct slot {
    struct gp_batch batch;
    struct gp_item item[ITEMS_MAX];
};

static struct {
    const struct gp_org *org;
    struct gp_store *store;
    struct gp_engine *engine;
    struct gp_clock clock;
    int64_t wall_offset_ms, now_ms, idle_ms, down_ms, next_deadline_ms, forget_at_ms;
    uint64_t life, batches;
    bool up, end_asked, ending, in_flight, expire_queued, start_owed;
    struct slot slot[2];
    struct slot *filling, *flying;
    uint8_t owed[OWED_MAX]; /* enum gp_item_kind: each goes in a batch of its own, first */
    unsigned owed_count;
    struct slot limbo; /* the batch under way when the machine stopped, as it would have ended */
    bool in_limbo;
} it;

static void hand_over(void);
static void start(void *context, uint64_t life);

bool daemon_is_up(void)
{
    return it.up;
}

bool daemon_is_held(void)
{
    return it.up && it.clock.state == GP_CLOCK_HELD;
}

bool daemon_is_idle(void)
{
    return it.up && !it.in_flight && it.filling->batch.item_count == 0 && it.owed_count == 0;
}

const struct gp_org *daemon_org(void)
{
    return it.org;
}

struct gp_store *daemon_store(void)
{
    return it.store;
}

uint64_t daemon_life(void)
{
    return it.life;
}

int64_t daemon_time(void)
{
    return it.now_ms;
}

/* ---------------------------------------------------------------- dying */

static void close_all(void)
{
    gp_engine_close(it.engine);
    gp_store_close(it.store);
    it.engine = NULL;
    it.store = NULL;
}

/* Nothing of this process is left. */
static void be_down(void)
{
    it.up = false;
    it.life++;
    it.in_flight = false;
    it.filling->batch.item_count = 0;
    it.owed_count = 0;
    feeds_forget();
    events_note("down", it.life, (uint64_t)it.down_ms);
    events_in(it.down_ms, start, NULL, it.life);
    it.down_ms = events_between(GP_MS_SECOND, 5 * GP_MS_SECOND);
}

/* The machine has stopped: what the old process would still do is seen by nobody. */
static void fall(void)
{
    machine_enter(MACHINE_IDLE);
    close_all();
    machine_revive();
    be_down();
}

void daemon_kill(void)
{
    if (!it.up)
        return;
    machine_stop();
    fall();
}

void daemon_start_now(void)
{
    if (!it.up)
        events_in(0, start, NULL, it.life);
}

void daemon_next_down(int64_t down_ms)
{
    it.down_ms = down_ms;
}

/* ---------------------------------------------------------------- the clock */

void daemon_set_wall(int64_t offset_ms)
{
    it.wall_offset_ms = offset_ms;
}

static void own(struct gp_item item)
{
    struct gp_batch *batch = &it.filling->batch;

    if (batch->item_count < ITEMS_MAX)
        it.filling->item[batch->item_count++] = item;
}

static void owe(enum gp_item_kind kind)
{
    for (unsigned i = 0; i < it.owed_count; i++) {
        if (it.owed[i] == kind)
            return;
    }
    it.owed[it.owed_count++] = (uint8_t)kind;
}

static void alarm(enum gp_clock_alarm alarm)
{
    static const char *const texts[] = {"", "went back", "jumped", "far ahead", "settled"};

    if (alarm == GP_CLOCK_QUIET)
        return;
    events_note("clock alarm", alarm, 0);
    own((struct gp_item){.kind = GP_ITEM_CLOCK, .text = gp_span_of(texts[alarm])});
    if (alarm == GP_CLOCK_SETTLED)
        owe(GP_ITEM_START);
}

static int64_t look(void)
{
    enum gp_clock_alarm raised;
    int64_t before_ms = it.now_ms;

    it.now_ms = gp_clock_read(&it.clock, events_now() + it.wall_offset_ms, events_now(), &raised);
    checks_clock(before_ms, it.now_ms);
    alarm(raised);
    return it.now_ms;
}

void daemon_confirm_clock(void)
{
    if (!daemon_is_held())
        return;
    own((struct gp_item){
        .kind = GP_ITEM_CLOCK, .text = GP_SPAN("confirmed"), .actor = GP_SPAN("zheng")});
    hand_over();
}

/* ---------------------------------------------------------------- checkpoints */

static void upkeep(void *context, uint64_t life)
{
    (void)context;
    if (life != it.life || !it.up || !gp_store_upkeep_due(it.store))
        return;
    machine_enter(MACHINE_UPKEEP);
    fate_tempt(100, 20);
    fail_unless_ok(gp_store_upkeep(it.store), "upkeep");
    machine_enter(MACHINE_IDLE);
    if (machine_stopped())
        fall();
}

static void settle(void *context, uint64_t life)
{
    (void)context;
    if (life != it.life || !it.up)
        return;
    machine_enter(MACHINE_SETTLE);
    fate_tempt(1, 2);
    fail_unless_ok(gp_store_settle(it.store), "settling");
    machine_enter(MACHINE_IDLE);
    if (machine_stopped())
        fall();
    else
        events_in(events_between(1, 50), upkeep, NULL, life);
}

bool daemon_make_fresh(void)
{
    if (!gp_store_checkpoint_owed(it.store))
        return true;
    machine_enter(MACHINE_CHECKPOINT);
    fail_unless_ok(gp_store_checkpoint(it.store), "a checkpoint");
    machine_enter(MACHINE_IDLE);
    if (machine_stopped()) {
        fall();
        return false;
    }
    events_in(events_between(5, 300), settle, NULL, it.life);
    return true;
}

/* Nothing came since that batch. */
static void idle(void *context, uint64_t batches)
{
    (void)context;
    if (it.up && it.batches == batches && !it.in_flight && !gp_store_settle_due(it.store))
        (void)daemon_make_fresh();
}

/* ---------------------------------------------------------------- what a batch brings about */

static void answer(const struct gp_item *item)
{
    struct errand *errand = item->context;

    checks_promise(errand, &item->answer);
    handset_send_answer(errand, item);
}

static void end_in_order(void);

static void follow_up(const struct gp_item *item)
{
    switch ((enum gp_item_kind)item->kind) {
    case GP_ITEM_COMMAND:
        answer(item);
        break;
    case GP_ITEM_EXPIRE:
        it.expire_queued = false;
        break;
    case GP_ITEM_START:
    case GP_ITEM_REPLAN:
        if (item->more)
            owe(item->kind);
        break;
    case GP_ITEM_CLOCK:
        if (item->actor.len == 0 || it.clock.state != GP_CLOCK_HELD)
            break;
        gp_clock_confirm(&it.clock, events_now() + it.wall_offset_ms, events_now());
        owe(GP_ITEM_START);
        break;
    case GP_ITEM_FORGET:
    case GP_ITEM_DIRECTORY:
    case GP_ITEM_AUDIT:
        break;
    }
}

/* A batch came back: its answers leave. */
static void done(void *context, uint64_t life)
{
    struct slot *slot = it.flying;

    (void)context;
    if (life != it.life || !it.up)
        return;
    it.in_flight = false;
    it.next_deadline_ms = slot->batch.next_deadline_ms;
    for (size_t i = 0; i < slot->batch.item_count; i++)
        follow_up(&slot->item[i]);
    feeds_grown(slot->batch.head);
    if (gp_store_checkpoint_due(it.store) && !daemon_make_fresh())
        return;
    hand_over();
    if (!it.up || it.in_flight)
        return;
    if (it.ending)
        end_in_order();
    else
        events_in(it.idle_ms, idle, NULL, it.batches);
}

/* ---------------------------------------------------------------- batches */

static void swap_slots(void)
{
    struct slot *slot = it.filling;

    it.filling = it.flying;
    it.flying = slot;
    it.filling->batch.item_count = 0;
}

/* What is owed goes alone; else all that has collected. */
static void choose_batch(void)
{
    if (it.owed_count == 0) {
        swap_slots();
        return;
    }
    it.flying->item[0] = (struct gp_item){.kind = it.owed[0]};
    if (it.owed[0] == GP_ITEM_DIRECTORY)
        it.flying->item[0].text = GP_SPAN("in force");
    it.flying->batch.item_count = 1;
    memmove(it.owed, it.owed + 1, --it.owed_count);
}

static int64_t latency_ms(void)
{
    return events_chance(10) ? events_between(100, 3 * GP_MS_SECOND) : events_between(1, 12);
}

static void hand_over(void)
{
    int64_t now_ms;

    if (!it.up || it.in_flight)
        return;
    now_ms = look(); /* may add an alarm */
    if (it.filling->batch.item_count == 0 && it.owed_count == 0)
        return;
    choose_batch();
    size_t count = it.flying->batch.item_count;
    it.flying->batch = (struct gp_batch){.org = it.org,
                                         .now_ms = now_ms,
                                         .held = it.clock.state == GP_CLOCK_HELD,
                                         .item = it.flying->item,
                                         .item_count = count};
    it.batches++;
    machine_enter(MACHINE_BATCH);
    fail_unless_ok(gp_engine_apply(it.engine, &it.flying->batch), "applying a batch");
    machine_enter(MACHINE_IDLE);
    if (machine_stopped()) {
        it.limbo = *it.flying;
        it.limbo.batch.item = it.limbo.item;
        it.in_limbo = true;
        fall();
        return;
    }
    it.in_flight = true;
    it.ending = it.end_asked;
    checks_batch(&it.flying->batch);
    events_in(latency_ms(), done, NULL, it.life);
}

void daemon_letter(struct errand *errand, bool other_body)
{
    struct gp_item item = {.kind = GP_ITEM_COMMAND, .command = errand->command, .context = errand};

    if (!it.up || it.ending || it.filling->batch.item_count >= ITEMS_MAX - 8)
        return;
    item.command.body_hash[0] ^= other_body;
    own(item);
    hand_over();
}

void daemon_reload(const struct gp_org *org)
{
    if (!it.up || it.ending || memcmp(org->digest, it.org->digest, sizeof org->digest) == 0)
        return;
    it.org = org;
    events_note("reload", 0, 0);
    owe(GP_ITEM_DIRECTORY);
    owe(GP_ITEM_REPLAN);
    hand_over();
}

/* ---------------------------------------------------------------- the tick */

static void tick(void *context, uint64_t life)
{
    int64_t now_ms, wait_ms = LOOK_MS;

    (void)context;
    if (life != it.life || !it.up)
        return;
    now_ms = look();
    if (!daemon_is_held() && it.next_deadline_ms <= now_ms && !it.expire_queued &&
        it.owed_count == 0) {
        it.expire_queued = true;
        own((struct gp_item){.kind = GP_ITEM_EXPIRE});
    }
    if (now_ms >= it.forget_at_ms) {
        it.forget_at_ms = now_ms + GP_MS_DAY;
        own((struct gp_item){.kind = GP_ITEM_FORGET});
    }
    if (it.next_deadline_ms > now_ms && it.next_deadline_ms - now_ms < wait_ms)
        wait_ms = it.next_deadline_ms - now_ms;
    events_in(wait_ms, tick, NULL, life);
    hand_over();
}

/* ---------------------------------------------------------------- start and end */

static void look_at_clock(int64_t mark_ms)
{
    enum gp_clock_alarm raised;

    gp_clock_start(&it.clock, JUMP_MAX_MS, START_MAX_MS, mark_ms, events_now() + it.wall_offset_ms,
                   events_now(), &raised);
    it.now_ms = it.clock.mark_ms;
    alarm(raised);
}

static void be_up(const struct gp_engine_start *state)
{
    it.up = true;
    it.end_asked = it.ending = it.expire_queued = false;
    it.next_deadline_ms = state->next_deadline_ms;
    it.forget_at_ms = 0;
    it.filling->batch.item_count = 0;
    look_at_clock(state->mark_ms);
    if (memcmp(it.org->digest, state->directory_digest, sizeof it.org->digest) != 0)
        owe(GP_ITEM_DIRECTORY);
    if (it.owed_count > 0 || state->replanning)
        owe(GP_ITEM_REPLAN);
    if (state->head > 0)
        owe(GP_ITEM_START);
    events_note("up", it.life, state->head);
    events_in(0, tick, NULL, it.life);
}

static void start(void *context, uint64_t life)
{
    struct gp_store_options options = {
        .map_bytes = MAP_BYTES, .create = true, .segment_bytes = SEGMENT_BYTES};
    struct gp_engine_start state;

    (void)context;
    if (it.up || life != it.life)
        return;
    machine_enter(MACHINE_START);
    fate_tempt(150, 30);
    fail_unless_ok(gp_store_open(machine_store(), &options, &it.store), "opening the store");
    fail_unless_ok(gp_engine_open(it.store, &it.engine), "opening the engine");
    fail_unless_ok(gp_engine_state(it.engine, &state), "reading the engine's state");
    if (machine_stopped()) {
        fall();
        return;
    }
    machine_enter(MACHINE_IDLE);
    checks_world.store = it.store;
    checks_world.engine = it.engine;
    checks_start(it.store, &state, it.in_limbo ? &it.limbo.batch : NULL);
    it.in_limbo = false;
    be_up(&state);
}

/* Drained; now the store is closed. */
static void end_in_order(void)
{
    uint64_t life = it.life;

    feeds_flush();
    if (life != it.life || !it.up)
        return; /* a look of theirs wanted a checkpoint, and in that the machine has stopped */
    machine_enter(MACHINE_STOP);
    fate_tempt(600, 3);
    (void)gp_store_checkpoint(it.store); /* as the store thread does at its end */
    close_all();
    machine_enter(MACHINE_IDLE);
    if (machine_stopped())
        machine_revive();
    be_down();
}

void daemon_ask_to_end(void)
{
    it.end_asked = it.up;
}

void daemon_begin(const struct gp_org *org, int64_t idle_ms)
{
    memset(&it, 0, sizeof it);
    it.life = 1;
    it.org = org;
    it.idle_ms = idle_ms;
    it.down_ms = GP_MS_SECOND;
    it.filling = &it.slot[0];
    it.flying = &it.slot[1];
    it.next_deadline_ms = INT64_MAX;
    feeds_forget();
    start(NULL, it.life);
}

void daemon_close(void)
{
    if (it.up)
        close_all();
    it.up = false;
}
