/*
 * What a daemon says over one connection, through the asynchronous client's reader, cut as the
 * first byte says. What is promised: however it is cut, the same answers are found and the same
 * end; each is framed as it says and within its limit; what is kept is no more than twice what has
 * come.
 */
#include "fuzz.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/frame.h"
#include "base/limits.h"
#include "client/reader.h"
#include "trust/envelope.h"

#define ROOM_MIN 4096

/* What was found in a stream: answers, their bytes' sum, and how it ended. */
struct found {
    unsigned answers;
    size_t bytes;
    uint64_t numbers;
    int end;
};

static void check_answer(const struct gp_reader *reader, uint32_t number, struct gp_span body)
{
    const unsigned char *frame = reader->bytes;

    PROMISE(body.len <= GP_REPLY_BYTES_MAX + GP_ENVELOPE_OVERHEAD);
    PROMISE(frame[0] == GP_SP_IPC_TYPE);
    PROMISE(gp_get_u64(frame + 1) == body.len + GP_FRAME_PATH_BYTES);
    PROMISE(gp_get_u32(frame + GP_FRAME_HEAD_BYTES) == number);
    PROMISE((const unsigned char *)body.ptr == frame + GP_FRAME_HEAD_BYTES + GP_FRAME_PATH_BYTES);
    PROMISE(reader->given <= reader->len);
}

static int take(struct gp_reader *reader, struct found *found)
{
    int rc = reader->is_open ? 0 : gp_reader_open(reader);
    struct gp_span body;
    uint32_t number;

    while (rc == 0 && (rc = gp_reader_next(reader, &number, &body)) == 0) {
        check_answer(reader, number, body);
        found->answers++;
        found->bytes += body.len;
        found->numbers = found->numbers * 31 + number;
    }
    return rc;
}

static void put(struct gp_reader *reader, const uint8_t *data, size_t len)
{
    unsigned char *room;
    size_t some;

    while (len > 0) {
        PROMISE(gp_reader_room(reader, &room, &some) == 0 && some > 0);
        some = some < len ? some : len;
        memcpy(room, data, some);
        gp_reader_took(reader, some);
        data += some;
        len -= some;
    }
}

static struct found read_all(const uint8_t *data, size_t size, size_t step)
{
    struct found found = {.end = GP_EAGAIN};
    struct gp_reader reader;

    gp_reader_init(&reader);
    for (size_t at = 0; at < size && found.end == GP_EAGAIN;) {
        /* The opening comes alone, or it is refused: so it is fed alone. */
        size_t upto = at < GP_SP_BYTES && size > GP_SP_BYTES ? GP_SP_BYTES : size;
        size_t some = step < upto - at ? step : upto - at;
        put(&reader, data + at, some);
        at += some;
        found.end = take(&reader, &found);
        PROMISE(reader.room <= 2 * (at + ROOM_MIN));
    }
    gp_reader_release(&reader);
    PROMISE(found.end == GP_EAGAIN || found.end == GP_EFORMAT || found.end == GP_ELIMIT);
    return found;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    struct found whole = read_all(data + 1, size - 1, size);
    struct found cut = read_all(data + 1, size - 1, (size_t)data[0] + 1);
    PROMISE(cut.answers == whole.answers && cut.bytes == whole.bytes);
    PROMISE(cut.numbers == whole.numbers && cut.end == whole.end);
    return 0;
}
