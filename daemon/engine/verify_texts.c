/* Personal texts against what the journal says of them. */
#include "engine/verify_internal.h"

#include <stdio.h>
#include <stdlib.h>

struct texts_check {
    const struct gp_verify *verify;
    struct gp_arena arena; /* of one entry and its incident */
    struct gp_entry entry;
    struct gp_incident incident;
    struct gp_texts texts;
    uint64_t seq, head;
    uint64_t rows;   /* that entries speak of */
    uint64_t owed;   /* the newest words about people that are gone and not said to be; 0: none */
    int64_t owed_ms; /* when they were written */
    uint64_t unread; /* the first of those up to `seq` that cannot be read; 0: it can */
    bool gaps;       /* there were such ones */
};

static void say(const struct texts_check *check, enum gp_flaw_kind kind, uint64_t incident,
                uint64_t seq, const char *text)
{
    unsigned char key[16];
    struct gp_flaw flaw = {.kind = (uint8_t)kind,
                           .table = GP_TABLE_PERSONAL,
                           .first = seq,
                           .last = seq,
                           .key_bytes = sizeof key};

    gp_put_u64(key, incident);
    gp_put_u64(key + 8, seq);
    memcpy(flaw.key, key, sizeof key);
    memcpy(flaw.text, text, strlen(text) + 1);
    check->verify->flaw(check->verify->context, &flaw);
}

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
static int check_gone(struct texts_check *check, struct gp_txn *txn, uint64_t seq)
{
    int rc = gp_incident_read(txn, check->entry.incident, &check->arena, &check->incident);

    if (rc == GP_ENOMEM)
        return rc;
    if (rc != 0 || check->incident.erased_ms < check->entry.at_ms)
        say(check, GP_FLAW_TEXT, check->entry.incident, seq, "the text of an entry is missing");
    else
        check->texts.erased++;
    return 0;
}

/* Nothing of an incident may be left from before it was erased. The oldest goes first, so one that
 * is among the first GP_ERASE_ROWS_MAX is not what a further `erase` is for. */
static int check_erased(struct texts_check *check, struct gp_txn *txn, uint64_t seq)
{
    uint64_t id = check->entry.incident, left;
    int rc = gp_personal_next(txn, id, 0, &left);

    if (rc == 0 && left < seq)
        rc = gp_incident_read(txn, id, &check->arena, &check->incident);
    else
        return 0;
    if (rc == 0 && check->incident.text_seq != 0 &&
        left < check->incident.text_seq + GP_ERASE_ROWS_MAX)
        say(check, GP_FLAW_EXTRA, id, left, "a text that was erased");
    return rc == GP_ENOMEM || rc == GP_EIO ? rc : 0; /* a damaged record is told of */
}

/* Those that lie together are told of together: a block of the journal has hundreds. */
static void say_unread(struct texts_check *check, uint64_t last)
{
    struct gp_flaw flaw = {
        .kind = GP_FLAW_ENTRY, .table = -1, .first = check->unread, .last = last};

    if (check->unread == 0)
        return;
    (void)snprintf(flaw.text, sizeof flaw.text, "%s",
                   check->unread == last ? "it cannot be read" : "they cannot be read");
    check->verify->flaw(check->verify->context, &flaw);
    check->unread = 0;
}

static int read_entry(struct texts_check *check, struct gp_txn *txn, uint64_t seq)
{
    struct gp_span bytes;
    int rc = gp_journal_get(txn, seq, &bytes);

    gp_arena_reset(&check->arena);
    memset(&check->entry, 0, sizeof check->entry);
    return rc == 0 ? gp_wire_entry_unpack(bytes, &check->arena, &check->entry) : rc;
}

static int check_one(struct texts_check *check, struct gp_txn *txn, uint64_t seq)
{
    int rc = read_entry(check, txn, seq);

    if (rc == GP_ENOMEM || rc == GP_EIO)
        return rc;
    if (rc != 0) {
        check->unread = check->unread != 0 ? check->unread : seq;
        check->gaps = true;
        return 0;
    }
    say_unread(check, seq - 1);
    rc = gp_entry_join(txn, &check->arena, &check->entry);
    if (rc == GP_ENOMEM || rc == GP_EIO)
        return rc;
    check_forgotten(check, seq);
    if (check->entry.erases) {
        int erased = check_erased(check, txn, seq);
        if (erased != 0)
            return erased;
    }
    if (rc != 0)
        say(check, GP_FLAW_TEXT, check->entry.incident, seq, "the text of an entry is damaged");
    if (check->entry.personal && check->entry.flags & GP_FLAG_ERASED)
        return check->entry.incident != 0 ? check_gone(check, txn, seq) : 0;
    check->rows += check->entry.personal;
    check->texts.kept += check->entry.personal && rc == 0;
    return 0;
}

/* One short read transaction's worth of entries. */
static int check_range(struct texts_check *check, struct gp_store *store)
{
    struct gp_txn *txn = NULL;
    int rc = gp_txn_read(store, &txn);

    for (unsigned rows = 0; rc == 0 && rows < GP_READ_ROWS_MAX && check->seq < check->head;
         rows++) {
        rc = check_one(check, txn, ++check->seq);
        gp_verify_progress(check->verify, check->seq, check->head);
    }
    gp_txn_abort(txn);
    return rc;
}

/* An entry that cannot be read may well have the text: it is told of by itself. */
static int check_stray(struct texts_check *check, struct gp_txn *txn, uint64_t incident,
                       uint64_t seq, const struct gp_personal *personal)
{
    int rc = read_entry(check, txn, seq);

    if (rc == GP_ENOMEM || rc == GP_EIO)
        return rc;
    if (rc != 0 && rc != GP_ENOTFOUND)
        return 0;
    gp_arena_reset(&check->arena);
    rc = gp_personal_check(txn, &check->arena, incident, seq, personal);
    if (rc == GP_ECORRUPT)
        say(check, GP_FLAW_EXTRA, incident, seq, "a text that no entry has");
    return rc == GP_ECORRUPT ? 0 : rc;
}

/* Rows that no entry speaks of: an entry of a block that is unpacked for each is slow, so they are
 * looked for where there must be some. */
static int find_strays(struct texts_check *check, struct gp_txn *txn)
{
    struct gp_walk *walk = NULL;
    struct gp_personal personal;
    struct gp_span key, value;
    uint64_t incident, seq, done = 0, of = gp_table_says(txn, GP_TABLE_PERSONAL);
    int rc = gp_walk_open(txn, GP_TABLE_PERSONAL, (struct gp_span){0}, &walk);

    while (rc == 0) {
        gp_verify_progress(check->verify, done++, of);
        key = (struct gp_span){0};
        rc = gp_walk_next(walk, &key, &value);
        if (rc == GP_ECORRUPT && key.ptr != NULL)
            rc = 0; /* it was told of */
        else if (rc == 0 && gp_personal_read(key, value, &incident, &seq, &personal) == 0)
            rc = check_stray(check, txn, incident, seq, &personal);
    }
    gp_walk_close(walk);
    return rc == GP_ENOTFOUND ? 0 : rc;
}

static int check_strays(struct texts_check *check, struct gp_store *store)
{
    struct gp_txn *txn = NULL;
    int rc = gp_txn_read(store, &txn);

    if (rc == 0 && gp_table_says(txn, GP_TABLE_PERSONAL) != check->rows)
        rc = find_strays(check, txn);
    gp_txn_abort(txn);
    return rc;
}

static int read_head(struct gp_store *store, uint64_t *ret_head)
{
    struct gp_txn *txn = NULL;
    int rc = gp_txn_read(store, &txn);

    if (rc == 0)
        rc = gp_journal_head(txn, ret_head, NULL);
    gp_txn_abort(txn);
    return rc;
}

int gp_verify_texts(struct gp_store *store, const struct gp_verify *verify,
                    struct gp_texts *ret_texts)
{
    struct texts_check *check = calloc(1, sizeof *check);
    int rc = check != NULL ? read_head(store, &check->head) : GP_ENOMEM;

    if (check == NULL)
        return rc;
    check->verify = verify;
    gp_arena_init(&check->arena, GP_LOOK_BYTES);
    while (rc == 0 && check->seq < check->head)
        rc = check_range(check, store);
    say_unread(check, check->seq);
    if (rc == 0 && check->owed != 0 && !check->gaps) /* or who let them go cannot be read */
        say(check, GP_FLAW_TEXT, 0, check->owed, "words about people are gone before their time");
    if (rc == 0)
        rc = check_strays(check, store);
    *ret_texts = check->texts;
    gp_arena_release(&check->arena);
    free(check);
    return rc;
}

/* ---------------------------------------------------------------- whether all is well */

static void note_first(void *context, const struct gp_flaw *flaw)
{
    uint64_t *bad = context;

    if (*bad == UINT64_MAX)
        *bad = flaw->kind == GP_FLAW_EXTRA ? 0 : flaw->first;
}

int gp_engine_check_texts(struct gp_store *store, struct gp_texts *ret_texts, uint64_t *ret_bad)
{
    uint64_t bad = UINT64_MAX;
    const struct gp_verify verify = {.flaw = note_first, .context = &bad};
    int rc = gp_verify_texts(store, &verify, ret_texts);

    *ret_bad = bad != UINT64_MAX ? bad : 0;
    return rc == 0 && bad != UINT64_MAX ? GP_ECORRUPT : rc;
}
