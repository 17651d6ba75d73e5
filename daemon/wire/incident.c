/* Incidents, their catalogue row and their plan. */
#include "wire/put.h"

/* ---------------------------------------------------------------- row */

void gp_put_row(struct gp_put *put, unsigned field, const struct gp_row_copy *row)
{
    unsigned char *begin = gp_put_begin(put, field);
    char limit[GP_LIMIT_TEXT_BYTES];

    gp_put_text(put, GP_FIELD_ROW_CODE, row->code);
    gp_put_text(put, GP_FIELD_ROW_CONDITION, row->condition);
    gp_put_text(put, GP_FIELD_ROW_LINE, row->line);
    gp_put_text(put, GP_FIELD_ROW_DEPARTMENT, row->department);
    gp_put_text(put, GP_FIELD_ROW_POLICY, row->policy);
    gp_put_number(put, GP_FIELD_ROW_FIRST_OWNER, row->first_owner);
    gp_limit_format(&row->limit, limit);
    gp_put_text(put, GP_FIELD_ROW_LIMIT, gp_span_of(limit));
    gp_put_number(put, GP_FIELD_ROW_WD_MODE, row->wd_mode);
    gp_put_number(put, GP_FIELD_ROW_IS_PRIVATE, row->is_private);
    gp_put_number(put, GP_FIELD_ROW_INFORMED, row->informed);
    gp_put_number(put, GP_FIELD_ROW_ON_SPOT, row->on_spot);
    gp_put_texts(put, GP_FIELD_ROW_TELL, row->tell, row->tell_count);
    gp_put_number(put, GP_FIELD_ROW_VALID_FROM_MS, (uint64_t)row->valid_from_ms);
    gp_put_end(put, begin);
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

static void put_extensions(struct gp_put *put, const struct gp_stage *stage)
{
    uint64_t hours[GP_EXTENSIONS_MAX];
    size_t count = 0;

    for (; count < GP_EXTENSIONS_MAX && stage->extended_h[count] != 0; count++)
        hours[count] = stage->extended_h[count];
    gp_put_numbers(put, GP_FIELD_STAGE_EXTENDED_H, hours, count);
}

static void put_stage(struct gp_put *put, const struct gp_stage *stage)
{
    unsigned char *begin = gp_put_begin(put, GP_FIELD_PLAN_STAGE);

    gp_put_number(put, GP_FIELD_STAGE_N, stage->amount.n);
    gp_put_number(put, GP_FIELD_STAGE_UNIT, stage->amount.unit);
    gp_put_number(put, GP_FIELD_STAGE_START_MS, (uint64_t)stage->start_ms);
    gp_put_number(put, GP_FIELD_STAGE_DUE_MS, (uint64_t)stage->due_ms);
    gp_put_number(put, GP_FIELD_STAGE_MET_MS, (uint64_t)stage->met_ms);
    gp_put_text(put, GP_FIELD_STAGE_POLICY, stage->policy);
    gp_put_number(put, GP_FIELD_STAGE_PROVISIONAL, stage->provisional);
    gp_put_number(put, GP_FIELD_STAGE_OWN_AMOUNT, stage->own_amount);
    gp_put_number(put, GP_FIELD_STAGE_REWORK, stage->rework);
    gp_put_number(put, GP_FIELD_STAGE_OVERALL_MS, (uint64_t)stage->overall_ms);
    put_extensions(put, stage);
    gp_put_number(put, GP_FIELD_STAGE_GAP_FROM_MS, (uint64_t)stage->gap_from_ms);
    gp_put_number(put, GP_FIELD_STAGE_GAP_TO_MS, (uint64_t)stage->gap_to_ms);
    gp_put_end(put, begin);
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

void gp_put_plan_step(struct gp_put *put, unsigned field, const struct gp_plan_step *step)
{
    unsigned char *begin = gp_put_begin(put, field);

    gp_put_number(put, GP_FIELD_PLAN_STEP_AT_MS, (uint64_t)step->at_ms);
    gp_put_number(put, GP_FIELD_PLAN_STEP_STEP, step->step);
    gp_put_number(put, GP_FIELD_PLAN_STEP_STAGE, step->stage);
    gp_put_number(put, GP_FIELD_PLAN_STEP_STATUS, step->status);
    gp_put_number(put, GP_FIELD_PLAN_STEP_PROVISIONAL, step->provisional);
    gp_put_number(put, GP_FIELD_PLAN_STEP_NTH, step->nth);
    gp_put_end(put, begin);
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

void gp_put_plan(struct gp_put *put, unsigned field, const struct gp_plan *plan)
{
    unsigned char *begin;

    if (plan->stage_count == 0)
        return;
    begin = gp_put_begin(put, field);
    for (uint8_t i = 0; i < plan->stage_count; i++)
        put_stage(put, &plan->stage[i]);
    gp_put_number(put, GP_FIELD_PLAN_CURRENT, plan->current);
    for (uint8_t i = 0; i < plan->step_count; i++)
        gp_put_plan_step(put, GP_FIELD_PLAN_STEP, &plan->step[i]);
    gp_put_end(put, begin);
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

static void put_work(struct gp_put *put, const struct gp_incident *incident)
{
    gp_put_number(put, GP_FIELD_INCIDENT_CAPTURED_MS, (uint64_t)incident->captured_ms);
    gp_put_number(put, GP_FIELD_INCIDENT_RECEIVED_MS, (uint64_t)incident->received_ms);
    gp_put_number(put, GP_FIELD_INCIDENT_DISPATCHED_MS, (uint64_t)incident->dispatched_ms);
    gp_put_text(put, GP_FIELD_INCIDENT_OWNER, incident->owner);
    gp_put_text(put, GP_FIELD_INCIDENT_ASSISTANT, incident->assistant);
    gp_put_text(put, GP_FIELD_INCIDENT_ACCEPTOR, incident->acceptor);
    gp_put_number(put, GP_FIELD_INCIDENT_ACCEPTED_MS, (uint64_t)incident->accepted_ms);
    gp_put_number(put, GP_FIELD_INCIDENT_FINISHED_MS, (uint64_t)incident->finished_ms);
    gp_put_number(put, GP_FIELD_INCIDENT_VERIFIED_MS, (uint64_t)incident->verified_ms);
    gp_put_number(put, GP_FIELD_INCIDENT_CLOSED_MS, (uint64_t)incident->closed_ms);
    gp_put_texts(put, GP_FIELD_INCIDENT_FINISHER, incident->finisher, incident->finisher_count);
    gp_put_number(put, GP_FIELD_INCIDENT_INFORMED, incident->informed);
    gp_put_number(put, GP_FIELD_INCIDENT_OVERDUE_MS, (uint64_t)incident->overdue_ms);
    gp_put_text(put, GP_FIELD_INCIDENT_OVERDUE_POST, incident->overdue_post);
    gp_put_number(put, GP_FIELD_INCIDENT_SAME_AB, incident->same_ab);
    gp_put_number(put, GP_FIELD_INCIDENT_OWED, incident->owed);
}

static void put_incident(struct gp_put *put, const void *what)
{
    const struct gp_incident *incident = what;

    gp_put_number(put, GP_FIELD_INCIDENT_ID, incident->id);
    gp_put_number(put, GP_FIELD_INCIDENT_VERSION, incident->version);
    gp_put_number(put, GP_FIELD_INCIDENT_STATE, incident->state);
    gp_put_area(put, GP_FIELD_INCIDENT_AREA, incident->area);
    gp_put_number(put, GP_FIELD_INCIDENT_AREA_LEVEL, incident->area.level);
    gp_put_area(put, GP_FIELD_INCIDENT_COMMUNITY, incident->community);
    gp_put_number(put, GP_FIELD_INCIDENT_COMMUNITY_LEVEL, incident->community.level);
    if (incident->row.code.len > 0)
        gp_put_row(put, GP_FIELD_INCIDENT_ROW, &incident->row);
    gp_put_text(put, GP_FIELD_INCIDENT_REPORTER, incident->reporter);
    gp_put_text(put, GP_FIELD_INCIDENT_DEVICE, incident->device);
    gp_put_text(put, GP_FIELD_INCIDENT_TEXT, incident->text);
    gp_put_place(put, GP_FIELD_INCIDENT_PLACE, incident->place);
    put_work(put, incident);
    gp_put_plan(put, GP_FIELD_INCIDENT_PLAN, &incident->plan);
    gp_put_side(put, GP_FIELD_INCIDENT_SIDE, &incident->side);
    gp_put_number(put, GP_FIELD_INCIDENT_TEXT_SEQ, incident->text_seq);
    gp_put_number(put, GP_FIELD_INCIDENT_ERASED_MS, (uint64_t)incident->erased_ms);
}

Gp__Incident *gp_out_incident(struct gp_out *out, const struct gp_incident *incident)
{
    return (Gp__Incident *)gp_put_raw(out, put_incident, incident, GP_REPLY_BYTES_MAX);
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
    return gp_put_pack(arena, put_incident, incident, GP_REPLY_BYTES_MAX, ret_bytes);
}

int gp_wire_incident_unpack(struct gp_span bytes, struct gp_arena *arena,
                            struct gp_incident *ret_incident)
{
    struct gp_in in = {.arena = arena};
    const Gp__Incident *message =
        (const Gp__Incident *)gp_unpack(&in, &gp__incident__descriptor, bytes, GP_REPLY_BYTES_MAX);

    if (message != NULL)
        gp_in_incident(&in, message, ret_incident);
    if (message != NULL && message->id == 0) /* whose looks begin by it */
        gp_in_fail(&in, GP_EFORMAT, "incident.id");
    return in.error;
}
