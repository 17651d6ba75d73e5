/* Words and actor of what is about devices, and whether a command comes through one. Devices are
 * named by their number: where a smaller sequence has fewer, the command is refused. */
#include "property/generate.h"

#include "base/bytes.h"

/* One that is in a state, if there is; else any number, perhaps of none. */
static const struct gp_device *choose_device(struct generator *generator, int state,
                                             struct act *act)
{
    const struct devices *devices = &generator->world->model->devices;
    uint64_t first = generate_random(generator, devices->count + 1);

    act->command.device_id = first + generate_chance(generator, 5);
    for (uint64_t i = 0; i < devices->count && !generate_chance(generator, 3); i++) {
        const struct gp_device *device = &devices->record[1 + (first + i) % devices->count];
        if (device->state == state) {
            act->command.device_id = device->id;
            return device;
        }
    }
    bool there = act->command.device_id > 0 && act->command.device_id <= devices->count;
    return there ? &devices->record[act->command.device_id] : NULL;
}

void verbs_invite(struct generator *generator, const struct gp_incident *incident, struct act *act)
{
    (void)incident;
    act->command.person = generate_person(generator);
    act->command.role = (uint8_t)(1 + generate_random(generator, GP_ROLES_END - 1));
    if (generate_chance(generator, 10))
        act->command.text = GP_SPAN("a new handset");
}

/* Seldom one that a device has already. */
static void choose_key(struct generator *generator, struct gp_command *command)
{
    const struct devices *devices = &generator->world->model->devices;

    gp_put_u64(command->key, generate_random(generator, UINT64_MAX));
    command->key[31] = 1; /* no device has zeros */
    if (devices->count == 0 || !generate_chance(generator, 5))
        return;
    uint64_t other = 1 + generate_random(generator, devices->count);
    if (gp_device_has_key(&devices->record[other]))
        memcpy(command->key, devices->record[other].key, sizeof command->key);
}

void verbs_join(struct generator *generator, const struct gp_incident *incident, struct act *act)
{
    const struct gp_device *device = choose_device(generator, GP_DEVICE_INVITED, act);

    (void)incident;
    if (device != NULL)
        act->command.actor = device->person;
    act->command.text = GP_SPAN("handset");
    act->command.digits = (uint32_t)generate_random(generator, GP_DIGITS_MAX + 1);
    choose_key(generator, &act->command);
}

void verbs_confirm(struct generator *generator, const struct gp_incident *incident, struct act *act)
{
    const struct gp_device *device = choose_device(generator, GP_DEVICE_PENDING, act);

    (void)incident;
    if (device != NULL)
        act->command.digits = device->digits ^ generate_chance(generator, 10);
}

void verbs_revoke(struct generator *generator, const struct gp_incident *incident, struct act *act)
{
    static const int states[] = {GP_DEVICE_ACTIVE, GP_DEVICE_ACTIVE, GP_DEVICE_PENDING,
                                 GP_DEVICE_INVITED};

    (void)incident;
    (void)choose_device(generator, states[generate_random(generator, 4)], act);
    if (generate_chance(generator, 40))
        act->command.text = GP_SPAN("lost on bus 12");
}

void verbs_rotate(struct generator *generator, const struct gp_incident *incident, struct act *act)
{
    (void)incident;
    act->command.result = (uint8_t)generate_random(generator, GP_RESULT_NO + 1);
}

/* An active one that may say what the actor says; 0: there is none. */
static uint64_t suitable(const struct devices *devices, struct gp_span actor, uint64_t first)
{
    for (uint64_t i = 0; i < devices->count; i++) {
        const struct gp_device *device = &devices->record[1 + (first + i) % devices->count];
        if (device->state == GP_DEVICE_ACTIVE &&
            (device->role == GP_ROLE_BRIDGE || gp_span_equal(device->person, actor)))
            return device->id;
    }
    return 0;
}

void verbs_speak(struct generator *generator, struct act *act)
{
    const struct devices *devices = &generator->world->model->devices;
    struct gp_command *command = &act->command;

    if (devices->count == 0 || command->verb == GP_VERB_JOIN || !generate_chance(generator, 40))
        return;
    uint64_t first = generate_random(generator, devices->count);
    command->by_device =
        generate_chance(generator, 5) ? 1 + first : suitable(devices, command->actor, first);
}

void verbs_enrol(struct generator *generator, unsigned stage, struct act *act)
{
    static const uint8_t stages[] = {GP_VERB_INVITE, GP_VERB_JOIN, GP_VERB_CONFIRM};
    struct gp_command *command = &act->command;

    command->verb = stages[stage];
    command->actor = generate_person(generator);
    if (stage == 0) {
        verbs_invite(generator, NULL, act);
        generator->invited = command->person;
        return;
    }
    command->device_id = generator->world->model->devices.count + 1;
    command->digits = 123456 + generate_chance(generator, 5);
    if (stage == 1) {
        command->actor = generator->invited;
        command->text = GP_SPAN("handset");
        choose_key(generator, command);
    }
}
