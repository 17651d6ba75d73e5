/**
 * A REQ's connection over ipc, spoken by hand (base/sp.h), to a daemon that may end at any moment:
 * nanomsg's own client would wait for it, or with it.
 */
#ifndef GP_TESTS_CALLS_LINE_H
#define GP_TESTS_CALLS_LINE_H

#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

struct line {
    int fd;          /* -1: not connected */
    uint32_t number; /* of the last request */
    unsigned char *bytes;
};

void line_init(struct line *line);
void line_close(struct line *line);

/** Connects to an ipc:// address, where it is not. Returns whether somebody is there. */
bool line_open(struct line *line, const char *address);

/**
 * Asks and waits. Returns false when the connection has ended; else *ret_body is the answer, until
 * the next ask, or empty when none came within wait_ms: then ask again.
 */
bool line_ask(struct line *line, struct gp_span body, int wait_ms, struct gp_span *ret_body);

#endif
