/* Channels: where messages go, and the secrets that open them. */
#include "notify/settings_internal.h"

#include "notify/address.h"
#include "trust/file.h"

#define NOT_SAID (-1) /* what the kind of channel has by itself */

static const char *const kinds[] = {"webhook", "wecom", "dingtalk", "smtp", NULL};

const char *gp_channel_kind_name(int kind)
{
    return kind >= GP_CHANNEL_WEBHOOK && kind <= GP_CHANNEL_SMTP ? kinds[kind] : "?";
}

/* What a kind of channel is by itself. Both robots take 20 messages a minute. */
static const struct {
    const char *url;
    int64_t rate, digest;
    unsigned secrets_min, secrets_max; /* lines of secret_file */
} habits[] = {
    [GP_CHANNEL_WEBHOOK] = {"", 0, 0, 0, 1},
    [GP_CHANNEL_WECOM] = {"https://qyapi.weixin.qq.com/cgi-bin/webhook/send", 20, 5, 1, 1},
    [GP_CHANNEL_DINGTALK] = {"https://oapi.dingtalk.com/robot/send", 20, 5, 1, 2},
    [GP_CHANNEL_SMTP] = {"", 0, 5, 0, 2},
};

static bool is_name(struct gp_span text)
{
    return text.len > 0 && gp_text_is_plain(text);
}

static bool is_path_or_none(struct gp_span text)
{
    return text.len == 0 || (text.ptr[0] == '/' && gp_text_is_plain(text));
}

#define TO(member) offsetof(struct gp_channel, member)

static const struct gp_field fields[] = {
    {"name", GP_FIELD_TEXT, TO(name), NULL, 1, GP_ID_BYTES_MAX, is_name, NULL, "give it a name"},
    {"kind", GP_FIELD_CHOICE, TO(kind), NULL, 0, 0, NULL, kinds,
     "use: webhook wecom dingtalk smtp"},
    {"url", GP_FIELD_TEXT, TO(url), "", 0, 1000, gp_text_is_plain, NULL, "write it without blanks"},
    {"secret_file", GP_FIELD_TEXT, TO(secret_file), "", 0, 400, is_path_or_none, NULL,
     "write an absolute path"},
    {"ca_file", GP_FIELD_TEXT, TO(ca_file), "", 0, 400, is_path_or_none, NULL,
     "write an absolute path"},
    {"proxy", GP_FIELD_TEXT, TO(proxy), "", 0, 400, gp_text_is_plain, NULL,
     "write http://HOST:PORT, or leave it out"},
    {"from", GP_FIELD_TEXT, TO(from), "", 0, 200, gp_text_is_plain, NULL, "write NAME@HOST"},
    {"from_name", GP_FIELD_TEXT, TO(from_name), "", 0, 100, gp_text_is_plain, NULL,
     "write a short name"},
    {"rate", GP_FIELD_NUMBER, TO(rate), "", 0, GP_RATE_MAX, NULL, NULL,
     "0 to 600 messages a minute"},
    {"digest", GP_FIELD_NUMBER, TO(digest), "", 0, 100000, NULL, NULL, "0 to 100000"},
    {"at_once", GP_FIELD_NUMBER, TO(at_once), "8", 1, GP_AT_ONCE_MAX, NULL, NULL, "1 to 64"},
    {0},
};

/* ---------------------------------------------------------------- secrets */

/* Takes the lines apart. False: too few, too many, or one too long. */
static bool split_secret(struct gp_channel *channel, const char *bytes, size_t len)
{
    unsigned count = 0;

    for (size_t at = 0; at < len;) {
        const char *end = memchr(bytes + at, '\n', len - at);
        size_t length = end != NULL ? (size_t)(end - bytes) - at : len - at;
        size_t text = length > 0 && bytes[at + length - 1] == '\r' ? length - 1 : length;
        if (count == habits[channel->kind].secrets_max || text == 0 || text >= GP_SECRET_BYTES ||
            memchr(bytes + at, '\0', text) != NULL)
            return false;
        memcpy(channel->secret[count], bytes + at, text);
        channel->secret[count++][text] = '\0';
        at += length + 1;
    }
    return count >= 1 && !(channel->kind == GP_CHANNEL_SMTP && count != 2);
}

/* Whoever starts it must be able to read it, and few others. */
#define SECRET_FORBIDDEN (GP_MODE_OTHERS & ~040)

static void read_secret(struct gp_settings_reader *reader, yaml_node_t *node,
                        struct gp_channel *channel)
{
    char bytes[GP_FILE_BYTES_MAX];
    const char *reason;
    size_t len;

    if (channel->secret_file[0] == '\0') {
        if (habits[channel->kind].secrets_min > 0)
            gp_yaml_find_key(&reader->yaml, node, "secret_file", "missing",
                             "name the file that holds the robot's key");
        return;
    }
    int rc = gp_file_read(channel->secret_file, SECRET_FORBIDDEN, bytes, &len, &reason);
    if (rc == GP_EINVAL)
        gp_yaml_find_key(&reader->yaml, node, "secret_file", "others may read it, or it is no file",
                         "chmod 640 or less");
    else if (rc != 0)
        gp_yaml_find_key(&reader->yaml, node, "secret_file", "it cannot be read",
                         "put it there, readable for gridpost-notify's user");
    else if (!split_secret(channel, bytes, len))
        gp_yaml_find_key(&reader->yaml, node, "secret_file",
                         "not the lines that this kind of channel needs",
                         "docs/NOTIFY.md says what stands on each line");
    explicit_bzero(bytes, sizeof bytes);
}

/* ---------------------------------------------------------------- one channel */

/* A robot's address is handed out with its key in it. What a finding shows lands in logs, so this
 * one does not show it. */
static bool has_key(const struct gp_channel *channel)
{
    bool robot = channel->kind == GP_CHANNEL_WECOM || channel->kind == GP_CHANNEL_DINGTALK;

    return robot && strchr(channel->url, '?') != NULL;
}

static void check_url(struct gp_settings_reader *reader, yaml_node_t *node,
                      struct gp_channel *channel)
{
    bool mail = channel->kind == GP_CHANNEL_SMTP;

    if (channel->url[0] == '\0')
        channel->url = habits[channel->kind].url;
    if (channel->url[0] == '\0')
        gp_yaml_find_key(&reader->yaml, node, "url", "missing", "say where the channel leads");
    else if (has_key(channel))
        gp_yaml_find(&reader->yaml, GP_FINDING_ERROR, gp_yaml_get(&reader->yaml, node, "url"),
                     "url", (struct gp_span){0}, "a robot's key does not belong here",
                     "write it into the secret_file, and the address without ?…");
    else if (!gp_address_is_safe(gp_span_of(channel->url), mail))
        gp_yaml_find_key(&reader->yaml, node, "url", "not an address that may be used",
                         mail ? "write smtps://HOST[:PORT] or smtp://HOST[:PORT], which must "
                                "then offer STARTTLS"
                              : "write https://…; http:// is for 127.0.0.1 only");
}

static void check_mail(struct gp_settings_reader *reader, yaml_node_t *node,
                       const struct gp_channel *channel)
{
    if (channel->kind == GP_CHANNEL_SMTP && !gp_address_is_mail(gp_span_of(channel->from)))
        gp_yaml_find_key(&reader->yaml, node, "from", "a mail needs a sender", "write NAME@HOST");
}

static void read_channel(struct gp_settings_reader *reader, yaml_node_t *node,
                         struct gp_channel *channel)
{
    struct gp_notify_settings *settings = reader->settings;
    size_t errors = reader->yaml.loader->findings->errors;

    channel->rate = channel->digest = NOT_SAID;
    gp_fields_read(&reader->yaml, node, fields, channel);
    if (reader->yaml.loader->error != 0 || reader->yaml.loader->findings->errors > errors)
        return;
    if (channel->rate == NOT_SAID)
        channel->rate = habits[channel->kind].rate;
    if (channel->digest == NOT_SAID)
        channel->digest = habits[channel->kind].digest;
    if (gp_channel_find(settings, gp_span_of(channel->name)) !=
        (uint32_t)(channel - settings->channel))
        gp_yaml_find_key(&reader->yaml, node, "name", "there is a channel of this name already",
                         "give each its own");
    check_url(reader, node, channel);
    check_mail(reader, node, channel);
    read_secret(reader, node, channel);
}

void gp_read_channels(struct gp_settings_reader *reader)
{
    struct gp_notify_settings *settings = reader->settings;
    size_t count;
    yaml_node_t *list = gp_reader_list(reader, "channels", GP_CHANNELS_MAX, &count);

    settings->channel = gp_reader_array(reader, count, sizeof *settings->channel);
    if (settings->channel == NULL)
        return;
    for (size_t i = 0; i < count && reader->yaml.loader->error == 0; i++) {
        settings->channel_count++;
        read_channel(reader, gp_reader_item(reader, list, i), &settings->channel[i]);
    }
}

uint32_t gp_channel_find(const struct gp_notify_settings *settings, struct gp_span name)
{
    for (uint32_t i = 0; i < settings->channel_count; i++) {
        if (settings->channel[i].name != NULL && gp_span_is(name, settings->channel[i].name))
            return i;
    }
    return GP_NONE;
}
