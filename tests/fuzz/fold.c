/*
 * Entries of a journal, folded into empty tables as recovery and rebuilding do it. The input is a
 * list: two bytes of length and a packed entry, again and again; each gets the number that is its
 * turn. They are well-formed and follow from nothing: a journal that another gridpost has written,
 * or a mistake of ours. What is promised: an entry that does not fit is an error, and nothing dies
 * of it; what was folded is a record that can be read.
 */
#include "fuzz.h"

#include "engine/internal.h"
#include "scratch.h"

#define ENTRIES_MAX 64
#define CEILING     ((size_t)16 * 1024 * 1024)

static struct gp_store *store;
static struct gp_folding *folding;
static struct gp_entry entry; /* large */

static void open_once(void)
{
    struct gp_store_options options = {.create = true,
                                       .unsafe_nosync = true,
                                       .map_bytes = UINT64_C(16) << 20,
                                       .segment_bytes = 16 * 1024};

    if (store != NULL)
        return;
    PROMISE(gp_store_open(scratch_path("store"), &options, &store) == 0);
    PROMISE(gp_folding_open(&folding) == 0);
}

/* False where the bytes are no entry. */
static bool number(struct gp_span bytes, uint64_t seq, struct gp_arena *arena,
                   struct gp_span *ret_numbered)
{
    if (gp_wire_entry_unpack(bytes, arena, &entry) != 0)
        return false;
    entry.seq = seq;
    return gp_wire_entry_pack(&entry, arena, ret_numbered) == 0;
}

static void check_incident(struct gp_txn *txn, uint64_t id, struct gp_arena *arena)
{
    static struct gp_incident incident;
    struct gp_span record;

    PROMISE(gp_incident_get(txn, id, &record) == 0);
    PROMISE(gp_wire_incident_unpack(record, arena, &incident) == 0);
    PROMISE(incident.id == id);
}

static void fold_all(struct fuzz_bytes *input, struct gp_txn *txn, struct gp_arena *arena)
{
    struct gp_span bytes;
    uint64_t seq = 0, got;

    while (input->left > 2 && seq < ENTRIES_MAX) {
        gp_arena_reset(arena);
        if (!number(fuzz_span(input, (size_t)fuzz_number(input, 2)), seq + 1, arena, &bytes))
            continue;
        PROMISE(gp_journal_append(txn, bytes, &got) == 0 && got == ++seq);
        int rc = gp_folding_entry(folding, txn, seq, bytes);
        if (rc != 0)
            return; /* whatever it is: recovery ends there */
        if (entry.incident != 0)
            check_incident(txn, entry.incident, arena);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_bytes input = {data, size};
    struct gp_arena arena;
    struct gp_txn *txn;

    open_once();
    gp_arena_init(&arena, CEILING);
    PROMISE(gp_txn_write(store, &txn) == 0);
    fold_all(&input, txn, &arena);
    gp_txn_abort(txn);
    gp_arena_release(&arena);
    return 0;
}
