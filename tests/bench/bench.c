/*
 * bench load ADDRESS CLIENTS SECONDS [CATEGORY]   closed-loop clients, each with one report in
 * flight
 * bench sealed ADDRESS CLIENTS SECONDS LOCAL      the same, sealed by a device that LOCAL enrols
 * bench fill ADDRESS COUNT                        COUNT reports that stay open, 256 clients
 * bench idle ADDRESS COUNT PID                    resident memory of PID per idle connection
 * bench sync FOLDER SECONDS                       fdatasyncs of 4 KiB appends per second, to
 * compare with
 *
 * Each prints one line of key=value pairs.
 */
#include "bench/seal.h"
#include "client/client.h"

#include <fcntl.h>
#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS_MAX 400 /* NN_MAX_SOCKETS is 512 */
#define SAMPLES_MAX 4000000

struct one {
    int socket;
    double sent;
    struct gp_asked asked; /* sealed: what the answer is to */
};

static struct one clients[CLIENTS_MAX];
static struct nn_pollfd polls[CLIENTS_MAX];
static float *samples; /* milliseconds */
static size_t sample_count;
static struct gp_arena arena;
static const char *category = "l5";
static bool sealed;

static void die(const char *text)
{
    fprintf(stderr, "bench: %s: %s\n", text, nn_strerror(nn_errno()));
    exit(1);
}

static double now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* ---------------------------------------------------------------- closed loop */

static void send_report(struct one *one)
{
    static const char text[] =
        "井盖缺失，位于人行道中间，已放置警示标志，请尽快安排人员到场处理，周边有学校。"
        "现场照片已上传，联系人已知会，等待处理结果反馈，谢谢配合与支持工作。";
    struct gp_request request = {
        .kind = GP_REQUEST_COMMAND,
        .person = GP_SPAN("li"),
        .device = GP_SPAN("bench"),
        .command = {.verb = GP_VERB_REPORT,
                    .grid = GP_SPAN("340705006001001"),
                    .category = gp_span_of(category),
                    .text = gp_span_of(text),
                    .place = {.known = true, .lat_e7 = 309300000, .lon_e7 = 1178100000}},
    };
    struct gp_span message;

    gp_arena_reset(&arena);
    if (gp_client_new_id(request.command.id) != 0 ||
        gp_wire_request_pack(&request, &arena, &message) != 0)
        die("pack");
    one->sent = now();
    if (sealed)
        message = seal_request(message, &one->asked);
    if (nn_send(one->socket, message.ptr, message.len, 0) < 0)
        die("send");
}

static void receive(struct one *one)
{
    void *message = NULL;
    struct gp_reply reply;
    int len = nn_recv(one->socket, &message, NN_MSG, 0);

    if (len < 0)
        die("recv");
    gp_arena_reset(&arena);
    struct gp_span answer = {message, (size_t)len};
    if (sealed)
        answer = seal_open(&one->asked, answer);
    if (gp_wire_reply_unpack(answer, &arena, &reply) != 0 || reply.status != GP_STATUS_OK) {
        fprintf(stderr, "bench: refused: %.*s\n", GP_SPAN_ARG(reply.detail));
        exit(1);
    }
    (void)nn_freemsg(message);
    if (sample_count < SAMPLES_MAX)
        samples[sample_count++] = (float)((now() - one->sent) * 1000);
}

static void connect_all(const char *address, int count)
{
    int resend = 600000;

    for (int i = 0; i < count; i++) {
        clients[i].socket = nn_socket(AF_SP, NN_REQ);
        if (clients[i].socket < 0 ||
            nn_setsockopt(clients[i].socket, NN_REQ, NN_REQ_RESEND_IVL, &resend, sizeof resend) <
                0 ||
            nn_connect(clients[i].socket, address) < 0)
            die("connect");
        polls[i] = (struct nn_pollfd){.fd = clients[i].socket, .events = NN_POLLIN};
        send_report(&clients[i]);
    }
}

/* Until `until` or until `wanted` answers came; every answer is followed by the next report. */
static void loop(int count, double until, size_t wanted)
{
    size_t answers = 0;

    while (now() < until && answers < wanted) {
        if (nn_poll(polls, count, 1000) < 0)
            die("poll");
        for (int i = 0; i < count; i++) {
            if (!(polls[i].revents & NN_POLLIN))
                continue;
            receive(&clients[i]);
            answers++;
            send_report(&clients[i]);
        }
    }
}

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static float quantile(double share)
{
    return samples[(size_t)((double)(sample_count - 1) * share)];
}

static int load(const char *address, int count, double seconds)
{
    double start;

    connect_all(address, count);
    loop(count, now() + 1, SIZE_MAX); /* warm up */
    sample_count = 0;
    start = now();
    loop(count, start + seconds, SIZE_MAX);
    seconds = now() - start;
    qsort(samples, sample_count, sizeof *samples, by_value);
    printf("clients=%d reports=%zu per_second=%.0f p50_ms=%.2f p99_ms=%.2f max_ms=%.2f\n", count,
           sample_count, (double)sample_count / seconds, (double)quantile(0.5),
           (double)quantile(0.99), (double)quantile(1));
    return 0;
}

static int fill(const char *address, size_t wanted)
{
    double start = now();

    connect_all(address, 256);
    loop(256, start + 3600, wanted);
    printf("filled=%zu seconds=%.1f\n", wanted, now() - start);
    return 0;
}

/* ---------------------------------------------------------------- memory, disk */

static long resident_kib(const char *pid)
{
    char path[64], line[256];
    long kib = -1;
    FILE *file;

    (void)snprintf(path, sizeof path, "/proc/%s/status", pid);
    file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "VmRSS: %ld", &kib) == 1)
            break;
    }
    if (file != NULL)
        (void)fclose(file);
    return kib;
}

static int idle(const char *address, int count, const char *pid)
{
    int socket = nn_socket(AF_SP, NN_REQ);
    long before = resident_kib(pid);
    struct timespec settle = {2, 0};

    for (int i = 0; i < count; i++) {
        if (socket < 0 || nn_connect(socket, address) < 0)
            die("connect");
    }
    (void)nanosleep(&settle, NULL);
    printf("connections=%d rss_before_kib=%ld rss_after_kib=%ld per_connection_bytes=%ld\n", count,
           before, resident_kib(pid), (resident_kib(pid) - before) * 1024 / count);
    return 0;
}

static int sync_rate(const char *folder, double seconds)
{
    static const char block[4096];
    char path[4096];
    size_t count = 0;
    double start;

    (void)snprintf(path, sizeof path, "%s/bench-sync", folder);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    for (start = now(); fd >= 0 && now() - start < seconds; count++) {
        if (write(fd, block, sizeof block) != (ssize_t)sizeof block || fdatasync(fd) != 0) {
            perror(path);
            return 1;
        }
    }
    (void)close(fd);
    (void)unlink(path);
    printf("fdatasync_per_second=%.0f\n", (double)count / (now() - start));
    return 0;
}

int main(int argc, char **argv)
{
    gp_arena_init(&arena, 1 << 20);
    samples = malloc(SAMPLES_MAX * sizeof *samples);
    if (samples == NULL)
        return 1;
    if (argc >= 5 && strcmp(argv[1], "load") == 0 && atoi(argv[3]) > 0 &&
        atoi(argv[3]) <= CLIENTS_MAX) {
        category = argc > 5 ? argv[5] : category;
        return load(argv[2], atoi(argv[3]), atof(argv[4]));
    }
    if (argc == 6 && strcmp(argv[1], "sealed") == 0 && atoi(argv[3]) > 0 &&
        atoi(argv[3]) <= CLIENTS_MAX) {
        seal_join(argv[5], argv[2]);
        sealed = true;
        (void)load(argv[2], atoi(argv[3]), atof(argv[4]));
        seal_leave(argv[5]);
        return 0;
    }
    if (argc == 4 && strcmp(argv[1], "fill") == 0)
        return fill(argv[2], (size_t)atol(argv[3]));
    if (argc == 5 && strcmp(argv[1], "idle") == 0)
        return idle(argv[2], atoi(argv[3]), argv[4]);
    if (argc == 4 && strcmp(argv[1], "sync") == 0)
        return sync_rate(argv[2], atof(argv[3]));
    fputs("usage: bench load|sealed|fill|idle|sync … (see bench.c)\n", stderr);
    return 64;
}
