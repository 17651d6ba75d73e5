/* Asking for leaves and holdings, and the answer. */
#include "wire/internal.h"

/* ---------------------------------------------------------------- the request */

void gp_in_leaves_get(struct gp_in *in, const Gp__LeavesGet *from, struct gp_leaves_ask *ret_ask)
{
    ret_ask->person = gp_in_id(in, from->person, "leaves.person");
    ret_ask->state =
        (uint8_t)gp_in_number(in, (uint32_t)from->state, GP_LEAVE_CANCELLED, "leaves.state");
    ret_ask->from_ms = gp_in_time(in, from->from_ms, "leaves.from_ms");
    ret_ask->to_ms = gp_in_time(in, from->to_ms, "leaves.to_ms");
    ret_ask->after = from->after;
    ret_ask->limit = gp_in_number(in, from->limit, GP_PAGE_ROWS_MAX, "leaves.limit");
    ret_ask->holdings = from->holdings;
}

Gp__LeavesGet *gp_out_leaves_get(struct gp_out *out, const struct gp_leaves_ask *from)
{
    Gp__LeavesGet *to = gp_out_new(out, sizeof *to);

    gp__leaves_get__init(to);
    to->person = gp_out_text(out, from->person);
    GP_SET(to, state, (Gp__LeaveState)from->state);
    GP_SET(to, from_ms, from->from_ms);
    GP_SET(to, to_ms, from->to_ms);
    GP_SET(to, after, from->after);
    GP_SET(to, limit, from->limit);
    GP_SET(to, holdings, from->holdings);
    return to;
}

/* ---------------------------------------------------------------- the reply */

static Gp__Holding *out_holding(struct gp_out *out, const struct gp_tenure *from)
{
    Gp__Holding *to = gp_out_new(out, sizeof *to);

    gp__holding__init(to);
    to->post = gp_out_text(out, from->post);
    to->person = gp_out_text(out, from->person);
    GP_SET(to, from_ms, from->from_ms);
    GP_SET(to, to_ms, from->to_ms == INT64_MAX ? 0 : from->to_ms);
    return to;
}

void gp_out_leaves(struct gp_out *out, const struct gp_reply *from, Gp__Reply *to)
{
    Gp__Leaves *leaves = gp_out_new(out, sizeof *leaves);

    gp__leaves__init(leaves);
    leaves->leave = gp_out_list(out, from->leaves.count);
    for (uint32_t i = 0; leaves->leave != NULL && i < from->leaves.count; i++)
        leaves->leave[leaves->n_leave++] = gp_out_leave(out, &from->leaves.item[i]);
    leaves->holding = gp_out_list(out, from->leaves.holding_count);
    for (uint32_t i = 0; leaves->holding != NULL && i < from->leaves.holding_count; i++)
        leaves->holding[leaves->n_holding++] = out_holding(out, &from->leaves.holding[i]);
    GP_SET(leaves, next, from->leaves.next);
    to->body_case = GP__REPLY__BODY_LEAVES;
    to->leaves = leaves;
}

static void in_holding(struct gp_in *in, const Gp__Holding *from, struct gp_tenure *to)
{
    to->post = gp_in_id(in, from->post, "holding.post");
    to->person = gp_in_id(in, from->person, "holding.person");
    to->from_ms = gp_in_time(in, from->from_ms, "holding.from_ms");
    to->to_ms = gp_in_time(in, from->to_ms, "holding.to_ms");
    if (to->to_ms == 0)
        to->to_ms = INT64_MAX;
}

void gp_in_leaves(struct gp_in *in, const Gp__Leaves *from, struct gp_reply *ret_reply)
{
    ret_reply->kind = GP_REPLY_LEAVES;
    ret_reply->leaves.item = gp_in_array(in, from->n_leave, sizeof *ret_reply->leaves.item,
                                         GP_PAGE_ROWS_MAX, "leaves.leave");
    ret_reply->leaves.count = ret_reply->leaves.item != NULL ? (uint32_t)from->n_leave : 0;
    for (uint32_t i = 0; i < ret_reply->leaves.count; i++)
        gp_in_leave(in, from->leave[i], &ret_reply->leaves.item[i]);
    ret_reply->leaves.holding = gp_in_array(in, from->n_holding, sizeof *ret_reply->leaves.holding,
                                            GP_PAGE_ROWS_MAX, "leaves.holding");
    ret_reply->leaves.holding_count =
        ret_reply->leaves.holding != NULL ? (uint32_t)from->n_holding : 0;
    for (uint32_t i = 0; i < ret_reply->leaves.holding_count; i++)
        in_holding(in, from->holding[i], &ret_reply->leaves.holding[i]);
    ret_reply->leaves.next = from->next;
}
