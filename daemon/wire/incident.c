/* Incidents, their catalogue row and their plan. */
#include "wire/internal.h"

/* In a list the empty text has a place of its own: protobuf-c takes no NULL there. */
char **gp_out_texts(struct gp_out *out, const struct gp_span *text, size_t count)
{
    char **list = gp_out_list(out, count);

    for (size_t i = 0; list != NULL && i < count; i++)
        list[i] = text[i].len > 0 ? gp_out_text(out, text[i])
                                  : (char *)(uintptr_t)protobuf_c_empty_string;
    return list;
}

/* ---------------------------------------------------------------- row */

Gp__Row *gp_out_row(struct gp_out *out, const struct gp_row_copy *row)
{
    char limit[GP_LIMIT_TEXT_BYTES];
    Gp__Row *to = gp_out_new(out, sizeof *to);

    gp__row__init(to);
    to->code = gp_out_text(out, row->code);
    to->condition = gp_out_text(out, row->condition);
    to->line = gp_out_text(out, row->line);
    to->department = gp_out_text(out, row->department);
    to->policy = gp_out_text(out, row->policy);
    GP_SET(to, first_owner, row->first_owner);
    gp_limit_format(&row->limit, limit);
    to->limit = gp_out_text(out, gp_span_of(limit));
    GP_SET(to, wd_mode, row->wd_mode);
    GP_SET(to, is_private, row->is_private);
    GP_SET(to, informed, row->informed);
    GP_SET(to, on_spot, row->on_spot);
    to->tell = gp_out_texts(out, row->tell, row->tell_count);
    to->n_tell = to->tell != NULL ? row->tell_count : 0;
    GP_SET(to, valid_from_ms, row->valid_from_ms);
    return to;
}

void gp_in_row(struct gp_in *in, const Gp__Row *from, struct gp_row_copy *ret_row)
{
    struct gp_row_copy row = {0};

    if (from == NULL)
        return;
    row.code = gp_in_id(in, from->code, "row.code");
    row.condition = gp_in_id(in, from->condition, "row.condition");
    row.line = gp_in_id(in, from->line, "row.line");
    row.department = gp_in_id(in, from->department, "row.department");
    row.policy = gp_in_id(in, from->policy, "row.policy");
    row.first_owner = (uint8_t)gp_in_number(in, from->first_owner, GP_POST_Z, "row.first_owner");
    row.wd_mode = (uint8_t)gp_in_number(in, from->wd_mode, GP_WD_CLOCK, "row.wd_mode");
    row.is_private = from->is_private;
    row.informed = from->informed;
    row.on_spot = from->on_spot;
    row.valid_from_ms = gp_in_time(in, from->valid_from_ms, "row.valid_from_ms");
    if (from->limit != NULL && gp_limit_parse(gp_span_of(from->limit), &row.limit) != 0)
        gp_in_fail(in, GP_EFORMAT, "row.limit");
    if (from->n_tell > GP_TELL_MAX) {
        gp_in_fail(in, GP_ELIMIT, "row.tell");
        return;
    }
    row.tell_count = (uint8_t)from->n_tell;
    for (size_t i = 0; i < from->n_tell; i++)
        row.tell[i] = gp_in_id(in, from->tell[i], "row.tell");
    *ret_row = row;
}

/* ---------------------------------------------------------------- plan */

static Gp__Stage *out_stage(struct gp_out *out, const struct gp_stage *stage)
{
    Gp__Stage *to = gp_out_new(out, sizeof *to);

    gp__stage__init(to);
    GP_SET(to, n, stage->amount.n);
    GP_SET(to, unit, stage->amount.unit);
    GP_SET(to, start_ms, stage->start_ms);
    GP_SET(to, due_ms, stage->due_ms);
    GP_SET(to, met_ms, stage->met_ms);
    to->policy = gp_out_text(out, stage->policy);
    GP_SET(to, provisional, stage->provisional);
    GP_SET(to, own_amount, stage->own_amount);
    GP_SET(to, rework, stage->rework);
    GP_SET(to, overall_ms, stage->overall_ms);
    to->extended_h = (uint32_t *)(uintptr_t)stage->extended_h; /* only read from */
    while (to->n_extended_h < GP_EXTENSIONS_MAX && stage->extended_h[to->n_extended_h] != 0)
        to->n_extended_h++;
    GP_SET(to, gap_from_ms, stage->gap_from_ms);
    GP_SET(to, gap_to_ms, stage->gap_to_ms);
    return to;
}

static void in_extensions(struct gp_in *in, const Gp__Stage *from, struct gp_stage *ret_stage)
{
    if (from->n_extended_h > GP_EXTENSIONS_MAX) {
        gp_in_fail(in, GP_ELIMIT, "stage.extended_h");
        return;
    }
    for (size_t i = 0; i < from->n_extended_h; i++) {
        ret_stage->extended_h[i] =
            gp_in_number(in, from->extended_h[i], GP_AMOUNT_MAX, "stage.extended_h");
        if (ret_stage->extended_h[i] == 0)
            gp_in_fail(in, GP_EFORMAT, "stage.extended_h");
    }
}

static void in_stage(struct gp_in *in, const Gp__Stage *from, struct gp_stage *ret_stage)
{
    ret_stage->amount.n = gp_in_number(in, from->n, GP_SECONDS_MAX, "stage.n");
    ret_stage->amount.unit = (uint8_t)gp_in_number(in, from->unit, GP_UNIT_SECOND, "stage.unit");
    ret_stage->start_ms = gp_in_time(in, from->start_ms, "stage.start_ms");
    ret_stage->due_ms = gp_in_time(in, from->due_ms, "stage.due_ms");
    ret_stage->met_ms = gp_in_time(in, from->met_ms, "stage.met_ms");
    ret_stage->policy = gp_in_id(in, from->policy, "stage.policy");
    ret_stage->provisional = from->provisional;
    ret_stage->own_amount = from->own_amount;
    ret_stage->rework = from->rework;
    ret_stage->overall_ms = gp_in_time(in, from->overall_ms, "stage.overall_ms");
    in_extensions(in, from, ret_stage);
    ret_stage->gap_from_ms = gp_in_time(in, from->gap_from_ms, "stage.gap_from_ms");
    ret_stage->gap_to_ms = gp_in_time(in, from->gap_to_ms, "stage.gap_to_ms");
}

Gp__PlanStep *gp_out_plan_step(struct gp_out *out, const struct gp_plan_step *step)
{
    Gp__PlanStep *to = gp_out_new(out, sizeof *to);

    gp__plan_step__init(to);
    GP_SET(to, at_ms, step->at_ms);
    GP_SET(to, step, (Gp__Step)step->step);
    GP_SET(to, stage, step->stage);
    GP_SET(to, status, step->status);
    GP_SET(to, provisional, step->provisional);
    GP_SET(to, nth, step->nth);
    return to;
}

void gp_in_plan_step(struct gp_in *in, const Gp__PlanStep *from, struct gp_plan_step *ret_step)
{
    ret_step->at_ms = gp_in_time(in, from->at_ms, "step.at_ms");
    ret_step->step = (uint8_t)gp_in_number(in, (uint32_t)from->step, GP_STEP_RESUME, "step.step");
    ret_step->stage = (uint8_t)gp_in_number(in, from->stage, GP_STAGES_MAX - 1, "step.stage");
    ret_step->status = (uint8_t)gp_in_number(in, from->status, GP_PAUSED, "step.status");
    ret_step->provisional = from->provisional;
    ret_step->nth = from->nth;
}

Gp__Plan *gp_out_plan(struct gp_out *out, const struct gp_plan *plan)
{
    Gp__Plan *to;

    if (plan->stage_count == 0)
        return NULL;
    to = gp_out_new(out, sizeof *to);
    gp__plan__init(to);
    to->stage = gp_out_list(out, plan->stage_count);
    if (to->stage != NULL) {
        to->n_stage = plan->stage_count;
        for (uint8_t i = 0; i < plan->stage_count; i++)
            to->stage[i] = out_stage(out, &plan->stage[i]);
    }
    GP_SET(to, current, plan->current);
    to->step = gp_out_list(out, plan->step_count);
    if (to->step != NULL) {
        to->n_step = plan->step_count;
        for (uint8_t i = 0; i < plan->step_count; i++)
            to->step[i] = gp_out_plan_step(out, &plan->step[i]);
    }
    return to;
}

void gp_in_plan(struct gp_in *in, const Gp__Plan *from, struct gp_plan *ret_plan)
{
    if (from == NULL)
        return;
    if (from->n_stage > GP_STAGES_MAX || from->n_step > GP_PLAN_STEPS_MAX ||
        from->current >= GP_STAGES_MAX || (from->n_stage > 0 && from->current >= from->n_stage)) {
        gp_in_fail(in, GP_ELIMIT, "plan");
        return;
    }
    ret_plan->stage_count = (uint8_t)from->n_stage;
    for (size_t i = 0; i < from->n_stage; i++)
        in_stage(in, from->stage[i], &ret_plan->stage[i]);
    ret_plan->current = (uint8_t)from->current;
    ret_plan->step_count = (uint8_t)from->n_step;
    for (size_t i = 0; i < from->n_step; i++)
        gp_in_plan_step(in, from->step[i], &ret_plan->step[i]);
}

/* ---------------------------------------------------------------- incident */

static void out_times(Gp__Incident *to, const struct gp_incident *incident)
{
    GP_SET(to, captured_ms, incident->captured_ms);
    GP_SET(to, received_ms, incident->received_ms);
    GP_SET(to, dispatched_ms, incident->dispatched_ms);
    GP_SET(to, accepted_ms, incident->accepted_ms);
    GP_SET(to, finished_ms, incident->finished_ms);
    GP_SET(to, verified_ms, incident->verified_ms);
    GP_SET(to, closed_ms, incident->closed_ms);
    GP_SET(to, overdue_ms, incident->overdue_ms);
}

Gp__Incident *gp_out_incident(struct gp_out *out, const struct gp_incident *incident)
{
    Gp__Incident *to = gp_out_new(out, sizeof *to);

    gp__incident__init(to);
    GP_SET(to, id, incident->id);
    GP_SET(to, version, incident->version);
    GP_SET(to, state, (Gp__State)incident->state);
    to->area = gp_out_area(out, incident->area);
    GP_SET(to, area_level, incident->area.level);
    to->community = gp_out_area(out, incident->community);
    GP_SET(to, community_level, incident->community.level);
    if (incident->row.code.len > 0)
        to->row = gp_out_row(out, &incident->row);
    to->reporter = gp_out_text(out, incident->reporter);
    to->device = gp_out_text(out, incident->device);
    to->text = gp_out_text(out, incident->text);
    to->place = gp_out_place(out, incident->place);
    out_times(to, incident);
    to->owner = gp_out_text(out, incident->owner);
    to->assistant = gp_out_text(out, incident->assistant);
    to->acceptor = gp_out_text(out, incident->acceptor);
    to->finisher = gp_out_texts(out, incident->finisher, incident->finisher_count);
    to->n_finisher = to->finisher != NULL ? incident->finisher_count : 0;
    GP_SET(to, informed, incident->informed);
    to->overdue_post = gp_out_text(out, incident->overdue_post);
    GP_SET(to, same_ab, incident->same_ab);
    GP_SET(to, owed, incident->owed);
    to->plan = gp_out_plan(out, &incident->plan);
    to->side = gp_out_side(out, &incident->side);
    GP_SET(to, text_seq, incident->text_seq);
    GP_SET(to, erased_ms, incident->erased_ms);
    return to;
}

static void in_times(struct gp_in *in, const Gp__Incident *from, struct gp_incident *to)
{
    to->captured_ms = gp_in_time(in, from->captured_ms, "incident.captured_ms");
    to->received_ms = gp_in_time(in, from->received_ms, "incident.received_ms");
    to->dispatched_ms = gp_in_time(in, from->dispatched_ms, "incident.dispatched_ms");
    to->accepted_ms = gp_in_time(in, from->accepted_ms, "incident.accepted_ms");
    to->finished_ms = gp_in_time(in, from->finished_ms, "incident.finished_ms");
    to->verified_ms = gp_in_time(in, from->verified_ms, "incident.verified_ms");
    to->closed_ms = gp_in_time(in, from->closed_ms, "incident.closed_ms");
    to->overdue_ms = gp_in_time(in, from->overdue_ms, "incident.overdue_ms");
}

void gp_in_incident(struct gp_in *in, const Gp__Incident *from, struct gp_incident *ret_incident)
{
    struct gp_incident *to = ret_incident;

    memset(to, 0, sizeof *to);
    to->id = from->id;
    to->version = from->version;
    to->state =
        (uint8_t)gp_in_number(in, (uint32_t)from->state, GP_STATE_REOPENED, "incident.state");
    to->area = gp_in_area(in, from->area, from->area_level, "incident.area");
    to->community = gp_in_area(in, from->community, from->community_level, "incident.community");
    gp_in_row(in, from->row, &to->row);
    to->reporter = gp_in_id(in, from->reporter, "incident.reporter");
    to->device = gp_in_id(in, from->device, "incident.device");
    to->text = gp_in_text(in, from->text, GP_TEXT_BYTES_MAX, "incident.text");
    to->place = gp_in_place(in, from->place);
    in_times(in, from, to);
    to->owner = gp_in_id(in, from->owner, "incident.owner");
    to->assistant = gp_in_id(in, from->assistant, "incident.assistant");
    to->acceptor = gp_in_id(in, from->acceptor, "incident.acceptor");
    to->finisher_count =
        (uint8_t)gp_in_number(in, (uint32_t)from->n_finisher, GP_FINISHERS_MAX, "finisher");
    for (uint8_t i = 0; i < to->finisher_count; i++)
        to->finisher[i] = gp_in_id(in, from->finisher[i], "incident.finisher");
    to->informed = from->informed;
    to->overdue_post = gp_in_id(in, from->overdue_post, "incident.overdue_post");
    to->same_ab = from->same_ab;
    to->owed = gp_in_number(in, from->owed, GP_STEPS_OWED_MAX, "incident.owed");
    gp_in_plan(in, from->plan, &to->plan);
    gp_in_side(in, from->side, &to->side);
    to->text_seq = from->text_seq;
    to->erased_ms = gp_in_time(in, from->erased_ms, "incident.erased_ms");
}

int gp_wire_incident_pack(const struct gp_incident *incident, struct gp_arena *arena,
                          struct gp_span *ret_bytes)
{
    struct gp_out out = {.arena = arena};
    Gp__Incident *message = gp_out_incident(&out, incident);

    return gp_out_pack(&out, &message->base, GP_REPLY_BYTES_MAX, ret_bytes);
}

int gp_wire_incident_unpack(struct gp_span bytes, struct gp_arena *arena,
                            struct gp_incident *ret_incident)
{
    struct gp_in in = {.arena = arena};
    const Gp__Incident *message =
        (const Gp__Incident *)gp_unpack(&in, &gp__incident__descriptor, bytes, GP_REPLY_BYTES_MAX);

    if (message != NULL)
        gp_in_incident(&in, message, ret_incident);
    return in.error;
}
