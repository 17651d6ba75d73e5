/** The strikes of R17 as the journal has them: what was given, and what became of it. */
#ifndef GP_CLI_STRIKES_H
#define GP_CLI_STRIKES_H

#include "base/clocktext.h"
#include "gridpost/cli.h"

struct gp_strike_row {
    int64_t at_ms; /* when it was given */
    struct gp_span person, category, condition, owner, text;
    struct gp_area_ref area;
    uint64_t incident;
    uint16_t year;
    uint32_t number; /* in that year */
    uint8_t state;   /* enum gp_strike_state */
};

struct gp_strikes {
    struct gp_area_ref area;   /* asked for: prefix; padded 0: everywhere */
    uint64_t incident;         /* asked for; 0: all */
    struct gp_span person;     /* asked for; empty: everybody's */
    struct gp_strike_row *row; /* in order of the journal */
    uint32_t count, room;
    struct gp_arena arena; /* texts */
};

/** Reads the journal for strikes and appeals. Returns an exit code. */
int gp_strikes_fetch(struct gp_cli *cli, struct gp_strikes *strikes);
void gp_strikes_release(struct gp_strikes *strikes);

/** "draft", "appealed", "signed", "lifted", "upheld", to be translated. */
const char *gp_strike_state_word(int state);
/** 通报批评, 诫勉谈话, 组织处理: of the first, second, and third and later, to be translated. */
const char *gp_strike_measure(uint32_t number);

#endif
