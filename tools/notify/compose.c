#include "notify/compose.h"

#include "base/clocktext.h"
#include "notify/sign.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

void gp_message_release(struct gp_message *message)
{
    gp_buffer_release(&message->id);
    gp_buffer_release(&message->ids);
    gp_buffer_release(&message->subject);
    gp_buffer_release(&message->text);
    gp_buffer_release(&message->json);
}

static bool is_whole(const struct gp_message *message)
{
    return !message->id.failed && !message->ids.failed && !message->subject.failed &&
           !message->text.failed && !message->json.failed;
}

static size_t most_of(int kind)
{
    switch (kind) {
    case GP_CHANNEL_WECOM:
        return GP_WECOM_BYTES;
    case GP_CHANNEL_DINGTALK: /* of the whole request, in which a line feed takes two bytes */
        return GP_DINGTALK_BYTES / 2;
    default:
        return GP_MAIL_BYTES;
    }
}

/* Cuts at a character's boundary and says so. */
static void cut_to(struct gp_buffer *text, size_t most)
{
    static const char dots[] = "…";
    size_t len = most - (sizeof dots - 1);

    if (text->len <= most)
        return;
    while (len > 0 && ((unsigned char)text->ptr[len] & 0xC0) == 0x80)
        len--;
    gp_buffer_cut(text, len);
    gp_buffer_say(text, dots);
}

/* ---------------------------------------------------------------- one letter */

static struct gp_fill fill_of(const struct gp_notify_settings *settings,
                              const struct gp_letter *letter, const char *id)
{
    const struct gp_rule *rule = &settings->rule[letter->rule];

    return (struct gp_fill){
        .org = gp_notify_org(settings),
        .note = letter->note,
        .who = letter->who,
        .language = rule->language,
        .zone_ms = rule->zone_ms,
        .id = gp_span_of(id),
        .link = gp_span_of(settings->link),
        .count = 1,
    };
}

static void write_single(const struct gp_notify_settings *settings, const struct gp_letter *letter,
                         size_t most, struct gp_message *message)
{
    char id[GP_LETTER_ID_BYTES];
    const struct gp_rule *rule = &settings->rule[letter->rule];
    const struct gp_wording *wording = gp_wording_of(settings, rule->language, letter->note);

    gp_letter_id(letter->note->seq, rule->name, id);
    const struct gp_fill fill = fill_of(settings, letter, id);
    gp_buffer_say(&message->id, id);
    gp_buffer_say(&message->ids, id);
    gp_template_write(&wording->subject, &fill, true, &message->subject);
    gp_template_write(&wording->text, &fill, false, &message->text);
    cut_to(&message->text, most);
}

/* ---------------------------------------------------------------- for programs */

static void put_text(json_t *object, const char *key, struct gp_span text)
{
    json_object_set_new(object, key, text.len > 0 ? json_stringn(text.ptr, text.len) : json_null());
}

static void put_time(json_t *object, const char *key, int64_t ms, int64_t zone_ms)
{
    char text[GP_CLOCKTEXT_BYTES];

    gp_instant_format(ms, zone_ms, text);
    json_object_set_new(object, key, ms != 0 ? json_string(text) : json_null());
}

static json_t *flags_json(uint32_t flags)
{
    json_t *list = json_array();

    for (int bit = 1; bit <= GP_FLAG_ERASED; bit <<= 1) {
        if (flags & (uint32_t)bit)
            json_array_append_new(list, json_string(gp_flag_name(bit)));
    }
    return list;
}

static json_t *persons_json(const struct gp_fill *fill)
{
    json_t *list = json_array();

    for (uint8_t i = 0; i < fill->note->told_count; i++) {
        const struct gp_told *told = &fill->note->told[i];
        if (!(fill->who >> i & 1))
            continue;
        json_t *row = json_object();
        put_text(row, "person", told->person);
        put_text(row, "name", gp_name_of_person(fill->org, told->person));
        put_text(row, "post", told->post);
        put_text(row, "capacity", gp_span_of(told->capacity));
        put_text(row, "path", gp_span_of(gp_path_name(told->path)));
        json_array_append_new(list, row);
    }
    return list;
}

/* The entry with the keys of DOMAIN section 10, and what is called how. */
static json_t *entry_json(const struct gp_fill *fill)
{
    const struct gp_note *note = fill->note;
    json_t *object = json_object();
    char code[16];

    gp_code_of_area(fill->org, note, code);
    json_object_set_new(object, "seq", json_integer((json_int_t)note->seq));
    put_time(object, "at", note->at_ms, fill->zone_ms);
    json_object_set_new(object, "incident",
                        note->incident != 0 ? json_integer((json_int_t)note->incident)
                                            : json_null());
    put_text(object, "what", gp_span_of(gp_what_name(note->what)));
    put_text(object, "step", gp_span_of(gp_step_name(note->step)));
    put_time(object, "nominal", note->has_nominal ? note->nominal_ms : 0, fill->zone_ms);
    json_object_set_new(object, "late_ms",
                        note->has_nominal ? json_integer(note->late_ms) : json_null());
    put_text(object, "owner", note->owner);
    put_time(object, "due", note->due_ms, fill->zone_ms);
    json_object_set_new(object, "flags", flags_json(note->flags));
    put_text(object, "area", gp_span_of(code));
    put_text(object, "line", note->line);
    put_text(object, "department", note->department);
    put_text(object, "category", note->category);
    put_text(object, "condition", note->condition);
    json_object_set_new(object, "nth", note->nth > 0 ? json_integer(note->nth) : json_null());
    put_text(object, "subject", note->subject);
    json_object_set_new(object, "urgent", json_boolean(note->urgent));
    json_object_set_new(object, "private", json_boolean(note->is_private));
    return object;
}

static json_t *names_json(const struct gp_fill *fill)
{
    const struct gp_note *note = fill->note;
    json_t *object = json_object();

    put_text(object, "name", gp_span_of(gp_word_in(fill->language, gp_note_word(note))));
    put_text(object, "area", gp_name_of_area(fill->org, note));
    put_text(object, "category", gp_name_of_category(fill->org, note, fill->language));
    put_text(object, "condition", gp_name_of_condition(fill->org, note));
    put_text(object, "department",
             gp_name_of_department(fill->org, note->department, fill->language));
    return object;
}

static void dump(json_t *object, struct gp_buffer *buffer)
{
    char *text = json_dumps(object, JSON_COMPACT);

    json_decref(object);
    if (text == NULL)
        buffer->failed = true;
    else
        gp_buffer_say(buffer, text);
    free(text);
}

static json_t *envelope(const struct gp_message *message, const char *recipient,
                        const char *address, enum gp_language language)
{
    json_t *object = json_object();

    put_text(object, "id", gp_buffer_span(&message->id));
    put_text(object, "recipient", gp_span_of(recipient));
    put_text(object, "address", gp_span_of(address));
    put_text(object, "language", gp_span_of(language == GP_LANGUAGE_ZH ? "zh" : "en"));
    put_text(object, "subject", gp_buffer_span(&message->subject));
    put_text(object, "text", gp_buffer_span(&message->text));
    return object;
}

static void write_json(const struct gp_notify_settings *settings, const struct gp_letter *letter,
                       struct gp_message *message)
{
    const struct gp_rule *rule = &settings->rule[letter->rule];
    const struct gp_fill fill = fill_of(settings, letter, "");
    json_t *object = envelope(message, rule->name, rule->address, rule->language);

    json_object_set_new(object, "entry", entry_json(&fill));
    json_object_set_new(object, "persons", persons_json(&fill));
    json_object_set_new(object, "names", names_json(&fill));
    dump(object, &message->json);
}

/* ---------------------------------------------------------------- digests */

static void write_title(const struct gp_wording *wording, enum gp_language language, size_t count,
                        struct gp_buffer *to)
{
    const struct gp_fill fill = {.language = language, .count = count};

    gp_template_write(&wording->title, &fill, true, to);
}

static void write_line(const struct gp_notify_settings *settings, const struct gp_letter *letter,
                       struct gp_buffer *to, struct gp_buffer *ids)
{
    char id[GP_LETTER_ID_BYTES];
    const struct gp_rule *rule = &settings->rule[letter->rule];

    gp_letter_id(letter->note->seq, rule->name, id);
    const struct gp_fill fill = fill_of(settings, letter, id);
    gp_buffer_say(to, "\n");
    gp_template_write(&gp_wording_of(settings, rule->language, letter->note)->line, &fill, true,
                      to);
    gp_buffer_printf(ids, "%s%s", ids->len > 0 ? ", " : "", id);
}

/* The title is written twice: first for as many as there may be, the longest that it gets. */
static void write_digest(const struct gp_notify_settings *settings, struct gp_batch *batch,
                         size_t most, struct gp_message *message)
{
    const struct gp_rule *rule = &settings->rule[batch->dest];
    const struct gp_wording *base = settings->wording[rule->language][0];
    struct gp_buffer lines = {0};
    size_t kept = 0, title;

    write_title(base, rule->language, batch->count, &message->subject);
    title = message->subject.len;
    gp_buffer_cut(&message->subject, 0);
    while (kept < batch->count) {
        size_t before = lines.len, ids = message->ids.len;
        write_line(settings, batch->letter[kept], &lines, &message->ids);
        if (kept > 0 && title + lines.len > most) {
            gp_buffer_cut(&lines, before);
            gp_buffer_cut(&message->ids, ids);
            break;
        }
        kept++;
    }
    batch->count = kept;
    write_title(base, rule->language, kept, &message->subject);
    gp_buffer_add(&message->text, gp_buffer_span(&message->subject));
    gp_buffer_add(&message->text, gp_buffer_span(&lines));
    message->text.failed = message->text.failed || lines.failed;
    cut_to(&message->text, most); /* one line alone may be too long */
    gp_buffer_release(&lines);
}

static void name_digest(const struct gp_notify_settings *settings, const struct gp_batch *batch,
                        struct gp_message *message)
{
    char id[GP_LETTER_ID_BYTES];

    gp_letter_id(batch->letter[0]->note->seq, settings->rule[batch->letter[0]->rule].name, id);
    gp_buffer_printf(&message->id, "%s+%zu", id, batch->count - 1);
}

int gp_compose(const struct gp_notify_settings *settings, struct gp_batch *batch,
               struct gp_message *ret_message)
{
    int kind = settings->channel[settings->rule[batch->dest].channel].kind;
    struct gp_message message = {0};
    size_t most = most_of(kind);

    assert(batch->count > 0);
    if (batch->digest) {
        write_digest(settings, batch, most, &message);
        name_digest(settings, batch, &message);
    } else {
        write_single(settings, batch->letter[0], most, &message);
    }
    if (kind == GP_CHANNEL_WEBHOOK)
        write_json(settings, batch->letter[0], &message);
    if (!is_whole(&message)) {
        gp_message_release(&message);
        return GP_ENOMEM;
    }
    *ret_message = message;
    return 0;
}

/* ---------------------------------------------------------------- a test */

int gp_compose_test(const struct gp_notify_settings *settings, const struct gp_channel *channel,
                    const char *address, int64_t now_ms, struct gp_message *ret_message)
{
    bool zh = settings->language == GP_LANGUAGE_ZH;
    struct gp_message message = {0};
    char time[GP_CLOCKTEXT_BYTES];

    gp_instant_format(now_ms, settings->zone_ms, time);
    gp_buffer_printf(&message.id, "test-%" PRId64, now_ms);
    gp_buffer_add(&message.ids, gp_buffer_span(&message.id));
    gp_buffer_say(&message.subject, zh ? "网格督办通知测试" : "A test of gridpost's notices");
    gp_buffer_printf(&message.text,
                     zh ? "网格督办通知测试：通道 %s 可用。%s"
                        : "A test of gridpost's notices: channel %s works. %s",
                     channel->name, time);
    if (channel->kind == GP_CHANNEL_WEBHOOK)
        dump(envelope(&message, "test", address, (enum gp_language)settings->language),
             &message.json);
    if (!is_whole(&message)) {
        gp_message_release(&message);
        return GP_ENOMEM;
    }
    *ret_message = message;
    return 0;
}
