/* What an assessment asks the daemon, and how it comes into the pool and out of it again. */
#include "web/counting.h"

#include <stdlib.h>

static void release(struct gp_counting *counting)
{
    for (unsigned i = 0; i < counting->periods; i++)
        gp_report_release(&counting->report[i]);
    gp_overdues_release(&counting->overdues);
    gp_strikes_release(&counting->strikes);
    gp_web_weights_unref(counting->weights);
    json_decref(counting->frame);
    free(counting->made);
    counting->web->countings--;
    free(counting);
}

/* The call is over: answered, refused or left by the browser. */
static void on_drop(struct gp_ask *ask)
{
    struct gp_counting *counting = ask->state;

    gp_turn_end(&counting->turn);
    counting->ask = NULL;
    if (!counting->in_pool)
        release(counting);
}

/* Those of a user that are under way. */
static unsigned count_of(const struct gp_web *web, struct gp_span person)
{
    unsigned count = 0;

    for (const struct gp_ask *ask = web->asks; ask != NULL; ask = ask->next)
        count += ask->on_drop == on_drop && gp_span_equal(ask->person, person);
    return count;
}

struct gp_counting *gp_counting_new(struct gp_ask *ask, enum gp_counting_kind kind)
{
    struct gp_web *web = ask->web;

    if (count_of(web, ask->person) >= GP_COUNTINGS_OF_USER_MAX) {
        gp_ask_limit(ask, "too many assessments of this user are under way");
        return NULL;
    }
    struct gp_counting *counting =
        web->countings < GP_COUNTINGS_MAX ? calloc(1, sizeof *counting) : NULL;

    if (counting == NULL) {
        gp_ask_refuse(ask, 503, "unavailable", "too many assessments at this moment");
        return NULL;
    }
    web->countings++;
    counting->ask = ask;
    counting->web = web;
    counting->kind = kind;
    counting->weights = gp_web_weights_ref(web->weights);
    gp_overdues_init(&counting->overdues, GP_COUNTING_BYTES_MAX);
    gp_strikes_init(&counting->strikes, GP_COUNTING_BYTES_MAX);
    ask->state = counting;
    ask->on_drop = on_drop;
    return counting;
}

struct gp_report *gp_counting_add(struct gp_counting *counting, const struct gp_assess_ask *what)
{
    struct gp_report *report = &counting->report[counting->periods++];

    gp_report_init(report, GP_COUNTING_BYTES_MAX);
    report->ask = *what;
    memcpy(counting->unit, gp_span_text(what->unit), what->unit.len);
    report->ask.unit.ptr = counting->unit; /* the browser may leave while the pool writes */
    report->scored = counting->weights->scored && what->unit.len == 0; /* alone it has no rank */
    return report;
}

static void refuse_size(struct gp_ask *ask)
{
    gp_ask_refuse(ask, 413, "too_large", "too many rows; confine it by area, or ask for less time");
}

/* ---------------------------------------------------------------- the pool */

static void make(uv_work_t *work)
{
    gp_counting_write(work->data);
}

static void answer(struct gp_counting *counting)
{
    static const char sheet[] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    bool book = counting->kind == GP_COUNT_BOOK;
    struct gp_ask *ask = counting->ask;
    struct gp_exchange *exchange = ask->exchange;
    char named[96];

    if (counting->error == GP_ELIMIT) {
        refuse_size(ask);
        return;
    }
    if (counting->error != 0) {
        gp_ask_refuse(ask, 503, "unavailable",
                      counting->problem != NULL ? counting->problem
                                                : gp_error_text(counting->error));
        return;
    }
    (void)snprintf(named, sizeof named, "attachment; filename=\"%s\"", counting->title);
    if (book)
        gp_http_add(exchange, "content-disposition:", named);
    gp_ask_leave(ask);
    gp_http_reply(exchange, 200, book ? sheet : "application/json",
                  (struct gp_span){counting->made, counting->made_len});
}

static void next_book(struct gp_web *web);

static void on_made(uv_work_t *work, int status)
{
    struct gp_counting *counting = work->data;

    (void)status; /* nothing of ours is ever cancelled */
    if (counting->ask != NULL)
        answer(counting);
    if (counting->kind == GP_COUNT_BOOK)
        next_book(counting->web);
    release(counting);
}

static void start(struct gp_counting *counting)
{
    counting->work.data = counting;
    (void)uv_queue_work(&counting->web->loop, &counting->work, make,
                        on_made); /* fails without work */
}

/* The first one is written. Those for whom nobody waits any more need not be. */
static void next_book(struct gp_web *web)
{
    web->books = web->books->next;
    while (web->books != NULL && web->books->ask == NULL) {
        struct gp_counting *gone = web->books;
        web->books = gone->next;
        release(gone);
    }
    if (web->books != NULL)
        start(web->books);
}

/* One after the other: libxlsxwriter has the hour from gmtime, which two threads may not call at
 * once, and a workbook takes more memory than anything else here. */
static void queue_book(struct gp_counting *counting)
{
    struct gp_counting **last = &counting->web->books;

    while (*last != NULL)
        last = &(*last)->next;
    *last = counting;
    if (counting->web->books == counting)
        start(counting);
}

static void into_pool(struct gp_counting *counting)
{
    struct gp_ask *ask = counting->ask;

    json_object_set_new(counting->frame, "head",
                        json_integer((json_int_t)counting->report[0].head));
    json_object_set_new(counting->frame, "now", gp_ask_time(gp_web_now(ask->web)));
    counting->in_pool = true;
    if (counting->kind == GP_COUNT_BOOK)
        queue_book(counting);
    else
        start(counting);
}

/* ---------------------------------------------------------------- strikes of a book */

static void ask_strikes(struct gp_ask *ask, uint64_t after);

static void take_strikes(struct gp_ask *ask, const struct gp_reply *reply)
{
    struct gp_counting *counting = ask->state;

    for (uint32_t i = 0; i < reply->feed.count; i++) {
        if (gp_strikes_add(&counting->strikes, reply->feed.item[i]) != 0) {
            refuse_size(ask);
            return;
        }
    }
    if (reply->feed.scanned_to < reply->feed.head)
        ask_strikes(ask, reply->feed.scanned_to);
    else
        into_pool(counting);
}

/* Who may assess may not always read the journal. */
static void hide_strikes(struct gp_ask *ask)
{
    struct gp_counting *counting = ask->state;

    counting->strikes_hidden = true;
    into_pool(counting);
}

static void ask_strikes(struct gp_ask *ask, uint64_t after)
{
    const struct gp_counting *counting = ask->state;
    const struct gp_assess_ask *what = &counting->report[0].ask;
    struct gp_request request = {.kind = GP_REQUEST_FEED, .feed.after = after};

    request.feed.filter.area = what->area;
    if (what->by == GP_BY_DEPARTMENT)
        request.feed.filter.department = what->unit;
    if (what->by == GP_BY_PERSON)
        request.feed.filter.person = what->unit;
    request.feed.filter.whats = gp_strikes_whats();
    ask->skip = hide_strikes;
    gp_ask_daemon(ask, &request, take_strikes);
}

/* ---------------------------------------------------------------- overdue incidents of a book */

static void ask_next_overdue(struct gp_ask *ask);

static void take_overdue(struct gp_ask *ask, const struct gp_reply *reply)
{
    struct gp_counting *counting = ask->state;

    if (gp_overdues_tell(&counting->overdues, counting->told - 1, reply->incident) != 0)
        refuse_size(ask);
    else
        ask_next_overdue(ask);
}

/* One that this user may not see stays a number: it was counted. */
static void ask_next_overdue(struct gp_ask *ask)
{
    struct gp_counting *counting = ask->state;

    if (counting->told == counting->overdues.count) {
        ask_strikes(ask, 0);
        return;
    }
    struct gp_request request = {.kind = GP_REQUEST_INCIDENT,
                                 .incident = counting->overdues.row[counting->told++].incident};
    ask->skip = ask_next_overdue;
    gp_ask_daemon(ask, &request, take_overdue);
}

static bool add_cases(struct gp_counting *counting, const struct gp_assessment *page)
{
    for (uint32_t i = 0; i < page->behind_count; i++) {
        if (counting->overdues.count == GP_COUNTING_OVERDUE_MAX) {
            counting->overdues.more = true;
            return true;
        }
        if (gp_overdues_add(&counting->overdues, &page->behind[i]) != 0)
            return false;
    }
    return true;
}

static void ask_cases(struct gp_counting *counting, uint64_t after);

static void take_cases(struct gp_ask *ask, const struct gp_reply *reply)
{
    struct gp_counting *counting = ask->state;
    uint64_t next = reply->assess.next;
    bool added = add_cases(counting, &reply->assess);

    gp_turn_end(&counting->turn);
    if (!added)
        refuse_size(ask);
    else if (next != 0 && !counting->overdues.more)
        ask_cases(counting, next);
    else
        ask_next_overdue(ask);
}

static void ask_cases(struct gp_counting *counting, uint64_t after)
{
    struct gp_request request = {.kind = GP_REQUEST_ASSESS, .assess = counting->report[0].ask};

    request.assess.figure = GP_FIGURE_OVERDUE;
    request.assess.upto = counting->report[0].head;
    request.assess.after = after;
    gp_turn_ask(&counting->turn, counting->ask, &request, take_cases);
}

/* ---------------------------------------------------------------- rows */

static void ask_rows(struct gp_counting *counting, uint64_t after);

/* This period has all of its rows. */
static void next_period(struct gp_counting *counting)
{
    if (++counting->at < counting->periods)
        ask_rows(counting, 0);
    else if (counting->kind == GP_COUNT_BOOK)
        ask_cases(counting, 0);
    else
        into_pool(counting);
}

static void take_rows(struct gp_ask *ask, const struct gp_reply *reply)
{
    struct gp_counting *counting = ask->state;
    uint64_t next = reply->assess.next;
    int rc = gp_report_add(&counting->report[counting->at], &reply->assess);

    counting->rows += reply->assess.row_count;
    gp_turn_end(&counting->turn);
    if (rc != 0 || counting->rows > GP_COUNTING_ROWS_MAX)
        refuse_size(ask);
    else if (next != 0)
        ask_rows(counting, next);
    else
        next_period(counting);
}

/* All periods are counted up to the same entry. */
static void ask_rows(struct gp_counting *counting, uint64_t after)
{
    struct gp_request request = {.kind = GP_REQUEST_ASSESS,
                                 .assess = counting->report[counting->at].ask};

    request.assess.upto = counting->report[0].head;
    request.assess.after = after;
    gp_turn_ask(&counting->turn, counting->ask, &request, take_rows);
}

void gp_counting_go(struct gp_counting *counting)
{
    ask_rows(counting, 0);
}
