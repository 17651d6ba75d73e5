/**
 * Main settings, gridpost.yaml: one table of key, type, default, range and unit (settings.c).
 */
#ifndef GP_ORG_SETTINGS_H
#define GP_ORG_SETTINGS_H

#include "org/finding.h"

#include <stdbool.h>
#include <stdint.h>

struct gp_settings {
    char *socket; /* nanomsg address of the intake: "ipc:///run/gridpost/gridpost.ipc" */
    char *
        edge_socket; /* "" or "ipc://…": the same for sealed messages only, what the gate reaches */
    char *socket_tcp;    /* "" or "tcp://127.0.0.1:PORT": loopback only, refused otherwise */
    char *hint_socket;   /* "" or "ipc://…": PUB, content-free */
    char *store;         /* directory */
    char *keys;          /* directory of the server's keys */
    char *backup_dir;    /* "" or a directory, of `store` as the settings name it */
    int64_t backup_keep; /* so many of the newest stay */
    int64_t store_map_mib;
    int64_t store_reserve_mib; /* of the data file, taken ahead of use */
    int64_t batch_items_max;
    int64_t clock_jump_max_ms, clock_start_max_ms;
    int64_t drain_ms_max;             /* shutdown: how long answers may take to leave */
    char *default_calendar;           /* for areas none of whose ancestors names one */
    char *log_level;                  /* error, warning, info, debug */
    int64_t personal_days;            /* what `gridpost erase --config` takes as old enough */
    int64_t device_rate, person_rate; /* sealed requests a minute, and at once */
    int64_t bridge_rate;              /* the same, of a device of role bridge instead of both */
    int64_t sessions_max;             /* live at a time */
};

/**
 * Reads gridpost.yaml of a configuration folder; a missing file gives the defaults.
 *
 * Errors: GP_ECONFIG: findings say why; GP_ENOMEM, GP_EAGAIN: no descriptor is free
 */
int gp_settings_load(const char *folder, struct gp_findings *findings,
                     struct gp_settings *ret_settings);
/** Whether an address is tcp on loopback with a port from 1 to 65535. */
bool gp_settings_loopback(struct gp_span text);
/** Whether a path is a folder or lies inside it, by their names: no link is followed. Both begin at
 * the root, or at the same place. */
bool gp_settings_inside(const char *path, const char *folder);

void gp_settings_release(struct gp_settings *settings);

#endif
