/**
 * What the recorder writes down of a process that works on a store: the calls by which files and
 * folders below one folder change, what makes them durable, and what the process has promised to
 * others. A trace is a file of records in the order in which the calls were made; trace.h reads it.
 *
 * A call that changes or syncs a file is two records: one before it is made, and RECORD_END when it
 * has returned. So whoever reads a trace knows which writes had returned before a sync began.
 */
#ifndef GP_TESTS_POWER_RECORD_H
#define GP_TESTS_POWER_RECORD_H

#include <stddef.h>
#include <stdint.h>

enum record_kind {
    RECORD_PROCESS = 1, /* a process begins; numbers of calls and handles begin anew */
    RECORD_OPEN,        /* handle, at: flags of open(2); the path */
    RECORD_WRITE,       /* call, handle, at, size; the bytes, or none: they are zeros */
    RECORD_TRUNCATE,    /* call, handle, size */
    RECORD_SYNC,        /* call, handle */
    RECORD_END,         /* call, at: what it returned */
    RECORD_RENAME,      /* both paths, each with its NUL */
    RECORD_UNLINK,      /* the path */
    RECORD_MKDIR,       /* the path */
    RECORD_PROMISE,     /* at: the journal's entry, size: the incident; a command was answered */
    RECORD_REPLY,       /* the bytes of an answer as it leaves the daemon; to commands: promises */
    RECORD_BASE,        /* what stands before this was on the disk when the trace began */
    RECORD_HISTORY,     /* history.h: what the journal came to be; the last one */
};

/** In front of each record's bytes. Native byte order: a trace does not leave its machine. */
struct record {
    uint32_t kind, call, handle;
    uint32_t len; /* bytes behind this */
    uint64_t at, size;
};

/* Settings in the environment of a process that is recorded from its beginning. */
#define RECORD_ROOT "RECORD_ROOT" /* absolute; what is recorded lies in it */
#define RECORD_FILE "RECORD_FILE" /* the trace, to whose end records are written */
#define RECORD_LAST "RECORD_LAST" /* the process is killed after so many records; 0: it is not */

/**
 * Begins to record this process. Paths in the trace are relative to `root`.
 *
 * Requires: no file below root is open; once per process
 */
void record_begin(const char *root, const char *file, uint64_t last);

/** Notes a promise: this entry of the journal, about this incident. Thread: any. */
void record_promise(uint64_t seq, uint64_t incident);

/** Notes an answer that is about to leave. Thread: any. */
void record_reply(const void *bytes, size_t len);

#endif
