#include "web/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define TIMEOUT_S 20

static void on_stop(uv_async_t *async)
{
    struct server *server = async->data;

    uv_close((uv_handle_t *)async, NULL);
    gp_http_close(server->http);
}

static void *serve(void *context)
{
    struct server *server = context;

    assert_int_equal(uv_loop_init(&server->loop), 0);
    assert_int_equal(uv_async_init(&server->loop, &server->stop, on_stop), 0);
    server->stop.data = server;
    assert_int_equal(gp_http_open(&server->loop, &server->options, &server->http), 0);
    server->port = gp_http_port(server->http);
    (void)pthread_barrier_wait(&server->ready);
    (void)uv_run(&server->loop, UV_RUN_DEFAULT);
    gp_http_free(server->http);
    assert_int_equal(uv_loop_close(&server->loop), 0);
    return NULL;
}

void server_start(struct server *server, const struct gp_http_route *route, size_t count,
                  void *context)
{
    server->options = (struct gp_http_options){.host = "127.0.0.1",
                                               .behind_proxy = server->options.behind_proxy,
                                               .route = route,
                                               .route_count = count,
                                               .context = context};
    assert_int_equal(pthread_barrier_init(&server->ready, NULL, 2), 0);
    assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
    (void)pthread_barrier_wait(&server->ready);
}

void server_stop(struct server *server)
{
    (void)uv_async_send(&server->stop);
    (void)pthread_join(server->thread, NULL);
    (void)pthread_barrier_destroy(&server->ready);
}

/* ---------------------------------------------------------------- the peer */

int dial(const struct server *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(server->port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval patience = {.tv_sec = TIMEOUT_S};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

void say(int fd, const char *text)
{
    size_t len = strlen(text);

    assert_int_equal(send(fd, text, len, MSG_NOSIGNAL), (ssize_t)len);
}

char *hear(int fd, const char *until)
{
    size_t len = 0, room = 1 << 16;
    char *text = malloc(room + 1);

    for (;;) {
        ssize_t got = recv(fd, text + len, room - len, 0);
        assert_true(got >= 0);
        len += (size_t)got;
        text[len] = '\0';
        if (got == 0 || (until != NULL && strstr(text, until) != NULL))
            return text;
        if (len == room)
            text = realloc(text, (room *= 2) + 1);
    }
}

char *ask(const struct server *server, const char *request)
{
    int fd = dial(server);

    say(fd, request);
    char *answer = hear(fd, NULL);
    (void)close(fd);
    return answer;
}

void expect(const struct server *server, const char *request, const char *part)
{
    char *answer = ask(server, request);

    if (strstr(answer, part) == NULL)
        fail_msg("no \"%s\" in: %s", part, answer);
    free(answer);
}
