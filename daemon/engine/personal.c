/*
 * Personal data, which lies beside the journal (store/personal.c): hidden behind a hash when an
 * entry is written, joined again when it is read, checked against the hash. The salt comes with
 * the command, so that the same commands give the same journal.
 */
#include "engine/internal.h"

#include <assert.h>

/* ---------------------------------------------------------------- writing */

static void personal_of(const struct gp_run *run, const struct gp_entry *entry,
                        struct gp_personal *ret_personal)
{
    assert(run->salt != NULL); /* only commands have an actor who types */
    memcpy(ret_personal->salt, run->salt, sizeof ret_personal->salt);
    ret_personal->text = entry->text;
    ret_personal->phone = entry->phone;
}

int gp_personal_seal(const struct gp_run *run, struct gp_entry *entry)
{
    struct gp_personal personal;

    if (!entry->personal)
        return 0;
    if (entry->text.len > GP_TEXT_BYTES_MAX || entry->phone.len > GP_ID_BYTES_MAX)
        return GP_ELIMIT;
    personal_of(run, entry, &personal);
    gp_personal_hash(&personal, entry->personal_hash);
    return 0;
}

int gp_personal_keep(const struct gp_run *run, const struct gp_entry *entry)
{
    struct gp_personal personal;

    if (!entry->personal)
        return 0;
    personal_of(run, entry, &personal);
    return gp_personal_put(run->txn, entry->incident, entry->seq, &personal);
}

/* ---------------------------------------------------------------- reading */

static int copy(struct gp_arena *arena, struct gp_span from, struct gp_span *ret_to)
{
    if (from.len == 0)
        return 0;
    *ret_to = gp_arena_copy(arena, from);
    return ret_to->ptr != NULL ? 0 : GP_ENOMEM;
}

static bool is_of(const struct gp_entry *entry, const struct gp_personal *personal)
{
    unsigned char hash[GP_PERSONAL_HASH_BYTES];

    gp_personal_hash(personal, hash);
    return entry->personal && memcmp(hash, entry->personal_hash, sizeof hash) == 0;
}

int gp_entry_join(struct gp_txn *txn, struct gp_arena *arena, struct gp_entry *entry)
{
    struct gp_personal personal;
    int rc;

    if (!entry->personal)
        return 0;
    rc = gp_personal_get(txn, entry->incident, entry->seq, &personal);
    if (rc == GP_ENOTFOUND) {
        entry->flags |= GP_FLAG_ERASED;
        return 0;
    }
    if (rc == 0 && !is_of(entry, &personal))
        rc = GP_ECORRUPT;
    if (rc == 0)
        rc = copy(arena, personal.text, &entry->text);
    return rc == 0 ? copy(arena, personal.phone, &entry->phone) : rc;
}

int gp_incident_join(struct gp_txn *txn, struct gp_arena *arena, struct gp_incident *incident)
{
    struct gp_personal personal;
    int rc = incident->text_seq != 0
                 ? gp_personal_get(txn, incident->id, incident->text_seq, &personal)
                 : GP_ENOTFOUND;

    if (rc == 0)
        rc = copy(arena, personal.text, &incident->text);
    return rc == GP_ENOTFOUND ? 0 : rc;
}

int gp_engine_entry(struct gp_txn *txn, uint64_t seq, struct gp_arena *arena,
                    struct gp_entry *ret_entry)
{
    struct gp_span bytes;
    int rc = gp_journal_get(txn, seq, &bytes);

    if (rc == 0)
        rc = gp_wire_entry_unpack(bytes, arena, ret_entry);
    return rc == 0 ? gp_entry_join(txn, arena, ret_entry) : rc;
}

/* ---------------------------------------------------------------- checking */

int gp_personal_check(struct gp_txn *journal, struct gp_arena *arena, uint64_t incident,
                      uint64_t seq, const struct gp_personal *personal)
{
    struct gp_entry *entry = gp_arena_zalloc(arena, 1, sizeof *entry);
    struct gp_span bytes;
    int rc = entry != NULL ? gp_journal_get(journal, seq, &bytes) : GP_ENOMEM;

    if (rc == 0)
        rc = gp_wire_entry_unpack(bytes, arena, entry);
    if (rc == 0 && (entry->incident != incident || !is_of(entry, personal)))
        rc = GP_ECORRUPT;
    return rc == GP_ENOTFOUND ? GP_ECORRUPT : gp_stored(rc);
}