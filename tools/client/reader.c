#include "client/reader.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/frame.h"
#include "base/limits.h"
#include "trust/envelope.h"

#include <assert.h>
#include <stdlib.h>

#define ROOM_MIN  4096  /* most answers fit */
#define ROOM_KEEP 16384 /* more is given back when it is not needed */

static const struct gp_frame_rule answers = {
    .ipc = true,
    .path = true,
    .body_max = GP_FRAME_PATH_BYTES + GP_REPLY_BYTES_MAX + GP_ENVELOPE_OVERHEAD,
};

void gp_reader_init(struct gp_reader *reader)
{
    *reader = (struct gp_reader){0};
}

void gp_reader_release(struct gp_reader *reader)
{
    free(reader->bytes);
    gp_reader_init(reader);
}

/* Takes away what was given. */
static void drop_given(struct gp_reader *reader)
{
    if (reader->given == 0)
        return;
    reader->len -= reader->given;
    memmove(reader->bytes, reader->bytes + reader->given, reader->len);
    reader->given = 0;
    if (reader->len > 0 || reader->room <= ROOM_KEEP)
        return;
    free(reader->bytes);
    reader->bytes = NULL;
    reader->room = 0;
}

int gp_reader_room(struct gp_reader *reader, unsigned char **ret_room, size_t *ret_len)
{
    drop_given(reader);
    if (reader->len == reader->room) {
        size_t room = reader->room > 0 ? 2 * reader->room : ROOM_MIN;
        unsigned char *bytes = realloc(reader->bytes, room);
        if (bytes == NULL)
            return GP_ENOMEM;
        reader->bytes = bytes;
        reader->room = room;
    }
    *ret_room = reader->bytes + reader->len;
    *ret_len = reader->room - reader->len;
    return 0;
}

void gp_reader_took(struct gp_reader *reader, size_t len)
{
    assert(len <= reader->room - reader->len);
    reader->len += len;
}

int gp_reader_open(struct gp_reader *reader)
{
    size_t len = reader->len < GP_SP_BYTES ? reader->len : GP_SP_BYTES;

    assert(!reader->is_open);
    if (len == 0)
        return GP_EAGAIN;
    if (!gp_sp_begins(GP_SP_REP, reader->bytes, len) || reader->len > GP_SP_BYTES)
        return GP_EFORMAT;
    if (len < GP_SP_BYTES)
        return GP_EAGAIN;
    reader->is_open = true;
    reader->len = 0;
    return 0;
}

int gp_reader_next(struct gp_reader *reader, uint32_t *ret_number, struct gp_span *ret_body)
{
    const size_t head = GP_FRAME_HEAD_BYTES + GP_FRAME_PATH_BYTES;
    size_t bytes;

    assert(reader->is_open);
    drop_given(reader);
    if (reader->len == 0)
        return GP_EAGAIN;
    int rc = gp_frame_look(&answers, reader->bytes, reader->len, &bytes);
    if (rc != 0)
        return rc;
    *ret_number = gp_get_u32(reader->bytes + GP_FRAME_HEAD_BYTES);
    *ret_body = (struct gp_span){(const char *)reader->bytes + head, bytes - head};
    reader->given = bytes;
    return 0;
}

bool gp_reader_more(const struct gp_reader *reader)
{
    return reader->len > reader->given;
}
