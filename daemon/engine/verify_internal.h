/**
 * What the files of checking share. Nothing outside engine/ includes this.
 */
#ifndef GP_ENGINE_VERIFY_INTERNAL_H
#define GP_ENGINE_VERIFY_INTERNAL_H

#include "engine/internal.h"
#include "engine/verify.h"

/** Tells of a row. */
void gp_say_row(const struct gp_verify *verify, enum gp_flaw_kind kind, enum gp_table table,
                struct gp_span key, const char *text);

/** Tells of an entry. */
void gp_say_entry(const struct gp_verify *verify, enum gp_flaw_kind kind, uint64_t seq,
                  const char *text);

/** Errors that end a check, and no finding. */
static inline bool gp_is_ours(int rc)
{
    return rc == GP_ENOMEM || rc == GP_EIO || rc == GP_ENOSPC || rc == GP_EAGAIN;
}

/** Every so many rows or entries somebody is told how far it is. */
#define GP_VERIFY_STEP 4096

static inline void gp_verify_progress(const struct gp_verify *verify, uint64_t done, uint64_t of)
{
    if (verify->progress != NULL && (done % GP_VERIFY_STEP == 0 || done == of))
        verify->progress(verify->context, done, of);
}

#endif
