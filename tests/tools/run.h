/**
 * Runs the real `gridpost` in an environment of its own: C.UTF-8, zone +08:00, no person, and the
 * socket address that the test names.
 */
#ifndef GP_TESTS_TOOLS_RUN_H
#define GP_TESTS_TOOLS_RUN_H

#include "tools/fake.h"

#include <sys/types.h>

#define RUN_OUTPUT_MAX (1024 * 1024)

struct run {
    char folder[64];   /* temporary, removed by run_clear */
    char address[128]; /* ipc:// in that folder */
    struct fake *fake; /* what a test lets it speak to, stopped by run_clear; or NULL */
    const char *language;
    const char *input; /* what it reads from standard input; NULL: nothing */
    bool known;        /* FOLDER/identity is its identity, there or not */
    int out_fd;        /* where standard output goes instead of a file; -1 */
    pid_t pid;
    int code;                                      /* exit code; 128 + signal when killed */
    char out[RUN_OUTPUT_MAX], err[RUN_OUTPUT_MAX]; /* NUL-terminated */
};

/** Makes the folder and an address in it on which nobody listens yet. */
void run_init(struct run *run);

/** The path of a file in the folder; run_clear removes "identity", "proof", "code.png" and "head".
 */
void run_path(const struct run *run, const char *name, char ret_path[128]);

/** Gives the command an identity that knows this server. */
void run_identify(struct run *run, const struct sealed *sealed);

/** Starts the command; words: space-separated arguments without quotes ("list --json"). */
void run_start(struct run *run, const char *words);

/** The same with arguments as they are, ended by NULL, without the program's name. */
void run_start_arguments(struct run *run, const char *const *arguments);

/** Waits for the end and reads what it wrote. */
void run_finish(struct run *run);

/** Starts and waits; returns the exit code. */
int run_words(struct run *run, const char *words);
int run_arguments(struct run *run, const char *const *arguments);

/**
 * What the command sent to the fake as its nth request, unpacked.
 *
 * Lifetime: until the arena, which this makes, is released
 */
struct gp_request run_sent(const struct run *run, unsigned nth, struct gp_arena *ret_arena);

/** Stops the fake daemon, if there is one, and removes the folder. */
void run_clear(struct run *run);

/** Allocates what a test works with: all zero, but for the struct run it begins with. */
void *run_scene(size_t size);

/** cmocka's tear-down of a test whose *state is a scene: clears its run and frees it. */
int run_end(void **state);

#endif
