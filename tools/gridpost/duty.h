/** The duty card (明白表) of a catalogue row, DOMAIN section 5. */
#ifndef GP_CLI_DUTY_H
#define GP_CLI_DUTY_H

#include "core/org.h"
#include "gridpost/cli.h"

/** Prints the card for people: who answers, what is checked, by when, who is told, what the
 * department owes. */
void gp_duty_card(const struct gp_org *org, const struct gp_row *row);

/** The card as an object; `told` is left to the caller. */
json_t *gp_duty_json(const struct gp_org *org, const struct gp_row *row);

/** The name in the language of the messages; the Chinese one where there is no other. */
struct gp_span gp_duty_name(struct gp_span name_zh, struct gp_span name_en);

#define GP_DUTY_TEXT_BYTES 640 /* whom a rung tells, in words */

/** Whether the owner's ladder fires a rung in this stage: dispatch and unaccepted belong to the
 * first alone. */
bool gp_duty_fires(const struct gp_rung *rung, uint8_t stage);

/** When a rung's time comes, in words: "80 % of the limit". */
void gp_duty_when(const struct gp_rung *rung, char ret_text[GP_DUTY_TEXT_BYTES]);

/** Whom a rung tells, in words: "owner, B grid officer". */
void gp_duty_tells(const struct gp_org *org, const struct gp_row *row, const struct gp_rung *rung,
                   char ret_text[GP_DUTY_TEXT_BYTES]);

/** A limit in words: "2 h + 5 working days". */
void gp_duty_limit(const struct gp_limit *limit, char ret_text[GP_DUTY_TEXT_BYTES]);

#endif
