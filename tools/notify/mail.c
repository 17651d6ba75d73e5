/* Mails, RFC 5322. Every line is ASCII and ends in CRLF. */
#include "notify/channel.h"

#include "base/clocktext.h"
#include "notify/sign.h"

/* A line with an encoded word has at most 76 characters, of which "=?UTF-8?B?" and "?=" are 12. */
#define WORD_LINE  76
#define WORD_FRAME 12
/* A line of base64 has 76 characters, that is 57 bytes. */
#define LINE_BYTES 57

static bool is_ascii(struct gp_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] >= 0x7F || (unsigned char)text.ptr[i] < 0x20)
            return false;
    }
    return true;
}

/* How many bytes from `at` on are whole characters and fit an encoded word behind `used`
 * characters of the line. */
static size_t word_length(struct gp_span text, size_t at, size_t used)
{
    size_t most = (WORD_LINE - WORD_FRAME - used) / 4 * 3, len;

    if (most > text.len - at)
        most = text.len - at;
    for (len = most; len > 0 && at + len < text.len;) {
        if (((unsigned char)text.ptr[at + len] & 0xC0) != 0x80)
            break;
        len--;
    }
    return len > 0 ? len : most; /* 0: it is no UTF-8 */
}

/* RFC 2047, behind `used` characters of the line; continued on lines that begin with a blank. */
static void write_words(struct gp_buffer *body, struct gp_span text, size_t used)
{
    if (is_ascii(text) && used + text.len <= WORD_LINE) {
        gp_buffer_add(body, text);
        return;
    }
    for (size_t at = 0; at < text.len; used = 1) {
        size_t len = word_length(text, at, used);
        gp_buffer_say(body, at > 0 ? "\r\n =?UTF-8?B?" : "=?UTF-8?B?");
        gp_buffer_base64(body, (struct gp_span){text.ptr + at, len});
        gp_buffer_say(body, "?=");
        at += len;
    }
}

static void write_date(struct gp_buffer *body, int64_t now_ms)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int64_t day = gp_day_of(now_ms, 0);
    int second = (int)((now_ms - day * GP_MS_DAY) / GP_MS_SECOND);
    int year, month, date;

    gp_date_from_day(day, &year, &month, &date);
    gp_buffer_printf(body, "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n", days[gp_weekday(day)],
                     date, months[month - 1], year, second / 3600, second / 60 % 60, second % 60);
}

/* Ids have no blanks but those between them: where the header may be folded. */
static void write_ids(struct gp_buffer *body, struct gp_span ids)
{
    gp_buffer_say(body, "Gridpost-Notice: ");
    for (size_t i = 0; i < ids.len; i++) {
        if (ids.ptr[i] == ' ')
            gp_buffer_say(body, "\r\n ");
        else
            gp_buffer_add(body, (struct gp_span){ids.ptr + i, 1});
    }
    gp_buffer_say(body, "\r\n");
}

static void write_from(struct gp_buffer *body, const struct gp_channel *channel)
{
    gp_buffer_say(body, "From: ");
    if (channel->from_name[0] != '\0') {
        struct gp_buffer quoted = {0};
        if (is_ascii(gp_span_of(channel->from_name)) && strpbrk(channel->from_name, "\"\\") == NULL)
            gp_buffer_printf(&quoted, "\"%s\"", channel->from_name);
        else
            write_words(&quoted, gp_span_of(channel->from_name), sizeof "From: " - 1);
        gp_buffer_add(body, gp_buffer_span(&quoted));
        body->failed = body->failed || quoted.failed;
        gp_buffer_release(&quoted);
        gp_buffer_say(body, "\r\n ");
    }
    gp_buffer_printf(body, "<%s>\r\n", channel->from);
}

static void write_body(struct gp_buffer *body, struct gp_span text)
{
    for (size_t at = 0; at < text.len; at += LINE_BYTES) {
        size_t len = text.len - at < LINE_BYTES ? text.len - at : LINE_BYTES;
        gp_buffer_base64(body, (struct gp_span){text.ptr + at, len});
        gp_buffer_say(body, "\r\n");
    }
}

void gp_mail_write(const struct gp_channel *channel, const char *address,
                   const struct gp_message *message, int64_t now_ms, struct gp_buffer *body)
{
    write_date(body, now_ms);
    write_from(body, channel);
    gp_buffer_printf(body, "To: <%s>\r\n", address);
    gp_buffer_say(body, "Subject: ");
    write_words(body, gp_buffer_span(&message->subject), sizeof "Subject: " - 1);
    gp_buffer_printf(body, "\r\nMessage-ID: <%s%s>\r\n", message->id.ptr,
                     strchr(channel->from, '@') != NULL ? strchr(channel->from, '@') : "@gridpost");
    write_ids(body, gp_buffer_span(&message->ids));
    gp_buffer_say(body, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                        "Content-Type: text/plain; charset=utf-8\r\n"
                        "Content-Transfer-Encoding: base64\r\n\r\n");
    write_body(body, gp_buffer_span(&message->text));
}
