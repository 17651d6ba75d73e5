/**
 * The command line of gridpost-gate.
 */
#ifndef GP_GATE_OPTIONS_H
#define GP_GATE_OPTIONS_H

#include "gate/address.h"

#include "base/limits.h"

#include <stdint.h>

struct gp_gate_options {
    struct gp_address listen[GP_GATE_LISTEN_MAX], hint_listen[GP_GATE_LISTEN_MAX];
    unsigned listen_count, hint_listen_count;
    const char *edge, *hint; /* paths of the daemon's sockets */
    uint32_t connections, per_address;
    uint64_t memory_bytes;
    uint64_t handshake_ms, frame_ms, idle_ms, link_ms;
};

/**
 * Reads the command line. Exits by itself on --help, --version and mistakes (64).
 *
 * Lifetime: *ret_options points into argv
 */
void gp_gate_options_parse(int argc, char **argv, struct gp_gate_options *ret_options);

#endif
