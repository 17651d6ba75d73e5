/* Settings: what the sample has, and each mistake with its line. */
#include "notify/scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define LINES_BEFORE 3 /* that scene_load writes */

static void the_sample_has_no_mistakes(void **state)
{
    struct scene *scene = *state;
    struct gp_findings findings;

    gp_findings_init(&findings);
    int rc =
        gp_notify_settings_load(GP_SOURCE_DIR "/config/notify.yaml", &findings, &scene->settings);
    /* /etc/gridpost need not be there */
    for (size_t i = 0; i < findings.count; i++)
        assert_true(strcmp(findings.item[i].field, "directory") == 0 ||
                    findings.item[i].severity == GP_FINDING_WARNING);
    if (rc == 0) {
        assert_int_equal(scene->settings->retry_first_ms, 10000);
        assert_int_equal(scene->settings->give_up_ms, 86400000);
    } else {
        assert_int_equal(rc, GP_ECONFIG);
    }
    gp_findings_release(&findings);
}

static void everything_that_may_be_written_is_read(void **state)
{
    struct scene *scene = *state;

    scene_write(scene, "one", "key\n");
    scene_write(scene, "two", "token\r\nSEC1\r\n");
    scene_open(scene,
               "zone: \"-05:00\"\nlanguage: en\n"
               "channels:\n"
               "- {name: a, kind: webhook, url: \"https://h/\", secret_file: @/one, rate: 0}\n"
               "- {name: b, kind: dingtalk, secret_file: @/two}\n"
               "- {name: c, kind: wecom, secret_file: @/one, rate: 7, digest: 2, at_once: 3}\n"
               "- {name: d, kind: smtp, url: \"smtps://m:465\", from: g@e.cn, secret_file: @/two}\n"
               "recipients:\n"
               "- {person: li, channel: a, quiet: \"22:00-07:00\", passes: [urgent, red, vacant]}\n"
               "- {post: K-SZ, channel: b, language: zh}\n"
               "- {department: SZ, channel: b, zone: \"+08:00\", name: works}\n"
               "- {person: wang, channel: d, address: w@e.cn}\n");
    const struct gp_notify_settings *settings = scene->settings;
    const struct gp_channel *channel = settings->channel;
    const struct gp_rule *rule = settings->rule;

    assert_string_equal(channel[0].secret[0], "key");
    assert_string_equal(channel[1].secret[0], "token");
    assert_string_equal(channel[1].secret[1], "SEC1");
    assert_string_equal(channel[1].url, "https://oapi.dingtalk.com/robot/send");
    assert_int_equal(channel[0].rate, 0);
    assert_int_equal(channel[1].rate, 20);
    assert_int_equal(channel[2].rate, 7);
    assert_int_equal(channel[2].digest, 2);
    assert_int_equal(channel[2].at_once, 3);
    assert_int_equal(rule[0].passes,
                     GP_PASS_URGENT | GP_PASS_STEP(GP_STEP_RED) | GP_PASS_WHAT(GP_WHAT_VACANT));
    assert_int_equal(rule[0].quiet.from_ms, 22 * 3600000);
    assert_int_equal(rule[0].language, GP_LANGUAGE_EN);
    assert_int_equal(rule[0].zone_ms, -5 * 3600000);
    assert_int_equal(rule[1].language, GP_LANGUAGE_ZH);
    assert_int_equal(rule[2].zone_ms, 8 * 3600000);
    assert_string_equal(rule[1].name, "K-SZ");
    assert_string_equal(rule[2].name, "works");
    assert_int_equal(rule[1].dest, 1);
    assert_int_equal(rule[2].dest, 2); /* another language is another destination */
    assert_int_equal(gp_rule_find(settings, GP_SPAN("works")), 2);
    assert_int_equal(gp_rule_find(settings, GP_SPAN("nobody")), GP_NONE);
}

/* One text, and the mistake in it. %-free: "@/" is the folder. */
static const struct {
    const char *text;
    unsigned line; /* of the text, from 1 */
    const char *field, *value, *problem;
} mistakes[] = {
    {"colour: red\n", 1, "", "colour", "unknown key"},
    {"follow: all\n", 1, "follow", "all", "not a value"},
    {"timeout: 20\n", 1, "timeout", "20", "not a value"},
    {"timeout: 9m\n", 1, "timeout", "9m", "not a value"},
    {"zone: beijing\n", 1, "zone", "beijing", "not a value"},
    {"area: city\n", 1, "area", "city", "not a value"},
    {"log_level: loud\n", 1, "log_level", "loud", "not a value"},
    {"retry_first: 1h\nretry_max: 1m\n", 2, "retry_max", "1m", "shorter"},
    {"socket: tcp://10.0.0.1:7\n", 1, "socket", "tcp://10.0.0.1:7", "not a value"},
    {"channels: {}\n", 1, "channels", "", "expected a list"},
    {"channels:\n- {kind: smtp}\n", 2, "name", "", "missing"},
    {"channels:\n- {name: a, kind: fax}\n", 2, "kind", "fax", "not a value"},
    {"channels:\n- {name: a, kind: webhook}\n", 2, "url", "", "missing"},
    {"channels:\n- {name: a, kind: webhook, url: \"http://h/\"}\n", 2, "url", "http://h/",
     "not an address that may"},
    {"channels:\n- {name: a, kind: webhook, url: \"http://127.0.0.1.evil.cn/\"}\n", 2, "url",
     "http://127.0.0.1.evil.cn/", "not an address that may"},
    {"channels:\n- {name: a, kind: webhook, url: \"http://127.0.0.1@evil.cn/\"}\n", 2, "url",
     "http://127.0.0.1@evil.cn/", "not an address that may"},
    {"channels:\n- {name: a, kind: webhook, url: \"file:///etc/passwd\"}\n", 2, "url",
     "file:///etc/passwd", "not an address that may"},
    {"channels:\n- {name: a, kind: webhook, url: \"https://u:p@h/\"}\n", 2, "url", "https://u:p@h/",
     "not an address that may"},
    {"channels:\n- {name: a, kind: wecom, url: \"https://h/?key=K\", secret_file: @/one}\n", 2,
     "url", "", "a robot's key"},
    {"channels:\n- {name: a, kind: smtp, url: \"https://h/\", from: a@b}\n", 2, "url", "https://h/",
     "not an address that may"},
    {"channels:\n- {name: a, kind: smtp, url: \"smtp://h\"}\n", 2, "from", "", "needs a sender"},
    {"channels:\n- {name: a, kind: smtp, url: \"smtp://h\", from: \"a@b, c@d\"}\n", 2, "from",
     "a@b, c@d", "needs a sender"},
    {"channels:\n- {name: a, kind: wecom}\n", 2, "secret_file", "", "missing"},
    {"channels:\n- {name: a, kind: wecom, secret_file: @/none}\n", 2, "secret_file", NULL,
     "cannot be read"},
    {"channels:\n- {name: a, kind: wecom, secret_file: @/open}\n", 2, "secret_file", NULL,
     "others may read"},
    {"channels:\n- {name: a, kind: wecom, secret_file: @/two}\n", 2, "secret_file", NULL,
     "not the lines"},
    {"channels:\n- {name: a, kind: wecom, secret_file: @/empty}\n", 2, "secret_file", NULL,
     "not the lines"},
    {"channels:\n- {name: a, kind: smtp, url: \"smtp://h\", from: a@b, secret_file: @/one}\n", 2,
     "secret_file", NULL, "not the lines"},
    {"channels:\n- {name: a, kind: wecom, secret_file: @/one, rate: 601}\n", 2, "rate", "601",
     "not a value"},
    {"channels:\n- {name: a, kind: wecom, secret_file: @/one, at_once: 0}\n", 2, "at_once", "0",
     "not a value"},
    {"channels:\n- {name: a, kind: wecom, secret_file: @/one}\n"
     "- {name: a, kind: wecom, secret_file: @/one}\n",
     3, "name", "a", "already"},
    {"recipients:\n- {channel: c}\n", 2, "", "", "one of person"},
    {"recipients:\n- {person: li, post: x, channel: c}\n", 2, "", "", "one of person"},
    {"recipients:\n- {person: li}\n", 2, "channel", "", "missing"},
    {"recipients:\n- {person: li, channel: none}\n", 2, "channel", "none", "no such channel"},
    {"recipients:\n- {person: li, channel: c, quiet: \"22-7\"}\n", 2, "quiet", "22-7",
     "not a value"},
    {"recipients:\n- {person: li, channel: c, quiet: \"22:00-22:00\"}\n", 2, "quiet", "22:00-22:00",
     "not a value"},
    {"recipients:\n- {person: li, channel: c, passes: [red, purple]}\n", 2, "passes", "purple",
     "no such step"},
    {"recipients:\n- {person: li, channel: c}\n- {person: li, channel: c}\n", 3, "name", "li",
     "already"},
    {"recipients:\n- {person: li, channel: m}\n", 2, "address", "", "not a mail address"},
    {"recipients:\n- {person: li, channel: m, address: \"a@b\\r\\nBcc: x@y\"}\n", 2, "address",
     NULL, "not a value"},
    {"recipients:\n- {person: li, channel: m, address: \"<a@b>\"}\n", 2, "address", "<a@b>",
     "not a mail address"},
    {"templates:\n- {language: zh, text: \"{nome}\"}\n", 2, "text", "{nome}",
     "no such placeholder"},
    {"templates:\n- language: en\n  line: |\n    {id}\n    {incident\n", 5, "line", "{",
     "no such placeholder"},
    {"templates:\n- {language: zh, subject: \"a } b\"}\n", 2, "subject", "}",
     "no such placeholder"},
    {"templates:\n- {language: zh, title: \"{id}\"}\n", 2, "title", "{id}", "{count} belongs"},
    {"templates:\n- {language: zh, text: \"{count}\"}\n", 2, "text", "{count}", "{count} belongs"},
    {"templates:\n- {language: de, text: a}\n", 2, "language", "de", "not a value"},
    {"templates:\n- {language: zh, for: [purple], text: a}\n", 2, "for", "purple", "no such step"},
    {"directory: /nowhere/at/all\n", 1, "directory", "/nowhere/at/all", "no configuration folder"},
    {"directory: \"\"\nrecipients:\n- {department: SZ, channel: c}\n", 3, "department", "SZ",
     "without a directory"},
    {"timeout: [1, 2]\n", 1, "timeout", "", ""},
    {"- a\n- b\n", 1, "", "", "YAML"},
};

static const struct gp_finding *find_error(const struct gp_findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        if (findings->item[i].severity == GP_FINDING_ERROR)
            return &findings->item[i];
    }
    return NULL;
}

/* What recipients need and the text does not bring. */
static char *with_channels(const char *text)
{
    static const char channels[] = "channels: [{name: c, kind: webhook, url: \"https://h/\"}, "
                                   "{name: m, kind: smtp, url: \"smtp://h\", from: a@b}]\n";
    char *all;

    assert_true(asprintf(&all, "%s%s", strstr(text, "channels:") == NULL ? channels : "", text) >
                0);
    return all;
}

static void write_secrets(struct scene *scene)
{
    char path[160];

    scene_write(scene, "one", "key\n");
    scene_write(scene, "two", "a\nb\n");
    scene_write(scene, "empty", "");
    scene_write(scene, "open", "key\n");
    scene_path(scene, "open", path);
    assert_int_equal(chmod(path, 0644), 0);
}

static void each_mistake_is_found_with_its_line(void **state)
{
    struct scene *scene = *state;

    write_secrets(scene);
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        struct gp_findings findings;
        const char *text = mistakes[i].text;
        unsigned before = LINES_BEFORE + (strstr(text, "channels:") == NULL);
        char *all = with_channels(text);
        gp_findings_init(&findings);
        int rc = scene_load(scene, all, &findings);
        const struct gp_finding *found = find_error(&findings);
        free(all);
        if (rc != GP_ECONFIG || found == NULL)
            fail_msg("no mistake in: %s", text);
        if (found->line != before + mistakes[i].line && strcmp(mistakes[i].problem, "YAML") != 0)
            fail_msg("line %u, not %u: %s", found->line, before + mistakes[i].line, text);
        if (mistakes[i].problem[0] != '\0' && strcmp(mistakes[i].problem, "YAML") != 0) {
            assert_string_equal(found->field, mistakes[i].field);
            assert_non_null(strstr(found->problem, mistakes[i].problem));
            if (mistakes[i].value != NULL)
                assert_string_equal(found->value, mistakes[i].value);
        }
        gp_findings_release(&findings);
    }
}

/* The value of a finding is shown to whoever checks: it must not be the secret itself. */
static void no_finding_shows_a_secret(void **state)
{
    struct scene *scene = *state;
    struct gp_findings findings;

    scene_write(scene, "three", "SECRET1\nSECRET2\nSECRET3\n");
    gp_findings_init(&findings);
    assert_int_equal(scene_load(scene,
                                "channels: [{name: a, kind: dingtalk, secret_file: @/three}]\n",
                                &findings),
                     GP_ECONFIG);
    for (size_t i = 0; i < findings.count; i++)
        assert_null(strstr(findings.item[i].value, "SECRET"));
    gp_findings_release(&findings);
}

static void who_is_not_in_the_directory_is_a_warning(void **state)
{
    struct scene *scene = *state;
    struct gp_findings findings;
    char *all = with_channels("recipients: [{person: gone, channel: c}]\n");

    gp_findings_init(&findings);
    assert_int_equal(scene_load(scene, all, &findings), 0);
    assert_int_equal(findings.warnings, 1);
    assert_string_equal(findings.item[0].value, "gone");
    gp_findings_release(&findings);
    free(all);
}

static void a_file_that_is_not_there_is_said_so(void **state)
{
    struct scene *scene = *state;
    struct gp_findings findings;
    char path[160];

    scene_path(scene, "nothing.yaml", path);
    gp_findings_init(&findings);
    assert_int_equal(gp_notify_settings_load(path, &findings, &scene->settings), GP_ENOTFOUND);
    gp_findings_release(&findings);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_set_up, scene_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_sample_has_no_mistakes),
        TEST(everything_that_may_be_written_is_read),
        TEST(each_mistake_is_found_with_its_line),
        TEST(no_finding_shows_a_secret),
        TEST(who_is_not_in_the_directory_is_a_warning),
        TEST(a_file_that_is_not_there_is_said_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
