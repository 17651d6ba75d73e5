#include "base/error.h"

#include <errno.h>

int gp_errno(void)
{
    switch (errno) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG: /* RLIMIT_FSIZE */
        return GP_ENOSPC;
    case ENOMEM:
        return GP_ENOMEM;
    case EMFILE: /* others have them all for the moment */
    case ENFILE:
        return GP_EAGAIN;
    case ENOENT:
        return GP_ENOTFOUND;
    default:
        return GP_EIO;
    }
}

const char *gp_error_text(int error)
{
    switch (error) {
    case 0:
        return "no error";
#define X(name, number, text)                                                                      \
    case number:                                                                                   \
        return text;
        GP_ERRORS(X)
#undef X
    default:
        return "unknown error";
    }
}

const char *gp_error_name(int error)
{
    switch (error) {
    case 0:
        return "GP_OK";
#define X(name, number, text)                                                                      \
    case number:                                                                                   \
        return #name;
        GP_ERRORS(X)
#undef X
    default:
        return "GP_E?";
    }
}
