#include "crash/clients.h"

#include "core/reason.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define MS            INT64_C(1000000)
#define WAIT_NS       (60000 * MS) /* longer than anything takes, also under a sanitizer */
#define PATIENCE_NS   (2000 * MS)  /* then a client takes a new connection */
#define PUT_OFF_NS    (20 * MS)
#define FEED_WAIT_MS  1000
#define TURN_MS       100
#define ARENA_BYTES   ((size_t)32 * 1024 * 1024)
#define PACKING_BYTES ((size_t)256 * 1024)
#define ID_HEX_BYTES  33
#define NAME_BYTES    24
#define NO_CALL       SIZE_MAX

/* Of 100 commands that are no reports; then of 100 that go on with somebody's report. */
#define SHARE_REPEAT 20
#define SHARE_NOTE   25
#define SHARE_ACCEPT 45 /* the others finish */

const struct clients_place clients_golden[CLIENTS_GOLDEN] = {
    {{"340705006001001", 15}, {"n4", 2}, {0}, {"li", 2}, true},
    {{"340705402001002", 15}, {"n8", 2}, {0}, {"he", 2}, true},
};

static int64_t monotonic_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static unsigned draw(struct clients *clients, unsigned below)
{
    return (unsigned)rand_r(&clients->plan.seed) % below;
}

static struct history_call *call_of(struct clients *clients, const struct clients_worker *worker)
{
    return &clients->history.call[worker->call];
}

static const struct clients_place *place_of(const struct clients *clients,
                                            const struct clients_worker *worker)
{
    size_t place = worker->line.device != NULL ? 0 : worker->number % clients->plan.places;
    return &clients->plan.place[place];
}

/* An incident of the worker's place; NULL: it is not the one that was drawn, or not its work. */
static const struct clients_known *draw_known(struct clients *clients,
                                              const struct clients_place *place)
{
    if (!place->work || clients->recent_count == 0)
        return NULL;
    const struct clients_known *known = &clients->recent[draw(clients, clients->recent_count)];
    return known->place == place ? known : NULL;
}

/* ---------------------------------------------------------------- sending */

static void id_to_hex(const unsigned char *id, char *ret_hex)
{
    for (size_t i = 0; i < GP_COMMAND_ID_BYTES; i++)
        (void)snprintf(ret_hex + 2 * i, 3, "%02x", id[i]);
}

/* The bytes of a command depend on its call only, so that they can be sent again. */
static void send_call(struct clients *clients, struct clients_worker *worker)
{
    struct history_call *call = call_of(clients, worker);
    const struct clients_place *place = place_of(clients, worker);
    char hex[ID_HEX_BYTES], name[NAME_BYTES];
    struct gp_request request = {.kind = GP_REQUEST_COMMAND, .person = place->person};
    struct gp_span packed;

    id_to_hex(call->id, hex);
    (void)snprintf(name, sizeof name, "handset-%u", worker->number);
    request.device = gp_span_of(name);
    request.command = (struct gp_command){.verb = call->verb,
                                          .incident = call->incident,
                                          .expect_version = call->guard,
                                          .text = gp_span_of(hex)};
    memcpy(request.command.id, call->id, sizeof call->id);
    if (call->verb == GP_VERB_REPORT) {
        request.command.grid = place->grid;
        request.command.category = place->category;
        request.command.condition = place->condition;
    }
    gp_arena_reset(&clients->packing);
    assert_int_equal(gp_wire_request_pack(&request, &clients->packing, &packed), 0);
    line_send(&worker->line, packed);
    worker->sent_ns = monotonic_ns();
    worker->asked = true;
    worker->due_ns = 0;
}

static void resend(struct clients *clients, struct clients_worker *worker)
{
    clients->resent++;
    call_of(clients, worker)->sends++;
    send_call(clients, worker);
}

static void new_call(struct clients *clients, struct clients_worker *worker, enum gp_verb verb,
                     const struct clients_known *known, bool guarded)
{
    struct gp_request fresh = request_command(verb, 0, "");
    struct history_call call = {
        .sent_ns = monotonic_ns(), .client = worker->number, .sends = 1, .verb = (uint8_t)verb};

    memcpy(call.id, fresh.command.id, sizeof call.id);
    if (known != NULL) {
        call.incident = known->incident;
        call.guard = guarded ? known->version : 0;
    }
    worker->call = history_call(&clients->history, &call);
    worker->again = false;
    send_call(clients, worker);
}

static void ask_again(struct clients *clients, struct clients_worker *worker)
{
    worker->again = true;
    call_of(clients, worker)->sends++;
    send_call(clients, worker);
}

/* Does what the incident's state allows, as it was known. Several workers know the same incidents,
 * so that they meet each other's changes. */
static void go_on(struct clients *clients, struct clients_worker *worker,
                  const struct clients_known *known)
{
    unsigned lot = draw(clients, 100);

    if (lot < SHARE_NOTE || known->state > GP_STATE_ACCEPTED)
        new_call(clients, worker, GP_VERB_NOTE, known, false);
    else if (lot < SHARE_NOTE + SHARE_ACCEPT && known->state == GP_STATE_DISPATCHED)
        new_call(clients, worker, GP_VERB_ACCEPT, known, true);
    else
        new_call(clients, worker, GP_VERB_FINISH, known, true);
}

static void next_command(struct clients *clients, struct clients_worker *worker)
{
    const struct clients_known *known = draw_known(clients, place_of(clients, worker));
    unsigned lot = draw(clients, 100);
    bool done = worker->call != NO_CALL && call_of(clients, worker)->outcome == HISTORY_DONE;

    if (lot >= clients->plan.report_pct && done && draw(clients, 100) < SHARE_REPEAT) {
        ask_again(clients, worker);
        return;
    }
    if (lot < clients->plan.report_pct || known == NULL) {
        new_call(clients, worker, GP_VERB_REPORT, NULL, false);
        return;
    }
    go_on(clients, worker, known);
}

/* The next command comes between half and one and a half of a worker's share of the rate. */
static void schedule(struct clients *clients, struct clients_worker *worker)
{
    double each_ns = 0;

    if (clients->plan.rate > 0)
        each_ns = 1e9 * clients->plan.workers / clients->plan.rate;
    worker->asked = false;
    worker->due_ns = monotonic_ns() + (int64_t)(each_ns * (0.5 + draw(clients, 1000) / 1000.0));
}

static void ask_feed(struct clients *clients, struct clients_follower *follower)
{
    struct gp_request request = request_feed(follower->after, FEED_WAIT_MS);
    char name[NAME_BYTES];
    struct gp_span packed;

    (void)snprintf(name, sizeof name, "follower-%zu", follower->number);
    request.person = clients->plan.place[0].person;
    request.device = gp_span_of(name);
    request.feed.follower = gp_span_of(name);
    gp_arena_reset(&clients->packing);
    assert_int_equal(gp_wire_request_pack(&request, &clients->packing, &packed), 0);
    line_send(&follower->line, packed);
    follower->sent_ns = monotonic_ns();
    follower->asked = true;
    follower->due_ns = 0;
}

/* ---------------------------------------------------------------- answers */

static struct history_answer answer_of(const struct gp_reply *reply)
{
    return (struct history_answer){
        .incident = reply->answer.incident,
        .seq = reply->answer.seq,
        .at_ms = reply->answer.at_ms,
        .due_ms = reply->answer.due_ms,
        .version = reply->answer.version,
        .state = reply->answer.state,
    };
}

/* A new report takes the place of an older one; what changed one is known to all. */
static void know(struct clients *clients, const struct history_call *call,
                 const struct clients_place *place)
{
    const struct clients_known now = {call->answer.incident, call->answer.version,
                                      call->answer.state, place};

    for (unsigned i = 0; call->verb != GP_VERB_REPORT && i < clients->recent_count; i++) {
        if (clients->recent[i].incident == now.incident) {
            clients->recent[i] = now;
            return;
        }
    }
    if (call->verb != GP_VERB_REPORT)
        return;
    if (clients->recent_count < CLIENTS_RECENT)
        clients->recent[clients->recent_count++] = now;
    else
        clients->recent[draw(clients, CLIENTS_RECENT)] = now;
}

static void take_done(struct clients *clients, struct clients_worker *worker,
                      const struct gp_reply *reply)
{
    struct history_call *call = call_of(clients, worker);

    assert_memory_equal(reply->answer.id, call->id, sizeof call->id);
    if (worker->again) {
        history_repeat(&clients->history, &(struct history_repeat){.call = worker->call,
                                                                   .answer = answer_of(reply),
                                                                   .said = reply->answer.repeated});
        return;
    }
    call->outcome = HISTORY_DONE;
    call->answer = answer_of(reply);
    clients->recovered += reply->answer.repeated;
    clients->acknowledged++;
    clients->reported += call->verb == GP_VERB_REPORT;
    know(clients, call, place_of(clients, worker));
}

static void take_refusal(struct clients *clients, struct clients_worker *worker,
                         const struct gp_reply *reply)
{
    struct history_call *call = call_of(clients, worker);

    if (worker->again) { /* what was acknowledged is refused now */
        history_repeat(&clients->history, &(struct history_repeat){.call = worker->call});
        return;
    }
    call->outcome = HISTORY_REFUSED;
    call->reason = reply->reason;
    clients->refused++;
}

/* Returns whether this is the last word on the call. */
static bool take_reply(struct clients *clients, struct clients_worker *worker,
                       const struct gp_reply *reply)
{
    if (reply->status == GP_STATUS_TRY_AGAIN || reply->status == GP_STATUS_LIMITED) {
        clients->put_off++;
        worker->due_ns = monotonic_ns() + PUT_OFF_NS;
        return false;
    }
    if (!worker->again)
        call_of(clients, worker)->answered_ns = monotonic_ns();
    if (reply->status == GP_STATUS_OK)
        take_done(clients, worker, reply);
    else if (reply->status == GP_STATUS_REFUSED)
        take_refusal(clients, worker, reply);
    else
        fail_msg("a command was answered with status %u: %.*s", reply->status,
                 GP_SPAN_ARG(reply->detail));
    return true;
}

static void serve_worker(struct clients *clients, struct clients_worker *worker)
{
    struct gp_reply reply;

    switch (line_receive(&worker->line, &clients->arena, &reply)) {
    case LINE_NOTHING:
        break;
    case LINE_ANSWER:
        if (worker->asked && take_reply(clients, worker, &reply))
            schedule(clients, worker);
        break;
    case LINE_WELCOME:
        clients->welcomes++;
        resend(clients, worker);
        break;
    case LINE_LOST:
        resend(clients, worker);
        break;
    }
}

static void take_feed(struct clients *clients, struct clients_follower *follower,
                      const struct gp_reply *reply)
{
    for (uint32_t i = 0; i < reply->feed.count; i++) {
        const struct gp_entry *entry = reply->feed.item[i];
        history_saw(&clients->history, follower->number, entry->seq, history_digest(entry));
    }
    follower->after = reply->feed.scanned_to;
    follower->head = reply->feed.head;
}

static void serve_follower(struct clients *clients, struct clients_follower *follower)
{
    struct gp_reply reply;

    if (monotonic_ns() < follower->stalled_until_ns ||
        line_receive(&follower->line, &clients->arena, &reply) != LINE_ANSWER)
        return;
    follower->asked = false;
    if (reply.status == GP_STATUS_TRY_AGAIN) {
        follower->due_ns = monotonic_ns() + PUT_OFF_NS;
        return;
    }
    if (reply.status != GP_STATUS_OK)
        fail_msg("a feed was answered with status %u: %.*s", reply.status,
                 GP_SPAN_ARG(reply.detail));
    take_feed(clients, follower, &reply);
    ask_feed(clients, follower);
}

/* ---------------------------------------------------------------- turns */

/* nanomsg 1.1.5 leaves a connection for dead that waited in the listener's backlog when its process
 * was killed: it never connects again. So nobody waits for one connection for ever. */
static void tend_worker(struct clients *clients, struct clients_worker *worker, bool go_on,
                        int64_t now_ns)
{
    const struct clients_plan *plan = &clients->plan;

    if (!worker->asked) {
        if (go_on && now_ns >= worker->due_ns)
            next_command(clients, worker);
        return;
    }
    if (worker->due_ns != 0 && now_ns >= worker->due_ns) {
        resend(clients, worker);
    } else if (now_ns - worker->sent_ns > PATIENCE_NS) {
        line_renew(&worker->line, worker->line.device != NULL ? plan->sealed_at : plan->address);
        clients->given_up++;
        resend(clients, worker);
    }
}

static void tend_follower(struct clients *clients, struct clients_follower *follower,
                          int64_t now_ns)
{
    if (now_ns < follower->stalled_until_ns)
        return;
    if (follower->asked && now_ns - follower->sent_ns > PATIENCE_NS) {
        line_renew(&follower->line, clients->plan.address);
        clients->given_up++;
        ask_feed(clients, follower);
    } else if (!follower->asked && now_ns >= follower->due_ns) {
        ask_feed(clients, follower);
    }
}

static int64_t tend_all(struct clients *clients, bool go_on)
{
    int64_t now_ns = monotonic_ns(), next_ns = now_ns + TURN_MS * MS;

    for (unsigned i = 0; i < clients->plan.workers; i++) {
        struct clients_worker *worker = &clients->worker[i];
        tend_worker(clients, worker, go_on, now_ns);
        if (worker->due_ns != 0 && (go_on || worker->asked) && worker->due_ns < next_ns)
            next_ns = worker->due_ns;
    }
    for (unsigned i = 0; i < clients->plan.followers; i++)
        tend_follower(clients, &clients->follower[i], now_ns);
    return next_ns - now_ns;
}

/* Returns whether the descriptor is readable. */
static bool turn(struct clients *clients, int descriptor, int64_t until_ns, bool go_on)
{
    unsigned workers = clients->plan.workers, followers = clients->plan.followers;
    int64_t wait_ns = tend_all(clients, go_on), left_ns = until_ns - monotonic_ns();
    struct pollfd *wait = clients->wait;

    for (unsigned i = 0; i < workers; i++)
        wait[i] = (struct pollfd){.fd = clients->worker[i].line.readable, .events = POLLIN};
    for (unsigned i = 0; i < followers; i++)
        wait[workers + i] = (struct pollfd){
            .fd = monotonic_ns() < clients->follower[i].stalled_until_ns
                      ? -1
                      : clients->follower[i].line.readable,
            .events = POLLIN,
        };
    wait[workers + followers] = (struct pollfd){.fd = descriptor, .events = POLLIN};
    wait_ns = left_ns < wait_ns ? left_ns : wait_ns;
    const struct timespec pause = {.tv_nsec = wait_ns > 0 ? (long)wait_ns : 0};
    assert_true(ppoll(wait, workers + followers + 1, &pause, NULL) >= 0);
    for (unsigned i = 0; i < workers; i++) {
        if (wait[i].revents != 0)
            serve_worker(clients, &clients->worker[i]);
    }
    for (unsigned i = 0; i < followers; i++) {
        if (wait[workers + i].revents != 0)
            serve_follower(clients, &clients->follower[i]);
    }
    return wait[workers + followers].revents != 0;
}

bool clients_run(struct clients *clients, int descriptor, int duration_ms)
{
    int64_t until_ns = monotonic_ns() + duration_ms * MS;

    do {
        if (turn(clients, descriptor, until_ns, true))
            return true;
    } while (monotonic_ns() < until_ns);
    return false;
}

void clients_run_reports(struct clients *clients, size_t reports)
{
    int64_t until_ns = monotonic_ns() + WAIT_NS;
    size_t want = clients->reported + reports;

    while (clients->reported < want) {
        if (monotonic_ns() > until_ns)
            fail_msg("%zu reports are still missing", want - clients->reported);
        (void)turn(clients, -1, until_ns, true);
    }
}

/* ---------------------------------------------------------------- the end */

static unsigned count_asked(const struct clients *clients)
{
    unsigned asked = 0;

    for (unsigned i = 0; i < clients->plan.workers; i++)
        asked += clients->worker[i].asked;
    return asked;
}

static unsigned count_behind(const struct clients *clients, uint64_t head)
{
    unsigned behind = 0;

    for (unsigned i = 0; i < clients->plan.followers; i++)
        behind += clients->follower[i].after < head;
    return behind;
}

uint64_t clients_finish(struct clients *clients)
{
    int64_t until_ns = monotonic_ns() + WAIT_NS;
    struct client client;

    while (count_asked(clients) > 0) {
        if (monotonic_ns() > until_ns)
            fail_msg("%u commands were never answered", count_asked(clients));
        (void)turn(clients, -1, until_ns, false);
    }
    client_open(&client, clients->plan.address);
    uint64_t head = client_status(&client).head;
    client_close(&client);
    while (count_behind(clients, head) > 0) {
        if (monotonic_ns() > until_ns)
            fail_msg("%u followers never came to entry %llu", count_behind(clients, head),
                     (unsigned long long)head);
        (void)turn(clients, -1, until_ns, false);
    }
    return head;
}

void clients_forget(struct clients *clients)
{
    struct history *history = &clients->history;
    struct history_call *kept = calloc(clients->plan.workers, sizeof *kept);
    size_t count = 0;

    assert_non_null(kept);
    for (unsigned i = 0; i < clients->plan.workers; i++) {
        struct clients_worker *worker = &clients->worker[i];
        if (worker->call == NO_CALL)
            continue;
        kept[count] = *call_of(clients, worker);
        worker->call = count++;
    }
    if (count > 0)
        memcpy(history->call, kept, count * sizeof *kept);
    free(kept);
    history->call_count = count;
    history->repeat_count = 0;
    for (unsigned i = 0; i < clients->plan.followers; i++) {
        history->feed[i].after = clients->follower[i].after;
        history->feed[i].count = 0;
    }
}

void clients_break(struct clients *clients, unsigned worker)
{
    struct clients_worker *this = &clients->worker[worker];
    const struct clients_plan *plan = &clients->plan;

    line_renew(&this->line, this->line.device != NULL ? plan->sealed_at : plan->address);
    if (this->asked)
        resend(clients, this);
}

void clients_stall(struct clients *clients, unsigned follower, int duration_ms)
{
    clients->follower[follower].stalled_until_ns = monotonic_ns() + duration_ms * MS;
}

/* ---------------------------------------------------------------- begin */

static void open_workers(struct clients *clients)
{
    const struct clients_plan *plan = &clients->plan;

    clients->worker = calloc(plan->workers, sizeof *clients->worker);
    assert_non_null(clients->worker);
    for (unsigned i = 0; i < plan->workers; i++) {
        struct clients_worker *worker = &clients->worker[i];
        bool seals = i < plan->sealed;
        worker->number = i;
        worker->call = NO_CALL;
        line_open(&worker->line, seals ? plan->sealed_at : plan->address,
                  seals ? plan->device[i] : NULL);
        schedule(clients, worker);
    }
}

static void open_followers(struct clients *clients)
{
    const struct clients_plan *plan = &clients->plan;

    clients->follower = calloc(plan->followers + 1, sizeof *clients->follower);
    assert_non_null(clients->follower);
    for (unsigned i = 0; i < plan->followers; i++) {
        struct clients_follower *follower = &clients->follower[i];
        *follower = (struct clients_follower){.number = i, .after = plan->after};
        clients->history.feed[i].after = plan->after;
        line_open(&follower->line, plan->address, NULL);
    }
}

void clients_open(struct clients *clients, const struct clients_plan *plan)
{
    *clients = (struct clients){.plan = *plan};
    history_init(&clients->history, plan->followers);
    gp_arena_init(&clients->arena, ARENA_BYTES);
    gp_arena_init(&clients->packing, PACKING_BYTES);
    clients->wait = calloc(plan->workers + plan->followers + 1, sizeof *clients->wait);
    assert_non_null(clients->wait);
    open_workers(clients);
    open_followers(clients);
}

void clients_close(struct clients *clients)
{
    for (unsigned i = 0; i < clients->plan.workers; i++)
        line_close(&clients->worker[i].line);
    for (unsigned i = 0; i < clients->plan.followers; i++)
        line_close(&clients->follower[i].line);
    free(clients->worker);
    free(clients->follower);
    free(clients->wait);
    gp_arena_release(&clients->arena);
    gp_arena_release(&clients->packing);
    history_release(&clients->history);
}
