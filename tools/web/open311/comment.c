/*
 * POST servicerequestupdates: what residents write about a report somewhere else becomes a note of
 * its incident. FixMyStreet, where it is told to fetch updates, sends those that it has, too.
 *
 * The incident is looked at first: whoever may not see it here may not write to it either.
 */
#include "web/open311/internal.h"

#include <stdio.h>

#define STATUS_BYTES_MAX 40

static struct gp_span get(const struct gp_open311_call *call, const char *name)
{
    return gp_open311_form_get(&call->form, name);
}

static void missing(struct gp_open311_call *call)
{
    gp_open311_fail_now(call, GP_OPEN311_MISSING, GP_OPEN311_NO_REQUEST,
                        get(call, "service_request_id"));
}

static void write_taken(struct gp_open311_call *call, const struct gp_reply *reply)
{
    struct gp_markup *markup = gp_open311_document(call);
    char seq[24];

    if (markup == NULL)
        return;
    (void)snprintf(seq, sizeof seq, "%llu", (unsigned long long)reply->answer.seq);
    gp_markup_list(markup, "service_request_updates");
    gp_markup_object(markup, "request_update");
    gp_markup_word(markup, "update_id", seq);
    gp_markup_close(markup);
    gp_markup_close(markup);
    gp_open311_done(call, markup);
}

static void on_answer(struct gp_open311_call *call, const struct gp_reply *reply)
{
    if (gp_open311_is_taken(call, reply))
        write_taken(call, reply);
}

static void on_incident(struct gp_open311_call *call, const struct gp_reply *reply)
{
    bool there = reply->status == GP_STATUS_OK && reply->kind == GP_REPLY_INCIDENT;
    struct gp_open311_row row;
    uint64_t id = call->request.incident;

    if (!there && reply->status != GP_STATUS_NOT_FOUND && reply->status != GP_STATUS_REFUSED) {
        gp_open311_fail_now(call, GP_OPEN311_LATER, GP_OPEN311_UNREACHABLE, (struct gp_span){0});
        return;
    }
    if (!there || !gp_open311_row_of(call, reply->incident, &call->arena, &row)) {
        missing(call);
        return;
    }
    call->request.kind = GP_REQUEST_COMMAND;
    call->request.command =
        (struct gp_command){.verb = GP_VERB_NOTE, .incident = id, .text = call->note};
    memcpy(call->request.command.id, call->command_id, sizeof call->command_id);
    gp_open311_ask_next(call, on_answer);
}

static void read_note(struct gp_open311_call *call, struct gp_span client)
{
    struct gp_span text = gp_open311_plain(call, get(call, "description"), true);
    struct gp_open311_tail tail;

    gp_open311_sender(call, client, &tail);
    tail.status = gp_open311_line(call, "status", STATUS_BYTES_MAX);
    tail.phone = gp_open311_line(call, "phone", GP_ID_BYTES_MAX);
    if (text.len == 0 && tail.status.len == 0 && tail.media.len == 0)
        gp_open311_fail(call, GP_OPEN311_BAD, GP_OPEN311_NO_TEXT, text);
    if (call->error_count == 0 && gp_open311_tail_join(&call->arena, call->city.language, text,
                                                       &tail, &call->note, &call->cut) != 0)
        gp_open311_fail(call, GP_OPEN311_BROKEN, GP_OPEN311_FAILED, (struct gp_span){0});
}

void gp_open311_comment(struct gp_open311_call *call)
{
    struct gp_span client;
    uint64_t id;

    if (!gp_open311_has_key(call, &client))
        return;
    if (!gp_open311_number(get(call, "service_request_id"), INT64_MAX, &id) || id == 0) {
        missing(call);
        return;
    }
    read_note(call, client);
    call->request.kind = GP_REQUEST_INCIDENT;
    call->request.incident = id;
    if (call->error_count == 0)
        gp_open311_ask_next(call, on_incident);
}
