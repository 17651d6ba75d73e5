/** A server of gridpost-web in a thread with a loop of its own, and raw peers of it. */
#ifndef GP_TEST_WEB_SERVER_H
#define GP_TEST_WEB_SERVER_H

#include "web/http.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct server {
    pthread_t thread;
    uv_loop_t loop;
    uv_async_t stop;
    struct gp_http *http;
    struct gp_http_options options;
    uint16_t port;
    pthread_barrier_t ready;
};

/** Routes must outlive the server; `context` is the handlers'. Whether it is behind a proxy is said
 * in server->options before; the rest of them is made here. */
void server_start(struct server *server, const struct gp_http_route *route, size_t count,
                  void *context);
/** An orderly end: no handle is left in its loop. */
void server_stop(struct server *server);

/** A connection to it. */
int dial(const struct server *server);
void say(int fd, const char *text);
/** Reads until `until` is in it, or to the end where that is NULL; free() it. */
char *hear(int fd, const char *until);
/** A request on a connection of its own, and all of the answer; free() it. */
char *ask(const struct server *server, const char *request);
/** Fails where the answer to a request lacks a part. */
void expect(const struct server *server, const char *request, const char *part);

#endif
