/**
 * What the files of this room share: the parts of a check in their order, and what the child tells.
 */
#ifndef GP_INSPECT_INTERNAL_H
#define GP_INSPECT_INTERNAL_H

#include "inspect/inspect.h"

enum part {
    PART_LOG,
    PART_OPEN,
    PART_PAGES,
    PART_ROWS, /* and one for each further table */
    PART_CATCH_UP = PART_ROWS + GP_TABLE_COUNT,
    PART_FOLD, /* or the indexes alone */
    PART_TEXTS,
    PART_META,
    PARTS,
};

enum told { TOLD_BEGIN, TOLD_FLAW, TOLD_PROGRESS, TOLD_STATE, TOLD_END };

/* What is known so far: a child begins with it and sends it back behind each part. */
struct state {
    uint64_t flaws;
    struct gp_inspected out;
    uint32_t without; /* tables that nobody should walk over: bits */
    bool log_bad;     /* there is no whole journal to go by */
    bool tables_only; /* the store does not open as it should */
    bool drill;
    char tail_name[64]; /* the journal's newest file, where it ends in other bytes than batches */
    uint64_t tail_offset;
};

struct message {
    uint8_t told; /* enum told */
    int32_t part; /* enum part */
    int32_t error;
    uint64_t done, of;
    union {
        struct gp_flaw flaw;
        struct state state;
    };
};

/** What is done in the child: the parts from `from` on. Never returns. */
_Noreturn void gp_inspect_child(const struct gp_inspect_options *options, const char *scratch,
                                const struct state *state, int from, int pipe_fd);

/** Name of a part, for people. */
const char *gp_part_name(int part);

#endif
