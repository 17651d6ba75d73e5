/* Seeds of the store: pieces of a log, lists of changes to a store, rows. */
#include "seeds.h"

#include "base/bytes.h"
#include "made.h"
#include "store/log/internal.h"
#include "store/store.h"

#include <string.h>

/* ---------------------------------------------------------------- the log */

void seed_log(void)
{
    struct made_file files[MADE_FILES_MAX];
    struct gp_wal_mark mark = {.seq = 7, .hash = {1}, .segment = 1, .offset = 4096};
    unsigned char packed[GP_WAL_MARK_BYTES];
    size_t count = made_files(files);
    bool raw = false, sealed = false;

    for (size_t i = 0; i < count; i++) {
        const char *bytes = (const char *)files[i].bytes;
        if (strstr(files[i].name, ".seg") != NULL && !sealed) {
            seed_kind("log", "sealed", 2, (struct gp_span){bytes, files[i].len});
            sealed = true;
        } else if (strstr(files[i].name, "00.log") == NULL && !raw &&
                   strstr(files[i].name, "spare") == NULL &&
                   strstr(files[i].name, ".log") != NULL) {
            uint32_t len = gp_get_u32(files[i].bytes + GP_SEGMENT_HEAD + 4);
            seed_kind("log", "head", 0, (struct gp_span){bytes, 80});
            seed_kind("log", "head-with-more", 0, (struct gp_span){bytes, GP_SEGMENT_HEAD});
            seed_kind("log", "group", 1, (struct gp_span){bytes + GP_SEGMENT_HEAD, len});
            files[i].bytes[GP_SEGMENT_HEAD + GP_GROUP_HEAD + 2] =
                0xFF; /* of the first record's length */
            seed_kind("log", "group-record-too-long", 1,
                      (struct gp_span){bytes + GP_SEGMENT_HEAD, len});
            raw = true;
        }
        free(files[i].bytes);
    }
    gp_wal_mark_pack(&mark, packed);
    seed_kind("log", "mark", 4, (struct gp_span){(char *)packed, sizeof packed});
    SEED("log", "name-raw",
         "\3"
         "000000000000002a.log");
    SEED("log", "name-sealed",
         "\3"
         "0000000000000001-00000000000186a0.seg");
    SEED("log", "name-spare", "\3spare-1.log");
    SEED("log", "name-under-way",
         "\3"
         "000000000000002a.tmp");
    SEED("log", "name-upper-case",
         "\3"
         "000000000000002A.log");
}

/* Changes: 1 bytes of a file, 2 it is gone, 3 it is there twice, 4 older tables, 5 its checksums,
 * 6 what is full is sealed.
 * Of bytes: where (2), what; 1 a byte changed, 2 cut, 3 put in, 4 copied, 5 a number written. */
void seed_stores(void)
{
    SEED("store", "untouched", "");
    SEED("store", "older-tables", "\4\0\6\0\0");
    SEED("store", "sealed-behind", "\6\0\0");
    for (unsigned char file = 0; file < 8; file++) {
        char name[32], cut[] = {1, (char)file, 2, 0x1f, 0, 0, 0, 0};
        char flip[] = {1, (char)file, 1, 0x12, 0x34, 1, 0, 0}, gone[] = {2, (char)file, 0};
        char head[] = {1, (char)file, 1, 0, 0x1b, 1, 0, 5, (char)file, 0};
        (void)snprintf(name, sizeof name, "file-%u-cut", file);
        seed_bytes("store", name, (struct gp_span){cut, sizeof cut}, (struct gp_span){0});
        (void)snprintf(name, sizeof name, "file-%u-flip", file);
        seed_bytes("store", name, (struct gp_span){flip, sizeof flip}, (struct gp_span){0});
        (void)snprintf(name, sizeof name, "file-%u-gone", file);
        seed_bytes("store", name, (struct gp_span){gone, sizeof gone}, (struct gp_span){0});
        (void)snprintf(name, sizeof name, "file-%u-head-mended", file);
        seed_bytes("store", name, (struct gp_span){head, sizeof head}, (struct gp_span){0});
    }
    SEED("store", "twice", "\3\5\xff\0");
    SEED("store", "synced-behind", "\1\0\1\0\7\1\0\5\0\0");
}

/* ---------------------------------------------------------------- rows */

/* A table, a flip, the key's length, key, value. */
static void seed_row(const char *name, enum gp_table table, struct gp_span key,
                     struct gp_span value)
{
    char bytes[128] = {(char)table, 3, (char)key.len};

    memcpy(bytes + 3, key.ptr, key.len);
    seed_bytes("rows", name, (struct gp_span){bytes, 3 + key.len}, value);
}

#define ID      "\0\0\0\0\0\0\0\7"
#define PADDED  "\0\1\65\336\250\165\226\151"
#define SALT    "0123456789abcdef"
#define HASH_16 "fedcba9876543210"

void seed_store_rows(void)
{
    seed_row("incident", GP_TABLE_INCIDENT, GP_SPAN(ID), GP_SPAN("\x08\x07"));
    seed_row("by-area", GP_TABLE_BY_AREA, GP_SPAN(PADDED ID), GP_SPAN("\6\3\1\2\3\4"));
    seed_row("by-area-old", GP_TABLE_BY_AREA, GP_SPAN(PADDED ID), GP_SPAN("\6\3"));
    seed_row("by-area-short-key", GP_TABLE_BY_AREA, GP_SPAN(PADDED), GP_SPAN("\6\3\1\2\3\4"));
    seed_row("by-post", GP_TABLE_BY_POST, GP_SPAN("\0\0\0\1\0" ID ID), (struct gp_span){0});
    seed_row("by-dept", GP_TABLE_BY_DEPT, GP_SPAN("\0\0\0\1\0" ID), (struct gp_span){0});
    seed_row("deadline", GP_TABLE_DEADLINE, GP_SPAN("\x80\0\1\0\0\0\0\0" ID), GP_SPAN("\4"));
    seed_row("deadline-long-key", GP_TABLE_DEADLINE, GP_SPAN(ID ID ID), GP_SPAN("\4"));
    seed_row("dedup", GP_TABLE_DEDUP, GP_SPAN(SALT ID), GP_SPAN(HASH_16 ID ID "\0\0\0\1\3" ID ID));
    seed_row("dedup-salted", GP_TABLE_DEDUP, GP_SPAN(SALT ID),
             GP_SPAN(HASH_16 ID ID "\0\0\0\1\3" ID ID ID));
    seed_row("vacant", GP_TABLE_VACANT, GP_SPAN(ID "\0\0\0\1"), GP_SPAN(ID));
    seed_row("meta", GP_TABLE_META, GP_SPAN("journal-mark"),
             GP_SPAN(ID SALT HASH_16 ID "\0\0\20\0"));
    seed_row("link", GP_TABLE_LINK, GP_SPAN(ID ID), (struct gp_span){0});
    seed_row("strike", GP_TABLE_STRIKE, GP_SPAN(ID "\7\352" ID), GP_SPAN("\x0a\2li"));
    seed_row("strike-short", GP_TABLE_STRIKE, GP_SPAN(ID "\7"), GP_SPAN("\x0a\2li"));
    seed_row("on-spot", GP_TABLE_ON_SPOT, GP_SPAN(PADDED), GP_SPAN("\0\0\0\2"));
    seed_row("on-spot-short", GP_TABLE_ON_SPOT, GP_SPAN(PADDED), GP_SPAN("\0\2"));
    seed_row("leave", GP_TABLE_LEAVE, GP_SPAN(ID), GP_SPAN("\x08\7"));
    seed_row("personal", GP_TABLE_PERSONAL, GP_SPAN(ID ID), GP_SPAN(SALT "\0\5hello138"));
    seed_row("personal-long", GP_TABLE_PERSONAL, GP_SPAN(ID ID), GP_SPAN(SALT "\7\377hello"));
    seed_row("personal-short", GP_TABLE_PERSONAL, GP_SPAN(ID ID), GP_SPAN(SALT "\0"));
    seed_row("device", GP_TABLE_DEVICE, GP_SPAN(ID), GP_SPAN("\x08\7"));
    seed_row("device-key", GP_TABLE_DEVICE_KEY, GP_SPAN(SALT HASH_16), GP_SPAN(ID));
    seed_row("by-state", GP_TABLE_BY_STATE, GP_SPAN("\3" ID), GP_SPAN(PADDED "\6"));
    seed_row("by-state-short", GP_TABLE_BY_STATE, GP_SPAN("\3"), GP_SPAN(PADDED));
}
