#include "web/open311/form.h"

#include "base/error.h"

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int decode(struct gp_span raw, bool plus, struct gp_arena *arena, struct gp_span *ret_text)
{
    char *text = gp_arena_alloc(arena, raw.len + 1);
    struct gp_span decoded = {text, 0};

    if (text == NULL)
        return GP_ENOMEM;
    for (size_t i = 0; i < raw.len; i++) {
        char c = raw.ptr[i];
        if (c == '%') {
            int high = i + 1 < raw.len ? hex(raw.ptr[i + 1]) : -1;
            int low = i + 2 < raw.len ? hex(raw.ptr[i + 2]) : -1;
            if (high < 0 || low < 0)
                return GP_EFORMAT;
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus) {
            c = ' ';
        }
        text[decoded.len++] = c;
    }
    if (!gp_utf8_valid(decoded))
        return GP_EUTF8;
    *ret_text = decoded;
    return 0;
}

int gp_open311_decode(struct gp_span raw, struct gp_arena *arena, struct gp_span *ret_text)
{
    return decode(raw, false, arena, ret_text);
}

/* What stands before a byte, which is cut off with it. */
static struct gp_span cut(struct gp_span *rest, char at)
{
    const char *end = rest->len > 0 ? memchr(rest->ptr, at, rest->len) : NULL;
    struct gp_span front = {rest->ptr, end != NULL ? (size_t)(end - rest->ptr) : rest->len};
    size_t used = front.len + (end != NULL);

    *rest = (struct gp_span){used < rest->len ? rest->ptr + used : NULL, rest->len - used};
    return front;
}

int gp_open311_form_read(struct gp_span raw, struct gp_arena *arena,
                         struct gp_open311_form *ret_form)
{
    struct gp_open311_form form = {0};

    form.field = gp_arena_zalloc(arena, GP_OPEN311_FIELDS_MAX, sizeof *form.field);
    if (form.field == NULL)
        return GP_ENOMEM;
    while (raw.len > 0) {
        struct gp_span value = cut(&raw, '&'), name = cut(&value, '=');
        if (name.len == 0)
            continue;
        if (form.count == GP_OPEN311_FIELDS_MAX)
            return GP_ELIMIT;
        struct gp_open311_field *field = &form.field[form.count++];
        int rc = decode(name, true, arena, &field->name);
        if (rc == 0)
            rc = decode(value, true, arena, &field->value);
        if (rc != 0)
            return rc;
    }
    *ret_form = form;
    return 0;
}

struct gp_span gp_open311_form_get(const struct gp_open311_form *form, const char *name)
{
    for (uint32_t i = 0; i < form->count; i++) {
        if (form->field[i].value.len > 0 && gp_span_is(form->field[i].name, name))
            return form->field[i].value;
    }
    return (struct gp_span){0};
}

/* Whether a name is attribute[code] or attribute[code][]. */
static bool is_attribute(struct gp_span name, struct gp_span code)
{
    static const char before[] = "attribute[";
    const size_t len = sizeof before - 1;

    if (name.len < len + code.len + 1 || memcmp(name.ptr, before, len) != 0 ||
        memcmp(name.ptr + len, code.ptr, code.len) != 0)
        return false;
    struct gp_span behind = {name.ptr + len + code.len, name.len - len - code.len};
    return gp_span_is(behind, "]") || gp_span_is(behind, "][]");
}

struct gp_span gp_open311_form_attribute(const struct gp_open311_form *form, const char *code)
{
    for (uint32_t i = 0; i < form->count; i++) {
        if (form->field[i].value.len > 0 && is_attribute(form->field[i].name, gp_span_of(code)))
            return form->field[i].value;
    }
    return (struct gp_span){0};
}

bool gp_open311_list_next(struct gp_span *list, struct gp_span *ret_value)
{
    while (list->len > 0) {
        struct gp_span value = cut(list, ',');
        while (value.len > 0 && value.ptr[0] == ' ')
            value = (struct gp_span){value.ptr + 1, value.len - 1};
        while (value.len > 0 && value.ptr[value.len - 1] == ' ')
            value.len--;
        if (value.len > 0) {
            *ret_value = value;
            return true;
        }
    }
    return false;
}

bool gp_open311_number(struct gp_span text, uint64_t most, uint64_t *ret_number)
{
    uint64_t number = 0;

    if (text.len == 0 || text.len > 19) /* 19 digits fit */
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        number = number * 10 + (uint64_t)(text.ptr[i] - '0');
    }
    if (number > most)
        return false;
    *ret_number = number;
    return true;
}

bool gp_open311_degrees(struct gp_span text, int most, int32_t *ret_degrees_e7)
{
    bool minus = text.len > 0 && text.ptr[0] == '-', point = false;
    unsigned whole = 0, places = 0;
    int64_t value = 0;

    for (size_t i = minus ? 1 : 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '.' && !point) {
            point = true;
        } else if (c < '0' || c > '9' || (!point && ++whole > 3)) {
            return false;
        } else if (!point || places < 7) {
            value = value * 10 + (c - '0');
            places += point;
        } else if (places++ == 7) {
            value += c >= '5';
        }
    }
    if (whole == 0)
        return false;
    for (; places < 7; places++)
        value *= 10;
    if (value > most * INT64_C(10000000))
        return false;
    *ret_degrees_e7 = (int32_t)(minus ? -value : value);
    return true;
}
