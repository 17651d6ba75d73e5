/**
 * A guest: a connection from the network, from accept to close. It is let in when the caps allow
 * it, must open as SP does and in time, and is answered with our side's opening; what happens then
 * is its kind's matter: a link to the daemon, or a follower of hints.
 */
#ifndef GP_GATE_GUEST_H
#define GP_GATE_GUEST_H

#include "base/frame.h"
#include "base/ring.h"

#include <stdint.h>
#include <sys/socket.h>
#include <uv.h>

struct gp_gate;
struct gp_guest;

struct gp_guest_kind {
    enum gp_sp theirs, ours; /* what the two sides speak */
    size_t bytes;            /* of the struct that begins with the guest */
    /* The opening came and was answered; nothing is read from now on. */
    void (*on_open)(struct gp_guest *guest);
    /* Under which count an open guest must end now; NULL: it may stay. */
    uint64_t *(*overdue)(struct gp_guest *guest, uint64_t now_ms);
    /* Whether a message is on its way, so that the gate's end waits a little for it. */
    bool (*busy)(const struct gp_guest *guest);
    /* An open guest ends: stop what is under way, and close or hold what other handles it has. */
    void (*on_end)(struct gp_guest *guest);
};

struct gp_guest {
    uv_tcp_t tcp; /* its data and that of every other handle of a guest: the guest */
    struct gp_gate *gate;
    const struct gp_guest_kind *kind;
    struct gp_ring guests; /* all of the gate's */
    uint64_t key;          /* by which its address is counted */
    uint64_t since_ms;     /* when it was accepted */
    unsigned handles;      /* that are not closed yet */
    uint8_t opening_len;
    unsigned char opening[GP_SP_BYTES];
    bool open, ending;
};

/** Takes over a descriptor that was accepted: refuses it, or makes a guest of it. */
void gp_guest_accept(struct gp_gate *gate, const struct gp_guest_kind *kind, int fd,
                     const struct sockaddr *address);

/** Ends a guest in order, under a count of the gate's. One that is ending already stays so. */
void gp_guest_end(struct gp_guest *guest, uint64_t *count);

/** Ends it with a reset: it is hostile or broken, and shall cost nothing any more. */
void gp_guest_expel(struct gp_guest *guest, uint64_t *count);

/** Closes one more handle of a guest that ends; the guest's memory goes with the last. */
void gp_guest_close(struct gp_guest *guest, uv_handle_t *handle);

/** The same in two steps: the guest's memory and its place in the caps stay until the second. */
void gp_guest_hold(struct gp_guest *guest);
void gp_guest_close_held(struct gp_guest *guest, uv_handle_t *handle);

/** Ends it if it has taken longer than it may. */
void gp_guest_tick(struct gp_guest *guest, uint64_t now_ms);

/** Whether a message is on its way. */
bool gp_guest_busy(const struct gp_guest *guest);

#endif
