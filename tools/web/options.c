#include "web/options.h"

#include "web/apikey.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define LISTEN_DEFAULT "127.0.0.1:8080"

const char *argp_program_version = "gridpost-web " GP_VERSION;

enum {
    OPT_IDENTITY = 256,
    OPT_PAGES,
    OPT_VAULT,
    OPT_ORIGIN,
    OPT_OWNER,
    OPT_PROXY,
    OPT_READY,
    OPT_FOR,
    OPT_SCORE,
    OPT_DEMO,
};

static const struct argp_option arguments[] = {
    {"listen", 'l', "HOST:PORT", 0, "serve HTTP there (" LISTEN_DEFAULT "); port 0: a free one", 0},
    {"origin", OPT_ORIGIN, "URL", 0,
     "what browsers call this server, such as https://board.example.gov.cn; without it only "
     "browsers on this machine may change anything",
     0},
    {"behind-proxy", OPT_PROXY, NULL, 0, "believe X-Forwarded-For of the proxy in front", 0},
    {"socket", 's', "ADDR", 0,
     "the daemon's socket, ipc:///PATH (the identity's, or the usual one)", 1},
    {"identity", OPT_IDENTITY, "FILE", 0,
     "this server's device, of role bridge (/var/lib/gridpost-web/identity)", 1},
    {"via", OPT_OWNER, "PERSON", 0, "whose device that is: `via` in org/users.csv (web)", 1},
    {"config", 'c', "DIR", 0, "the city's configuration (/etc/gridpost)", 1},
    {"pages", OPT_PAGES, "DIR", 0, "the pages (" GP_PAGESDIR ")", 1},
    {"secrets", OPT_VAULT, "FILE", 0, "users' secrets (/var/lib/gridpost-web/secrets)", 1},
    {"score", OPT_SCORE, "FILE", 0,
     "score and rank assessments by the weights of this file, such as assess.yaml", 1},
    {"demo-user", OPT_DEMO, "USER", 0,
     "for a trial on this machine: print a link that signs USER in, once; only while the daemon is "
     "a drill",
     1},
    {"ready-file", OPT_READY, "FILE", 0, "write the port there when it can be called", 1},
    {"for", OPT_FOR, "PURPOSE", 0, "of a key: what it is good for, open311 or metrics", 1},
    {0},
};

static const char doc[] =
    "Serves gridpost's pages, Open311 and metrics over HTTP.\v"
    "Without words it serves. With words it keeps the secrets of users and programs:\n\n"
    "  password USER   set the password, read from standard input\n"
    "  totp USER       make a new one-time code secret and show it\n"
    "  remove USER     forget both; sessions end within seconds\n"
    "  key NAME --for open311\n"
    "                  make a key with which a program reports; it is shown once\n"
    "  key NAME USER --for metrics\n"
    "                  the same, with which it reads /metrics for that user\n"
    "  remove-key NAME forget it; it is void within seconds\n"
    "  list            who has what\n\n"
    "Who a user is and what they may stands in org/users.csv.";

static void read_listen(struct argp_state *state, const char *text, struct gp_web_options *options)
{
    const char *colon = strrchr(text, ':');
    char *end;

    if (colon == NULL || colon == text || (size_t)(colon - text) >= sizeof options->host) {
        argp_error(state, "--listen %s: write HOST:PORT", text);
        return;
    }
    const char *host = text;
    size_t len = (size_t)(colon - text);
    if (host[0] == '[' && host[len - 1] == ']') {
        host++;
        len -= 2;
    }
    memcpy(options->host, host, len);
    options->host[len] = '\0';
    unsigned long port = strtoul(colon + 1, &end, 10);
    if (colon[1] < '0' || colon[1] > '9' || *end != '\0' || port > 65535)
        argp_error(state, "--listen %s: the port is a number up to 65535", text);
    options->port = (uint16_t)port;
}

static void check_origin(struct argp_state *state, const char *origin)
{
    const char *host = strstr(origin, "://");

    if ((strncmp(origin, "https://", 8) != 0 && strncmp(origin, "http://", 7) != 0) ||
        host[3] == '\0' || strchr(host + 3, '/') != NULL)
        argp_error(state, "--origin %s: write https://NAME, without a path", origin);
}

static bool is_loopback(const char *host)
{
    return strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0;
}

/* Its link is as good as a password, and travels as it is. */
static void check_demo(struct argp_state *state, const struct gp_web_options *options)
{
    if (options->demo_user[0] == '\0')
        return;
    if (!is_loopback(options->host))
        argp_error(state, "--demo-user listens at a loopback address only, not at %s",
                   options->host);
    if (options->behind_proxy || options->origin[0] != '\0')
        argp_error(state, "--demo-user goes with neither --origin nor --behind-proxy");
}

static const struct {
    const char *word;
    enum gp_web_act act;
    unsigned names; /* that may follow */
} words[] = {{"password", GP_WEB_PASSWORD, 1},     {"totp", GP_WEB_TOTP, 1},
             {"remove", GP_WEB_REMOVE, 1},         {"key", GP_WEB_KEY, 2},
             {"remove-key", GP_WEB_REMOVE_KEY, 1}, {"list", GP_WEB_LIST, 0}};

static error_t read_word(struct argp_state *state, const char *word, struct gp_web_options *options)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (state->arg_num == 0 && strcmp(word, words[i].word) == 0) {
            options->act = words[i].act;
            return 0;
        }
        if (state->arg_num > 0 && words[i].act == options->act && state->arg_num > words[i].names)
            return ARGP_ERR_UNKNOWN;
    }
    if (state->arg_num == 0)
        argp_error(state, "%s? see --help", word);
    if (state->arg_num == 1)
        options->name = word;
    else
        options->user = word;
    return 0;
}

static void check_words(struct argp_state *state, const struct gp_web_options *options)
{
    bool named = options->act != GP_WEB_SERVE && options->act != GP_WEB_LIST;

    if (named && options->name == NULL)
        argp_error(state, "whose?");
    if ((options->act == GP_WEB_KEY) != (options->key_purpose != 0))
        argp_error(state, "a key is made with --for, and only a key is");
    if (options->act == GP_WEB_KEY &&
        (options->key_purpose == GP_APIKEY_METRICS) != (options->user[0] != '\0'))
        argp_error(state, "a key for metrics speaks for a user, another one for none");
}

static error_t on_argument(int key, char *value, struct argp_state *state)
{
    struct gp_web_options *options = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->open311;
        break;
    case 'l':
        read_listen(state, value, options);
        break;
    case 's':
        options->socket = value;
        break;
    case 'c':
        options->config = value;
        break;
    case OPT_IDENTITY:
        options->identity = value;
        break;
    case OPT_PAGES:
        options->pages = value;
        break;
    case OPT_VAULT:
        options->vault = value;
        break;
    case OPT_ORIGIN:
        check_origin(state, value);
        options->origin = value;
        break;
    case OPT_OWNER:
        options->owner = value;
        break;
    case OPT_PROXY:
        options->behind_proxy = true;
        break;
    case OPT_SCORE:
        options->score = value;
        break;
    case OPT_DEMO:
        options->demo_user = value;
        break;
    case OPT_READY:
        options->ready = value;
        break;
    case OPT_FOR:
        if (!gp_apikey_purpose_of(value, &options->key_purpose))
            argp_error(state, "--for %s: open311 or metrics", value);
        break;
    case ARGP_KEY_ARG:
        return read_word(state, value, options);
    case ARGP_KEY_END:
        check_words(state, options);
        check_demo(state, options);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

void gp_web_options_parse(int argc, char **argv, struct gp_web_options *ret_options)
{
    static const struct argp_child children[] = {
        {&gp_web_open311_argp, 0, "Open311, served where a user is named for it:", 2}, {0}};
    static const struct argp parser = {.options = arguments,
                                       .parser = on_argument,
                                       .args_doc = "[WORD [NAME…]]",
                                       .doc = doc,
                                       .children = children};

    *ret_options = (struct gp_web_options){
        .host = "127.0.0.1",
        .port = 8080,
        .socket = "",
        .identity = "/var/lib/gridpost-web/identity",
        .config = "/etc/gridpost",
        .pages = GP_PAGESDIR,
        .vault = "/var/lib/gridpost-web/secrets",
        .origin = "",
        .owner = "web",
        .score = "",
        .demo_user = "",
        .ready = "",
        .user = "",
    };
    argp_err_exit_status = EX_USAGE;
    (void)argp_parse(&parser, argc, argv, 0, NULL, ret_options); /* exits on a mistake */
}
