#include "wire/sample.h"

/* ---------------------------------------------------------------- parts */

static const struct gp_area_ref grid = {340705402001000, 15, GP_LEVEL_GRID};
static const struct gp_area_ref community = {340705402000000, 9, GP_LEVEL_COMMUNITY};
static const struct gp_place place = {true, -309312345, 1178123456};

static struct gp_plan_step sample_step(unsigned i)
{
    return (struct gp_plan_step){
        .at_ms = SAMPLE_MS + i * 60000,
        .step = (uint8_t)(1 + i % GP_STEP_RESUME_NOTICE),
        .stage = (uint8_t)(i % GP_STAGES_MAX),
        .status = (uint8_t)(1 + i % GP_DROPPED),
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
    };
    incident.plan = sample_plan();
    return &incident;
}

static struct gp_patch sample_patch(const struct gp_entry *entry)
{
    return (struct gp_patch){
        .bits = 2u * GP_PATCH_OVERDUE - 1,
        .state = GP_STATE_DISPATCHED,
        .area = entry->area,
        .community = community,
        .row = sample_row(),
        .reporter = entry->actor,
        .device = GP_SPAN("device"),
        .text = entry->text,
        .place = entry->place,
        .captured_ms = SAMPLE_MS + 11,
        .received_ms = SAMPLE_MS + 12,
        .owner = GP_SPAN("owner"),
        .assistant = GP_SPAN("assistant"),
        .plan = sample_plan(),
        .fired_index = GP_PLAN_STEPS_MAX - 1,
        .repeat = sample_step(10),
        .owed = 1u << GP_STEP_RESUME_NOTICE,
        .same_ab = true,
        .person = GP_SPAN("person"),
        .at_ms = SAMPLE_MS + 13,
        .overdue_ms = SAMPLE_MS + 14,
        .overdue_post = GP_SPAN("overdue_post"),
    };
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
        .kept = {true, {1, 2, 3}, UINT64_MAX, {4, 5, 6}},
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
    };
}

static struct gp_query sample_query(void)
{
    struct gp_query query = {
        .area = {340705402000000, 9, GP_LEVEL_NONE},
        .state = GP_STATE_REOPENED,
        .open_only = true,
        .overdue_only = true,
        .post = GP_SPAN("post"),
        .department = GP_SPAN("department"),
        .person = GP_SPAN("person"),
        .from_ms = SAMPLE_MS,
        .to_ms = SAMPLE_MS + 1,
        .cursor_len = 24,
        .limit = GP_PAGE_ROWS_MAX,
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
                   true},
        .wait_ms = GP_FEED_WAIT_MS_MAX,
        .limit = GP_FEED_ENTRIES_MAX,
        .follower = GP_SPAN("follower"),
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
        break;
    case GP_REQUEST_STATUS:
        break;
    }
    return &request;
}

/* ---------------------------------------------------------------- replies */

static struct gp_daemon_status sample_status(void)
{
    return (struct gp_daemon_status){
        .version = GP_SPAN("version"),
        .directory = GP_SPAN("directory"),
        .reload = GP_SPAN("reload"),
        .drill = true,
        .clock_rate = 60,
        .now_ms = SAMPLE_MS,
        .started_ms = SAMPLE_MS + 1,
        .next_deadline_ms = SAMPLE_MS + 2,
        .clock_state = 2,
        .head = 1,
        .incidents = 2,
        .planned = 4,
        .batches = 5,
        .commands = 6,
        .refused = 7,
        .repeated = 8,
        .malformed = 9,
        .followers = 10,
        .store_bytes = UINT64_MAX,
    };
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

struct gp_reply *sample_reply(enum gp_reply_kind kind)
{
    static struct gp_reply reply;
    static struct gp_entry *entries[2];

    memset(&reply, 0, sizeof reply);
    reply.status = GP_STATUS_REFUSED;
    reply.kind = (uint8_t)kind;
    reply.reason = GP_REASON_CLOCK;
    reply.detail = GP_SPAN("detail");
    switch (kind) {
    case GP_REPLY_ANSWER:
        sample_answer(&reply);
        break;
    case GP_REPLY_PAGE:
        reply.page.item = sample_incident();
        reply.page.count = 1;
        reply.page.cursor = GP_SPAN("twenty-four bytes cursor");
        reply.page.head = 77;
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
        break;
    case GP_REPLY_STATUS:
        reply.daemon = sample_status();
        break;
    case GP_REPLY_ROSTER:
        reply.roster.item = sample_duty();
        reply.roster.count = 2;
        break;
    }
    return &reply;
}
