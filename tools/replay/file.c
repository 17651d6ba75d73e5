#include "replay/file.h"

#include "base/error.h"

#include <errno.h>
#include <lzma.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GP_FILE_BYTES_MAX ((size_t)2 << 30)
#define GP_XZ_MEMORY_MAX  (UINT64_C(256) << 20)

struct buffer {
    char *data;
    size_t len, capacity;
};

static int reserve(struct buffer *buffer, size_t more)
{
    size_t capacity = buffer->capacity;

    if (buffer->len + more > GP_FILE_BYTES_MAX)
        return GP_ELIMIT;
    while (capacity < buffer->len + more)
        capacity = capacity == 0 ? (size_t)1 << 20 : capacity * 2;
    if (capacity == buffer->capacity)
        return 0;
    char *data = realloc(buffer->data, capacity);
    if (data == NULL)
        return GP_ENOMEM;
    buffer->data = data;
    buffer->capacity = capacity;
    return 0;
}

static int read_plain(FILE *file, struct buffer *buffer)
{
    for (;;) {
        int rc = reserve(buffer, 65536);
        if (rc != 0)
            return rc;
        size_t got = fread(buffer->data + buffer->len, 1, 65536, file);
        buffer->len += got;
        if (got == 0)
            return ferror(file) ? GP_EIO : 0;
    }
}

static int decompress(const struct buffer *packed, struct buffer *plain)
{
    lzma_stream stream = LZMA_STREAM_INIT;
    int rc = 0;

    if (lzma_stream_decoder(&stream, GP_XZ_MEMORY_MAX, LZMA_CONCATENATED) != LZMA_OK)
        return GP_ENOMEM;
    stream.next_in = (const uint8_t *)packed->data;
    stream.avail_in = packed->len;
    for (lzma_ret state = LZMA_OK; rc == 0 && state != LZMA_STREAM_END;) {
        rc = reserve(plain, (size_t)1 << 20);
        if (rc != 0)
            break;
        stream.next_out = (uint8_t *)plain->data + plain->len;
        stream.avail_out = plain->capacity - plain->len;
        state = lzma_code(&stream, LZMA_FINISH);
        plain->len = plain->capacity - stream.avail_out;
        if (state != LZMA_OK && state != LZMA_STREAM_END)
            rc = state == LZMA_MEM_ERROR ? GP_ENOMEM : GP_EFORMAT;
    }
    lzma_end(&stream);
    return rc;
}

static bool is_xz(const struct buffer *buffer)
{
    static const char magic[6] = {(char)0xFD, '7', 'z', 'X', 'Z', '\0'};
    return buffer->len >= sizeof magic && memcmp(buffer->data, magic, sizeof magic) == 0;
}

int gp_replay_read(const char *path, char **ret_data, size_t *ret_len)
{
    struct buffer buffer = {0}, plain = {0};
    FILE *file = fopen(path, "rb");
    int rc;

    if (file == NULL)
        return errno == ENOENT ? GP_ENOTFOUND : GP_EIO;
    rc = read_plain(file, &buffer);
    (void)fclose(file); /* only read from */
    if (rc == 0 && is_xz(&buffer)) {
        rc = decompress(&buffer, &plain);
        free(buffer.data);
        buffer = plain;
    }
    if (rc != 0) {
        free(buffer.data);
        return rc;
    }
    *ret_data = buffer.data;
    *ret_len = buffer.len;
    return 0;
}
