/**
 * Error codes of gridpost. Functions return 0 or one of these negative numbers; the
 * single X-macro below is the only place where code, number and text are written.
 *
 * Domain refusals ("you are not the owner") are not errors: see core/reason.h.
 */
#ifndef GP_BASE_ERROR_H
#define GP_BASE_ERROR_H

#define GP_ERRORS(X)                                                                               \
    X(GP_EINVAL, -1, "invalid argument")                                                           \
    X(GP_ENOMEM, -2, "out of memory")                                                              \
    X(GP_EIO, -3, "input/output error")                                                            \
    X(GP_ENOSPC, -4, "no space left")                                                              \
    X(GP_ENOTFOUND, -5, "not found")                                                               \
    X(GP_EEXIST, -6, "already there")                                                              \
    X(GP_ELIMIT, -7, "over a limit")                                                               \
    X(GP_EUTF8, -8, "text is not UTF-8")                                                           \
    X(GP_EFORMAT, -9, "malformed")                                                                 \
    X(GP_EVERSION, -10, "unknown format version")                                                  \
    X(GP_ECORRUPT, -11, "stored data is damaged")                                                  \
    X(GP_ELOCKED, -12, "in use by another process")                                                \
    X(GP_EMODE, -13, "drill and real stores must not be mixed")                                    \
    X(GP_EAGAIN, -14, "try again later")                                                           \
    X(GP_ETIMEDOUT, -15, "timed out")                                                              \
    X(GP_ECONFIG, -16, "configuration is not usable")                                              \
    X(GP_ECLOSED, -17, "closed")                                                                   \
    X(GP_EDENIED, -18, "this device is not known to the server (revoked?)")                        \
    X(GP_EPENDING, -19, "this device waits for confirmation")                                      \
    X(GP_EYIELD, -20, "gave way: the store's disk is nearly full")

enum gp_error {
#define X(name, number, text) name = (number),
    GP_ERRORS(X)
#undef X
};

/**
 * The last errno of a call on files, in our words; GP_EIO for whatever has no word of its own.
 * Where no descriptor was free: GP_EAGAIN. A file above RLIMIT_FSIZE: GP_ENOSPC.
 *
 * Thread: any
 */
int gp_errno(void);

/**
 * Returns the English text of an error code; "unknown error" for anything else.
 *
 * Thread:   any
 * Lifetime: static storage
 */
const char *gp_error_text(int error);

/**
 * Returns the name of an error code, such as "GP_EIO"; "GP_E?" for anything else.
 *
 * Thread:   any
 * Lifetime: static storage
 */
const char *gp_error_name(int error);

#endif
