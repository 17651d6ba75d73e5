/*
 * Every call fails once. For each kind of fault, each part of a store's life and each call k in it
 * that the fault can befall: the k-th fails, alone or with all behind it, in a process of its own.
 * life.h says what must hold. All cases are some tens of thousands; the normal suite takes every
 * n-th, and another one each day.
 */
#include "calls/life.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct options {
    uint64_t sample; /* cases; 0: all */
    uint64_t offset; /* of the first, in the sample's stride */
    bool offset_given;
    bool keep_going;
    struct life_case one; /* at 0: not this one alone */
    int chunk;            /* -1: all */
};

int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

static uint64_t ran, failures;

/* ---------------------------------------------------------------- running */

/* Returns whether it did well. */
static bool run_case(const struct life_case *one)
{
    int status;
    pid_t child = fork();

    if (child == 0) {
        life_run(one);
        /* of the sanitizer, where there is one; a life without it counts by itself */
        _exit(__lsan_do_recoverable_leak_check != NULL && __lsan_do_recoverable_leak_check() != 0);
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        return false;
    ran++;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    if (WIFSIGNALED(status))
        fprintf(stderr, "DIED by signal %d: test_calls --fault %s --chunk %u --at %llu%s\n",
                WTERMSIG(status), fault_name(one->fault), one->chunk, (unsigned long long)one->at,
                one->sticky ? " --sticky" : "");
    life_clean();
    failures++;
    return false;
}

static bool wanted(const struct options *options, const struct life_case *one)
{
    return (options->one.fault == FAULT_NONE || options->one.fault == one->fault) &&
           (options->chunk < 0 || options->chunk == (int)one->chunk);
}

/* Calls each case in turn; returns how many there are. */
static uint64_t walk(const struct options *options, uint64_t stride)
{
    uint64_t count = 0;

    for (enum fault fault = FAULT_NONE + 1; fault < FAULT_COUNT; fault++) {
        for (unsigned i = 0; i < 2 * CHUNKS; i++) {
            struct life_case one = {.chunk = i / 2, .fault = fault, .sticky = i % 2 == 1};
            if (!wanted(options, &one))
                continue;
            uint64_t calls = life_calls(one.chunk, fault);
            for (one.at = 1; one.at <= calls; one.at++, count++) {
                if (stride == 0 || count % stride != options->offset % stride)
                    continue;
                if (!run_case(&one) && !options->keep_going)
                    return count;
            }
        }
    }
    return count;
}

static int run_all(struct options *options)
{
    uint64_t all = walk(options, 0);
    uint64_t stride = options->sample == 0 || options->sample > all ? 1 : all / options->sample;
    struct timespec begin, end;

    if (!options->offset_given)
        options->offset = (uint64_t)(time(NULL) / 86400) % stride;
    printf("%llu cases, every %lluth, from --offset %llu\n", (unsigned long long)all,
           (unsigned long long)stride, (unsigned long long)options->offset);
    (void)fflush(stdout);
    (void)clock_gettime(CLOCK_MONOTONIC, &begin);
    (void)walk(options, stride);
    (void)clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%llu calls failed, of %llu cases, in %lld s: %llu wrong\n", (unsigned long long)ran,
           (unsigned long long)all, (long long)(end.tv_sec - begin.tv_sec),
           (unsigned long long)failures);
    return failures == 0 ? 0 : 1;
}

/* ---------------------------------------------------------------- options */

static const char help[] =
    "usage: test_calls [--sample N] [--offset N] [--fault NAME] [--chunk N] [--at N [--sticky]]\n"
    "Lets the calls of a store's life fail, one in each case.\n"
    "  --sample N     about so many of the cases; all of them without it\n"
    "  --offset N     of the sample; another one each day without it\n"
    "  --fault NAME   memory, disk, full, short, signal or files only\n"
    "  --chunk N      this part of the life only\n"
    "  --at N         this call alone, in this process; with --fault and --chunk\n"
    "  --sticky       it and all behind it\n"
    "  --keep-going   goes on where something is wrong\n";

static enum fault fault_of(const char *name)
{
    for (enum fault fault = FAULT_NONE + 1; fault < FAULT_COUNT; fault++) {
        if (strcmp(name, fault_name(fault)) == 0)
            return fault;
    }
    fputs(help, stderr);
    exit(2);
}

static void read_options(int count, char **words, struct options *options)
{
    static const struct option known[] = {
        {"sample", required_argument, NULL, 'n'},
        {"offset", required_argument, NULL, 'o'},
        {"fault", required_argument, NULL, 'f'},
        {"chunk", required_argument, NULL, 'c'},
        {"at", required_argument, NULL, 'a'},
        {"sticky", no_argument, NULL, 's'},
        {"keep-going", no_argument, NULL, 'k'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int option;

    while ((option = getopt_long(count, words, "", known, NULL)) != -1) {
        if (option == 'n')
            options->sample = strtoull(optarg, NULL, 10);
        else if (option == 'o')
            options->offset = strtoull(optarg, NULL, 10), options->offset_given = true;
        else if (option == 'f')
            options->one.fault = fault_of(optarg);
        else if (option == 'c')
            options->chunk = atoi(optarg);
        else if (option == 'a')
            options->one.at = strtoull(optarg, NULL, 10);
        else if (option == 's')
            options->one.sticky = true;
        else if (option == 'k')
            options->keep_going = true;
        else {
            fputs(help, option == 'h' ? stdout : stderr);
            exit(option == 'h' ? 0 : 2);
        }
    }
}

int main(int count, char **words)
{
    struct options options = {.chunk = -1};
    int rc = 0;

    read_options(count, words, &options);
    life_init();
    if (options.one.at != 0) {
        options.one.chunk = options.chunk < 0 ? 0 : (unsigned)options.chunk;
        life_run(&options.one);
        puts("all is well");
    } else {
        rc = run_all(&options);
    }
    life_release();
    return rc;
}
