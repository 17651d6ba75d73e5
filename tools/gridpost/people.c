#include "gridpost/people.h"

#include "base/arena.h"
#include "base/clocktext.h"

#include <inttypes.h>
#include <stdlib.h>

#define GP_PEOPLE_BYTES_MAX ((size_t)64 * 1024 * 1024)

void gp_people_read_end(const char *value, int64_t *ret_ms, struct argp_state *state)
{
    int64_t day;

    gp_cli_read_time(value, ret_ms, state);
    if (gp_date_parse(gp_span_of(value), &day) == 0)
        *ret_ms += GP_MS_DAY;
}

static bool midnight(int64_t ms)
{
    return (ms + gp_show_zone(ms)) % GP_MS_DAY == 0;
}

const char *gp_people_interval(int64_t from_ms, int64_t to_ms)
{
    static char text[2 * GP_CLI_TIME_BYTES + 8];
    char from[GP_CLI_TIME_BYTES], to[GP_CLI_TIME_BYTES] = "";
    bool open = to_ms == INT64_MAX;
    bool whole = midnight(from_ms) && (open || midnight(to_ms));

    gp_cli_time_text(from_ms, from);
    if (!open)
        gp_cli_time_text(whole ? to_ms - GP_MS_DAY : to_ms, to);
    (void)snprintf(text, sizeof text, "%.*s – %.*s", whole ? 10 : 16, from, whole ? 10 : 16, to);
    return text;
}

/* ---------------------------------------------------------------- pages */

static struct gp_span copy(struct gp_people_list *list, struct gp_span text)
{
    return text.len > 0 ? gp_arena_copy(&list->arena, text) : (struct gp_span){"", 0};
}

static void copy_leave(struct gp_people_list *list, const struct gp_leave_record *from)
{
    struct gp_leave_record *to = &list->leave[list->leave_count++];

    *to = *from;
    to->person = copy(list, from->person);
    to->standin = copy(list, from->standin);
    to->first_approver = copy(list, from->first_approver);
    to->override_reason = copy(list, from->override_reason);
    to->source = copy(list, from->source);
}

static void copy_holding(struct gp_people_list *list, const struct gp_tenure *from)
{
    struct gp_tenure *to = &list->holding[list->holding_count++];

    *to = *from;
    to->post = copy(list, from->post);
    to->person = copy(list, from->person);
}

static bool make_room(struct gp_people_list *list)
{
    size_t room = list->room + 4 * GP_PAGE_ROWS_MAX;
    void *leaves = realloc(list->leave, room * sizeof *list->leave);

    if (leaves != NULL)
        list->leave = leaves;
    void *holdings = realloc(list->holding, room * sizeof *list->holding);
    if (holdings != NULL)
        list->holding = holdings;
    if (leaves == NULL || holdings == NULL)
        return false;
    list->room = room;
    return true;
}

static bool copy_page(struct gp_people_list *list, const struct gp_reply *page)
{
    size_t most = list->leave_count + list->holding_count + GP_PAGE_ROWS_MAX;

    if (list->room < most && !make_room(list))
        return false;
    for (uint32_t i = 0; i < page->leaves.count; i++)
        copy_leave(list, &page->leaves.item[i]);
    for (uint32_t i = 0; i < page->leaves.holding_count; i++)
        copy_holding(list, &page->leaves.holding[i]);
    return true;
}

int gp_people_ask(struct gp_cli *cli, struct gp_leaves_ask ask, struct gp_people_list *list)
{
    struct gp_request request = {.kind = GP_REQUEST_LEAVES, .leaves = ask};
    struct gp_reply reply;

    gp_arena_init(&list->arena, GP_PEOPLE_BYTES_MAX);
    request.leaves.limit = GP_PAGE_ROWS_MAX;
    do {
        int code = gp_cli_call(cli, &request, 0, &reply);
        if (code != GP_EXIT_DONE)
            return code;
        if (!copy_page(list, &reply)) {
            fprintf(stderr, "gridpost: %s\n", gp_error_text(GP_ENOMEM));
            return GP_EXIT_FAILED;
        }
        request.leaves.after = reply.leaves.next;
    } while (reply.leaves.next != 0);
    return GP_EXIT_DONE;
}

void gp_people_release(struct gp_people_list *list)
{
    free(list->leave);
    free(list->holding);
    gp_arena_release(&list->arena);
    *list = (struct gp_people_list){0};
}

/* ---------------------------------------------------------------- one leave */

void gp_people_print_leave(const struct gp_cli *cli, const struct gp_leave_record *leave)
{
    if (cli->json) {
        gp_cli_print_json(gp_show_leave(leave));
        return;
    }
    printf("%5" PRIu64 "  ", leave->id);
    gp_cli_cell(leave->person, 14);
    gp_cli_cell(gp_span_of(gp_people_interval(leave->from_ms, leave->to_ms)), 36);
    gp_cli_cell(gp_span_of(_(gp_leave_state_name(leave->state))), 12);
    gp_cli_cell(leave->standin, 14);
    if (leave->state == GP_LEAVE_REQUESTED && leave->first_approver.len > 0)
        printf(_("approved by %.*s, a second approval is needed"),
               GP_SPAN_ARG(leave->first_approver));
    putchar('\n');
}
