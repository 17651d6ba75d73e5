#include "replay/table.h"

#include "core/org.h"

#include <stdlib.h>
#include <string.h>

static uint32_t hash(const char *text)
{
    return gp_post_key(gp_span_of(text));
}

static int grow_slots(struct gp_names *names)
{
    uint32_t count = names->slot_count == 0 ? 64 : names->slot_count * 2;
    uint32_t *slot = calloc(count, sizeof *slot);

    if (slot == NULL)
        return -1;
    for (uint32_t i = 0; i < names->count; i++) {
        uint32_t at = hash(names->item[i]) & (count - 1);
        while (slot[at] != 0)
            at = (at + 1) & (count - 1);
        slot[at] = i + 1;
    }
    free(names->slot);
    names->slot = slot;
    names->slot_count = count;
    return 0;
}

static uint32_t append(struct gp_names *names, const char *text)
{
    if (names->count == names->capacity) {
        uint32_t capacity = names->capacity == 0 ? 32 : names->capacity * 2;
        char **item = realloc(names->item, capacity * sizeof *item);
        if (item == NULL)
            return UINT32_MAX;
        names->item = item;
        names->capacity = capacity;
    }
    names->item[names->count] = strdup(text);
    return names->item[names->count] != NULL ? names->count++ : UINT32_MAX;
}

uint32_t gp_names_number(struct gp_names *names, const char *text)
{
    uint32_t at, number;

    if (names->count * 2 >= names->slot_count && grow_slots(names) != 0)
        return UINT32_MAX;
    for (at = hash(text) & (names->slot_count - 1); names->slot[at] != 0;
         at = (at + 1) & (names->slot_count - 1)) {
        if (strcmp(names->item[names->slot[at] - 1], text) == 0)
            return names->slot[at] - 1;
    }
    number = append(names, text);
    if (number != UINT32_MAX)
        names->slot[at] = number + 1;
    return number;
}
