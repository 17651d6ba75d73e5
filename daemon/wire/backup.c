/* Backups: what is asked of one, and how it stands. */
#include "wire/internal.h"

void gp_in_backup_ask(struct gp_in *in, const Gp__BackupAsk *from, uint8_t *ret_act)
{
    *ret_act = (uint8_t)gp_in_number(in, from->act, GP_BACKUP_LIST, "backup.act");
    if (*ret_act == 0)
        gp_in_fail(in, GP_EFORMAT, "backup.act");
}

static void in_kept(struct gp_in *in, const Gp__BackupKept *from, struct gp_backup_kept *to)
{
    to->name = gp_in_id(in, from->name, "kept.name");
    to->at_ms = gp_in_time(in, from->at_ms, "kept.at_ms");
    to->seq = from->seq;
    to->bytes = from->bytes;
    to->verified = from->verified;
}

static Gp__BackupKept *out_kept(struct gp_out *out, const struct gp_backup_kept *from)
{
    Gp__BackupKept *to = gp_out_new(out, sizeof *to);

    gp__backup_kept__init(to);
    to->name = gp_out_text(out, from->name);
    GP_SET(to, at_ms, from->at_ms);
    GP_SET(to, seq, from->seq);
    GP_SET(to, bytes, from->bytes);
    GP_SET(to, verified, from->verified);
    return to;
}

void gp_in_backup(struct gp_in *in, const Gp__Backup *from, struct gp_backup_state *ret_backup)
{
    struct gp_backup_state *to = ret_backup;

    to->job = from->job;
    to->check = from->check;
    to->phase = (uint8_t)gp_in_number(in, from->phase, GP_BACKUP_FINISHING, "backup.phase");
    to->done = from->done;
    to->of = from->of;
    to->result = (uint8_t)gp_in_number(in, from->result, GP_BACKUP_GAVE_WAY, "backup.result");
    to->name = gp_in_id(in, from->name, "backup.name");
    to->seq = from->seq;
    gp_in_bytes(in, from->hash, sizeof to->hash, "backup.hash", to->hash);
    to->started_ms = gp_in_time(in, from->started_ms, "backup.started_ms");
    to->ended_ms = gp_in_time(in, from->ended_ms, "backup.ended_ms");
    to->finding = gp_in_text(in, from->finding, GP_TEXT_BYTES_MAX, "backup.finding");
    to->kept = gp_in_array(in, from->n_kept, sizeof *to->kept, GP_PAGE_ROWS_MAX, "backup.kept");
    to->kept_count = to->kept != NULL ? (uint32_t)from->n_kept : 0;
    for (uint32_t i = 0; i < to->kept_count; i++)
        in_kept(in, from->kept[i], &to->kept[i]);
}

Gp__Backup *gp_out_backup(struct gp_out *out, const struct gp_backup_state *from)
{
    Gp__Backup *to = gp_out_new(out, sizeof *to);

    gp__backup__init(to);
    GP_SET(to, job, from->job);
    GP_SET(to, check, from->check);
    GP_SET(to, phase, from->phase);
    GP_SET(to, done, from->done);
    GP_SET(to, of, from->of);
    GP_SET(to, result, from->result);
    to->name = gp_out_text(out, from->name);
    GP_SET(to, seq, from->seq);
    to->has_hash = true;
    to->hash = gp_out_bytes(from->hash, sizeof from->hash);
    GP_SET(to, started_ms, from->started_ms);
    GP_SET(to, ended_ms, from->ended_ms);
    to->finding = gp_out_text(out, from->finding);
    to->kept = gp_out_list(out, from->kept_count);
    for (uint32_t i = 0; to->kept != NULL && i < from->kept_count; i++)
        to->kept[to->n_kept++] = out_kept(out, &from->kept[i]);
    return to;
}
