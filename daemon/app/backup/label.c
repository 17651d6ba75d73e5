#include "app/backup/backup.h"

#include "base/clocktext.h"
#include "trust/file.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#define LABEL_FILE "backup.json"

void gp_label_hex(const unsigned char hash[32], char ret_text[65])
{
    for (int i = 0; i < 32; i++)
        (void)snprintf(ret_text + 2 * i, 3, "%02x", hash[i]);
}

void gp_label_name(const struct gp_label *label, char ret_name[GP_LABEL_NAME_BYTES])
{
    time_t at = (time_t)(label->at_ms / 1000);
    struct tm utc;
    char day[32];

    (void)gmtime_r(&at, &utc); /* fails for years that no clock of ours shows */
    (void)strftime(day, sizeof day, "%Y-%m-%dT%H-%M-%SZ", &utc);
    (void)snprintf(ret_name, GP_LABEL_NAME_BYTES, "%s-%" PRIu64, day, label->seq);
}

bool gp_label_parse(const char *name, struct gp_label *ret_label)
{
    struct gp_label label = {0};
    struct tm utc = {0};
    char again[GP_LABEL_NAME_BYTES];

    if (sscanf(name, "%4d-%2d-%2dT%2d-%2d-%2dZ-%20" SCNu64, &utc.tm_year, &utc.tm_mon, &utc.tm_mday,
               &utc.tm_hour, &utc.tm_min, &utc.tm_sec, &label.seq) != 7)
        return false;
    utc.tm_year -= 1900;
    utc.tm_mon -= 1;
    label.at_ms = (int64_t)timegm(&utc) * 1000;
    gp_label_name(&label, again);
    if (strcmp(name, again) != 0)
        return false;
    *ret_label = label;
    return true;
}

static int path_of(const char *folder, char ret_path[GP_SHELF_PATH_MAX])
{
    int len = snprintf(ret_path, GP_SHELF_PATH_MAX, "%s/" LABEL_FILE, folder);
    return len < GP_SHELF_PATH_MAX ? 0 : GP_ELIMIT;
}

int gp_label_write(const char *folder, const struct gp_label *label)
{
    char path[GP_SHELF_PATH_MAX], text[256], hash[65], at[GP_CLOCKTEXT_BYTES];
    const char *reason;

    if (path_of(folder, path) != 0)
        return GP_ELIMIT;
    gp_label_hex(label->hash, hash);
    gp_instant_format(label->at_ms, 0, at);
    (void)snprintf(text, sizeof text,
                   "{\"format\":1,\"seq\":%" PRIu64
                   ",\"hash\":\"%s\",\"at\":\"%s\",\"drill\":%s}\n",
                   label->seq, hash, at, label->drill ? "true" : "false");
    return gp_file_write(path, gp_span_of(text), 0600, &reason);
}

static bool read_hex(const char *text, unsigned char ret_hash[32])
{
    for (int i = 0; i < 32; i++) {
        if (sscanf(text + 2 * i, "%2hhx", &ret_hash[i]) != 1)
            return false;
    }
    return true;
}

int gp_label_read(const char *folder, struct gp_label *ret_label)
{
    char path[GP_SHELF_PATH_MAX], text[GP_FILE_BYTES_MAX + 1], hash[65], at[40], drill[6];
    struct gp_label label = {0};
    const char *reason;
    size_t len;
    int rc = path_of(folder, path);

    if (rc == 0)
        rc = gp_file_read(path, 0, text, &len, &reason);
    if (rc != 0)
        return rc;
    text[len] = '\0';
    if (sscanf(text,
               "{\"format\":1,\"seq\":%" SCNu64
               ",\"hash\":\"%64[0-9a-f]\",\"at\":\"%39[^\"]\",\"drill\":%5[a-z]}",
               &label.seq, hash, at, drill) != 4 ||
        strlen(hash) != 64 || !read_hex(hash, label.hash) ||
        gp_instant_parse(gp_span_of(at), &label.at_ms) != 0)
        return GP_EFORMAT;
    label.drill = strcmp(drill, "true") == 0;
    *ret_label = label;
    return 0;
}
