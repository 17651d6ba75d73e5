/* Who answers in an area now: its duty person and the people behind its posts. */
#include "app/internal.h"

#include "core/post.h"

struct roster {
    const struct gp_org *org;
    int64_t at_ms;
    struct gp_duty_row *row;
    uint32_t count;
};

static void add(struct roster *roster, uint32_t area, uint32_t post, struct gp_effective who)
{
    const struct gp_org *org = roster->org;
    struct gp_duty_row row = {
        .area = org->areas[area].code,
        .area_name = org->areas[area].name,
        .kind = GP_SPAN("Z"),
        .path = who.path,
    };

    if (roster->count == GP_DUTY_ROWS_MAX)
        return;
    if (post != GP_NONE) {
        row.post = org->posts[post].id;
        row.kind = gp_span_of(gp_post_kind_name(org->posts[post].kind));
    }
    if (who.person != GP_NONE) {
        row.person = org->persons[who.person].id;
        row.person_name = org->persons[who.person].name;
        row.phone = org->persons[who.person].phone;
    } else {
        row.path = 0;
    }
    roster->row[roster->count++] = row;
}

static void add_area(struct roster *roster, uint32_t area)
{
    const struct gp_org *org = roster->org;
    uint32_t duty = gp_duty_person(org, area, roster->at_ms);

    add(roster, area, GP_NONE,
        (struct gp_effective){.person = duty, .post = GP_NONE, .path = GP_PATH_DUTY});
    for (uint32_t i = 0; i < org->scope_count; i++) {
        const struct gp_scope *scope = &org->scopes[i];
        if (scope->area == area)
            add(roster, area, scope->post,
                gp_post_effective(org, scope->post, area, roster->at_ms));
    }
}

/* An old code is asked for like the area that answers for it; in the list it would be twice there.
 */
static bool asked(const struct roster *roster, struct gp_area_ref area, uint32_t index)
{
    const struct gp_area_ref *ref = &roster->org->areas[index].ref;

    if (area.padded != 0)
        return ref->padded == area.padded && ref->digits == area.digits;
    return ref->level <= GP_LEVEL_STREET &&
           gp_org_area_at(roster->org, index, roster->at_ms) == index;
}

void gp_roster_answer(struct gp_job *job)
{
    struct gp_reply reply = {.status = GP_STATUS_OK, .kind = GP_REPLY_ROSTER};
    struct roster roster = {
        .org = gp_view_org(job->app->view),
        .at_ms = job->request.roster.at_ms != 0 ? job->request.roster.at_ms : gp_app_now(job->app),
        .row = gp_arena_zalloc(&job->arena, GP_DUTY_ROWS_MAX, sizeof *roster.row),
    };
    bool found = false;

    for (uint32_t i = 0; roster.row != NULL && i < roster.org->area_count; i++) {
        if (!asked(&roster, job->request.roster.area, i))
            continue;
        add_area(&roster, gp_org_area_at(roster.org, i, roster.at_ms));
        found = true;
    }
    if (!found) {
        gp_job_refuse(job, GP_STATUS_NOT_FOUND, "no such area");
        return;
    }
    reply.roster.item = roster.row;
    reply.roster.count = roster.count;
    gp_job_reply(job, &reply);
}
