/*
 * The files of the folder:
 *
 *   000000000000002a.log                    a raw segment, by its number
 *   0000000000000001-00000000000186a0.seg   a sealed one, by its first and last seq
 *   spare-0.log spare-1.log                 zeros, for the segments to come
 *   cut-000000000000002a-0001f000.bin       what was cut from a raw segment, and from where
 *   *.tmp                                   under way; of no use after a crash
 */
#include "store/log/internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Exactly 16 lower-case hex digits, as names are compared by machines too. */
static bool parse_hex(const char *text, uint64_t *ret_value)
{
    static const char digits[] = "0123456789abcdef";
    uint64_t value = 0;

    for (int i = 0; i < 16; i++) {
        const char *digit = text[i] != '\0' ? strchr(digits, text[i]) : NULL;
        if (digit == NULL)
            return false;
        value = (value << 4) | (uint64_t)(digit - digits);
    }
    *ret_value = value;
    return true;
}

static bool ends(const char *name, size_t at, const char *with)
{
    return strlen(name) > at && strcmp(name + at, with) == 0;
}

static bool parse_spare(const char *name, uint64_t *ret_place)
{
    if (strncmp(name, "spare-", 6) != 0 || name[6] < '0' || name[6] >= '0' + GP_SPARES_MAX)
        return false;
    *ret_place = (uint64_t)(name[6] - '0');
    return ends(name, 7, ".log");
}

struct gp_file_name gp_name_parse(const char *name)
{
    struct gp_file_name parsed = {.kind = GP_FILE_OTHER};
    size_t len = strlen(name);

    if (len >= 4 && ends(name, len - 4, ".tmp"))
        parsed.kind = GP_FILE_TMP;
    else if (parse_spare(name, &parsed.a))
        parsed.kind = GP_FILE_SPARE;
    else if (parse_hex(name, &parsed.a) && ends(name, 16, ".log"))
        parsed.kind = GP_FILE_RAW;
    else if (parse_hex(name, &parsed.a) && name[16] == '-' && parse_hex(name + 17, &parsed.b) &&
             ends(name, 33, ".seg"))
        parsed.kind = GP_FILE_SEALED;
    return parsed;
}

void gp_name_raw(uint64_t number, char ret_name[GP_WAL_NAME_BYTES])
{
    (void)snprintf(ret_name, GP_WAL_NAME_BYTES, "%016" PRIx64 ".log", number);
}

void gp_name_sealed(uint64_t first, uint64_t last, char ret_name[GP_WAL_NAME_BYTES])
{
    (void)snprintf(ret_name, GP_WAL_NAME_BYTES, "%016" PRIx64 "-%016" PRIx64 ".seg", first, last);
}

void gp_name_spare(unsigned place, char ret_name[GP_WAL_NAME_BYTES])
{
    (void)snprintf(ret_name, GP_WAL_NAME_BYTES, "spare-%u.log", place);
}

void gp_name_cut(uint64_t number, uint64_t offset, char ret_name[GP_WAL_NAME_BYTES])
{
    (void)snprintf(ret_name, GP_WAL_NAME_BYTES, "cut-%016" PRIx64 "-%08" PRIx64 ".bin", number,
                   offset);
}
