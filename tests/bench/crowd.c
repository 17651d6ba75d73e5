/*
 * Handsets: each connects, shakes hands, reports once and then rests on its connection, as they do
 * between two patrols. What they are told by lines on stdin:
 *
 *   report   each reports once more
 *   storm    each closes its connection and comes again at once, with everybody
 *   watch    they go on resting; who loses the connection comes again
 *
 * and each is answered by one line, when all have an answer. They behave as a handset has to: who
 * is sent away comes again after a while that grows with each try and is a matter of chance, and
 * what is not answered in 3 to 6 s goes again, byte for byte. A report keeps its id until it is
 * answered.
 */
#include "bench/many.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AT_ONCE        64  /* that connect at a time, where nobody is in a hurry */
#define ANSWER_S       3.0 /* then a message goes again */
#define BACK_OFF_S     0.2 /* the first time */
#define BACK_OFF_MAX_S 5.0
#define LOOK_S         0.01 /* between two looks at who is due */

enum stage { STAGE_AWAY, STAGE_COMING, STAGE_GREETING, STAGE_ASKING, STAGE_REFUSED, STAGE_RESTING };

struct crowd {
    struct fleet fleet;
    const struct many_ask *ask;
    struct samples samples;
    struct gp_command *report; /* of each, until it is answered */
    uint32_t resting, coming;
    uint64_t hellos, asks, resent, lost, again, turned_away;
    double begin_s;
};

static struct crowd crowd;

/* At most twice `from`, and never all at one instant. */
static double soon(double from)
{
    return fleet_now() + from * (1 + (double)random() / (double)RAND_MAX);
}

static void become(struct client *client, enum stage stage)
{
    crowd.resting -= client->stage == STAGE_RESTING;
    crowd.coming -= client->stage == STAGE_COMING || client->stage == STAGE_GREETING;
    client->stage = stage;
    crowd.resting += stage == STAGE_RESTING;
    crowd.coming += stage == STAGE_COMING || stage == STAGE_GREETING;
}

static void greet(struct client *client)
{
    become(client, STAGE_GREETING);
    client->due_s = soon(ANSWER_S);
    crowd.hellos++;
    client_hello(client);
}

static void ask(struct client *client)
{
    struct gp_request request = many_report(&crowd.ask->city, client->value);

    city_id(crowd.report[client->number].captured_ms, client->value + 1, (uint16_t)client->number,
            request.command.id);
    become(client, STAGE_ASKING);
    client->due_s = soon(ANSWER_S);
    crowd.asks++;
    client_ask(client, &request);
}

static void again(struct client *client)
{
    client->due_s = soon(ANSWER_S);
    crowd.resent++;
    client_resend(client);
}

/* ---------------------------------------------------------------- what comes */

static void on_open(struct client *client)
{
    greet(client);
}

static void on_welcome(struct client *client, int status)
{
    if (status != GP_WELCOME_OK) {
        fputs("bench: a device is not known: is devices.csv that of `bench_many devices`?\n",
              stderr);
        exit(1);
    }
    ask(client);
}

static void on_reply(struct client *client, const struct gp_reply *reply)
{
    if (client->stage != STAGE_ASKING)
        return;
    if (reply->status != GP_STATUS_OK) {
        if (crowd.turned_away++ == 0)
            fprintf(stderr, "bench: sent away: %.*s\n", GP_SPAN_ARG(reply->detail));
        client->due_s = soon(reply->retry_ms > 0 ? reply->retry_ms / 1000.0 : 1);
        become(client, STAGE_REFUSED);
        return;
    }
    samples_add(&crowd.samples, (fleet_now() - crowd.begin_s) * 1000);
    client->tries = 0;
    become(client, STAGE_RESTING);
}

static void on_again(struct client *client)
{
    crowd.again++;
    greet(client);
}

static void on_lost(struct client *client)
{
    double wait_s = BACK_OFF_S * (double)(1u << (client->tries < 5 ? client->tries : 5));

    crowd.lost++;
    client->tries++;
    become(client, STAGE_AWAY);
    client->due_s = soon(wait_s < BACK_OFF_MAX_S ? wait_s : BACK_OFF_MAX_S);
}

static const struct fleet_calls calls = {on_open, on_welcome, on_reply, on_again, on_lost};

/* ---------------------------------------------------------------- what is due */

static void go_on(struct client *client)
{
    switch ((enum stage)client->stage) {
    case STAGE_AWAY:
        become(client, STAGE_COMING);
        client->due_s = soon(ANSWER_S);
        client_connect(client);
        break;
    case STAGE_COMING: /* nobody answers: elsewhere there may be room */
        client_close(client);
        on_lost(client);
        break;
    case STAGE_GREETING:
    case STAGE_ASKING:
        again(client);
        break;
    case STAGE_REFUSED:
        ask(client);
        break;
    case STAGE_RESTING:
        break;
    }
}

static void look(uint32_t at_once)
{
    double now_s = fleet_now();

    for (uint32_t i = 0; i < crowd.fleet.count; i++) {
        struct client *client = &crowd.fleet.client[i];
        if (client->stage == STAGE_RESTING || client->due_s > now_s)
            continue;
        if (client->stage != STAGE_AWAY || crowd.coming < at_once)
            go_on(client);
    }
}

/* Until all rest. */
static void serve(uint32_t at_once)
{
    double next_s = 0;

    while (crowd.resting < crowd.fleet.count) {
        if (fleet_now() >= next_s) {
            look(at_once);
            next_s = fleet_now() + LOOK_S;
        }
        fleet_run(&crowd.fleet, 5);
    }
}

static void begin(void)
{
    samples_close(&crowd.samples);
    samples_open(&crowd.samples);
    crowd.hellos = crowd.asks = crowd.resent = crowd.lost = crowd.again = crowd.turned_away = 0;
    crowd.begin_s = fleet_now();
    for (uint32_t i = 0; i < crowd.fleet.count; i++) {
        struct client *client = &crowd.fleet.client[i];
        client->value += crowd.ask->city.grid_count; /* another report of the same grid */
        client->due_s = 0;
        client->tries = 0;
        crowd.report[i].captured_ms = many_wall_ms();
    }
}

static void tell(const char *what)
{
    printf("%s=%u seconds=%.2f hellos=%llu reports=%llu resent=%llu lost=%llu again=%llu "
           "turned_away=%llu",
           what, crowd.fleet.count, fleet_now() - crowd.begin_s, (unsigned long long)crowd.hellos,
           (unsigned long long)crowd.asks, (unsigned long long)crowd.resent,
           (unsigned long long)crowd.lost, (unsigned long long)crowd.again,
           (unsigned long long)crowd.turned_away);
    samples_print(&crowd.samples, "answered");
    putchar('\n');
    (void)fflush(stdout);
}

/* ---------------------------------------------------------------- what they are told */

static void come(void)
{
    begin();
    serve(AT_ONCE);
    tell("came");
}

static void report(void)
{
    begin();
    for (uint32_t i = 0; i < crowd.fleet.count; i++) {
        struct client *client = &crowd.fleet.client[i];
        if (client->stage == STAGE_RESTING)
            ask(client);
    }
    serve(UINT32_MAX);
    tell("reported");
}

static void storm(void)
{
    for (uint32_t i = 0; i < crowd.fleet.count; i++) {
        client_close(&crowd.fleet.client[i]);
        become(&crowd.fleet.client[i], STAGE_AWAY);
    }
    begin();
    serve(UINT32_MAX);
    tell("stormed");
}

/* Rests until a line comes; who is cut off while resting comes again, and all are waited for. */
static void rest(void)
{
    struct pollfd line = {.fd = STDIN_FILENO, .events = POLLIN};

    while (poll(&line, 1, 0) == 0) {
        if (crowd.resting < crowd.fleet.count && crowd.samples.total > 0)
            begin();
        look(UINT32_MAX);
        fleet_run(&crowd.fleet, 10);
    }
}

static void watch(void)
{
    serve(UINT32_MAX);
    tell("came_again");
}

int many_crowd(const struct many_ask *many)
{
    char word[64];

    crowd.ask = many;
    crowd.report = calloc(many->count, sizeof *crowd.report);
    if (crowd.report == NULL)
        return 1;
    samples_open(&crowd.samples);
    fleet_open(&crowd.fleet, many->count, &calls, many->address, many->keys, many->first);
    for (uint32_t i = 0; i < many->count; i++)
        crowd.fleet.client[i].value = many->first + i;
    come();
    for (rest(); fgets(word, sizeof word, stdin) != NULL; rest()) {
        if (strcmp(word, "report\n") == 0)
            report();
        else if (strcmp(word, "storm\n") == 0)
            storm();
        else if (strcmp(word, "watch\n") == 0)
            watch();
    }
    return 0;
}
