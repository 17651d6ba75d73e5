/**
 * The load generator: reports over many connections of one process, the same for every server that
 * is measured. What a server speaks is a peer; how many clients there are, when they send and what
 * is written down of it is the same for all.
 *
 * A connection has one message under way. A closed loop has `clients` that send the next message
 * when the answer is there; where they share fewer connections, as through a pool, whoever waits
 * longest gets the next free one, and its time counts from when it began to wait. An open loop
 * sends at instants drawn beforehand (a Poisson process of a fixed seed), whether or not answers
 * come; time counts from the instant drawn, so a server that stands still is charged for all who
 * came meanwhile.
 *
 * Everything ends the process with a word on stderr when it cannot do what it says.
 */
#ifndef GP_TESTS_BENCH_LOAD_H
#define GP_TESTS_BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define LOAD_CLIENTS_MAX 4096
#define LOAD_PIDS_MAX    4

struct load_ask {
    const char *address;
    int clients, connections; /* connections 0: each client has one of its own */
    double seconds;
    double rate; /* of an open loop, a second; 0: a closed loop */
    size_t fill; /* ends after so many answers, whatever it takes; 0: not */
    int pid_count,
        pids[LOAD_PIDS_MAX]; /* the server: its processor time is measured, children too */
    const char *disk;        /* a folder on the disk whose writing is measured; NULL */
    const char *keys;        /* bench only: the server's keys, to be sealed */
    unsigned first;          /* bench only: device of the first client */
};

/** What one kind of server speaks. Connections are numbered from 0. */
struct load_peer {
    const char *what; /* is counted: "reports" */
    /** Connects and waits until the connection can be used. Returns what epoll waits for. */
    int (*open)(const struct load_ask *ask, int connection);
    /** Sends a message that no other resembles. Called while none is under way. */
    void (*send)(int connection);
    /** Reads what is there. Returns whether the answer is whole; ends the process unless it is
     * good. */
    bool (*receive)(int connection);
};

/**
 * Reads `[OPTION…] ADDRESS CLIENTS SECONDS`:
 *
 *   --connections N   the clients share so many
 *   --rate N          open loop
 *   --fill N          SECONDS counts for nothing; ends after N answers
 *   --pid PID         a process of the server, with its children; up to four
 *   --disk FOLDER     the server writes to the disk on which this lies, and nobody else does
 *   --sealed KEYS, --first N
 *
 * Returns false, with the usage on stderr, for anything else. argv[0] is the program.
 */
bool load_read(int argc, char **argv, struct load_ask *ret_ask);

/**
 * Connects, warms up, measures, prints one line of key=value pairs.
 *
 * Written bytes are counted over the whole run, until all answers are there and nothing is dirty in
 * the page cache, and shared by all answers; what a server keeps dirty in its own memory is not
 * among them.
 */
int load_run(const struct load_peer *peer, const struct load_ask *ask);

/** Monotonic, in seconds. */
double load_now(void);

/** Says why and ends the process. */
void load_die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/** What programs that connect by hand share: a stream socket at ipc://PATH or tcp://IPV4:PORT. */
int load_connect(const char *address);

/** Sends all of it, which a socket with nothing under way takes at once. */
void load_put(int fd, const void *bytes, size_t len);

/** Reads into what is left of a buffer; returns how many bytes came, 0 for none now. */
size_t load_take(int fd, void *to, size_t room);

#endif
