#include "property/generate.h"

#include "base/bytes.h"
#include "property/city.h"

/* xorshift64*: a stream that is the same everywhere. Source: Vigna, 2016. */
uint64_t generate_random(struct generator *generator, uint64_t below)
{
    generator->random ^= generator->random >> 12;
    generator->random ^= generator->random << 25;
    generator->random ^= generator->random >> 27;
    return ((generator->random * UINT64_C(0x2545F4914F6CDD1D)) >> 11) % below;
}

bool generate_chance(struct generator *generator, unsigned percent)
{
    return generate_random(generator, 100) < percent;
}

struct gp_span generate_person(struct generator *generator)
{
    const struct gp_org *org = generator->world->org;
    return org->persons[generate_random(generator, org->person_count)].id;
}

struct gp_span generate_post(struct generator *generator)
{
    const struct gp_org *org = generator->world->org;
    return org->posts[generate_random(generator, org->post_count)].id;
}

int generate_opener(const struct generator *generator, uint64_t id)
{
    return id > 0 && id < INCIDENTS_MAX ? generator->opener[id] : ACT_NOBODY;
}

int generate_asker(const struct generator *generator, uint64_t id)
{
    return id > 0 && id < LEAVES_MAX ? generator->asker[id] : ACT_NOBODY;
}

/* splitmix64 of seed and number: neighbours have nothing in common. Source: Steele, 2014. */
static uint64_t mix(uint64_t seed, uint64_t number)
{
    uint64_t z = seed * UINT64_C(0x9E3779B97F4A7C15) + number * UINT64_C(0xD1B54A32D192ED03) + 1;

    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (z ^ (z >> 31)) | 1;
}

/* 2026-01-05T08:00+08:00, a Monday. */
#define GENERATE_START_MS INT64_C(1767571200000)

void generate_begin(struct generator *generator, struct sequence *sequence, uint64_t seed,
                    uint64_t number)
{
    if (sequence->arena.ceiling == 0)
        gp_arena_init(&sequence->arena, 1 << 20);
    gp_arena_reset(&sequence->arena);
    *generator = (struct generator){.random = mix(seed, number), .sequence = sequence};
    for (int i = 0; i < LEAVES_MAX; i++)
        generator->asker[i] = ACT_NOBODY;
    sequence->seed = seed;
    sequence->number = number;
    sequence->count = sequence->commands = 0;
    generator->flavour = number % FLAVOURS;
    sequence->variant =
        generate_chance(generator, 70) ? 0 : (unsigned)generate_random(generator, CITY_VARIANTS);
    sequence->start_ms =
        GENERATE_START_MS +
        (int64_t)generate_random(generator, 360 * (uint64_t)GP_MS_DAY / GP_MS_MINUTE) *
            GP_MS_MINUTE;
}

/* ---------------------------------------------------------------- when */

static int64_t up_to(struct generator *generator, int64_t ms)
{
    return (int64_t)generate_random(generator, (uint64_t)ms + 1);
}

/* To the next deadline, just before it, just behind it. */
static int64_t to_deadline(struct generator *generator)
{
    int64_t left_ms = generator->world->next_ms - generator->world->now_ms;

    if (generator->world->next_ms == INT64_MAX || left_ms > 30 * GP_MS_DAY)
        return GP_MS_MINUTE;
    left_ms += (int64_t)generate_random(generator, 3) - 1;
    return left_ms > 0 ? left_ms : 0;
}

static int64_t pause_ms(struct generator *generator)
{
    uint64_t dice = generate_random(generator, 1000);

    if (generator->flavour == FLAVOUR_SLOW && dice < 60)
        return up_to(generator, 4 * GP_MS_DAY);
    if (dice < 200)
        return 0;
    if (dice < 400)
        return up_to(generator, GP_MS_MINUTE);
    if (dice < 620)
        return up_to(generator, 15 * GP_MS_MINUTE);
    if (dice < 780)
        return to_deadline(generator);
    if (dice < 930)
        return up_to(generator, 3 * GP_MS_HOUR);
    if (dice < 990)
        return up_to(generator, 20 * GP_MS_HOUR);
    if (dice < 998)
        return up_to(generator, 3 * GP_MS_DAY);
    return up_to(generator, 35 * GP_MS_DAY);
}

/* ---------------------------------------------------------------- what */

static void learn_openers(struct generator *generator)
{
    const struct sequence *sequence = generator->sequence;

    for (; generator->looked < sequence->count; generator->looked++) {
        const struct act *act = &sequence->act[generator->looked];
        if (act->kind == ACT_COMMAND && act->command.verb == GP_VERB_REPORT && act->done)
            generator->opener[act->answer.incident] = generator->looked;
        if (act->kind == ACT_COMMAND && act->command.verb == GP_VERB_LEAVE && act->done)
            generator->asker[act->answer.leave] = generator->looked;
    }
}

static struct act *append(struct generator *generator, enum act_kind kind, int64_t at_ms)
{
    struct act *act = &generator->sequence->act[generator->sequence->count++];

    *act = (struct act){
        .kind = (uint8_t)kind,
        .at_ms = at_ms,
        .target = ACT_NOBODY,
        .other = ACT_NOBODY,
        .leave = ACT_NOBODY,
        .repeat_of = ACT_NOBODY,
        .settles_late = generate_chance(generator, 30),
    };
    return act;
}

static void fill_id(struct generator *generator, struct act *act)
{
    uint64_t made_ms = (uint64_t)act->at_ms;

    act->lasting = !generate_chance(generator, 3);
    if (!act->lasting) /* a handset whose clock is wrong */
        made_ms -= 401 * (uint64_t)GP_MS_DAY;
    gp_put_u64(act->command.id, made_ms << 16 | generate_random(generator, 65536));
    gp_put_u64(act->command.id + 8, generate_random(generator, UINT64_MAX));
    gp_put_u64(act->command.body_hash, generate_random(generator, UINT64_MAX));
}

static void command(struct generator *generator, int64_t at_ms, bool joined)
{
    struct act *act = append(generator, ACT_COMMAND, at_ms);

    act->joined = joined;
    act->expires = generate_chance(generator, 40);
    act->lags = !joined && generate_chance(generator, 5);
    verbs_fill(generator, act);
    verbs_speak(generator, act);
    act->command.device = generate_chance(generator, 50) ? GP_SPAN("handset-1") : GP_SPAN("desk");
    fill_id(generator, act);
    generator->sequence->commands++;
}

/* A device from invitation to work, as it goes when nothing comes in between. */
static void enrol(struct generator *generator, int64_t at_ms)
{
    for (unsigned stage = 0; stage < 3; stage++) {
        struct act *act = append(generator, ACT_COMMAND, at_ms);
        act->joined = stage > 0;
        verbs_enrol(generator, stage, act);
        act->command.device = GP_SPAN("desk");
        fill_id(generator, act);
        generator->sequence->commands++;
    }
}

/* R20: of anything that was accepted. */
static void repeat(struct generator *generator, int64_t at_ms)
{
    const struct sequence *sequence = generator->sequence;

    for (unsigned tries = 0; tries < 8 && sequence->count > 0; tries++) {
        int old = (int)generate_random(generator, (uint64_t)sequence->count);
        if (!sequence->act[old].done || !sequence->act[old].lasting)
            continue;
        struct act *act = append(generator, ACT_REPEAT, at_ms);
        act->repeat_of = old;
        act->other_body = generate_chance(generator, 30);
        return;
    }
}

static int64_t downtime_ms(struct generator *generator)
{
    switch (generate_random(generator, 4)) {
    case 0:
        return up_to(generator, GP_MS_SECOND);
    case 1:
        return up_to(generator, GP_MS_HOUR);
    case 2:
        return up_to(generator, GP_MS_DAY);
    default:
        return up_to(generator, 6 * GP_MS_DAY);
    }
}

static void befall(struct generator *generator, int64_t at_ms)
{
    uint64_t dice = generate_random(generator, 100);

    if (dice < 45) {
        append(generator, ACT_CRASH, at_ms)->down_ms = downtime_ms(generator);
    } else if (dice < 85) {
        append(generator, ACT_RELOAD, at_ms)->variant =
            (unsigned)generate_random(generator, CITY_VARIANTS);
    } else if (dice < 87) {
        append(generator, ACT_REBUILD, at_ms);
    } else if (dice < 90) {
        append(generator, ACT_HOLD, at_ms);
    } else if (dice < 95) {
        append(generator, ACT_FORGET, at_ms);
    } else {
        append(generator, ACT_CLOCK, at_ms);
    }
}

void generate(struct generator *generator, const struct world *world)
{
    generator->world = world;
    learn_openers(generator);
    int64_t at_ms = world->now_ms + pause_ms(generator);
    uint64_t dice = generate_random(generator, 100);

    if (world->held && dice >= 90) {
        append(generator, ACT_HOLD, at_ms);
        return;
    }
    if (dice < 3)
        befall(generator, at_ms);
    if (dice >= 3 && dice < 8)
        repeat(generator, at_ms);
    if (dice == 8)
        enrol(generator, at_ms);
    if (dice <= 8)
        return;
    command(generator, at_ms, false);
    for (unsigned more = 0; more < 5 && generate_chance(generator, 15); more++)
        command(generator, at_ms, true);
}
