#include "crash/held.h"

#include "store/store.h"
#include "wire/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define ARENA_BYTES ((size_t)4 * 1024 * 1024)

static void hold(struct gp_txn *txn, uint64_t seq, struct gp_arena *arena,
                 struct history_journal *journal)
{
    struct gp_span packed;
    struct gp_entry entry;

    gp_arena_reset(arena);
    assert_int_equal(gp_journal_get(txn, seq, &packed), 0);
    assert_int_equal(gp_wire_entry_unpack(packed, arena, &entry), 0);
    entry.seq = seq; /* stored as its place */
    struct history_entry held = {
        .incident = entry.incident,
        .digest = history_digest(&entry),
        .at_ms = entry.at_ms,
        .due_ms = entry.due_ms,
        .version = entry.version,
        .what = entry.what,
        .state = entry.state,
        .has_id = entry.kept.present,
    };
    memcpy(held.id, entry.kept.id, sizeof held.id);
    history_holds(journal, &held);
}

void held_read(const char *path, uint64_t first, uint64_t last, struct history_journal *ret_journal)
{
    const struct gp_store_options options = {0};
    struct gp_store *store;
    struct gp_arena arena;
    struct gp_txn *txn;
    uint64_t head;

    *ret_journal = (struct history_journal){.first = first};
    gp_arena_init(&arena, ARENA_BYTES);
    assert_int_equal(gp_store_open(path, &options, &store), 0);
    assert_int_equal(gp_txn_read(store, &txn), 0);
    assert_int_equal(gp_journal_head(txn, &head, NULL), 0);
    assert_true(head >= last);
    for (uint64_t seq = first; seq <= last; seq++)
        hold(txn, seq, &arena, ret_journal);
    gp_txn_abort(txn);
    gp_store_close(store);
    gp_arena_release(&arena);
}

static void tell(const struct history_finding *finding, const struct history *history,
                 const char *path)
{
    for (int fault = 0; fault < HISTORY_FAULT_COUNT; fault++) {
        if (finding->count[fault] > 0)
            print_error("%zu times: %s. %s\n", finding->count[fault],
                        history_fault_text((enum history_fault)fault), finding->first[fault]);
    }
    if (path == NULL)
        return;
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    history_write(history, file);
    assert_int_equal(fclose(file), 0);
    print_error("the whole history: %s\n", path);
}

void held_check(const char *store, uint64_t first, uint64_t last, const struct history *history,
                const char *file)
{
    struct history_journal journal;
    struct history_finding finding;

    held_read(store, first, last, &journal);
    history_check(history, &journal, &finding);
    history_journal_release(&journal);
    if (finding.total == 0)
        return;
    tell(&finding, history, file);
    fail_msg("what the clients saw is not what the store holds");
}
