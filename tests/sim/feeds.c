/* The daemon's feeds, as app/followers.c and app/fresh.c serve them. */
#include "base/arena.h"
#include "base/clocktext.h"
#include "property/fail.h"
#include "sim/checks.h"
#include "sim/daemon.h"
#include "sim/events.h"
#include "sim/follower.h"

#define PARKED_MAX (4 * FILTERS)
#define WAIT_MS    (20 * GP_MS_SECOND)
#define GATHER_MS  250

struct wait {
    struct follower *follower;
    uint64_t number, after;
    unsigned filter;
    int64_t expires_ms;
};

static struct {
    struct wait wait[PARKED_MAX];
    unsigned count;
    uint64_t head, hinted;
    bool scan_planned;
} feeds;

static void park(const struct wait *wait)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < feeds.count; i++) { /* a newer one replaces the older */
        if (feeds.wait[i].follower != wait->follower)
            feeds.wait[kept++] = feeds.wait[i];
    }
    feeds.count = kept;
    feeds.wait[feeds.count++] = *wait;
}

/* Answers, or parks what found nothing and may wait. What it reads is the last checkpoint, as for
 * a reader in the pool. */
static void look(struct wait *wait, bool final)
{
    struct gp_feed_ask ask = {.after = wait->after, .filter = *checks_filter(wait->filter)};
    struct gp_feed_page page;
    struct gp_arena arena;

    if (!daemon_make_fresh())
        return;
    gp_arena_init(&arena, 8 << 20);
    fail_unless_ok(gp_engine_feed(daemon_store(), daemon_org(), &ask, (struct gp_span){0},
                                  daemon_time(), &arena, &page),
                   "reading a feed");
    checks_page(wait->filter, wait->after, &page);
    if (page.count > 0 || final || page.scanned_to < page.head) {
        follower_send_page(wait->follower, wait->number, &page);
    } else {
        wait->after = page.scanned_to;
        park(wait);
    }
    gp_arena_release(&arena);
}

static void expire(void *context, uint64_t number)
{
    (void)context;
    for (unsigned i = 0; i < feeds.count; i++) {
        struct wait wait = feeds.wait[i];
        if (wait.number != number)
            continue;
        feeds.wait[i] = feeds.wait[--feeds.count];
        look(&wait, true);
        return;
    }
}

void daemon_feed(struct follower *follower, uint64_t number, uint64_t after, unsigned filter)
{
    struct wait wait = {follower, number, after, filter, events_now() + WAIT_MS};

    if (!daemon_is_up())
        return;
    events_in(WAIT_MS, expire, NULL, number);
    look(&wait, false);
}

static void scan(void *context, uint64_t life)
{
    struct wait wait[PARKED_MAX];
    unsigned count = feeds.count;

    (void)context;
    if (life != daemon_life() || !daemon_is_up())
        return;
    feeds.scan_planned = false;
    memcpy(wait, feeds.wait, sizeof wait);
    feeds.count = 0;
    for (unsigned i = 0; i < count && daemon_is_up(); i++)
        look(&wait[i], false);
    if (daemon_is_up() && feeds.head > feeds.hinted) {
        feeds.hinted = feeds.head;
        follower_hint_all();
    }
}

void feeds_grown(uint64_t head)
{
    if (head == feeds.head)
        return;
    feeds.head = head;
    if (!feeds.scan_planned)
        events_in(GATHER_MS, scan, NULL, daemon_life());
    feeds.scan_planned = true;
}

void feeds_forget(void)
{
    feeds.count = 0;
    feeds.head = feeds.hinted = 0;
    feeds.scan_planned = false;
}

void feeds_flush(void)
{
    while (feeds.count > 0) {
        struct wait wait = feeds.wait[--feeds.count];
        look(&wait, true);
        if (!daemon_is_up())
            return;
    }
}
