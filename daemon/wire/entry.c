/* Journal entries: the public half that followers get, and the rest that only the fold needs. */
#include "wire/internal.h"

#include <assert.h>

/* One stored entry: a plan, a text and all recipients fit several times over. */
#define GP_ENTRY_BYTES_MAX (64 * 1024)

/* ---------------------------------------------------------------- public half, writing */

static Gp__Recipient *out_recipient(struct gp_out *out, const struct gp_recipient *recipient)
{
    Gp__Recipient *to = gp_out_new(out, sizeof *to);

    gp__recipient__init(to);
    to->person = gp_out_text(out, recipient->person);
    to->post = gp_out_text(out, recipient->post);
    to->capacity = gp_out_text(out, gp_span_of(recipient->capacity));
    GP_SET(to, path, (Gp__Path)recipient->path);
    return to;
}

static void out_lists(struct gp_out *out, const struct gp_entry *entry, Gp__Entry *to)
{
    to->recipient = gp_out_list(out, entry->recipient_count);
    if (to->recipient != NULL) {
        to->n_recipient = entry->recipient_count;
        for (uint8_t i = 0; i < entry->recipient_count; i++)
            to->recipient[i] = out_recipient(out, &entry->recipient[i]);
    }
    if (entry->ref_count > 0) {
        to->n_ref_seq = entry->ref_count;
        to->ref_seq = (uint64_t *)(uintptr_t)entry->ref_seq; /* only read from */
    }
    if (entry->similar_count > 0) {
        to->n_similar = entry->similar_count;
        to->similar = (uint64_t *)(uintptr_t)entry->similar; /* the same */
    }
}

static void out_facts(struct gp_out *out, const struct gp_entry *entry, Gp__Entry *to)
{
    to->area = gp_out_area(out, entry->area);
    GP_SET(to, area_level, entry->area.level);
    to->line = gp_out_text(out, entry->line);
    to->department = gp_out_text(out, entry->department);
    to->category = gp_out_text(out, entry->category);
    to->condition = gp_out_text(out, entry->condition);
    to->actor = gp_out_text(out, entry->actor);
    to->actor_post = gp_out_text(out, entry->actor_post);
    to->owner = gp_out_text(out, entry->owner);
    to->text = gp_out_text(out, entry->text);
    to->place = gp_out_place(out, entry->place);
    to->subject = gp_out_text(out, entry->subject);
    to->phone = gp_out_text(out, entry->phone);
    GP_SET(to, other, entry->other);
    GP_SET(to, level, entry->level);
    GP_SET(to, by_device, entry->by_device);
}

Gp__Entry *gp_out_entry(struct gp_out *out, const struct gp_entry *entry)
{
    Gp__Entry *to = gp_out_new(out, sizeof *to);

    gp__entry__init(to);
    GP_SET(to, seq, entry->seq);
    GP_SET(to, at_ms, entry->at_ms);
    GP_SET(to, incident, entry->incident);
    GP_SET(to, what, (Gp__What)entry->what);
    GP_SET(to, step, (Gp__Step)entry->step);
    GP_SET(to, stage, entry->stage);
    GP_SET(to, nth, entry->nth);
    GP_SET(to, state, (Gp__State)entry->state);
    GP_SET(to, version, entry->version);
    to->has_nominal_ms = entry->has_nominal;
    to->nominal_ms = entry->nominal_ms;
    GP_SET(to, due_ms, entry->due_ms);
    GP_SET(to, flags, entry->flags);
    GP_SET(to, is_private, entry->is_private);
    out_facts(out, entry, to);
    out_lists(out, entry, to);
    return to;
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

static Gp__Patch *out_patch(struct gp_out *out, const struct gp_patch *patch)
{
    Gp__Patch *to;

    if (patch->bits == 0)
        return NULL;
    to = gp_out_new(out, sizeof *to);
    gp__patch__init(to);
    GP_SET(to, bits, patch->bits);
    GP_SET(to, state, (Gp__State)patch->state);
    if (patch->bits & GP_PATCH_ROW)
        to->row = gp_out_row(out, &patch->row);
    if (patch->bits & (GP_PATCH_ROW | GP_PATCH_AREA)) {
        to->community = gp_out_area(out, patch->community);
        GP_SET(to, community_level, patch->community.level);
    }
    if (patch->bits & GP_PATCH_PLAN)
        to->plan = gp_out_plan(out, &patch->plan);
    if (patch->repeat.step != GP_STEP_NONE)
        to->repeat = gp_out_plan_step(out, &patch->repeat);
    to->device = gp_out_text(out, patch->device);
    GP_SET(to, captured_ms, patch->captured_ms);
    GP_SET(to, received_ms, patch->received_ms);
    to->owner = gp_out_text(out, patch->owner);
    to->assistant = gp_out_text(out, patch->assistant);
    GP_SET(to, fired_index, patch->fired_index);
    GP_SET(to, owed, patch->owed);
    GP_SET(to, same_ab, patch->same_ab);
    to->person = gp_out_text(out, patch->person);
    GP_SET(to, at_ms, patch->at_ms);
    GP_SET(to, overdue_ms, patch->overdue_ms);
    to->overdue_post = gp_out_text(out, patch->overdue_post);
    if (patch->bits & GP_PATCH_SIDE)
        to->side = gp_out_side(out, &patch->side);
    return to;
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

static Gp__Kept *out_kept(struct gp_out *out, const struct gp_kept_answer *kept)
{
    Gp__Kept *to;

    if (!kept->present)
        return NULL;
    to = gp_out_new(out, sizeof *to);
    gp__kept__init(to);
    to->has_id = true;
    to->id = (ProtobufCBinaryData){sizeof kept->id, (uint8_t *)(uintptr_t)kept->id};
    GP_SET(to, device_hash, kept->device_hash);
    to->has_body_hash = true;
    to->body_hash =
        (ProtobufCBinaryData){sizeof kept->body_hash, (uint8_t *)(uintptr_t)kept->body_hash};
    return to;
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

/* Text and phone lie beside the journal; here is what they hash to. */
static void hide_personal(const struct gp_entry *entry, Gp__JournalEntry *message)
{
    if (!entry->personal)
        return;
    message->entry->text = message->entry->phone = NULL;
    message->has_personal_hash = true;
    message->personal_hash = (ProtobufCBinaryData){sizeof entry->personal_hash,
                                                   (uint8_t *)(uintptr_t)entry->personal_hash};
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

int gp_wire_entry_pack(const struct gp_entry *entry, struct gp_arena *arena,
                       struct gp_span *ret_bytes)
{
    struct gp_out out = {.arena = arena};
    Gp__JournalEntry message;

    check_report(entry);
    assert(!(entry->flags & GP_FLAG_ERASED)); /* it is seen when an entry is read */
    gp__journal_entry__init(&message);
    message.entry = gp_out_entry(&out, entry);
    hide_personal(entry, &message);
    message.patch = out_patch(&out, &entry->patch);
    message.kept = out_kept(&out, &entry->kept);
    message.vacant_post = gp_out_text(&out, entry->vacant_post);
    GP_SET(&message, vacant_day, entry->vacant_day);
    GP_SET(&message, forget_before_ms, entry->forget_before_ms);
    message.strike = gp_out_strike(&out, &entry->strike);
    message.leave = gp_out_leave(&out, &entry->leave);
    message.tenure = gp_out_tenure(&out, &entry->tenure);
    GP_SET(&message, counts_on_spot, entry->counts_on_spot);
    GP_SET(&message, erases, entry->erases);
    GP_SET(&message, text_seq, entry->kept.text_seq);
    message.device = gp_out_device(&out, &entry->device);
    return gp_out_pack(&out, &message.base, GP_ENTRY_BYTES_MAX, ret_bytes);
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
