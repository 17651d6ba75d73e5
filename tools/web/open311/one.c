/* One incident by its number: a service request, or a token. */
#include "web/open311/internal.h"

#include <stdio.h>

static void missing(struct gp_open311_call *call, enum gp_open311_word word)
{
    gp_open311_fail_now(call, GP_OPEN311_MISSING, word, call->name);
}

/* Takes the incident of an answer; false, and the call has ended: there is none to be shown. What
 * is outside of what this person may read is as what is not there. */
static bool take(struct gp_open311_call *call, const struct gp_reply *reply,
                 enum gp_open311_word word)
{
    struct gp_open311_row row;

    if (reply->status == GP_STATUS_NOT_FOUND || reply->status == GP_STATUS_REFUSED) {
        missing(call, word);
        return false;
    }
    if (reply->status != GP_STATUS_OK || reply->kind != GP_REPLY_INCIDENT) {
        gp_open311_fail_now(call, GP_OPEN311_LATER, GP_OPEN311_UNREACHABLE, (struct gp_span){0});
        return false;
    }
    if (!gp_open311_row_of(call, reply->incident, &call->arena, &row)) {
        if (call->error_count == 0)
            missing(call, word);
        return false;
    }
    call->row[0] = row;
    call->count = 1;
    return true;
}

static void on_request(struct gp_open311_call *call, const struct gp_reply *reply)
{
    if (take(call, reply, GP_OPEN311_NO_REQUEST))
        gp_open311_rows_done(call);
}

/* Services are `realtime`, so no report is answered by a token; for clients that always go by one a
 * request's number is its token, too. */
static void on_token(struct gp_open311_call *call, const struct gp_reply *reply)
{
    struct gp_markup *markup;
    char id[24];

    if (!take(call, reply, GP_OPEN311_NO_TOKEN))
        return;
    markup = gp_open311_document(call);
    if (markup == NULL)
        return;
    (void)snprintf(id, sizeof id, "%llu", (unsigned long long)call->row[0].id);
    gp_markup_list(markup, "service_requests");
    gp_markup_object(markup, "request");
    gp_markup_word(markup, "service_request_id", id);
    gp_markup_word(markup, "token", id);
    gp_markup_close(markup);
    gp_markup_close(markup);
    gp_open311_done(call, markup);
}

static void ask(struct gp_open311_call *call, enum gp_open311_word word,
                void (*told)(struct gp_open311_call *, const struct gp_reply *))
{
    uint64_t id;

    if (!gp_open311_number(call->name, INT64_MAX, &id) || id == 0) {
        missing(call, word);
        return;
    }
    call->row = gp_arena_zalloc(&call->arena, 1, sizeof *call->row);
    if (call->row == NULL) {
        gp_open311_fail_now(call, GP_OPEN311_BROKEN, GP_OPEN311_FAILED, (struct gp_span){0});
        return;
    }
    call->request.kind = GP_REQUEST_INCIDENT;
    call->request.incident = id;
    gp_open311_ask_next(call, told);
}

void gp_open311_one(struct gp_open311_call *call)
{
    call->filter.extensions = gp_span_is(gp_open311_form_get(&call->form, "extensions"), "true");
    ask(call, GP_OPEN311_NO_REQUEST, on_request);
}

void gp_open311_token(struct gp_open311_call *call)
{
    ask(call, GP_OPEN311_NO_TOKEN, on_token);
}
