#include "calls/ops.h"

#include "base/arena.h"
#include "base/bytes.h"
#include "core/assess.h"
#include "core/device.h"
#include "engine/gadgets.h"
#include "wire/message.h"

#include <setjmp.h>
#include <stdarg.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ITEMS_MAX    6
#define LATER_FROM   150 /* from this operation on the other directory is in force */

/* ---------------------------------------------------------------- batches */

static void mix(uint64_t *note, uint64_t value)
{
    *note = (*note ^ value) * UINT64_C(0x9E3779B97F4A7C15);
    *note ^= *note >> 29;
}

static void mix_bytes(uint64_t *note, const void *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        mix(note, ((const unsigned char *)bytes)[i]);
}

struct op {
    struct site *site;
    unsigned number;
    uint64_t *note;
    struct gp_arena *arena;
};

static const struct gp_org *org_of(const struct op *op)
{
    return op->number < LATER_FROM ? op->site->city.org : &op->site->later;
}

static struct city *city_of(const struct op *op)
{
    return &op->site->city;
}

/* The kept answer of a repeat does not say everything. */
static void mix_answer(uint64_t *note, const struct gp_item *item)
{
    mix(note, (uint64_t)(-item->answer.error) << 16 | item->answer.reason << 8 | item->more);
    mix(note, item->answer.incident);
    mix(note, item->answer.seq);
}

static int apply(const struct op *op, struct gp_item *items, size_t count)
{
    struct gp_batch batch = {
        .org = org_of(op), .now_ms = city_of(op)->now_ms, .item = items, .item_count = count};

    for (size_t i = 0; i < count; i++) {
        struct gp_command *command = &items[i].command;
        gp_put_u64(command->id, (uint64_t)batch.now_ms << 16 | op->number * ITEMS_MAX | i);
        gp_put_u64(command->id + 8, i + 1);
        gp_put_u64(command->body_hash, op->number);
        memcpy(command->salt, command->id, sizeof command->salt);
        if (command->device.len == 0)
            command->device = GP_SPAN("desk");
    }
    int rc = gp_engine_apply(op->site->engine, &batch);
    if (rc != 0)
        return rc;
    for (size_t i = 0; i < count; i++) {
        if (items[i].answer.error != 0)
            return items[i].answer.error;
        mix_answer(op->note, &items[i]);
    }
    mix(op->note, batch.head);
    mix(op->note, (uint64_t)batch.next_deadline_ms);
    return 0;
}

static int apply_kind(const struct op *op, enum gp_item_kind kind, const char *text)
{
    struct gp_item item = {.kind = (uint8_t)kind, .text = gp_span_of(text)};
    return apply(op, &item, 1);
}

/* As the batch that it is for will see it. */
static int last_of(const struct op *op, enum gp_table table, uint64_t *ret_id)
{
    struct gp_txn *txn;
    int rc = gp_engine_recover(op->site->store);

    if (rc == 0)
        rc = gp_txn_read(op->site->store, &txn);
    if (rc != 0)
        return rc;
    rc = gp_last_id(txn, table, ret_id);
    gp_txn_abort(txn);
    return rc;
}

/* ---------------------------------------------------------------- reports and work */

static struct gp_span somebody(struct city *city)
{
    static const char *const desks[] = {"zheng", "zhu", "qian", "kong", "feng", "zhou"};

    if (city_random(city, 2) == 0)
        return gp_span_of(desks[city_random(city, COUNT(desks))]);
    return city->org->persons[city_random(city, city->org->person_count)].id;
}

static int do_report(const struct op *op)
{
    struct gp_item items[3] = {0};
    size_t count = 1 + op->number % 3;

    for (size_t i = 0; i < count; i++) {
        items[i].kind = GP_ITEM_COMMAND;
        city_random_report(city_of(op), &items[i].command);
        items[i].command.phone = GP_SPAN("13900000000");
    }
    return apply(op, items, count);
}

/* One act on one incident, tried by several: one of them may be allowed. */
static int act_on(const struct op *op, enum gp_verb verb, uint64_t incident)
{
    struct city *city = city_of(op);
    struct gp_item items[ITEMS_MAX] = {0};

    for (size_t i = 0; i < ITEMS_MAX; i++) {
        items[i].kind = GP_ITEM_COMMAND;
        items[i].command = (struct gp_command){
            .verb = (uint8_t)verb,
            .actor = i == 0   ? GP_SPAN("zheng")
                     : i == 1 ? GP_SPAN("feng")
                     : i == 2 ? GP_SPAN("zhu")
                              : somebody(city),
            .incident = incident,
            .text = GP_SPAN("because"),
            .result = GP_RESULT_YES,
            .return_reason = GP_RETURN_WRONG_LINE,
            .hours = 1,
            .post = city->org->posts[city_random(city, city->org->post_count)].id,
            .person = somebody(city),
            .from_ms = city->now_ms + GP_MS_DAY,
            .other = 1 + incident / 2,
        };
    }
    return apply(op, items, ITEMS_MAX);
}

static int do_work(const struct op *op)
{
    static const uint8_t verbs[] = {
        GP_VERB_ACCEPT, GP_VERB_NOTE,    GP_VERB_ACCEPT, GP_VERB_FINISH,   GP_VERB_VERIFY,
        GP_VERB_RETURN, GP_VERB_RULE,    GP_VERB_EXTEND, GP_VERB_DECIDE,   GP_VERB_SUSPEND,
        GP_VERB_RESUME, GP_VERB_LINK,    GP_VERB_UNLINK, GP_VERB_REASSIGN, GP_VERB_CORRECT,
        GP_VERB_APPEAL, GP_VERB_CONSENT, GP_VERB_CLOSE,  GP_VERB_REOPEN,   GP_VERB_SIGN,
    };
    uint64_t last = 0;
    int rc = last_of(op, GP_TABLE_INCIDENT, &last);

    if (rc != 0)
        return rc;
    uint64_t incident = 1 + city_random(city_of(op), last > 0 ? last : 1);
    return act_on(op, (enum gp_verb)verbs[city_random(city_of(op), COUNT(verbs))], incident);
}

static int do_void(const struct op *op)
{
    return act_on(op, GP_VERB_VOID, 1 + op->number / 20);
}

static int do_erase(const struct op *op)
{
    return act_on(op, GP_VERB_ERASE, 1 + op->number / 20);
}

/* ---------------------------------------------------------------- time */

static int do_expire(const struct op *op)
{
    return apply_kind(op, GP_ITEM_EXPIRE, "");
}

static int do_start(const struct op *op)
{
    return apply_kind(op, GP_ITEM_START, "");
}

static int do_forget(const struct op *op)
{
    return apply_kind(op, GP_ITEM_FORGET, "");
}

static int do_clock(const struct op *op)
{
    return apply_kind(op, GP_ITEM_CLOCK, "clock in hold");
}

static int do_audit(const struct op *op)
{
    return apply_kind(op, GP_ITEM_AUDIT, "an admin looked");
}

/* ---------------------------------------------------------------- another directory */

/* Reads the folder again, as a reload does before it says so. */
static int do_reload(const struct op *op)
{
    struct gp_findings findings;
    struct gp_directory *directory;

    gp_findings_init(&findings);
    int rc = gp_directory_load(GP_SOURCE_DIR "/tests/golden/config", &findings, &directory);
    if (rc == 0) {
        mix_bytes(op->note, gp_directory_org(directory)->digest, 32);
        gp_directory_unref(directory);
    }
    gp_findings_release(&findings);
    return rc;
}

static int do_directory(const struct op *op)
{
    return apply_kind(op, GP_ITEM_DIRECTORY, "directory in force");
}

static int do_import(const struct op *op)
{
    return apply_kind(op, GP_ITEM_DIRECTORY, "");
}

static int do_replan(const struct op *op)
{
    return apply_kind(op, GP_ITEM_REPLAN, "");
}

/* ---------------------------------------------------------------- people and devices */

static int do_leave(const struct op *op)
{
    struct gp_item item = stage_command(GP_VERB_LEAVE, "li");

    item.command.from_ms = city_of(op)->now_ms + GP_MS_HOUR;
    item.command.to_ms = city_of(op)->now_ms + 9 * GP_MS_HOUR;
    item.command.standin = GP_SPAN("zhao");
    item.command.text = GP_SPAN("a day off");
    return apply(op, &item, 1);
}

static int do_approve(const struct op *op)
{
    struct gp_item items[3];
    uint64_t leave = 0;
    int rc = last_of(op, GP_TABLE_LEAVE, &leave);

    if (rc != 0)
        return rc;
    items[0] = stage_about(GP_VERB_APPROVE, "qian", leave);
    items[1] = stage_about(GP_VERB_APPROVE, "zhou", leave);
    items[2] = stage_about(GP_VERB_APPROVE, "feng", leave);
    return apply(op, items, 3);
}

static int do_hold(const struct op *op)
{
    struct gp_item items[] = {stage_hold(""), stage_hold("zhao"), stage_hold(""), stage_hold("li")};

    return apply(op, items, op->number % 2 == 0 ? 2 : 4);
}

static int do_invite(const struct op *op)
{
    struct gp_item item = gadget_invite("li", GP_ROLE_OFFICER);
    return apply(op, &item, 1);
}

static int do_join(const struct op *op)
{
    uint64_t device = 0;
    int rc = last_of(op, GP_TABLE_DEVICE, &device);

    if (rc != 0)
        return rc;
    struct gp_item items[] = {gadget_join(device, "li", op->number, 123456),
                              gadget_confirm(device, 123456),
                              gadget_through(device, stage_report())};
    return apply(op, items, 3);
}

static int do_revoke(const struct op *op)
{
    uint64_t device = 0;
    int rc = last_of(op, GP_TABLE_DEVICE, &device);

    if (rc != 0)
        return rc;
    struct gp_item item = gadget_revoke(device);
    item.command.text = GP_SPAN("lost");
    return apply(op, &item, 1);
}

/* ---------------------------------------------------------------- reading */

static int query_by(const struct op *op, const struct gp_query *query)
{
    struct gp_page page;
    int rc = gp_engine_query(op->site->store, org_of(op), query, GP_SPAN("qian"),
                             city_of(op)->now_ms, NULL, op->arena, &page);

    if (rc != 0)
        return rc;
    for (uint32_t i = 0; i < page.count; i++) {
        mix(op->note, page.item[i].id << 8 | page.item[i].state);
        mix_bytes(op->note, page.item[i].text.ptr, page.item[i].text.len);
    }
    return 0;
}

static int do_query(const struct op *op)
{
    const struct gp_query queries[] = {
        {.limit = 100},
        {.person = GP_SPAN("li"), .open_only = true},
        {.post = GP_SPAN(STAGE_POST)},
        {.overdue_only = true, .area = org_of(op)->areas[0].ref},
        {.department = GP_SPAN("SZ")},
    };
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < COUNT(queries); i++)
        rc = query_by(op, &queries[i]);
    return rc;
}

static int do_incident(const struct op *op)
{
    uint64_t last = 0, id[GP_LINKED_MAX];
    struct gp_incident incident;
    uint32_t count = 0;
    int rc = last_of(op, GP_TABLE_INCIDENT, &last);

    if (rc == 0 && last > 0)
        rc = gp_engine_incident(op->site->store, org_of(op), 1 + last / 2, GP_SPAN("qian"),
                                city_of(op)->now_ms, op->arena, &incident);
    if (rc == 0 && last > 0) {
        mix(op->note, incident.version);
        rc = gp_engine_followers(op->site->store, 1 + last / 4, id, &count);
    }
    mix(op->note, count);
    return rc;
}

static int do_feed(const struct op *op)
{
    struct gp_feed_ask ask = {.limit = 200};
    struct gp_feed_page page;
    int rc = gp_engine_feed(op->site->store, org_of(op), &ask, GP_SPAN("qian"), city_of(op)->now_ms,
                            op->arena, &page);

    if (rc != 0)
        return rc;
    mix(op->note, page.head);
    for (uint32_t i = 0; i < page.count; i++)
        mix(op->note, page.item[i]->seq << 8 | page.item[i]->what);
    return 0;
}

static int do_people(const struct op *op)
{
    struct gp_leaves_ask leaves = {0}, holdings = {.holdings = true};
    struct gp_devices_ask devices = {0};
    struct gp_leaves_page page;
    struct gp_devices_page found;
    int rc = gp_engine_leaves(op->site->store, org_of(op), &leaves, op->arena, &page);

    if (rc == 0) {
        mix(op->note, page.count);
        rc = gp_engine_leaves(op->site->store, org_of(op), &holdings, op->arena, &page);
    }
    if (rc == 0) {
        mix(op->note, page.holding_count);
        rc = gp_engine_devices(op->site->store, &devices, op->arena, &found);
    }
    if (rc == 0)
        mix(op->note, found.count);
    return rc;
}

static int do_assess(const struct op *op)
{
    struct gp_assess_ask ask = {.from_ms = CITY_START_MS,
                                .to_ms = city_of(op)->now_ms + 1,
                                .by = op->number % 2 == 0 ? GP_BY_AREA : GP_BY_POST};
    struct gp_assessment page;
    int rc = gp_engine_assess(op->site->store, org_of(op), &ask, NULL, op->arena, &page);

    if (rc == 0) {
        mix(op->note, page.row_count);
        ask.figure = GP_FIGURE_REPORTED;
        ask.upto = page.head;
        rc = gp_engine_assess(op->site->store, org_of(op), &ask, NULL, op->arena, &page);
    }
    if (rc == 0)
        mix(op->note, page.behind_count);
    return rc;
}

static int do_prove(const struct op *op)
{
    struct gp_verify_ask ask = {0};
    struct gp_verified verified;
    struct gp_texts texts;
    unsigned char hash[GP_HASH_BYTES];
    uint64_t head, bad;
    int64_t at_ms;
    int rc = gp_engine_head(op->site->store, &head, hash, &at_ms);

    if (rc == 0)
        rc = gp_engine_verify(op->site->store, &ask, &verified);
    if (rc == 0) {
        mix(op->note, verified.bad);
        mix_bytes(op->note, hash, sizeof hash);
        rc = gp_engine_check_texts(op->site->store, &texts, &bad);
    }
    if (rc == 0)
        mix(op->note, texts.kept);
    return rc;
}

static int do_view(const struct op *op)
{
    struct gp_engine_start start;
    struct gp_view *view;
    int rc = gp_engine_state(op->site->engine, &start);

    if (rc == 0)
        rc = gp_view_open(op->site->store, org_of(op), &view);
    if (rc != 0)
        return rc;
    mix(op->note, (uint64_t)start.next_deadline_ms);
    mix(op->note, gp_view_org(view)->holding_count);
    gp_view_unref(view);
    return 0;
}

/* ---------------------------------------------------------------- the store's own */

static int do_checkpoint(const struct op *op)
{
    int rc = gp_engine_recover(op->site->store);
    return rc == 0 ? gp_store_checkpoint(op->site->store) : rc;
}

static int do_settle(const struct op *op)
{
    return gp_store_settle(op->site->store);
}

static int do_upkeep(const struct op *op)
{
    return gp_store_upkeep_due(op->site->store) ? gp_store_upkeep(op->site->store) : 0;
}

static int do_figures(const struct op *op)
{
    struct gp_store_figures figures;
    struct gp_txn *txn;
    int rc = gp_txn_read(op->site->store, &txn);

    if (rc != 0)
        return rc;
    rc = gp_store_figures(txn, &figures);
    gp_txn_abort(txn);
    gp_store_tidy(op->site->store);
    return rc;
}

/* A batch that comes to nothing takes LMDB's transaction with it; the next folds it again. */
static int do_drop(const struct op *op)
{
    struct gp_txn *txn;
    int rc = gp_engine_recover(op->site->store);

    if (rc == 0)
        rc = gp_txn_write(op->site->store, &txn);
    if (rc != 0)
        return rc;
    rc = gp_on_spot_put(txn, 1, 1);
    gp_txn_abort(txn);
    return rc;
}

/* ---------------------------------------------------------------- in turns */

static const struct {
    const char *name;
    int (*act)(const struct op *op);
} turns[] = {
    {"report", do_report},
    {"work", do_work},
    {"import", do_import},
    {"start", do_start},
    {"report", do_report},
    {"work", do_work},
    {"query", do_query},
    {"leave", do_leave},
    {"approve", do_approve},
    {"checkpoint", do_checkpoint},
    {"work", do_work},
    {"invite", do_invite},
    {"join", do_join},
    {"report", do_report},
    {"settle", do_settle},
    {"expire", do_expire},
    {"feed", do_feed},
    {"work", do_work},
    {"upkeep", do_upkeep},
    {"void", do_void},
    {"erase", do_erase},
    {"drop", do_drop},
    {"report", do_report},
    {"people", do_people},
    {"work", do_work},
    {"hold", do_hold},
    {"incident", do_incident},
    {"clock", do_clock},
    {"checkpoint", do_checkpoint},
    {"view", do_view},
    {"directory", do_directory},
    {"replan", do_replan},
    {"expire", do_expire},
    {"report", do_report},
    {"revoke", do_revoke},
    {"assess", do_assess},
    {"work", do_work},
    {"settle", do_settle},
    {"prove", do_prove},
    {"audit", do_audit},
    {"figures", do_figures},
    {"upkeep", do_upkeep},
    {"forget", do_forget},
    {"work", do_work},
    {"reload", do_reload},
};

/* The last ones come so late that there is something to forget. */
static int64_t time_of(unsigned number)
{
    int64_t ms = CITY_START_MS + (int64_t)number * 40 * GP_MS_MINUTE;
    return number < OPS - COUNT(turns) ? ms : ms + 450 * GP_MS_DAY;
}

const char *op_name(unsigned number)
{
    return turns[number % COUNT(turns)].name;
}

int op_do(struct site *site, unsigned number, uint64_t *ret_note)
{
    struct gp_arena arena;
    uint64_t note = number;
    struct op op = {.site = site, .number = number, .note = &note, .arena = &arena};

    site->city.random = number * UINT64_C(0x9E3779B97F4A7C15) | 1;
    site->city.now_ms = time_of(number);
    gp_arena_init(&arena, (size_t)64 << 20);
    int rc = turns[number % COUNT(turns)].act(&op);
    gp_arena_release(&arena);
    if (rc == 0)
        *ret_note = note;
    return rc;
}
