/**
 * Traces: files of the recorder's records (record.h), read and written as a whole. Every function
 * ends the process with a message when it cannot do what it says.
 */
#ifndef GP_TESTS_POWER_TRACE_H
#define GP_TESTS_POWER_TRACE_H

#include "power/record.h"

#include <stddef.h>
#include <stdint.h>

struct trace_item {
    struct record head;
    const unsigned char *bytes; /* head.len of them, in the trace */
};

struct trace {
    char path[256];
    unsigned char *bytes; /* of the whole file */
    size_t len;
    struct trace_item *item;
    size_t count;
    size_t base; /* the first item that may be cut */
};

/** Prints and ends the process: a trace or a life is not what it must be. */
__attribute__((noreturn, format(printf, 1, 2))) void power_fail(const char *format, ...);

/** Grows an array so that it has room for one more; returns it. */
void *power_grow(void *items, size_t count, size_t *room, size_t size);

/** The next number of a stream. */
uint64_t power_random(uint64_t *state);

/** Reads a trace; answers to commands become promises. A record at its end that a kill has cut
 * short is left out. */
void trace_open(struct trace *trace, const char *path);
void trace_close(struct trace *trace);

/** Writes a record to the end of a trace that no recorder has open. */
void trace_append(const char *path, const struct record *record, const void *bytes);

#endif
