#include "gate/storm.h"

#include "base/frame.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ADDRESSES   32 /* 127.0.1.1 … */
#define HOSTILE_MAX 16384
#define EVENTS_MAX  256
#define STEP_MS     200   /* between two bytes of a slow one */
#define END_MS      60000 /* after the last connect: the gate's deadlines are shorter by far */

struct hostile {
    int fd; /* -1: free */
    uint8_t kind;
    bool idle, connected;
    uint8_t sent; /* bytes of a slow one */
    int64_t next_ms;
};

struct sky {
    const struct storm *storm;
    int epoll;
    unsigned made, made_idle, open, open_idle, first_free;
    unsigned ended_by_gate, left, failed;
    unsigned random;
    struct hostile hostile[HOSTILE_MAX];
};

static int64_t monotonic_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static unsigned draw(struct sky *sky, unsigned below)
{
    sky->random = sky->random * 1664525 + 1013904223;
    return (sky->random >> 8) % below;
}

/* ---------------------------------------------------------------- one connection */

static void leave(struct sky *sky, struct hostile *hostile, bool reset)
{
    static const struct linger at_once = {.l_onoff = 1};

    if (reset)
        (void)setsockopt(hostile->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    (void)close(hostile->fd); /* whatever was not sent is not missed */
    hostile->fd = -1;
    sky->open--;
    sky->open_idle -= hostile->idle;
    if ((unsigned)(hostile - sky->hostile) < sky->first_free)
        sky->first_free = (unsigned)(hostile - sky->hostile);
}

/* What it says at once; slow ones say it byte by byte. */
static size_t words(struct sky *sky, const struct hostile *hostile, unsigned char to[64])
{
    static const char http[] = "GET / HTTP/1.1\r\nHost: city\r\n\r\n";
    static const char tls[] = "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03";
    static const char torn[] = "\0\0\0\0\0\0\0\x40\x80\0\0\1half";
    static const char hint[] = "\0\0\0\0\0\0\0\4kill";

    bool hints = !hostile->idle && hostile->kind == STORM_HINT;

    gp_sp_write(hints ? GP_SP_SUB : GP_SP_REQ, to);
    if (hostile->idle)
        return GP_SP_BYTES;
    switch ((enum storm_kind)hostile->kind) {
    case STORM_GARBAGE:
        for (size_t i = 0; i < 64; i++)
            to[i] = (unsigned char)draw(sky, 256);
        to[0] |= 0x80; /* not an opening by chance */
        return 64;
    case STORM_HTTP:
        memcpy(to, http, sizeof http - 1);
        return sizeof http - 1;
    case STORM_TLS:
        memcpy(to, tls, sizeof tls - 1);
        return sizeof tls - 1;
    case STORM_TORN:
        return 1 + draw(sky, GP_SP_BYTES - 1);
    case STORM_HUGE:
        memset(to + GP_SP_BYTES, 0x7f, 12);
        return GP_SP_BYTES + 12;
    case STORM_TORN_MESSAGE:
    case STORM_SLOW_MESSAGE:
        memcpy(to + GP_SP_BYTES, torn, sizeof torn - 1);
        return GP_SP_BYTES + sizeof torn - 1;
    case STORM_HINT:
        memcpy(to + GP_SP_BYTES, hint, sizeof hint - 1);
        return GP_SP_BYTES + sizeof hint - 1;
    default:
        return GP_SP_BYTES;
    }
}

static bool is_slow(const struct hostile *hostile)
{
    return !hostile->idle &&
           (hostile->kind == STORM_SLOW_OPENING || hostile->kind == STORM_SLOW_MESSAGE);
}

/* The next bytes, whether they arrive or not: an end is seen by reading. */
static void speak(struct sky *sky, struct hostile *hostile, int64_t now_ms)
{
    unsigned char bytes[64];
    size_t len = words(sky, hostile, bytes);

    if (!is_slow(hostile)) {
        (void)send(hostile->fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
    } else {
        size_t at = hostile->sent,
               step = at == 0 && hostile->kind == STORM_SLOW_MESSAGE ? GP_SP_BYTES : 1;
        /* Its last byte never comes. */
        if (at + step < len) {
            (void)send(hostile->fd, bytes + at, step, MSG_NOSIGNAL | MSG_DONTWAIT);
            hostile->sent = (uint8_t)(at + step);
        }
        hostile->next_ms = now_ms + STEP_MS;
    }
    if (hostile->idle)
        return;
    if (hostile->kind == STORM_TORN || hostile->kind == STORM_RESET ||
        hostile->kind == STORM_TORN_MESSAGE) {
        sky->left++;
        leave(sky, hostile, hostile->kind == STORM_RESET);
    }
}

static void hear(struct sky *sky, struct hostile *hostile)
{
    char bytes[256];
    ssize_t len = recv(hostile->fd, bytes, sizeof bytes, MSG_DONTWAIT);

    if (len > 0 || (len < 0 && errno == EAGAIN))
        return; /* the gate's opening */
    if (hostile->idle)
        sky->failed++; /* it does nothing that is wrong */
    sky->ended_by_gate++;
    leave(sky, hostile, false);
}

static void on_event(struct sky *sky, const struct epoll_event *event, int64_t now_ms)
{
    struct hostile *hostile = event->data.ptr;
    struct epoll_event reading = {.events = EPOLLIN, .data.ptr = hostile};

    if (!hostile->connected) {
        hostile->connected = true;
        (void)epoll_ctl(sky->epoll, EPOLL_CTL_MOD, hostile->fd, &reading);
        speak(sky, hostile, now_ms);
        return;
    }
    hear(sky, hostile);
}

/* ---------------------------------------------------------------- all of them */

static int connect_from(unsigned from, uint16_t port)
{
    struct sockaddr_in here = {.sin_family = AF_INET,
                               .sin_addr.s_addr = htonl(UINT32_C(0x7f000101) + from)};
    struct sockaddr_in there = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1;

    if (fd < 0)
        return -1;
    if (setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one) == 0 &&
        bind(fd, (struct sockaddr *)&here, sizeof here) == 0 &&
        (connect(fd, (struct sockaddr *)&there, sizeof there) == 0 || errno == EINPROGRESS))
        return fd;
    (void)close(fd); /* it never was a connection */
    return -1;
}

/* false: there is no room just now. */
static bool make_one(struct sky *sky, bool idle)
{
    const struct storm *storm = sky->storm;

    while (sky->first_free < HOSTILE_MAX && sky->hostile[sky->first_free].fd >= 0)
        sky->first_free++;
    if (sky->first_free == HOSTILE_MAX)
        return false;
    struct hostile *hostile = &sky->hostile[sky->first_free];
    struct epoll_event writing = {.events = EPOLLOUT, .data.ptr = hostile};
    uint8_t kind = (uint8_t)draw(sky, STORM_KINDS_END);
    bool hint = !idle && kind == STORM_HINT;
    *hostile = (struct hostile){.kind = kind, .idle = idle};
    hostile->fd = connect_from(draw(sky, ADDRESSES), hint ? storm->hint_port : storm->port);
    if (hostile->fd < 0)
        return false;
    if (epoll_ctl(sky->epoll, EPOLL_CTL_ADD, hostile->fd, &writing) != 0)
        abort();
    sky->made++;
    sky->open++;
    sky->made_idle += idle;
    sky->open_idle += idle;
    return true;
}

static void poll_all(struct sky *sky, int timeout_ms)
{
    struct epoll_event events[EVENTS_MAX];
    int count = epoll_wait(sky->epoll, events, EVENTS_MAX, timeout_ms);
    int64_t now_ms = monotonic_ms();

    for (int i = 0; i < count; i++)
        on_event(sky, &events[i], now_ms);
}

static void step_slow_ones(struct sky *sky)
{
    int64_t now_ms = monotonic_ms();

    for (unsigned i = 0; i < HOSTILE_MAX; i++) {
        struct hostile *hostile = &sky->hostile[i];
        if (hostile->fd >= 0 && hostile->connected && is_slow(hostile) &&
            now_ms >= hostile->next_ms)
            speak(sky, hostile, now_ms);
    }
}

/* Idle ones first: they are there while the rest comes and goes. */
static void blow(struct sky *sky)
{
    const struct storm *storm = sky->storm;
    int64_t start_ms = monotonic_ms(), step_ms = start_ms;

    while (sky->made < storm->connections) {
        int64_t now_ms = monotonic_ms();
        uint64_t due = (uint64_t)(now_ms - start_ms) * storm->rate / 1000;
        while (sky->made < due && sky->made < storm->connections &&
               make_one(sky, sky->made_idle < storm->idle))
            continue;
        poll_all(sky, 1);
        if (now_ms >= step_ms) {
            step_slow_ones(sky);
            step_ms = now_ms + STEP_MS / 4;
        }
    }
}

static void die_down(struct sky *sky)
{
    int64_t until_ms = monotonic_ms() + END_MS;

    while (sky->open > sky->open_idle && monotonic_ms() < until_ms) {
        poll_all(sky, STEP_MS / 4);
        step_slow_ones(sky);
    }
    sky->failed += sky->open - sky->open_idle;
}

static int run(const struct storm *storm)
{
    struct sky *sky = calloc(1, sizeof *sky);

    if (sky == NULL)
        return 1;
    sky->storm = storm;
    sky->random = storm->seed;
    sky->epoll = epoll_create1(EPOLL_CLOEXEC);
    for (unsigned i = 0; i < HOSTILE_MAX; i++)
        sky->hostile[i].fd = -1;
    blow(sky);
    die_down(sky);
    (void)printf("storm: %u connections, %u ended by the gate, %u left, %u idle to the end\n",
                 sky->made, sky->ended_by_gate, sky->left, sky->open_idle);
    if (sky->failed > 0)
        (void)fprintf(stderr, "storm: %u did not end as they must\n", sky->failed);
    (void)fflush(stdout);
    return sky->failed > 0 ? 1 : 0;
}

pid_t storm_start(const struct storm *storm)
{
    pid_t pid = fork();

    if (pid != 0)
        return pid;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that is killed leaves none behind */
    _exit(run(storm));
}

bool storm_over(pid_t pid, int *ret_code)
{
    int status;

    if (waitpid(pid, &status, WNOHANG) != pid)
        return false;
    *ret_code = WIFEXITED(status) ? WEXITSTATUS(status) : 255;
    return true;
}
