#include "engine/gadgets.h"

#include "base/arena.h"
#include "base/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
// clang-format off
#include <cmocka.h>
// clang-format on

void gadget_key(uint64_t number, unsigned char ret_key[GP_DEVICE_KEY_BYTES])
{
    memset(ret_key, 0x5a, GP_DEVICE_KEY_BYTES);
    gp_put_u64(ret_key + 8, number);
}

struct gp_item gadget_invite(const char *person, enum gp_role role)
{
    struct gp_item item = stage_command(GP_VERB_INVITE, "feng");

    item.command.person = gp_span_of(person);
    item.command.role = (uint8_t)role;
    return item;
}

struct gp_item gadget_join(uint64_t device, const char *person, uint64_t key, uint32_t digits)
{
    struct gp_item item = stage_command(GP_VERB_JOIN, person);

    item.command.device_id = device;
    item.command.digits = digits;
    item.command.text = GP_SPAN("handset");
    gadget_key(key, item.command.key);
    return item;
}

struct gp_item gadget_confirm(uint64_t device, uint32_t digits)
{
    struct gp_item item = stage_command(GP_VERB_CONFIRM, "feng");

    item.command.device_id = device;
    item.command.digits = digits;
    return item;
}

struct gp_item gadget_revoke(uint64_t device)
{
    struct gp_item item = stage_command(GP_VERB_REVOKE, "feng");

    item.command.device_id = device;
    return item;
}

struct gp_item gadget_through(uint64_t device, struct gp_item item)
{
    item.command.by_device = device;
    return item;
}

void gadget_number(struct gp_item *item, uint64_t number)
{
    gp_put_u64(item->command.id, number << 16 | 1);
    gp_put_u64(item->command.id + 8, number);
    gp_put_u64(item->command.body_hash, number);
}

uint64_t gadget_make(struct stage *stage, const char *person, enum gp_role role, uint64_t key)
{
    struct gp_item invite = gadget_invite(person, role);

    stage_apply(stage, &invite, 1);
    uint64_t device = invite.answer.device;
    assert_true(device != 0);
    struct gp_item rest[] = {gadget_join(device, person, key, 123456),
                             gadget_confirm(device, 123456)};
    stage_apply(stage, rest, 2);
    return device;
}

struct gp_device gadget_get(const struct stage *stage, uint64_t device)
{
    static struct gp_arena arena;
    struct gp_device got;

    gp_arena_release(&arena);
    gp_arena_init(&arena, 64 * 1024);
    assert_int_equal(
        gp_engine_device(gp_rehearsal_store(stage->city.rehearsal), device, &arena, &got), 0);
    return got;
}
