/* The incidents behind the figure `overdue`, for the workbook. */
#include "report/book.h"

#include "base/error.h"

#include <assert.h>
#include <stdlib.h>

void gp_overdues_init(struct gp_overdues *overdues, size_t bytes_max)
{
    *overdues = (struct gp_overdues){0};
    gp_arena_init(&overdues->arena, bytes_max);
}

void gp_overdues_release(struct gp_overdues *overdues)
{
    free(overdues->row);
    gp_arena_release(&overdues->arena);
}

static bool grow(struct gp_overdues *overdues)
{
    uint32_t room = overdues->room == 0 ? 64 : overdues->room * 2;
    struct gp_overdue_row *row = realloc(overdues->row, room * sizeof *row);

    if (row == NULL)
        return false;
    overdues->row = row;
    overdues->room = room;
    return true;
}

/* False: there was no room. */
static bool copy(struct gp_overdues *overdues, struct gp_span from, struct gp_span *to)
{
    *to = gp_arena_copy(&overdues->arena, from);
    return to->ptr != NULL || from.len == 0;
}

int gp_overdues_add(struct gp_overdues *overdues, const struct gp_assess_case *found)
{
    if (overdues->count == overdues->room && !grow(overdues))
        return GP_ENOMEM;
    struct gp_overdue_row *row = &overdues->row[overdues->count];
    *row = (struct gp_overdue_row){.incident = found->incident};
    if (!copy(overdues, found->unit, &row->unit))
        return GP_ENOMEM;
    overdues->count++;
    return 0;
}

int gp_overdues_tell(struct gp_overdues *overdues, uint32_t row, const struct gp_incident *incident)
{
    assert(row < overdues->count);
    struct gp_overdue_row *to = &overdues->row[row];

    if (!copy(overdues, incident->row.code, &to->category) ||
        !copy(overdues, incident->row.condition, &to->condition) ||
        !copy(overdues, incident->overdue_post, &to->post))
        return GP_ENOMEM;
    to->area = incident->area;
    to->due_ms = incident->overdue_ms;
    to->state = incident->state;
    return 0;
}
