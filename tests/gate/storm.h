/**
 * A storm: hostile connections at a gate, at a steady rate and from many loopback addresses, made
 * by a process of its own. Some hold on, most do harm and go; each but the idle ones must be ended
 * by the gate, or has ended by itself.
 */
#ifndef GP_TESTS_GATE_STORM_H
#define GP_TESTS_GATE_STORM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* X(kind, text): what a connection does. */
#define STORM_KINDS(X)                                                                             \
    X(STORM_GARBAGE, "random bytes")                                                               \
    X(STORM_HTTP, "an HTTP request")                                                               \
    X(STORM_TLS, "a TLS hello")                                                                    \
    X(STORM_TORN, "half an opening, and leaves")                                                   \
    X(STORM_RESET, "the opening, and a reset")                                                     \
    X(STORM_HUGE, "the opening, and a message of 2^63 bytes")                                      \
    X(STORM_TORN_MESSAGE, "the opening, half a message, and leaves")                               \
    X(STORM_SLOW_OPENING, "the opening, byte by byte")                                             \
    X(STORM_SLOW_MESSAGE, "the opening, and a message byte by byte")                               \
    X(STORM_HINT, "a message into the hint port")

enum storm_kind {
#define X(kind, text) kind,
    STORM_KINDS(X)
#undef X
        STORM_KINDS_END
};

struct storm {
    uint16_t port, hint_port;
    unsigned connections, rate; /* in all, idle ones included; a second */
    unsigned idle;              /* that open as SP does and rest to the end */
    unsigned seed;
};

/**
 * Starts the process. It ends with 0 when every connection went as it must, else it says on stderr
 * what did not, and ends with 1.
 */
pid_t storm_start(const struct storm *storm);

/** Whether it has ended, which fills in its exit code. Any other end is 255. */
bool storm_over(pid_t pid, int *ret_code);

#endif
