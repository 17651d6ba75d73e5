/* The view, against entries and files, and against the tables. */
#include "property/fail.h"
#include "property/world.h"

#include <stdio.h>

static const struct gp_leave *leave_in(const struct gp_org *org, struct gp_span id)
{
    for (size_t i = 0; i < org->leave_count; i++) {
        if (gp_span_equal(org->leaves[i].id, id))
            return &org->leaves[i];
    }
    return NULL;
}

static bool taken_over(const struct model *model, struct gp_span row)
{
    for (uint64_t id = 1; id <= model->people.leave_count; id++) {
        if (gp_span_equal(model->people.leave[id].record.source, row))
            return true;
    }
    return false;
}

static void check_leaves(const struct model *model, const struct gp_org *view)
{
    const struct gp_org *org = model->org;
    size_t expected = 0;
    char number[24];

    for (uint64_t id = 1; id <= model->people.leave_count; id++) {
        const struct gp_leave_record *record = &model->people.leave[id].record;
        if ((!people_keeps_away(record) && record->state != GP_LEAVE_REQUESTED) ||
            record->from_ms >= record->to_ms)
            continue;
        expected++;
        (void)snprintf(number, sizeof number, "%llu", (unsigned long long)id);
        const struct gp_leave *leave = leave_in(view, gp_span_of(number));
        if (leave == NULL || leave->from_ms != record->from_ms || leave->to_ms != record->to_ms ||
            leave->approved != people_keeps_away(record) ||
            leave->person != gp_org_person(org, record->person) ||
            (record->standin.len > 0 && leave->standin != gp_org_person(org, record->standin)))
            fail("the view has another leave %s, or none", number);
    }
    for (size_t i = 0; i < org->leave_count; i++)
        expected += !taken_over(model, org->leaves[i].id);
    if (view->leave_count != expected)
        fail("the view has %zu leaves, expected %zu", view->leave_count, expected);
}

static bool view_holds(const struct gp_org *view, uint32_t post, uint32_t person, int64_t at_ms)
{
    for (size_t i = 0; i < view->holding_count; i++) {
        const struct gp_holding *row = &view->holdings[i];
        if (row->post == post && row->person == person && at_ms >= row->from_ms &&
            at_ms < row->to_ms)
            return true;
    }
    return false;
}

static const struct gp_org *compared; /* by differs */

static bool differs(const struct model *model, uint32_t post, uint32_t person, int64_t at_ms)
{
    return people_holds(model, post, person, at_ms) != view_holds(compared, post, person, at_ms);
}

/* At every edge of every tenure, and now. */
static void check_holdings(const struct model *model, const struct gp_org *view)
{
    compared = view;
    for (uint32_t post = 0; post < model->org->post_count; post++) {
        for (uint32_t person = 0; person < model->org->person_count; person++) {
            if (differs(model, post, person, model->now_ms) ||
                people_any_instant(model, post, person, 0, INT64_MAX, differs))
                fail("whether %.*s holds %.*s: the view says otherwise than the journal",
                     GP_SPAN_ARG(model->org->persons[person].id),
                     GP_SPAN_ARG(model->org->posts[post].id));
        }
    }
}

/* A view laid anew from the tables is the same. */
static void check_opened(struct world *world)
{
    struct gp_view *view = NULL;

    fail_unless_ok(gp_view_open(world->store, world->org, &view), "opening a view");
    const struct gp_org *a = gp_view_org(view), *b = world->view;
    bool same = a->leave_count == b->leave_count && a->holding_count == b->holding_count;
    for (size_t i = 0; same && i < a->leave_count; i++)
        same = a->leaves[i].person == b->leaves[i].person &&
               gp_span_equal(a->leaves[i].id, b->leaves[i].id) &&
               a->leaves[i].from_ms == b->leaves[i].from_ms &&
               a->leaves[i].to_ms == b->leaves[i].to_ms;
    for (size_t i = 0; same && i < a->holding_count; i++)
        same = a->holdings[i].post == b->holdings[i].post &&
               a->holdings[i].person == b->holdings[i].person &&
               a->holdings[i].from_ms == b->holdings[i].from_ms &&
               a->holdings[i].to_ms == b->holdings[i].to_ms;
    gp_view_unref(view);
    if (!same)
        fail("the engine's view is not the one of its tables");
}

void people_view(struct world *world)
{
    check_leaves(world->model, world->view);
    check_holdings(world->model, world->view);
    check_opened(world);
}
