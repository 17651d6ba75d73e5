#include "wire/sample_figures.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define NUMBER(field) assert_int_equal(a->field, b->field)
#define TEXT(field)   same_text(a->field, b->field)

static void same_text(struct gp_span a, struct gp_span b)
{
    assert_int_equal(a.len, b.len);
    if (a.len > 0)
        assert_memory_equal(a.ptr, b.ptr, a.len);
}

static void same_area(struct gp_area_ref a, struct gp_area_ref b)
{
    assert_int_equal(a.padded, b.padded);
    assert_int_equal(a.digits, b.digits);
    assert_int_equal(a.level, b.level);
}

static void same_place(struct gp_place a, struct gp_place b)
{
    assert_int_equal(a.known, b.known);
    assert_int_equal(a.lat_e7, b.lat_e7);
    assert_int_equal(a.lon_e7, b.lon_e7);
}

static void same_step(const struct gp_plan_step *a, const struct gp_plan_step *b)
{
    NUMBER(at_ms);
    NUMBER(step);
    NUMBER(stage);
    NUMBER(status);
    NUMBER(provisional);
    NUMBER(nth);
}

static void same_plan(const struct gp_plan *a, const struct gp_plan *b)
{
    NUMBER(stage_count);
    NUMBER(current);
    NUMBER(step_count);
    for (uint8_t i = 0; i < a->stage_count; i++) {
        NUMBER(stage[i].amount.n);
        NUMBER(stage[i].amount.unit);
        NUMBER(stage[i].start_ms);
        NUMBER(stage[i].due_ms);
        NUMBER(stage[i].met_ms);
        TEXT(stage[i].policy);
        NUMBER(stage[i].provisional);
        NUMBER(stage[i].own_amount);
        NUMBER(stage[i].rework);
        NUMBER(stage[i].overall_ms);
        for (unsigned k = 0; k < GP_EXTENSIONS_MAX; k++)
            NUMBER(stage[i].extended_h[k]);
        NUMBER(stage[i].gap_from_ms);
        NUMBER(stage[i].gap_to_ms);
    }
    for (uint8_t i = 0; i < a->step_count; i++)
        same_step(&a->step[i], &b->step[i]);
}

static void same_row(const struct gp_row_copy *a, const struct gp_row_copy *b)
{
    TEXT(code);
    TEXT(condition);
    TEXT(line);
    TEXT(department);
    TEXT(policy);
    NUMBER(first_owner);
    NUMBER(wd_mode);
    NUMBER(is_private);
    NUMBER(informed);
    NUMBER(on_spot);
    NUMBER(valid_from_ms);
    NUMBER(limit.stage_count);
    for (uint8_t i = 0; i < a->limit.stage_count; i++) {
        NUMBER(limit.stage[i].n);
        NUMBER(limit.stage[i].unit);
    }
    NUMBER(tell_count);
    for (uint8_t i = 0; i < a->tell_count; i++)
        TEXT(tell[i]);
}

static void same_side_returns(const struct gp_side *a, const struct gp_side *b)
{
    TEXT(returner);
    TEXT(suggested);
    NUMBER(barred_count);
    for (uint8_t i = 0; i < a->barred_count; i++)
        TEXT(barred[i]);
    NUMBER(returns);
    NUMBER(buck_passed);
    NUMBER(return_reason);
    NUMBER(returned_ms);
    NUMBER(consented);
    NUMBER(bound);
}

static void same_side(const struct gp_side *a, const struct gp_side *b)
{
    NUMBER(resume_state);
    TEXT(first_owner);
    TEXT(unfilled);
    same_side_returns(a, b);
    NUMBER(asked_ms);
    NUMBER(asked_h);
    TEXT(asker);
    TEXT(helper);
    NUMBER(fired_count);
    for (uint8_t i = 0; i < a->fired_count; i++)
        NUMBER(fired[i]);
    NUMBER(struck_before);
    NUMBER(suspensions);
    NUMBER(resume_ms);
    NUMBER(check_due_ms);
    NUMBER(reworks);
    NUMBER(reopens);
    NUMBER(downward);
    TEXT(approval);
    NUMBER(on_spot);
    NUMBER(drawn);
    NUMBER(main);
    NUMBER(struck_count);
    for (uint8_t i = 0; i < a->struck_count; i++)
        TEXT(struck[i]);
}

void same_incident(const struct gp_incident *a, const struct gp_incident *b)
{
    NUMBER(id);
    NUMBER(version);
    NUMBER(state);
    same_area(a->area, b->area);
    same_area(a->community, b->community);
    same_row(&a->row, &b->row);
    TEXT(reporter);
    TEXT(device);
    TEXT(text);
    same_place(a->place, b->place);
    NUMBER(captured_ms);
    NUMBER(received_ms);
    NUMBER(dispatched_ms);
    TEXT(owner);
    TEXT(assistant);
    TEXT(acceptor);
    NUMBER(accepted_ms);
    NUMBER(finished_ms);
    NUMBER(verified_ms);
    NUMBER(closed_ms);
    NUMBER(finisher_count);
    for (uint8_t i = 0; i < a->finisher_count; i++)
        TEXT(finisher[i]);
    NUMBER(informed);
    NUMBER(overdue_ms);
    TEXT(overdue_post);
    NUMBER(same_ab);
    NUMBER(owed);
    same_plan(&a->plan, &b->plan);
    same_side(&a->side, &b->side);
    NUMBER(text_seq);
    NUMBER(erased_ms);
}

static void same_lists(const struct gp_entry *a, const struct gp_entry *b)
{
    NUMBER(recipient_count);
    for (uint8_t i = 0; i < a->recipient_count; i++) {
        TEXT(recipient[i].person);
        TEXT(recipient[i].post);
        assert_string_equal(a->recipient[i].capacity, b->recipient[i].capacity);
        NUMBER(recipient[i].path);
    }
    NUMBER(ref_count);
    for (uint8_t i = 0; i < a->ref_count; i++)
        NUMBER(ref_seq[i]);
    NUMBER(similar_count);
    for (uint8_t i = 0; i < a->similar_count; i++)
        NUMBER(similar[i]);
}

void same_public_entry(const struct gp_entry *a, const struct gp_entry *b)
{
    NUMBER(seq);
    NUMBER(at_ms);
    NUMBER(incident);
    same_area(a->area, b->area);
    TEXT(line);
    TEXT(department);
    TEXT(category);
    TEXT(condition);
    NUMBER(what);
    NUMBER(step);
    NUMBER(stage);
    NUMBER(nth);
    NUMBER(state);
    NUMBER(version);
    NUMBER(has_nominal);
    NUMBER(nominal_ms);
    NUMBER(late_ms);
    TEXT(actor);
    TEXT(actor_post);
    TEXT(owner);
    NUMBER(due_ms);
    NUMBER(flags);
    NUMBER(is_private);
    TEXT(text);
    same_place(a->place, b->place);
    TEXT(subject);
    NUMBER(other);
    NUMBER(level);
    TEXT(phone);
    NUMBER(by_device);
    same_lists(a, b);
}

static void same_patch(const struct gp_patch *a, const struct gp_patch *b)
{
    NUMBER(bits);
    NUMBER(state);
    same_area(a->area, b->area);
    same_area(a->community, b->community);
    same_row(&a->row, &b->row);
    TEXT(reporter);
    TEXT(device);
    same_place(a->place, b->place);
    NUMBER(captured_ms);
    NUMBER(received_ms);
    TEXT(owner);
    TEXT(assistant);
    same_plan(&a->plan, &b->plan);
    NUMBER(fired_index);
    same_step(&a->repeat, &b->repeat);
    NUMBER(owed);
    NUMBER(same_ab);
    TEXT(person);
    NUMBER(at_ms);
    NUMBER(overdue_ms);
    TEXT(overdue_post);
    same_side(&a->side, &b->side);
}

static void same_leave(const struct gp_leave_record *a, const struct gp_leave_record *b)
{
    NUMBER(id);
    TEXT(person);
    TEXT(standin);
    NUMBER(from_ms);
    NUMBER(to_ms);
    NUMBER(state);
    TEXT(first_approver);
    NUMBER(begun);
    TEXT(override_reason);
    TEXT(source);
    NUMBER(shifted);
}

static void same_device(const struct gp_device *a, const struct gp_device *b)
{
    NUMBER(id);
    TEXT(person);
    TEXT(label);
    NUMBER(role);
    NUMBER(state);
    assert_memory_equal(a->key, b->key, sizeof a->key);
    NUMBER(invited_ms);
    NUMBER(expires_ms);
    NUMBER(joined_ms);
    NUMBER(confirmed_ms);
    NUMBER(revoked_ms);
    NUMBER(digits);
    TEXT(invited_by);
    TEXT(confirmed_by);
    TEXT(revoked_by);
}

static void same_records(const struct gp_entry *a, const struct gp_entry *b)
{
    TEXT(strike.person);
    NUMBER(strike.year);
    NUMBER(strike.incident);
    NUMBER(strike.number);
    NUMBER(strike.state);
    TEXT(strike.signer);
    same_leave(&a->leave, &b->leave);
    NUMBER(tenure.id);
    TEXT(tenure.post);
    TEXT(tenure.person);
    NUMBER(tenure.from_ms);
    NUMBER(tenure.to_ms);
    NUMBER(counts_on_spot);
    same_device(&a->device, &b->device);
}

/* What lies beside the journal does not come back from it; its hash does. */
static void same_personal(const struct gp_entry *a, const struct gp_entry *b)
{
    static struct gp_entry bare;

    bare = *a;
    if (a->personal)
        bare.text = bare.phone = (struct gp_span){0};
    same_public_entry(&bare, b);
    NUMBER(personal);
    assert_memory_equal(a->personal_hash, b->personal_hash, sizeof a->personal_hash);
    NUMBER(erases);
    NUMBER(kept.text_seq);
}

void same_entry(const struct gp_entry *a, const struct gp_entry *b)
{
    same_personal(a, b);
    same_patch(&a->patch, &b->patch);
    same_records(a, b);
    NUMBER(kept.present);
    assert_memory_equal(a->kept.id, b->kept.id, sizeof a->kept.id);
    NUMBER(kept.device_hash);
    assert_memory_equal(a->kept.body_hash, b->kept.body_hash, sizeof a->kept.body_hash);
    TEXT(vacant_post);
    NUMBER(vacant_day);
    NUMBER(forget_before_ms);
}

/* ---------------------------------------------------------------- requests */

static void same_command(const struct gp_command *a, const struct gp_command *b)
{
    NUMBER(verb);
    assert_memory_equal(a->id, b->id, sizeof a->id);
    NUMBER(incident);
    NUMBER(expect_version);
    TEXT(text);
    TEXT(grid);
    TEXT(category);
    TEXT(condition);
    NUMBER(captured_ms);
    same_place(a->place, b->place);
    TEXT(phone);
    NUMBER(on_spot);
    NUMBER(informed);
    NUMBER(downward);
    TEXT(approval);
    NUMBER(result);
    NUMBER(return_reason);
    NUMBER(delivery);
    NUMBER(hours);
    TEXT(post);
    TEXT(person);
    TEXT(standin);
    NUMBER(from_ms);
    NUMBER(to_ms);
    NUMBER(other);
    NUMBER(leave);
    NUMBER(ref_seq);
    TEXT(override_reason);
    NUMBER(device_id);
    NUMBER(role);
    NUMBER(digits);
}

static void same_query(const struct gp_query *a, const struct gp_query *b)
{
    same_area(a->area, b->area);
    NUMBER(states);
    NUMBER(open_only);
    NUMBER(overdue_only);
    TEXT(post);
    TEXT(department);
    TEXT(person);
    NUMBER(from_ms);
    NUMBER(to_ms);
    NUMBER(cursor_len);
    assert_memory_equal(a->cursor, b->cursor, sizeof a->cursor);
    NUMBER(limit);
    NUMBER(order);
}

static void same_feed_ask(const struct gp_feed_ask *a, const struct gp_feed_ask *b)
{
    NUMBER(after);
    same_area(a->filter.area, b->filter.area);
    TEXT(filter.department);
    TEXT(filter.line);
    TEXT(filter.person);
    NUMBER(filter.incident);
    NUMBER(filter.whats);
    NUMBER(filter.escalations);
    NUMBER(wait_ms);
    NUMBER(limit);
    TEXT(follower);
    NUMBER(hint);
}

static void same_assess_ask(const struct gp_assess_ask *a, const struct gp_assess_ask *b)
{
    NUMBER(from_ms);
    NUMBER(to_ms);
    NUMBER(by);
    NUMBER(level);
    same_area(a->area, b->area);
    TEXT(unit);
    NUMBER(figure);
    NUMBER(upto);
    NUMBER(after);
    NUMBER(limit);
}

void same_request(const struct gp_request *a, const struct gp_request *b)
{
    NUMBER(kind);
    TEXT(person);
    TEXT(device);
    switch ((enum gp_request_kind)a->kind) {
    case GP_REQUEST_COMMAND:
        same_command(&a->command, &b->command);
        break;
    case GP_REQUEST_QUERY:
        same_query(&a->query, &b->query);
        break;
    case GP_REQUEST_INCIDENT:
        NUMBER(incident);
        break;
    case GP_REQUEST_FEED:
        same_feed_ask(&a->feed, &b->feed);
        break;
    case GP_REQUEST_ROSTER:
        same_area(a->roster.area, b->roster.area);
        NUMBER(roster.at_ms);
        break;
    case GP_REQUEST_CONTROL:
        NUMBER(control.act);
        NUMBER(control.at_ms);
        assert_memory_equal(a->control.id, b->control.id, sizeof a->control.id);
        break;
    case GP_REQUEST_WHO:
        TEXT(who.grid);
        TEXT(who.category);
        TEXT(who.condition);
        NUMBER(who.at_ms);
        break;
    case GP_REQUEST_ASSESS:
        same_assess_ask(&a->assess, &b->assess);
        break;
    case GP_REQUEST_LEAVES:
        TEXT(leaves.person);
        NUMBER(leaves.state);
        NUMBER(leaves.from_ms);
        NUMBER(leaves.to_ms);
        NUMBER(leaves.after);
        NUMBER(leaves.limit);
        NUMBER(leaves.holdings);
        break;
    case GP_REQUEST_DEVICES:
        TEXT(devices.person);
        NUMBER(devices.state);
        NUMBER(devices.after);
        NUMBER(devices.limit);
        break;
    case GP_REQUEST_VERIFY:
        NUMBER(verify.from);
        NUMBER(verify.upto);
        break;
    case GP_REQUEST_BACKUP:
        NUMBER(backup);
        break;
    case GP_REQUEST_SUMMARY:
        same_area(a->summary.area, b->summary.area);
        TEXT(summary.department);
        break;
    case GP_REQUEST_HEAD:
    case GP_REQUEST_STATUS:
    case GP_REQUEST_FIGURES:
        break;
    }
}

/* ---------------------------------------------------------------- replies */

static void same_receipt(const struct gp_receipt *a, const struct gp_receipt *b)
{
    NUMBER(present);
    assert_memory_equal(a->request_hash, b->request_hash, sizeof a->request_hash);
    NUMBER(index);
    NUMBER(count);
    NUMBER(path_len);
    assert_memory_equal(a->path, b->path, sizeof a->path);
    assert_memory_equal(a->signature, b->signature, sizeof a->signature);
    assert_memory_equal(a->key, b->key, sizeof a->key);
}

static void same_verified(const struct gp_verified *a, const struct gp_verified *b)
{
    NUMBER(upto);
    NUMBER(bad);
    assert_memory_equal(a->hash, b->hash, sizeof a->hash);
    NUMBER(head);
}

static void same_head(const struct gp_signed_head *a, const struct gp_signed_head *b)
{
    NUMBER(seq);
    assert_memory_equal(a->hash, b->hash, sizeof a->hash);
    NUMBER(at_ms);
    assert_memory_equal(a->signature, b->signature, sizeof a->signature);
    assert_memory_equal(a->key, b->key, sizeof a->key);
}

static void same_backup(const struct gp_backup_state *a, const struct gp_backup_state *b)
{
    NUMBER(job);
    NUMBER(check);
    NUMBER(phase);
    NUMBER(result);
    NUMBER(done);
    NUMBER(of);
    TEXT(name);
    NUMBER(seq);
    assert_memory_equal(a->hash, b->hash, sizeof a->hash);
    NUMBER(started_ms);
    NUMBER(ended_ms);
    TEXT(finding);
    NUMBER(kept_count);
    for (uint32_t i = 0; i < a->kept_count; i++) {
        TEXT(kept[i].name);
        NUMBER(kept[i].at_ms);
        NUMBER(kept[i].seq);
        NUMBER(kept[i].bytes);
        NUMBER(kept[i].verified);
    }
}

static void same_answer(const struct gp_reply *a, const struct gp_reply *b)
{
    assert_memory_equal(a->answer.id, b->answer.id, sizeof a->answer.id);
    NUMBER(answer.repeated);
    NUMBER(answer.incident);
    NUMBER(answer.seq);
    NUMBER(answer.version);
    NUMBER(answer.state);
    NUMBER(answer.due_ms);
    NUMBER(answer.at_ms);
    same_receipt(&a->answer.receipt, &b->answer.receipt);
    TEXT(answer.invitation);
    NUMBER(answer.device);
}

static void same_duty(const struct gp_duty_row *a, const struct gp_duty_row *b)
{
    TEXT(area);
    TEXT(area_name);
    TEXT(post);
    TEXT(kind);
    TEXT(person);
    TEXT(person_name);
    TEXT(phone);
    NUMBER(path);
}

static void same_pages(const struct gp_reply *a, const struct gp_reply *b)
{
    NUMBER(page.count);
    for (uint32_t i = 0; i < a->page.count; i++)
        same_incident(&a->page.item[i], &b->page.item[i]);
    TEXT(page.cursor);
    NUMBER(page.head);
    NUMBER(page.counted);
    NUMBER(page.total);
}

static void same_feeds(const struct gp_reply *a, const struct gp_reply *b)
{
    NUMBER(feed.count);
    for (uint32_t i = 0; i < a->feed.count; i++)
        same_public_entry(a->feed.item[i], b->feed.item[i]);
    NUMBER(feed.scanned_to);
    NUMBER(feed.head);
    NUMBER(feed.hint.present);
    assert_memory_equal(a->feed.hint.feed, b->feed.hint.feed, sizeof a->feed.hint.feed);
    NUMBER(feed.hint.epoch);
    assert_memory_equal(a->feed.hint.key, b->feed.hint.key, sizeof a->feed.hint.key);
}

static void same_forecasts(const struct gp_reply *a, const struct gp_reply *b)
{
    NUMBER(forecast.count);
    for (uint32_t i = 0; i < a->forecast.count; i++) {
        same_public_entry(&a->forecast.item[i]->entry, &b->forecast.item[i]->entry);
        for (uint8_t j = 0; j < a->forecast.item[i]->entry.recipient_count; j++)
            TEXT(forecast.item[i]->name[j]);
    }
}

static void same_assessment(const struct gp_assessment *a, const struct gp_assessment *b)
{
    NUMBER(row_count);
    for (uint32_t i = 0; i < a->row_count; i++) {
        TEXT(row[i].unit);
        TEXT(row[i].name);
        for (int figure = 0; figure < GP_FIGURE_END; figure++)
            NUMBER(row[i].figures.count[figure]);
        NUMBER(row[i].figures.work_ms);
        NUMBER(row[i].figures.clock_ms);
        NUMBER(row[i].figures.grids);
    }
    NUMBER(behind_count);
    for (uint32_t i = 0; i < a->behind_count; i++) {
        NUMBER(behind[i].incident);
        TEXT(behind[i].unit);
    }
    NUMBER(next);
    NUMBER(head);
}

static void same_leaves(const struct gp_reply *a, const struct gp_reply *b)
{
    NUMBER(leaves.count);
    for (uint32_t i = 0; i < a->leaves.count; i++)
        same_leave(&a->leaves.item[i], &b->leaves.item[i]);
    NUMBER(leaves.holding_count);
    for (uint32_t i = 0; i < a->leaves.holding_count; i++) {
        TEXT(leaves.holding[i].post);
        TEXT(leaves.holding[i].person);
        NUMBER(leaves.holding[i].from_ms);
        NUMBER(leaves.holding[i].to_ms);
    }
    NUMBER(leaves.next);
}

void same_reply(const struct gp_reply *a, const struct gp_reply *b)
{
    NUMBER(status);
    NUMBER(kind);
    NUMBER(reason);
    TEXT(detail);
    NUMBER(retry_ms);
    NUMBER(follower_count);
    for (uint32_t i = 0; i < a->follower_count; i++)
        NUMBER(follower[i]);
    switch ((enum gp_reply_kind)a->kind) {
    case GP_REPLY_ANSWER:
        same_answer(a, b);
        break;
    case GP_REPLY_PAGE:
        same_pages(a, b);
        break;
    case GP_REPLY_INCIDENT:
        same_incident(a->incident, b->incident);
        break;
    case GP_REPLY_FEED:
        same_feeds(a, b);
        break;
    case GP_REPLY_STATUS:
        same_status(&a->daemon, &b->daemon);
        break;
    case GP_REPLY_ASSESS:
        same_assessment(&a->assess, &b->assess);
        break;
    case GP_REPLY_LEAVES:
        same_leaves(a, b);
        break;
    case GP_REPLY_DEVICES:
        NUMBER(devices.count);
        for (uint32_t i = 0; i < a->devices.count; i++)
            same_device(&a->devices.item[i], &b->devices.item[i]);
        NUMBER(devices.next);
        break;
    case GP_REPLY_VERIFIED:
        same_verified(&a->verified, &b->verified);
        break;
    case GP_REPLY_HEAD:
        same_head(&a->head, &b->head);
        break;
    case GP_REPLY_BACKUP:
        same_backup(&a->backup, &b->backup);
        break;
    case GP_REPLY_FIGURES:
        same_figures(a->figures, b->figures);
        break;
    case GP_REPLY_SUMMARY:
        same_summary(&a->summary, &b->summary);
        break;
    case GP_REPLY_ROSTER:
        NUMBER(roster.count);
        for (uint32_t i = 0; i < a->roster.count; i++)
            same_duty(&a->roster.item[i], &b->roster.item[i]);
        break;
    case GP_REPLY_FORECAST:
        same_forecasts(a, b);
        break;
    }
}
