/*
 * Reading: queries, single incidents, leaves, looks at the journal and assessments run in libuv's
 * pool, each in one short read transaction, an assessment in one after the other; the answer is
 * packed there too and leaves from the loop.
 */
#include "app/internal.h"

#include <assert.h>

static void judge(struct gp_job *job, const struct gp_incident *incident)
{
    job->denied = !gp_rights_read(job, gp_view_org(job->view), job->now_ms, incident);
}

static int pack_page(struct gp_job *job, const struct gp_page *page)
{
    struct gp_reply reply = {.status = GP_STATUS_OK, .kind = GP_REPLY_PAGE};

    reply.page.item = page->item;
    reply.page.count = page->count;
    reply.page.cursor = (struct gp_span){(const char *)page->cursor, page->cursor_len};
    reply.page.head = page->head;
    reply.page.counted = page->counted;
    reply.page.total = page->total;
    return gp_wire_reply_pack(&reply, &job->page, &job->answer);
}

/* A page whose packed form is too large is asked for again with fewer rows. */
static int read_page(struct gp_job *job)
{
    struct gp_query query = job->request.query;
    struct gp_page page;
    int rc;

    do {
        rc = gp_engine_query(job->app->store, gp_view_org(job->view), &query, job->request.person,
                             job->now_ms, &job->app->cut_short, &job->page, &page);
        if (rc != 0)
            return rc;
        rc = pack_page(job, &page);
        query.limit = page.count / 2;
    } while (rc == GP_ELIMIT && query.limit > 0);
    return rc;
}

static int read_incident(struct gp_job *job)
{
    struct gp_incident incident;
    struct gp_reply reply = {
        .status = GP_STATUS_OK, .kind = GP_REPLY_INCIDENT, .incident = &incident};
    int rc = gp_engine_incident(job->app->store, gp_view_org(job->view), job->request.incident,
                                job->request.person, job->now_ms, &job->page, &incident);

    if (rc == 0 || rc == GP_ENOTFOUND)
        judge(job, rc == 0 ? &incident : NULL);
    if (rc != 0 || job->denied)
        return rc;
    rc = gp_engine_followers(job->app->store, job->request.incident, reply.follower,
                             &reply.follower_count);
    return rc == 0 ? gp_wire_reply_pack(&reply, &job->page, &job->answer) : rc;
}

/* A feed of one incident is judged by that incident. */
static int judge_feed(struct gp_job *job)
{
    uint64_t id = job->request.feed.filter.incident;
    struct gp_incident incident;
    int rc = GP_ENOTFOUND;

    if (id != 0 && job->sealed)
        rc = gp_engine_incident(job->app->store, gp_view_org(job->view), id, job->request.person,
                                job->now_ms, &job->page, &incident);
    if (rc != 0 && rc != GP_ENOTFOUND)
        return rc;
    judge(job, rc == 0 ? &incident : NULL);
    return 0;
}

static int read_feed(struct gp_job *job)
{
    struct gp_reply reply = {.status = GP_STATUS_OK, .kind = GP_REPLY_FEED};
    struct gp_feed_page page;
    int rc = gp_engine_feed(job->app->store, gp_view_org(job->view), &job->request.feed,
                            job->request.person, job->now_ms, &job->page, &page);

    if (rc != 0)
        return rc;
    job->found = page.count;
    job->scanned_to = page.scanned_to;
    job->head = page.head;
    reply.feed.item = page.item;
    reply.feed.count = page.count;
    reply.feed.scanned_to = page.scanned_to;
    reply.feed.head = page.head;
    reply.feed.hint = job->hint;
    rc = gp_wire_reply_pack(&reply, &job->page, &job->answer);
    while (rc == GP_ELIMIT && reply.feed.count > 1) { /* the rest comes with the next ask */
        reply.feed.count /= 2;
        reply.feed.scanned_to = reply.feed.item[reply.feed.count - 1]->seq;
        rc = gp_wire_reply_pack(&reply, &job->page, &job->answer);
    }
    return rc;
}

/* A page whose names are so long that it does not fit is asked for again with fewer rows. */
static int read_assessment(struct gp_job *job)
{
    struct gp_reply reply = {.status = GP_STATUS_OK, .kind = GP_REPLY_ASSESS};
    struct gp_assess_ask ask = job->request.assess;
    int rc;

    for (uint32_t limit = GP_ASSESS_ROWS_MAX;; limit /= 2) {
        rc = gp_engine_assess(job->app->store, gp_view_org(job->view), &ask, &job->app->cut_short,
                              &job->page, &reply.assess);
        if (rc != 0)
            return rc;
        rc = gp_wire_reply_pack(&reply, &job->page, &job->answer);
        if (rc != GP_ELIMIT || limit < 2)
            return rc;
        ask.limit = limit / 2;
        ask.upto = reply.assess.head;
    }
}

static int read_leaves(struct gp_job *job)
{
    struct gp_reply reply = {.status = GP_STATUS_OK, .kind = GP_REPLY_LEAVES};
    struct gp_leaves_page page;
    int rc = gp_engine_leaves(job->app->store, gp_view_org(job->view), &job->request.leaves,
                              &job->page, &page);

    if (rc != 0)
        return rc;
    reply.leaves.item = page.item;
    reply.leaves.count = page.count;
    reply.leaves.holding = page.holding;
    reply.leaves.holding_count = page.holding_count;
    reply.leaves.next = page.next;
    return gp_wire_reply_pack(&reply, &job->page, &job->answer);
}

static int read_devices(struct gp_job *job)
{
    struct gp_reply reply = {.status = GP_STATUS_OK, .kind = GP_REPLY_DEVICES};
    struct gp_devices_page page;
    int rc = gp_engine_devices(job->app->store, &job->request.devices, &job->page, &page);

    if (rc != 0)
        return rc;
    reply.devices.item = page.item;
    reply.devices.count = page.count;
    reply.devices.next = page.next;
    return gp_wire_reply_pack(&reply, &job->page, &job->answer);
}

static int read_chain(struct gp_job *job)
{
    struct gp_reply reply = {.status = GP_STATUS_OK, .kind = GP_REPLY_VERIFIED};
    int rc = gp_engine_verify(job->app->store, &job->request.verify, &reply.verified);

    return rc == 0 ? gp_wire_reply_pack(&reply, &job->page, &job->answer) : rc;
}

/* More areas than fit are told as far as they do. */
static int read_summary(struct gp_job *job)
{
    struct gp_reply reply = {.status = GP_STATUS_OK, .kind = GP_REPLY_SUMMARY};
    int rc = gp_census_summary(gp_view_org(job->view), job->counted->census, &job->request.summary,
                               job->now_ms, &job->page, &reply.summary);

    if (rc == 0)
        rc = gp_wire_reply_pack(&reply, &job->page, &job->answer);
    while (rc == GP_ELIMIT && reply.summary.area_count > 1) {
        reply.summary.area_count /= 2;
        reply.summary.partial = true;
        rc = gp_wire_reply_pack(&reply, &job->page, &job->answer);
    }
    return rc;
}

static int read_kind(struct gp_job *job)
{
    switch ((enum gp_request_kind)job->request.kind) {
    case GP_REQUEST_QUERY:
        return read_page(job);
    case GP_REQUEST_INCIDENT:
        return read_incident(job);
    case GP_REQUEST_ASSESS:
        return read_assessment(job);
    case GP_REQUEST_LEAVES:
        return read_leaves(job);
    case GP_REQUEST_DEVICES:
        return read_devices(job);
    case GP_REQUEST_VERIFY:
        return read_chain(job);
    case GP_REQUEST_SUMMARY:
        return read_summary(job);
    default:
        return read_feed(job);
    }
}

/* Judged at each look, an incident once it has been read. */
static int look(struct gp_job *job)
{
    int rc = 0;

    if (job->request.kind == GP_REQUEST_FEED)
        rc = judge_feed(job);
    else if (job->request.kind != GP_REQUEST_INCIDENT)
        judge(job, NULL);
    return rc != 0 || job->denied ? rc : read_kind(job);
}

static void work(uv_work_t *request)
{
    struct gp_job *job = request->data;

    gp_arena_reset(&job->page);
    job->error = atomic_load(&job->app->cut_short) ? GP_EAGAIN : look(job);
}

static const char *mistake_of(uint8_t kind)
{
    if (kind == GP_REQUEST_ASSESS)
        return "assess.to_ms: not after from_ms";
    if (kind == GP_REQUEST_VERIFY)
        return "verify.from: behind upto or the head";
    return "query.cursor: not of this query";
}

static void refuse_as_too_broad(struct gp_job *job)
{
    struct gp_reply reply = {
        .status = GP_STATUS_REFUSED,
        .reason = GP_REASON_TOO_BROAD,
        .detail = GP_SPAN("ask for less, or by number"),
    };
    gp_job_reply(job, &reply);
}

static void refuse(struct gp_job *job)
{
    switch (job->error) {
    case GP_ENOTFOUND:
        if (job->old) { /* nobody can tell that it is not there */
            gp_job_refuse(job, GP_STATUS_TRY_AGAIN, "what is new cannot be read yet");
            break;
        }
        gp_job_refuse(job, GP_STATUS_NOT_FOUND,
                      job->request.kind == GP_REQUEST_INCIDENT ? "no such incident"
                                                               : "no such person");
        break;
    case GP_EINVAL:
        gp_job_refuse(job, GP_STATUS_INVALID, mistake_of(job->request.kind));
        break;
    case GP_ELIMIT:
        if (job->request.kind == GP_REQUEST_QUERY)
            refuse_as_too_broad(job);
        else
            gp_job_refuse(job, GP_STATUS_TRY_AGAIN, gp_error_text(job->error));
        break;
    case GP_ECORRUPT:
        gp_log(GP_LOG_ERROR, "store", "a damaged row was read; run gridpostd --verify");
        gp_job_refuse(job, GP_STATUS_TRY_AGAIN, "a stored row is damaged; the log says more");
        break;
    default:
        gp_job_refuse(job, GP_STATUS_TRY_AGAIN, gp_error_text(job->error));
        break;
    }
}

static struct gp_job **place_of(struct gp_app *app, const struct gp_job *job)
{
    return gp_job_place(app->assessing, GP_ASSESSMENTS_MAX, job);
}

/* Whether an assessment of this device is being counted: with one each, no device keeps all others
 * from theirs. Unsealed requests are of no device. */
static bool assesses(const struct gp_app *app, uint64_t device)
{
    for (size_t i = 0; i < GP_ASSESSMENTS_MAX; i++) {
        if (device != 0 && app->assessing[i] != NULL && app->assessing[i]->by_device == device)
            return true;
    }
    return false;
}

/* A look that is over, or never began, is answered. */
static void leave(struct gp_job *job)
{
    struct gp_app *app = job->app;

    gp_counted_unref(job->counted);
    job->counted = NULL;
    app->readers--;
    app->readers_again -= job->again;
    if (job->request.kind == GP_REQUEST_ASSESS)
        *place_of(app, job) = NULL;
    if (job->denied) {
        gp_rights_refuse(job);
    } else if (job->error != 0) {
        refuse(job);
    } else if (job->request.kind == GP_REQUEST_FEED) {
        gp_followers_looked(job);
    } else {
        gp_job_send(job, job->answer);
    }
    gp_shutdown_advance(app);
}

static void begin(void *context);

static void done(uv_work_t *request, int status)
{
    struct gp_job *job = request->data, *next = gp_sorting_leave(job);

    gp_job_drop_view(job); /* the answer is packed */
    if (status != 0)
        job->error = GP_EAGAIN;
    leave(job);
    if (next != NULL)
        begin(next);
}

static void begin(void *context)
{
    struct gp_job *job = context;
    struct gp_app *app = job->app;

    if (!gp_sorting_enter(job))
        return; /* it is begun again when its turn comes */
    job->hint = gp_hints_key(job);
    job->old = gp_store_committed(app->store) < job->needs;
    gp_job_take_view(job);
    job->now_ms = gp_app_now(app);
    job->work.data = job;
    int rc = uv_queue_work(&app->loop, &job->work, work, done);
    assert(rc == 0); /* it refuses a missing function only */
}

/* A census is there, or could not be had. */
static void begin_counting(void *context)
{
    struct gp_job *job = context;

    if (gp_counted_fresh(job->app)) {
        job->counted = gp_counted_ref(job->app);
        begin(job);
        return;
    }
    job->error = job->app->count_error;
    leave(job);
}

/* What it must see: all that was acknowledged. A follower of everything that is far behind gets a
 * whole page of what is older; it keeps no batch waiting for a checkpoint. */
static uint64_t needs(const struct gp_job *job)
{
    static const struct gp_feed_filter everything;
    const struct gp_feed_ask *ask = &job->request.feed;
    uint64_t head = job->app->head;

    if (job->request.kind != GP_REQUEST_FEED || !job->app->in_flight || ask->after >= head ||
        head - ask->after <= GP_FEED_ENTRIES_MAX ||
        memcmp(&ask->filter, &everything, sizeof everything) != 0)
        return head;
    return ask->after + GP_FEED_ENTRIES_MAX;
}

static void queue(struct gp_job *job)
{
    struct gp_app *app = job->app;

    app->readers++;
    app->readers_again += job->again;
    if (job->request.kind == GP_REQUEST_ASSESS)
        *place_of(app, NULL) = job;
    job->needs = needs(job);
    if (job->request.kind == GP_REQUEST_SUMMARY)
        gp_counted_await(app, &job->await, begin_counting, job);
    else
        gp_fresh_await(app, &job->await, job->needs, begin, job);
}

void gp_reader_start(struct gp_job *job)
{
    unsigned places = job->role == GP_ROLE_BRIDGE ? GP_READERS_BRIDGE : GP_READERS_MAX;
    struct gp_app *app = job->app;

    if (app->readers - app->readers_again >= places) {
        gp_job_refuse(job, GP_STATUS_TRY_AGAIN, "too many readers");
        return;
    }
    if (job->request.kind == GP_REQUEST_ASSESS && assesses(app, job->by_device)) {
        gp_job_refuse(job, GP_STATUS_TRY_AGAIN, "an assessment of this device is being counted");
        return;
    }
    if (job->request.kind == GP_REQUEST_ASSESS && place_of(app, NULL) == NULL) {
        gp_job_refuse(job, GP_STATUS_TRY_AGAIN, "other assessments are being counted");
        return;
    }
    queue(job);
}

void gp_reader_again(struct gp_job *job)
{
    job->again = true;
    queue(job);
}
