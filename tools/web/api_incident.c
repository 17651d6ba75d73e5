/* One incident: itself, its entries, who was told, what is still to come, and what may be done. */
#include "web/api.h"

#include "core/post.h"
#include "show/show.h"
#include "web/ahead.h"
#include "web/row.h"

#include <stdlib.h>

#define ENTRIES_MAX 1000

struct look {
    uint64_t id, scanned, head;
    struct gp_incident incident; /* for what is reckoned from it at the end */
};

bool gp_api_number_of(const char *path, const char *before, uint64_t *ret_number,
                      const char **ret_after)
{
    const char *text = path + strlen(before);
    char *after;

    *ret_number = strtoull(text, &after, 10);
    *ret_after = after;
    return text[0] >= '1' && text[0] <= '9' && after - text < 20;
}

/* ---------------------------------------------------------------- what may be done */

/* Those that only the owner post's people may do, whatever the role has a right to. */
static bool is_owners(int verb)
{
    return verb == GP_VERB_ACCEPT || verb == GP_VERB_STAGE || verb == GP_VERB_FINISH ||
           verb == GP_VERB_RETURN || verb == GP_VERB_EXTEND || verb == GP_VERB_REFUSE;
}

static bool acts_for_owner(const struct gp_speaker *speaker, const struct gp_incident *incident)
{
    uint32_t area = gp_org_area_ref(speaker->org, incident->area);
    uint32_t owner = gp_org_post(speaker->org, incident->owner);
    uint32_t assistant = gp_org_post(speaker->org, incident->assistant);

    return area != GP_NONE &&
           ((owner != GP_NONE &&
             gp_person_acts_for(speaker->org, speaker->person, owner, area, speaker->now_ms)) ||
            (assistant != GP_NONE &&
             gp_person_acts_for(speaker->org, speaker->person, assistant, area, speaker->now_ms)));
}

static bool may(const struct gp_speaker *speaker, const struct gp_incident *incident, int verb)
{
    struct gp_target target;

    gp_target_of_incident(incident, &target);
    return (gp_verb_states(verb) & (UINT32_C(1) << incident->state)) != 0 &&
           gp_permit(speaker, verb, &target) &&
           (!is_owners(verb) || acts_for_owner(speaker, incident));
}

static json_t *actions_json(const struct gp_speaker *speaker, const struct gp_incident *incident)
{
    static const uint8_t order[] = {
        GP_VERB_ACCEPT,  GP_VERB_FINISH,  GP_VERB_VERIFY,  GP_VERB_CLOSE,  GP_VERB_FILE,
        GP_VERB_STAGE,   GP_VERB_NOTE,    GP_VERB_INFORM,  GP_VERB_RETURN, GP_VERB_RULE,
        GP_VERB_EXTEND,  GP_VERB_DECIDE,  GP_VERB_SUSPEND, GP_VERB_RESUME, GP_VERB_REASSIGN,
        GP_VERB_CORRECT, GP_VERB_CONSENT, GP_VERB_REFUSE,  GP_VERB_LINK,   GP_VERB_UNLINK,
        GP_VERB_REOPEN,  GP_VERB_VOID};
    json_t *actions = json_array();

    for (size_t i = 0; i < sizeof order; i++) {
        if (may(speaker, incident, order[i]))
            json_array_append_new(actions, json_string(gp_verb_name(order[i])));
    }
    return actions;
}

/* ---------------------------------------------------------------- who was told */

static void add_notices(json_t *notices, const struct gp_entry *entry)
{
    for (uint8_t i = 0; i < entry->recipient_count; i++) {
        const struct gp_recipient *to = &entry->recipient[i];
        json_array_append_new(
            notices,
            json_pack("{s:I, s:o, s:s, s:o, s:o, s:s, s:s, s:n}", "seq", (json_int_t)entry->seq,
                      "at", gp_ask_time(entry->at_ms), "name", gp_show_entry_name(entry), "person",
                      gp_show_text(to->person), "post", gp_show_text(to->post), "capacity",
                      to->capacity, "path", gp_path_name(to->path), "delivery"));
    }
}

/* The newest word about a notice counts. */
static void mark_delivered(json_t *notices, const struct gp_entry *entry)
{
    json_t *notice;
    size_t i;

    json_array_foreach(notices, i, notice)
    {
        const char *person = json_string_value(json_object_get(notice, "person"));
        if (entry->ref_count > 0 && person != NULL &&
            json_integer_value(json_object_get(notice, "seq")) == (json_int_t)entry->ref_seq[0] &&
            gp_span_is(entry->subject, person))
            json_object_set_new(notice, "delivery", gp_show_text(entry->text));
    }
}

/* ---------------------------------------------------------------- the way of a call */

static void finish(struct gp_ask *ask)
{
    struct look *look = ask->state;
    const struct gp_speaker *speaker = &ask->speaker;
    json_t *answer = ask->answer;

    ask->answer = NULL;
    json_object_set_new(answer, "row", gp_row_json(speaker->org, &look->incident, speaker->now_ms));
    json_object_set_new(answer, "ahead",
                        gp_ahead_json(speaker->org, &look->incident, speaker->now_ms));
    json_object_set_new(answer, "actions", actions_json(speaker, &look->incident));
    json_object_set_new(answer, "head", json_integer((json_int_t)look->head));
    gp_ask_json(ask, answer);
}

static void ask_entries(struct gp_ask *ask);

static void take_entries(struct gp_ask *ask, const struct gp_reply *reply)
{
    struct look *look = ask->state;
    json_t *timeline = json_object_get(ask->answer, "timeline");
    json_t *notices = json_object_get(ask->answer, "notices");

    for (uint32_t i = 0; i < reply->feed.count; i++) {
        const struct gp_entry *entry = reply->feed.item[i];
        if (json_array_size(timeline) == ENTRIES_MAX)
            json_array_remove(timeline, 0);
        json_array_append_new(timeline,
                              gp_show_entry(entry, gp_show_zone(entry->at_ms), NULL, NULL));
        if (entry->what == GP_WHAT_DELIVERED)
            mark_delivered(notices, entry);
        else
            add_notices(notices, entry);
    }
    look->scanned = reply->feed.scanned_to;
    look->head = reply->feed.head;
    if (look->scanned < look->head)
        ask_entries(ask);
    else
        finish(ask);
}

static void ask_entries(struct gp_ask *ask)
{
    const struct look *look = ask->state;
    struct gp_request request = {.kind = GP_REQUEST_FEED,
                                 .feed = {.after = look->scanned, .filter.incident = look->id}};

    gp_ask_daemon(ask, &request, take_entries);
}

static json_t *followers_json(const struct gp_reply *reply)
{
    json_t *list = json_array();

    for (uint32_t i = 0; i < reply->follower_count; i++)
        json_array_append_new(list, json_integer((json_int_t)reply->follower[i]));
    return list;
}

/* The reply goes with its call, and what is reckoned at the end needs the texts of its incident. */
static bool keep(struct gp_arena *arena, const struct gp_incident *incident,
                 struct gp_incident *ret_kept)
{
    struct gp_span bytes;

    return gp_wire_incident_pack(incident, arena, &bytes) == 0 &&
           gp_wire_incident_unpack(bytes, arena, ret_kept) == 0;
}

static void take_incident(struct gp_ask *ask, const struct gp_reply *reply)
{
    struct look *look = ask->state;
    const struct gp_incident *incident = reply->incident;
    json_t *shown = gp_show_incident(incident);

    json_object_set_new(shown, "followers", followers_json(reply));
    ask->answer = json_pack("{s:o, s:[], s:[]}", "incident", shown, "timeline", "notices");
    look->scanned = incident->text_seq > 0 ? incident->text_seq - 1 : 0;
    if (!keep(&ask->arena, incident, &look->incident)) {
        gp_ask_refuse(ask, 503, "unavailable", "no memory");
        return;
    }
    look->incident.text = gp_arena_copy(&ask->arena, incident->text);
    ask_entries(ask);
}

void gp_api_incident(struct gp_exchange *exchange, void *context)
{
    struct gp_ask *ask = gp_ask_begin(exchange, context);
    struct gp_request request = {.kind = GP_REQUEST_INCIDENT};
    const char *after;

    if (ask == NULL)
        return;
    struct look *look = gp_arena_zalloc(&ask->arena, 1, sizeof *look);
    ask->state = look;
    if (look == NULL)
        gp_ask_refuse(ask, 503, "unavailable", "no memory");
    else if (!gp_api_number_of(gp_http_path(exchange), "/api/incidents/", &look->id, &after) ||
             *after != '\0')
        gp_ask_refuse(ask, 404, "not_found", "write a number");
    else {
        request.incident = look->id;
        gp_ask_daemon(ask, &request, take_incident);
    }
}
