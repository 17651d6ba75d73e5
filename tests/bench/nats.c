/*
 * bench_nats [OPTION…] tcp://ADDRESS CLIENTS SECONDS   reports to a JetStream of NATS
 *
 * Its protocol is lines of text, spoken here by hand, as libnats has a thread for each connection
 * and the load generator has one for all. A report is a message published with a reply subject; the
 * stream's acknowledgement comes back to that. load.h has the options.
 */
#include "bench/facts.h"
#include "bench/load.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BYTES_MAX    8192
#define REPORT_BYTES 295 /* as gridpost's clients send them */

/* What NATS answers is read up to the end of a message; `have` bytes of it are there. */
struct connection {
    int fd;
    size_t have;
    char bytes[BYTES_MAX + 1];
};

static struct connection connections[LOAD_CLIENTS_MAX];

static void await_text(struct connection *connection, const char *text)
{
    struct pollfd one = {.fd = connection->fd, .events = POLLIN};

    do {
        if (poll(&one, 1, 10000) != 1)
            load_die("no %s from nats-server", text);
        connection->have += load_take(connection->fd, connection->bytes + connection->have,
                                      BYTES_MAX - connection->have);
        connection->bytes[connection->have] = '\0';
    } while (strstr(connection->bytes, text) == NULL);
    connection->have = 0;
}

static void say(const struct connection *connection, const char *text)
{
    load_put(connection->fd, text, strlen(text));
}

/* Making a stream that is there with the same configuration is no error. */
static void make_stream(struct connection *connection)
{
    static const char config[] =
        "{\"name\":\"REPORTS\",\"subjects\":[\"reports\"],"
        "\"retention\":\"limits\",\"storage\":\"file\",\"num_replicas\":1}";
    char command[512];

    (void)snprintf(command, sizeof command, "PUB $JS.API.STREAM.CREATE.REPORTS r.0 %zu\r\n%s\r\n",
                   sizeof config - 1, config);
    say(connection, command);
    await_text(connection, "stream_create_response");
}

static int open_connection(const struct load_ask *ask, int number)
{
    struct connection *connection = &connections[number];
    char command[128];

    connection->fd = load_connect(ask->address);
    await_text(connection, "INFO ");
    (void)snprintf(command, sizeof command,
                   "CONNECT {\"verbose\":false,\"pedantic\":false}\r\nSUB r.%d 1\r\nPING\r\n",
                   number);
    say(connection, command);
    await_text(connection, "PONG");
    if (number == 0)
        make_stream(connection);
    return connection->fd;
}

/* Any such bytes would do; the id is in them as in every contender's report. */
static void send_report(int number)
{
    char command[64 + REPORT_BYTES + 2];
    struct facts facts;
    int len = snprintf(command, 64, "PUB reports r.%d %d\r\n", number, REPORT_BYTES);

    facts_next(&facts);
    memcpy(command + len, facts.id, sizeof facts.id);
    memcpy(command + len + 16, facts.record, REPORT_BYTES - 16);
    memcpy(command + len + REPORT_BYTES, "\r\n", 2);
    load_put(connections[number].fd, command, (size_t)len + REPORT_BYTES + 2);
}

static void consume(struct connection *connection, size_t len)
{
    connection->have -= len;
    memmove(connection->bytes, connection->bytes + len, connection->have + 1);
}

/* How long the line at the front is with what belongs to it; 0: it is not whole. The last word of
 * `MSG subject sid len` is the length of the message that follows. */
static size_t front_bytes(const struct connection *connection)
{
    const char *end = strstr(connection->bytes, "\r\n"), *word;
    size_t len;

    if (end == NULL)
        return 0;
    len = (size_t)(end - connection->bytes) + 2;
    if (strncmp(connection->bytes, "MSG ", 4) == 0) {
        word = memrchr(connection->bytes, ' ', len);
        len += strtoul(word, NULL, 10) + 2;
    }
    return len <= connection->have ? len : 0;
}

static bool receive_answer(int number)
{
    struct connection *connection = &connections[number];
    bool answered = false;
    size_t len;

    connection->have += load_take(connection->fd, connection->bytes + connection->have,
                                  BYTES_MAX - connection->have);
    connection->bytes[connection->have] = '\0';
    while ((len = front_bytes(connection)) > 0) {
        if (strncmp(connection->bytes, "PING", 4) == 0)
            say(connection, "PONG\r\n");
        else if (memmem(connection->bytes, len, "\"seq\":", 6) == NULL)
            load_die("nats-server: %.*s", (int)len, connection->bytes);
        else
            answered = true;
        consume(connection, len);
    }
    return answered;
}

int main(int argc, char **argv)
{
    static const struct load_peer peer = {"messages", open_connection, send_report, receive_answer};
    struct load_ask ask;

    return load_read(argc, argv, &ask) ? load_run(&peer, &ask) : 64;
}
