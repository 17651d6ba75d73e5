/* Words, signatures, mails, and what answers mean. */
#include "notify/scene.h"

#include "notify/channel.h"
#include "notify/link.h"
#include "notify/sign.h"

#include <libintl.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define HOOK "channels: [{name: hook, kind: webhook, url: \"https://h.example/p\"}]\n"

static struct gp_message compose(struct scene *scene, struct gp_batch *ret_batch)
{
    struct gp_message message;
    int64_t wake_ms;

    assert_true(gp_desk_next(scene->desk, scene->now_ms, ret_batch, &wake_ms));
    assert_int_equal(gp_compose(scene->settings, ret_batch, &message), 0);
    return message;
}

/* The text of one note by a template. */
static void assert_text(struct scene *scene, const char *settings, struct gp_note *note,
                        const char *text)
{
    struct gp_batch batch;

    scene_open(scene, settings);
    assert_int_equal(gp_desk_take(scene->desk, &note, 1, note->seq, scene->now_ms), 0);
    struct gp_message message = compose(scene, &batch);
    assert_string_equal(message.text.ptr, text);
    gp_message_release(&message);
}

/* ---------------------------------------------------------------- templates */

#define WITH(text)                                                                                 \
    HOOK "recipients: [{person: \"*\", channel: hook}]\nlink: \"https://g/#\"\n"                   \
         "templates:\n- {language: zh, text: \"" text "\"}\n"

static void placeholders_are_filled(void **state)
{
    assert_text(*state,
                WITH("{{{id}}} {seq} {incident} {name} {word} {category} {condition} {area} {code} "
                     "{department} {line} {owner} {subject} {time} {due} {late} {persons} "
                     "{capacities} {nth} {link}"),
                scene_note(7, "red", "li wang"),
                "{7-everybody} 7 41 红色超期 red 类别n4 - 临湖第1网格 340705006001001 "
                "市政工程管理处 - A-shizheng-340705006001 - 2026-06-22 12:00 2026-06-22 10:30 "
                "1 小时 30 分 李某、王某 A、B - https://g/#41");
}

static void what_is_not_late_yet_is_not_called_so(void **state)
{
    struct gp_note *note = scene_note(7, "yellow", "li");

    note->due_ms = note->at_ms + 3600000;
    assert_text(*state, WITH("{due} {late}"), note, "2026-06-22 13:00 -");
}

/* Without a word about it in the templates. */
static void where_there_are_pages_a_notice_leads_to_one(void **state)
{
    static const char *const languages[] = {"zh", "en"};
    static const char *const ends[] = {"\n详情：https://g/p/incident/41",
                                       "\nPage: https://g/p/incident/41"};
    struct scene *scene = *state;
    char settings[256];

    for (int i = 0; i < 4; i++) {
        (void)snprintf(settings, sizeof settings,
                       HOOK "recipients: [{person: \"*\", channel: hook, language: %s}]\n%s",
                       languages[i % 2], i < 2 ? "link: \"https://g/p/incident/\"\n" : "");
        scene_open(scene, settings);
        scene_take(scene, (uint64_t)i + 1, "red", "li");
        struct gp_batch batch;
        struct gp_message message = compose(scene, &batch);
        assert_int_equal(strstr(message.text.ptr, ends[i % 2]) != NULL, i < 2);
        assert_null(strstr(message.text.ptr, "\n详情：-"));
        gp_message_release(&message);
        gp_desk_begin(scene->desk, &batch, scene->now_ms);
        scene_end(scene, &batch, GP_VERDICT_SENT);
        gp_desk_close(scene->desk);
        scene->desk = NULL;
    }
}

static void english_recipients_get_english(void **state)
{
    assert_text(*state,
                HOOK
                "recipients: [{person: li, channel: hook, language: en}]\n"
                "templates:\n- {language: en, text: \"{name}, {category}, {late}, {persons}\"}\n",
                scene_note(7, "red", "li wang"), "overdue, n4, 1 h 30 min, 李某");
}

static void a_template_for_a_step_counts_for_that_step(void **state)
{
    struct scene *scene = *state;
    static const char settings[] =
        HOOK "recipients: [{person: li, channel: hook}]\n"
             "templates:\n- {language: zh, for: [red, card], text: \"special {word}\"}\n"
             "- {language: zh, for: [red], subject: \"{word}\"}\n"
             "- {language: zh, for: blue, subject: \"{word}\"}\n"
             "- {language: zh, text: \"usual {word}\"}\n";

    assert_text(scene, settings, scene_note(7, "red", "li"), "special red");
    assert_int_equal(scene_send(scene), 7);
    gp_desk_close(scene->desk);
    scene->desk = NULL;
    /* what it does not say is said as of all, though that stands behind it */
    assert_text(scene, settings, scene_note(8, "blue", "li"), "usual blue");
    struct gp_note *note = scene_note(7, "yellow", "li");
    assert_ptr_equal(gp_wording_of(scene->settings, GP_LANGUAGE_ZH, note),
                     scene->settings->wording[GP_LANGUAGE_ZH][0]);
    gp_note_free(note);
}

static void a_drill_says_so(void **state)
{
    struct gp_note *note = scene_note(7, "red", "li");

    note->flags = GP_FLAG_DRILL;
    assert_text(*state, WITH("{name}"), note, "【演练】红色超期");
}

static void a_private_place_is_its_community(void **state)
{
    struct gp_note *note = scene_note(7, "red", "li");

    note->is_private = true;
    assert_text(*state, WITH("{area} {code}"), note, "临湖社区 340705006001");
}

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

/* Also where the daemon shows the grid, because the notifier's person may see it. */
static void a_webhooks_body_has_the_facts_and_no_private_place(void **state)
{
    struct scene *scene = *state;
    struct gp_note *note = scene_note(7, "red", "li wang");
    struct gp_batch batch;

    note->is_private = true;
    scene_open(scene, HOOK "recipients: [{person: \"*\", channel: hook, address: a}]\n");
    assert_int_equal(gp_desk_take(scene->desk, &note, 1, 7, scene->now_ms), 0);
    struct gp_message message = compose(scene, &batch);
    json_t *body = json_loads(message.json.ptr, 0, NULL);
    const json_t *entry = json_object_get(body, "entry");
    assert_string_equal(text_of(body, "id"), "7-everybody");
    assert_string_equal(text_of(body, "address"), "a");
    assert_string_equal(text_of(entry, "area"), "340705006001");
    assert_string_equal(text_of(entry, "step"), "red");
    assert_string_equal(text_of(entry, "at"), "2026-06-22T12:00:00+08:00");
    assert_string_equal(text_of(json_object_get(body, "names"), "area"), "临湖社区");
    assert_int_equal(json_array_size(json_object_get(body, "persons")), 1); /* not the officer */
    assert_null(strstr(message.json.ptr, "340705006001001"));
    json_decref(body);
    gp_message_release(&message);
}

/* Where the directory does not know the grid, nobody knows its community. */
static void an_unknown_private_place_is_not_told(void **state)
{
    struct gp_note *note = scene_note(7, "red", "li");

    note->is_private = true;
    assert_int_equal(gp_area_parse(GP_SPAN("110101001001001"), &note->area), 0);
    note->area.level = GP_LEVEL_GRID;
    assert_text(*state, WITH("{area} {code}"), note, "- -");
}

static void without_a_directory_ids_stand_for_names(void **state)
{
    assert_text(*state,
                HOOK "directory: \"\"\nrecipients: [{person: li, channel: hook}]\n"
                     "templates:\n- {language: zh, text: \"{category} {area} {persons} "
                     "{department}\"}\n",
                scene_note(7, "red", "li"), "n4 340705006001001 li SZ");
}

/* ---------------------------------------------------------------- sizes */

static bool is_whole_utf8(const struct gp_buffer *text)
{
    return gp_utf8_valid((struct gp_span){text->ptr, text->len});
}

static void a_robots_text_is_cut_between_characters(void **state)
{
    struct scene *scene = *state;
    struct gp_buffer settings = {0};
    struct gp_batch batch;

    for (int more = 0; more < 3; more++) { /* characters of three bytes begin anywhere */
        scene_write(scene, "key", "k\n");
        gp_buffer_cut(&settings, 0);
        gp_buffer_say(&settings, "channels: [{name: r, kind: wecom, secret_file: @/key}]\n"
                                 "recipients: [{person: li, channel: r}]\n"
                                 "templates:\n- {language: zh, text: \"");
        for (int i = 0; i < more; i++)
            gp_buffer_say(&settings, "a");
        for (int i = 0; i < 1000; i++)
            gp_buffer_say(&settings, "网");
        gp_buffer_say(&settings, "\"}\n");
        scene_open(scene, settings.ptr);
        scene_take(scene, (uint64_t)more + 1, "red", "li");
        struct gp_message message = compose(scene, &batch);
        assert_in_range(message.text.len, GP_WECOM_BYTES - 3, GP_WECOM_BYTES);
        assert_true(is_whole_utf8(&message.text));
        assert_string_equal(message.text.ptr + message.text.len - 3, "…");
        gp_message_release(&message);
        gp_desk_begin(scene->desk, &batch, scene->now_ms);
        scene_end(scene, &batch, GP_VERDICT_SENT);
        gp_desk_close(scene->desk);
        scene->desk = NULL;
    }
    gp_buffer_release(&settings);
}

static void a_digest_counts_what_it_has_and_names_each(void **state)
{
    struct scene *scene = *state;
    struct gp_batch batch;
    char title[40];

    scene_write(scene, "key", "k\n");
    scene_open(scene, "channels: [{name: r, kind: wecom, secret_file: @/key}]\n"
                      "recipients: [{person: \"*\", name: SZ, channel: r}]\n");
    for (uint64_t seq = 1; seq <= 60; seq++)
        scene_take(scene, seq, "yellow", "li wang");
    struct gp_message message = compose(scene, &batch);
    (void)snprintf(title, sizeof title, "督办通知 %zu 条\n", batch.count);
    assert_memory_equal(message.text.ptr, title, strlen(title));
    assert_in_range(batch.count, 6, 59);
    assert_in_range(message.text.len, GP_WECOM_BYTES - 200, GP_WECOM_BYTES);
    for (size_t i = 0; i < batch.count; i++) {
        char id[40];
        (void)snprintf(id, sizeof id, "[%zu-SZ]", i + 1);
        assert_non_null(strstr(message.text.ptr, id));
    }
    assert_memory_equal(message.id.ptr, "1-SZ+", 5);
    gp_message_release(&message);
}

/* ---------------------------------------------------------------- signatures */

static struct gp_outgoing outgoing_of(const struct gp_channel *channel, const char *json,
                                      const char *text)
{
    struct gp_message message = {0};
    struct gp_outgoing outgoing;

    gp_buffer_say(&message.id, "7-li");
    gp_buffer_say(&message.ids, "7-li");
    gp_buffer_say(&message.json, json);
    gp_buffer_say(&message.text, text);
    assert_int_equal(gp_channel_write(channel, "", &message, INT64_C(1700000000000), &outgoing), 0);
    gp_message_release(&message);
    return outgoing;
}

/* printf '1700000000000\nSECtest-secret' | openssl dgst -sha256 -hmac SECtest-secret -binary |
 * base64 */
static void dingtalks_sign_is_openssls(void **state)
{
    const struct gp_channel channel = {.kind = GP_CHANNEL_DINGTALK,
                                       .url = "https://d/send",
                                       .secret = {"tok/en", "SECtest-secret"}};

    (void)state;
    struct gp_outgoing outgoing = outgoing_of(&channel, "", "案卷");
    assert_string_equal(outgoing.url.ptr,
                        "https://d/send?access_token=tok%2Fen&timestamp=1700000000000"
                        "&sign=LC7hxZ4wslL%2BP7j7gu1hoQ%2BwzByekL%2ByWgiUMekZs0g%3D");
    assert_string_equal(outgoing.body.ptr,
                        "{\"msgtype\":\"text\",\"text\":{\"content\":\"案卷\"}}");
    gp_outgoing_release(&outgoing);
}

/* printf '1700000000.{"id":"7-li"}' | openssl dgst -sha256 -hmac 'hook secret' */
static void a_webhooks_signature_is_openssls(void **state)
{
    const struct gp_channel channel = {
        .kind = GP_CHANNEL_WEBHOOK, .url = "https://h/p", .secret = {"hook secret"}};

    (void)state;
    struct gp_outgoing outgoing = outgoing_of(&channel, "{\"id\":\"7-li\"}", "");
    assert_string_equal(outgoing.header[1].ptr, "Gridpost-Notice: 7-li");
    assert_string_equal(outgoing.header[2].ptr, "Gridpost-Time: 1700000000");
    assert_string_equal(outgoing.header[3].ptr,
                        "Gridpost-Signature: "
                        "v1=950cf8f21a3b2f1e4b3c39a8078cc5962917b9211e777043210ae641dfa320b0");
    gp_outgoing_release(&outgoing);
}

/* RFC 4231, test case 2 and 6: a short key, and one that is longer than a block. */
static void hmac_is_rfc_4231s(void **state)
{
    unsigned char mac[GP_HMAC_BYTES], key[131];
    struct gp_buffer hex = {0};

    (void)state;
    gp_hmac_sha256(GP_SPAN("Jefe"), GP_SPAN("what do ya want for nothing?"), mac);
    gp_buffer_hex(&hex, (struct gp_span){(const char *)mac, sizeof mac});
    assert_string_equal(hex.ptr,
                        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    gp_buffer_cut(&hex, 0);
    memset(key, 0xaa, sizeof key);
    gp_hmac_sha256((struct gp_span){(const char *)key, sizeof key},
                   GP_SPAN("Test Using Larger Than Block-Size Key - Hash Key First"), mac);
    gp_buffer_hex(&hex, (struct gp_span){(const char *)mac, sizeof mac});
    assert_string_equal(hex.ptr,
                        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    gp_buffer_release(&hex);
}

/* The journal knows a repeat by it, and another word about the same person by another one. */
static void a_reports_id_is_made_of_entry_person_and_state(void **state)
{
    struct gp_delivery_report report = {
        .seq = 7, .at_ms = SCENE_NOON, .person = "li", .sent = true};
    unsigned char first[GP_COMMAND_ID_BYTES], other[GP_COMMAND_ID_BYTES];

    (void)state;
    gp_report_id(&report, first);
    gp_report_id(&report, other);
    assert_memory_equal(first, other, sizeof first);
    assert_memory_equal(first, "\x01\x9e\xed\x7c\x32\x00", 6); /* the entry's milliseconds */
    report.sent = false;
    gp_report_id(&report, other);
    assert_memory_not_equal(first, other, sizeof first);
    report.sent = true;
    report.person[1] = 'u';
    gp_report_id(&report, other);
    assert_memory_not_equal(first, other, sizeof first);
    report.person[1] = 'i';
    report.seq = 8;
    gp_report_id(&report, other);
    assert_memory_not_equal(first, other, sizeof first);
}

/* ---------------------------------------------------------------- mails */

static void no_line_of_a_mail_is_too_long_or_not_ascii(void **state)
{
    const struct gp_channel channel = {.kind = GP_CHANNEL_SMTP,
                                       .url = "smtp://m",
                                       .from = "grid@example.cn",
                                       .from_name = "网格化管理中心督办通知平台",
                                       .ca_file = "",
                                       .proxy = ""};
    struct gp_message message = {0};
    struct gp_buffer body = {0};

    (void)state;
    gp_buffer_say(&message.id, "7-li+3");
    for (int i = 0; i < 40; i++) {
        gp_buffer_printf(&message.ids, "%s%d-everybody", i > 0 ? ", " : "", 1000 + i);
        gp_buffer_say(&message.subject, "督办a");
        gp_buffer_say(&message.text, "案卷一行文字，比较长。\n");
    }
    gp_mail_write(&channel, "li@example.cn", &message, INT64_C(1782100800000), &body);
    assert_false(body.failed);
    for (const char *line = body.ptr; *line != '\0';) {
        const char *end = strstr(line, "\r\n");
        assert_non_null(end);
        assert_true(end - line <= 78);
        for (; line < end; line++)
            assert_true(*line >= ' ' && *line < 0x7F);
        line = end + 2;
    }
    assert_non_null(strstr(body.ptr, "Date: Mon, 22 Jun 2026 04:00:00 +0000\r\n"));
    assert_non_null(strstr(body.ptr, "Message-ID: <7-li+3@example.cn>\r\n"));
    assert_non_null(strstr(body.ptr, "\r\n 1039-everybody\r\n"));
    gp_message_release(&message);
    gp_buffer_release(&body);
}

/* ---------------------------------------------------------------- answers */

static void assert_verdict(int kind, const struct gp_answer *answer, enum gp_verdict_kind wanted,
                           const char *why)
{
    const struct gp_channel channel = {.kind = kind};
    struct gp_verdict verdict;

    gp_channel_judge(&channel, answer, &verdict);
    assert_int_equal(verdict.kind, wanted);
    assert_string_equal(verdict.why, why);
}

static void an_answer_means_what_it_should(void **state)
{
    static const struct {
        int kind;
        long status;
        enum gp_verdict_kind wanted;
        const char *why;
    } cases[] = {
        {GP_CHANNEL_WEBHOOK, 200, GP_VERDICT_SENT, ""},
        {GP_CHANNEL_WEBHOOK, 204, GP_VERDICT_SENT, ""},
        {GP_CHANNEL_WEBHOOK, 302, GP_VERDICT_RETRY, "HTTP 302"},
        {GP_CHANNEL_WEBHOOK, 400, GP_VERDICT_REFUSED, "HTTP 400"},
        {GP_CHANNEL_WEBHOOK, 401, GP_VERDICT_RETRY, "HTTP 401"},
        {GP_CHANNEL_WEBHOOK, 404, GP_VERDICT_RETRY, "HTTP 404"},
        {GP_CHANNEL_WEBHOOK, 413, GP_VERDICT_REFUSED, "HTTP 413"},
        {GP_CHANNEL_WEBHOOK, 429, GP_VERDICT_RETRY, "HTTP 429"},
        {GP_CHANNEL_WEBHOOK, 500, GP_VERDICT_RETRY, "HTTP 500"},
        {GP_CHANNEL_WEBHOOK, 0, GP_VERDICT_RETRY, "HTTP 0"},
        {GP_CHANNEL_SMTP, 250, GP_VERDICT_SENT, ""},
        {GP_CHANNEL_SMTP, 451, GP_VERDICT_RETRY, "SMTP 451"},
        {GP_CHANNEL_SMTP, 530, GP_VERDICT_RETRY, "SMTP 530"},
        {GP_CHANNEL_SMTP, 550, GP_VERDICT_REFUSED, "SMTP 550"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_verdict(cases[i].kind, &(struct gp_answer){.status = cases[i].status},
                       cases[i].wanted, cases[i].why);
    assert_verdict(GP_CHANNEL_WEBHOOK,
                   &(struct gp_answer){.ending = GP_ENDING_TIMED_OUT, .status = 200},
                   GP_VERDICT_RETRY, "no answer in time");
}

static void robots_say_it_in_their_body(void **state)
{
    static const struct {
        const char *body;
        enum gp_verdict_kind wanted;
        int64_t after_ms;
        const char *why;
    } cases[] = {
        {"{\"errcode\":0,\"errmsg\":\"ok\"}", GP_VERDICT_SENT, 0, ""},
        {"{\"errcode\":45009,\"errmsg\":\"key k too fast\"}", GP_VERDICT_RETRY, 60000,
         "errcode 45009"},
        {"{\"errcode\":130101}", GP_VERDICT_RETRY, 600000, "errcode 130101"},
        {"{\"errcode\":410100}", GP_VERDICT_RETRY, 600000, "errcode 410100"},
        {"{\"errcode\":93000}", GP_VERDICT_RETRY, 0, "errcode 93000"},
        {"{\"errcode\":45002}", GP_VERDICT_REFUSED, 0, "errcode 45002"},
        {"{\"errcode\":\"0\"}", GP_VERDICT_RETRY, 0, "the answer is not a robot's"},
        {"{}", GP_VERDICT_RETRY, 0, "the answer is not a robot's"},
        {"<html>", GP_VERDICT_RETRY, 0, "the answer is not a robot's"},
        {"", GP_VERDICT_RETRY, 0, "the answer is not a robot's"},
    };
    const struct gp_channel channel = {.kind = GP_CHANNEL_WECOM};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct gp_answer answer = {.status = 200, .body_len = strlen(cases[i].body)};
        struct gp_verdict verdict;
        memcpy(answer.body, cases[i].body, answer.body_len);
        gp_channel_judge(&channel, &answer, &verdict);
        assert_int_equal(verdict.kind, cases[i].wanted);
        assert_int_equal(verdict.after_ms, cases[i].after_ms);
        assert_string_equal(verdict.why, cases[i].why);
    }
}

/* ---------------------------------------------------------------- words */

static void check_word(const char *word)
{
    const char *own = gp_word_in(GP_LANGUAGE_ZH, word);

    if (own != word && strcmp(own, gettext(word)) != 0)
        fail_msg("%s is %s here and %s in the command", word, own, gettext(word));
}

static void chinese_words_are_the_commands(void **state)
{
    (void)state;
    assert_non_null(setlocale(LC_ALL, "C.UTF-8"));
    assert_int_equal(setenv("LANGUAGE", "zh_CN", 1), 0);
    assert_non_null(bindtextdomain("gridpost", GP_TEST_LOCALEDIR));
    assert_non_null(bind_textdomain_codeset("gridpost", "UTF-8"));
    assert_non_null(textdomain("gridpost"));
    assert_string_equal(gettext("red"), "红色超期"); /* or nothing would be compared */
#define X(name, number, text) check_word(text);
    GP_STEPS(X)
    GP_WHATS(X)
#undef X
}

/* A step that is in plans only is told to nobody. */
static void check_name(int step, const char *word)
{
    if (step != GP_STEP_RESUME && gp_word_in(GP_LANGUAGE_EN, word) == word)
        fail_msg("%s has no name", word);
}

static void every_step_has_a_name(void **state)
{
    (void)state;
#define X(name, number, text) check_name(number, text);
    GP_STEPS(X)
#undef X
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_set_up, scene_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(placeholders_are_filled),
        TEST(what_is_not_late_yet_is_not_called_so),
        TEST(where_there_are_pages_a_notice_leads_to_one),
        TEST(english_recipients_get_english),
        TEST(a_template_for_a_step_counts_for_that_step),
        TEST(a_drill_says_so),
        TEST(a_private_place_is_its_community),
        TEST(a_webhooks_body_has_the_facts_and_no_private_place),
        TEST(an_unknown_private_place_is_not_told),
        TEST(without_a_directory_ids_stand_for_names),
        TEST(a_robots_text_is_cut_between_characters),
        TEST(a_digest_counts_what_it_has_and_names_each),
        TEST(dingtalks_sign_is_openssls),
        TEST(a_webhooks_signature_is_openssls),
        cmocka_unit_test(hmac_is_rfc_4231s),
        cmocka_unit_test(a_reports_id_is_made_of_entry_person_and_state),
        cmocka_unit_test(no_line_of_a_mail_is_too_long_or_not_ascii),
        cmocka_unit_test(an_answer_means_what_it_should),
        cmocka_unit_test(robots_say_it_in_their_body),
        cmocka_unit_test(chinese_words_are_the_commands),
        cmocka_unit_test(every_step_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
