/* What every kind of item needs: loading an incident, recording a decision. */
#include "engine/internal.h"

#include <assert.h>

int gp_run_load(struct gp_run *run, uint64_t id)
{
    return gp_run_load_into(run, id, &run->engine->incident);
}

int gp_run_load_into(struct gp_run *run, uint64_t id, struct gp_incident *ret_incident)
{
    return gp_incident_read(run->txn, id, &run->engine->arena, ret_incident);
}

int gp_incident_read(struct gp_txn *txn, uint64_t id, struct gp_arena *arena,
                     struct gp_incident *ret_incident)
{
    struct gp_span record;
    int rc = gp_incident_get(txn, id, &record);

    if (rc != 0)
        return rc;
    return gp_stored(gp_wire_incident_unpack(record, arena, ret_incident));
}

int gp_stored(int rc)
{
    return rc == GP_EFORMAT || rc == GP_EUTF8 || rc == GP_ELIMIT ? GP_ECORRUPT : rc;
}

struct gp_scene gp_run_scene(struct gp_run *run, const struct gp_incident *incident)
{
    return (struct gp_scene){
        .org = gp_view_org(run->view),
        .now_ms = run->batch->now_ms,
        .incident = incident,
        .new_id = run->last_id + 1,
        .next_seq = run->head + 1,
        .drill = run->engine->drill,
        .recall = &run->recall,
    };
}

static int append(struct gp_run *run, const struct gp_entry *entry, struct gp_span packed)
{
    uint64_t seq = 0;
    int rc = gp_journal_append(run->txn, packed, &seq);

    if (rc != 0)
        return rc;
    assert(seq == entry->seq);
    run->head = seq;
    run->dirty = true;
    if (entry->tenure.id != 0 || (entry->leave.id != 0 && entry->what == GP_WHAT_LEAVE))
        run->view_stale = true;
    rc = gp_tables_write_entry(run->txn, entry, &run->engine->arena);
    if (rc == 0)
        gp_tally_entry(run->engine, entry);
    return rc == 0 ? gp_personal_keep(run, entry) : rc;
}

int gp_run_record(struct gp_run *run, const struct gp_incident *before,
                  const struct gp_kept_answer *kept)
{
    struct gp_decision *decision = &run->engine->decision;
    struct gp_span packed[GP_ENTRIES_MAX];
    bool about_incident = decision->after.id != 0;
    struct gp_span record;
    int rc = 0;

    assert(decision->entry_count > 0);
    assert(decision->entry_count <= GP_ENTRIES_MAX);
    if (about_incident)
        rc = gp_wire_incident_pack(&decision->after, &run->engine->arena, &record);
    if (rc != 0)
        return rc;
    if (kept != NULL)
        decision->entry[decision->entry_count - 1].kept = *kept;
    for (uint8_t i = 0; i < decision->entry_count; i++) {
        decision->entry[i].seq = run->head + 1 + i;
        rc = gp_personal_seal(run, &decision->entry[i]);
        if (rc == 0)
            rc = gp_wire_entry_pack(&decision->entry[i], &run->engine->arena, &packed[i]);
        if (rc != 0)
            return rc;
    }
    for (uint8_t i = 0; i < decision->entry_count; i++) {
        rc = append(run, &decision->entry[i], packed[i]);
        if (rc != 0)
            return rc;
    }
    if (decision->after.id > run->last_id)
        run->last_id = decision->after.id;
    return about_incident ? gp_tables_write(run->txn, before, &decision->after, record) : 0;
}

void gp_run_plain_entry(const struct gp_run *run, enum gp_what what, struct gp_span text,
                        struct gp_entry *ret_entry)
{
    memset(ret_entry, 0, sizeof *ret_entry);
    ret_entry->at_ms = run->batch->now_ms;
    ret_entry->what = what;
    ret_entry->text = text;
    ret_entry->flags = run->engine->drill ? GP_FLAG_DRILL : 0;
}

int gp_run_record_plain(struct gp_run *run, struct gp_entry *entry)
{
    struct gp_span packed;

    entry->seq = run->head + 1;
    int rc = gp_wire_entry_pack(entry, &run->engine->arena, &packed);
    if (rc != 0)
        return rc;
    return append(run, entry, packed);
}
