/* --demo-user: a trial on one machine, where a link that is good once signs a user of a drill in.
 * What keeps it from anything else: the options refuse it beside an address that others reach, and
 * on_status ends the process when the daemon is no drill. */
#include "web/api.h"

#include "base/log.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define KEY_BYTES 32

static_assert(2 * KEY_BYTES + 1 == GP_SIGN_TOKEN_TEXT, "a key is as long as a session's token");

/* An admin needs a second factor, and a link has none. */
static bool may_come(const struct gp_web *web)
{
    const char *user = web->options->demo_user;
    uint32_t at = gp_web_user(web, user);

    return at != GP_NONE && gp_web_org(web)->users[at].role != GP_ROLE_ADMIN &&
           gp_vault_find(&web->vault, user) != NULL;
}

int gp_demo_begin(struct gp_web *web)
{
    const struct gp_web_options *options = web->options;
    unsigned char key[KEY_BYTES];

    if (options->demo_user[0] == '\0')
        return 0;
    if (!may_come(web)) {
        gp_log(GP_LOG_ERROR, "demo", "%s: no user with a password, or an admin",
               options->demo_user);
        return GP_ECONFIG;
    }
    randombytes_buf(key, sizeof key);
    (void)sodium_bin2hex(web->demo_key, sizeof web->demo_key, key, sizeof key);
    bool is_ipv6 = strchr(options->host, ':') != NULL;
    printf("http://%s%s%s:%u/demo?key=%s\n", is_ipv6 ? "[" : "", options->host, is_ipv6 ? "]" : "",
           gp_http_port(web->http), web->demo_key);
    return fflush(stdout) == 0 ? 0 : GP_EIO;
}

static bool fits(const struct gp_web *web, const char *key)
{
    return web->demo_key[0] != '\0' && key != NULL && strlen(key) == sizeof web->demo_key - 1 &&
           sodium_memcmp(key, web->demo_key, sizeof web->demo_key - 1) == 0;
}

static void let_in(struct gp_exchange *exchange, struct gp_web *web)
{
    struct gp_signed *session;

    sodium_memzero(web->demo_key, sizeof web->demo_key);
    if (gp_api_begin_session(exchange, web, web->options->demo_user, &session) == 0)
        gp_log(GP_LOG_INFO, "demo", "%s is signed in; the link is used up", session->user);
}

/* Whoever comes with a link that is used up gets the pages, and there their session or the sign-in.
 */
void gp_api_demo(struct gp_exchange *exchange, void *context)
{
    struct gp_web *web = context;

    if (web->options->demo_user[0] == '\0') {
        gp_http_refuse(exchange, 404, "not_found", gp_http_path(exchange));
        return;
    }
    if (!web->daemon.known || !web->daemon.drill) {
        gp_http_refuse(exchange, 503, "unavailable", "the daemon has not said that it is a drill");
        return;
    }
    if (gp_http_method(exchange) == GP_HTTP_GET && fits(web, gp_http_query(exchange, "key")) &&
        may_come(web))
        let_in(exchange, web);
    gp_http_add(exchange, "location:", "/");
    gp_http_reply(exchange, 303, NULL, (struct gp_span){0});
}
