#include "sim/checks.h"

#include "property/audit.h"
#include "property/fail.h"
#include "sim/events.h"

#include <stdio.h>
#include <stdlib.h>

/* So late may a step be without a cause: the daemon looks once a second, and a batch may be under
 * way for three. */
#define LATE_MS (5 * GP_MS_SECOND)

#define IDS (UINT64_C(1) << 18) /* a power of two, and far more than a run has commands */

struct fact { /* of an entry, for who follows */
    uint64_t incident;
    int64_t at_ms;
    uint8_t what, passes; /* passes: bits, by filter */
};

static struct {
    struct fact *fact; /* by seq */
    size_t fact_room;
    struct {
        unsigned char id[GP_COMMAND_ID_BYTES];
        uint64_t seq;
    } kept[IDS]; /* by command id: the entry that it was accepted with */
    int64_t planned_ms[INCIDENTS_MAX];
    int64_t leap_from_ms, leap_to_ms;
    int64_t last_ms;                   /* of the newest entry */
    unsigned char hash[GP_HASH_BYTES]; /* the journal's, at the model's head */
} checks;

static struct model model;
struct world checks_world;
struct checks_figures checks_figures;

/* ---------------------------------------------------------------- command ids */

static uint64_t *kept_seq(const unsigned char id[GP_COMMAND_ID_BYTES])
{
    static const unsigned char none[GP_COMMAND_ID_BYTES];
    uint64_t at = 0;

    for (size_t i = 0; i < GP_COMMAND_ID_BYTES; i++)
        at = (at ^ id[i]) * UINT64_C(0x100000001B3);
    for (at ^= at >> 32;; at++) {
        at &= IDS - 1;
        if (memcmp(checks.kept[at].id, id, GP_COMMAND_ID_BYTES) == 0)
            return &checks.kept[at].seq;
        if (memcmp(checks.kept[at].id, none, GP_COMMAND_ID_BYTES) == 0) {
            memcpy(checks.kept[at].id, id, GP_COMMAND_ID_BYTES);
            return &checks.kept[at].seq;
        }
    }
}

/* Whatever was sent how often: one command, one entry that keeps its answer. */
static void check_kept(const struct gp_entry *entry)
{
    uint64_t *seq;

    if (!entry->kept.present)
        return;
    seq = kept_seq(entry->kept.id);
    if (*seq != 0)
        fail("one command was executed twice, at entries %llu and %llu", (unsigned long long)*seq,
             (unsigned long long)entry->seq);
    *seq = entry->seq;
}

/* ---------------------------------------------------------------- entries */

const struct gp_feed_filter *checks_filter(unsigned filter)
{
    static struct gp_feed_filter filters[FILTERS];

    filters[1].department = GP_SPAN("SZ");
    if (gp_area_parse(GP_SPAN("340705402"), &filters[2].area) != 0)
        fail("an area of the city");
    filters[3].escalations = true;
    filters[4].line = GP_SPAN("shizheng");
    return &filters[filter];
}

static void note_fact(const struct gp_entry *entry)
{
    struct fact *fact;

    if (entry->seq >= checks.fact_room) {
        checks.fact_room = checks.fact_room == 0 ? 1 << 16 : 2 * checks.fact_room;
        checks.fact = realloc(checks.fact, checks.fact_room * sizeof *checks.fact);
        if (checks.fact == NULL)
            abort();
    }
    fact = &checks.fact[entry->seq];
    *fact = (struct fact){entry->incident, entry->at_ms, entry->what, 0};
    for (unsigned i = 0; i < FILTERS; i++) {
        if (gp_feed_match(model.org, checks_filter(i), entry))
            fact->passes |= (uint8_t)(1U << i);
    }
}

void checks_clock(int64_t before_ms, int64_t now_ms)
{
    if (now_ms < before_ms)
        fail("effective time falls");
    if (now_ms - before_ms > LATE_MS) {
        checks.leap_from_ms = before_ms;
        checks.leap_to_ms = now_ms;
    }
}

/* A step is never early, and late only where the daemon was down or held (then a start catches
 * up), where it was planned into the past, or where the clock leapt over it. */
static void check_late(const struct gp_entry *entry)
{
    int64_t armed_ms = checks.planned_ms[entry->incident];

    if (!entry->has_nominal)
        return;
    checks_figures.steps++;
    if (entry->nominal_ms > checks_world.now_ms)
        fail("entry %llu fires %lld ms early", (unsigned long long)entry->seq,
             (long long)(entry->nominal_ms - checks_world.now_ms));
    if (entry->nominal_ms > armed_ms)
        armed_ms = entry->nominal_ms;
    if (armed_ms > checks.leap_from_ms && armed_ms <= checks.leap_to_ms)
        armed_ms = checks.leap_to_ms;
    checks_figures.late += entry->late_ms > LATE_MS;
    if (!model.catching_up && checks_world.now_ms - armed_ms > LATE_MS)
        fail("entry %llu (%s of incident %llu) is %lld ms late, and nothing kept it",
             (unsigned long long)entry->seq, gp_step_name(entry->step),
             (unsigned long long)entry->incident, (long long)(checks_world.now_ms - armed_ms));
}

static void take_entry(void)
{
    const struct gp_entry *entry = &model.entry;

    check_kept(entry);
    note_fact(entry);
    check_late(entry);
    if (entry->incident != 0)
        checks.planned_ms[entry->incident] = model.incident[entry->incident].planned_ms;
    checks.last_ms = entry->at_ms;
    checks_figures.entries++;
    checks_figures.reports += entry->what == GP_WHAT_REPORTED;
}

static void take_entries(uint64_t after, uint64_t head)
{
    struct gp_txn *txn = NULL;
    struct gp_span bytes;
    uint64_t seq;

    if (after != model.head)
        fail("a batch begins behind entry %llu, the journal's head was %llu",
             (unsigned long long)after, (unsigned long long)model.head);
    fail_unless_ok(gp_txn_read(checks_world.store, &txn), "reading");
    for (seq = after + 1; seq <= head; seq++) {
        fail_unless_ok(gp_journal_get(txn, seq, &bytes), "reading the journal");
        model_take(&model, bytes, seq);
        take_entry();
    }
    fail_unless_ok(gp_journal_head(txn, &seq, checks.hash), "reading the head");
    gp_txn_abort(txn);
    if (seq != head)
        fail("a batch ends at entry %llu, the journal at %llu", (unsigned long long)head,
             (unsigned long long)seq);
    events_note("head", head, *(const uint64_t *)(const void *)checks.hash);
}

/* ---------------------------------------------------------------- answers */

static bool same_answer(const struct gp_answer *a, const struct gp_answer *b)
{
    return a->seq == b->seq && a->incident == b->incident && a->leave == b->leave &&
           a->device == b->device && a->at_ms == b->at_ms && a->version == b->version &&
           a->state == b->state && a->due_ms == b->due_ms;
}

static void check_repeat(const struct errand *errand, const struct gp_answer *answer)
{
    const char *verb = gp_verb_name(errand->command.verb);

    if (!answer->repeated)
        fail("a %s that was accepted is sent again and %s", verb,
             answer->reason == GP_REASON_NONE ? "accepted again" : "refused");
    if (!same_answer(&errand->first, answer))
        fail("a repeated %s gets another answer", verb);
    checks_figures.repeats++;
}

/* The id of something that was accepted, with another body: only where its text was erased nobody
 * can tell any more. */
static void check_other_body(const struct errand *errand, const struct gp_answer *answer)
{
    if (!answer->unsure && answer->reason != GP_REASON_CONFLICT)
        fail("another body comes with the id of a %s, and is no conflict",
             gp_verb_name(errand->command.verb));
    checks_figures.conflicts++;
}

static void check_item(const struct gp_item *item)
{
    struct errand *errand = item->context;
    const struct gp_answer *answer = &item->answer;

    if (answer->error != 0)
        fail("%s: %s", gp_verb_name(item->command.verb), gp_error_text(answer->error));
    if (memcmp(item->command.body_hash, errand->command.body_hash, 16) != 0) {
        check_other_body(errand, answer);
        return;
    }
    if (errand->accepted) {
        check_repeat(errand, answer);
        return;
    }
    if (answer->repeated)
        fail("a new %s is taken for a repeat", gp_verb_name(item->command.verb));
    if (answer->reason != GP_REASON_NONE)
        return;
    if (*kept_seq(errand->command.id) != answer->seq)
        fail("a %s is accepted as entry %llu, and the journal does not have it there",
             gp_verb_name(item->command.verb), (unsigned long long)answer->seq);
    errand->accepted = true;
    errand->first = *answer;
}

void checks_promise(struct errand *errand, const struct gp_answer *answer)
{
    if (answer->reason != GP_REASON_NONE)
        return;
    if (answer->seq > model.head)
        fail("an answer leaves with entry %llu, the journal ends at %llu",
             (unsigned long long)answer->seq, (unsigned long long)model.head);
    checks_figures.promises += !errand->promised;
    errand->promised = true;
}

void checks_answered(const struct errand *errand, const struct gp_answer *answer)
{
    if (answer->reason == GP_REASON_NONE && !same_answer(&errand->first, answer))
        fail("a handset gets an answer that nobody gave");
}

/* ---------------------------------------------------------------- batches */

static const struct gp_item *start_of(const struct gp_batch *batch)
{
    bool starts = batch->item_count == 1 && batch->item[0].kind == GP_ITEM_START && !batch->held;
    return starts ? &batch->item[0] : NULL;
}

static void take_batch(const struct gp_batch *batch)
{
    const struct gp_item *start = start_of(batch);

    if (batch->now_ms < checks.last_ms)
        fail("a batch is stamped before the journal's last entry");
    model.held = checks_world.held = batch->held;
    model.lagging = true;
    checks_world.org = batch->org;
    checks_world.now_ms = batch->now_ms;
    checks_world.next_ms = batch->next_deadline_ms;
    if (start != NULL && !model.catching_up)
        model_begin_start(&model);
    model_begin_batch(&model, batch->org, batch->now_ms);
    take_entries(batch->head_before, batch->head);
    if (start != NULL && !start->more)
        model_end_start(&model);
    for (size_t i = 0; i < batch->item_count; i++) {
        if (batch->item[i].kind == GP_ITEM_COMMAND)
            check_item(&batch->item[i]);
    }
    checks_figures.batches++;
}

void checks_batch(const struct gp_batch *batch)
{
    checks_world.view = gp_view_org(batch->view);
    take_batch(batch);
    audit(&checks_world);
}

/* ---------------------------------------------------------------- starts */

static void check_chain(struct gp_store *store)
{
    unsigned char hash[GP_HASH_BYTES];
    struct gp_txn *txn = NULL;

    fail_unless_ok(gp_txn_read(store, &txn), "reading");
    fail_unless_ok(gp_journal_hash(txn, model.head, hash), "reading a hash");
    gp_txn_abort(txn);
    if (memcmp(hash, checks.hash, sizeof hash) != 0)
        fail("after a start entry %llu is another one", (unsigned long long)model.head);
}

/* A batch that nobody was answered for is there as a whole, or not at all. */
void checks_start(struct gp_store *store, const struct gp_engine_start *state,
                  const struct gp_batch *limbo)
{
    uint64_t head = model.head;
    bool kept = limbo != NULL && limbo->head != head && state->head == limbo->head;

    checks_world.view = checks_world.org; /* until the next batch */
    if (state->head != head && !kept)
        fail("the store starts at entry %llu; %llu were promised, and %llu written",
             (unsigned long long)state->head, (unsigned long long)head,
             (unsigned long long)(limbo != NULL ? limbo->head : head));
    check_chain(store);
    if (kept)
        take_batch(limbo);
    checks_figures.kept += kept;
    checks_figures.lost += limbo != NULL && !kept;
    checks_figures.starts++;
    model.catching_up = false; /* it begins again */
    if (state->mark_ms < checks.last_ms)
        fail("the store has forgotten the journal's time");
}

/* ---------------------------------------------------------------- feeds */

/* Everything in (after, scanned_to] that passes the filter, each once and in order. */
void checks_page(unsigned filter, uint64_t after, const struct gp_feed_page *page)
{
    uint32_t at = 0;

    if (page->scanned_to > page->head || page->head > model.head || page->scanned_to < after)
        fail("a feed after %llu says scanned_to %llu and head %llu, the journal has %llu",
             (unsigned long long)after, (unsigned long long)page->scanned_to,
             (unsigned long long)page->head, (unsigned long long)model.head);
    for (uint64_t seq = after + 1; seq <= page->scanned_to; seq++) {
        const struct fact *fact = &checks.fact[seq];
        if (!(fact->passes >> filter & 1))
            continue;
        if (at == page->count || page->item[at]->seq != seq)
            fail("a feed after %llu up to %llu has no entry %llu", (unsigned long long)after,
                 (unsigned long long)page->scanned_to, (unsigned long long)seq);
        if (page->item[at]->what != fact->what || page->item[at]->incident != fact->incident ||
            page->item[at]->at_ms != fact->at_ms)
            fail("a feed has another entry %llu than the journal", (unsigned long long)seq);
        at++;
    }
    if (at != page->count)
        fail("a feed after %llu has entry %llu, which is out of place", (unsigned long long)after,
             (unsigned long long)page->item[at]->seq);
    checks_figures.pages++;
}

/* ---------------------------------------------------------------- begin and end */

void checks_begin(const struct gp_org *org, int64_t now_ms)
{
    struct fact *fact = checks.fact;
    size_t room = checks.fact_room;

    memset(&checks, 0, sizeof checks);
    checks.fact = fact;
    checks.fact_room = room;
    model_reset(&model);
    checks_world = (struct world){
        .org = org, .view = org, .now_ms = now_ms, .next_ms = INT64_MAX, .model = &model};
}

void checks_end(void)
{
    world_rebuild(&checks_world);
    world_hash(&checks_world, checks.hash);
    events_note("end", model.head, *(const uint64_t *)(const void *)checks.hash);
}
