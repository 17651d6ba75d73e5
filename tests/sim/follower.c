#include "sim/follower.h"

#include "base/clocktext.h"
#include "property/fail.h"
#include "sim/checks.h"
#include "sim/daemon.h"
#include "sim/net.h"

#include <stdlib.h>

#define PATIENCE_MS (25 * GP_MS_SECOND)

struct follower {
    unsigned filter;
    /* durable */
    uint64_t cursor; /* everything up to here was processed */
    uint64_t last;   /* the newest entry that was */
    /* memory */
    uint64_t asked; /* number of the request that is under way; 0: none */
};

struct page { /* on its way */
    struct follower *to;
    uint64_t number, scanned_to;
    unsigned copies, count;
    uint64_t seq[GP_FEED_ENTRIES_MAX];
};

struct ask { /* on its way */
    struct follower *by;
    uint64_t after;
    unsigned copies;
};

static struct follower followers[FILTERS];
static uint64_t numbers;

static void *make(size_t bytes)
{
    void *made = calloc(1, bytes);

    if (made == NULL)
        abort();
    return made;
}

static void request(void *context, uint64_t number);

/* ---------------------------------------------------------------- asking */

static void arrive(void *context, uint64_t number)
{
    struct ask *ask = context;

    daemon_feed(ask->by, number, ask->after, ask->by->filter);
    if (--ask->copies == 0)
        free(ask);
}

static void ask(struct follower *follower)
{
    struct ask *ask = make(sizeof *ask);

    *ask = (struct ask){follower, follower->cursor, 0};
    follower->asked = ++numbers;
    ask->copies = net_send(arrive, ask, follower->asked);
    if (ask->copies == 0)
        free(ask);
    events_in(PATIENCE_MS, request, follower, follower->asked);
}

/* The request of that number was not answered. */
static void request(void *context, uint64_t number)
{
    struct follower *follower = context;

    if (follower->asked == number)
        ask(follower);
}

/* ---------------------------------------------------------------- being told */

static void process(struct follower *follower, const struct page *page)
{
    for (unsigned i = 0; i < page->count; i++) {
        if (page->seq[i] <= follower->last)
            fail("a follower sees entry %llu again", (unsigned long long)page->seq[i]);
        follower->last = page->seq[i];
    }
    if (page->scanned_to < follower->cursor)
        fail("a follower is sent back from %llu to %llu", (unsigned long long)follower->cursor,
             (unsigned long long)page->scanned_to);
    follower->cursor = page->scanned_to;
}

/* Only the answer to the request that is under way counts: it begins where the cursor is. */
static void receive(void *context, uint64_t number)
{
    struct page *page = context;
    struct follower *follower = page->to;

    if (number == follower->asked) {
        process(follower, page);
        follower->asked = 0;
        ask(follower);
    }
    if (--page->copies == 0)
        free(page);
}

void follower_send_page(struct follower *follower, uint64_t number, const struct gp_feed_page *page)
{
    struct page *copy = make(sizeof *copy);

    *copy = (struct page){follower, number, page->scanned_to, 0, page->count, {0}};
    for (unsigned i = 0; i < page->count; i++)
        copy->seq[i] = page->item[i]->seq;
    copy->copies = net_send(receive, copy, number);
    if (copy->copies == 0)
        free(copy);
}

/* One that waits at the daemon needs no hint; one whose request got lost is helped by it. */
static void hint(void *context, uint64_t number)
{
    struct follower *follower = context;

    (void)number;
    if (events_chance(50))
        ask(follower);
}

void follower_hint_all(void)
{
    for (unsigned i = 0; i < FILTERS; i++)
        net_send(hint, &followers[i], 0);
}

/* ---------------------------------------------------------------- lives */

static void wake(void *context, uint64_t number)
{
    struct follower *follower = context;

    (void)number;
    if (follower->asked == 0)
        ask(follower);
}

void follower_crash_one(void)
{
    struct follower *follower = &followers[events_random(FILTERS)];

    follower->asked = 0;
    events_in(events_between(GP_MS_SECOND, GP_MS_HOUR), wake, follower, 0);
}

bool follower_all_at(uint64_t head)
{
    for (unsigned i = 0; i < FILTERS; i++) {
        if (followers[i].cursor < head)
            return false;
    }
    return true;
}

void follower_begin(void)
{
    numbers = 0;
    for (unsigned i = 0; i < FILTERS; i++) {
        followers[i] = (struct follower){.filter = i};
        ask(&followers[i]);
    }
}
