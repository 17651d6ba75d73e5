#include "notify/settings_internal.h"

#include "base/clocktext.h"

#include <libgen.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#define GP_SETTINGS_BYTES_MAX ((size_t)64 * 1024 * 1024)

const char *const gp_language_names[GP_LANGUAGES + 1] = {"zh", "en", NULL};

bool gp_text_is_plain(struct gp_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7F)
            return false;
    }
    return true;
}

static bool is_path(struct gp_span text)
{
    return text.len > 1 && text.ptr[0] == '/' && gp_text_is_plain(text);
}

static bool is_path_or_none(struct gp_span text)
{
    return text.len == 0 || is_path(text);
}

static bool is_ipc(struct gp_span text)
{
    return text.len > 7 && memcmp(text.ptr, "ipc:///", 7) == 0 && gp_text_is_plain(text);
}

static bool is_local(struct gp_span text)
{
    static const char tcp[] = "tcp://127.0.0.1:";

    return is_ipc(text) ||
           (text.len > sizeof tcp - 1 && memcmp(text.ptr, tcp, sizeof tcp - 1) == 0);
}

static bool is_zone(struct gp_span text)
{
    int64_t zone_ms;
    return gp_zone_parse(text, &zone_ms) == 0;
}

static bool is_area_or_none(struct gp_span text)
{
    struct gp_area_ref area;
    return text.len == 0 || gp_area_parse(text, &area) == 0;
}

static const char *const follows[] = {"escalations", "everything", NULL};
static const char *const levels[] = {"error", "warning", "info", "debug", NULL};

#define TO(member) offsetof(struct gp_notify_settings, member)
#define PATH_MOST  200

static const struct gp_field general[] = {
    {"socket", GP_FIELD_TEXT, TO(socket), "ipc:///run/gridpost/gridpost.ipc", 1, 107, is_local,
     NULL, "write ipc:// and an absolute path, or tcp://127.0.0.1:PORT"},
    {"identity", GP_FIELD_TEXT, TO(identity), "/var/lib/gridpost-notify/identity", 1, PATH_MOST,
     is_path, NULL, "write an absolute path"},
    {"person", GP_FIELD_TEXT, TO(person), "", 0, GP_ID_BYTES_MAX, gp_text_is_plain, NULL,
     "name a person of people.csv, or leave it empty"},
    {"state", GP_FIELD_TEXT, TO(state), "/var/lib/gridpost-notify", 1, PATH_MOST, is_path, NULL,
     "write an absolute path"},
    {"directory", GP_FIELD_TEXT, TO(folder), "/etc/gridpost", 0, PATH_MOST, is_path_or_none, NULL,
     "write an absolute path, or leave it empty"},
    {"follow", GP_FIELD_CHOICE, TO(follow), "escalations", 0, 0, NULL, follows,
     "use: escalations everything"},
    {"area", GP_FIELD_TEXT, TO(area_code), "", 0, 15, is_area_or_none, NULL,
     "write a code of digits, or leave it empty"},
    {"language", GP_FIELD_CHOICE, TO(language), "zh", 0, 0, NULL, gp_language_names, "use: zh en"},
    {"zone", GP_FIELD_TEXT, TO(zone), "+08:00", 1, 6, is_zone, NULL, "write it as +08:00"},
    {"link", GP_FIELD_TEXT, TO(link), "", 0, 400, gp_text_is_plain, NULL,
     "write what stands before an incident's number in its address"},
    {"log_level", GP_FIELD_TEXT, TO(log_level), "info", 1, 16, gp_text_is_plain, NULL,
     "use: error warning info debug"},
    {"timeout", GP_FIELD_DURATION, TO(timeout_ms), "20s", 1000, 300000, NULL, NULL, "1s to 5m"},
    {"retry_first", GP_FIELD_DURATION, TO(retry_first_ms), "10s", 1000, 3600000, NULL, NULL,
     "1s to 1h"},
    {"retry_max", GP_FIELD_DURATION, TO(retry_max_ms), "15m", 1000, 86400000, NULL, NULL,
     "1s to 1d"},
    {"give_up", GP_FIELD_DURATION, TO(give_up_ms), "1d", 1000, INT64_C(2592000000), NULL, NULL,
     "1s to 30d"},
    {"keep_dead", GP_FIELD_DURATION, TO(keep_dead_ms), "30d", 60000, INT64_C(31622400000), NULL,
     NULL, "1m to 366d"},
    {"waiting_max", GP_FIELD_NUMBER, TO(waiting_max), "20000", 100, 1000000, NULL, NULL,
     "100 to 1000000"},
    {"channels", GP_FIELD_OTHER, 0, NULL, 0, 0, NULL, NULL, ""},
    {"recipients", GP_FIELD_OTHER, 0, NULL, 0, 0, NULL, NULL, ""},
    {"templates", GP_FIELD_OTHER, 0, NULL, 0, 0, NULL, NULL, ""},
    {0},
};

/* ---------------------------------------------------------------- lists */

void *gp_reader_array(struct gp_settings_reader *reader, size_t count, size_t size)
{
    void *array = gp_arena_zalloc(&reader->settings->arena, count > 0 ? count : 1, size);

    if (array == NULL)
        reader->yaml.loader->error = GP_ENOMEM;
    return array;
}

yaml_node_t *gp_reader_list(struct gp_settings_reader *reader, const char *key, size_t max,
                            size_t *ret_count)
{
    yaml_node_t *list = gp_yaml_get(&reader->yaml, reader->root, key);

    *ret_count = 0;
    if (list == NULL)
        return NULL;
    if (list->type != YAML_SEQUENCE_NODE) {
        gp_yaml_find_key(&reader->yaml, reader->root, key, "expected a list",
                         "write one '- key: value' for each");
        return NULL;
    }
    *ret_count = (size_t)(list->data.sequence.items.top - list->data.sequence.items.start);
    if (*ret_count > max) {
        gp_yaml_find_key(&reader->yaml, reader->root, key, "too many",
                         "docs/NOTIFY.md says how many there may be");
        *ret_count = 0;
        return NULL;
    }
    return list;
}

yaml_node_t *gp_reader_item(struct gp_settings_reader *reader, yaml_node_t *list, size_t at)
{
    return yaml_document_get_node(&reader->yaml.document, list->data.sequence.items.start[at]);
}

/* ---------------------------------------------------------------- the file */

static void read_general(struct gp_settings_reader *reader)
{
    struct gp_notify_settings *settings = reader->settings;
    bool known = false;

    gp_fields_read(&reader->yaml, reader->root, general, settings);
    if (settings->zone != NULL)
        (void)gp_zone_parse(gp_span_of(settings->zone), &settings->zone_ms); /* judged before */
    if (settings->area_code != NULL && settings->area_code[0] != '\0')
        (void)gp_area_parse(gp_span_of(settings->area_code), &settings->area); /* judged before */
    for (size_t i = 0; settings->log_level != NULL && levels[i] != NULL; i++)
        known = known || strcmp(settings->log_level, levels[i]) == 0;
    if (!known)
        gp_yaml_find_key(&reader->yaml, reader->root, "log_level", "not a value of this setting",
                         "use: error warning info debug");
    if (settings->retry_max_ms < settings->retry_first_ms)
        gp_yaml_find_key(&reader->yaml, reader->root, "retry_max", "shorter than retry_first",
                         "make it longer");
}

/* A directory with mistakes is the daemon's business; here it would only lack names. */
static void read_directory(struct gp_settings_reader *reader)
{
    struct gp_notify_settings *settings = reader->settings;
    struct gp_findings findings;

    if (settings->folder == NULL || settings->folder[0] == '\0')
        return;
    gp_findings_init(&findings);
    int rc = gp_directory_load(settings->folder, &findings, &settings->directory);
    gp_findings_release(&findings);
    if (rc == GP_ENOMEM || rc == GP_EAGAIN)
        reader->yaml.loader->error = rc;
    else if (rc != 0)
        gp_yaml_find_key(&reader->yaml, reader->root, "directory",
                         "no configuration folder, or one with mistakes",
                         "see what gridpost check says of it");
}

static void read_file(struct gp_settings_reader *reader)
{
    reader->root = gp_yaml_root(&reader->yaml);
    if (reader->root == NULL) {
        gp_yaml_find(&reader->yaml, GP_FINDING_ERROR, NULL, "", (struct gp_span){0},
                     "the file is empty", "see docs/NOTIFY.md");
        return;
    }
    read_general(reader);
    if (reader->yaml.loader->error == 0)
        read_directory(reader);
    if (reader->yaml.loader->error == 0)
        gp_read_channels(reader);
    if (reader->yaml.loader->error == 0)
        gp_read_rules(reader);
    if (reader->yaml.loader->error == 0)
        gp_read_templates(reader);
}

static int load(const char *folder, const char *file, struct gp_findings *findings,
                struct gp_notify_settings *settings)
{
    struct gp_loader loader = {.folder = folder, .findings = findings, .arena = &settings->arena};
    struct gp_settings_reader reader = {.settings = settings};
    size_t errors = findings->errors;
    int rc = gp_yaml_open(&loader, file, &reader.yaml);

    if (rc == 0) {
        read_file(&reader);
        gp_yaml_close(&reader.yaml);
    }
    if (loader.error != 0)
        return loader.error;
    if (rc == GP_ENOTFOUND)
        return rc;
    return rc != 0 || findings->errors > errors ? GP_ECONFIG : 0;
}

int gp_notify_settings_load(const char *path, struct gp_findings *findings,
                            struct gp_notify_settings **ret_settings)
{
    struct gp_notify_settings *settings = calloc(1, sizeof *settings);
    char *folder = strdup(path), *file = strdup(path);
    int rc = GP_ENOMEM;

    if (settings != NULL) {
        gp_arena_init(&settings->arena, GP_SETTINGS_BYTES_MAX);
        if (folder != NULL && file != NULL)
            rc = load(dirname(folder), basename(file), findings, settings);
    }
    free(folder);
    free(file);
    if (rc != 0)
        gp_notify_settings_free(settings);
    else
        *ret_settings = settings;
    return rc;
}

void gp_notify_settings_free(struct gp_notify_settings *settings)
{
    if (settings == NULL)
        return;
    for (uint32_t i = 0; i < settings->channel_count; i++)
        sodium_memzero(settings->channel[i].secret, sizeof settings->channel[i].secret);
    gp_directory_unref(settings->directory);
    gp_arena_release(&settings->arena);
    free(settings);
}

const struct gp_org *gp_notify_org(const struct gp_notify_settings *settings)
{
    return settings->directory != NULL ? gp_directory_org(settings->directory) : NULL;
}
