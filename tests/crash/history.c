#include "crash/history.h"

#include "core/reason.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- what was seen */

const char *history_fault_text(enum history_fault fault)
{
    static const char *const text[] = {
#define X(name, words) words,
        HISTORY_FAULTS(X)
#undef X
    };
    return text[fault];
}

static void *grown(void *rows, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return rows;
    *capacity = *capacity * 2 + 1024;
    rows = realloc(rows, *capacity * size);
    if (rows == NULL)
        abort();
    return rows;
}

void history_init(struct history *history, size_t feeds)
{
    *history = (struct history){.feed_count = feeds};
    history->feed = calloc(feeds + 1, sizeof *history->feed);
    if (history->feed == NULL)
        abort();
}

void history_release(struct history *history)
{
    for (size_t i = 0; i < history->feed_count; i++)
        free(history->feed[i].sight);
    free(history->feed);
    free(history->call);
    free(history->repeat);
}

void history_journal_release(struct history_journal *journal)
{
    free(journal->entry);
}

size_t history_call(struct history *history, const struct history_call *call)
{
    history->call =
        grown(history->call, history->call_count, &history->call_capacity, sizeof *history->call);
    history->call[history->call_count] = *call;
    return history->call_count++;
}

void history_repeat(struct history *history, const struct history_repeat *repeat)
{
    history->repeat = grown(history->repeat, history->repeat_count, &history->repeat_capacity,
                            sizeof *history->repeat);
    history->repeat[history->repeat_count++] = *repeat;
}

void history_saw(struct history *history, size_t feed, uint64_t seq, uint64_t digest)
{
    struct history_feed *this = &history->feed[feed];

    this->sight = grown(this->sight, this->count, &this->capacity, sizeof *this->sight);
    this->sight[this->count++] = (struct history_sight){seq, digest};
}

void history_holds(struct history_journal *journal, const struct history_entry *entry)
{
    journal->entry =
        grown(journal->entry, journal->count, &journal->capacity, sizeof *journal->entry);
    journal->entry[journal->count++] = *entry;
}

/* FNV-1a. */
static void mix(uint64_t *digest, const void *bytes, size_t len)
{
    const unsigned char *at = bytes;

    for (size_t i = 0; i < len; i++)
        *digest = (*digest ^ at[i]) * UINT64_C(0x100000001b3);
}

static void mix_number(uint64_t *digest, uint64_t number)
{
    mix(digest, &number, sizeof number);
}

static void mix_span(uint64_t *digest, struct gp_span span)
{
    mix_number(digest, span.len);
    mix(digest, span.ptr, span.len);
}

/* Of a private incident most followers are not told who. */
static void mix_people(uint64_t *digest, const struct gp_entry *entry)
{
    mix_span(digest, entry->actor);
    mix_span(digest, entry->actor_post);
    mix_span(digest, entry->owner);
    mix_number(digest, entry->recipient_count);
    for (uint8_t i = 0; i < entry->recipient_count; i++)
        mix_span(digest, entry->recipient[i].person);
}

uint64_t history_digest(const struct gp_entry *entry)
{
    uint64_t digest = UINT64_C(0xcbf29ce484222325);
    const uint64_t numbers[] = {
        entry->seq,
        (uint64_t)entry->at_ms,
        entry->incident,
        entry->what,
        entry->step,
        entry->stage,
        entry->state,
        entry->version,
        (uint64_t)entry->nominal_ms,
        (uint64_t)entry->late_ms,
        (uint64_t)entry->due_ms,
        entry->flags & ~(uint32_t)GP_FLAG_ERASED,
        entry->is_private,
        entry->ref_count,
        entry->other,
    };
    const struct gp_span spans[] = {entry->line, entry->department, entry->category};

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        mix_number(&digest, numbers[i]);
    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++)
        mix_span(&digest, spans[i]);
    if (!entry->is_private)
        mix_people(&digest, entry);
    return digest;
}

/* ---------------------------------------------------------------- the check */

/* A command's last entry in the journal. */
struct place {
    const unsigned char *id;
    size_t at;
};

/* Indexes that the check makes for itself. */
struct check {
    const struct history *history;
    const struct history_journal *journal;
    struct history_finding *finding;
    struct place *kept; /* by id */
    size_t kept_count;
    size_t *by_id;       /* calls by their id … */
    size_t *by_seq;      /* … and done ones by the sequence told */
    size_t *by_incident; /* entries by incident and place */
    size_t done_count;
};

__attribute__((format(printf, 3, 4))) static void
tell(struct check *check, enum history_fault fault, const char *format, ...)
{
    struct history_finding *finding = check->finding;
    va_list arguments;

    finding->total++;
    if (finding->count[fault]++ > 0)
        return;
    va_start(arguments, format);
    (void)vsnprintf(finding->first[fault], sizeof finding->first[fault], format, arguments);
    va_end(arguments);
}

static int compare(uint64_t left, uint64_t right)
{
    return left < right ? -1 : left > right;
}

static int place_order(const void *a, const void *b)
{
    const struct place *left = a, *right = b;
    int by_id = memcmp(left->id, right->id, GP_COMMAND_ID_BYTES);

    return by_id != 0 ? by_id : compare(left->at, right->at);
}

static int id_order(const void *a, const void *b, void *context)
{
    const struct history_call *call = context;
    return memcmp(call[*(const size_t *)a].id, call[*(const size_t *)b].id, GP_COMMAND_ID_BYTES);
}

static int seq_order(const void *a, const void *b, void *context)
{
    const struct history_call *call = context;
    return compare(call[*(const size_t *)a].answer.seq, call[*(const size_t *)b].answer.seq);
}

static int incident_order(const void *a, const void *b, void *context)
{
    const struct history_entry *entry = context;
    size_t left = *(const size_t *)a, right = *(const size_t *)b;
    int by_incident = compare(entry[left].incident, entry[right].incident);

    return by_incident != 0 ? by_incident : compare(left, right);
}

static size_t *numbers(size_t count)
{
    size_t *index = malloc((count + 1) * sizeof *index);

    if (index == NULL)
        abort();
    for (size_t i = 0; i < count; i++)
        index[i] = i;
    return index;
}

static void check_open(struct check *check)
{
    const struct history *history = check->history;
    const struct history_journal *journal = check->journal;

    check->kept = malloc((journal->count + 1) * sizeof *check->kept);
    if (check->kept == NULL)
        abort();
    for (size_t i = 0; i < journal->count; i++) {
        if (journal->entry[i].has_id)
            check->kept[check->kept_count++] = (struct place){journal->entry[i].id, i};
    }
    qsort(check->kept, check->kept_count, sizeof *check->kept, place_order);
    check->by_id = numbers(history->call_count);
    qsort_r(check->by_id, history->call_count, sizeof *check->by_id, id_order, history->call);
    check->by_seq = numbers(history->call_count);
    for (size_t i = 0; i < history->call_count; i++) {
        if (history->call[i].outcome == HISTORY_DONE)
            check->by_seq[check->done_count++] = i;
    }
    qsort_r(check->by_seq, check->done_count, sizeof *check->by_seq, seq_order, history->call);
    check->by_incident = numbers(journal->count);
    qsort_r(check->by_incident, journal->count, sizeof *check->by_incident, incident_order,
            journal->entry);
}

static void check_close(struct check *check)
{
    free(check->kept);
    free(check->by_id);
    free(check->by_seq);
    free(check->by_incident);
}

/* How often a command is in the journal, and where first. */
static size_t find_kept(const struct check *check, const unsigned char *id, size_t *ret_at)
{
    size_t low = 0, high = check->kept_count, count = 0;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (memcmp(check->kept[middle].id, id, GP_COMMAND_ID_BYTES) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    while (low + count < check->kept_count &&
           memcmp(check->kept[low + count].id, id, GP_COMMAND_ID_BYTES) == 0)
        count++;
    if (count > 0)
        *ret_at = check->kept[low].at;
    return count;
}

static const struct history_call *find_call(const struct check *check, const unsigned char *id)
{
    const struct history *history = check->history;
    size_t low = 0, high = history->call_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct history_call *call = &history->call[check->by_id[middle]];
        int order = memcmp(call->id, id, GP_COMMAND_ID_BYTES);
        if (order == 0)
            return call;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* Where the entries of an incident begin in by_incident; count: none. */
static size_t entries_of(const struct check *check, uint64_t incident)
{
    const struct history_journal *journal = check->journal;
    size_t low = 0, high = journal->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (journal->entry[check->by_incident[middle]].incident < incident)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static const struct history_entry *entry_of(const struct check *check, size_t index,
                                            uint64_t incident)
{
    if (index >= check->journal->count)
        return NULL;
    const struct history_entry *entry = &check->journal->entry[check->by_incident[index]];
    return entry->incident == incident ? entry : NULL;
}

/* ---------------------------------------------------------------- commands */

static bool same_answer(const struct history_answer *a, const struct history_answer *b)
{
    return a->incident == b->incident && a->seq == b->seq && a->version == b->version &&
           a->state == b->state && a->at_ms == b->at_ms && a->due_ms == b->due_ms;
}

static void check_told(struct check *check, const struct history_call *call, size_t at)
{
    const struct history_entry *entry = &check->journal->entry[at];
    const struct history_answer held = {
        .incident = entry->incident,
        .seq = check->journal->first + at,
        .at_ms = entry->at_ms,
        .due_ms = entry->due_ms,
        .version = entry->version,
        .state = entry->state,
    };

    if (!same_answer(&held, &call->answer))
        tell(check, HISTORY_MISTOLD,
             "client %u was told entry %" PRIu64 " of incident %" PRIu64 "; it is entry %" PRIu64
             " of incident %" PRIu64,
             call->client, call->answer.seq, call->answer.incident, held.seq, held.incident);
}

/* A command that passed its guard: the version was the expected one when its turn came. Steps may
 * stand between the last command and this one. */
static void check_guard(struct check *check, const struct history_call *call, size_t at)
{
    uint64_t incident = check->journal->entry[at].incident;
    const struct history_entry *entry;
    bool met = false;

    for (size_t i = entries_of(check, incident);
         (entry = entry_of(check, i, incident)) != NULL && check->by_incident[i] < at; i++) {
        if (entry->has_id)
            met = false;
        met |= entry->version == call->guard;
    }
    if (!met)
        tell(check, HISTORY_GUARD,
             "client %u expected version %u of incident %" PRIu64 ", and entry %" PRIu64
             " was made behind another",
             call->client, call->guard, incident, check->journal->first + at);
}

/* A command that was refused because its incident had changed: somebody changed it, and had begun
 * to before the refusal was here. */
static void check_excuse(struct check *check, const struct history_call *call)
{
    const struct history_entry *entry;
    bool changed = false;
    bool may = call->reason == GP_REASON_VERSION || call->reason == GP_REASON_STATE;

    for (size_t i = entries_of(check, call->incident);
         may && (entry = entry_of(check, i, call->incident)) != NULL; i++) {
        changed |= entry->version > call->guard;
        if (changed && entry->what == GP_WHAT_REPLANNED)
            return; /* that was a reload */
        if (!changed || !entry->has_id)
            continue;
        const struct history_call *other = find_call(check, entry->id);
        if (other != NULL && other->sent_ns < call->answered_ns)
            return;
        break;
    }
    tell(check, HISTORY_EXCUSE,
         "client %u was refused incident %" PRIu64 " at version %u (%s), and nothing had changed",
         call->client, call->incident, call->guard, gp_reason_word(call->reason));
}

static void check_call(struct check *check, const struct history_call *call)
{
    size_t at = 0, kept = find_kept(check, call->id, &at);

    if (kept > 1)
        tell(check, HISTORY_DOUBLED, "client %u: entry %" PRIu64 " and again", call->client,
             check->journal->first + at);
    if (call->outcome == HISTORY_DONE && kept == 0)
        tell(check, HISTORY_LOST, "client %u was told entry %" PRIu64 " of incident %" PRIu64,
             call->client, call->answer.seq, call->answer.incident);
    if (call->outcome == HISTORY_DONE && kept > 0)
        check_told(check, call, at);
    if (call->outcome == HISTORY_DONE && kept > 0 && call->guard != 0)
        check_guard(check, call, at);
    if (call->outcome == HISTORY_REFUSED && kept > 0)
        tell(check, HISTORY_UNDEAD, "client %u: entry %" PRIu64, call->client,
             check->journal->first + at);
    if (call->outcome == HISTORY_REFUSED)
        check_excuse(check, call);
}

/* Each report in the journal is one that was sent, and opened an incident of its own. */
static void check_asked(struct check *check)
{
    const struct history_journal *journal = check->journal;
    uint64_t last = 0;

    for (size_t i = 0; i < check->kept_count; i++) {
        if (find_call(check, check->kept[i].id) == NULL)
            tell(check, HISTORY_PHANTOM, "entry %" PRIu64 " of a command that nobody sent",
                 journal->first + check->kept[i].at);
    }
    for (size_t i = 0; i < journal->count; i++) {
        const struct history_entry *entry = &journal->entry[check->by_incident[i]];
        const struct history_entry *next = entry;
        if (entry->what != GP_WHAT_REPORTED)
            continue;
        if (entry->incident == last)
            tell(check, HISTORY_DOUBLED, "incident %" PRIu64 " was reported twice", last);
        last = entry->incident;
        for (size_t j = i; next != NULL && !next->has_id; j++)
            next = entry_of(check, j + 1, entry->incident);
        const struct history_call *call = next != NULL ? find_call(check, next->id) : NULL;
        if (call == NULL || call->incident != 0)
            tell(check, HISTORY_PHANTOM, "incident %" PRIu64 ", which nobody reported", last);
    }
}

/* In the order of sequences nobody may stand behind what was only sent when its answer was here
 * already. */
static void check_order(struct check *check)
{
    const struct history_call *call = check->history->call;
    const struct history_call *first = NULL; /* answered first, of those behind */

    for (size_t i = check->done_count; i > 0; i--) {
        const struct history_call *this = &call[check->by_seq[i - 1]];
        if (first != NULL && first->answer.seq == this->answer.seq)
            tell(check, HISTORY_ORDER, "clients %u and %u were both told entry %" PRIu64,
                 this->client, first->client, this->answer.seq);
        if (first != NULL && first->answered_ns < this->sent_ns)
            tell(check, HISTORY_ORDER,
                 "client %u had the answer %" PRIu64 " before client %u sent what became %" PRIu64,
                 first->client, first->answer.seq, this->client, this->answer.seq);
        if (first == NULL || this->answered_ns < first->answered_ns)
            first = this;
    }
}

static void check_repeats(struct check *check)
{
    const struct history *history = check->history;

    for (size_t i = 0; i < history->repeat_count; i++) {
        const struct history_repeat *repeat = &history->repeat[i];
        const struct history_call *call = &history->call[repeat->call];
        if (!repeat->said || !same_answer(&repeat->answer, &call->answer))
            tell(check, HISTORY_REPEAT,
                 "client %u was told entry %" PRIu64 " of incident %" PRIu64
                 ", and later entry %" PRIu64 " of incident %" PRIu64 "%s",
                 call->client, call->answer.seq, call->answer.incident, repeat->answer.seq,
                 repeat->answer.incident, repeat->said ? "" : ", as if it were new");
    }
}

/* ---------------------------------------------------------------- feeds */

static void check_sight(struct check *check, size_t feed, uint64_t last,
                        const struct history_sight *sight)
{
    const struct history_journal *journal = check->journal;

    if (sight->seq <= last)
        tell(check, HISTORY_TWICE, "follower %zu: entry %" PRIu64 " behind entry %" PRIu64, feed,
             sight->seq, last);
    else if (sight->seq != last + 1)
        tell(check, HISTORY_HOLE, "follower %zu: entry %" PRIu64 " behind entry %" PRIu64, feed,
             sight->seq, last);
    if (sight->seq < journal->first || sight->seq - journal->first >= journal->count ||
        journal->entry[sight->seq - journal->first].digest != sight->digest)
        tell(check, HISTORY_UNTRUE, "follower %zu: entry %" PRIu64, feed, sight->seq);
}

/* All followers are up to the journal's end: what is missing behind a feed's last is a hole. */
static void check_feeds(struct check *check)
{
    const struct history_journal *journal = check->journal;

    for (size_t i = 0; i < check->history->feed_count; i++) {
        const struct history_feed *feed = &check->history->feed[i];
        uint64_t last = feed->after;
        for (size_t j = 0; j < feed->count; j++) {
            check_sight(check, i, last, &feed->sight[j]);
            last = feed->sight[j].seq;
        }
        if (last + 1 < journal->first + journal->count)
            tell(check, HISTORY_HOLE, "follower %zu: entry %" PRIu64 " was its last, of %" PRIu64,
                 i, last, journal->first + journal->count - 1);
    }
}

void history_check(const struct history *history, const struct history_journal *journal,
                   struct history_finding *ret_finding)
{
    struct check check = {.history = history, .journal = journal, .finding = ret_finding};

    *ret_finding = (struct history_finding){0};
    check_open(&check);
    for (size_t i = 0; i < history->call_count; i++)
        check_call(&check, &history->call[i]);
    check_asked(&check);
    check_order(&check);
    check_repeats(&check);
    check_feeds(&check);
    check_close(&check);
}

/* ---------------------------------------------------------------- as text */

static void write_answer(const struct history_answer *answer, FILE *file)
{
    fprintf(file,
            " incident=%" PRIu64 " seq=%" PRIu64 " version=%u state=%u at=%" PRId64 " due=%" PRId64
            "\n",
            answer->incident, answer->seq, answer->version, answer->state, answer->at_ms,
            answer->due_ms);
}

static void write_call(const struct history_call *call, FILE *file)
{
    fputs("call id=", file);
    for (size_t i = 0; i < sizeof call->id; i++)
        fprintf(file, "%02x", call->id[i]);
    fprintf(file,
            " client=%u verb=%u names=%" PRIu64 " guard=%u sends=%u sent=%" PRId64
            " answered=%" PRId64 " outcome=%u reason=%s",
            call->client, call->verb, call->incident, call->guard, call->sends, call->sent_ns,
            call->answered_ns, call->outcome, gp_reason_word(call->reason));
    write_answer(&call->answer, file);
}

void history_write(const struct history *history, FILE *file)
{
    for (size_t i = 0; i < history->call_count; i++)
        write_call(&history->call[i], file);
    for (size_t i = 0; i < history->repeat_count; i++) {
        fprintf(file, "repeat call=%zu said=%d", history->repeat[i].call, history->repeat[i].said);
        write_answer(&history->repeat[i].answer, file);
    }
    for (size_t i = 0; i < history->feed_count; i++) {
        const struct history_feed *feed = &history->feed[i];
        for (size_t j = 0; j < feed->count; j++)
            fprintf(file, "saw follower=%zu seq=%" PRIu64 " digest=%016" PRIx64 "\n", i,
                    feed->sight[j].seq, feed->sight[j].digest);
    }
}
