#include "tools/run.h"

#include <fcntl.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define ARGUMENTS_MAX 40

void run_init(struct run *run)
{
    memset(run, 0, sizeof *run);
    run->language = "en";
    run->out_fd = -1;
    snprintf(run->folder, sizeof run->folder, "/tmp/gridpost-tool-XXXXXX");
    assert_non_null(mkdtemp(run->folder));
    snprintf(run->address, sizeof run->address, "ipc://%s/gp.ipc", run->folder);
}

void run_path(const struct run *run, const char *name, char ret_path[128])
{
    snprintf(ret_path, 128, "%s/%s", run->folder, name);
}

void run_identify(struct run *run, const struct sealed *sealed)
{
    struct gp_identity identity;
    const char *reason = "";
    char path[128];

    run_path(run, "identity", path);
    sealed_identity(sealed, &identity);
    assert_int_equal(gp_identity_save(path, &identity, &reason), 0);
    run->known = true;
}

/* Where standard input comes from. */
static void write_input(const struct run *run, char ret_path[128])
{
    if (run->input == NULL) {
        snprintf(ret_path, 128, "/dev/null");
        return;
    }
    run_path(run, "in", ret_path);
    FILE *file = fopen(ret_path, "w");
    assert_non_null(file);
    assert_true(fputs(run->input, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void spawn(struct run *run, char *const argv[], char *const envp[])
{
    char in[128], out[128], err[128];
    posix_spawn_file_actions_t actions;

    write_input(run, in);
    run_path(run, "out", out);
    run_path(run, "err", err);
    assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, in, O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out, O_WRONLY | O_CREAT | O_TRUNC,
                                     0600);
    if (run->out_fd >= 0)
        posix_spawn_file_actions_adddup2(&actions, run->out_fd, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err, O_WRONLY | O_CREAT | O_TRUNC,
                                     0600);
    assert_int_equal(posix_spawn(&run->pid, GP_TOOL, &actions, NULL, argv, envp), 0);
    posix_spawn_file_actions_destroy(&actions);
}

void run_start_arguments(struct run *run, const char *const *arguments)
{
    char *argv[ARGUMENTS_MAX + 2] = {(char *)(uintptr_t) "gridpost"};
    char socket[160], language[40], identity[160], path[128];
    char *const envp[] = {socket,
                          language,
                          identity,
                          (char *)(uintptr_t) "LC_ALL=C.UTF-8",
                          (char *)(uintptr_t) "TZ=CST-8",
                          (char *)(uintptr_t) "GRIDPOST_LOCALEDIR=" GP_TEST_LOCALEDIR,
                          NULL};

    atomic_fetch_add(&fake_fence, 1);
    for (int i = 0; arguments[i] != NULL; i++) {
        assert_true(i < ARGUMENTS_MAX);
        argv[i + 1] = (char *)(uintptr_t)arguments[i]; /* execve does not write to it */
    }
    snprintf(socket, sizeof socket, "GRIDPOST_SOCKET=%s", run->address);
    snprintf(language, sizeof language, "LANGUAGE=%s", run->language);
    run_path(run, "identity", path);
    snprintf(identity, sizeof identity, "GRIDPOST_IDENTITY=%s", run->known ? path : "");
    spawn(run, argv, envp);
}

void run_start(struct run *run, const char *words)
{
    char text[1024];
    const char *arguments[ARGUMENTS_MAX + 1] = {NULL};
    char *rest = text;
    int count = 0;

    assert_true(strlen(words) < sizeof text);
    memcpy(text, words, strlen(words) + 1);
    for (char *word; (word = strsep(&rest, " ")) != NULL;) {
        assert_true(count < ARGUMENTS_MAX);
        if (*word != '\0')
            arguments[count++] = word;
    }
    run_start_arguments(run, arguments);
}

static void read_whole(const struct run *run, const char *name, char ret_text[RUN_OUTPUT_MAX])
{
    char path[128];
    run_path(run, name, path);
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    size_t len = fread(ret_text, 1, RUN_OUTPUT_MAX - 1, file);
    ret_text[len] = '\0';
    fclose(file);
}

void run_finish(struct run *run)
{
    int status;

    assert_int_equal(waitpid(run->pid, &status, 0), run->pid);
    (void)atomic_load(&fake_fence);
    run->code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    read_whole(run, "out", run->out);
    read_whole(run, "err", run->err);
}

int run_words(struct run *run, const char *words)
{
    run_start(run, words);
    run_finish(run);
    return run->code;
}

int run_arguments(struct run *run, const char *const *arguments)
{
    run_start_arguments(run, arguments);
    run_finish(run);
    return run->code;
}

struct gp_request run_sent(const struct run *run, unsigned nth, struct gp_arena *ret_arena)
{
    struct gp_request request;
    const char *field = "";

    gp_arena_init(ret_arena, GP_UNPACK_BYTES_MAX);
    assert_int_equal(
        gp_wire_request_unpack(fake_request(run->fake, nth), ret_arena, &request, &field), 0);
    return request;
}

void run_clear(struct run *run)
{
    static const char *const names[] = {"out",      "err",   "in",       "gp.ipc",
                                        "identity", "proof", "code.png", "head"};
    char path[128];

    if (run->fake != NULL)
        fake_stop(run->fake);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        run_path(run, names[i], path);
        (void)unlink(path); /* not every test makes all of them */
    }
    assert_int_equal(rmdir(run->folder), 0);
}

void *run_scene(size_t size)
{
    void *scene = calloc(1, size);

    assert_non_null(scene);
    run_init(scene);
    return scene;
}

int run_end(void **state)
{
    run_clear(*state);
    free(*state);
    return 0;
}
