/*
 * A scenario file. What is promised: a refusal names a line and says what is wrong; what is read
 * lies within the text, in the order of its times, and ends with `end`.
 */
#include "fuzz.h"

#include "base/error.h"
#include "rehearsal/scenario.h"

#define CEILING ((size_t)64 * 1024 * 1024)

static void check_act(const struct gp_scenario_act *act, struct gp_span text)
{
    PROMISE(act->line >= 1 && act->line <= text.len + 1);
    PROMISE(act->verb.len > 0 && fuzz_within(act->verb, text) && fuzz_within(act->label, text));
    PROMISE(act->pair_count <= GP_SCENARIO_PAIRS_MAX);
    for (unsigned i = 0; i < act->pair_count; i++)
        PROMISE(fuzz_within(act->pair[i].key, text) && fuzz_within(act->pair[i].value, text));
    PROMISE(fuzz_within(gp_scenario_value(act, "grid"), text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gp_span text = {(const char *)data, size};
    struct gp_scenario_error error = {0};
    struct gp_scenario scenario = {0};
    struct gp_arena arena;

    gp_arena_init(&arena, CEILING);
    int rc = gp_scenario_parse(text, &arena, &scenario, &error);
    PROMISE(rc == 0 || rc == GP_EFORMAT || rc == GP_EUTF8 || rc == GP_ENOMEM);
    if (rc == GP_EFORMAT || rc == GP_EUTF8)
        PROMISE(error.text[0] != '\0' && memchr(error.text, 0, sizeof error.text) != NULL);
    for (size_t i = 0; rc == 0 && i < scenario.count; i++) {
        check_act(&scenario.act[i], text);
        PROMISE(i == 0 || scenario.act[i].at_ms >= scenario.act[i - 1].at_ms);
        PROMISE(gp_span_is(scenario.act[i].verb, "end") == (i + 1 == scenario.count));
    }
    PROMISE(rc != 0 || scenario.count > 0);
    gp_arena_release(&arena);
    return 0;
}
