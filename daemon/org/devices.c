/*
 * devices.csv: devices whose public keys an office keeps in a file, as for bridges and for many
 * machines at once. They are taken over into the journal when the folder comes in force, active
 * without an invitation; a row that goes away revokes nothing.
 */
#include "org/loader.h"

#include <sodium.h>
#include <stdlib.h>

#define FILE_NAME "org/devices.csv"

enum { D_PERSON, D_ROLE, D_KEY, D_LABEL, D_COLUMNS };
static const struct gp_column columns[D_COLUMNS] = {{"person", "工号", true},
                                                    {"role", "角色", true},
                                                    {"key", "公钥", true},
                                                    {"label", "名称", false}};

/* 32 bytes, base64 with or without padding. libsodium's reader takes some bytes above 127 for
 * digits, so what it read is written again. */
static bool read_key(struct gp_span text, unsigned char ret_key[GP_DEVICE_KEY_BYTES])
{
    char again[sodium_base64_ENCODED_LEN(GP_DEVICE_KEY_BYTES,
                                         sodium_base64_VARIANT_ORIGINAL_NO_PADDING)];
    struct gp_span digits = text;
    size_t len = 0;

    while (digits.len > 0 && digits.ptr[digits.len - 1] == '=')
        digits.len--;
    if (text.len - digits.len > 1 ||
        sodium_base642bin(ret_key, GP_DEVICE_KEY_BYTES, digits.ptr, digits.len, NULL, &len, NULL,
                          sodium_base64_VARIANT_ORIGINAL_NO_PADDING) != 0 ||
        len != GP_DEVICE_KEY_BYTES || sodium_is_zero(ret_key, GP_DEVICE_KEY_BYTES))
        return false;
    (void)sodium_bin2base64(again, sizeof again, ret_key, GP_DEVICE_KEY_BYTES,
                            sodium_base64_VARIANT_ORIGINAL_NO_PADDING); /* it has room */
    return gp_span_is(digits, again);
}

static void check_row(struct gp_loader *loader, const struct gp_sheet *sheet, size_t row,
                      const struct gp_device_row *device)
{
    if (device->person.len > 0 && gp_org_person(loader->org, device->person) == GP_NONE)
        gp_sheet_find_link(loader, sheet, row, D_PERSON, "org/people.csv", "no such person",
                           "add it to org/people.csv, or correct the id");
    if (device->role == GP_ROLE_LOCAL)
        gp_sheet_find(loader, GP_FINDING_ERROR, sheet, row, D_ROLE, "no such role",
                      "use: officer dispatcher reader handler admin supervisor auditor bridge");
    if (device->label.len > GP_DEVICE_LABEL_BYTES_MAX)
        gp_sheet_find(loader, GP_FINDING_ERROR, sheet, row, D_LABEL, "longer than 32 bytes",
                      "use a shorter name");
}

static void read_row(struct gp_loader *loader, const struct gp_sheet *sheet, size_t row,
                     struct gp_device_row *ret_device)
{
    *ret_device = (struct gp_device_row){
        .person = gp_cell_id(loader, sheet, row, D_PERSON, true),
        .role = (uint8_t)gp_role_parse(gp_cell(sheet, row, D_ROLE)),
        .label = gp_cell(sheet, row, D_LABEL),
    };
    check_row(loader, sheet, row, ret_device);
    if (read_key(gp_cell(sheet, row, D_KEY), ret_device->key))
        return;
    memset(ret_device->key, 0, sizeof ret_device->key); /* no key is like another */
    gp_sheet_find(loader, GP_FINDING_ERROR, sheet, row, D_KEY, "not a device's public key",
                  "write what the device shows: 32 bytes in base64");
}

/* A row with its place in the sheet, for findings once they are sorted. */
struct raw_device {
    struct gp_device_row device;
    size_t row;
};

static int by_key(const void *a, const void *b)
{
    const struct raw_device *x = a, *y = b;
    int order = memcmp(x->device.key, y->device.key, sizeof x->device.key);
    return order != 0 ? order : (x->row > y->row) - (x->row < y->row);
}

/* Puts the sorted rows in place. One key, however it is spelt, is one device. */
static void settle(struct gp_loader *loader, const struct gp_sheet *sheet,
                   const struct raw_device *raw)
{
    struct gp_device_row *rows = gp_loader_array(loader, sheet->row_count, sizeof *rows);

    for (size_t i = 0; rows != NULL && i < sheet->row_count; i++) {
        rows[i] = raw[i].device;
        if (i > 0 && memcmp(rows[i - 1].key, rows[i].key, sizeof rows[i].key) == 0 &&
            !sodium_is_zero(rows[i].key, sizeof rows[i].key))
            gp_sheet_find(loader, GP_FINDING_ERROR, sheet, raw[i].row, D_KEY,
                          "this public key is there twice",
                          "remove one row: a device belongs to one person");
    }
    loader->org->devices = rows;
    loader->org->device_count = rows != NULL ? sheet->row_count : 0;
}

void gp_load_devices(struct gp_loader *loader)
{
    struct gp_sheet sheet;
    struct raw_device *raw;

    if (gp_sheet_load(loader, FILE_NAME, columns, D_COLUMNS, false, &sheet) != 0)
        return;
    raw = calloc(sheet.row_count + 1, sizeof *raw);
    if (raw == NULL)
        loader->error = GP_ENOMEM;
    for (size_t row = 0; raw != NULL && row < sheet.row_count; row++) {
        raw[row].row = row;
        read_row(loader, &sheet, row, &raw[row].device);
    }
    if (raw != NULL) {
        qsort(raw, sheet.row_count, sizeof *raw, by_key);
        settle(loader, &sheet, raw);
    }
    free(raw);
    gp_sheet_release(&sheet);
}
