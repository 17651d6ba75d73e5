#include "wire/forms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* What the engine allows for looking at one stored record. */
#define STORED_CEILING ((size_t)256 * 1024)

static int read_request(struct gp_span bytes, struct gp_arena *arena)
{
    struct gp_request request;
    const char *field = NULL;
    int rc = gp_wire_request_unpack(bytes, arena, &request, &field);

    if (rc != 0)
        assert_non_null(field);
    return rc;
}

static int read_reply(struct gp_span bytes, struct gp_arena *arena)
{
    struct gp_reply reply;
    return gp_wire_reply_unpack(bytes, arena, &reply);
}

static int read_entry(struct gp_span bytes, struct gp_arena *arena)
{
    static struct gp_entry entry;
    return gp_wire_entry_unpack(bytes, arena, &entry);
}

static int read_incident(struct gp_span bytes, struct gp_arena *arena)
{
    static struct gp_incident incident;
    return gp_wire_incident_unpack(bytes, arena, &incident);
}

static int read_device(struct gp_span bytes, struct gp_arena *arena)
{
    struct gp_device device;
    return gp_wire_device_unpack(bytes, arena, &device);
}

static int make_request(int kind, struct gp_arena *arena, struct gp_span *ret_bytes)
{
    return gp_wire_request_pack(sample_request((enum gp_request_kind)kind), arena, ret_bytes);
}

static int make_reply(int kind, struct gp_arena *arena, struct gp_span *ret_bytes)
{
    return gp_wire_reply_pack(sample_reply((enum gp_reply_kind)kind), arena, ret_bytes);
}

static int make_entry(int kind, struct gp_arena *arena, struct gp_span *ret_bytes)
{
    (void)kind; /* there is one */
    return gp_wire_entry_pack(sample_entry(), arena, ret_bytes);
}

static int make_incident(int kind, struct gp_arena *arena, struct gp_span *ret_bytes)
{
    (void)kind; /* there is one */
    return gp_wire_incident_pack(sample_incident(), arena, ret_bytes);
}

static int make_device(int kind, struct gp_arena *arena, struct gp_span *ret_bytes)
{
    (void)kind; /* there is one */
    return gp_wire_device_pack(&sample_entry()->device, arena, ret_bytes);
}

#define REQUEST(text, number)                                                                      \
    {                                                                                              \
        text, &gp__request__descriptor, GP_UNPACK_BYTES_MAX, GP_MESSAGE_BYTES_MAX, read_request,   \
            make_request, number                                                                   \
    }
#define REPLY(text, number)                                                                        \
    {                                                                                              \
        text, &gp__reply__descriptor, GP_REPLY_UNPACK_BYTES_MAX, GP_REPLY_BYTES_MAX, read_reply,   \
            make_reply, number                                                                     \
    }

const struct form forms[] = {
    REQUEST("request command", GP_REQUEST_COMMAND),
    REQUEST("request query", GP_REQUEST_QUERY),
    REQUEST("request incident", GP_REQUEST_INCIDENT),
    REQUEST("request feed", GP_REQUEST_FEED),
    REQUEST("request status", GP_REQUEST_STATUS),
    REQUEST("request roster", GP_REQUEST_ROSTER),
    REQUEST("request assess", GP_REQUEST_ASSESS),
    REQUEST("request leaves", GP_REQUEST_LEAVES),
    REQUEST("request devices", GP_REQUEST_DEVICES),
    REQUEST("request verify", GP_REQUEST_VERIFY),
    REQUEST("request head", GP_REQUEST_HEAD),
    REQUEST("request backup", GP_REQUEST_BACKUP),
    REQUEST("request figures", GP_REQUEST_FIGURES),
    REQUEST("request summary", GP_REQUEST_SUMMARY),
    REQUEST("request control", GP_REQUEST_CONTROL),
    REQUEST("request who", GP_REQUEST_WHO),
    REPLY("reply answer", GP_REPLY_ANSWER),
    REPLY("reply page", GP_REPLY_PAGE),
    REPLY("reply incident", GP_REPLY_INCIDENT),
    REPLY("reply feed", GP_REPLY_FEED),
    REPLY("reply status", GP_REPLY_STATUS),
    REPLY("reply roster", GP_REPLY_ROSTER),
    REPLY("reply assess", GP_REPLY_ASSESS),
    REPLY("reply leaves", GP_REPLY_LEAVES),
    REPLY("reply devices", GP_REPLY_DEVICES),
    REPLY("reply verified", GP_REPLY_VERIFIED),
    REPLY("reply head", GP_REPLY_HEAD),
    REPLY("reply backup", GP_REPLY_BACKUP),
    REPLY("reply figures", GP_REPLY_FIGURES),
    REPLY("reply summary", GP_REPLY_SUMMARY),
    REPLY("reply forecast", GP_REPLY_FORECAST),
    {"entry", &gp__journal_entry__descriptor, STORED_CEILING, (size_t)64 * 1024, read_entry,
     make_entry, 0},
    {"incident", &gp__incident__descriptor, STORED_CEILING, GP_REPLY_BYTES_MAX, read_incident,
     make_incident, 0},
    {"device", &gp__device__descriptor, STORED_CEILING, 1024, read_device, make_device, 0},
};
const size_t form_count = sizeof forms / sizeof forms[0];

struct gp_span form_sample(const struct form *form, struct gp_arena *arena)
{
    struct gp_span bytes = {0};
    assert_int_equal(form->make(form->kind, arena, &bytes), 0);
    return bytes;
}

int form_read(const struct form *form, struct gp_span bytes)
{
    struct gp_arena arena;
    char *exact = malloc(bytes.len > 0 ? bytes.len : 1); /* so that a sanitizer sees the end */

    assert_non_null(exact);
    if (bytes.len > 0)
        memcpy(exact, bytes.ptr, bytes.len);
    gp_arena_init(&arena, form->ceiling);
    int rc = form->read((struct gp_span){exact, bytes.len}, &arena);
    assert_true(arena.used <= form->ceiling);
    gp_arena_release(&arena);
    free(exact);
    return rc;
}
