/** Messages: the words of a batch of letters, for whichever channel they go by. */
#ifndef GP_NOTIFY_COMPOSE_H
#define GP_NOTIFY_COMPOSE_H

#include "notify/desk.h"

#define GP_WECOM_BYTES    2048  /* of a robot's text; developer.work.weixin.qq.com, group robots */
#define GP_DINGTALK_BYTES 20000 /* of a robot's request; open.dingtalk.com, custom robots */
#define GP_MAIL_BYTES     (256 * 1024)

struct gp_message {
    struct gp_buffer id;  /* of a digest: its first letter's, and how many there are: "7-SZ+12" */
    struct gp_buffer ids; /* all of them, with commas */
    struct gp_buffer subject, text;
    struct gp_buffer json; /* of a webhook: the whole body */
};

/**
 * Writes the message of a batch. What does not fit into one message any more is left out of the
 * batch, its end first; one letter that is too long by itself is cut.
 *
 * Ensures: batch->count >= 1; subject has no line feed; text fits the channel's kind
 * Errors:  GP_ENOMEM; *ret_message is then empty
 */
int gp_compose(const struct gp_notify_settings *settings, struct gp_batch *batch,
               struct gp_message *ret_message);

/** A message that says that the channel works; for `test`. Errors: GP_ENOMEM. */
int gp_compose_test(const struct gp_notify_settings *settings, const struct gp_channel *channel,
                    const char *address, int64_t now_ms, struct gp_message *ret_message);

void gp_message_release(struct gp_message *message);

#endif
