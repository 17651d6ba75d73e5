/*
 * Properties, not only examples: random sequences of valid and invalid commands through the real
 * engine under a virtual clock, with every promise of the house checked behind every batch.
 *
 *   test_property [--seed N] [--first N] [--sequences N] [--commands N] [--shrink] [--complete]
 *
 * A seed reproduces; what fails prints the words that play it again.
 */
#include "property/city.h"
#include "property/fail.h"
#include "property/play.h"
#include "property/stats.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct options {
    uint64_t seed, first, sequences, commands;
    bool complete; /* fails unless all that the table names was reached */
};

static struct sequence sequence;

static uint64_t number(const char *text)
{
    char *end = NULL;

    errno = 0;
    unsigned long long value = text != NULL ? strtoull(text, &end, 10) : 0;
    if (text == NULL || errno != 0 || *end != '\0' || end == text) {
        fprintf(stderr, "%s: a number is wanted\n", text != NULL ? text : "");
        exit(64);
    }
    return value;
}

static void read_options(char **arguments, struct options *options)
{
    for (char **word = arguments; *word != NULL; word++) {
        if (strcmp(*word, "--shrink") == 0)
            fail_place.shrink = true;
        else if (strcmp(*word, "--complete") == 0)
            options->complete = true;
        else if (strcmp(*word, "--seed") == 0)
            options->seed = number(*++word);
        else if (strcmp(*word, "--first") == 0)
            options->first = number(*++word);
        else if (strcmp(*word, "--sequences") == 0)
            options->sequences = number(*++word);
        else if (strcmp(*word, "--commands") == 0)
            options->commands = number(*++word);
        else {
            fprintf(stderr, "%s: see the head of tests/property/main.c\n", *word);
            exit(64);
        }
    }
}

/* The same commands give the same journal. */
static void play_twice(void)
{
    unsigned char hash[GP_HASH_BYTES];

    memcpy(hash, play_hash, sizeof hash);
    play_again(&sequence);
    if (memcmp(hash, play_hash, sizeof hash) != 0)
        fail("the same commands write another journal");
    stats_count(STATS_AGAIN, 1);
}

int main(int count, char **arguments)
{
    struct options options = {.seed = 1, .sequences = 100, .commands = 200};

    (void)count;
    fail_place.program = arguments[0];
    read_options(arguments + 1, &options);
    fail_install();
    city_load();
    world_folder();
    for (uint64_t i = 0; i < options.sequences; i++) {
        play_new(&sequence, options.seed, options.first + i, (int)options.commands);
        if (i % 50 == 0)
            play_twice();
    }
    stats_show(stdout);
    return stats_complete(stdout) || !options.complete ? 0 : 1;
}
