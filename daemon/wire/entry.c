/* Journal entries: the public half that followers get, and the rest that only the fold needs. */
#include "wire/put.h"

#include <assert.h>

/* One stored entry: a plan, a text and all recipients fit several times over. */
#define GP_ENTRY_BYTES_MAX (64 * 1024)

/* ---------------------------------------------------------------- public half, writing */

static void put_recipient(struct gp_put *put, const struct gp_recipient *recipient)
{
    unsigned char *begin = gp_put_begin(put, GP_FIELD_ENTRY_RECIPIENT);

    gp_put_text(put, GP_FIELD_RECIPIENT_PERSON, recipient->person);
    gp_put_text(put, GP_FIELD_RECIPIENT_POST, recipient->post);
    gp_put_text(put, GP_FIELD_RECIPIENT_CAPACITY, gp_span_of(recipient->capacity));
    gp_put_number(put, GP_FIELD_RECIPIENT_PATH, recipient->path);
    gp_put_end(put, begin);
}

static void put_what(struct gp_put *put, const struct gp_entry *entry)
{
    gp_put_number(put, GP_FIELD_ENTRY_SEQ, entry->seq);
    gp_put_number(put, GP_FIELD_ENTRY_AT_MS, (uint64_t)entry->at_ms);
    gp_put_number(put, GP_FIELD_ENTRY_INCIDENT, entry->incident);
    gp_put_area(put, GP_FIELD_ENTRY_AREA, entry->area);
    gp_put_number(put, GP_FIELD_ENTRY_AREA_LEVEL, entry->area.level);
    gp_put_text(put, GP_FIELD_ENTRY_LINE, entry->line);
    gp_put_text(put, GP_FIELD_ENTRY_DEPARTMENT, entry->department);
    gp_put_text(put, GP_FIELD_ENTRY_CATEGORY, entry->category);
    gp_put_text(put, GP_FIELD_ENTRY_CONDITION, entry->condition);
    gp_put_number(put, GP_FIELD_ENTRY_WHAT, entry->what);
    gp_put_number(put, GP_FIELD_ENTRY_STEP, entry->step);
    gp_put_number(put, GP_FIELD_ENTRY_STAGE, entry->stage);
    gp_put_number(put, GP_FIELD_ENTRY_NTH, entry->nth);
    gp_put_number(put, GP_FIELD_ENTRY_STATE, entry->state);
    gp_put_number(put, GP_FIELD_ENTRY_VERSION, entry->version);
    if (entry->has_nominal)
        gp_put_value(put, GP_FIELD_ENTRY_NOMINAL_MS, (uint64_t)entry->nominal_ms);
    gp_put_text(put, GP_FIELD_ENTRY_ACTOR, entry->actor);
    gp_put_text(put, GP_FIELD_ENTRY_ACTOR_POST, entry->actor_post);
    gp_put_text(put, GP_FIELD_ENTRY_OWNER, entry->owner);
    gp_put_number(put, GP_FIELD_ENTRY_DUE_MS, (uint64_t)entry->due_ms);
    gp_put_number(put, GP_FIELD_ENTRY_FLAGS, entry->flags);
    gp_put_number(put, GP_FIELD_ENTRY_IS_PRIVATE, entry->is_private);
}

/* Where text and phone lie beside the journal, it has neither. */
static void put_entry(struct gp_put *put, const struct gp_entry *entry, bool hide_personal)
{
    put_what(put, entry);
    if (!hide_personal)
        gp_put_text(put, GP_FIELD_ENTRY_TEXT, entry->text);
    gp_put_place(put, GP_FIELD_ENTRY_PLACE, entry->place);
    for (uint8_t i = 0; i < entry->recipient_count; i++)
        put_recipient(put, &entry->recipient[i]);
    gp_put_numbers(put, GP_FIELD_ENTRY_REF_SEQ, entry->ref_seq, entry->ref_count);
    gp_put_text(put, GP_FIELD_ENTRY_SUBJECT, entry->subject);
    gp_put_number(put, GP_FIELD_ENTRY_OTHER, entry->other);
    gp_put_numbers(put, GP_FIELD_ENTRY_SIMILAR, entry->similar, entry->similar_count);
    gp_put_number(put, GP_FIELD_ENTRY_LEVEL, entry->level);
    if (!hide_personal)
        gp_put_text(put, GP_FIELD_ENTRY_PHONE, entry->phone);
    gp_put_number(put, GP_FIELD_ENTRY_BY_DEVICE, entry->by_device);
}

static void put_public(struct gp_put *put, const void *entry)
{
    put_entry(put, entry, false);
}

Gp__Entry *gp_out_entry(struct gp_out *out, const struct gp_entry *entry)
{
    return (Gp__Entry *)gp_put_raw(out, put_public, entry, GP_REPLY_BYTES_MAX);
}

/* ---------------------------------------------------------------- public half, reading */

static void in_recipient(struct gp_in *in, const Gp__Recipient *from, struct gp_recipient *to)
{
    struct gp_span capacity = gp_in_text(in, from->capacity, GP_CAPACITY_BYTES - 1, "capacity");

    to->person = gp_in_id(in, from->person, "recipient.person");
    to->post = gp_in_id(in, from->post, "recipient.post");
    if (capacity.len > 0)
        memcpy(to->capacity, capacity.ptr, capacity.len);
    to->path = (uint8_t)gp_in_number(in, (uint32_t)from->path, GP_PATH_SUPERIOR, "recipient.path");
}

static void in_lists(struct gp_in *in, const Gp__Entry *from, struct gp_entry *to)
{
    if (from->n_recipient > GP_RECIPIENTS_MAX || from->n_ref_seq > GP_REFS_MAX ||
        from->n_similar > GP_SIMILAR_MAX) {
        gp_in_fail(in, GP_ELIMIT, "entry.recipient");
        return;
    }
    to->recipient_count = (uint8_t)from->n_recipient;
    for (size_t i = 0; i < from->n_recipient; i++)
        in_recipient(in, from->recipient[i], &to->recipient[i]);
    to->ref_count = (uint8_t)from->n_ref_seq;
    for (size_t i = 0; i < from->n_ref_seq; i++)
        to->ref_seq[i] = from->ref_seq[i];
    to->similar_count = (uint8_t)from->n_similar;
    for (size_t i = 0; i < from->n_similar; i++)
        to->similar[i] = from->similar[i];
}

static void in_numbers(struct gp_in *in, const Gp__Entry *from, struct gp_entry *to)
{
    to->seq = from->seq;
    to->at_ms = gp_in_time(in, from->at_ms, "entry.at_ms");
    to->incident = from->incident;
    to->what = (uint8_t)gp_in_number(in, (uint32_t)from->what, GP_WHAT_DEVICE, "entry.what");
    to->step = (uint8_t)gp_in_number(in, (uint32_t)from->step, GP_STEP_RESUME, "entry.step");
    to->stage = (uint8_t)gp_in_number(in, from->stage, GP_STAGES_MAX - 1, "entry.stage");
    to->nth = from->nth;
    to->state = (uint8_t)gp_in_number(in, (uint32_t)from->state, GP_STATE_REOPENED, "entry.state");
    to->version = from->version;
    to->has_nominal = from->has_nominal_ms;
    if (to->has_nominal) {
        to->nominal_ms = gp_in_time(in, from->nominal_ms, "entry.nominal_ms");
        to->late_ms = to->at_ms - to->nominal_ms;
    }
    to->due_ms = gp_in_time(in, from->due_ms, "entry.due_ms");
    to->flags = from->flags;
    to->is_private = from->is_private;
}

void gp_in_entry(struct gp_in *in, const Gp__Entry *from, struct gp_entry *ret_entry)
{
    struct gp_entry *to = ret_entry;

    memset(to, 0, sizeof *to);
    in_numbers(in, from, to);
    to->area = gp_in_area(in, from->area, from->area_level, "entry.area");
    to->line = gp_in_id(in, from->line, "entry.line");
    to->department = gp_in_id(in, from->department, "entry.department");
    to->category = gp_in_id(in, from->category, "entry.category");
    to->condition = gp_in_id(in, from->condition, "entry.condition");
    to->actor = gp_in_id(in, from->actor, "entry.actor");
    to->actor_post = gp_in_id(in, from->actor_post, "entry.actor_post");
    to->owner = gp_in_id(in, from->owner, "entry.owner");
    to->text = gp_in_text(in, from->text, GP_TEXT_BYTES_MAX, "entry.text");
    to->place = gp_in_place(in, from->place);
    to->subject = gp_in_id(in, from->subject, "entry.subject");
    to->phone = gp_in_id(in, from->phone, "entry.phone");
    to->other = from->other;
    to->level = gp_in_number(in, from->level, 3, "entry.level");
    to->by_device = from->by_device;
    in_lists(in, from, to);
}

/* ---------------------------------------------------------------- the fold's half */

static void put_patch(struct gp_put *put, const struct gp_patch *patch)
{
    unsigned char *begin;

    if (patch->bits == 0)
        return;
    begin = gp_put_begin(put, GP_FIELD_JOURNAL_ENTRY_PATCH);
    gp_put_number(put, GP_FIELD_PATCH_BITS, patch->bits);
    gp_put_number(put, GP_FIELD_PATCH_STATE, patch->state);
    if (patch->bits & (GP_PATCH_ROW | GP_PATCH_AREA)) {
        gp_put_area(put, GP_FIELD_PATCH_COMMUNITY, patch->community);
        gp_put_number(put, GP_FIELD_PATCH_COMMUNITY_LEVEL, patch->community.level);
    }
    if (patch->bits & GP_PATCH_ROW)
        gp_put_row(put, GP_FIELD_PATCH_ROW, &patch->row);
    gp_put_text(put, GP_FIELD_PATCH_DEVICE, patch->device);
    gp_put_number(put, GP_FIELD_PATCH_CAPTURED_MS, (uint64_t)patch->captured_ms);
    gp_put_number(put, GP_FIELD_PATCH_RECEIVED_MS, (uint64_t)patch->received_ms);
    gp_put_text(put, GP_FIELD_PATCH_OWNER, patch->owner);
    gp_put_text(put, GP_FIELD_PATCH_ASSISTANT, patch->assistant);
    if (patch->bits & GP_PATCH_PLAN)
        gp_put_plan(put, GP_FIELD_PATCH_PLAN, &patch->plan);
    gp_put_number(put, GP_FIELD_PATCH_FIRED_INDEX, patch->fired_index);
    if (patch->repeat.step != GP_STEP_NONE)
        gp_put_plan_step(put, GP_FIELD_PATCH_REPEAT, &patch->repeat);
    gp_put_number(put, GP_FIELD_PATCH_OWED, patch->owed);
    gp_put_number(put, GP_FIELD_PATCH_SAME_AB, patch->same_ab);
    gp_put_text(put, GP_FIELD_PATCH_PERSON, patch->person);
    gp_put_number(put, GP_FIELD_PATCH_AT_MS, (uint64_t)patch->at_ms);
    gp_put_number(put, GP_FIELD_PATCH_OVERDUE_MS, (uint64_t)patch->overdue_ms);
    gp_put_text(put, GP_FIELD_PATCH_OVERDUE_POST, patch->overdue_post);
    if (patch->bits & GP_PATCH_SIDE)
        gp_put_side(put, GP_FIELD_PATCH_SIDE, &patch->side);
    gp_put_end(put, begin);
}

static void in_patch(struct gp_in *in, const Gp__Patch *from, struct gp_entry *entry)
{
    struct gp_patch *to = &entry->patch;

    if (from == NULL)
        return;
    /* A bit we do not know would be folded into something else than was decided. */
    to->bits = gp_in_number(in, from->bits, GP_PATCH_BITS_ALL, "patch.bits");
    to->state = (uint8_t)gp_in_number(in, (uint32_t)from->state, GP_STATE_REOPENED, "patch.state");
    to->community = gp_in_area(in, from->community, from->community_level, "patch.community");
    gp_in_row(in, from->row, &to->row);
    gp_in_plan(in, from->plan, &to->plan);
    if (from->repeat != NULL)
        gp_in_plan_step(in, from->repeat, &to->repeat);
    to->device = gp_in_id(in, from->device, "patch.device");
    to->captured_ms = gp_in_time(in, from->captured_ms, "patch.captured_ms");
    to->received_ms = gp_in_time(in, from->received_ms, "patch.received_ms");
    to->owner = gp_in_id(in, from->owner, "patch.owner");
    to->assistant = gp_in_id(in, from->assistant, "patch.assistant");
    to->fired_index =
        (uint8_t)gp_in_number(in, from->fired_index, GP_PLAN_STEPS_MAX - 1, "patch.fired_index");
    to->owed = gp_in_number(in, from->owed, GP_STEPS_OWED_MAX, "patch.owed");
    to->same_ab = from->same_ab;
    to->person = gp_in_id(in, from->person, "patch.person");
    to->at_ms = gp_in_time(in, from->at_ms, "patch.at_ms");
    to->overdue_ms = gp_in_time(in, from->overdue_ms, "patch.overdue_ms");
    to->overdue_post = gp_in_id(in, from->overdue_post, "patch.overdue_post");
    gp_in_side(in, from->side, &to->side);
    if (to->bits & GP_PATCH_AREA)
        to->area = entry->area;
    if (to->bits & GP_PATCH_REPORT) {
        to->area = entry->area;
        to->reporter = entry->actor;
        to->place = entry->place;
    }
}

static void put_kept(struct gp_put *put, const struct gp_kept_answer *kept)
{
    unsigned char *begin;

    if (!kept->present)
        return;
    begin = gp_put_begin(put, GP_FIELD_JOURNAL_ENTRY_KEPT);
    gp_put_bytes(put, GP_FIELD_KEPT_ID, kept->id, sizeof kept->id);
    gp_put_fixed64(put, GP_FIELD_KEPT_DEVICE_HASH, kept->device_hash);
    gp_put_bytes(put, GP_FIELD_KEPT_BODY_HASH, kept->body_hash, sizeof kept->body_hash);
    gp_put_end(put, begin);
}

static void in_kept(struct gp_in *in, const Gp__Kept *from, struct gp_kept_answer *to)
{
    if (from == NULL)
        return;
    if (from->id.len != sizeof to->id || from->body_hash.len != sizeof to->body_hash) {
        gp_in_fail(in, GP_EFORMAT, "kept");
        return;
    }
    to->present = true;
    memcpy(to->id, from->id.data, sizeof to->id);
    memcpy(to->body_hash, from->body_hash.data, sizeof to->body_hash);
    to->device_hash = from->device_hash;
}

/* Of a report the patch repeats nothing that the entry itself says. */
static void check_report(const struct gp_entry *entry)
{
    if (entry->patch.bits & (GP_PATCH_REPORT | GP_PATCH_AREA))
        assert(entry->patch.area.padded == entry->area.padded);
    if (!(entry->patch.bits & GP_PATCH_REPORT))
        return;
    assert(gp_span_equal(entry->patch.reporter, entry->actor));
}

static void in_personal(struct gp_in *in, const Gp__JournalEntry *from, struct gp_entry *to)
{
    if (!from->has_personal_hash)
        return;
    if (from->personal_hash.len != sizeof to->personal_hash || to->text.len > 0 ||
        to->phone.len > 0) {
        gp_in_fail(in, GP_EFORMAT, "personal_hash");
        return;
    }
    to->personal = true;
    memcpy(to->personal_hash, from->personal_hash.data, sizeof to->personal_hash);
}

/* Of generated structs that were made on the way. */
static void take_error(struct gp_put *put, const struct gp_out *out)
{
    if (put->error == 0)
        put->error = out->error;
}

/* What few entries have. */
static void put_records(struct gp_put *put, const struct gp_entry *entry)
{
    struct gp_out out = {.arena = put->arena};
    const Gp__Strike *strike = gp_out_strike(&out, &entry->strike);
    const Gp__Leave *leave = gp_out_leave(&out, &entry->leave);
    const Gp__Tenure *tenure = gp_out_tenure(&out, &entry->tenure);

    if (strike != NULL)
        gp_put_message(put, GP_FIELD_JOURNAL_ENTRY_STRIKE, &strike->base);
    if (leave != NULL)
        gp_put_message(put, GP_FIELD_JOURNAL_ENTRY_LEAVE, &leave->base);
    if (tenure != NULL)
        gp_put_message(put, GP_FIELD_JOURNAL_ENTRY_TENURE, &tenure->base);
    take_error(put, &out);
}

static void put_device(struct gp_put *put, const struct gp_entry *entry)
{
    struct gp_out out = {.arena = put->arena};
    const Gp__Device *device = gp_out_device(&out, &entry->device);

    if (device != NULL)
        gp_put_message(put, GP_FIELD_JOURNAL_ENTRY_DEVICE, &device->base);
    take_error(put, &out);
}

static void put_journal_entry(struct gp_put *put, const void *what)
{
    const struct gp_entry *entry = what;
    unsigned char *begin = gp_put_begin(put, GP_FIELD_JOURNAL_ENTRY_ENTRY);

    put_entry(put, entry, entry->personal);
    gp_put_end(put, begin);
    put_patch(put, &entry->patch);
    put_kept(put, &entry->kept);
    gp_put_text(put, GP_FIELD_JOURNAL_ENTRY_VACANT_POST, entry->vacant_post);
    gp_put_signed(put, GP_FIELD_JOURNAL_ENTRY_VACANT_DAY, entry->vacant_day);
    gp_put_number(put, GP_FIELD_JOURNAL_ENTRY_FORGET_BEFORE_MS, (uint64_t)entry->forget_before_ms);
    put_records(put, entry);
    gp_put_number(put, GP_FIELD_JOURNAL_ENTRY_COUNTS_ON_SPOT, entry->counts_on_spot);
    if (entry->personal)
        gp_put_bytes(put, GP_FIELD_JOURNAL_ENTRY_PERSONAL_HASH, entry->personal_hash,
                     sizeof entry->personal_hash);
    gp_put_number(put, GP_FIELD_JOURNAL_ENTRY_ERASES, entry->erases);
    gp_put_number(put, GP_FIELD_JOURNAL_ENTRY_TEXT_SEQ, entry->kept.text_seq);
    put_device(put, entry);
}

int gp_wire_entry_pack(const struct gp_entry *entry, struct gp_arena *arena,
                       struct gp_span *ret_bytes)
{
    check_report(entry);
    assert(!(entry->flags & GP_FLAG_ERASED));
    return gp_put_pack(arena, put_journal_entry, entry, GP_ENTRY_BYTES_MAX, ret_bytes);
}

int gp_wire_entry_unpack(struct gp_span bytes, struct gp_arena *arena, struct gp_entry *ret_entry)
{
    struct gp_in in = {.arena = arena};
    const Gp__JournalEntry *message = (const Gp__JournalEntry *)gp_unpack(
        &in, &gp__journal_entry__descriptor, bytes, GP_ENTRY_BYTES_MAX);

    if (message == NULL)
        return in.error;
    if (message->entry == NULL)
        return GP_EFORMAT;
    gp_in_entry(&in, message->entry, ret_entry);
    if (ret_entry->flags & GP_FLAG_ERASED) /* it is seen when an entry is read, never stored */
        gp_in_fail(&in, GP_EFORMAT, "entry.flags");
    in_patch(&in, message->patch, ret_entry);
    in_kept(&in, message->kept, &ret_entry->kept);
    ret_entry->vacant_post = gp_in_id(&in, message->vacant_post, "vacant_post");
    ret_entry->vacant_day = message->vacant_day;
    ret_entry->forget_before_ms = gp_in_time(&in, message->forget_before_ms, "forget_before_ms");
    gp_in_strike(&in, message->strike, &ret_entry->strike);
    gp_in_leave(&in, message->leave, &ret_entry->leave);
    gp_in_tenure(&in, message->tenure, &ret_entry->tenure);
    ret_entry->counts_on_spot = message->counts_on_spot;
    ret_entry->erases = message->erases;
    ret_entry->kept.text_seq = message->text_seq;
    gp_in_device(&in, message->device, &ret_entry->device);
    in_personal(&in, message, ret_entry);
    return in.error;
}
