/**
 * gridpost-web as a whole: what its rooms share. One thread, one loop. A client of the daemon that
 * has a device of role bridge and speaks for whoever has signed in; it sees no store, and the
 * daemon decides what a user may.
 */
#ifndef GP_WEB_WEB_H
#define GP_WEB_WEB_H

#include "client/async.h"
#include "org/directory.h"
#include "web/files.h"
#include "web/geometry.h"
#include "web/http.h"
#include "web/options.h"
#include "web/sign.h"
#include "web/vault.h"
#include "web/weights.h"

#include <sys/stat.h>

#define GP_WEB_ASK_MS      10000 /* the daemon may take to answer one question */
#define GP_WEB_ASSESS_MS   30000 /* … and besides, to count an assessment */
#define GP_WEB_LOOK_MS     2000  /* between two looks at the daemon's status */
#define GP_WEB_CONNECTIONS 1024

/* What the daemon said last about itself. */
struct gp_web_daemon {
    bool known; /* it has answered at least once, and does */
    bool drill;
    uint32_t rate;  /* of its clock */
    int64_t now_ms; /* its clock, at … */
    uint64_t at_ms; /* … this of ours (uv_now); before the first answer: the start */
    uint64_t head;
    char digest[65]; /* of its directory */
};

/* Open311 as a whole: how much of it is under way, and what it was since the start. */
struct gp_web_open311 {
    struct gp_pace *pace;
    struct gp_area_ref area; /* what is shown of the directory; padded 0: all */
    unsigned under_way;
    uint64_t calls[2]; /* that were taken on: GET, POST */
    uint64_t limited, busy;
};

struct gp_web {
    const struct gp_web_options *options;
    uv_loop_t loop;
    struct gp_http *http;
    struct gp_async *async;
    struct gp_files *files;
    struct gp_sign *sign;
    struct gp_vault vault;
    struct stat vault_file; /* of which it was read; st_ino 0: of none */
    struct gp_directory *directory;
    char digest[65];              /* of `directory` */
    int64_t changed_ms;           /* when its newest file was written */
    struct gp_geometry *geometry; /* outlines of areas; the same one for good */
    struct gp_web_daemon daemon;
    uv_timer_t look;
    uv_signal_t on_term, on_int, on_hup;
    struct gp_web_open311 open311;
    struct gp_web_weights *weights;
    struct gp_ask *asks;               /* calls of the pages that are under way */
    struct gp_turn *turns;             /* of assessments; the first one is being counted */
    struct gp_counting *books;         /* workbooks; the first one is being written */
    unsigned countings;                /* assessments under way */
    char demo_key[GP_SIGN_TOKEN_TEXT]; /* of the link of --demo-user; "": none, or used up */
    unsigned hashing;                  /* passwords in the pool */
    bool asked;                        /* for the status, under way */
    bool silent;                       /* the last time there was no answer, and the log has it */
    bool away; /* nobody listens at the daemon's socket, and the streams know */
    bool stopping;
    int exit_code;
};

/** Serves until a signal. Returns the process's exit code. */
int gp_web_run(const struct gp_web_options *options);

/** The words about users' secrets. Returns the process's exit code. */
int gp_web_secrets(const struct gp_web_options *options);

static inline const struct gp_org *gp_web_org(const struct gp_web *web)
{
    return gp_directory_org(web->directory);
}

/** The daemon's clock now, as far as is known. */
int64_t gp_web_now(const struct gp_web *web);

/** An entry was written then: so late it is at least, even if the daemon's clock has been set since
 * the last look at it. */
void gp_web_heard(struct gp_web *web, int64_t at_ms);

/** The index of a user who has signed in, in the directory of now; GP_NONE: no user any more. */
uint32_t gp_web_user(const struct gp_web *web, const char *user);

#endif
