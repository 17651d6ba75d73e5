/**
 * What the gate has done since it started. Every connection that was accepted ends in exactly one
 * of the counts from `ended` on, or is open.
 */
#ifndef GP_GATE_COUNTS_H
#define GP_GATE_COUNTS_H

#include <stdint.h>

/* X(name): the log's word, too. */
#define GP_GATE_COUNTS(X)                                                                          \
    X(accepted)                                                                                    \
    X(refused)    /* not taken at all, for a cap */                                                \
    X(no_fd)      /* not taken, for want of a descriptor */                                        \
    X(requests)   /* relayed to the daemon */                                                      \
    X(replies)    /* relayed to clients */                                                         \
    X(hints)      /* that the daemon published */                                                  \
    X(missed)     /* hints that a slow client did not get */                                       \
    X(ended)      /* by the client */                                                              \
    X(opening)    /* began with something else than SP's opening */                                \
    X(frame)      /* sent what is no message, or one too long */                                   \
    X(talked)     /* sent anything to the hint port */                                             \
    X(slow_open)  /* the opening did not come in time */                                           \
    X(slow_frame) /* a message began and did not end in time */                                    \
    X(slow_taker) /* did not take what waited for it */                                            \
    X(idle)       /* nothing came for long */                                                      \
    X(no_link)    /* the daemon was away, or all its links were waited for */                      \
    X(link_ended) /* by the daemon */                                                              \
    X(no_memory)                                                                                   \
    X(stopped) /* by the gate, which was told to end */

struct gp_gate_counts {
#define X(name) uint64_t name;
    GP_GATE_COUNTS(X)
#undef X
};

#endif
