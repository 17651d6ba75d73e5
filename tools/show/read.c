/* What people type, to any of the programs. */
#include "show/show.h"

bool gp_read_number(const char *text, uint64_t *ret_value)
{
    uint64_t value = 0;

    for (const char *at = text; *at != '\0'; at++) {
        if (*at < '0' || *at > '9' || value > UINT64_MAX / 10 - 9)
            return false;
        value = value * 10 + (uint64_t)(*at - '0');
    }
    *ret_value = value;
    return text[0] != '\0' && value > 0;
}
