/* What the side lines left behind, and what the journal keeps of strikes, leave and holdings. */
#include "wire/put.h"

#include <assert.h>

/* One record: ids and a reason. */
#define GP_RECORD_BYTES_MAX 2048

/* ---------------------------------------------------------------- side, writing */

static void put_returns(struct gp_put *put, const struct gp_side *side)
{
    gp_put_text(put, GP_FIELD_SIDE_RETURNER, side->returner);
    gp_put_text(put, GP_FIELD_SIDE_SUGGESTED, side->suggested);
    gp_put_texts(put, GP_FIELD_SIDE_BARRED, side->barred, side->barred_count);
    gp_put_number(put, GP_FIELD_SIDE_RETURNS, side->returns);
    gp_put_number(put, GP_FIELD_SIDE_BUCK_PASSED, side->buck_passed);
    gp_put_number(put, GP_FIELD_SIDE_RETURN_REASON, side->return_reason);
    gp_put_number(put, GP_FIELD_SIDE_RETURNED_MS, (uint64_t)side->returned_ms);
    gp_put_number(put, GP_FIELD_SIDE_CONSENTED, side->consented);
    gp_put_number(put, GP_FIELD_SIDE_BOUND, side->bound);
}

static void put_time(struct gp_put *put, const struct gp_side *side)
{
    gp_put_number(put, GP_FIELD_SIDE_ASKED_MS, (uint64_t)side->asked_ms);
    gp_put_number(put, GP_FIELD_SIDE_ASKED_H, side->asked_h);
    gp_put_text(put, GP_FIELD_SIDE_ASKER, side->asker);
    gp_put_text(put, GP_FIELD_SIDE_HELPER, side->helper);
    gp_put_numbers(put, GP_FIELD_SIDE_FIRED, side->fired, side->fired_count);
    gp_put_number(put, GP_FIELD_SIDE_SUSPENSIONS, side->suspensions);
    gp_put_number(put, GP_FIELD_SIDE_RESUME_MS, (uint64_t)side->resume_ms);
    gp_put_number(put, GP_FIELD_SIDE_CHECK_DUE_MS, (uint64_t)side->check_due_ms);
    gp_put_number(put, GP_FIELD_SIDE_REWORKS, side->reworks);
    gp_put_number(put, GP_FIELD_SIDE_REOPENS, side->reopens);
}

static bool is_empty(const struct gp_side *side)
{
    static const struct gp_side none;
    return memcmp(side, &none, sizeof none) == 0;
}

void gp_put_side(struct gp_put *put, unsigned field, const struct gp_side *side)
{
    unsigned char *begin;

    if (is_empty(side))
        return;
    begin = gp_put_begin(put, field);
    gp_put_number(put, GP_FIELD_SIDE_RESUME_STATE, side->resume_state);
    gp_put_text(put, GP_FIELD_SIDE_FIRST_OWNER, side->first_owner);
    gp_put_text(put, GP_FIELD_SIDE_UNFILLED, side->unfilled);
    put_returns(put, side);
    put_time(put, side);
    gp_put_number(put, GP_FIELD_SIDE_DOWNWARD, side->downward);
    gp_put_text(put, GP_FIELD_SIDE_APPROVAL, side->approval);
    gp_put_number(put, GP_FIELD_SIDE_ON_SPOT, side->on_spot);
    gp_put_number(put, GP_FIELD_SIDE_DRAWN, side->drawn);
    gp_put_number(put, GP_FIELD_SIDE_MAIN, side->main);
    gp_put_texts(put, GP_FIELD_SIDE_STRUCK, side->struck, side->struck_count);
    gp_put_number(put, GP_FIELD_SIDE_STRUCK_BEFORE, side->struck_before);
    gp_put_end(put, begin);
}

/* ---------------------------------------------------------------- side, reading */

static uint8_t in_ids(struct gp_in *in, char *const *from, size_t count, struct gp_span *to,
                      size_t max, const char *field)
{
    if (count > max) {
        gp_in_fail(in, GP_ELIMIT, field);
        return 0;
    }
    for (size_t i = 0; i < count; i++)
        to[i] = gp_in_id(in, from[i], field);
    return (uint8_t)count;
}

static uint8_t in_numbers(struct gp_in *in, const uint64_t *from, size_t count, uint64_t *to,
                          size_t max, const char *field)
{
    if (count > max) {
        gp_in_fail(in, GP_ELIMIT, field);
        return 0;
    }
    for (size_t i = 0; i < count; i++)
        to[i] = from[i];
    return (uint8_t)count;
}

static void in_side_returns(struct gp_in *in, const Gp__Side *from, struct gp_side *to)
{
    to->returner = gp_in_id(in, from->returner, "side.returner");
    to->suggested = gp_in_id(in, from->suggested, "side.suggested");
    to->barred_count =
        in_ids(in, from->barred, from->n_barred, to->barred, GP_RETURNS_MAX, "side.barred");
    to->returns = (uint8_t)gp_in_number(in, from->returns, UINT8_MAX, "side.returns");
    to->buck_passed = (uint8_t)gp_in_number(in, from->buck_passed, UINT8_MAX, "side.buck_passed");
    to->return_reason = (uint8_t)gp_in_number(in, (uint32_t)from->return_reason,
                                              GP_RETURN_OUT_OF_SCOPE, "side.return_reason");
    to->returned_ms = gp_in_time(in, from->returned_ms, "side.returned_ms");
    to->consented = from->consented;
    to->bound = from->bound;
}

static void in_side_time(struct gp_in *in, const Gp__Side *from, struct gp_side *to)
{
    to->asked_ms = gp_in_time(in, from->asked_ms, "side.asked_ms");
    to->asked_h = gp_in_number(in, from->asked_h, GP_AMOUNT_MAX, "side.asked_h");
    to->asker = gp_in_id(in, from->asker, "side.asker");
    to->helper = gp_in_id(in, from->helper, "side.helper");
    to->fired_count =
        in_numbers(in, from->fired, from->n_fired, to->fired, GP_REFS_MAX, "side.fired");
    to->struck_before =
        (uint8_t)gp_in_number(in, from->struck_before, GP_STRUCK_MAX, "side.struck_before");
    to->suspensions = (uint8_t)gp_in_number(in, from->suspensions, UINT8_MAX, "side.suspensions");
    to->resume_ms = gp_in_time(in, from->resume_ms, "side.resume_ms");
    to->check_due_ms = gp_in_time(in, from->check_due_ms, "side.check_due_ms");
    to->reworks = (uint8_t)gp_in_number(in, from->reworks, UINT8_MAX, "side.reworks");
    to->reopens = (uint8_t)gp_in_number(in, from->reopens, UINT8_MAX, "side.reopens");
}

void gp_in_side(struct gp_in *in, const Gp__Side *from, struct gp_side *ret_side)
{
    struct gp_side *to = ret_side;

    memset(to, 0, sizeof *to);
    if (from == NULL)
        return;
    to->resume_state = (uint8_t)gp_in_number(in, (uint32_t)from->resume_state, GP_STATE_REOPENED,
                                             "side.resume_state");
    to->first_owner = gp_in_id(in, from->first_owner, "side.first_owner");
    to->unfilled = gp_in_id(in, from->unfilled, "side.unfilled");
    in_side_returns(in, from, to);
    in_side_time(in, from, to);
    to->downward = from->downward;
    to->approval = gp_in_id(in, from->approval, "side.approval");
    to->on_spot = from->on_spot;
    to->drawn = from->drawn;
    to->main = from->main;
    to->struck_count =
        in_ids(in, from->struck, from->n_struck, to->struck, GP_STRUCK_MAX, "side.struck");
}

/* ---------------------------------------------------------------- strikes, leave, holdings */

Gp__Strike *gp_out_strike(struct gp_out *out, const struct gp_strike *strike)
{
    Gp__Strike *to;

    if (strike->person.len == 0)
        return NULL;
    to = gp_out_new(out, sizeof *to);
    gp__strike__init(to);
    to->person = gp_out_text(out, strike->person);
    GP_SET(to, year, strike->year);
    GP_SET(to, incident, strike->incident);
    GP_SET(to, number, strike->number);
    GP_SET(to, state, strike->state);
    to->signer = gp_out_text(out, strike->signer);
    return to;
}

void gp_in_strike(struct gp_in *in, const Gp__Strike *from, struct gp_strike *ret_strike)
{
    memset(ret_strike, 0, sizeof *ret_strike);
    if (from == NULL)
        return;
    ret_strike->person = gp_in_id(in, from->person, "strike.person");
    ret_strike->year = (uint16_t)gp_in_number(in, from->year, 9999, "strike.year");
    ret_strike->incident = from->incident;
    ret_strike->number = from->number;
    ret_strike->state = (uint8_t)gp_in_number(in, from->state, GP_STRIKE_UPHELD, "strike.state");
    ret_strike->signer = gp_in_id(in, from->signer, "strike.signer");
    if (ret_strike->person.len == 0)
        gp_in_fail(in, GP_EFORMAT, "strike.person");
}

Gp__Leave *gp_out_leave(struct gp_out *out, const struct gp_leave_record *leave)
{
    Gp__Leave *to;

    if (leave->id == 0)
        return NULL;
    to = gp_out_new(out, sizeof *to);
    gp__leave__init(to);
    GP_SET(to, id, leave->id);
    to->person = gp_out_text(out, leave->person);
    to->standin = gp_out_text(out, leave->standin);
    GP_SET(to, from_ms, leave->from_ms);
    GP_SET(to, to_ms, leave->to_ms);
    GP_SET(to, state, (Gp__LeaveState)leave->state);
    to->first_approver = gp_out_text(out, leave->first_approver);
    GP_SET(to, begun, leave->begun);
    to->override_reason = gp_out_text(out, leave->override_reason);
    to->source = gp_out_text(out, leave->source);
    GP_SET(to, shifted, leave->shifted);
    return to;
}

void gp_in_leave(struct gp_in *in, const Gp__Leave *from, struct gp_leave_record *ret_leave)
{
    struct gp_leave_record *to = ret_leave;

    memset(to, 0, sizeof *to);
    if (from == NULL)
        return;
    to->id = from->id;
    to->person = gp_in_id(in, from->person, "leave.person");
    to->standin = gp_in_id(in, from->standin, "leave.standin");
    to->from_ms = gp_in_time(in, from->from_ms, "leave.from_ms");
    to->to_ms = gp_in_time(in, from->to_ms, "leave.to_ms");
    to->state = (uint8_t)gp_in_number(in, (uint32_t)from->state, GP_LEAVE_CANCELLED, "leave.state");
    to->first_approver = gp_in_id(in, from->first_approver, "leave.first_approver");
    to->begun = from->begun;
    to->override_reason =
        gp_in_text(in, from->override_reason, GP_REASON_BYTES_MAX, "leave.override_reason");
    to->source = gp_in_id(in, from->source, "leave.source");
    to->shifted = from->shifted;
    if (to->id == 0 || to->person.len == 0)
        gp_in_fail(in, GP_EFORMAT, "leave.id");
}

Gp__Tenure *gp_out_tenure(struct gp_out *out, const struct gp_tenure *tenure)
{
    Gp__Tenure *to;

    if (tenure->id == 0)
        return NULL;
    to = gp_out_new(out, sizeof *to);
    gp__tenure__init(to);
    GP_SET(to, id, tenure->id);
    to->post = gp_out_text(out, tenure->post);
    to->person = gp_out_text(out, tenure->person);
    GP_SET(to, from_ms, tenure->from_ms);
    GP_SET(to, to_ms, tenure->to_ms == INT64_MAX ? 0 : tenure->to_ms);
    return to;
}

void gp_in_tenure(struct gp_in *in, const Gp__Tenure *from, struct gp_tenure *ret_tenure)
{
    struct gp_tenure *to = ret_tenure;

    memset(to, 0, sizeof *to);
    if (from == NULL)
        return;
    to->id = from->id;
    to->post = gp_in_id(in, from->post, "tenure.post");
    to->person = gp_in_id(in, from->person, "tenure.person");
    to->from_ms = gp_in_time(in, from->from_ms, "tenure.from_ms");
    to->to_ms = gp_in_time(in, from->to_ms, "tenure.to_ms");
    if (to->to_ms == 0)
        to->to_ms = INT64_MAX;
    if (to->id == 0 || to->post.len == 0)
        gp_in_fail(in, GP_EFORMAT, "tenure.id");
}

/* ---------------------------------------------------------------- as rows of tables */

int gp_wire_strike_pack(const struct gp_strike *strike, struct gp_arena *arena,
                        struct gp_span *ret_bytes)
{
    struct gp_out out = {.arena = arena};
    Gp__Strike *message = gp_out_strike(&out, strike);

    assert(message != NULL); /* an empty record is not stored */
    return gp_out_pack(&out, &message->base, GP_RECORD_BYTES_MAX, ret_bytes);
}

int gp_wire_strike_unpack(struct gp_span bytes, struct gp_arena *arena,
                          struct gp_strike *ret_strike)
{
    struct gp_in in = {.arena = arena};
    const Gp__Strike *message =
        (const Gp__Strike *)gp_unpack(&in, &gp__strike__descriptor, bytes, GP_RECORD_BYTES_MAX);

    if (message != NULL)
        gp_in_strike(&in, message, ret_strike);
    return in.error;
}

int gp_wire_leave_pack(const struct gp_leave_record *leave, struct gp_arena *arena,
                       struct gp_span *ret_bytes)
{
    struct gp_out out = {.arena = arena};
    Gp__Leave *message = gp_out_leave(&out, leave);

    assert(message != NULL); /* an empty record is not stored */
    return gp_out_pack(&out, &message->base, GP_RECORD_BYTES_MAX, ret_bytes);
}

int gp_wire_leave_unpack(struct gp_span bytes, struct gp_arena *arena,
                         struct gp_leave_record *ret_leave)
{
    struct gp_in in = {.arena = arena};
    const Gp__Leave *message =
        (const Gp__Leave *)gp_unpack(&in, &gp__leave__descriptor, bytes, GP_RECORD_BYTES_MAX);

    if (message != NULL)
        gp_in_leave(&in, message, ret_leave);
    return in.error;
}

int gp_wire_tenure_pack(const struct gp_tenure *tenure, struct gp_arena *arena,
                        struct gp_span *ret_bytes)
{
    struct gp_out out = {.arena = arena};
    Gp__Tenure *message = gp_out_tenure(&out, tenure);

    assert(message != NULL); /* an empty record is not stored */
    return gp_out_pack(&out, &message->base, GP_RECORD_BYTES_MAX, ret_bytes);
}

int gp_wire_tenure_unpack(struct gp_span bytes, struct gp_arena *arena,
                          struct gp_tenure *ret_tenure)
{
    struct gp_in in = {.arena = arena};
    const Gp__Tenure *message =
        (const Gp__Tenure *)gp_unpack(&in, &gp__tenure__descriptor, bytes, GP_RECORD_BYTES_MAX);

    if (message != NULL)
        gp_in_tenure(&in, message, ret_tenure);
    return in.error;
}
