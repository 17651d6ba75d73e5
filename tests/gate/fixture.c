#include "gate/fixture.h"

#include "base/bytes.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define WORDS_MAX 32
#define WAIT_MS   30000 /* longer than anything takes, also under a sanitizer */
#define LOOK_MS   5     /* between two looks at what has no other way to say so */
#define REST_MS   100   /* what has not come by then was not on its way */

static int64_t monotonic_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void look_again(void)
{
    const struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};
    (void)nanosleep(&pause, NULL);
}

/* ---------------------------------------------------------------- folder */

__attribute__((format(printf, 2, 3))) static void path_of(char *to, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int len = vsnprintf(to, GATE_PATH_BYTES, format, arguments);
    va_end(arguments);
    assert_in_range(len, 1, GATE_PATH_BYTES - 1);
}

static struct sockaddr_un path_address(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    assert_true(strlen(path) < sizeof address.sun_path);
    (void)strcpy(address.sun_path, path);
    return address;
}

void gate_prepare(struct gate *gate)
{
    char path[GATE_PATH_BYTES];

    *gate = (struct gate){.folder = "/tmp/gridpost-XXXXXX"};
    assert_non_null(mkdtemp(gate->folder));
    path_of(gate->edge, "%s/edge", gate->folder);
    path_of(gate->hint, "%s/hint", gate->folder);
    path_of(gate->log, "%s/gate.log", gate->folder);
    path_of(path, "%s/gate.notify", gate->folder);
    struct sockaddr_un address = path_address(path);
    gate->notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_true(gate->notify >= 0);
    assert_int_equal(bind(gate->notify, (struct sockaddr *)&address, sizeof address), 0);
}

void gate_front(struct gate *gate, const char *edge, const char *hint)
{
    path_of(gate->edge, "%s", edge + strlen("ipc://"));
    path_of(gate->hint, "%s", hint + strlen("ipc://"));
}

void gate_remove(struct gate *gate)
{
    int status;

    if (gate->pid != 0) {
        (void)kill(gate->pid, SIGKILL); /* it may have ended by itself */
        (void)waitpid(gate->pid, NULL, 0);
    }
    (void)close(gate->notify); /* nothing is in it that anybody wants */
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        execlp("rm", "rm", "-r", "-f", gate->folder, (char *)NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

/* ---------------------------------------------------------------- log */

/* The whole log, NUL-terminated; the caller frees. */
static char *read_log(const struct gate *gate)
{
    FILE *file = fopen(gate->log, "re");
    char *text = NULL;
    size_t size = 0;

    if (file == NULL || getdelim(&text, &size, EOF, file) < 0) {
        free(text);
        text = strdup("");
    }
    if (file != NULL)
        (void)fclose(file); /* only read */
    return text;
}

static void give_up(const struct gate *gate, const char *wanted)
{
    char *text = read_log(gate);

    print_error("---- %s\n%s----\n", gate->log, text);
    free(text);
    fail_msg("the gate: no %s", wanted);
}

bool gate_log_has(const struct gate *gate, const char *text)
{
    char *log = read_log(gate);
    bool has = strstr(log, text) != NULL;

    free(log);
    return has;
}

void gate_await_log(const struct gate *gate, const char *text)
{
    for (int64_t until_ms = monotonic_ms() + WAIT_MS; !gate_log_has(gate, text); look_again()) {
        if (monotonic_ms() > until_ms)
            give_up(gate, text);
    }
}

/* ---------------------------------------------------------------- process */

/* In the child, until exec. */
static void become_gate(const struct gate *gate, const char *const *argv)
{
    char notify[GATE_PATH_BYTES * 2];
    struct rlimit limit = {(rlim_t)gate->descriptors, (rlim_t)gate->descriptors};
    int log = open(gate->log, O_WRONLY | O_CREAT | O_APPEND, 0600);

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that is killed leaves none behind */
    (void)snprintf(notify, sizeof notify, "%s/gate.notify", gate->folder);
    if (log < 0 || dup2(log, STDOUT_FILENO) < 0 || dup2(log, STDERR_FILENO) < 0 ||
        setenv("NOTIFY_SOCKET", notify, 1) != 0 || unsetenv("JOURNAL_STREAM") != 0 ||
        (gate->descriptors > 0 && setrlimit(RLIMIT_NOFILE, &limit) != 0))
        _exit(126);
    execv(GP_GATE, (char *const *)(uintptr_t)argv);
    _exit(127);
}

static void spawn(struct gate *gate, const char *const *words)
{
    char edge[GATE_PATH_BYTES + 6], hint[GATE_PATH_BYTES + 6];
    const char *argv[WORDS_MAX] = {
        "gridpost-gate", "--edge",           edge, "--hint", hint, "--listen", "tcp://127.0.0.1:0",
        "--hint-listen", "tcp://127.0.0.1:0"};
    size_t count = 9;

    assert_int_equal(gate->pid, 0);
    (void)snprintf(edge, sizeof edge, "ipc://%s", gate->edge);
    (void)snprintf(hint, sizeof hint, "ipc://%s", gate->hint);
    for (; words != NULL && *words != NULL; words++) {
        assert_true(count < WORDS_MAX - 1);
        argv[count++] = *words;
    }
    gate->pid = fork();
    assert_true(gate->pid >= 0);
    if (gate->pid == 0)
        become_gate(gate, argv);
}

/* The port behind the last line that begins so. */
static uint16_t port_of(const struct gate *gate, const char *line)
{
    char *log = read_log(gate), *at = NULL;
    unsigned port = 0;

    for (char *next = log; (next = strstr(next, line)) != NULL; next++)
        at = next;
    assert_non_null(at);
    assert_int_equal(sscanf(at + strlen(line), "%u", &port), 1);
    free(log);
    return (uint16_t)port;
}

void gate_start(struct gate *gate, const char *const *words)
{
    struct pollfd readable = {.fd = gate->notify, .events = POLLIN};
    char message[1024];

    while (recv(gate->notify, message, sizeof message, MSG_DONTWAIT) >= 0)
        continue; /* what an earlier one said */
    spawn(gate, words);
    do {
        if (poll(&readable, 1, WAIT_MS) != 1)
            give_up(gate, "READY=1");
        ssize_t len = recv(gate->notify, message, sizeof message - 1, 0);
        assert_true(len >= 0);
        message[len] = '\0';
    } while (strcmp(message, "READY=1") != 0);
    gate->port = port_of(gate, "requests at tcp://127.0.0.1:");
    gate->hint_port = port_of(gate, "hints at tcp://127.0.0.1:");
    path_of(gate->address, "tcp://127.0.0.1:%u", gate->port);
}

void gate_terminate(const struct gate *gate)
{
    assert_true(gate->pid > 0);
    assert_int_equal(kill(gate->pid, SIGTERM), 0);
}

int gate_wait(struct gate *gate)
{
    int64_t until_ms = monotonic_ms() + WAIT_MS;
    int status;

    for (; waitpid(gate->pid, &status, WNOHANG) == 0; look_again()) {
        if (monotonic_ms() > until_ms)
            give_up(gate, "end");
    }
    gate->pid = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int gate_stop(struct gate *gate)
{
    gate_terminate(gate);
    return gate_wait(gate);
}

int gate_run(struct gate *gate, const char *const *words)
{
    spawn(gate, words);
    return gate_wait(gate);
}

/* ---------------------------------------------------------------- counts */

static unsigned lines_of_counts(const char *log)
{
    unsigned count = 0;

    for (const char *at = log; (at = strstr(at, "counts: ")) != NULL; at++)
        count += strchr(at, '\n') != NULL;
    return count;
}

static uint64_t read_count(const char *log, const char *name)
{
    char word[64];
    unsigned long long value = 0;
    const char *line = NULL;

    for (const char *at = log; (at = strstr(at, "counts: ")) != NULL; at++)
        line = at;
    assert_non_null(line);
    (void)snprintf(word, sizeof word, " %s=", name);
    const char *found = strstr(line, word);
    assert_non_null(found);
    assert_int_equal(sscanf(found + strlen(word), "%llu", &value), 1);
    return value;
}

uint64_t gate_count(const struct gate *gate, const char *name)
{
    int64_t until_ms = monotonic_ms() + WAIT_MS;
    char *log = read_log(gate);
    unsigned before = lines_of_counts(log);

    assert_int_equal(kill(gate->pid, SIGUSR1), 0);
    while (lines_of_counts(log) == before) {
        if (monotonic_ms() > until_ms)
            give_up(gate, "line of counts");
        look_again();
        free(log);
        log = read_log(gate);
    }
    uint64_t value = read_count(log, name);
    free(log);
    return value;
}

void gate_await_count(const struct gate *gate, const char *name, uint64_t value)
{
    for (int64_t until_ms = monotonic_ms() + WAIT_MS; gate_count(gate, name) != value;) {
        if (monotonic_ms() > until_ms)
            give_up(gate, name);
    }
}

/* ---------------------------------------------------------------- peers */

int peer_connect(uint16_t port, unsigned from)
{
    struct sockaddr_in here = {.sin_family = AF_INET,
                               .sin_addr.s_addr = htonl(UINT32_C(0x7f000000) + from)};
    struct sockaddr_in there = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

    assert_true(fd >= 0);
    assert_int_equal(setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one), 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&here, sizeof here), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&there, sizeof there), 0);
    return fd;
}

int peer_open(uint16_t port, unsigned from, enum gp_sp ours, enum gp_sp theirs)
{
    unsigned char opening[GP_SP_BYTES];
    int fd = peer_connect(port, from);

    gp_sp_write(ours, opening);
    peer_send(fd, opening, sizeof opening);
    peer_read(fd, opening, sizeof opening);
    assert_true(gp_sp_begins(theirs, opening, sizeof opening));
    return fd;
}

void peer_send(int fd, const void *bytes, size_t len)
{
    for (const char *at = bytes; len > 0;) {
        ssize_t sent = send(fd, at, len, MSG_NOSIGNAL);
        assert_true(sent > 0);
        at += sent;
        len -= (size_t)sent;
    }
}

size_t peer_fill(int fd, const char *message, size_t len)
{
    struct pollfd writable = {.fd = fd, .events = POLLOUT};
    size_t all = 0;

    while (poll(&writable, 1, REST_MS) == 1) {
        size_t at = all % len;
        ssize_t sent = send(fd, message + at, len - at, MSG_DONTWAIT | MSG_NOSIGNAL);
        assert_true(sent > 0);
        all += (size_t)sent;
    }
    return all;
}

void peer_request(int fd, const char *text)
{
    unsigned char head[12];

    gp_put_u64(head, 4 + strlen(text));
    gp_put_u32(head + 8, UINT32_C(0x80000001));
    peer_send(fd, head, sizeof head);
    peer_send(fd, text, strlen(text));
}

static ssize_t read_some(int fd, void *bytes, size_t len)
{
    struct pollfd readable = {.fd = fd, .events = POLLIN};

    if (poll(&readable, 1, WAIT_MS) != 1)
        fail_msg("nothing came within %d ms", WAIT_MS);
    return recv(fd, bytes, len, 0);
}

void peer_read(int fd, void *bytes, size_t len)
{
    for (char *at = bytes; len > 0;) {
        ssize_t got = read_some(fd, at, len);
        assert_true(got > 0);
        at += got;
        len -= (size_t)got;
    }
}

size_t peer_message(int fd, void *bytes, size_t size)
{
    unsigned char head[8];

    peer_read(fd, head, sizeof head);
    uint64_t len = gp_get_u64(head);
    assert_true(len <= size);
    peer_read(fd, bytes, (size_t)len);
    return (size_t)len;
}

void peer_await_end(int fd)
{
    char bytes[4096];

    while (read_some(fd, bytes, sizeof bytes) > 0)
        continue;
    assert_int_equal(close(fd), 0);
}

bool peer_rests(int fd)
{
    struct pollfd readable = {.fd = fd, .events = POLLIN};
    return poll(&readable, 1, REST_MS) == 0;
}

/* ---------------------------------------------------------------- stand-in for the daemon */

int stand_listen(const char *path, int backlog)
{
    struct sockaddr_un address = path_address(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    (void)unlink(path); /* of an earlier one, if there was one */
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, backlog), 0);
    return fd;
}

bool stand_alone(int listener)
{
    return peer_rests(listener);
}

int stand_accept(int listener)
{
    struct pollfd readable = {.fd = listener, .events = POLLIN};

    if (poll(&readable, 1, WAIT_MS) != 1)
        fail_msg("nobody connects");
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

int stand_greet(int listener, enum gp_sp ours, enum gp_sp theirs)
{
    unsigned char opening[GP_SP_BYTES];
    int fd = stand_accept(listener);

    gp_sp_write(ours, opening);
    peer_send(fd, opening, sizeof opening);
    peer_read(fd, opening, sizeof opening);
    assert_true(gp_sp_begins(theirs, opening, sizeof opening));
    return fd;
}

size_t stand_message(int fd, void *bytes, size_t size)
{
    unsigned char type;

    peer_read(fd, &type, 1);
    assert_int_equal(type, 1);
    return peer_message(fd, bytes, size);
}

void stand_send(int fd, const void *body, size_t len)
{
    unsigned char head[9] = {1};

    gp_put_u64(head + 1, len);
    peer_send(fd, head, sizeof head);
    peer_send(fd, body, len);
}
