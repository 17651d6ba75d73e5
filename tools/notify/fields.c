#include "notify/fields.h"

#define GP_FIELDS_MAX   40
#define GP_FIELD_DIGITS 15

static void set_text(struct gp_yaml *yaml, const char **member, struct gp_span text)
{
    char *copy = gp_arena_alloc(yaml->loader->arena, text.len + 1);

    if (copy == NULL) {
        yaml->loader->error = GP_ENOMEM;
        return;
    }
    if (text.len > 0)
        memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    *member = copy;
}

static bool set_choice(const struct gp_field *field, struct gp_span text, int *member)
{
    for (int i = 0; field->choices[i] != NULL; i++) {
        if (gp_span_is(text, field->choices[i])) {
            *member = i;
            return true;
        }
    }
    return false;
}

/* False: it does not fit the table. */
static bool set(struct gp_yaml *yaml, const struct gp_field *field, struct gp_span text, void *to)
{
    void *member = (char *)to + field->offset;
    int64_t value;

    switch (field->kind) {
    case GP_FIELD_TEXT:
        if ((field->good != NULL && !field->good(text)) || (int64_t)text.len < field->min ||
            (int64_t)text.len > field->max)
            return false;
        set_text(yaml, member, text);
        return true;
    case GP_FIELD_CHOICE:
        return set_choice(field, text, member);
    case GP_FIELD_NUMBER:
    case GP_FIELD_DURATION:
        if (!(field->kind == GP_FIELD_NUMBER ? gp_word_whole(text, GP_FIELD_DIGITS, &value)
                                             : gp_word_duration(text, &value)) ||
            value < field->min || value > field->max)
            return false;
        memcpy(member, &value, sizeof value);
        return true;
    case GP_FIELD_OTHER:
        return true;
    }
    return false;
}

static void read_field(struct gp_yaml *yaml, yaml_node_t *mapping, const struct gp_field *field,
                       void *to)
{
    if (field->kind == GP_FIELD_OTHER)
        return;
    if (gp_yaml_get(yaml, mapping, field->key) != NULL) {
        if (!set(yaml, field, gp_yaml_get_text(yaml, mapping, field->key), to))
            gp_yaml_find_key(yaml, mapping, field->key, "not a value of this setting",
                             field->remedy);
    } else if (field->fallback == NULL) {
        gp_yaml_find_key(yaml, mapping, field->key, "missing", field->remedy);
    }
}

/* Defaults come first: a finding then leaves something that can be looked at. */
static void set_fallbacks(struct gp_yaml *yaml, const struct gp_field *fields, void *to)
{
    for (const struct gp_field *field = fields; field->key != NULL; field++) {
        const char *fallback = field->fallback;
        if (field->kind == GP_FIELD_TEXT)
            set_text(yaml, (const char **)(void *)((char *)to + field->offset),
                     gp_span_of(fallback != NULL ? fallback : ""));
        else if (fallback != NULL && fallback[0] != '\0')
            (void)set(yaml, field, gp_span_of(fallback), to); /* the table's own fits it */
    }
}

void gp_fields_read(struct gp_yaml *yaml, yaml_node_t *mapping, const struct gp_field *fields,
                    void *to)
{
    const char *keys[GP_FIELDS_MAX + 1] = {NULL};
    size_t count = 0;

    set_fallbacks(yaml, fields, to);
    for (; fields[count].key != NULL && count < GP_FIELDS_MAX; count++)
        keys[count] = fields[count].key;
    if (mapping == NULL)
        return;
    gp_yaml_known(yaml, mapping, keys);
    for (size_t i = 0; i < count; i++)
        read_field(yaml, mapping, &fields[i], to);
}
