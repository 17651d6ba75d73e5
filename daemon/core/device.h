/**
 * Devices: who may speak to the daemon. A device is a key pair that was made on a handset, on an
 * admin's machine or for a bridge; it belongs to a person and has a role. Its public key, and what
 * became of it, is state of the store.
 *
 *        invite            join                confirm
 *     ───────────▶ INVITED ─────▶ PENDING ───────────────▶ ACTIVE
 *                     │              │                       │  ▲
 *                     └──── revoke ──┴──────▶ REVOKED ◀──────┘  └── by file (org/devices.csv)
 *
 * An invitation is used once. A revoked device stays revoked, and its key is never taken again.
 */
#ifndef GP_CORE_DEVICE_H
#define GP_CORE_DEVICE_H

#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

#define GP_ROLES(X)                                                                                \
    X(GP_ROLE_OFFICER, 1, "officer")                                                               \
    X(GP_ROLE_DISPATCHER, 2, "dispatcher")                                                         \
    X(GP_ROLE_READER, 3, "reader")   /* of a department */                                         \
    X(GP_ROLE_HANDLER, 4, "handler") /* of a department */                                         \
    X(GP_ROLE_ADMIN, 5, "admin")                                                                   \
    X(GP_ROLE_SUPERVISOR, 6, "supervisor")                                                         \
    X(GP_ROLE_AUDITOR, 7, "auditor")                                                               \
    X(GP_ROLE_BRIDGE, 8, "bridge") /* speaks for the user that it names */

enum gp_role {                    /* stored and on the wire: only ever append */
               GP_ROLE_LOCAL = 0, /* nobody's: an unsealed message on the local socket */
#define X(name, number, text) name = (number),
               GP_ROLES(X)
#undef X
                   GP_ROLES_END
};

/** "officer" …; "?" for a number that is none. Thread: any. */
const char *gp_role_name(int role);
/** GP_ROLE_LOCAL: it is none. */
int gp_role_parse(struct gp_span text);

#define GP_DEVICE_STATES(X)                                                                        \
    X(GP_DEVICE_INVITED, 1, "invited") /* has no key yet */                                        \
    X(GP_DEVICE_PENDING, 2, "pending") /* has joined; somebody must compare the six digits */      \
    X(GP_DEVICE_ACTIVE, 3, "active")                                                               \
    X(GP_DEVICE_REVOKED, 4, "revoked")

enum gp_device_state { /* stored and on the wire: only ever append */
                       GP_DEVICE_NONE = 0,
#define X(name, number, text) name = (number),
                       GP_DEVICE_STATES(X)
#undef X
};

/** "invited" …; "?" for a number that is none. Thread: any. */
const char *gp_device_state_name(int state);
/** GP_DEVICE_NONE: it is none. */
int gp_device_state_parse(struct gp_span text);

#define GP_DEVICE_KEY_BYTES 32

struct gp_device {
    uint64_t id;                            /* dense, from 1; 0: none */
    struct gp_span person, label;           /* label: what the device calls itself; "" */
    uint8_t role;                           /* enum gp_role */
    uint8_t state;                          /* enum gp_device_state */
    unsigned char key[GP_DEVICE_KEY_BYTES]; /* X25519, public; zeros: none yet */
    int64_t invited_ms, expires_ms;         /* of the invitation; 0: enrolled by file */
    int64_t joined_ms, confirmed_ms, revoked_ms;
    uint32_t digits; /* the six that both sides show, from PENDING on */
    struct gp_span invited_by, confirmed_by, revoked_by; /* persons; "": by file, or not yet */
};

/* A row of org/devices.csv: a device that is active as soon as the file is in force. */
struct gp_device_row {
    struct gp_span person, label;
    uint8_t role; /* enum gp_role */
    unsigned char key[GP_DEVICE_KEY_BYTES];
};

/** Whether a device has a key: none while it is invited, nor when it was revoked before it joined.
 * Thread: any. */
bool gp_device_has_key(const struct gp_device *device);

#endif
