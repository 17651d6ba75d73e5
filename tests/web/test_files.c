/* The pages' files: types, packed forms, ETags, and what is not served. */
#include "web/files.h"

#include "web/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct scene {
    struct server server;
    struct gp_files *files;
    char folder[32];
};

static void serve(struct gp_exchange *exchange, void *context)
{
    const struct scene *scene = context;

    if (!gp_files_serve(scene->files, exchange, gp_http_path(exchange)))
        gp_http_refuse(exchange, 404, "not_found", "no such file");
}

static const struct gp_http_route routes[] = {{GP_HTTP_GET, "/*", serve}};

static void put(const struct scene *scene, const char *name, const char *text)
{
    char path[128];

    (void)snprintf(path, sizeof path, "%s/%s", scene->folder, name);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static void make_folder(struct scene *scene)
{
    char path[128];

    (void)snprintf(scene->folder, sizeof scene->folder, "/tmp/gp-files-XXXXXX");
    assert_non_null(mkdtemp(scene->folder));
    (void)snprintf(path, sizeof path, "%s/js", scene->folder);
    assert_int_equal(mkdir(path, 0700), 0);
}

static const char *const names[] = {"index.html", "js/app.js", "js/app.js.gz", ".hidden.js",
                                    "notes.md",   "link.js",   "style.css"};

static void remove_folder(const struct scene *scene)
{
    char path[128];

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", scene->folder, names[i]);
        (void)unlink(path);
    }
    (void)snprintf(path, sizeof path, "%s/js", scene->folder);
    (void)rmdir(path);
    assert_int_equal(rmdir(scene->folder), 0);
}

static int start(void **state)
{
    struct scene *scene = calloc(1, sizeof *scene);
    char link[128];

    *state = scene;
    make_folder(scene);
    put(scene, "index.html", "<!doctype html>");
    put(scene, "js/app.js", "export const a = 1;");
    put(scene, "js/app.js.gz", "(packed)");
    put(scene, ".hidden.js", "hidden");
    put(scene, "notes.md", "notes");
    put(scene, "style.css", "a{}");
    (void)snprintf(link, sizeof link, "%s/link.js", scene->folder);
    assert_int_equal(symlink("/etc/hostname", link), 0);
    assert_int_equal(gp_files_read(scene->folder, &scene->files), 0);
    server_start(&scene->server, routes, 1, scene);
    return 0;
}

static int stop(void **state)
{
    struct scene *scene = *state;

    server_stop(&scene->server);
    gp_files_free(scene->files);
    remove_folder(scene);
    free(scene);
    return 0;
}

#define GET(path) "GET " path " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
#define WITH_HEAD(path, head)                                                                      \
    "GET " path " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" head "\r\n\r\n"

static void files_come_with_their_type(void **state)
{
    const struct scene *scene = *state;

    assert_int_equal(gp_files_count(scene->files), 3);
    expect(&scene->server, GET("/index.html"), "content-type: text/html; charset=utf-8");
    expect(&scene->server, GET("/index.html"), "<!doctype html>");
    expect(&scene->server, GET("/js/app.js"), "content-type: text/javascript; charset=utf-8");
    expect(&scene->server, GET("/js/app.js"), "export const a = 1;");
    expect(&scene->server, GET("/style.css"), "content-type: text/css; charset=utf-8");
    expect(&scene->server, GET("/style.css"), "cache-control: no-cache");
}

static void packed_ones_are_for_who_takes_them(void **state)
{
    const struct server *server = &((const struct scene *)*state)->server;

    expect(server, WITH_HEAD("/js/app.js", "Accept-Encoding: deflate, gzip;q=0.8"), "(packed)");
    expect(server, WITH_HEAD("/js/app.js", "Accept-Encoding: gzip"), "content-encoding: gzip");
    expect(server, WITH_HEAD("/js/app.js", "Accept-Encoding: gzip"), "vary: accept-encoding");
    expect(server, WITH_HEAD("/js/app.js", "Accept-Encoding: gzip;q=0, br"), "export");
    expect(server, WITH_HEAD("/js/app.js", "Accept-Encoding: xgzip, gzipx"), "export");
    expect(server, WITH_HEAD("/style.css", "Accept-Encoding: gzip"), "a{}");
}

static void a_file_that_is_known_is_not_sent_again(void **state)
{
    const struct server *server = &((const struct scene *)*state)->server;
    char request[256];
    char *answer = ask(server, GET("/style.css"));
    char *etag = strstr(answer, "etag: ");

    assert_non_null(etag);
    *strstr(etag, "\r\n") = '\0';
    (void)snprintf(request, sizeof request, WITH_HEAD("/style.css", "If-None-Match: %s"), etag + 6);
    char *again = ask(server, request);
    assert_non_null(strstr(again, "HTTP/1.1 304"));
    assert_null(strstr(again, "a{}"));
    free(again);
    free(answer);
    expect(server, WITH_HEAD("/style.css", "If-None-Match: \"other\""), "a{}");
}

static void nothing_else_is_served(void **state)
{
    const struct server *server = &((const struct scene *)*state)->server;

    expect(server, GET("/.hidden.js"), "HTTP/1.1 404");
    expect(server, GET("/notes.md"), "HTTP/1.1 404");
    expect(server, GET("/link.js"), "HTTP/1.1 404");
    expect(server, GET("/js/app.js.gz"), "HTTP/1.1 404");
    expect(server, GET("/js"), "HTTP/1.1 404");
    expect(server, GET("/js/"), "HTTP/1.1 404");
    expect(server, GET("/../../etc/hostname"), "HTTP/1.1 404");
    expect(server, GET("/%2e%2e/%2e%2e/etc/hostname"), "HTTP/1.1 404");
}

static void a_folder_without_pages_is_refused(void **state)
{
    struct scene scene = {0};
    struct gp_files *files = NULL;

    (void)state;
    make_folder(&scene);
    put(&scene, "style.css", "a{}");
    assert_int_equal(gp_files_read(scene.folder, &files), GP_ENOTFOUND);
    put(&scene, "index.html", "");
    assert_int_equal(gp_files_read(scene.folder, &files), 0);
    gp_files_free(files);
    assert_int_equal(gp_files_read("/nowhere/at/all", &files), GP_ENOTFOUND);
    remove_folder(&scene);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(files_come_with_their_type),
        WITH(packed_ones_are_for_who_takes_them),
        WITH(a_file_that_is_known_is_not_sent_again),
        WITH(nothing_else_is_served),
        cmocka_unit_test(a_folder_without_pages_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
