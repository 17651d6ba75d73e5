#include "core/area.h"

#include "base/error.h"
#include "base/limits.h"

static uint64_t power_of_ten(int exponent)
{
    uint64_t value = 1;
    while (exponent-- > 0)
        value *= 10;
    return value;
}

int gp_area_parse(struct gp_span code, struct gp_area_ref *ret_area)
{
    uint64_t value = 0;

    if (code.len < 2 || code.len > GP_AREA_DIGITS_MAX || code.ptr[0] == '0')
        return GP_EFORMAT;
    for (size_t i = 0; i < code.len; i++) {
        if (code.ptr[i] < '0' || code.ptr[i] > '9')
            return GP_EFORMAT;
        value = value * 10 + (uint64_t)(code.ptr[i] - '0');
    }
    *ret_area = (struct gp_area_ref){
        .padded = value * power_of_ten(GP_AREA_DIGITS_MAX - (int)code.len),
        .digits = (uint8_t)code.len,
        .level = GP_LEVEL_NONE,
    };
    return 0;
}

void gp_area_format(struct gp_area_ref area, char ret_code[16])
{
    uint64_t value = area.padded;
    int digits = area.digits > GP_AREA_DIGITS_MAX ? GP_AREA_DIGITS_MAX : area.digits;

    value /= power_of_ten(GP_AREA_DIGITS_MAX - digits);
    for (int i = digits - 1; i >= 0; i--, value /= 10)
        ret_code[i] = (char)('0' + value % 10);
    ret_code[digits] = '\0';
}

void gp_area_range(struct gp_area_ref area, uint64_t *ret_first, uint64_t *ret_end)
{
    *ret_first = area.padded;
    *ret_end = area.padded + power_of_ten(GP_AREA_DIGITS_MAX - area.digits);
}

bool gp_area_covers(struct gp_area_ref outer, struct gp_area_ref inner)
{
    uint64_t first, end;

    gp_area_range(outer, &first, &end);
    return inner.padded >= first && inner.padded < end && inner.digits >= outer.digits;
}
