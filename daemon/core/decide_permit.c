/*
 * The right to a command, before its own rules: what the command is about, and what the role of the
 * device that speaks, or of the user for whom a bridge does, may do there. An unsealed command has
 * no device and is not asked.
 */
#include "core/decide_internal.h"
#include "core/permit.h"

/* Whom appeal, deliver and leave are about when they name nobody. */
static struct gp_span named_or_actor(const struct gp_command *command)
{
    return command->person.len > 0 ? command->person : command->actor;
}

/* The grid as the command writes it; an unknown one says no place. */
static void target_of_report(const struct gp_decider *decider, struct gp_target *target)
{
    uint32_t area = gp_org_area(decider->scene->org, decider->command->grid);

    if (area != GP_NONE)
        target->area = decider->scene->org->areas[area].ref;
}

static void target_of_incident(const struct gp_decider *decider, struct gp_target *target)
{
    const struct gp_command *command = decider->command;

    gp_target_of_incident(decider->scene->incident, target);
    if (command->verb == GP_VERB_APPEAL || command->verb == GP_VERB_DELIVER)
        target->person = named_or_actor(command);
}

static void target_of_person(const struct gp_decider *decider, struct gp_span person,
                             struct gp_target *target)
{
    const struct gp_org *org = decider->scene->org;
    gp_target_of_person(org, gp_org_person(org, person), decider->scene->now_ms, target);
}

/* A post that is to be filled: where it serves, and whose it is. */
static void target_of_hold(const struct gp_decider *decider, struct gp_target *target)
{
    const struct gp_org *org = decider->scene->org;
    uint32_t index = gp_org_post(org, decider->command->post);

    if (index == GP_NONE)
        return;
    const struct gp_post *post = &org->posts[index];
    if (post->area_count > 0)
        target->area = org->areas[post->areas[0]].ref;
    if (post->department != GP_NONE)
        target->department = org->departments[post->department].code;
}

static void target_of_people(const struct gp_decider *decider, struct gp_target *target)
{
    if (decider->command->verb == GP_VERB_HOLD)
        target_of_hold(decider, target);
    else if (decider->command->verb == GP_VERB_LEAVE)
        target_of_person(decider, named_or_actor(decider->command), target);
    else
        target_of_person(decider, decider->scene->leave->person, target);
}

/* Whose device it is, or is to be; the server's key is nobody's. */
static void target_of_device(const struct gp_decider *decider, struct gp_target *target)
{
    if (decider->command->verb == GP_VERB_INVITE)
        target_of_person(decider, decider->command->person, target);
    else if (decider->command->verb != GP_VERB_ROTATE)
        target_of_person(decider, decider->scene->device->person, target);
}

/* Whether what the command names is there; where it is not, its own rules say so. */
static bool is_there(const struct gp_decider *decider)
{
    const struct gp_scene *scene = decider->scene;

    switch ((enum gp_verb)decider->command->verb) {
    case GP_VERB_REPORT:
    case GP_VERB_LEAVE:
    case GP_VERB_HOLD:
    case GP_VERB_INVITE:
    case GP_VERB_ROTATE:
        return true;
    case GP_VERB_APPROVE:
    case GP_VERB_REJECT:
    case GP_VERB_CANCEL:
        return scene->leave != NULL;
    case GP_VERB_CONFIRM:
    case GP_VERB_REVOKE:
        return scene->device != NULL;
    default:
        return scene->incident != NULL;
    }
}

static void set_target(const struct gp_decider *decider, struct gp_target *ret_target)
{
    *ret_target = (struct gp_target){0};
    if (decider->command->verb == GP_VERB_REPORT)
        target_of_report(decider, ret_target);
    else if (gp_verb_about_people(decider->command->verb))
        target_of_people(decider, ret_target);
    else if (gp_verb_about_devices(decider->command->verb))
        target_of_device(decider, ret_target);
    else
        target_of_incident(decider, ret_target);
}

static void refuse_right(struct gp_decider *decider, uint8_t role)
{
    const char *action = gp_action_name(decider->command->verb);
    char reach[GP_REACH_BYTES];

    gp_right_format(decider->scene->org, role, decider->command->verb, reach);
    if (role == GP_ROLE_NOBODY)
        gp_refuse(decider, GP_REASON_NO_RIGHT, "%.*s is no user of this bridge",
                  GP_SPAN_ARG(decider->command->actor));
    else if (reach[0] == '\0')
        gp_refuse(decider, GP_REASON_NO_RIGHT, "role %s: %s is none of its rights",
                  gp_role_name(role), action);
    else
        gp_refuse(decider, GP_REASON_NO_RIGHT, "role %s: %s reaches as far as: %s",
                  gp_role_name(role), action, reach);
}

bool gp_need_right(struct gp_decider *decider)
{
    const struct gp_scene *scene = decider->scene;
    const struct gp_speaker speaker = {
        .org = scene->org,
        .person = decider->actor,
        .role = gp_role_speaking(scene->org, scene->speaker->role, scene->speaker->person,
                                 decider->actor),
        .now_ms = scene->now_ms,
    };
    struct gp_target target;
    bool may = gp_has_right(&speaker, decider->command->verb);

    if (may && is_there(decider)) {
        set_target(decider, &target);
        may = gp_permit(&speaker, decider->command->verb, &target);
    }
    if (!may)
        refuse_right(decider, speaker.role);
    return may;
}
