/**
 * A device for tests: it joins, says hello and seals by trust/, over a REQ socket of its own. The
 * bytes that went can be had, to be sent again. Every function fails the running test when it
 * cannot do what it says.
 */
#ifndef GP_TESTS_LIB_SEALED_H
#define GP_TESTS_LIB_SEALED_H

#include "lib/client.h"
#include "trust/handshake.h"
#include "trust/invitation.h"
#include "trust/session.h"

#define SEALED_BYTES_MAX (GP_MESSAGE_BYTES_MAX + GP_ENVELOPE_OVERHEAD)

struct sealed {
    int socket;
    struct gp_keypair own;
    unsigned char server[GP_KEY_BYTES], sign[GP_KEY_BYTES];
    uint64_t device;
    uint32_t digits;           /* of the join */
    struct gp_welcome welcome; /* the last one */
    struct gp_channel channel;
    unsigned char sent[SEALED_BYTES_MAX]; /* the last request as it went */
    size_t sent_len;
    struct gp_asked asked;
    struct gp_arena arena; /* of the last answer, and of the request as it was packed */
    struct gp_span packed;
};

/** A device with a fresh key, connected to an address. */
void sealed_open(struct sealed *device, const char *address);
void sealed_close(struct sealed *device);

/** Another connection of the same device: what waits on the old one is forgotten. */
void sealed_reconnect(struct sealed *device, const char *address);

/** Invites by an unsealed client that speaks for the admin `feng`; returns the invitation. */
struct gp_invitation sealed_invite(struct client *client, const char *person, uint8_t role);

/** Joins by an invitation; the status in device->welcome is for the test to judge. */
void sealed_join(struct sealed *device, const struct gp_invitation *invitation);

/** Confirms by the unsealed client. */
void sealed_confirm(struct client *client, const struct sealed *device);

/** All of it: invited, joined, confirmed, and a session. */
void sealed_enrol(struct sealed *device, struct client *client, const char *address,
                  const char *person, uint8_t role);

/** Revokes by the unsealed client. */
void sealed_revoke(struct client *client, uint64_t device);

/** Says hello; returns the status, and has a session where it is GP_WELCOME_OK. */
int sealed_hello(struct sealed *device);

/** Seals and sends; the next answer is one to this. */
void sealed_send(struct sealed *device, const struct gp_request *request);

/** Sends bytes over the device's socket. */
void sealed_send_bytes(struct sealed *device, const void *bytes, size_t len);

/** The next message as it came; the caller gives it back to nanomsg. len -1: none in wait_ms. */
void *sealed_receive_bytes(struct sealed *device, int wait_ms, int *ret_len);

/** The answer to what was sent, opened. */
struct gp_reply sealed_receive(struct sealed *device);

/** Whether the next message is AGAIN for the device's session. */
bool sealed_gets_again(struct sealed *device);

struct gp_reply sealed_ask(struct sealed *device, const struct gp_request *request);

/* ---------------------------------------------------------------- many at once */

/** Seals and sends over a crowd's connections; what answers it is *ret_asked. */
void sealed_send_by(struct sealed *device, struct crowd *crowd, uint32_t number,
                    const struct gp_request *request, struct gp_asked *ret_asked);

/** Opens a crowd's next answer, which must be one to the device; `asked` is by number. Returns the
 * number. */
uint32_t sealed_receive_by(struct sealed *device, struct crowd *crowd, const struct gp_asked *asked,
                           struct gp_reply *ret_reply);

#endif
