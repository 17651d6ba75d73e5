/**
 * A client's line to the daemon, which outlives the daemon: plain, or sealed as a device that says
 * hello again whenever its session is gone. Nothing here waits. One message is under way at a time,
 * and nanomsg sends it again by itself over a new connection. Over the same one it would have to
 * wait for a minute: the second answer could be handed out as another one's (client/letter.h).
 *
 * Every function fails the running test when it cannot do what it says.
 */
#ifndef GP_TESTS_CRASH_LINE_H
#define GP_TESTS_CRASH_LINE_H

#include "lib/sealed.h"

struct line {
    int socket, readable;  /* nanomsg's, and a descriptor to poll */
    struct sealed *device; /* NULL: plain; after sealed_enrol, the line's from line_open on */
    struct gp_noise noise; /* of a hello that is under way … */
    bool greeting, known;  /* … and whether there is a session */
};

enum line_event { LINE_NOTHING, LINE_ANSWER, LINE_LOST, LINE_WELCOME };

/** Connects, also where nobody listens yet. */
void line_open(struct line *line, const char *address, struct sealed *device);
void line_close(struct line *line);

/** Gives the connection up for a new one; what was under way is to be sent again. */
void line_renew(struct line *line, const char *address);

/** Sends a packed request; without a session it says hello instead, and LINE_WELCOME tells when to
 * send it again. */
void line_send(struct line *line, struct gp_span packed);

/**
 * Takes what has come. LINE_LOST: the session is gone, LINE_WELCOME: there is one; send again.
 *
 * Ensures: with LINE_ANSWER *ret_reply lies in the arena, which was reset
 */
enum line_event line_receive(struct line *line, struct gp_arena *arena, struct gp_reply *ret_reply);

#endif
