#include "wire/sample_figures.h"

/* ---------------------------------------------------------------- parts */

static const struct gp_area_ref grid = {340705402001000, 15, GP_LEVEL_GRID};
static const struct gp_area_ref community = {340705402000000, 9, GP_LEVEL_COMMUNITY};
static const struct gp_place place = {true, -309312345, 1178123456};

static struct gp_plan_step sample_step(unsigned i)
{
    return (struct gp_plan_step){
        .at_ms = SAMPLE_MS + i * 60000,
        .step = (uint8_t)(1 + i % GP_STEP_RESUME),
        .stage = (uint8_t)(i % GP_STAGES_MAX),
        .status = (uint8_t)(1 + i % GP_PAUSED),
        .provisional = true,
        .nth = i + 1,
    };
}

static struct gp_plan sample_plan(void)
{
    struct gp_plan plan = {.stage_count = GP_STAGES_MAX,
                           .current = GP_STAGES_MAX - 1,
                           .step_count = GP_PLAN_STEPS_MAX};

    for (unsigned i = 0; i < GP_STAGES_MAX; i++)
        plan.stage[i] = (struct gp_stage){
            .amount = {2 + i, (uint8_t)(GP_UNIT_URGENT_HOUR + i)},
            .start_ms = SAMPLE_MS + i,
            .due_ms = SAMPLE_MS + 3600000 + i,
            .met_ms = SAMPLE_MS + 1800000 + i,
            .policy = GP_SPAN("policy"),
            .provisional = true,
            .own_amount = true,
            .rework = true,
            .overall_ms = SAMPLE_MS + 7200000 + i,
            .extended_h = {3 + i, 4},
            .gap_from_ms = SAMPLE_MS + 900000 + i,
            .gap_to_ms = SAMPLE_MS + 990000 + i,
        };
    for (unsigned i = 0; i < GP_PLAN_STEPS_MAX; i++)
        plan.step[i] = sample_step(i + 1);
    return plan;
}

static struct gp_row_copy sample_row(void)
{
    return (struct gp_row_copy){
        .code = GP_SPAN("code"),
        .condition = GP_SPAN("condition"),
        .line = GP_SPAN("line"),
        .department = GP_SPAN("department"),
        .policy = GP_SPAN("policy"),
        .first_owner = GP_POST_F,
        .limit = {{{2, GP_UNIT_URGENT_HOUR}, {5, GP_UNIT_WORK_DAY}}, 2},
        .wd_mode = GP_WD_CLOCK,
        .is_private = true,
        .informed = true,
        .on_spot = true,
        .valid_from_ms = SAMPLE_MS,
        .tell = {GP_SPAN("tell"), GP_SPAN("tell 2"), GP_SPAN("tell 3"), GP_SPAN("tell 4")},
        .tell_count = GP_TELL_MAX,
    };
}

static struct gp_side sample_side(void)
{
    struct gp_side side = {
        .resume_state = GP_STATE_ACCEPTED,
        .first_owner = GP_SPAN("first_owner"),
        .unfilled = GP_SPAN("unfilled"),
        .returner = GP_SPAN("returner"),
        .suggested = GP_SPAN("suggested"),
        .barred = {GP_SPAN("barred"), GP_SPAN("barred 2"), GP_SPAN("barred 3"),
                   GP_SPAN("barred 4")},
        .barred_count = GP_RETURNS_MAX,
        .returns = 2,
        .buck_passed = 1,
        .return_reason = GP_RETURN_NO_POWER,
        .returned_ms = SAMPLE_MS + 31,
        .consented = true,
        .bound = true,
        .asked_ms = SAMPLE_MS + 32,
        .asked_h = 8,
        .asker = GP_SPAN("asker"),
        .helper = GP_SPAN("helper"),
        .fired = {1, 2, 3, 4, 5, 6, 7, UINT64_MAX},
        .fired_count = GP_REFS_MAX,
        .struck_before = 1,
        .suspensions = 1,
        .resume_ms = SAMPLE_MS + 33,
        .check_due_ms = SAMPLE_MS + 34,
        .reworks = 3,
        .reopens = 4,
        .downward = true,
        .approval = GP_SPAN("approval"),
        .on_spot = true,
        .drawn = true,
        .main = 40,
        .struck = {GP_SPAN("struck"), GP_SPAN("struck 2")},
        .struck_count = 2,
    };
    return side;
}

/* ---------------------------------------------------------------- stored */

struct gp_incident *sample_incident(void)
{
    static struct gp_incident incident;

    incident = (struct gp_incident){
        .id = 41,
        .version = 7,
        .state = GP_STATE_ACCEPTED,
        .area = grid,
        .community = community,
        .row = sample_row(),
        .reporter = GP_SPAN("reporter"),
        .device = GP_SPAN("device"),
        .text = GP_SPAN("text: 井盖缺失\n\tby the gate"),
        .place = place,
        .captured_ms = SAMPLE_MS + 1,
        .received_ms = SAMPLE_MS + 2,
        .dispatched_ms = SAMPLE_MS + 3,
        .owner = GP_SPAN("owner"),
        .assistant = GP_SPAN("assistant"),
        .acceptor = GP_SPAN("acceptor"),
        .accepted_ms = SAMPLE_MS + 4,
        .finished_ms = SAMPLE_MS + 5,
        .verified_ms = SAMPLE_MS + 6,
        .closed_ms = SAMPLE_MS + 7,
        .finisher = {GP_SPAN("finisher"), GP_SPAN("finisher 2")},
        .finisher_count = 2,
        .informed = true,
        .overdue_ms = SAMPLE_MS + 8,
        .overdue_post = GP_SPAN("overdue_post"),
        .same_ab = true,
        .owed = 1u << GP_STEP_RED,
        .text_seq = UINT64_MAX,
        .erased_ms = SAMPLE_MS + 9,
    };
    incident.plan = sample_plan();
    incident.side = sample_side();
    return &incident;
}

static struct gp_patch sample_patch(const struct gp_entry *entry)
{
    return (struct gp_patch){
        .bits = 2u * GP_PATCH_UNACCEPT - 1,
        .state = GP_STATE_DISPATCHED,
        .area = entry->area,
        .community = community,
        .row = sample_row(),
        .reporter = entry->actor,
        .device = GP_SPAN("device"),
        .place = entry->place,
        .captured_ms = SAMPLE_MS + 11,
        .received_ms = SAMPLE_MS + 12,
        .owner = GP_SPAN("owner"),
        .assistant = GP_SPAN("assistant"),
        .plan = sample_plan(),
        .fired_index = GP_PLAN_STEPS_MAX - 1,
        .repeat = sample_step(10),
        .owed = 1u << GP_STEP_RESUME,
        .same_ab = true,
        .person = GP_SPAN("person"),
        .at_ms = SAMPLE_MS + 13,
        .overdue_ms = SAMPLE_MS + 14,
        .overdue_post = GP_SPAN("overdue_post"),
        .side = sample_side(),
    };
}

static struct gp_device sample_device(void)
{
    return (struct gp_device){
        .id = UINT64_MAX,
        .person = GP_SPAN("person"),
        .label = GP_SPAN("label of 李's handset"),
        .role = GP_ROLE_BRIDGE,
        .state = GP_DEVICE_REVOKED,
        .key = {1, 2, [31] = 3},
        .invited_ms = SAMPLE_MS + 51,
        .expires_ms = SAMPLE_MS + 52,
        .joined_ms = SAMPLE_MS + 53,
        .confirmed_ms = SAMPLE_MS + 54,
        .revoked_ms = SAMPLE_MS + 55,
        .digits = GP_DIGITS_MAX,
        .invited_by = GP_SPAN("invited_by"),
        .confirmed_by = GP_SPAN("confirmed_by"),
        .revoked_by = GP_SPAN("revoked_by"),
    };
}

static void sample_records(struct gp_entry *entry)
{
    entry->strike = (struct gp_strike){
        .person = GP_SPAN("person"),
        .year = 2026,
        .incident = 41,
        .number = 4,
        .state = GP_STRIKE_UPHELD,
        .signer = GP_SPAN("signer"),
    };
    entry->leave = (struct gp_leave_record){
        .id = 9,
        .person = GP_SPAN("person"),
        .standin = GP_SPAN("standin"),
        .from_ms = SAMPLE_MS + 41,
        .to_ms = SAMPLE_MS + 42,
        .state = GP_LEAVE_APPROVED,
        .first_approver = GP_SPAN("first_approver"),
        .begun = true,
        .override_reason = GP_SPAN("override_reason"),
        .source = GP_SPAN("source"),
        .shifted = 46,
    };
    entry->tenure = (struct gp_tenure){
        .id = 10,
        .post = GP_SPAN("post"),
        .person = GP_SPAN("person"),
        .from_ms = SAMPLE_MS + 43,
        .to_ms = SAMPLE_MS + 44,
    };
    entry->counts_on_spot = true;
    entry->device = sample_device();
}

struct gp_entry *sample_entry(void)
{
    static struct gp_entry entry;

    entry = (struct gp_entry){
        .seq = UINT64_MAX,
        .at_ms = SAMPLE_MS + 21,
        .incident = 41,
        .area = grid,
        .line = GP_SPAN("line"),
        .department = GP_SPAN("department"),
        .category = GP_SPAN("category"),
        .condition = GP_SPAN("condition"),
        .what = GP_WHAT_STEP,
        .step = GP_STEP_REPEAT,
        .stage = 1,
        .nth = 3,
        .state = GP_STATE_DISPATCHED,
        .version = 4,
        .has_nominal = true,
        .nominal_ms = SAMPLE_MS + 20,
        .late_ms = 1,
        .actor = GP_SPAN("actor"),
        .actor_post = GP_SPAN("actor_post"),
        .owner = GP_SPAN("owner"),
        .due_ms = SAMPLE_MS + 22,
        .flags = GP_FLAG_COALESCED | GP_FLAG_DRILL,
        .is_private = true,
        .text = GP_SPAN("text"),
        .place = place,
        .recipient_count = GP_RECIPIENTS_MAX,
        .ref_seq = {1, 2, 3, 4, 5, 6, 7, UINT64_MAX},
        .ref_count = 8,
        .subject = GP_SPAN("subject"),
        .other = 40,
        .similar = {8, 7, 6, 5, 4, 3, 2, UINT64_MAX},
        .similar_count = GP_SIMILAR_MAX,
        .level = 3,
        .phone = GP_SPAN("phone"),
        .by_device = UINT64_MAX,
        .personal = true,
        .personal_hash = {7, 8, [31] = 9},
        .erases = true,
        .kept = {true, {1, 2, 3}, UINT64_MAX, {4, 5, 6}, 12},
        .vacant_post = GP_SPAN("vacant_post"),
        .vacant_day = -1,
        .forget_before_ms = SAMPLE_MS,
    };
    for (unsigned i = 0; i < GP_RECIPIENTS_MAX; i++)
        entry.recipient[i] = (struct gp_recipient){
            .person = GP_SPAN("person"),
            .post = GP_SPAN("post"),
            .capacity = "capacity+B",
            .path = (uint8_t)(1 + i % GP_PATH_SUPERIOR),
        };
    sample_records(&entry);
    entry.patch = sample_patch(&entry);
    return &entry;
}

/* ---------------------------------------------------------------- requests */

static struct gp_command sample_command(void)
{
    return (struct gp_command){
        .verb = GP_VERB_REPORT,
        .id = {0x01, 0xA0, 0xF1, [15] = 0xFF},
        .incident = 3,
        .expect_version = 4,
        .text = GP_SPAN("text 井盖缺失"),
        .grid = GP_SPAN("grid"),
        .category = GP_SPAN("category"),
        .condition = GP_SPAN("condition"),
        .captured_ms = SAMPLE_MS,
        .place = place,
        .phone = GP_SPAN("phone"),
        .on_spot = true,
        .informed = true,
        .downward = true,
        .approval = GP_SPAN("approval"),
        .result = GP_RESULT_NO,
        .return_reason = GP_RETURN_OUT_OF_SCOPE,
        .delivery = GP_DELIVERY_READ,
        .hours = 8,
        .post = GP_SPAN("post"),
        .person = GP_SPAN("person"),
        .standin = GP_SPAN("standin"),
        .from_ms = SAMPLE_MS + 1,
        .to_ms = SAMPLE_MS + 2,
        .other = 5,
        .leave = 6,
        .ref_seq = 7,
        .override_reason = GP_SPAN("override_reason"),
        .device_id = UINT64_MAX,
        .role = GP_ROLE_BRIDGE,
        .digits = GP_DIGITS_MAX,
    };
}

static struct gp_query sample_query(void)
{
    struct gp_query query = {
        .area = {340705402000000, 9, GP_LEVEL_NONE},
        .states = GP_STATE_BIT(GP_STATE_REPORTED) | GP_STATE_BIT(GP_STATE_REOPENED),
        .open_only = true,
        .overdue_only = true,
        .post = GP_SPAN("post"),
        .department = GP_SPAN("department"),
        .person = GP_SPAN("person"),
        .from_ms = SAMPLE_MS,
        .to_ms = SAMPLE_MS + 1,
        .cursor_len = 24,
        .limit = GP_PAGE_ROWS_MAX,
        .order = GP_ORDER_NEWEST,
    };
    memset(query.cursor, 0xC5, sizeof query.cursor);
    return query;
}

static struct gp_feed_ask sample_feed(void)
{
    return (struct gp_feed_ask){
        .after = UINT64_MAX,
        .filter = {{340705000000000, 6, GP_LEVEL_NONE},
                   GP_SPAN("department"),
                   GP_SPAN("line"),
                   GP_SPAN("person"),
                   99,
                   UINT64_C(1) << GP_WHAT_STRIKE | UINT64_C(1) << GP_WHAT_AUDIT,
                   true},
        .wait_ms = GP_FEED_WAIT_MS_MAX,
        .limit = GP_FEED_ENTRIES_MAX,
        .follower = GP_SPAN("follower"),
        .hint = true,
    };
}

static struct gp_assess_ask sample_assess(void)
{
    return (struct gp_assess_ask){
        .from_ms = SAMPLE_MS,
        .to_ms = SAMPLE_MS + 1,
        .by = GP_BY_AREA,
        .level = GP_LEVEL_GRID,
        .area = {340705402000000, 9, GP_LEVEL_NONE},
        .unit = GP_SPAN("explain_unit"),
        .figure = GP_FIGURE_STRIKES,
        .upto = UINT64_MAX,
        .after = 2,
        .limit = GP_ASSESS_CASES_MAX,
    };
}

struct gp_request *sample_request(enum gp_request_kind kind)
{
    static struct gp_request request;

    memset(&request, 0, sizeof request);
    request.kind = (uint8_t)kind;
    request.person = GP_SPAN("person");
    request.device = GP_SPAN("device");
    switch (kind) {
    case GP_REQUEST_COMMAND:
        request.command = sample_command();
        break;
    case GP_REQUEST_QUERY:
        request.query = sample_query();
        break;
    case GP_REQUEST_INCIDENT:
        request.incident = 41;
        break;
    case GP_REQUEST_FEED:
        request.feed = sample_feed();
        break;
    case GP_REQUEST_ROSTER:
        request.roster.area = (struct gp_area_ref){340705402001000, 15, GP_LEVEL_NONE};
        request.roster.at_ms = SAMPLE_MS;
        break;
    case GP_REQUEST_CONTROL:
        request.control.act = GP_CONTROL_CLOCK_LOWER;
        request.control.at_ms = SAMPLE_MS;
        memset(request.control.id, 0x5A, sizeof request.control.id);
        break;
    case GP_REQUEST_WHO:
        request.who.grid = GP_SPAN("grid");
        request.who.category = GP_SPAN("category");
        request.who.condition = GP_SPAN("condition");
        request.who.at_ms = SAMPLE_MS;
        break;
    case GP_REQUEST_ASSESS:
        request.assess = sample_assess();
        break;
    case GP_REQUEST_LEAVES:
        request.leaves = (struct gp_leaves_ask){
            .person = GP_SPAN("person"),
            .state = GP_LEAVE_CANCELLED,
            .from_ms = SAMPLE_MS,
            .to_ms = SAMPLE_MS + 1,
            .after = 44,
            .limit = GP_PAGE_ROWS_MAX,
            .holdings = true,
        };
        break;
    case GP_REQUEST_DEVICES:
        request.devices = (struct gp_devices_ask){
            .person = GP_SPAN("person"),
            .state = GP_DEVICE_REVOKED,
            .after = UINT64_MAX,
            .limit = GP_PAGE_ROWS_MAX,
        };
        break;
    case GP_REQUEST_VERIFY:
        request.verify = (struct gp_verify_ask){.from = 47, .upto = UINT64_MAX};
        break;
    case GP_REQUEST_BACKUP:
        request.backup = GP_BACKUP_LIST;
        break;
    case GP_REQUEST_SUMMARY:
        request.summary = (struct gp_summary_ask){.area = {340705402001000, 15, GP_LEVEL_NONE},
                                                  .department = GP_SPAN("department")};
        break;
    case GP_REQUEST_HEAD:
    case GP_REQUEST_STATUS:
    case GP_REQUEST_FIGURES:
        break;
    }
    return &request;
}

/* ---------------------------------------------------------------- replies */

static void fill(unsigned char *bytes, size_t len, unsigned char first)
{
    for (size_t i = 0; i < len; i++)
        bytes[i] = (unsigned char)(first + i);
}

static struct gp_receipt sample_receipt(void)
{
    struct gp_receipt receipt = {
        .present = true, .index = 6, .count = 7, .path_len = GP_RECEIPT_PATH_MAX};

    fill(receipt.request_hash, sizeof receipt.request_hash, 1);
    fill(receipt.path[0], sizeof receipt.path, 2);
    fill(receipt.signature, sizeof receipt.signature, 3);
    fill(receipt.key, sizeof receipt.key, 4);
    return receipt;
}

static struct gp_hint_key sample_hint(void)
{
    struct gp_hint_key hint = {.present = true, .epoch = 48};

    fill(hint.feed, sizeof hint.feed, 5);
    fill(hint.key, sizeof hint.key, 6);
    return hint;
}

static void sample_verified(struct gp_reply *reply)
{
    reply->verified = (struct gp_verified){.upto = 10000, .bad = 49, .head = UINT64_MAX};
    fill(reply->verified.hash, sizeof reply->verified.hash, 7);
}

static void sample_head(struct gp_reply *reply)
{
    reply->head = (struct gp_signed_head){.seq = UINT64_MAX, .at_ms = SAMPLE_MS};
    fill(reply->head.hash, sizeof reply->head.hash, 8);
    fill(reply->head.signature, sizeof reply->head.signature, 9);
    fill(reply->head.key, sizeof reply->head.key, 10);
}

static void sample_backup(struct gp_reply *reply)
{
    static struct gp_backup_kept kept;

    kept = (struct gp_backup_kept){
        .name = GP_SPAN("name"), .at_ms = SAMPLE_MS, .seq = 54, .bytes = 55, .verified = true};
    reply->backup = (struct gp_backup_state){
        .job = UINT64_MAX,
        .check = true,
        .phase = GP_BACKUP_VERIFYING,
        .result = GP_BACKUP_DAMAGED,
        .done = 51,
        .of = 52,
        .name = GP_SPAN("name"),
        .seq = 53,
        .started_ms = SAMPLE_MS,
        .ended_ms = SAMPLE_MS + 1,
        .finding = GP_SPAN("finding\nfinding"),
        .kept = &kept,
        .kept_count = 1,
    };
    fill(reply->backup.hash, sizeof reply->backup.hash, 11);
}

static void sample_answer(struct gp_reply *reply)
{
    memset(reply->answer.id, 0xAB, sizeof reply->answer.id);
    reply->answer.repeated = true;
    reply->answer.incident = 41;
    reply->answer.seq = 42;
    reply->answer.version = 43;
    reply->answer.state = GP_STATE_DISPATCHED;
    reply->answer.due_ms = SAMPLE_MS;
    reply->answer.at_ms = SAMPLE_MS + 1;
    reply->answer.receipt = sample_receipt();
    reply->answer.invitation = GP_SPAN("invitation");
    reply->answer.device = UINT64_MAX;
}

static struct gp_duty_row *sample_duty(void)
{
    static struct gp_duty_row row[2];

    for (int i = 0; i < 2; i++)
        row[i] = (struct gp_duty_row){
            .area = GP_SPAN("area"),
            .area_name = GP_SPAN("area_name 天井湖"),
            .post = GP_SPAN("post"),
            .kind = GP_SPAN("kind"),
            .person = GP_SPAN("person"),
            .person_name = GP_SPAN("person_name 王一"),
            .phone = GP_SPAN("phone"),
            .path = GP_PATH_DUTY,
        };
    return row;
}

static struct gp_forecast_step **sample_forecast(void)
{
    static struct gp_forecast_step step[2];
    static struct gp_forecast_step *list[2] = {&step[0], &step[1]};

    for (int i = 0; i < 2; i++) {
        step[i].entry = *sample_entry();
        for (uint8_t j = 0; j < step[i].entry.recipient_count; j++)
            step[i].name[j] = GP_SPAN("name 王一");
    }
    return list;
}

static struct gp_assessment sample_assessment(void)
{
    static struct gp_assess_row row[2];
    static struct gp_assess_case behind[2];

    for (unsigned i = 0; i < 2; i++) {
        row[i] = (struct gp_assess_row){.unit = GP_SPAN("unit"), .name = GP_SPAN("name 天井湖")};
        for (unsigned figure = 1; figure < GP_FIGURE_END; figure++)
            row[i].figures.count[figure] = figure + i;
        row[i].figures.work_ms = UINT64_MAX;
        row[i].figures.clock_ms = 3;
        row[i].figures.grids = 4;
        behind[i] = (struct gp_assess_case){41 + i, GP_SPAN("unit")};
    }
    return (struct gp_assessment){
        .row = row, .behind = behind, .row_count = 2, .behind_count = 2, .next = 5, .head = 6};
}

static void sample_leaves(struct gp_reply *reply)
{
    static struct gp_tenure holding;

    holding = (struct gp_tenure){.post = GP_SPAN("post"),
                                 .person = GP_SPAN("person"),
                                 .from_ms = SAMPLE_MS,
                                 .to_ms = SAMPLE_MS + 1};
    reply->leaves.item = &sample_entry()->leave;
    reply->leaves.count = 1;
    reply->leaves.holding = &holding;
    reply->leaves.holding_count = 1;
    reply->leaves.next = 45;
}

struct gp_reply *sample_reply(enum gp_reply_kind kind)
{
    static struct gp_reply reply;
    static struct gp_entry *entries[2];

    memset(&reply, 0, sizeof reply);
    reply.status = GP_STATUS_REFUSED;
    reply.kind = (uint8_t)kind;
    reply.reason = GP_REASON_CLOCK;
    reply.detail = GP_SPAN("detail");
    reply.retry_ms = 1500;
    reply.follower[0] = 50;
    reply.follower[1] = UINT64_MAX;
    reply.follower_count = 2;
    switch (kind) {
    case GP_REPLY_ANSWER:
        sample_answer(&reply);
        break;
    case GP_REPLY_PAGE:
        reply.page.item = sample_incident();
        reply.page.count = 1;
        reply.page.cursor = GP_SPAN("twenty-four bytes cursor");
        reply.page.head = 77;
        reply.page.counted = true;
        reply.page.total = UINT32_MAX;
        break;
    case GP_REPLY_INCIDENT:
        reply.incident = sample_incident();
        break;
    case GP_REPLY_FEED:
        entries[0] = entries[1] = sample_entry();
        reply.feed.item = entries;
        reply.feed.count = 2;
        reply.feed.scanned_to = 78;
        reply.feed.head = 79;
        reply.feed.hint = sample_hint();
        break;
    case GP_REPLY_STATUS:
        reply.daemon = sample_status();
        break;
    case GP_REPLY_ASSESS:
        reply.assess = sample_assessment();
        break;
    case GP_REPLY_LEAVES:
        sample_leaves(&reply);
        break;
    case GP_REPLY_DEVICES:
        reply.devices.item = &sample_entry()->device;
        reply.devices.count = 1;
        reply.devices.next = UINT64_MAX;
        break;
    case GP_REPLY_VERIFIED:
        sample_verified(&reply);
        break;
    case GP_REPLY_HEAD:
        sample_head(&reply);
        break;
    case GP_REPLY_BACKUP:
        sample_backup(&reply);
        break;
    case GP_REPLY_FIGURES:
        reply.figures = sample_figures();
        break;
    case GP_REPLY_SUMMARY:
        reply.summary = sample_summary();
        break;
    case GP_REPLY_ROSTER:
        reply.roster.item = sample_duty();
        reply.roster.count = 2;
        break;
    case GP_REPLY_FORECAST:
        reply.forecast.item = sample_forecast();
        reply.forecast.count = 2;
        break;
    }
    return &reply;
}
