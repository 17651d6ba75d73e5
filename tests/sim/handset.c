#include "sim/handset.h"

#include "base/bytes.h"
#include "base/clocktext.h"
#include "sim/checks.h"
#include "sim/daemon.h"
#include "sim/desk.h"
#include "sim/net.h"

#include <stdio.h>
#include <stdlib.h>

#define HANDSETS     12
#define ERRANDS_PAGE 4096

struct handset {
    char name[16];
    bool online;
    int64_t clock_ms; /* so much it is fast */
};

struct answer { /* on its way */
    struct errand *errand;
    struct gp_answer answer;
    bool other_body;
    unsigned copies;
};

static struct handset handsets[HANDSETS];
static struct errand **pages; /* errands do not move: letters on the way point to them */
static size_t page_count, errand_count;
static unsigned waiting;
struct handset_figures handset_figures;

static void *make(size_t count, size_t bytes)
{
    void *made = calloc(count, bytes);

    if (made == NULL)
        abort();
    return made;
}

static struct errand *new_errand(void)
{
    if (errand_count == page_count * ERRANDS_PAGE) {
        pages = realloc(pages, (page_count + 1) * sizeof(struct errand *));
        if (pages == NULL)
            abort();
        pages[page_count++] = make(ERRANDS_PAGE, sizeof(struct errand));
    }
    struct errand *errand = &pages[errand_count / ERRANDS_PAGE][errand_count % ERRANDS_PAGE];
    errand_count++;
    *errand = (struct errand){0};
    return errand;
}

/* ---------------------------------------------------------------- sending */

static void arrive(void *context, uint64_t other_body)
{
    daemon_letter(context, other_body != 0);
}

/* Again after 5 s, then twice as long, at most five minutes. */
static void send(void *context, uint64_t number)
{
    struct errand *errand = context;
    int64_t patience_ms = 5 * GP_MS_SECOND << (errand->tries < 6 ? errand->tries : 6);

    (void)number;
    if (errand->answered)
        return;
    errand->tries++;
    if (errand->by->online) {
        handset_figures.sends++;
        (void)net_send(arrive, errand, 0);
    }
    events_in(patience_ms, send, errand, 0);
}

void handset_type(const struct gp_command *command)
{
    struct errand *errand = new_errand();
    struct handset *by = &handsets[events_random(HANDSETS)];
    uint64_t made_ms = (uint64_t)(events_now() + by->clock_ms);

    errand->by = by;
    errand->command = *command;
    errand->command.device = gp_span_of(by->name);
    gp_put_u64(errand->command.id, made_ms << 16 | events_random(65536));
    gp_put_u64(errand->command.id + 8, events_random(UINT64_MAX));
    gp_put_u64(errand->command.body_hash, events_random(UINT64_MAX));
    gp_put_u64(errand->command.salt, events_random(UINT64_MAX));
    waiting++;
    handset_figures.errands++;
    send(errand, 0);
}

/* ---------------------------------------------------------------- being answered */

/* Seldom a handset has a bug and says something else by the same id. */
static void learn(struct errand *errand, const struct gp_answer *answer)
{
    checks_answered(errand, answer);
    if (errand->answered)
        return;
    errand->answered = true;
    waiting--;
    handset_figures.refused += answer->reason != GP_REASON_NONE;
    desk_answered(errand, answer);
    if (answer->reason == GP_REASON_NONE && events_chance(5))
        (void)net_send(arrive, errand, 1);
    if (answer->reason == GP_REASON_NONE && events_chance(10)) /* or asks for nothing again */
        (void)net_send(arrive, errand, 0);
}

static void receive(void *context, uint64_t number)
{
    struct answer *answer = context;

    (void)number;
    if (answer->errand->by->online && !answer->other_body)
        learn(answer->errand, &answer->answer);
    if (--answer->copies == 0)
        free(answer);
}

void handset_send_answer(struct errand *errand, const struct gp_item *item)
{
    struct answer *answer = make(1, sizeof *answer);

    answer->errand = errand;
    answer->answer = item->answer;
    answer->other_body = memcmp(item->command.body_hash, errand->command.body_hash, 16) != 0;
    answer->copies = net_send(receive, answer, 0);
    if (answer->copies == 0)
        free(answer);
}

/* ---------------------------------------------------------------- connections */

static void come_back(void *context, uint64_t number)
{
    struct handset *handset = context;

    (void)number;
    handset->online = true;
}

void handset_lose_one(int64_t away_ms)
{
    struct handset *handset = &handsets[events_random(HANDSETS)];

    if (!handset->online)
        return;
    handset->online = false;
    events_in(away_ms, come_back, handset, 0);
}

void handset_all_back(void)
{
    for (unsigned i = 0; i < HANDSETS; i++)
        handsets[i].online = true;
}

unsigned handset_waiting(void)
{
    return waiting;
}

void handset_begin(void)
{
    errand_count = 0;
    waiting = 0;
    for (unsigned i = 0; i < HANDSETS; i++) {
        (void)snprintf(handsets[i].name, sizeof handsets[i].name, "handset-%u", i);
        handsets[i].online = true;
        handsets[i].clock_ms = events_between(-GP_MS_HOUR, GP_MS_HOUR) * (i % 4 == 0);
    }
}
