/**
 * A gridpost-gate for tests, with a folder of its own; raw connections to it, and a stand-in for
 * the daemon's sockets that does what a test tells it. Nothing here sleeps to wait.
 *
 * Every function fails the running test when it cannot do what it says.
 */
#ifndef GP_TESTS_GATE_FIXTURE_H
#define GP_TESTS_GATE_FIXTURE_H

#include "base/frame.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define GATE_PATH_BYTES 96 /* an ipc address must fit a sun_path */

struct gate {
    char folder[GATE_PATH_BYTES]; /* holds all of the below */
    char edge[GATE_PATH_BYTES], hint[GATE_PATH_BYTES], log[GATE_PATH_BYTES]; /* paths */
    char address[GATE_PATH_BYTES]; /* tcp://… for a REQ */
    uint16_t port, hint_port;
    int notify;
    long descriptors; /* RLIMIT_NOFILE of gates started from now on; 0: as it is */
    pid_t pid;        /* 0: none runs */
};

/** Makes the folder. */
void gate_prepare(struct gate *gate);

/** Names the daemon it stands in front of, by ipc:// addresses; else a stand-in's in its folder. */
void gate_front(struct gate *gate, const char *edge, const char *hint);

/** Ends a gate that still runs and removes the folder. */
void gate_remove(struct gate *gate);

/**
 * Starts it on two free ports of 127.0.0.1, with further words of a NULL-ended list (NULL: none),
 * and waits until it says READY=1. The words come last, so they win.
 */
void gate_start(struct gate *gate, const char *const *words);

/** Spawns and waits for the end: for what is refused. Returns the exit code. */
int gate_run(struct gate *gate, const char *const *words);

/** Sends SIGTERM; waits for the end and returns the exit code. */
void gate_terminate(const struct gate *gate);
int gate_wait(struct gate *gate);
int gate_stop(struct gate *gate);

/** A count as the gate reports it ("idle"; "open": connections there are). */
uint64_t gate_count(const struct gate *gate, const char *name);

/** Waits until a count has this value. */
void gate_await_count(const struct gate *gate, const char *name, uint64_t value);

bool gate_log_has(const struct gate *gate, const char *text);
void gate_await_log(const struct gate *gate, const char *text);

/* ---------------------------------------------------------------- peers */

/** Connects to a port; from: 127.0.0.FROM, so that there are many addresses. */
int peer_connect(uint16_t port, unsigned from);

/** Connects and opens as SP does, with the gate's answer read. */
int peer_open(uint16_t port, unsigned from, enum gp_sp ours, enum gp_sp theirs);

/** Sends all bytes. */
void peer_send(int fd, const void *bytes, size_t len);

/** Sends a message again and again until there is no room for a while. Returns the bytes sent. */
size_t peer_fill(int fd, const char *message, size_t len);

/** Sends a message over tcp: head, a return path of one hop, text. */
void peer_request(int fd, const char *text);

/** Reads exactly so many bytes. */
void peer_read(int fd, void *bytes, size_t len);

/** Reads a message over tcp. Returns its body's length; bytes has room for size. */
size_t peer_message(int fd, void *bytes, size_t size);

/** Waits until the other side has closed; what comes before is thrown away. Closes, too. */
void peer_await_end(int fd);

/** Whether nothing comes for a while, and the connection stands. */
bool peer_rests(int fd);

/* ---------------------------------------------------------------- stand-in for the daemon */

/** Listens at a path with this backlog. */
int stand_listen(const char *path, int backlog);

/** Waits for a connect and accepts it; greets as SP does. */
int stand_accept(int listener);
int stand_greet(int listener, enum gp_sp ours, enum gp_sp theirs);

/** Whether nobody waits to be accepted. */
bool stand_alone(int listener);

/** Reads a message over ipc. Returns its body's length. */
size_t stand_message(int fd, void *bytes, size_t size);

/** Sends a message over ipc. */
void stand_send(int fd, const void *body, size_t len);

#endif
