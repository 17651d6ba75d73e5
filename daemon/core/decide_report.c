/* report and file: an incident is opened, filed under its catalogue row, and dispatched. */
#include "core/decide_internal.h"

#include <assert.h>
#include <stdio.h>

/* ---------------------------------------------------------------- where and what */

/* The grid, with an old code followed to the area that answers for it now. */
uint32_t gp_find_grid(struct gp_decider *decider)
{
    const struct gp_org *org = decider->scene->org;
    struct gp_span code = decider->command->grid;
    uint32_t area = gp_org_area_at(org, gp_org_area(org, code), decider->scene->now_ms);

    if (area == GP_NONE || decider->scene->now_ms < org->areas[area].valid_from_ms ||
        decider->scene->now_ms >= org->areas[area].valid_to_ms) {
        gp_refuse(decider, GP_REASON_UNKNOWN_AREA, "'%.*s' is not in areas.csv or not valid now",
                  GP_SPAN_ARG(code));
        return GP_NONE;
    }
    if (org->areas[area].ref.level != GP_LEVEL_GRID) {
        gp_refuse(decider, GP_REASON_UNKNOWN_AREA, "'%.*s' is a %s: name a grid", GP_SPAN_ARG(code),
                  gp_level_name(org->areas[area].ref.level));
        return GP_NONE;
    }
    return area;
}

/* Whether a row is of the command's category and the version that counts now. */
static bool in_force(const struct gp_decider *decider, uint32_t row)
{
    const struct gp_org *org = decider->scene->org;
    int64_t now_ms = decider->scene->now_ms;

    return gp_span_equal(org->rows[row].code, decider->command->category) &&
           org->rows[row].valid_from_ms <= now_ms && now_ms < gp_org_row_until(org, row);
}

/* Says which conditions a category has. */
static void refuse_category(struct gp_decider *decider)
{
    const struct gp_org *org = decider->scene->org;
    const struct gp_command *command = decider->command;
    char list[100] = "";
    size_t used = 0;

    for (uint32_t i = 0; i < org->row_count && used + 1 < sizeof list; i++) {
        if (in_force(decider, i))
            used += (size_t)snprintf(list + used, sizeof list - used, " %.*s",
                                     GP_SPAN_ARG(org->rows[i].condition));
    }
    if (used == 0)
        gp_refuse(decider, GP_REASON_UNKNOWN_CATEGORY,
                  "'%.*s' is not in catalogue.csv or not valid yet",
                  GP_SPAN_ARG(command->category));
    else
        gp_refuse(decider, GP_REASON_UNKNOWN_CATEGORY, "conditions of %.*s:%s",
                  GP_SPAN_ARG(command->category), list);
}

/* Without a condition: `default`, or the category's only row. */
uint32_t gp_find_row(struct gp_decider *decider)
{
    const struct gp_org *org = decider->scene->org;
    const struct gp_command *command = decider->command;
    struct gp_span condition = command->condition.len > 0 ? command->condition : GP_SPAN("default");
    uint32_t row = gp_org_row(org, command->category, condition, decider->scene->now_ms);
    uint32_t only = GP_NONE;

    if (row != GP_NONE)
        return row;
    for (uint32_t i = 0; command->condition.len == 0 && i < org->row_count; i++) {
        if (!in_force(decider, i))
            continue;
        only = only == GP_NONE ? i : GP_NONE;
        if (only == GP_NONE)
            break;
    }
    if (only == GP_NONE)
        refuse_category(decider);
    return only;
}

static void copy_row(const struct gp_org *org, const struct gp_row *row,
                     struct gp_row_copy *ret_copy)
{
    *ret_copy = (struct gp_row_copy){
        .code = row->code,
        .condition = row->condition,
        .line = org->lines[row->line].code,
        .department = org->departments[row->department].code,
        .policy = row->policy,
        .valid_from_ms = row->valid_from_ms,
        .first_owner = row->first_owner,
        .limit = row->limit,
        .wd_mode = row->wd_mode,
        .is_private = row->is_private,
        .informed = row->informed,
        .on_spot = row->on_spot,
        .tell_count = row->tell_count,
    };
    for (uint8_t i = 0; i < row->tell_count; i++)
        ret_copy->tell[i] = row->tell[i].kind == GP_PARTY_STREET
                                ? GP_SPAN("S")
                                : org->departments[row->tell[i].department].code;
}

/* ---------------------------------------------------------------- who owns it */

static bool vacancy_known(const struct gp_decider *decider, uint32_t post, int64_t day)
{
    const struct gp_scene *scene = decider->scene;
    const struct gp_post *row = &scene->org->posts[post];

    for (uint8_t i = 0; i < decider->out->entry_count; i++) {
        const struct gp_entry *entry = &decider->out->entry[i];
        if (entry->what == GP_WHAT_VACANT && gp_span_equal(entry->vacant_post, row->id))
            return true;
    }
    return scene->recall != NULL && scene->recall->vacancy_known != NULL &&
           scene->recall->vacancy_known(scene->recall->context, row->key, day);
}

/* One entry per vacant post and day, to D1; of department posts to H. */
static void note_vacancy(struct gp_decider *decider, uint32_t post)
{
    const struct gp_org *org = decider->scene->org;
    const struct gp_post *row = &org->posts[post];
    int64_t day = gp_day_of(decider->scene->now_ms, gp_org_calendar(org, decider->area)->zone_ms);

    if (vacancy_known(decider, post, day))
        return;
    struct gp_entry *entry = gp_entry_of_itself(decider, GP_WHAT_VACANT);
    entry->vacant_post = row->id;
    entry->vacant_day = day;
    entry->text = row->id;
    gp_tell_now(decider, gp_bit(row->kind == GP_POST_A ? GP_TELL_D1 : GP_TELL_H), entry);
    gp_emit(decider, entry);
}

static const enum gp_post_kind owners[] = {GP_POST_A, GP_POST_F, GP_POST_K, GP_POST_H2, GP_POST_H};

uint32_t gp_next_owner(struct gp_decider *decider, enum gp_post_kind from)
{
    const struct gp_org *org = decider->scene->org;
    const struct gp_row_copy *row = &decider->incident->row;
    bool reached = false;

    for (size_t i = 0; i < sizeof owners / sizeof owners[0]; i++) {
        reached = reached || owners[i] == from;
        if (!reached)
            continue;
        uint32_t post = gp_post_of(org, owners[i], decider->area, gp_org_line(org, row->line),
                                   gp_org_department(org, row->department));
        if (post == GP_NONE)
            continue;
        if (!gp_post_vacant(org, post, decider->scene->now_ms))
            return post;
        note_vacancy(decider, post);
    }
    return GP_NONE;
}

/* When every post of the line and department is vacant or missing, the territory answers. */
static uint32_t last_resort(const struct gp_decider *decider)
{
    static const enum gp_post_kind kinds[] = {GP_POST_D2, GP_POST_D1, GP_POST_R, GP_POST_SK,
                                              GP_POST_S1};

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        uint32_t post = gp_post_of(decider->scene->org, kinds[i], decider->area, GP_NONE, GP_NONE);
        if (post != GP_NONE)
            return post;
    }
    return GP_NONE;
}

uint32_t gp_find_owner(struct gp_decider *decider, enum gp_post_kind from)
{
    uint32_t owner = gp_next_owner(decider, from);

    if (owner == GP_NONE)
        owner = last_resort(decider);
    if (owner == GP_NONE)
        gp_refuse(decider, GP_REASON_NO_OWNER,
                  "no A, F, K, H2, H, D, R or S post serves this grid");
    return owner;
}

/* ---------------------------------------------------------------- filing and dispatch */

bool gp_same_ab(const struct gp_decider *decider, uint32_t owner)
{
    const struct gp_org *org = decider->scene->org;
    int64_t now_ms = decider->scene->now_ms;
    uint32_t b = gp_post_of(org, GP_POST_B, decider->area, GP_NONE, GP_NONE);

    if (owner == GP_NONE || b == GP_NONE || org->posts[owner].kind != GP_POST_A)
        return false;
    uint32_t person = gp_post_effective(org, owner, decider->area, now_ms).person;
    return person != GP_NONE && person == gp_post_effective(org, b, decider->area, now_ms).person;
}

static void set_community(const struct gp_decider *decider, struct gp_patch *patch)
{
    const struct gp_org *org = decider->scene->org;
    uint32_t community = gp_org_ancestor(org, decider->area, GP_LEVEL_COMMUNITY);

    patch->bits |= GP_PATCH_ROW;
    if (community != GP_NONE)
        patch->community = org->areas[community].ref;
}

/* The row, and the community that counts for it from now on. */
void gp_set_row(const struct gp_decider *decider, const struct gp_row *row, struct gp_patch *patch)
{
    copy_row(decider->scene->org, row, &patch->row);
    set_community(decider, patch);
}

void gp_keep_row(const struct gp_decider *decider, struct gp_patch *patch)
{
    patch->row = decider->incident->row;
    set_community(decider, patch);
}

static void emit_filed(struct gp_decider *decider, const struct gp_row *row)
{
    struct gp_entry *entry = gp_entry_new(decider, GP_WHAT_FILED);

    gp_set_state(decider, gp_turn_leads(GP_TURN_FILED).to, entry);
    gp_set_row(decider, row, &entry->patch);
    gp_emit(decider, entry);
}

/* R7: the first owner post that was found vacant: the result counts for whoever should have filled
 * it. */
static struct gp_span first_vacant(const struct gp_decider *decider)
{
    uint32_t first = gp_post_here(decider, decider->incident->row.first_owner);

    if (first == GP_NONE || !gp_post_vacant(decider->scene->org, first, decider->scene->now_ms))
        return (struct gp_span){0};
    return gp_post_id(decider->scene->org, first);
}

static bool emit_dispatched(struct gp_decider *decider, uint32_t owner)
{
    struct gp_entry *entry = gp_entry_new(decider, GP_WHAT_DISPATCHED);

    entry->patch.bits = GP_PATCH_OWNER | GP_PATCH_PLAN | GP_PATCH_DISPATCH;
    gp_set_state(decider, gp_turn_leads(GP_TURN_DISPATCHED).to, entry);
    entry->patch.owner = decider->scene->org->posts[owner].id;
    entry->patch.at_ms = decider->scene->now_ms;
    entry->patch.same_ab = gp_same_ab(decider, owner);
    struct gp_side *side = gp_side_of(decider, entry);
    side->first_owner = entry->patch.owner;
    side->unfilled = first_vacant(decider);
    if (gp_start_stage(decider, 0, decider->scene->now_ms, &entry->patch.plan) != 0) {
        gp_refuse(decider, GP_REASON_CALENDAR, "no working time within twenty years");
        return false;
    }
    gp_emit(decider, entry);
    return true;
}

void gp_file_and_dispatch(struct gp_decider *decider)
{
    const struct gp_org *org = decider->scene->org;
    const struct gp_row_copy *reported = &decider->incident->row;
    uint32_t row = gp_org_row(org, reported->code, reported->condition, decider->scene->now_ms);

    if (row == GP_NONE) {
        gp_refuse(decider, GP_REASON_UNKNOWN_CATEGORY, "the row has left catalogue.csv");
        return;
    }
    emit_filed(decider, &org->rows[row]);
    uint32_t owner = gp_find_owner(decider, org->rows[row].first_owner);
    if (owner != GP_NONE && emit_dispatched(decider, owner))
        gp_fire_dispatch(decider);
}

int gp_start_stage(struct gp_decider *decider, uint8_t index, int64_t start_ms,
                   struct gp_plan *plan)
{
    const struct gp_org *org = decider->scene->org;

    if (decider->area == GP_NONE)
        return -1;
    return gp_plan_stage(gp_org_calendar(org, decider->area), org, &decider->incident->row, index,
                         start_ms, index == 0, plan);
}

/* ---------------------------------------------------------------- report */

static bool skewed(int64_t captured_ms, int64_t received_ms)
{
    int64_t skew_ms = captured_ms - received_ms;
    return skew_ms > GP_SKEW_MS || skew_ms < -GP_SKEW_MS;
}

/* R10, R22: where it comes from, and whether it is done already. */
static void set_origin(const struct gp_command *command, struct gp_patch *patch)
{
    patch->bits |= GP_PATCH_SIDE;
    patch->side.downward = command->downward;
    patch->side.approval = command->approval;
    patch->side.on_spot = command->on_spot;
}

static void emit_reported(struct gp_decider *decider, const struct gp_row *row)
{
    const struct gp_command *command = decider->command;
    const struct gp_org *org = decider->scene->org;
    int64_t now_ms = decider->scene->now_ms;
    struct gp_entry *entry = gp_entry_new(decider, GP_WHAT_REPORTED);
    struct gp_patch *patch = &entry->patch;

    patch->bits = GP_PATCH_REPORT;
    gp_set_state(decider, gp_turn_leads(GP_TURN_REPORTED).to, entry);
    patch->area = org->areas[decider->area].ref;
    patch->reporter = command->actor;
    patch->device = command->device;
    patch->place = command->place;
    patch->received_ms = now_ms;
    patch->captured_ms = command->captured_ms != 0 ? command->captured_ms : now_ms;
    gp_set_row(decider, row, patch);
    entry->incident = decider->scene->new_id;
    entry->area = patch->area;
    entry->line = patch->row.line;
    entry->department = patch->row.department;
    entry->category = row->code;
    entry->condition = row->condition;
    entry->is_private = row->is_private;
    entry->text = command->text;
    entry->place = command->place;
    entry->phone = command->phone;
    set_origin(command, patch);
    if (!decider->scene->drill && skewed(patch->captured_ms, now_ms))
        entry->flags |= GP_FLAG_SKEW;
    gp_find_similar(decider, entry);
    gp_emit(decider, entry);
    if (entry->similar_count > 0)
        gp_tell_now(decider, gp_bit(GP_TELL_SK), entry);
}

/* ---------------------------------------------------------------- on the spot (R22) */

/* Every tenth closing of a grid is drawn for verification. */
#define GP_ON_SPOT_DRAWN 10

static bool drawn(const struct gp_decider *decider)
{
    const struct gp_recall *recall = decider->scene->recall;
    uint32_t before = recall != NULL && recall->on_spot != NULL
                          ? recall->on_spot(recall->context, decider->incident->area)
                          : 0;
    return (before + 1) % GP_ON_SPOT_DRAWN == 0;
}

/* The grid's officer, for a row that allows it; GP_NONE: refused. */
static uint32_t need_on_spot(struct gp_decider *decider, const struct gp_row *row)
{
    uint32_t post = gp_post_of(decider->scene->org, GP_POST_B, decider->area, GP_NONE, GP_NONE);

    if (!row->on_spot)
        gp_refuse(decider, GP_REASON_NOT_ON_SPOT, "%.*s/%.*s is not closed on the spot",
                  GP_SPAN_ARG(row->code), GP_SPAN_ARG(row->condition));
    else if (!gp_acts_for(decider, post))
        gp_refuse(decider, GP_REASON_NOT_ON_SPOT, "the grid's B post closes on the spot");
    else
        return post;
    return GP_NONE;
}

static bool finish_here(struct gp_decider *decider, uint32_t post)
{
    struct gp_entry *entry =
        gp_act(decider, GP_WHAT_FINISHED, post, gp_turn_leads(GP_TURN_ON_SPOT).to);
    bool check = drawn(decider);

    gp_say(entry, GP_SPAN("on the spot"));
    entry->counts_on_spot = true;
    entry->patch.bits |= GP_PATCH_OWNER | GP_PATCH_DISPATCH | GP_PATCH_ACCEPT | GP_PATCH_FINISH;
    entry->patch.owner = gp_post_id(decider->scene->org, post);
    gp_side_of(decider, entry)->drawn = check;
    gp_side_of(decider, entry)->first_owner = entry->patch.owner;
    if (gp_start_stage(decider, 0, decider->scene->now_ms, gp_plan_of(decider, entry)) != 0) {
        gp_refuse(decider, GP_REASON_CALENDAR, "no working time within twenty years");
        return false;
    }
    gp_plan_drop(gp_plan_of(decider, entry), GP_STEP_NONE);
    if (check)
        gp_start_check(decider, entry);
    gp_emit(decider, entry);
    return true;
}

/* What is not drawn counts as verified, and is closed once the residents know (R19). */
static void close_here(struct gp_decider *decider, uint32_t post)
{
    const struct gp_row_copy *row = &decider->incident->row;
    bool told = decider->command->informed || !row->informed || row->is_private;
    struct gp_entry *entry =
        gp_act(decider, GP_WHAT_VERIFIED, post, gp_turn_leads(GP_TURN_ON_SPOT).other);

    gp_say(entry, GP_SPAN("on the spot, not drawn"));
    entry->patch.bits |= GP_PATCH_VERIFY;
    gp_emit(decider, entry);
    if (decider->command->informed) {
        entry = gp_act(decider, GP_WHAT_INFORMED, post, GP_STATE_NONE);
        entry->text = (struct gp_span){0};
        entry->patch.bits |= GP_PATCH_INFORM;
        gp_emit(decider, entry);
    }
    if (!told)
        return;
    entry = gp_act(decider, GP_WHAT_CLOSED, post, gp_turn_leads(GP_TURN_CLOSED).to);
    entry->text = (struct gp_span){0};
    entry->patch.bits |= GP_PATCH_CLOSE;
    gp_emit(decider, entry);
}

static void report_on_spot(struct gp_decider *decider, const struct gp_row *row, uint32_t post)
{
    emit_filed(decider, row);
    if (finish_here(decider, post) && !decider->incident->side.drawn)
        close_here(decider, post);
}

void gp_decide_report(struct gp_decider *decider)
{
    uint32_t row;

    decider->area = gp_find_grid(decider);
    if (decider->area == GP_NONE)
        return;
    row = gp_find_row(decider);
    if (row == GP_NONE)
        return;
    assert(decider->scene->new_id != 0);
    const struct gp_row *found = &decider->scene->org->rows[row];
    uint32_t officer = decider->command->on_spot ? need_on_spot(decider, found) : GP_NONE;
    if (decider->command->on_spot && officer == GP_NONE)
        return;
    emit_reported(decider, found);
    if (decider->command->on_spot)
        report_on_spot(decider, found, officer);
    else if (!found->manual_filing)
        gp_file_and_dispatch(decider);
}
