#include "gate/address.h"

#include "base/error.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#define TCP "tcp://"
#define IPC "ipc://"

static int parse_port(const char *text, in_port_t *ret_port)
{
    size_t digits = strspn(text, "0123456789");
    unsigned long port = strtoul(text, NULL, 10);

    if (digits == 0 || digits > 5 || text[digits] != '\0' || port > 65535)
        return GP_EFORMAT;
    *ret_port = htons((in_port_t)port);
    return 0;
}

static int parse_in(const char *host, in_port_t port, struct gp_address *ret_address)
{
    struct gp_address address = {.socket.in = {.sin_family = AF_INET, .sin_port = port},
                                 .len = sizeof address.socket.in};

    if (inet_pton(AF_INET, host, &address.socket.in.sin_addr) != 1)
        return GP_EFORMAT;
    *ret_address = address;
    return 0;
}

/* "[…]", without a scope: a link-local address is no place to serve a city from. */
static int parse_in6(char *host, in_port_t port, struct gp_address *ret_address)
{
    struct gp_address address = {.socket.in6 = {.sin6_family = AF_INET6, .sin6_port = port},
                                 .len = sizeof address.socket.in6};
    size_t len = strlen(host);

    if (len < 2 || host[len - 1] != ']')
        return GP_EFORMAT;
    host[len - 1] = '\0';
    if (inet_pton(AF_INET6, host + 1, &address.socket.in6.sin6_addr) != 1)
        return GP_EFORMAT;
    *ret_address = address;
    return 0;
}

int gp_address_parse(const char *text, struct gp_address *ret_address)
{
    char host[GP_ADDRESS_TEXT_BYTES];
    in_port_t port;

    if (strncmp(text, TCP, strlen(TCP)) != 0)
        return GP_EFORMAT;
    text += strlen(TCP);
    const char *colon = strrchr(text, ':');
    if (colon == NULL || (size_t)(colon - text) >= sizeof host || parse_port(colon + 1, &port) != 0)
        return GP_EFORMAT;
    memcpy(host, text, (size_t)(colon - text));
    host[colon - text] = '\0';
    return host[0] == '[' ? parse_in6(host, port, ret_address) : parse_in(host, port, ret_address);
}

void gp_address_write(const struct gp_address *address, char to[GP_ADDRESS_TEXT_BYTES])
{
    char host[INET6_ADDRSTRLEN] = "";
    bool in6 = address->socket.any.sa_family == AF_INET6;
    const void *from = in6 ? (const void *)&address->socket.in6.sin6_addr
                           : (const void *)&address->socket.in.sin_addr;
    in_port_t port = in6 ? address->socket.in6.sin6_port : address->socket.in.sin_port;

    (void)inet_ntop(address->socket.any.sa_family, from, host, sizeof host); /* host has room */
    (void)snprintf(to, GP_ADDRESS_TEXT_BYTES, in6 ? TCP "[%s]:%u" : TCP "%s:%u", host,
                   (unsigned)ntohs(port));
}

const char *gp_address_path(const char *text)
{
    const char *path = text + strlen(IPC);

    if (strncmp(text, IPC, strlen(IPC)) != 0 || path[0] != '/' ||
        strlen(path) >= sizeof((struct sockaddr_un *)NULL)->sun_path)
        return NULL;
    return path;
}
