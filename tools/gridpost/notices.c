/* Notices of an incident: the recipients of its entries, and what later entries say of them. */
#include "gridpost/show.h"

#include <inttypes.h>
#include <stdlib.h>

static struct gp_notice_row *new_row(struct gp_notices *notices)
{
    if (notices->count == notices->room) {
        size_t room = notices->room > 0 ? 2 * notices->room : 64;
        struct gp_notice_row *row = realloc(notices->row, room * sizeof *row);
        if (row == NULL)
            return NULL;
        notices->row = row;
        notices->room = room;
    }
    return &notices->row[notices->count++];
}

static bool add_recipients(struct gp_notices *notices, const struct gp_entry *entry)
{
    for (uint8_t i = 0; i < entry->recipient_count; i++) {
        const struct gp_recipient *to = &entry->recipient[i];
        struct gp_notice_row *row = new_row(notices);
        if (row == NULL)
            return false;
        *row = (struct gp_notice_row){.seq = entry->seq,
                                      .at_ms = entry->at_ms,
                                      .name = gp_show_entry_name(entry),
                                      .path = to->path};
        (void)snprintf(row->person, sizeof row->person, "%.*s", GP_SPAN_ARG(to->person));
        (void)snprintf(row->capacity, sizeof row->capacity, "%s", to->capacity);
    }
    return true;
}

/* The newest word about a notice counts. */
static void mark_delivered(struct gp_notices *notices, const struct gp_entry *entry)
{
    for (size_t i = 0; entry->ref_count > 0 && i < notices->count; i++) {
        struct gp_notice_row *row = &notices->row[i];
        if (row->seq == entry->ref_seq[0] && gp_span_is(entry->subject, row->person))
            row->delivery = (uint8_t)gp_delivery_parse(entry->text);
    }
}

static int add_entries(struct gp_notices *notices, const struct gp_reply *reply)
{
    for (uint32_t i = 0; i < reply->feed.count; i++) {
        const struct gp_entry *entry = reply->feed.item[i];
        if (entry->what == GP_WHAT_DELIVERED)
            mark_delivered(notices, entry);
        else if (!add_recipients(notices, entry)) {
            fputs(_("gridpost: out of memory\n"), stderr);
            return GP_EXIT_FAILED;
        }
    }
    return GP_EXIT_DONE;
}

int gp_notices_read(struct gp_cli *cli, uint64_t incident, struct gp_notices *ret_notices)
{
    struct gp_request request = {.kind = GP_REQUEST_FEED, .feed = {.filter.incident = incident}};
    struct gp_reply reply;
    int code;

    *ret_notices = (struct gp_notices){0};
    do {
        code = gp_cli_call(cli, &request, 0, &reply);
        if (code == GP_EXIT_DONE)
            code = add_entries(ret_notices, &reply);
        if (code != GP_EXIT_DONE)
            return code;
        request.feed.after = reply.feed.scanned_to;
    } while (reply.feed.scanned_to < reply.feed.head);
    return GP_EXIT_DONE;
}

void gp_notices_release(struct gp_notices *notices)
{
    free(notices->row);
    *notices = (struct gp_notices){0};
}

void gp_notices_print(const struct gp_notices *notices)
{
    puts(_("notices"));
    for (size_t i = 0; i < notices->count; i++) {
        const struct gp_notice_row *row = &notices->row[i];
        char at[GP_CLI_TIME_BYTES];
        gp_cli_time_text(row->at_ms, at);
        printf("%7" PRIu64 "  %s  ", row->seq, at);
        gp_cli_cell(gp_span_of(_(row->name)), 13);
        gp_cli_cell(gp_span_of(row->person), 12);
        gp_cli_cell(gp_span_of(row->capacity), 12);
        gp_cli_cell(gp_span_of(_(gp_path_name(row->path))), 9);
        puts(row->delivery != 0 ? _(gp_delivery_name(row->delivery)) : "-");
    }
}

json_t *gp_notices_json(const struct gp_notices *notices)
{
    json_t *list = json_array();

    for (size_t i = 0; i < notices->count; i++) {
        const struct gp_notice_row *row = &notices->row[i];
        json_t *one = json_object();
        json_object_set_new(one, "seq", json_integer((json_int_t)row->seq));
        json_object_set_new(one, "at", gp_show_time(row->at_ms, gp_show_zone(row->at_ms)));
        json_object_set_new(one, "name", json_string(row->name));
        json_object_set_new(one, "person", json_string(row->person));
        json_object_set_new(one, "capacity", json_string(row->capacity));
        json_object_set_new(one, "path", json_string(gp_path_name(row->path)));
        json_object_set_new(one, "delivery",
                            row->delivery != 0 ? json_string(gp_delivery_name(row->delivery))
                                               : json_null());
        json_array_append_new(list, one);
    }
    return list;
}
