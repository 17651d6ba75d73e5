/**
 * Addresses as the command line writes them. Pure; no name is looked up.
 */
#ifndef GP_GATE_ADDRESS_H
#define GP_GATE_ADDRESS_H

#include <netinet/in.h>
#include <stddef.h>

#define GP_ADDRESS_TEXT_BYTES 64 /* "tcp://[…]:65535" and its NUL */

struct gp_address {
    union {
        struct sockaddr any;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
    } socket;
    socklen_t len;
};

/**
 * Reads tcp://1.2.3.4:PORT or tcp://[IPV6]:PORT. Port 0 is one that the kernel chooses.
 *
 * Thread: any
 * Errors: GP_EFORMAT
 */
int gp_address_parse(const char *text, struct gp_address *ret_address);

/** Writes an address as gp_address_parse reads it. Thread: any. */
void gp_address_write(const struct gp_address *address, char to[GP_ADDRESS_TEXT_BYTES]);

/**
 * The path of ipc://PATH.
 *
 * Thread:   any
 * Returns:  NULL when it is none, is relative, or is too long for a socket
 * Lifetime: within text
 */
const char *gp_address_path(const char *text);

#endif
