/* Checking: the journal's files, what meta says, and what the other files of it share. */
#include "engine/verify_internal.h"

#include <inttypes.h>
#include <stdio.h>

const char *gp_flaw_name(enum gp_flaw_kind kind)
{
    static const char *const names[] = {
        [GP_FLAW_LOG] = "log",       [GP_FLAW_ROW] = "row",         [GP_FLAW_FORM] = "form",
        [GP_FLAW_ASTRAY] = "astray", [GP_FLAW_MISSING] = "missing", [GP_FLAW_EXTRA] = "extra",
        [GP_FLAW_OTHER] = "other",   [GP_FLAW_TABLE] = "table",     [GP_FLAW_PAGE] = "page",
        [GP_FLAW_TEXT] = "text",     [GP_FLAW_ENTRY] = "entry",     [GP_FLAW_STORE] = "store",
    };

    return (size_t)kind < sizeof names / sizeof names[0] ? names[kind] : "?";
}

void gp_say_row(const struct gp_verify *verify, enum gp_flaw_kind kind, enum gp_table table,
                struct gp_span key, const char *text)
{
    struct gp_flaw flaw = {.kind = (uint8_t)kind, .table = (int8_t)table};

    flaw.key_bytes = (uint8_t)(key.len < GP_FLAW_KEY_BYTES ? key.len : GP_FLAW_KEY_BYTES);
    if (key.len > 0)
        memcpy(flaw.key, key.ptr, flaw.key_bytes);
    (void)snprintf(flaw.text, sizeof flaw.text, "%s", text);
    verify->flaw(verify->context, &flaw);
}

void gp_say_entry(const struct gp_verify *verify, enum gp_flaw_kind kind, uint64_t seq,
                  const char *text)
{
    struct gp_flaw flaw = {.kind = (uint8_t)kind, .table = -1, .first = seq, .last = seq};

    (void)snprintf(flaw.text, sizeof flaw.text, "%s", text);
    verify->flaw(verify->context, &flaw);
}

/* ---------------------------------------------------------------- the journal's files */

static void on_log_flaw(void *context, const struct gp_log_flaw *log)
{
    const struct gp_verify *verify = context;
    struct gp_flaw flaw = {.kind = GP_FLAW_LOG, .table = -1, .offset = log->offset};

    if (log->first <= log->last) {
        flaw.first = log->first;
        flaw.last = log->last;
    }
    static_assert(sizeof flaw.file == sizeof log->file, "names fit");
    memcpy(flaw.file, log->file, sizeof flaw.file);
    (void)snprintf(flaw.text, sizeof flaw.text, "%s", log->what);
    verify->flaw(verify->context, &flaw);
}

static void on_log_progress(void *context, uint64_t seq)
{
    const struct gp_verify *verify = context;

    if (verify->progress != NULL)
        verify->progress(verify->context, seq, 0);
}

int gp_verify_log(const char *path, const struct gp_verify *verify,
                  struct gp_log_checked *ret_checked)
{
    const struct gp_log_check check = {
        .flaw = on_log_flaw, .progress = on_log_progress, .context = (void *)(uintptr_t)verify};

    return gp_store_check_log(path, &check, ret_checked);
}

/* ---------------------------------------------------------------- pages */

static void on_page(void *context, enum gp_table table, uint64_t page, const char *what)
{
    const struct gp_verify *verify = context;
    struct gp_flaw flaw = {.kind = GP_FLAW_PAGE,
                           .table = table < GP_TABLE_COUNT ? (int8_t)table : -1};

    if (page == UINT64_MAX)
        (void)snprintf(flaw.text, sizeof flaw.text, "%s", what);
    else
        (void)snprintf(flaw.text, sizeof flaw.text, "page %" PRIu64 " of data.mdb: %s", page, what);
    verify->flaw(verify->context, &flaw);
}

int gp_verify_pages(struct gp_store *store, const struct gp_verify *verify)
{
    return gp_pages_check(store, on_page, (void *)(uintptr_t)verify);
}

/* ---------------------------------------------------------------- up to the journal */

int gp_verify_is_level(struct gp_store *store, bool *ret_level)
{
    struct gp_txn *txn = NULL;
    struct gp_span value;
    int rc = gp_txn_read(store, &txn);

    *ret_level = false;
    if (rc == 0)
        rc = gp_meta_get(txn, GP_META_BY_AREA, &value);
    if (rc == 0)
        *ret_level = !gp_store_behind(store) && gp_span_equal(value, GP_META_BY_AREA_DONE);
    gp_txn_abort(txn);
    return rc == GP_ENOTFOUND || rc == GP_ECORRUPT ? 0 : rc;
}

int gp_verify_catch_up(struct gp_store *store)
{
    int rc = gp_engine_recover(store);
    return rc == 0 ? gp_engine_upgrade(store) : rc;
}

/* ---------------------------------------------------------------- meta */

static int check_facts(struct gp_txn *txn, const struct gp_verify *verify)
{
    for (size_t i = 0; i < GP_META_FACTS; i++) {
        const struct gp_meta_fact *fact = &gp_meta_facts[i];
        struct gp_span value;
        int rc = fact->bytes != 0 ? gp_meta_get(txn, fact->name, &value) : GP_ENOTFOUND;
        if (gp_is_ours(rc))
            return rc;
        if (rc == 0 && value.len != fact->bytes)
            gp_say_row(verify, GP_FLAW_FORM, GP_TABLE_META, gp_span_of(fact->name),
                       "it is not as long as it should be");
    }
    return 0;
}

/* The place up to which the tables are, and the hash of the entry there. */
static int check_place(struct gp_txn *txn, const struct gp_verify *verify)
{
    unsigned char said[GP_HASH_BYTES], is[GP_HASH_BYTES];
    uint64_t head = 0;
    int rc = gp_journal_head(txn, &head, said);

    if (rc == 0)
        rc = gp_journal_hash(txn, head, is);
    if (gp_is_ours(rc))
        return rc;
    if (rc != 0 || memcmp(said, is, sizeof is) != 0)
        gp_say_row(verify, GP_FLAW_OTHER, GP_TABLE_META, GP_SPAN("journal-mark"),
                   "the journal's entry there has another hash");
    return 0;
}

/* Whether all places are among those that are said. More of them cost a look each and nothing else:
 * older gridposts have noted some twice. A full list says of itself that there may be others. */
static bool has_falls(const struct gp_falls *said, const struct gp_falls *are)
{
    unsigned found = 0;

    for (unsigned i = 0; i < said->count && found < are->count; i++)
        found += memcmp(&said->place[i], &are->place[found], sizeof are->place[0]) == 0;
    return found == are->count || said->count == GP_FALLS_MAX;
}

/* Where times fall, by the entries' own times. */
static int check_falls(struct gp_txn *txn, const struct gp_verify *verify)
{
    struct gp_falls said, are = {0};
    struct gp_span value;
    int rc = gp_meta_get(txn, GP_META_FALLS, &value);

    if (rc == GP_ECORRUPT)
        return 0; /* its row was told of */
    if (rc == 0 || rc == GP_ENOTFOUND)
        rc = gp_falls_read(txn, &said);
    if (rc == GP_ECORRUPT) {
        gp_say_row(verify, GP_FLAW_FORM, GP_TABLE_META, gp_span_of(GP_META_FALLS),
                   "it is no list of places");
        return 0;
    }
    if (rc == 0)
        rc = gp_falls_look(txn, &are);
    if (rc == GP_ECORRUPT)
        return 0; /* of an entry */
    if (rc == 0 && !has_falls(&said, &are))
        gp_say_row(verify, GP_FLAW_OTHER, GP_TABLE_META, gp_span_of(GP_META_FALLS),
                   "the times of the entries fall elsewhere");
    return rc;
}

int gp_verify_meta(struct gp_store *store, const struct gp_verify *verify)
{
    struct gp_txn *txn = NULL;
    int rc = gp_txn_read(store, &txn);

    if (rc == 0)
        rc = check_facts(txn, verify);
    if (rc == 0)
        rc = check_place(txn, verify);
    if (rc == 0)
        rc = check_falls(txn, verify);
    gp_txn_abort(txn);
    return rc;
}
