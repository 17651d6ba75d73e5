/** What gridpost-web is started with. */
#ifndef GP_WEB_OPTIONS_H
#define GP_WEB_OPTIONS_H

#include "core/area.h"

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

/* How the city is shown by Open311; docs/OPEN311.md. Texts are "" where they were not given. */
struct gp_web_open311_options {
    const char *user; /* of org/users.csv: reads and reports for all; "": there is no Open311 */
    const char *jurisdiction, *contact, *key_service, *fallback_grid;
    struct gp_area_ref area; /* padded 0: the whole directory */
    uint8_t texts;           /* enum gp_open311_texts */
    uint8_t language;        /* enum gp_open311_language */
    bool test;               /* discovery says that this is no production */
};

struct gp_web_options {
    char host[64];        /* numeric address to listen at, … */
    uint16_t port;        /* … and the port; 0: one that is free */
    const char *socket;   /* "": the identity's address, or else the usual one */
    const char *identity; /* file */
    const char *config;   /* folder, as the daemon's */
    const char *pages;    /* folder */
    const char *vault;    /* file of users' secrets */
    const char *origin; /* "https://board.example.gov.cn": what browsers call us; "": as they say */
    const char *owner;  /* person under whom our device is enrolled: `via` in users.csv */
    const char *score;  /* file of weights; "": none */
    const char *ready;  /* file that gets the port when we listen; "": none */
    const char *demo_user; /* whom a link signs in, of a drill on this machine; "": nobody */
    bool behind_proxy;
    struct gp_web_open311_options open311;
    /* What to do beside serving: 0, or one of the words about secrets. */
    enum gp_web_act {
        GP_WEB_SERVE,
        GP_WEB_PASSWORD,
        GP_WEB_TOTP,
        GP_WEB_REMOVE,
        GP_WEB_KEY,
        GP_WEB_REMOVE_KEY,
        GP_WEB_LIST
    } act;
    const char *name;    /* whose: a user's, or a key's */
    const char *user;    /* of a key: for whom it speaks; "": nobody */
    uint8_t key_purpose; /* of a key: enum gp_apikey_purpose */
};

/** Ends the process with a message where they are wrong (exit 64), and for --help. */
void gp_web_options_parse(int argc, char **argv, struct gp_web_options *ret_options);

/** The options of Open311 alone, whose input is a struct gp_web_open311_options. */
extern const struct argp gp_web_open311_argp;

#endif
