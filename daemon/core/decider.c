/* A decision in the making: entries are added one by one, each folded before the next is made. */
#include "core/decide_internal.h"

#include <assert.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

/* The incident as it was before this decision. */
static void set_before(const struct gp_scene *scene, struct gp_incident *incident)
{
    if (scene->incident != NULL)
        *incident = *scene->incident;
    else
        memset(incident, 0, sizeof *incident);
}

/* The incident keeps the code it was filed under; the area that answers for it now decides. */
static uint32_t area_now(const struct gp_scene *scene)
{
    uint32_t area = gp_org_area_ref(scene->org, scene->incident->area);
    return gp_org_area_at(scene->org, area, scene->now_ms);
}

void gp_decider_begin(struct gp_decider *decider, const struct gp_scene *scene,
                      const struct gp_command *command, struct gp_decision *out)
{
    out->reason = GP_REASON_NONE;
    out->detail[0] = '\0';
    out->entry_count = 0;
    out->draft_used = 0;
    out->more = false;
    set_before(scene, &out->after);
    *decider = (struct gp_decider){
        .scene = scene,
        .command = command,
        .out = out,
        .incident = &out->after,
        .area = scene->incident != NULL ? area_now(scene) : GP_NONE,
        .actor = GP_NONE,
    };
}

/* All but the recipients, of which those below recipient_count count: they are most of it. */
static void clear(struct gp_entry *entry)
{
    size_t from = offsetof(struct gp_entry, recipient);
    size_t behind = from + sizeof entry->recipient;

    memset(entry, 0, from);
    memset((char *)entry + behind, 0, sizeof *entry - behind);
}

struct gp_entry *gp_entry_new(struct gp_decider *decider, enum gp_what what)
{
    const struct gp_incident *incident = decider->incident;
    struct gp_entry *entry;

    assert(decider->out->entry_count < GP_ENTRIES_MAX);
    entry = &decider->out->entry[decider->out->entry_count++];
    clear(entry);
    if (decider->scene->next_seq != 0)
        entry->seq = decider->scene->next_seq + decider->out->entry_count - 1;
    entry->at_ms = decider->scene->now_ms;
    entry->incident = incident->id;
    entry->area = incident->area;
    entry->line = incident->row.line;
    entry->department = incident->row.department;
    entry->category = incident->row.code;
    entry->condition = incident->row.condition;
    entry->is_private = incident->row.is_private;
    entry->what = (uint8_t)what;
    entry->flags = decider->scene->drill ? GP_FLAG_DRILL : 0;
    if (decider->command != NULL) {
        entry->actor = decider->command->actor;
        entry->actor_post = decider->actor_post;
        entry->by_device = decider->command->by_device;
    }
    return entry;
}

void gp_say(struct gp_entry *entry, struct gp_span words)
{
    entry->text = words;
    entry->own_words = true;
}

struct gp_entry *gp_entry_of_itself(struct gp_decider *decider, enum gp_what what)
{
    struct gp_entry *entry = gp_entry_new(decider, what);

    entry->actor = entry->actor_post = (struct gp_span){0};
    return entry;
}

/* Words that were cut off may end inside a character. */
static void drop_half_character(char *text)
{
    size_t len = strlen(text);

    while (len > 0 && !gp_utf8_valid((struct gp_span){text, len}))
        text[--len] = '\0';
}

void gp_refuse(struct gp_decider *decider, enum gp_reason reason, const char *format, ...)
{
    va_list arguments;

    assert(reason != GP_REASON_NONE);
    decider->out->reason = (uint8_t)reason;
    decider->out->entry_count = 0;
    set_before(decider->scene, decider->incident);
    va_start(arguments, format);
    (void)vsnprintf(decider->out->detail, sizeof decider->out->detail, format, arguments);
    va_end(arguments);
    drop_half_character(decider->out->detail);
}

struct gp_span gp_draft(struct gp_decider *decider, const char *format, ...)
{
    struct gp_decision *out = decider->out;
    char *to = out->draft + out->draft_used;
    size_t room = sizeof out->draft - out->draft_used;
    va_list arguments;

    if (room < 2)
        return (struct gp_span){0};
    va_start(arguments, format);
    (void)vsnprintf(to, room, format, arguments);
    va_end(arguments);
    drop_half_character(to);
    struct gp_span text = gp_span_of(to);
    out->draft_used += (uint16_t)(text.len + 1);
    return text;
}

void gp_tell_of(const struct gp_decider *decider, struct gp_span owner,
                const struct gp_notice *notice, struct gp_entry *entry)
{
    gp_recipients(decider->scene->org, decider->incident, owner, notice, decider->scene->now_ms,
                  entry->recipient, &entry->recipient_count);
}

void gp_tell_now(const struct gp_decider *decider, uint32_t tells, struct gp_entry *entry)
{
    const struct gp_notice notice = {.tells = tells};
    bool moves = entry->patch.bits & GP_PATCH_OWNER;

    gp_tell_of(decider, moves ? entry->patch.owner : decider->incident->owner, &notice, entry);
}

/* Whatever may hold what a person typed; a rule that forgets to say that words are our own errs on
 * the safe side. */
static bool is_personal(const struct gp_command *command, const struct gp_entry *entry)
{
    bool typed = command != NULL && command->text.len > 0;

    if (entry->actor.len == 0)
        return false;
    return entry->phone.len > 0 || (typed && entry->text.len > 0 && !entry->own_words);
}

void gp_mark_personal(struct gp_decider *decider)
{
    struct gp_decision *decision = decider->out;

    for (uint8_t i = 0; i < decision->entry_count; i++)
        decision->entry[i].personal = is_personal(decider->command, &decision->entry[i]);
}

void gp_emit(struct gp_decider *decider, struct gp_entry *entry)
{
    struct gp_incident *incident = decider->incident;

    entry->personal = is_personal(decider->command, entry);
    gp_fold(entry, incident);
    entry->state = incident->state;
    entry->version = incident->version;
    entry->owner = incident->owner;
    if (incident->state == GP_STATE_FINISHED) {
        entry->due_ms = incident->side.check_due_ms;
    } else if (incident->plan.stage_count > 0) {
        entry->due_ms = incident->plan.stage[incident->plan.current].due_ms;
        if (incident->plan.stage[incident->plan.current].provisional)
            entry->flags |= GP_FLAG_PROVISIONAL;
    }
}
