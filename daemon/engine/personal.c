/*
 * Personal data, which lies beside the journal (store/personal.c): hidden behind a hash when an
 * entry is written, joined again when it is read, checked against the hash. The salt comes with
 * the command, so that the same commands give the same journal.
 */
#include "engine/internal.h"

#include <assert.h>
#include <stdlib.h>

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

struct texts_check {
    struct gp_arena arena; /* of one entry and its incident */
    struct gp_entry entry;
    struct gp_incident incident;
    struct gp_texts texts;
    uint64_t owed;   /* the newest words about people that are gone and not said to be; 0: none */
    int64_t owed_ms; /* when they were written */
};

/* Words about people may be gone where a later entry says that all from before a time are. */
static void check_forgotten(struct texts_check *check, uint64_t seq)
{
    if (check->entry.forget_before_ms > check->owed_ms)
        check->owed = 0;
    if (check->entry.incident == 0 && check->entry.flags & GP_FLAG_ERASED) {
        check->owed = seq;
        check->owed_ms = check->entry.at_ms;
        check->texts.erased++;
    }
}

/* A text may be gone only where its incident was erased after it was written. */
static int check_gone(struct texts_check *check, struct gp_txn *txn)
{
    int rc = gp_incident_read(txn, check->entry.incident, &check->arena, &check->incident);

    if (rc == 0 && check->incident.erased_ms < check->entry.at_ms)
        rc = GP_ECORRUPT;
    if (rc != 0)
        return rc == GP_ENOTFOUND ? GP_ECORRUPT : rc;
    check->texts.erased++;
    return 0;
}

static int check_one(struct texts_check *check, struct gp_txn *txn, uint64_t seq)
{
    int rc;

    gp_arena_reset(&check->arena);
    memset(&check->entry, 0, sizeof check->entry);
    rc = gp_engine_entry(txn, seq, &check->arena, &check->entry);
    if (rc == 0)
        check_forgotten(check, seq);
    if (rc != 0 || !check->entry.personal)
        return rc == GP_ENOTFOUND ? GP_ECORRUPT : rc;
    if (check->entry.flags & GP_FLAG_ERASED)
        return check->entry.incident != 0 ? check_gone(check, txn) : 0;
    check->texts.kept++;
    return 0;
}

/* One short read transaction's worth of entries. */
static int check_range(struct texts_check *check, struct gp_store *store, uint64_t *seq,
                       uint64_t head)
{
    struct gp_txn *txn = NULL;
    int rc = gp_txn_read(store, &txn);

    for (unsigned rows = 0; rc == 0 && rows < GP_READ_ROWS_MAX && *seq < head; rows++) {
        rc = check_one(check, txn, *seq + 1);
        if (rc == 0)
            ++*seq;
    }
    gp_txn_abort(txn);
    return rc;
}

/* A row that no entry speaks of is not the store's own. */
static int count_rows(struct gp_store *store, uint64_t *ret_head, uint64_t *ret_rows)
{
    struct gp_store_figures figures;
    struct gp_txn *txn = NULL;
    int rc = gp_txn_read(store, &txn);

    if (rc == 0)
        rc = gp_journal_head(txn, ret_head, NULL);
    if (rc == 0)
        rc = gp_store_figures(txn, &figures);
    if (rc == 0)
        *ret_rows = figures.rows[GP_TABLE_PERSONAL];
    gp_txn_abort(txn);
    return rc;
}

int gp_engine_check_texts(struct gp_store *store, struct gp_texts *ret_texts, uint64_t *ret_bad)
{
    struct texts_check *check = calloc(1, sizeof *check);
    uint64_t seq = 0, head = 0, rows = 0;
    int rc = check != NULL ? count_rows(store, &head, &rows) : GP_ENOMEM;

    if (check == NULL)
        return rc;
    gp_arena_init(&check->arena, GP_LOOK_BYTES);
    while (rc == 0 && seq < head)
        rc = check_range(check, store, &seq, head);
    *ret_bad = rc != 0 ? seq + 1 : check->owed;
    if (rc == 0 && (check->owed != 0 || check->texts.kept != rows))
        rc = GP_ECORRUPT;
    if (rc == 0)
        *ret_texts = check->texts;
    gp_arena_release(&check->arena);
    free(check);
    return rc;
}
