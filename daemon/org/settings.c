#include "org/settings.h"

#include "base/limits.h"
#include "org/yaml.h"

#include <limits.h>
#include <stddef.h>
#include <stdlib.h>

enum kind { TEXT, NUMBER, DURATION };

/* Every key: kind, where it goes, default, range (numbers as they are, durations in ms). */
struct setting {
    const char *key;
    enum kind kind;
    size_t offset;
    const char *fallback;
    int64_t min, max;
    bool (*good)(struct gp_span text);
    const char *remedy;
};

static bool starts(struct gp_span text, const char *with)
{
    size_t len = strlen(with);
    return text.len > len && memcmp(text.ptr, with, len) == 0;
}

static bool ipc(struct gp_span text)
{
    return starts(text, "ipc:///") && text.len < 100; /* sun_path holds 108 */
}

static bool ipc_or_none(struct gp_span text)
{
    return text.len == 0 || ipc(text);
}

#define NUMBER_DIGITS 15

bool gp_settings_loopback(struct gp_span text)
{
    size_t head = sizeof "tcp://127.0.0.1:" - 1;
    int64_t port;

    return starts(text, "tcp://127.0.0.1:") &&
           gp_word_whole((struct gp_span){text.ptr + head, text.len - head}, NUMBER_DIGITS,
                         &port) &&
           port >= 1 && port <= 65535;
}

static bool loopback_or_none(struct gp_span text)
{
    return text.len == 0 || gp_settings_loopback(text);
}

static bool path(struct gp_span text)
{
    return text.len > 1 && text.ptr[0] == '/' && text.len < 200;
}

static bool path_or_none(struct gp_span text)
{
    return text.len == 0 || path(text);
}

static bool level(struct gp_span text)
{
    return gp_span_is(text, "error") || gp_span_is(text, "warning") || gp_span_is(text, "info") ||
           gp_span_is(text, "debug");
}

static bool name(struct gp_span text)
{
    return text.len > 0 && text.len <= GP_ID_BYTES_MAX;
}

#define TO(member) offsetof(struct gp_settings, member)

static const struct setting table[] = {
    {"socket", TEXT, TO(socket), "ipc:///run/gridpost/gridpost.ipc", 0, 0, ipc,
     "write ipc:// and an absolute path of less than 100 bytes"},
    {"socket_tcp", TEXT, TO(socket_tcp), "", 0, 0, loopback_or_none,
     "only loopback is allowed, nanomsg does not encrypt: tcp://127.0.0.1:PORT, or leave it empty"},
    {"edge_socket", TEXT, TO(edge_socket), "ipc:///run/gridpost-edge/edge.ipc", 0, 0, ipc_or_none,
     "write ipc:// and an absolute path, or leave it empty"},
    {"hint_socket", TEXT, TO(hint_socket), "ipc:///run/gridpost-edge/hint.ipc", 0, 0, ipc_or_none,
     "write ipc:// and an absolute path, or leave it empty"},
    {"store", TEXT, TO(store), "/var/lib/gridpost/store", 0, 0, path, "write an absolute path"},
    {"keys", TEXT, TO(keys), "/var/lib/gridpost/keys", 0, 0, path, "write an absolute path"},
    {"backup_dir", TEXT, TO(backup_dir), "/var/lib/gridpost/backup", 0, 0, path_or_none,
     "write an absolute path, or leave it empty"},
    {"backup_keep", NUMBER, TO(backup_keep), "7", 1, 1000, NULL, "1 to 1000"},
    {"store_map_mib", NUMBER, TO(store_map_mib), "65536", 16, 16 * 1024 * 1024, NULL,
     "16 to 16777216"},
    {"store_reserve_mib", NUMBER, TO(store_reserve_mib), "64", 0, 65536, NULL, "0 to 65536"},
    {"batch_items_max", NUMBER, TO(batch_items_max), "1024", 1, GP_BATCH_ITEMS_MAX, NULL,
     "1 to 1024"},
    {"clock_jump_max", DURATION, TO(clock_jump_max_ms), "10m", 1000, 86400000, NULL, "1s to 1d"},
    {"clock_start_max", DURATION, TO(clock_start_max_ms), "14d", 60000, INT64_C(31622400000), NULL,
     "1m to 366d"},
    {"drain_max", DURATION, TO(drain_ms_max), "5s", 0, 60000, NULL, "0s to 60s"},
    {"log_level", TEXT, TO(log_level), "info", 0, 0, level, "use: error warning info debug"},
    {"personal_days", NUMBER, TO(personal_days), "1095", 1, 36500, NULL, "1 to 36500 days"},
    {"device_rate", NUMBER, TO(device_rate), "120", 1, 1000000, NULL, "1 to 1000000 a minute"},
    {"person_rate", NUMBER, TO(person_rate), "240", 1, 1000000, NULL, "1 to 1000000 a minute"},
    {"bridge_rate", NUMBER, TO(bridge_rate), "6000", 1, 1000000, NULL, "1 to 1000000 a minute"},
    {"sessions_max", NUMBER, TO(sessions_max), "40960", 16, 1048576, NULL, "16 to 1048576"},
    {"default_calendar", TEXT, TO(default_calendar), "office", 0, 0, name,
     "name a file of calendar/, without .yaml"},
};

#define SETTINGS (sizeof table / sizeof table[0])

/* Puts a value in place. Errors: GP_EINVAL: it does not fit the table; GP_ENOMEM. */
static int set(const struct setting *setting, struct gp_span text, struct gp_settings *settings)
{
    char *member = (char *)settings + setting->offset;
    int64_t value;

    if (setting->kind == TEXT) {
        char *copy;
        if (!setting->good(text))
            return GP_EINVAL;
        copy = strndup(text.ptr != NULL ? text.ptr : "", text.len);
        if (copy == NULL)
            return GP_ENOMEM;
        free(*(char **)(void *)member);
        *(char **)(void *)member = copy;
        return 0;
    }
    if (!(setting->kind == NUMBER ? gp_word_whole(text, NUMBER_DIGITS, &value)
                                  : gp_word_duration(text, &value)) ||
        value < setting->min || value > setting->max)
        return GP_EINVAL;
    memcpy(member, &value, sizeof value);
    return 0;
}

/* A path as "/a/b", without "//", "." and ".."; false: it is too long for a path. */
static bool write_plain(const char *path, char ret_plain[PATH_MAX])
{
    size_t len = 0;

    while (*path != '\0') {
        const struct gp_span part = {path, strcspn(path, "/")};
        if (gp_span_is(part, "..")) {
            while (len > 0 && ret_plain[--len] != '/')
                continue;
        } else if (part.len > 0 && !gp_span_is(part, ".")) {
            if (len + 1 + part.len >= PATH_MAX)
                return false;
            ret_plain[len++] = '/';
            memcpy(ret_plain + len, part.ptr, part.len);
            len += part.len;
        }
        path += part.len + (path[part.len] == '/');
    }
    ret_plain[len] = '\0';
    return true;
}

bool gp_settings_inside(const char *path, const char *folder)
{
    char plain[PATH_MAX], outer[PATH_MAX];

    if (!write_plain(path, plain) || !write_plain(folder, outer))
        return false;
    size_t len = strlen(outer);
    return strncmp(plain, outer, len) == 0 && (plain[len] == '/' || plain[len] == '\0');
}

static void read_file(struct gp_yaml *yaml, struct gp_settings *settings)
{
    const char *keys[SETTINGS + 1] = {NULL};
    yaml_node_t *root = gp_yaml_root(yaml);

    if (root == NULL)
        return; /* an empty file: all defaults */
    for (size_t i = 0; i < SETTINGS; i++)
        keys[i] = table[i].key;
    gp_yaml_known(yaml, root, keys);
    for (size_t i = 0; i < SETTINGS; i++) {
        const char *key = table[i].key;
        if (gp_yaml_get(yaml, root, key) == NULL)
            continue;
        int rc = set(&table[i], gp_yaml_get_text(yaml, root, key), settings);
        if (rc == GP_ENOMEM)
            yaml->loader->error = rc;
        else if (rc != 0)
            gp_yaml_find_key(yaml, root, key, "not a value of this setting", table[i].remedy);
    }
    if (strcmp(settings->socket, settings->edge_socket) == 0)
        gp_yaml_find_key(yaml, root, "edge_socket", "the same address as socket",
                         "give each its own");
    if (strcmp(settings->socket, settings->hint_socket) == 0)
        gp_yaml_find_key(yaml, root, "hint_socket", "the same address as socket",
                         "give each its own");
    if (settings->hint_socket[0] != '\0' &&
        strcmp(settings->edge_socket, settings->hint_socket) == 0)
        gp_yaml_find_key(yaml, root, "hint_socket", "the same address as edge_socket",
                         "give each its own");
    if (settings->backup_dir[0] != '\0' &&
        gp_settings_inside(settings->backup_dir, settings->store))
        gp_yaml_find_key(yaml, root, "backup_dir", "inside the store's folder",
                         "name a folder beside the store, or better on another disk");
}

int gp_settings_load(const char *folder, struct gp_findings *findings,
                     struct gp_settings *ret_settings)
{
    struct gp_settings settings = {0};
    struct gp_arena arena;
    struct gp_loader loader = {.folder = folder, .findings = findings, .arena = &arena};
    struct gp_yaml yaml;
    size_t errors = findings->errors;
    int rc;

    for (size_t i = 0; i < SETTINGS; i++) {
        if (set(&table[i], gp_span_of(table[i].fallback), &settings) != 0) {
            gp_settings_release(&settings);
            return GP_ENOMEM; /* the defaults fit the table: only memory can be out */
        }
    }
    gp_arena_init(&arena, GP_CONFIG_FILE_BYTES_MAX * 4);
    rc = gp_yaml_open(&loader, "gridpost.yaml", &yaml);
    if (rc == 0) {
        read_file(&yaml, &settings);
        gp_yaml_close(&yaml);
    }
    gp_arena_release(&arena);
    if (loader.error != 0 || findings->errors > errors) {
        gp_settings_release(&settings);
        return loader.error != 0 ? loader.error : GP_ECONFIG;
    }
    *ret_settings = settings;
    return 0;
}

void gp_settings_release(struct gp_settings *settings)
{
    for (size_t i = 0; i < SETTINGS; i++) {
        if (table[i].kind == TEXT)
            free(*(char **)(void *)((char *)settings + table[i].offset));
    }
    *settings = (struct gp_settings){0};
}
