#include "lib/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define DAEMON_WORDS_MAX 24
#define DAEMON_WAIT_MS   30000 /* longer than anything takes, also under a sanitizer */
#define DAEMON_LOOK_MS   5     /* between two looks at a log that has no other way to say so */

static int64_t monotonic_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

__attribute__((format(printf, 2, 3))) static void path_of(char *to, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int len = vsnprintf(to, DAEMON_PATH_BYTES, format, arguments);
    va_end(arguments);
    assert_in_range(len, 1, DAEMON_PATH_BYTES - 1);
}

/* ---------------------------------------------------------------- files */

static void run_tool(const char *tool, const char *a, const char *b, const char *c)
{
    int status;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        execlp(tool, tool, a, b, c, (char *)NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

/* The whole file, NUL-terminated; the caller frees. "" when it is not there. */
static char *read_file(const char *path)
{
    FILE *file = fopen(path, "re");
    char *text = NULL;
    size_t size = 0;

    if (file == NULL)
        return strdup("");
    if (getdelim(&text, &size, EOF, file) < 0) {
        free(text);
        text = strdup("");
    }
    (void)fclose(file); /* only read */
    return text;
}

static void write_file(const char *path, const char *mode, const char *text)
{
    FILE *file = fopen(path, mode);

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

void daemon_write(const struct daemon *daemon, const char *name, const char *text)
{
    char path[DAEMON_PATH_BYTES * 2];

    (void)snprintf(path, sizeof path, "%s/%s", daemon->config, name);
    write_file(path, "we", text);
}

void daemon_edit(const struct daemon *daemon, const char *name, const char *from, const char *to)
{
    char path[DAEMON_PATH_BYTES * 2];

    (void)snprintf(path, sizeof path, "%s/%s", daemon->config, name);
    char *before = read_file(path);
    char *at = strstr(before, from);
    char *after;
    assert_non_null(at);
    assert_true(asprintf(&after, "%.*s%s%s", (int)(at - before), before, to, at + strlen(from)) >
                0);
    write_file(path, "we", after);
    free(before);
    free(after);
}

void daemon_setting(const struct daemon *daemon, const char *line)
{
    char path[DAEMON_PATH_BYTES * 2], text[256];

    (void)snprintf(path, sizeof path, "%s/gridpost.yaml", daemon->config);
    (void)snprintf(text, sizeof text, "%s\n", line);
    write_file(path, "ae", text);
}

/* ---------------------------------------------------------------- folder */

void daemon_copy(const struct daemon *daemon, const char *folder)
{
    static const char *const part[] = {"org", "calendar", "ladders.yaml"};
    char from[DAEMON_PATH_BYTES * 2], to[DAEMON_PATH_BYTES * 2];

    for (size_t i = 0; i < sizeof part / sizeof part[0]; i++) {
        (void)snprintf(from, sizeof from, GP_SOURCE_DIR "/%s/%s", folder, part[i]);
        (void)snprintf(to, sizeof to, "%s/%s", daemon->config, part[i]);
        run_tool("rm", "-r", "-f", to);
        run_tool("cp", "-R", from, to);
    }
}

static int open_notify(const struct daemon *daemon)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s/notify", daemon->folder);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

void daemon_prepare(struct daemon *daemon)
{
    char text[1024];

    *daemon = (struct daemon){.folder = "/tmp/gridpost-XXXXXX"};
    assert_non_null(mkdtemp(daemon->folder));
    path_of(daemon->config, "%s/config", daemon->folder);
    path_of(daemon->store, "%s/store", daemon->folder);
    path_of(daemon->log, "%s/log", daemon->folder);
    path_of(daemon->keys, "%s/keys", daemon->folder);
    path_of(daemon->socket, "ipc://%s/intake", daemon->folder);
    path_of(daemon->edge, "ipc://%s/edge", daemon->folder);
    path_of(daemon->hint, "ipc://%s/hint", daemon->folder);
    run_tool("cp", "-R", GP_SOURCE_DIR "/tests/golden/config", daemon->config);
    (void)snprintf(text, sizeof text,
                   "socket: %s\nedge_socket: %s\nhint_socket: %s\nstore: %s\nkeys: %s\n"
                   "store_reserve_mib: 1\n",
                   daemon->socket, daemon->edge, daemon->hint, daemon->store, daemon->keys);
    daemon_write(daemon, "gridpost.yaml", text);
    daemon->notify = open_notify(daemon);
}

void daemon_remove(struct daemon *daemon)
{
    if (daemon->pid != 0)
        daemon_kill(daemon);
    if (daemon->faults != NULL)
        assert_int_equal(munmap(daemon->faults, sizeof *daemon->faults), 0);
    (void)close(daemon->notify); /* nothing is in it that anybody wants */
    run_tool("rm", "-r", "-f", daemon->folder);
}

/* ---------------------------------------------------------------- faults */

void daemon_fault(struct daemon *daemon, int64_t wall_ms)
{
    static const struct faults none;
    char path[DAEMON_PATH_BYTES];
    struct timespec now;

    path_of(path, "%s/faults", daemon->folder);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, &none, sizeof none), sizeof none);
    daemon->faults = mmap(NULL, sizeof none, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    assert_ptr_not_equal(daemon->faults, MAP_FAILED);
    assert_int_equal(close(fd), 0);
    (void)clock_gettime(CLOCK_REALTIME, &now);
    daemon_shift(daemon, wall_ms - ((int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000), 0);
}

void daemon_shift(const struct daemon *daemon, int64_t wall_ms, int64_t boot_ms)
{
    (void)__atomic_add_fetch(&daemon->faults->boot_ms, boot_ms, __ATOMIC_SEQ_CST);
    (void)__atomic_add_fetch(&daemon->faults->wall_ms, wall_ms, __ATOMIC_SEQ_CST);
}

void daemon_slip(const struct daemon *daemon, int64_t ms)
{
    __atomic_store_n(&daemon->faults->slip_ms, ms, __ATOMIC_SEQ_CST);
}

void daemon_fail_writes(const struct daemon *daemon, int error)
{
    __atomic_store_n(&daemon->faults->write_error, error, __ATOMIC_SEQ_CST);
}

void daemon_hold(const struct daemon *daemon, bool hold)
{
    __atomic_store_n(&daemon->faults->hold, hold, __ATOMIC_SEQ_CST);
    (void)syscall(SYS_futex, &daemon->faults->hold, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

void daemon_stall(const struct daemon *daemon, int32_t looks)
{
    __atomic_store_n(&daemon->faults->stall, looks, __ATOMIC_SEQ_CST);
    (void)syscall(SYS_futex, &daemon->faults->stall, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

void daemon_away(const struct daemon *daemon, bool away)
{
    __atomic_store_n(&daemon->faults->away, away, __ATOMIC_SEQ_CST);
    (void)syscall(SYS_futex, &daemon->faults->away, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static bool set_faults(const struct daemon *daemon)
{
    char path[DAEMON_PATH_BYTES * 2];

    (void)snprintf(path, sizeof path, "%s/faults", daemon->folder);
    return setenv("FAULTS", path, 1) == 0 && setenv("LD_PRELOAD", GP_FAULTS, 1) == 0 &&
           setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1) == 0;
}

/* ---------------------------------------------------------------- process */

/* In the child, until exec. */
static void become_daemon(const struct daemon *daemon, const char *const *argv)
{
    char notify[DAEMON_PATH_BYTES * 2];
    int log = open(daemon->log, O_WRONLY | O_CREAT | O_APPEND, 0600);

    (void)snprintf(notify, sizeof notify, "%s/notify", daemon->folder);
    if (log < 0 || dup2(log, STDOUT_FILENO) < 0 || dup2(log, STDERR_FILENO) < 0 ||
        setenv("NOTIFY_SOCKET", notify, 1) != 0 || unsetenv("JOURNAL_STREAM") != 0)
        _exit(126);
    if (daemon->faults != NULL && !set_faults(daemon))
        _exit(126);
    execv(GP_DAEMON, (char *const *)(uintptr_t)argv);
    _exit(127);
}

void daemon_spawn(struct daemon *daemon, const char *const *words)
{
    const char *argv[DAEMON_WORDS_MAX] = {"gridpostd", "--config", daemon->config};
    size_t count = 3;

    assert_int_equal(daemon->pid, 0);
    if (!daemon->sealed_only)
        argv[count++] = "--insecure-local";
    for (; words != NULL && *words != NULL; words++) {
        assert_true(count < DAEMON_WORDS_MAX - 1);
        argv[count++] = *words;
    }
    daemon->pid = fork();
    assert_true(daemon->pid >= 0);
    if (daemon->pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that is killed leaves none behind */
        become_daemon(daemon, argv);
    }
}

static void print_log(const struct daemon *daemon)
{
    char *text = read_file(daemon->log);
    print_error("---- %s\n%s----\n", daemon->log, text);
    free(text);
}

static bool holds_line(const char *message, const char *line)
{
    size_t len = strlen(line);

    for (const char *at = message; (at = strstr(at, line)) != NULL; at += len) {
        if ((at == message || at[-1] == '\n') && (at[len] == '\0' || at[len] == '\n'))
            return true;
    }
    return false;
}

/* Without taking its exit code away from daemon_wait. */
static bool has_ended(const struct daemon *daemon)
{
    siginfo_t info = {0};
    return waitid(P_PID, (id_t)daemon->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid != 0;
}

void daemon_await(const struct daemon *daemon, const char *line)
{
    int64_t until_ms = monotonic_ms() + DAEMON_WAIT_MS;
    struct pollfd readable = {.fd = daemon->notify, .events = POLLIN};
    char message[1024];

    while (monotonic_ms() < until_ms) {
        if (poll(&readable, 1, 100) <= 0) {
            if (has_ended(daemon))
                break;
            continue;
        }
        ssize_t len = recv(daemon->notify, message, sizeof message - 1, MSG_DONTWAIT);
        assert_true(len >= 0);
        message[len] = '\0';
        if (holds_line(message, line))
            return;
    }
    print_log(daemon);
    fail_msg("gridpostd did not say %s", line);
}

void daemon_forget(const struct daemon *daemon)
{
    char message[1024];

    while (recv(daemon->notify, message, sizeof message, MSG_DONTWAIT) >= 0)
        continue;
}

void daemon_start(struct daemon *daemon, const char *const *words)
{
    daemon_forget(daemon); /* what an earlier one said */
    daemon_spawn(daemon, words);
    daemon_await(daemon, "READY=1");
}

void daemon_signal(const struct daemon *daemon, int number)
{
    assert_true(daemon->pid > 0);
    assert_int_equal(kill(daemon->pid, number), 0);
}

/* Ends a test that would hang, and says what the daemon said. */
static void wait_in_time(struct daemon *daemon, int *ret_status)
{
    int64_t until_ms = monotonic_ms() + DAEMON_WAIT_MS + daemon->patience_ms;
    struct timespec pause = {.tv_nsec = DAEMON_LOOK_MS * 1000000L};

    while (waitpid(daemon->pid, ret_status, WNOHANG) == 0) {
        if (monotonic_ms() > until_ms) {
            daemon_kill(daemon);
            print_log(daemon);
            fail_msg("gridpostd did not end");
        }
        (void)nanosleep(&pause, NULL);
    }
}

int daemon_wait(struct daemon *daemon)
{
    int status = 0;

    assert_true(daemon->pid > 0);
    wait_in_time(daemon, &status);
    daemon->pid = 0;
    if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
        print_log(daemon);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int daemon_stop(struct daemon *daemon)
{
    if (daemon->faults != NULL)
        daemon_hold(daemon, false);
    daemon_signal(daemon, SIGTERM);
    return daemon_wait(daemon);
}

void daemon_kill(struct daemon *daemon)
{
    (void)kill(daemon->pid, SIGKILL); /* it may have ended by itself */
    (void)waitpid(daemon->pid, NULL, 0);
    daemon->pid = 0;
}

int daemon_run(struct daemon *daemon, const char *const *words)
{
    daemon_spawn(daemon, words);
    return daemon_wait(daemon);
}

int daemon_set_up(void **state)
{
    static struct daemon daemon;

    daemon_prepare(&daemon);
    *state = &daemon;
    return 0;
}

int daemon_tear_down(void **state)
{
    daemon_remove(*state);
    return 0;
}

/* ---------------------------------------------------------------- log */

int daemon_log_has(const struct daemon *daemon, const char *text)
{
    char *log = read_file(daemon->log);
    bool has = strstr(log, text) != NULL;

    free(log);
    return has;
}

void daemon_assert_log(const struct daemon *daemon, const char *text)
{
    if (daemon_log_has(daemon, text))
        return;
    print_log(daemon);
    fail_msg("the log does not say: %s", text);
}

void daemon_await_log(const struct daemon *daemon, const char *text)
{
    int64_t until_ms = monotonic_ms() + DAEMON_WAIT_MS;
    struct timespec pause = {.tv_nsec = DAEMON_LOOK_MS * 1000000L};

    while (!daemon_log_has(daemon, text) && monotonic_ms() < until_ms)
        (void)nanosleep(&pause, NULL);
    daemon_assert_log(daemon, text);
}
