/* Replies: written by the daemon, read by clients that trust the daemon no more than it trusts
 * them. */
#include "wire/internal.h"

/* ---------------------------------------------------------------- writing */

static void out_answer(struct gp_out *out, const struct gp_reply *from, Gp__Reply *to)
{
    Gp__Answer *answer = gp_out_new(out, sizeof *answer);

    gp__answer__init(answer);
    answer->has_id = true;
    answer->id =
        (ProtobufCBinaryData){sizeof from->answer.id, (uint8_t *)(uintptr_t)from->answer.id};
    GP_SET(answer, repeated, from->answer.repeated);
    GP_SET(answer, incident, from->answer.incident);
    GP_SET(answer, seq, from->answer.seq);
    GP_SET(answer, version, from->answer.version);
    GP_SET(answer, state, (Gp__State)from->answer.state);
    GP_SET(answer, due_ms, from->answer.due_ms);
    GP_SET(answer, at_ms, from->answer.at_ms);
    answer->receipt = gp_out_receipt(out, &from->answer.receipt);
    answer->invitation = gp_out_text(out, from->answer.invitation);
    GP_SET(answer, device, from->answer.device);
    to->body_case = GP__REPLY__BODY_ANSWER;
    to->answer = answer;
}

static void out_page(struct gp_out *out, const struct gp_reply *from, Gp__Reply *to)
{
    Gp__Page *page = gp_out_new(out, sizeof *page);

    gp__page__init(page);
    page->incident = gp_out_list(out, from->page.count);
    if (page->incident != NULL) {
        page->n_incident = from->page.count;
        for (uint32_t i = 0; i < from->page.count; i++)
            page->incident[i] = gp_out_incident(out, &from->page.item[i]);
    }
    page->has_cursor = from->page.cursor.len > 0;
    page->cursor =
        (ProtobufCBinaryData){from->page.cursor.len, (uint8_t *)(uintptr_t)from->page.cursor.ptr};
    GP_SET(page, head, from->page.head);
    page->has_total = from->page.counted;
    page->total = from->page.total;
    to->body_case = GP__REPLY__BODY_PAGE;
    to->page = page;
}

static void out_feed(struct gp_out *out, const struct gp_reply *from, Gp__Reply *to)
{
    Gp__FeedPage *feed = gp_out_new(out, sizeof *feed);

    gp__feed_page__init(feed);
    feed->entry = gp_out_list(out, from->feed.count);
    if (feed->entry != NULL) {
        feed->n_entry = from->feed.count;
        for (uint32_t i = 0; i < from->feed.count; i++)
            feed->entry[i] = gp_out_entry(out, from->feed.item[i]);
    }
    GP_SET(feed, scanned_to, from->feed.scanned_to);
    GP_SET(feed, head, from->feed.head);
    feed->hint = gp_out_hint_key(out, &from->feed.hint);
    to->body_case = GP__REPLY__BODY_FEED;
    to->feed = feed;
}

static Gp__DutyRow *out_duty(struct gp_out *out, const struct gp_duty_row *from)
{
    Gp__DutyRow *to = gp_out_new(out, sizeof *to);

    gp__duty_row__init(to);
    to->area = gp_out_text(out, from->area);
    to->area_name = gp_out_text(out, from->area_name);
    to->post = gp_out_text(out, from->post);
    to->kind = gp_out_text(out, from->kind);
    to->person = gp_out_text(out, from->person);
    to->person_name = gp_out_text(out, from->person_name);
    to->phone = gp_out_text(out, from->phone);
    GP_SET(to, path, (Gp__Path)from->path);
    return to;
}

static void out_roster(struct gp_out *out, const struct gp_reply *from, Gp__Reply *to)
{
    Gp__Duties *duties = gp_out_new(out, sizeof *duties);

    gp__duties__init(duties);
    duties->row = gp_out_list(out, from->roster.count);
    if (duties->row != NULL) {
        duties->n_row = from->roster.count;
        for (uint32_t i = 0; i < from->roster.count; i++)
            duties->row[i] = out_duty(out, &from->roster.item[i]);
    }
    to->body_case = GP__REPLY__BODY_ROSTER;
    to->roster = duties;
}

static Gp__ForecastStep *out_step(struct gp_out *out, const struct gp_forecast_step *from)
{
    Gp__ForecastStep *to = gp_out_new(out, sizeof *to);

    gp__forecast_step__init(to);
    to->entry = gp_out_entry(out, &from->entry);
    to->name = gp_out_texts(out, from->name, from->entry.recipient_count);
    to->n_name = to->name != NULL ? from->entry.recipient_count : 0;
    return to;
}

static void out_forecast(struct gp_out *out, const struct gp_reply *from, Gp__Reply *to)
{
    Gp__Forecast *forecast = gp_out_new(out, sizeof *forecast);

    gp__forecast__init(forecast);
    forecast->step = gp_out_list(out, from->forecast.count);
    if (forecast->step != NULL) {
        forecast->n_step = from->forecast.count;
        for (uint32_t i = 0; i < from->forecast.count; i++)
            forecast->step[i] = out_step(out, from->forecast.item[i]);
    }
    to->body_case = GP__REPLY__BODY_FORECAST;
    to->forecast = forecast;
}

static void out_body(struct gp_out *out, const struct gp_reply *from, Gp__Reply *to)
{
    switch ((enum gp_reply_kind)from->kind) {
    case GP_REPLY_ANSWER:
        out_answer(out, from, to);
        break;
    case GP_REPLY_PAGE:
        out_page(out, from, to);
        break;
    case GP_REPLY_INCIDENT:
        to->body_case = GP__REPLY__BODY_INCIDENT;
        to->incident = gp_out_incident(out, from->incident);
        break;
    case GP_REPLY_FEED:
        out_feed(out, from, to);
        break;
    case GP_REPLY_STATUS:
        to->body_case = GP__REPLY__BODY_DAEMON;
        to->daemon = gp_out_daemon(out, &from->daemon);
        break;
    case GP_REPLY_ROSTER:
        out_roster(out, from, to);
        break;
    case GP_REPLY_ASSESS:
        to->body_case = GP__REPLY__BODY_ASSESSMENT;
        to->assessment = gp_out_assessment(out, &from->assess);
        break;
    case GP_REPLY_FORECAST:
        out_forecast(out, from, to);
        break;
    case GP_REPLY_LEAVES:
        gp_out_leaves(out, from, to);
        break;
    case GP_REPLY_DEVICES:
        gp_out_devices(out, from, to);
        break;
    case GP_REPLY_VERIFIED:
        to->body_case = GP__REPLY__BODY_VERIFIED;
        to->verified = gp_out_verified(out, &from->verified);
        break;
    case GP_REPLY_HEAD:
        to->body_case = GP__REPLY__BODY_HEAD;
        to->head = gp_out_head(out, &from->head);
        break;
    case GP_REPLY_BACKUP:
        to->body_case = GP__REPLY__BODY_BACKUP;
        to->backup = gp_out_backup(out, &from->backup);
        break;
    case GP_REPLY_FIGURES:
        to->body_case = GP__REPLY__BODY_FIGURES;
        to->figures = gp_out_figures(out, from->figures);
        break;
    case GP_REPLY_SUMMARY:
        to->body_case = GP__REPLY__BODY_SUMMARY;
        to->summary = gp_out_summary(out, &from->summary);
        break;
    }
}

int gp_wire_reply_pack(const struct gp_reply *reply, struct gp_arena *arena,
                       struct gp_span *ret_message)
{
    struct gp_out out = {.arena = arena};
    Gp__Reply message;

    gp__reply__init(&message);
    GP_SET(&message, version, GP_WIRE_VERSION);
    GP_SET(&message, status, (Gp__Status)reply->status);
    GP_SET(&message, reason, reply->reason);
    message.detail = gp_out_text(&out, reply->detail);
    GP_SET(&message, retry_ms, reply->retry_ms);
    message.n_follower = reply->follower_count;
    message.follower = (uint64_t *)(uintptr_t)reply->follower; /* only read from */
    out_body(&out, reply, &message);
    return gp_out_pack(&out, &message.base, GP_REPLY_BYTES_MAX, ret_message);
}

/* ---------------------------------------------------------------- reading */

static void in_answer(struct gp_in *in, const Gp__Answer *from, struct gp_reply *to)
{
    to->kind = GP_REPLY_ANSWER;
    if (from->has_id && from->id.len != sizeof to->answer.id)
        gp_in_fail(in, GP_EFORMAT, "answer.id");
    else if (from->has_id)
        memcpy(to->answer.id, from->id.data, sizeof to->answer.id);
    to->answer.repeated = from->repeated;
    to->answer.incident = from->incident;
    to->answer.seq = from->seq;
    to->answer.version = from->version;
    to->answer.state =
        (uint8_t)gp_in_number(in, (uint32_t)from->state, GP_STATE_REOPENED, "answer.state");
    to->answer.due_ms = gp_in_time(in, from->due_ms, "answer.due_ms");
    to->answer.at_ms = gp_in_time(in, from->at_ms, "answer.at_ms");
    gp_in_receipt(in, from->receipt, &to->answer.receipt);
    to->answer.invitation =
        gp_in_line(in, from->invitation, GP_INVITATION_BYTES_MAX, "answer.invitation");
    to->answer.device = from->device;
}

static void in_page(struct gp_in *in, const Gp__Page *from, struct gp_reply *to)
{
    to->kind = GP_REPLY_PAGE;
    to->page.item =
        gp_in_array(in, from->n_incident, sizeof *to->page.item, GP_PAGE_ROWS_MAX, "page.incident");
    for (size_t i = 0; to->page.item != NULL && i < from->n_incident; i++)
        gp_in_incident(in, from->incident[i], &to->page.item[i]);
    to->page.count = to->page.item != NULL ? (uint32_t)from->n_incident : 0;
    if (from->cursor.len > sizeof((struct gp_query *)0)->cursor)
        gp_in_fail(in, GP_ELIMIT, "page.cursor"); /* no query could say it */
    to->page.cursor = (struct gp_span){(const char *)from->cursor.data, from->cursor.len};
    to->page.head = from->head;
    to->page.counted = from->has_total;
    to->page.total = from->total;
}

static void in_feed(struct gp_in *in, const Gp__FeedPage *from, struct gp_reply *to)
{
    to->kind = GP_REPLY_FEED;
    to->feed.item =
        gp_in_array(in, from->n_entry, sizeof *to->feed.item, GP_FEED_ENTRIES_MAX, "feed.entry");
    for (size_t i = 0; to->feed.item != NULL && i < from->n_entry; i++) {
        to->feed.item[i] = gp_in_array(in, 1, sizeof **to->feed.item, 1, "feed.entry");
        if (to->feed.item[i] == NULL)
            return;
        gp_in_entry(in, from->entry[i], to->feed.item[i]);
    }
    to->feed.count = to->feed.item != NULL ? (uint32_t)from->n_entry : 0;
    to->feed.scanned_to = from->scanned_to;
    to->feed.head = from->head;
    gp_in_hint_key(in, from->hint, &to->feed.hint);
}

static void in_roster(struct gp_in *in, const Gp__Duties *from, struct gp_reply *to)
{
    to->kind = GP_REPLY_ROSTER;
    to->roster.item =
        gp_in_array(in, from->n_row, sizeof *to->roster.item, GP_DUTY_ROWS_MAX, "roster.row");
    to->roster.count = to->roster.item != NULL ? (uint32_t)from->n_row : 0;
    for (uint32_t i = 0; i < to->roster.count; i++) {
        const Gp__DutyRow *row = from->row[i];
        to->roster.item[i] = (struct gp_duty_row){
            .area = gp_in_id(in, row->area, "duty.area"),
            .area_name = gp_in_text(in, row->area_name, GP_REASON_BYTES_MAX, "duty.area_name"),
            .post = gp_in_id(in, row->post, "duty.post"),
            .kind = gp_in_id(in, row->kind, "duty.kind"),
            .person = gp_in_id(in, row->person, "duty.person"),
            .person_name = gp_in_text(in, row->person_name, GP_REASON_BYTES_MAX, "duty.person"),
            .phone = gp_in_id(in, row->phone, "duty.phone"),
            .path = (uint8_t)gp_in_number(in, (uint32_t)row->path, GP_PATH_SUPERIOR, "duty.path"),
        };
    }
}

static void in_step(struct gp_in *in, const Gp__ForecastStep *from, struct gp_forecast_step *to)
{
    if (from->entry == NULL) {
        gp_in_fail(in, GP_EFORMAT, "forecast.entry");
        return;
    }
    gp_in_entry(in, from->entry, &to->entry);
    if (from->n_name != to->entry.recipient_count)
        gp_in_fail(in, GP_EFORMAT, "forecast.name"); /* one for each, no more */
    for (size_t i = 0; in->error == 0 && i < from->n_name; i++)
        to->name[i] = gp_in_text(in, from->name[i], GP_REASON_BYTES_MAX, "forecast.name");
}

static void in_forecast(struct gp_in *in, const Gp__Forecast *from, struct gp_reply *to)
{
    to->kind = GP_REPLY_FORECAST;
    to->forecast.item =
        gp_in_array(in, from->n_step, sizeof *to->forecast.item, GP_FORECAST_MAX, "forecast.step");
    for (size_t i = 0; to->forecast.item != NULL && i < from->n_step; i++) {
        to->forecast.item[i] = gp_in_array(in, 1, sizeof **to->forecast.item, 1, "forecast.step");
        if (to->forecast.item[i] == NULL)
            return;
        in_step(in, from->step[i], to->forecast.item[i]);
    }
    to->forecast.count = to->forecast.item != NULL ? (uint32_t)from->n_step : 0;
}

static void in_body(struct gp_in *in, const Gp__Reply *from, struct gp_reply *to)
{
    switch (from->body_case) {
    case GP__REPLY__BODY_ANSWER:
        in_answer(in, from->answer, to);
        break;
    case GP__REPLY__BODY_PAGE:
        in_page(in, from->page, to);
        break;
    case GP__REPLY__BODY_INCIDENT:
        to->kind = GP_REPLY_INCIDENT;
        to->incident = gp_in_array(in, 1, sizeof *to->incident, 1, "incident");
        if (to->incident != NULL)
            gp_in_incident(in, from->incident, to->incident);
        break;
    case GP__REPLY__BODY_FEED:
        in_feed(in, from->feed, to);
        break;
    case GP__REPLY__BODY_DAEMON:
        to->kind = GP_REPLY_STATUS;
        gp_in_daemon(in, from->daemon, &to->daemon);
        break;
    case GP__REPLY__BODY_ROSTER:
        in_roster(in, from->roster, to);
        break;
    case GP__REPLY__BODY_ASSESSMENT:
        to->kind = GP_REPLY_ASSESS;
        gp_in_assessment(in, from->assessment, &to->assess);
        break;
    case GP__REPLY__BODY_FORECAST:
        in_forecast(in, from->forecast, to);
        break;
    case GP__REPLY__BODY_LEAVES:
        gp_in_leaves(in, from->leaves, to);
        break;
    case GP__REPLY__BODY_DEVICES:
        gp_in_devices(in, from->devices, to);
        break;
    case GP__REPLY__BODY_VERIFIED:
        to->kind = GP_REPLY_VERIFIED;
        gp_in_verified(in, from->verified, &to->verified);
        break;
    case GP__REPLY__BODY_HEAD:
        to->kind = GP_REPLY_HEAD;
        gp_in_head(in, from->head, &to->head);
        break;
    case GP__REPLY__BODY_BACKUP:
        to->kind = GP_REPLY_BACKUP;
        gp_in_backup(in, from->backup, &to->backup);
        break;
    case GP__REPLY__BODY_FIGURES:
        gp_in_figures(in, from->figures, to);
        break;
    case GP__REPLY__BODY_SUMMARY:
        to->kind = GP_REPLY_SUMMARY;
        gp_in_summary(in, from->summary, &to->summary);
        break;
    default: /* a refusal may have no body */
        break;
    }
}

static void in_followers(struct gp_in *in, const Gp__Reply *from, struct gp_reply *to)
{
    if (from->n_follower > GP_LINKED_MAX) {
        gp_in_fail(in, GP_ELIMIT, "follower");
        return;
    }
    to->follower_count = (uint32_t)from->n_follower;
    for (size_t i = 0; i < from->n_follower; i++)
        to->follower[i] = from->follower[i];
}

int gp_wire_reply_unpack(struct gp_span message, struct gp_arena *arena, struct gp_reply *ret_reply)
{
    struct gp_in in = {.arena = arena};
    struct gp_reply reply = {0};
    const Gp__Reply *from =
        (const Gp__Reply *)gp_unpack(&in, &gp__reply__descriptor, message, GP_REPLY_BYTES_MAX);

    if (from == NULL)
        return in.error;
    if (gp_wire_has_nul(&gp__reply__descriptor, message))
        return GP_EUTF8;
    if (from->version != GP_WIRE_VERSION)
        return GP_EVERSION;
    reply.status =
        (uint8_t)gp_in_number(&in, (uint32_t)from->status, GP_STATUS_SEALED_ONLY, "status");
    reply.reason = (uint8_t)gp_in_number(&in, from->reason, UINT8_MAX, "reason");
    reply.detail = gp_in_text(&in, from->detail, GP_REASON_BYTES_MAX, "detail");
    reply.retry_ms = from->retry_ms;
    in_followers(&in, from, &reply);
    in_body(&in, from, &reply);
    if (in.error == 0)
        *ret_reply = reply;
    return in.error;
}
