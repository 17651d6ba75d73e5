#include "notify/link.h"

#include "client/client.h"
#include "notify/sign.h"
#include "trust/identity.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define RETRY_FIRST_MS 500
#define RETRY_MAX_MS   30000
#define CALL_MS        10000

enum page_state { PAGE_NONE, PAGE_BROUGHT, PAGE_TAKEN, PAGE_AGAIN };

struct gp_link {
    const struct gp_notify_settings *settings;
    void (*wake)(void *context);
    void *context;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t moved;
    /* below: under the mutex */
    bool stop;
    enum page_state page_state;
    struct gp_link_event page;
    struct gp_delivery_report report[GP_LINK_REPORTS];
    bool said[GP_LINK_REPORTS];
    size_t report_count;
    bool reported; /* all of them were tried */
    bool troubled, trouble_new, well_new, fatal, fatal_new;
    char words[200];
    /* the thread's own */
    struct gp_client *client;
    struct gp_identity identity;
    bool known;
    uint64_t after;
    unsigned pause_ms;
};

/* The client asks it without a context: there is one link in a process. */
static atomic_bool stopping;

static bool is_stopping(void)
{
    return atomic_load(&stopping);
}

/* ---------------------------------------------------------------- what the thread says */

static void tell(struct gp_link *link)
{
    (void)pthread_cond_broadcast(&link->moved);
    (void)pthread_mutex_unlock(&link->mutex);
    link->wake(link->context);
}

/* Said once for each trouble, and each time that it is another one. */
__attribute__((format(printf, 2, 3))) static void trouble(struct gp_link *link, const char *format,
                                                          ...)
{
    char words[sizeof link->words];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    (void)pthread_mutex_lock(&link->mutex);
    if (!link->troubled || strcmp(words, link->words) != 0) {
        memcpy(link->words, words, sizeof words);
        link->trouble_new = true;
    }
    link->troubled = true;
    tell(link);
}

static void all_is_well(struct gp_link *link)
{
    link->pause_ms = 0;
    (void)pthread_mutex_lock(&link->mutex);
    link->well_new = link->well_new || link->troubled;
    link->troubled = false;
    if (link->well_new)
        tell(link);
    else
        (void)pthread_mutex_unlock(&link->mutex);
}

/* Waits for so long, or until the owner has moved something. */
static void rest(struct gp_link *link, unsigned ms)
{
    struct timespec until;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    (void)pthread_mutex_lock(&link->mutex);
    while (!link->stop && pthread_cond_timedwait(&link->moved, &link->mutex, &until) != ETIMEDOUT)
        continue;
    (void)pthread_mutex_unlock(&link->mutex);
}

static void back_off(struct gp_link *link)
{
    link->pause_ms = link->pause_ms == 0 ? RETRY_FIRST_MS : 2 * link->pause_ms;
    if (link->pause_ms > RETRY_MAX_MS)
        link->pause_ms = RETRY_MAX_MS;
    rest(link, link->pause_ms);
}

/* ---------------------------------------------------------------- the daemon */

static void hang_up(struct gp_link *link)
{
    gp_client_close(link->client);
    link->client = NULL;
}

static int dial(struct gp_link *link)
{
    const char *path = link->settings->identity, *reason = "";
    int rc;

    if (link->client != NULL)
        return 0;
    rc = gp_identity_load(path, &link->identity, &reason);
    if (rc != 0) {
        trouble(link, "identity %s: %s", path, reason[0] != '\0' ? reason : gp_error_text(rc));
        return rc;
    }
    rc = gp_client_open(link->settings->socket, &link->client);
    if (rc == 0)
        rc = gp_client_identify(link->client, &link->identity);
    if (rc != 0) {
        trouble(link, "%s: %s", link->settings->socket, gp_error_text(rc));
        hang_up(link);
        return rc;
    }
    gp_client_stop_on(link->client, is_stopping);
    return 0;
}

/* The server has handed over a newer key of its own: the older one will die. */
static void keep_key(struct gp_link *link)
{
    const struct gp_identity *now = gp_client_identity(link->client);
    const char *reason = "";

    if (memcmp(now->server, link->identity.server, GP_KEY_BYTES) == 0)
        return;
    memcpy(link->identity.server, now->server, GP_KEY_BYTES);
    if (gp_identity_save(link->settings->identity, &link->identity, &reason) != 0)
        trouble(link, "the server's newer key cannot be kept: %s", reason);
}

/* Asks. False: no answer that is of use; what is wrong was said. */
static bool ask(struct gp_link *link, struct gp_request *request, unsigned wait_ms,
                struct gp_reply *ret_reply)
{
    int rc = dial(link);

    if (rc != 0)
        return false;
    request->person = gp_span_of(link->settings->person);
    rc = gp_client_call(link->client, request, wait_ms + CALL_MS, ret_reply);
    if (rc == 0) {
        keep_key(link);
        return true;
    }
    if (!is_stopping())
        trouble(link, "%s: %s", link->settings->socket, gp_error_text(rc));
    hang_up(link);
    return false;
}

static void refused(struct gp_link *link, const char *what, const struct gp_reply *reply)
{
    if (reply->status == GP_STATUS_REFUSED && reply->reason == GP_REASON_NO_RIGHT)
        trouble(link, "%s: no_right: org/rights.csv needs a row for role bridge (docs/NOTIFY.md)",
                what);
    else
        trouble(link, "%s: status %d, %s: %.*s", what, reply->status, gp_reason_word(reply->reason),
                GP_SPAN_ARG(reply->detail));
}

/* ---------------------------------------------------------------- reports */

void gp_report_id(const struct gp_delivery_report *report,
                  unsigned char ret_id[GP_COMMAND_ID_BYTES])
{
    unsigned char mac[GP_HMAC_BYTES];
    char text[128];
    uint64_t ms = (uint64_t)report->at_ms;

    (void)snprintf(text, sizeof text, "%" PRIu64 " %s %s", report->seq,
                   report->sent ? "sent" : "lost", report->person);
    gp_hmac_sha256(GP_SPAN("gridpost-notify 1"), gp_span_of(text), mac);
    for (int i = 5; i >= 0; i--, ms >>= 8)
        ret_id[i] = (unsigned char)ms;
    memcpy(ret_id + 6, mac, GP_COMMAND_ID_BYTES - 6);
}

/* Says one. True: the journal has it, or refuses it for good. */
static bool say(struct gp_link *link, const struct gp_delivery_report *report, bool *ret_reached)
{
    struct gp_request request = {.kind = GP_REQUEST_COMMAND};
    struct gp_reply reply;

    request.command = (struct gp_command){
        .verb = GP_VERB_DELIVER,
        .incident = report->incident,
        .ref_seq = report->seq,
        .person = gp_span_of(report->person),
        .delivery = report->sent ? GP_DELIVERY_SENT : GP_DELIVERY_FAILED,
    };
    gp_report_id(report, request.command.id);
    *ret_reached = ask(link, &request, 0, &reply);
    if (!*ret_reached)
        return false;
    if (reply.status == GP_STATUS_OK)
        return true;
    refused(link, "deliver", &reply);
    return reply.status == GP_STATUS_INVALID || reply.status == GP_STATUS_NOT_FOUND ||
           (reply.status == GP_STATUS_REFUSED && reply.reason != GP_REASON_NO_RIGHT);
}

/* False: the daemon is away. */
static bool say_all(struct gp_link *link)
{
    bool said[GP_LINK_REPORTS] = {false}, reached = true;
    struct gp_delivery_report report[GP_LINK_REPORTS];
    size_t count;

    (void)pthread_mutex_lock(&link->mutex);
    count = link->reported ? 0 : link->report_count;
    memcpy(report, link->report, count * sizeof *report);
    (void)pthread_mutex_unlock(&link->mutex);
    for (size_t i = 0; i < count && reached && !is_stopping(); i++)
        said[i] = say(link, &report[i], &reached);
    if (count == 0)
        return true;
    (void)pthread_mutex_lock(&link->mutex);
    memcpy(link->said, said, sizeof said);
    link->reported = true;
    tell(link);
    return reached;
}

/* ---------------------------------------------------------------- the journal */

static void free_page(struct gp_link_event *page)
{
    for (size_t i = 0; i < page->count; i++)
        gp_note_free(page->note[i]);
    page->count = 0;
}

/* Copies what tells somebody. False: memory is out. */
static bool copy_notes(const struct gp_reply *reply, struct gp_link_event *page)
{
    for (uint32_t i = 0; i < reply->feed.count; i++) {
        const struct gp_entry *entry = reply->feed.item[i];
        if (entry->recipient_count == 0)
            continue;
        struct gp_note *note = gp_note_new(entry);
        if (note == NULL) {
            free_page(page);
            return false;
        }
        page->note[page->count++] = note;
    }
    return true;
}

/* Gives a page to the owner and waits until it is kept; meanwhile reports are said. */
static void hand_over(struct gp_link *link, struct gp_link_event *page)
{
    enum page_state state = PAGE_BROUGHT;

    (void)pthread_mutex_lock(&link->mutex);
    link->page = *page;
    link->page_state = PAGE_BROUGHT;
    tell(link);
    for (;;) {
        (void)pthread_mutex_lock(&link->mutex);
        while (!link->stop &&
               (link->page_state == PAGE_BROUGHT || link->page_state == PAGE_TAKEN) &&
               (link->reported || link->report_count == 0))
            (void)pthread_cond_wait(&link->moved, &link->mutex);
        state = link->page_state;
        bool over = link->stop || state == PAGE_NONE || state == PAGE_AGAIN;
        if (over && state == PAGE_AGAIN)
            link->page_state = PAGE_NONE;
        (void)pthread_mutex_unlock(&link->mutex);
        if (over)
            break;
        if (!say_all(link))
            back_off(link);
    }
    if (state == PAGE_NONE)
        link->after = page->scanned_to;
    else
        back_off(link);
}

/* The journal is another one: to go on would skip what its first entries tell. */
static void end_for_good(struct gp_link *link, uint64_t head)
{
    (void)pthread_mutex_lock(&link->mutex);
    (void)snprintf(link->words, sizeof link->words,
                   "this journal ends at entry %" PRIu64 ", before %" PRIu64
                   ", up to which it was read: is it another store?",
                   head, link->after);
    link->fatal = link->fatal_new = true;
    tell(link);
}

static void find_head(struct gp_link *link)
{
    struct gp_request request = {.kind = GP_REQUEST_STATUS};
    struct gp_reply reply;

    if (!ask(link, &request, 0, &reply)) {
        back_off(link);
        return;
    }
    if (reply.status != GP_STATUS_OK) {
        refused(link, "status", &reply);
        back_off(link);
        return;
    }
    struct gp_link_event page = {
        .kind = GP_LINK_PAGE, .scanned_to = reply.daemon.head, .head = reply.daemon.head};
    all_is_well(link);
    link->known = true;
    hand_over(link, &page);
    link->known = link->after == page.scanned_to;
}

static void look(struct gp_link *link)
{
    struct gp_request request = {.kind = GP_REQUEST_FEED};
    struct gp_link_event page = {.kind = GP_LINK_PAGE};
    struct gp_reply reply;

    request.feed.after = link->after;
    request.feed.wait_ms = GP_LINK_WAIT_MS;
    request.feed.follower = GP_SPAN("gridpost-notify");
    request.feed.filter.area = link->settings->area;
    request.feed.filter.escalations = link->settings->follow == GP_FOLLOW_ESCALATIONS;
    if (!ask(link, &request, GP_LINK_WAIT_MS, &reply)) {
        back_off(link);
        return;
    }
    if (reply.status != GP_STATUS_OK) {
        refused(link, "feed", &reply);
        back_off(link);
        return;
    }
    if (reply.feed.head < link->after) {
        end_for_good(link, reply.feed.head);
        return;
    }
    page.scanned_to = reply.feed.scanned_to;
    page.head = reply.feed.head;
    all_is_well(link);
    if (!copy_notes(&reply, &page))
        back_off(link);
    else if (page.scanned_to > link->after)
        hand_over(link, &page);
}

static void *run(void *context)
{
    struct gp_link *link = context;

    while (!is_stopping() && !link->fatal) {
        if (!say_all(link))
            back_off(link);
        else if (!link->known)
            find_head(link);
        else
            look(link);
    }
    hang_up(link);
    gp_identity_clear(&link->identity);
    return NULL;
}

/* ---------------------------------------------------------------- the owner's side */

static void init_waiting(struct gp_link *link)
{
    pthread_condattr_t kind;

    (void)pthread_mutex_init(&link->mutex, NULL); /* plain ones: they cannot fail */
    (void)pthread_condattr_init(&kind);
    (void)pthread_condattr_setclock(&kind, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&link->moved, &kind);
    (void)pthread_condattr_destroy(&kind);
}

/* Signals are the owner's. */
static int start_thread(struct gp_link *link)
{
    sigset_t all, before;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&link->thread, NULL, run, link);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc == 0 ? 0 : GP_EAGAIN;
}

int gp_link_open(const struct gp_notify_settings *settings, bool known, uint64_t after,
                 void (*wake)(void *context), void *context, struct gp_link **ret_link)
{
    struct gp_link *link = calloc(1, sizeof *link);

    if (link == NULL)
        return GP_ENOMEM;
    link->settings = settings;
    link->wake = wake;
    link->context = context;
    link->known = known;
    link->after = after;
    atomic_store(&stopping, false);
    init_waiting(link);
    int rc = start_thread(link);
    if (rc != 0)
        free(link);
    else
        *ret_link = link;
    return rc;
}

void gp_link_close(struct gp_link *link)
{
    if (link == NULL)
        return;
    atomic_store(&stopping, true);
    (void)pthread_mutex_lock(&link->mutex);
    link->stop = true;
    (void)pthread_cond_broadcast(&link->moved);
    (void)pthread_mutex_unlock(&link->mutex);
    (void)pthread_join(link->thread, NULL);
    if (link->page_state == PAGE_BROUGHT)
        free_page(&link->page);
    (void)pthread_cond_destroy(&link->moved);
    (void)pthread_mutex_destroy(&link->mutex);
    free(link);
}

static void take_words(struct gp_link *link, struct gp_link_event *event,
                       enum gp_link_event_kind kind)
{
    event->kind = kind;
    memcpy(event->words, link->words, sizeof event->words);
}

void gp_link_take(struct gp_link *link, struct gp_link_event *ret_event)
{
    ret_event->kind = GP_LINK_NOTHING;
    (void)pthread_mutex_lock(&link->mutex);
    if (link->fatal_new) {
        link->fatal_new = false;
        take_words(link, ret_event, GP_LINK_FATAL);
    } else if (link->trouble_new) {
        link->trouble_new = false;
        take_words(link, ret_event, GP_LINK_TROUBLE);
    } else if (link->well_new) {
        link->well_new = false;
        ret_event->kind = GP_LINK_WELL;
    } else if (link->reported) {
        ret_event->kind = GP_LINK_REPORTED;
        ret_event->report_count = link->report_count;
        memcpy(ret_event->report, link->report, sizeof link->report);
        memcpy(ret_event->said, link->said, sizeof link->said);
        link->reported = false;
        link->report_count = 0;
    } else if (link->page_state == PAGE_BROUGHT) {
        *ret_event = link->page;
        link->page_state = PAGE_TAKEN;
    }
    (void)pthread_mutex_unlock(&link->mutex);
}

static void move_page(struct gp_link *link, enum page_state to)
{
    (void)pthread_mutex_lock(&link->mutex);
    assert(link->page_state == PAGE_TAKEN);
    link->page_state = to;
    (void)pthread_cond_broadcast(&link->moved);
    (void)pthread_mutex_unlock(&link->mutex);
}

void gp_link_go_on(struct gp_link *link)
{
    move_page(link, PAGE_NONE);
}

void gp_link_again(struct gp_link *link)
{
    move_page(link, PAGE_AGAIN);
}

bool gp_link_is_free(struct gp_link *link)
{
    (void)pthread_mutex_lock(&link->mutex);
    bool is_free = link->report_count == 0;
    (void)pthread_mutex_unlock(&link->mutex);
    return is_free;
}

void gp_link_report(struct gp_link *link, const struct gp_delivery_report *reports, size_t count)
{
    assert(count <= GP_LINK_REPORTS);
    (void)pthread_mutex_lock(&link->mutex);
    assert(link->report_count == 0);
    memcpy(link->report, reports, count * sizeof *reports);
    link->report_count = count;
    link->reported = false;
    (void)pthread_cond_broadcast(&link->moved);
    (void)pthread_mutex_unlock(&link->mutex);
}
