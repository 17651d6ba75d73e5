/*
 * hostile [--envelopes N] [--handshakes N] [--seed S]
 *
 * Plays a server and several devices by the library alone. Honest traffic goes on while N envelopes
 * and N handshakes are damaged, cut, reflected, brought again, mixed, or brought to somebody else.
 * Whatever is executed must be what a device wrote, once. Prints one line; exit 1 when something
 * was executed that should not have been, or an honest message was not.
 */
#include "trust/hostile.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define NEW_SESSION_EVERY 1500 /* hostile messages, about */

struct plan {
    uint64_t envelopes, handshakes, seed;
};

static bool take_options(int argc, char **argv, struct plan *ret_plan)
{
    static const struct option options[] = {
        {"envelopes", required_argument, NULL, 'e'},
        {"handshakes", required_argument, NULL, 'h'},
        {"seed", required_argument, NULL, 's'},
        {0},
    };
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        char *end = NULL;
        uint64_t value = optarg != NULL ? strtoull(optarg, &end, 10) : 0;
        if (end == NULL || *end != '\0')
            return false;
        if (option == 'e')
            ret_plan->envelopes = value;
        else if (option == 'h')
            ret_plan->handshakes = value;
        else
            ret_plan->seed = value;
    }
    return optind == argc;
}

/* Honest traffic between two hostile messages. */
static void honest(struct world *world)
{
    unsigned device = (unsigned)world_random(world, DEVICES);

    if (world_random(world, NEW_SESSION_EVERY) == 0)
        world_shake_hands(world, device);
    else if (world_random(world, 4) == 0)
        world_deliver(world, device, (unsigned)world_random(world, PENDING));
}

static void play(struct world *world, struct plan plan)
{
    while (plan.envelopes + plan.handshakes > 0) {
        if (world_random(world, plan.envelopes + plan.handshakes) < plan.envelopes) {
            hostile_envelope(world);
            plan.envelopes--;
        } else {
            hostile_handshake(world);
            plan.handshakes--;
        }
        honest(world);
    }
}

/* What is on its way still is executed, and nothing was executed that was not brought. */
static void settle(struct world *world)
{
    uint64_t executed = 0;

    for (unsigned device = 0; device < DEVICES; device++)
        world_shake_hands(world, device);
    for (uint64_t i = 0; i < world->written; i++)
        executed += world->executed[i];
    if (executed != world->honest)
        world_wrong(world, "what was executed is not what was brought");
}

int main(int argc, char **argv)
{
    struct plan plan = {.envelopes = 47500, .handshakes = 2500, .seed = 1};
    static struct world world;
    bool good;

    if (!take_options(argc, argv, &plan)) {
        fprintf(stderr, "hostile [--envelopes N] [--handshakes N] [--seed S]\n");
        return 64;
    }
    if (gp_trust_start() != 0)
        return 1;
    world_init(&world, plan.seed, 2 * (plan.envelopes + plan.handshakes) + 1000);
    play(&world, plan);
    settle(&world);
    good =
        world.wrong == 0 && (plan.envelopes < 1000 || plan.handshakes < 1000 || hostile_complete());
    printf("seed=%" PRIu64 " envelopes=%" PRIu64 " handshakes=%" PRIu64 " refused=%" PRIu64
           " honest=%" PRIu64 " answers=%" PRIu64 " honest_handshakes=%" PRIu64 " wrong=%" PRIu64
           "\n",
           plan.seed, plan.envelopes, plan.handshakes, world.refused, world.honest, world.answers,
           world.honest_handshakes, world.wrong);
    world_release(&world);
    return good ? 0 : 1;
}
