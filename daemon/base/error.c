#include "base/error.h"

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
