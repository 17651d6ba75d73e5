/*
 * GET servicerequestupdates, the extension that FixMyStreet polls: an update is a journal entry,
 * its id the entry's number. What staff typed is not in it; its text is made of what happened.
 *
 * The daemon's feed goes by numbers, and updates are asked for by time. Both rise together, so the
 * place to begin at is found with feeds of a single entry: from the head back in growing strides,
 * then by halving.
 */
#include "web/open311/internal.h"

#include "base/clocktext.h"

#include <stdio.h>

#define FIRST_STRIDE 256
#define NEAR_ENOUGH  GP_FEED_ENTRIES_MAX /* one page further is read rather than halved */

static void unreachable(struct gp_open311_call *call)
{
    gp_open311_fail_now(call, GP_OPEN311_LATER, GP_OPEN311_UNREACHABLE, (struct gp_span){0});
}

static void ask(struct gp_open311_call *call, uint64_t after, uint32_t limit,
                void (*told)(struct gp_open311_call *, const struct gp_reply *))
{
    call->request.kind = GP_REQUEST_FEED;
    call->request.feed =
        (struct gp_feed_ask){.after = after, .limit = limit, .filter.area = call->city.area};
    gp_open311_ask_next(call, told);
}

static bool is_page(const struct gp_reply *reply)
{
    return reply->status == GP_STATUS_OK && reply->kind == GP_REPLY_FEED;
}

/* ---------------------------------------------------------------- what an update is */

/* What FixMyStreet calls where an incident stands. */
static const char *status_of(uint8_t state)
{
    switch (state) {
    case GP_STATE_DISPATCHED:
    case GP_STATE_RETURNED:
    case GP_STATE_ARBITRATION:
        return "INVESTIGATING";
    case GP_STATE_ACCEPTED:
    case GP_STATE_FINISHED:
    case GP_STATE_VERIFIED:
    case GP_STATE_REWORK:
        return "IN_PROGRESS";
    case GP_STATE_SUSPENDED:
        return "ACTION_SCHEDULED";
    case GP_STATE_CLOSED:
        return "FIXED";
    case GP_STATE_VOID:
        return "NO_FURTHER_ACTION";
    case GP_STATE_DUPLICATE:
        return "DUPLICATE";
    default:
        return "OPEN";
    }
}

/* Which entries are updates; the rest is nobody's business outside. */
static bool is_update(uint8_t what)
{
    switch (what) {
    case GP_WHAT_DISPATCHED:
    case GP_WHAT_ACCEPTED:
    case GP_WHAT_RETURNED:
    case GP_WHAT_RULED:
    case GP_WHAT_SUSPENDED:
    case GP_WHAT_RESUMED:
    case GP_WHAT_FINISHED:
    case GP_WHAT_VERIFIED:
    case GP_WHAT_REWORK:
    case GP_WHAT_CLOSED:
    case GP_WHAT_REOPENED:
    case GP_WHAT_STAGED:
    case GP_WHAT_ARBITRATED:
    case GP_WHAT_DECLINED:
    case GP_WHAT_VOIDED:
    case GP_WHAT_LINKED:
    case GP_WHAT_UNLINKED:
    case GP_WHAT_REASSIGNED:
        return true;
    default:
        return false;
    }
}

static enum gp_open311_word word_of(const struct gp_open311_update *update)
{
    switch (update->what) {
    case GP_WHAT_STAGED:
        return GP_OPEN311_UPDATE_STAGED;
    case GP_WHAT_RESUMED:
        return GP_OPEN311_UPDATE_RESUMED;
    case GP_WHAT_UNLINKED:
        return GP_OPEN311_UPDATE_UNLINKED;
    case GP_WHAT_REASSIGNED:
        return GP_OPEN311_UPDATE_REASSIGNED;
    case GP_WHAT_RULED:
        return GP_OPEN311_UPDATE_RULED;
    default:
        return (enum gp_open311_word)(GP_OPEN311_STATE_REPORTED + update->state -
                                      GP_STATE_REPORTED);
    }
}

/* ---------------------------------------------------------------- the answer */

static void write_update(const struct gp_open311_call *call, struct gp_markup *markup,
                         const struct gp_open311_update *update)
{
    char seq[24], incident[24];

    (void)snprintf(seq, sizeof seq, "%llu", (unsigned long long)update->seq);
    (void)snprintf(incident, sizeof incident, "%llu", (unsigned long long)update->incident);
    gp_markup_object(markup, "request_update");
    gp_markup_word(markup, "update_id", seq);
    gp_markup_word(markup, "service_request_id", incident);
    gp_markup_word(markup, "status", status_of(update->state));
    gp_markup_instant(markup, "updated_datetime", update->at_ms, update->zone_ms);
    gp_markup_word(markup, "description", gp_open311_word(call->language, word_of(update)));
    gp_markup_null(markup, "media_url");
    gp_markup_word(markup, "external_status_code", gp_what_name(update->what));
    gp_markup_close(markup);
}

static void done(struct gp_open311_call *call)
{
    struct gp_markup *markup = gp_open311_document(call);

    if (markup == NULL)
        return;
    gp_markup_list(markup, "service_request_updates");
    for (uint32_t i = 0; i < call->count; i++)
        write_update(call, markup, &call->update[i]);
    gp_markup_close(markup);
    gp_open311_done(call, markup);
}

/* ---------------------------------------------------------------- reading */

/* An incident that has become private was not so before; what was found of it goes. */
static void forget(struct gp_open311_call *call, uint64_t incident)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < call->count; i++) {
        if (call->update[i].incident != incident)
            call->update[kept++] = call->update[i];
    }
    call->count = kept;
}

static void collect(struct gp_open311_call *call, const struct gp_entry *entry)
{
    bool hidden =
        entry->is_private || gp_open311_is_private(call, entry->category, entry->condition);

    if (entry->incident == 0)
        return;
    if (hidden)
        forget(call, entry->incident);
    if (hidden || !is_update(entry->what) || entry->at_ms < call->filter.from_ms ||
        entry->state < GP_STATE_REPORTED || entry->state > GP_STATE_REOPENED)
        return;
    call->update[call->count++] = (struct gp_open311_update){
        .seq = entry->seq,
        .incident = entry->incident,
        .at_ms = entry->at_ms,
        .zone_ms = gp_open311_zone(call, entry->area),
        .what = entry->what,
        .state = entry->state,
    };
}

/* The last ones that there is room for are not the newest: who asks goes on from them. */
static void on_entries(struct gp_open311_call *call, const struct gp_reply *reply)
{
    if (!is_page(reply)) {
        unreachable(call);
        return;
    }
    for (uint32_t i = 0; i < reply->feed.count; i++) {
        if (reply->feed.item[i]->at_ms >= call->filter.to_ms ||
            call->count == GP_OPEN311_ROWS_MAX) {
            done(call);
            return;
        }
        collect(call, reply->feed.item[i]);
    }
    if (reply->feed.scanned_to >= reply->feed.head ||
        reply->feed.scanned_to <= call->request.feed.after)
        done(call);
    else
        ask(call, reply->feed.scanned_to, GP_FEED_ENTRIES_MAX, on_entries);
}

/* ---------------------------------------------------------------- finding the place */

static void halve(struct gp_open311_call *call);

/* Whether what stands behind a place begins too early. Where a page was ended before it found an
 * entry nothing is known, and to begin before that place is right in any case. */
static bool is_too_early(const struct gp_open311_call *call, const struct gp_reply *reply)
{
    return reply->feed.count > 0 && reply->feed.item[0]->at_ms < call->filter.from_ms;
}

static void on_middle(struct gp_open311_call *call, const struct gp_reply *reply)
{
    struct gp_open311_find *find = &call->find;
    uint64_t at = call->request.feed.after;

    if (!is_page(reply)) {
        unreachable(call);
        return;
    }
    if (is_too_early(call, reply)) {
        find->low = at;
        find->stride = 0;
    } else {
        find->high = at;
        find->stride *= 4;
    }
    halve(call);
}

static void halve(struct gp_open311_call *call)
{
    struct gp_open311_find *find = &call->find;
    uint64_t between = find->high - find->low;

    if (between <= NEAR_ENOUGH)
        ask(call, find->low, GP_FEED_ENTRIES_MAX, on_entries);
    else if (find->stride > 0 && find->stride < between)
        ask(call, find->high - find->stride, 1, on_middle);
    else
        ask(call, find->low + between / 2, 1, on_middle);
}

/* The first entry of all says where the head is. */
static void on_head(struct gp_open311_call *call, const struct gp_reply *reply)
{
    if (!is_page(reply)) {
        unreachable(call);
        return;
    }
    call->find = (struct gp_open311_find){
        .low = 0, .high = reply->feed.head, .stride = FIRST_STRIDE, .head = reply->feed.head};
    if (is_too_early(call, reply))
        halve(call);
    else
        ask(call, 0, GP_FEED_ENTRIES_MAX, on_entries);
}

void gp_open311_updates(struct gp_open311_call *call)
{
    gp_open311_filter_updates(call);
    if (call->error_count > 0)
        return;
    call->update = gp_arena_zalloc(&call->arena, GP_OPEN311_ROWS_MAX, sizeof *call->update);
    if (call->update == NULL)
        gp_open311_fail_now(call, GP_OPEN311_BROKEN, GP_OPEN311_FAILED, (struct gp_span){0});
    else
        ask(call, 0, 1, on_head);
}
