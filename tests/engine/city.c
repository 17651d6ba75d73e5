#include "engine/city.h"

#include "base/arena.h"
#include "base/bytes.h"
#include "base/clocktext.h"
#include "wire/message.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

void city_open(struct city *city, uint64_t seed)
{
    struct gp_findings findings;

    *city = (struct city){.random = seed * 2 + 1, .now_ms = CITY_START_MS};
    gp_findings_init(&findings);
    int rc = gp_directory_load(GP_SOURCE_DIR "/tests/golden/config", &findings, &city->directory);
    for (size_t i = 0; rc != 0 && i < findings.count; i++)
        print_error("%s:%u %s\n", findings.item[i].file, findings.item[i].line,
                    findings.item[i].problem);
    gp_findings_release(&findings);
    assert_int_equal(rc, 0);
    city->org = gp_directory_org(city->directory);
    assert_int_equal(gp_rehearsal_open(city->org, city->now_ms, &city->rehearsal), 0);
}

void city_close(struct city *city)
{
    gp_rehearsal_close(city->rehearsal);
    gp_directory_unref(city->directory);
}

/* xorshift64: a stream that is the same everywhere. Source: Marsaglia, 2003. */
uint64_t city_random(struct city *city, uint64_t below)
{
    city->random ^= city->random << 13;
    city->random ^= city->random >> 7;
    city->random ^= city->random << 17;
    return city->random % below;
}

static const struct gp_area *random_grid(struct city *city)
{
    for (;;) {
        const struct gp_area *area = &city->org->areas[city_random(city, city->org->area_count)];
        if (area->ref.level == GP_LEVEL_GRID)
            return area;
    }
}

static struct gp_span random_person(struct city *city)
{
    return city->org->persons[city_random(city, city->org->person_count)].id;
}

static void random_id(struct city *city, struct gp_command *command)
{
    gp_put_u64(command->id, ((uint64_t)city->now_ms << 16) | city_random(city, 65536));
    gp_put_u64(command->id + 8, city_random(city, UINT64_MAX));
    gp_put_u64(command->body_hash, city_random(city, UINT64_MAX));
    memcpy(command->salt, command->id, sizeof command->salt);
}

void city_random_report(struct city *city, struct gp_command *ret_command)
{
    const struct gp_row *row = &city->org->rows[city_random(city, city->org->row_count)];

    *ret_command = (struct gp_command){
        .verb = GP_VERB_REPORT,
        .actor = random_person(city),
        .device = GP_SPAN("handset-1"),
        .grid = random_grid(city)->code,
        .category = row->code,
        .condition = row->condition,
        .text = GP_SPAN("井盖缺失"),
        .captured_ms = city->now_ms - (int64_t)city_random(city, 20) * GP_MS_MINUTE,
    };
    random_id(city, ret_command);
}

struct gp_answer city_apply(struct city *city, const struct gp_command *command)
{
    struct gp_answer answer;

    assert_int_equal(gp_rehearsal_command(city->rehearsal, city->now_ms, command, &answer), 0);
    assert_int_equal(answer.error, 0);
    if (answer.reason == GP_REASON_NONE)
        city->accepted++;
    else
        city->refused++;
    return answer;
}

/* Somebody who may well do it: a holder of the owner post, or any holder. */
static struct gp_span likely_person(struct city *city, uint64_t id)
{
    struct gp_arena arena;
    struct gp_incident incident;
    struct gp_span person = random_person(city);

    gp_arena_init(&arena, 1 << 20);
    assert_int_equal(gp_engine_incident(gp_rehearsal_store(city->rehearsal), city->org, id,
                                        (struct gp_span){0}, city->now_ms, &arena, &incident),
                     0);
    for (size_t i = 0; i < city->org->holding_count; i++) {
        const struct gp_holding *holding = &city->org->holdings[i];
        if (gp_span_equal(city->org->posts[holding->post].id, incident.owner))
            person = city->org->persons[holding->person].id;
    }
    gp_arena_release(&arena);
    return person;
}

void city_step(struct city *city, unsigned hours)
{
    struct gp_command command = {0};

    city->now_ms += (int64_t)city_random(city, hours * 3600u + 1u) * GP_MS_SECOND;
    assert_int_equal(gp_rehearsal_advance(city->rehearsal, city->now_ms), 0);
    if (city->incidents == 0 || city_random(city, 4) == 0) {
        city_random_report(city, &command);
    } else {
        command.verb = (uint8_t)(GP_VERB_ACCEPT + city_random(city, 7));
        command.incident = 1 + city_random(city, city->incidents);
        command.actor =
            city_random(city, 3) != 0 ? likely_person(city, command.incident) : random_person(city);
        command.device = GP_SPAN("handset-2");
        random_id(city, &command);
    }
    struct gp_answer answer = city_apply(city, &command);
    if (answer.incident > city->incidents)
        city->incidents = answer.incident;
}

/* ---------------------------------------------------------------- the store */

uint64_t city_head(struct city *city, unsigned char hash[GP_HASH_BYTES])
{
    struct gp_txn *txn;
    uint64_t head;

    assert_int_equal(gp_txn_read(gp_rehearsal_store(city->rehearsal), &txn), 0);
    assert_int_equal(gp_journal_head(txn, &head, hash), 0);
    gp_txn_abort(txn);
    return head;
}

bool city_replanning(struct gp_store *store)
{
    struct gp_engine *engine;
    struct gp_engine_start start;

    assert_int_equal(gp_engine_open(store, &engine), 0);
    assert_int_equal(gp_engine_state(engine, &start), 0);
    gp_engine_close(engine);
    return start.replanning;
}

static int remove_one(const char *path, const struct stat *stat, int kind, struct FTW *walk)
{
    (void)stat;
    (void)kind;
    (void)walk;
    return remove(path);
}

/* What there is: a digest of each table, and facts of meta, whose own names are other ones then. */
struct content {
    unsigned char digest[GP_TABLE_COUNT][32];
    uint64_t rows[GP_TABLE_COUNT];
    char fact[4][64];
};

static void look_at_all(struct gp_store *store, struct content *ret_content)
{
    static const char *const facts[4] = {"clock-mark", "directory-digest", "replan-next",
                                         "forget-next"};
    struct gp_txn *txn;

    *ret_content = (struct content){0};
    assert_int_equal(gp_txn_read(store, &txn), 0);
    for (int table = 0; table < GP_TABLE_COUNT; table++) {
        if (table != GP_TABLE_META)
            assert_int_equal(gp_table_digest(txn, (enum gp_table)table, ret_content->digest[table],
                                             &ret_content->rows[table]),
                             0);
    }
    for (int i = 0; i < 4; i++) {
        struct gp_span value;
        int rc = gp_meta_get(txn, facts[i], &value);
        assert_true(rc == GP_ENOTFOUND || (rc == 0 && value.len < sizeof ret_content->fact[i]));
        ret_content->fact[i][0] = rc == 0; /* there or not */
        if (rc == 0)
            memcpy(ret_content->fact[i] + 1, value.ptr, value.len);
    }
    gp_txn_abort(txn);
}

void city_recover_and_compare(struct gp_store *store)
{
    struct content before, after;
    struct gp_txn *txn;

    look_at_all(store, &before);
    assert_int_equal(gp_txn_write(store, &txn), 0);
    assert_int_equal(gp_on_spot_put(txn, 1, 1), 0);
    gp_txn_abort(txn); /* LMDB's transaction goes with it */
    assert_int_equal(gp_engine_recover(store), 0);
    look_at_all(store, &after);
    for (int table = 0; table < GP_TABLE_COUNT; table++) {
        if (memcmp(before.digest[table], after.digest[table], 32) != 0)
            print_error("table %s differs after recovering\n", gp_table_name((enum gp_table)table));
        assert_memory_equal(before.digest[table], after.digest[table], 32);
    }
    assert_memory_equal(before.fact, after.fact, sizeof before.fact);
}

void city_rebuild_and_compare(struct city *city)
{
    struct gp_store_options options = {
        .map_bytes = UINT64_C(1) << 30, .create = true, .unsafe_nosync = true};
    struct gp_store *copy;
    enum gp_table table = GP_TABLE_COUNT;
    char folder[] = "/tmp/gridpost-rebuild-XXXXXX";
    char path[64];

    city_recover_and_compare(gp_rehearsal_store(city->rehearsal));
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/store", folder);
    assert_int_equal(gp_store_open(path, &options, &copy), 0);
    assert_int_equal(gp_engine_rebuild(gp_rehearsal_store(city->rehearsal), copy, NULL, NULL), 0);
    int rc = gp_engine_compare(gp_rehearsal_store(city->rehearsal), copy, &table);
    if (rc != 0)
        print_error("table %s differs\n", gp_table_name(table));
    assert_int_equal(rc, 0);
    assert_int_equal(city_replanning(copy), city_replanning(gp_rehearsal_store(city->rehearsal)));
    gp_store_close(copy);
    (void)nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}
