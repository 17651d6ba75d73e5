/**
 * A fake daemon with a few devices: what enrol, join, devices, revoke and their kin talk to.
 */
#ifndef GP_TESTS_TOOLS_OFFICE_H
#define GP_TESTS_TOOLS_OFFICE_H

#include "tools/run.h"

#include "trust/invitation.h"
#include "trust/receipt.h"

#define OFFICE_DEVICES 3

struct office {
    struct run run; /* first: run_end takes an office */
    struct sealed sealed;
    struct gp_device device[OFFICE_DEVICES]; /* numbers 16, 17, 18 */
    unsigned joins_after; /* so many looks at device 17 find it still invited; then it is pending */
    char invitation[GP_INVITATION_TEXT];
    struct gp_reply refusal;    /* of commands; status 0: none */
    unsigned entries, break_at; /* of the journal; the entry at which its chain breaks, or 0 */
};

/** cmocka's set-up: the office listens, and the command is a device that it knows. */
int office_set_up(void **state);

/** The nth request that was a command, unpacked. Lifetime: the arena's, which this makes. */
struct gp_command office_command(const struct office *office, unsigned nth,
                                 struct gp_arena *ret_arena);

/** The hash that the office says an entry has. */
void office_hash(uint64_t seq, unsigned char ret_hash[GP_DIGEST_BYTES]);

/** Fails the test unless the text has this part. */
void office_contains(const char *text, const char *part);

#endif
