/* The server of gridpost-web against raw bytes: routes, bodies, headers, streams, peers that leave
 * and an orderly end. */
#include "web/server.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct scene {
    struct server server;
    struct gp_exchange *kept; /* by /keep, until the peer leaves or the server stops */
    atomic_uint gone;
};

/* ---------------------------------------------------------------- handlers */

static void say_hello(struct gp_exchange *exchange, void *context)
{
    (void)context;
    gp_http_add(exchange, "x-test:", "yes");
    gp_http_reply(exchange, 200, "text/plain; charset=utf-8", GP_SPAN("hello"));
}

static void say_back(struct gp_exchange *exchange, void *context)
{
    const char *a = gp_http_query(exchange, "a"), *b = gp_http_query(exchange, "b");
    const char *csrf = gp_http_header(exchange, "x-csrf");
    char cookie[16] = "";

    (void)context;
    (void)gp_http_cookie(exchange, "c", cookie, sizeof cookie);
    gp_http_json(exchange, 200,
                 json_pack("{s:s, s:s?, s:s?, s:s?, s:s, s:s, s:I}", "path", gp_http_path(exchange),
                           "a", a, "b", b, "csrf", csrf, "cookie", cookie, "peer",
                           gp_http_peer(exchange), "length",
                           (json_int_t)gp_http_body(exchange).len));
}

static void say_encoded(struct gp_exchange *exchange, void *context)
{
    struct gp_span path = gp_http_encoded_path(exchange, "/coded/");
    struct gp_span query = gp_http_encoded_query(exchange);
    char text[512];
    int len = snprintf(text, sizeof text, "%.*s?%.*s|%s", GP_SPAN_ARG(path), GP_SPAN_ARG(query),
                       gp_http_header(exchange, "authorization"));

    (void)context;
    gp_http_reply(exchange, 200, "text/plain", (struct gp_span){text, (size_t)len});
}

static void say_much(struct gp_exchange *exchange, void *context)
{
    size_t len = 3 * 1000 * 1000;
    char *much = malloc(len);

    (void)context;
    for (size_t i = 0; i < len; i++)
        much[i] = (char)('a' + i % 23);
    gp_http_reply(exchange, 200, "text/plain", (struct gp_span){much, len});
    free(much);
}

static void on_gone(struct gp_exchange *exchange, void *context)
{
    struct scene *scene = context;

    (void)exchange;
    scene->kept = NULL;
    atomic_fetch_add(&scene->gone, 1);
}

static void keep(struct gp_exchange *exchange, void *context)
{
    struct scene *scene = context;

    scene->kept = exchange;
    gp_http_on_gone(exchange, on_gone, context);
}

static void begin_stream(struct gp_exchange *exchange, void *context)
{
    (void)context;
    gp_http_on_gone(exchange, on_gone, context);
    gp_http_stream(exchange, "text/event-stream");
    assert_true(gp_http_push(exchange, GP_SPAN("data: 1\n\n")));
    assert_true(gp_http_push(exchange, GP_SPAN("data: 2\n\n")));
}

/* Pushes until the queue refuses, which ends the stream. */
static void flood(struct gp_exchange *exchange, void *context)
{
    static const char piece[1000] = "data: piece\n\n";
    unsigned pushed = 0;

    gp_http_on_gone(exchange, on_gone, context);
    gp_http_stream(exchange, "text/event-stream");
    while (gp_http_push(exchange, (struct gp_span){piece, sizeof piece}))
        pushed++;
    assert_int_equal(pushed, GP_HTTP_QUEUE_MAX / sizeof piece);
}

static const struct gp_http_route routes[] = {
    {GP_HTTP_GET, "/hello", say_hello},  {GP_HTTP_GET, "/much", say_much},
    {GP_HTTP_GET, "/keep", keep},        {GP_HTTP_GET, "/stream", begin_stream},
    {GP_HTTP_GET, "/flood", flood},      {GP_HTTP_POST, "/echo", say_back},
    {GP_HTTP_GET, "/below/*", say_back}, {GP_HTTP_GET, "/coded/*", say_encoded},
};

static int start(void **state)
{
    struct scene *scene = calloc(1, sizeof *scene);

    *state = scene;
    server_start(&scene->server, routes, sizeof routes / sizeof routes[0], scene);
    return 0;
}

static int stop(void **state)
{
    struct scene *scene = *state;

    server_stop(&scene->server);
    free(scene);
    return 0;
}

static void wait_for_gone(struct scene *scene, unsigned count)
{
    for (int fd = dial(&scene->server); atomic_load(&scene->gone) < count;) {
        say(fd, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"); /* so the loop has turned */
        free(hear(fd, "hello"));
    }
}

static const struct server *of(void **state)
{
    return &((const struct scene *)*state)->server;
}

#define CLOSE "Connection: close\r\nHost: x\r\n"

/* ---------------------------------------------------------------- tests */

static void answers(void **state)
{
    expect(of(state), "GET /hello HTTP/1.1\r\n" CLOSE "\r\n", "HTTP/1.1 200");
    expect(of(state), "GET /hello HTTP/1.1\r\n" CLOSE "\r\n", "\r\n\r\nhello");
    expect(of(state), "GET /hello HTTP/1.1\r\n" CLOSE "\r\n", "x-test: yes");
    expect(of(state), "GET /hello HTTP/1.1\r\n" CLOSE "\r\n", "cache-control: no-store");
    expect(of(state), "GET /hello HTTP/1.1\r\n" CLOSE "\r\n", "default-src 'none'");
    expect(of(state), "GET /hello HTTP/1.1\r\n" CLOSE "\r\n", "x-content-type-options: nosniff");
    expect(of(state), "GET /nothing HTTP/1.1\r\n" CLOSE "\r\n", "HTTP/1.1 404");
    expect(of(state), "POST /hello HTTP/1.1\r\n" CLOSE "Content-Length: 0\r\n\r\n", "HTTP/1.1 404");
    expect(of(state), "DELETE /hello HTTP/1.1\r\n" CLOSE "\r\n", "HTTP/1.1 405");
}

static void a_head_has_a_length_and_no_body(void **state)
{
    char *answer = ask(of(state), "HEAD /hello HTTP/1.1\r\n" CLOSE "\r\n");
    const char *end = strstr(answer, "\r\n\r\n");

    assert_non_null(strstr(answer, "content-length: 5"));
    assert_non_null(end);
    assert_string_equal(end, "\r\n\r\n");
    free(answer);
}

static void one_connection_asks_often(void **state)
{
    int fd = dial(of(state));

    for (int i = 0; i < 50; i++) {
        say(fd, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
        free(hear(fd, "\r\n\r\nhello"));
        say(fd, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
        free(hear(fd, "\"length\":3}"));
    }
    (void)close(fd);
}

static void queries_are_decoded(void **state)
{
    expect(of(state), "GET /below/x?a=%E7%81%AB+%26%3D&b=2%2B2 HTTP/1.1\r\n" CLOSE "\r\n",
           "\"a\":\"火 &=\",\"b\":\"2+2\"");
    expect(of(state), "GET /below/x?a=1&&b=2 HTTP/1.1\r\n" CLOSE "\r\n", "\"a\":\"1\",\"b\":\"2\"");
    expect(of(state), "GET /below/../hello HTTP/1.1\r\n" CLOSE "\r\n", "\r\n\r\nhello");
}

static void a_change_has_its_headers_and_body(void **state)
{
    expect(of(state),
           "POST /echo HTTP/1.1\r\n" CLOSE "X-CSRF: t\r\nCookie: b=1; c=23; d=4\r\n"
           "Content-Type: application/json\r\nContent-Length: 8\r\n\r\ntext=abc",
           "\"csrf\":\"t\",\"cookie\":\"23\",\"peer\":\"127.0.0.1\",\"length\":8");
}

static void a_body_that_is_too_large_is_refused(void **state)
{
    char head[128];
    char *piece = calloc(1, 80001);
    int fd = dial(of(state));

    memset(piece, 'x', 80000);
    (void)snprintf(head, sizeof head,
                   "POST /echo HTTP/1.1\r\n" CLOSE "Content-Length: 80000\r\n\r\n");
    say(fd, head);
    say(fd, piece);
    char *answer = hear(fd, NULL);
    assert_non_null(strstr(answer, "HTTP/1.1 413"));
    free(answer);
    free(piece);
    (void)close(fd);
}

/* What follows it on the connection is no request of whoever the proxy takes next. */
static void a_body_in_chunks_ends_the_connection(void **state)
{
    int fd = dial(of(state));

    say(fd, "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            "0\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    char *answer = hear(fd, NULL);
    assert_non_null(strstr(answer, "HTTP/1.1 411"));
    assert_non_null(strstr(answer, "connection: close"));
    assert_null(strstr(answer, "hello"));
    free(answer);
    (void)close(fd);
}

static void what_is_large_comes_whole(void **state)
{
    char *answer = ask(of(state), "GET /much HTTP/1.1\r\n" CLOSE "\r\n");
    const char *body = strstr(answer, "\r\n\r\n") + 4;

    assert_int_equal(strlen(body), 3000000);
    for (size_t i = 0; i < 3000000; i++)
        assert_int_equal(body[i], 'a' + i % 23);
    free(answer);
}

static void a_stream_goes_on_until_the_peer_leaves(void **state)
{
    struct scene *scene = *state;
    int fd = dial(&scene->server);

    say(fd, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
    char *text = hear(fd, "data: 2\n\n");
    assert_non_null(strstr(text, "content-type: text/event-stream"));
    assert_non_null(strstr(text, "data: 1\n\n"));
    assert_null(strstr(text, "content-length"));
    free(text);
    (void)close(fd);
    wait_for_gone(scene, 1);
}

static void a_stream_that_nobody_reads_is_ended(void **state)
{
    struct scene *scene = *state;
    char *text = ask(&scene->server, "GET /flood HTTP/1.1\r\nHost: x\r\n\r\n");

    assert_null(strstr(text, "data: piece")); /* what had not left yet is thrown away */
    free(text);
    assert_int_equal(atomic_load(&scene->gone), 0);
}

static void who_leaves_before_the_answer_is_told_of(void **state)
{
    struct scene *scene = *state;
    int fd = dial(&scene->server);

    say(fd, "GET /keep HTTP/1.1\r\nHost: x\r\n\r\n");
    (void)close(fd);
    wait_for_gone(scene, 1);
}

static void an_end_tells_of_all_that_are_open(void **state)
{
    struct scene *scene = *state;
    const struct server *server = &scene->server;
    int kept = dial(server), stream = dial(server), half = dial(server);

    say(kept, "GET /keep HTTP/1.1\r\nHost: x\r\n\r\n");
    say(half, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
    say(stream, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
    free(hear(stream, "data: 2\n\n"));
    server_stop(&scene->server);
    assert_int_equal(atomic_load(&scene->gone), 2);
    (void)close(kept);
    (void)close(stream);
    (void)close(half);
    free(scene);
}

static int start_behind_proxy(void **state)
{
    struct scene *scene = calloc(1, sizeof *scene);

    *state = scene;
    scene->server.options.behind_proxy = true;
    server_start(&scene->server, routes, sizeof routes / sizeof routes[0], scene);
    return 0;
}

/* However much the caller has put before it. */
static void a_proxy_says_whose_request_it_is(void **state)
{
    char request[4096], before[3000];

    memset(before, 'x', sizeof before - 1);
    before[sizeof before - 1] = '\0';
    expect(of(state),
           "GET /below/x HTTP/1.1\r\n" CLOSE "X-Forwarded-For: 192.0.2.1, 203.0.113.9\r\n\r\n",
           "\"peer\":\"203.0.113.9\"");
    (void)snprintf(request, sizeof request,
                   "GET /below/x HTTP/1.1\r\n" CLOSE "X-Forwarded-For: %s, 203.0.113.9\r\n\r\n",
                   before);
    expect(of(state), request, "\"peer\":\"203.0.113.9\"");
    expect(of(state), "GET /below/x HTTP/1.1\r\n" CLOSE "\r\n", "\"peer\":\"127.0.0.1\"");
}

static void a_path_that_is_no_text_is_not_found(void **state)
{
    expect(of(state), "GET /%ff HTTP/1.1\r\n" CLOSE "\r\n", "HTTP/1.1 404");
}

static void garbage_harms_nobody(void **state)
{
    static const char *const garbage[] = {
        "\r\n\r\n",
        "GET\r\n\r\n",
        "GET /hello\r\n\r\n",
        "\x16\x03\x01\x02",
        "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /below/%00 HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\nabc",
        "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "GET /hello HTTP/9.9\r\n\r\n",
    };
    char *large = calloc(1, 20001);
    int fd;

    for (size_t i = 0; i < sizeof garbage / sizeof garbage[0]; i++) {
        fd = dial(of(state));
        say(fd, garbage[i]);
        (void)shutdown(fd, SHUT_WR);
        (void)close(fd);
    }
    memset(large, 'a', 20000);
    memcpy(large, "GET /", 5);
    fd = dial(of(state));
    (void)send(fd, large, 20000, MSG_NOSIGNAL);
    (void)close(fd);
    free(large);
    expect(of(state), "GET /hello HTTP/1.1\r\n" CLOSE "\r\n", "\r\n\r\nhello");
}

static void it_listens_where_it_was_told(void **state)
{
    const struct server *server = of(state);
    struct sockaddr_in other = {.sin_family = AF_INET,
                                .sin_port = htons(server->port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(connect(fd, (const struct sockaddr *)&other, sizeof other), -1);
    (void)close(fd);
}

/* Decoded it is what was sent, however that was encoded. */
static void path_and_query_are_had_encoded(void **state)
{
    static const char *const sent[][2] = {
        {"services/C01-01.json?locale=en", "services/C01-01.json?locale=en"},
        {"a%20b/%E4%BA%95?x", "a%20b/%E4%BA%95?x="},
        {"r?at=08:00+08:00&b=%2B%26%3d%25", "r?at=08%3A00%2008%3A00&b=%2B%26%3D%25"},
        {"r?attribute%5Bc%5D=m&attribute[c]=n", "r?attribute%5Bc%5D=m&attribute%5Bc%5D=n"},
        {"r?a=1&&b=2&c=", "r?a=1&b=2&c="},
        {"r?a=b=c", "r?a=b%3Dc"},
        {"r", "r?"},
    };

    for (size_t i = 0; i < sizeof sent / sizeof sent[0]; i++) {
        char request[512], expected[512];
        (void)snprintf(request, sizeof request,
                       "GET /coded/%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer abc\r\n"
                       "Connection: close\r\n\r\n",
                       sent[i][0]);
        (void)snprintf(expected, sizeof expected, "\r\n\r\n%s|Bearer abc", sent[i][1]);
        expect(of(state), request, expected);
    }
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(it_listens_where_it_was_told),
        WITH(answers),
        WITH(a_head_has_a_length_and_no_body),
        WITH(one_connection_asks_often),
        WITH(queries_are_decoded),
        WITH(a_change_has_its_headers_and_body),
        WITH(path_and_query_are_had_encoded),
        WITH(a_body_that_is_too_large_is_refused),
        WITH(a_body_in_chunks_ends_the_connection),
        WITH(what_is_large_comes_whole),
        WITH(a_stream_goes_on_until_the_peer_leaves),
        WITH(a_stream_that_nobody_reads_is_ended),
        WITH(who_leaves_before_the_answer_is_told_of),
        WITH(a_path_that_is_no_text_is_not_found),
        WITH(garbage_harms_nobody),
        cmocka_unit_test_setup_teardown(a_proxy_says_whose_request_it_is, start_behind_proxy, stop),
        cmocka_unit_test_setup(an_end_tells_of_all_that_are_open, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
