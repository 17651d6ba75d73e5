/*
 * One allocation of the whole daemon fails, or some in a row. Who asked for it decides what may
 * come of it: nanomsg and libuv end the process by abort, which must be no more than another start;
 * our own code says "try again", or ends in order with a message. Each case: a daemon starts, takes
 * reports, is read and reloaded, and stops; what it acknowledged is asked for at the next start.
 */
#include "calls/line.h"
#include "calls/shim.h"
#include "lib/client.h"
#include "lib/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define REPORTS   8
#define ROW       50 /* so many fail in every second case */
#define WAIT_MS   20000
#define RESEND_MS 100
#define TRIES_MAX 100

static struct daemon daemon_under_test;
static struct shim *shim;
static struct gp_arena arena;
static uint64_t at; /* of this case */

static struct told {
    struct gp_request report;
    uint64_t incident; /* 0: not acknowledged */
} told[REPORTS];

static struct figures {
    uint64_t cases, aborted, ended, acknowledged;
} figures;

static _Noreturn void wrong(const char *what, int status)
{
    char command[2 * DAEMON_PATH_BYTES];

    (void)snprintf(command, sizeof command, "tail -n 20 %s >&2", daemon_under_test.log);
    (void)system(command); /* it helps, where there is a log */
    fprintf(stderr, "WRONG at %llu: %s (status %x, of %s); again: test_calls_daemon --at %llu\n",
            (unsigned long long)at, what, (unsigned)status, shim->who, (unsigned long long)at);
    if (daemon_under_test.pid > 0)
        daemon_kill(&daemon_under_test);
    exit(1);
}

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---------------------------------------------------------------- the process */

static bool has_ended(void)
{
    siginfo_t info = {0};
    return waitid(P_PID, (id_t)daemon_under_test.pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid != 0;
}

/* Returns whether it came to be ready; else it has ended. */
static bool await_ready(void)
{
    struct pollfd readable = {.fd = daemon_under_test.notify, .events = POLLIN};
    int64_t until_ms = now_ms() + WAIT_MS;
    char message[1024];

    while (now_ms() < until_ms) {
        if (poll(&readable, 1, 20) > 0) {
            ssize_t len = recv(daemon_under_test.notify, message, sizeof message - 1, 0);
            message[len < 0 ? 0 : len] = '\0';
            if (strstr(message, "READY=1") != NULL)
                return true;
        } else if (has_ended()) {
            return false;
        }
    }
    wrong("it is not ready and does not end", 0);
}

static int wait_for_end(void)
{
    int64_t until_ms = now_ms() + WAIT_MS;
    struct timespec pause = {.tv_nsec = 1000000};
    int status;

    while (waitpid(daemon_under_test.pid, &status, WNOHANG) == 0) {
        if (now_ms() > until_ms)
            wrong("it does not end", 0);
        (void)nanosleep(&pause, NULL);
    }
    daemon_under_test.pid = 0;
    return status;
}

static void judge_end(int status, bool was_ready)
{
    if (WIFSIGNALED(status)) {
        if (WTERMSIG(status) != SIGABRT || shim->aborting == 0)
            wrong("it died", status);
        figures.aborted++;
        return;
    }
    if (WEXITSTATUS(status) == 0)
        return;
    if (was_ready)
        wrong("it ended, and was to say \"try again\"", status);
    if (shim->failed == 0 || WEXITSTATUS(status) != 1)
        wrong("it ended, and not with 1", status);
    if (!daemon_log_has(&daemon_under_test, "memory"))
        wrong("it ended, and does not say why", status);
    figures.ended++;
}

/* ---------------------------------------------------------------- asking */

/* Asks until there is an answer, over as many connections as that takes. Returns false when the
 * daemon has ended. */
static bool ask(struct line *line, const struct gp_request *request, struct gp_reply *ret_reply)
{
    int64_t until_ms = now_ms() + WAIT_MS;
    struct gp_span packed, answer = {0};

    gp_arena_reset(&arena);
    assert_int_equal(gp_wire_request_pack(request, &arena, &packed), 0);
    while (answer.len == 0) {
        if (now_ms() > until_ms)
            wrong("it does not answer", 0);
        if (has_ended())
            return false;
        if (line_open(line, daemon_under_test.socket))
            (void)line_ask(line, packed, RESEND_MS, &answer); /* else once more */
    }
    answer = gp_arena_copy(&arena, answer);
    if (gp_wire_reply_unpack(answer, &arena, ret_reply) != 0)
        wrong("an answer cannot be read", 0);
    return true;
}

/* Until it is answered otherwise than by "try again". */
static bool ask_on(struct line *line, const struct gp_request *request, struct gp_reply *ret_reply)
{
    for (int tries = 0; tries < TRIES_MAX; tries++) {
        if (!ask(line, request, ret_reply))
            return false;
        if (ret_reply->status == GP_STATUS_OK)
            return true;
        if (ret_reply->status != GP_STATUS_TRY_AGAIN)
            wrong("an answer is neither OK nor TRY_AGAIN", (int)ret_reply->status);
    }
    wrong("it never takes it", 0);
}

static bool report(struct line *line, struct told *one)
{
    struct gp_reply reply;

    one->report = request_report();
    if (!ask_on(line, &one->report, &reply))
        return false;
    one->incident = reply.answer.incident;
    figures.acknowledged++;
    return true;
}

static void work(struct line *line)
{
    struct gp_request query = {.kind = GP_REQUEST_QUERY, .query = {.limit = 20}};
    struct gp_request feed = request_feed(0, 0);
    struct gp_reply reply;

    for (int i = 0; i < REPORTS; i++) {
        if (!report(line, &told[i]))
            return;
        if (i == REPORTS / 2)
            daemon_signal(&daemon_under_test, SIGHUP);
        if (!ask_on(line, i % 2 == 0 ? &query : &feed, &reply))
            return;
    }
}

/* ---------------------------------------------------------------- one case */

static void set_shim(uint64_t first, uint64_t last)
{
    memset(shim, 0, sizeof *shim);
    shim->upto = last;
    __atomic_store_n(&shim->at, first, __ATOMIC_SEQ_CST);
}

static void spawn(bool faulty)
{
    char path[2 * DAEMON_PATH_BYTES];

    (void)snprintf(path, sizeof path, "%s/calls", daemon_under_test.folder);
    if (faulty && (setenv("CALLS", path, 1) != 0 || setenv("LD_PRELOAD", GP_SHIM, 1) != 0))
        wrong("no environment", errno);
    daemon_forget(&daemon_under_test);
    daemon_spawn(&daemon_under_test, NULL);
    (void)unsetenv("LD_PRELOAD");
}

/* What was acknowledged is known by its id, under the same number. */
static void check_told(struct line *line)
{
    struct gp_reply reply;

    for (int i = 0; i < REPORTS; i++) {
        if (told[i].incident == 0)
            continue;
        if (!ask_on(line, &told[i].report, &reply))
            wrong("it ends without a fault", 0);
        if (reply.answer.incident != told[i].incident || !reply.answer.repeated)
            wrong("a report that was acknowledged is gone", i);
    }
}

static void stop(bool was_ready)
{
    if (!has_ended())
        daemon_signal(&daemon_under_test, SIGTERM);
    judge_end(wait_for_end(), was_ready);
}

static void run_case(uint64_t number)
{
    struct line line;

    line_init(&line);
    at = number;
    figures.cases++;
    memset(told, 0, sizeof told);
    set_shim(number, number % 2 == 0 ? number : number + ROW);
    (void)truncate(daemon_under_test.log, 0); /* there is none before the first */
    spawn(true);
    bool ready = await_ready();
    if (ready)
        work(&line);
    stop(ready);
    memset(shim, 0, sizeof *shim);
    spawn(false);
    if (!await_ready())
        wrong("it does not start again", 0);
    check_told(&line);
    stop(true);
    line_close(&line);
}

/* ---------------------------------------------------------------- all */

static void open_shim(void)
{
    char path[2 * DAEMON_PATH_BYTES];

    (void)snprintf(path, sizeof path, "%s/calls", daemon_under_test.folder);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, sizeof *shim), 0);
    shim = mmap(NULL, sizeof *shim, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    assert_true(shim != MAP_FAILED);
    (void)close(fd); /* the mapping stays */
}

/* How many allocations a life has, and how many of them come before it is ready. */
static uint64_t count_calls(uint64_t *ret_ready)
{
    struct line line;

    line_init(&line);
    set_shim(0, 0);
    spawn(true);
    if (!await_ready())
        wrong("it does not start", 0);
    *ret_ready = __atomic_load_n(&shim->counted, __ATOMIC_SEQ_CST);
    work(&line);
    uint64_t counted = __atomic_load_n(&shim->counted, __ATOMIC_SEQ_CST);
    stop(true);
    line_close(&line);
    return counted;
}

static const char help[] =
    "usage: test_calls_daemon [--cases N] [--offset N] [--at N]\n"
    "Refuses a gridpostd one of its allocations, or some in a row, in each case.\n"
    "  --cases N   so many, spread over start, work, reload and stop (20)\n"
    "  --offset N  of the first; another one each day without it\n"
    "  --at N      this allocation alone\n";

struct options {
    uint64_t cases, offset, at;
    bool offset_given;
};

static void read_options(int count, char **words, struct options *options)
{
    static const struct option known[] = {
        {"cases", required_argument, NULL, 'c'},
        {"offset", required_argument, NULL, 'o'},
        {"at", required_argument, NULL, 'a'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int option;

    while ((option = getopt_long(count, words, "", known, NULL)) != -1) {
        if (option == 'c') {
            options->cases = strtoull(optarg, NULL, 10);
        } else if (option == 'o') {
            options->offset = strtoull(optarg, NULL, 10);
            options->offset_given = true;
        } else if (option == 'a') {
            options->at = strtoull(optarg, NULL, 10);
        } else {
            fputs(help, option == 'h' ? stdout : stderr);
            exit(option == 'h' ? 0 : 2);
        }
    }
}

/* So many cases, spread over the allocations [from, to]. */
static void run_range(const struct options *options, uint64_t cases, uint64_t from, uint64_t to)
{
    uint64_t count = to - from + 1, stride = count / cases > 0 ? count / cases : 1;

    for (uint64_t i = 0; i < cases; i++)
        run_case(from + (options->offset + i * stride) % count);
}

/* Starting takes most of them, so half of the cases are of what comes behind it. */
static void run_all(struct options *options)
{
    uint64_t ready, calls = count_calls(&ready);

    if (!options->offset_given)
        options->offset = (uint64_t)(time(NULL) / 86400);
    printf("%llu allocations, %llu of them to be ready; from --offset %llu\n",
           (unsigned long long)calls, (unsigned long long)ready,
           (unsigned long long)options->offset);
    (void)fflush(stdout);
    run_range(options, options->cases / 2, 1, ready);
    run_range(options, options->cases - options->cases / 2, ready + 1, calls);
}

int main(int count, char **words)
{
    struct options options = {.cases = 20};
    int64_t begin_ms = now_ms();

    read_options(count, words, &options);
    gp_arena_init(&arena, (size_t)32 << 20);
    daemon_prepare(&daemon_under_test);
    open_shim();
    if (options.at != 0)
        run_case(options.at);
    else
        run_all(&options);
    (void)munmap(shim, sizeof *shim);
    daemon_remove(&daemon_under_test);
    gp_arena_release(&arena);
    printf("%llu daemons, %llu reports acknowledged and none lost, %llu aborts by a library, %llu "
           "ends in order, in %lld s\n",
           (unsigned long long)figures.cases, (unsigned long long)figures.acknowledged,
           (unsigned long long)figures.aborted, (unsigned long long)figures.ended,
           (long long)(now_ms() - begin_ms) / 1000);
    return 0;
}
