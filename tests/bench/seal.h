/**
 * One device for the bench: it is enrolled by an unsealed client, and all requests of the bench go
 * through its session. What fails ends the process with a word about it.
 */
#ifndef GP_TESTS_BENCH_SEAL_H
#define GP_TESTS_BENCH_SEAL_H

#include "trust/session.h"

/** Invites, joins and confirms at `local`, which believes who speaks, and says hello at `address`.
 */
void seal_join(const char *local, const char *address);

/** Revokes the device: a person may have eight. */
void seal_leave(const char *local);

/** The envelope of a request. Lifetime: until the next call. */
struct gp_span seal_request(struct gp_span request, struct gp_asked *ret_asked);

/** The answer in an envelope. Lifetime: until the next call. */
struct gp_span seal_open(const struct gp_asked *asked, struct gp_span message);

#endif
