/* Words of a search against one incident. */
#include "web/match.h"

#include "base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define OFTEN 100000

static const struct gp_org nothing;

static bool finds(const char *words, struct gp_span text)
{
    struct gp_incident incident = {.text = text};
    struct gp_arena arena;
    struct gp_match match;

    gp_arena_init(&arena, 4096);
    assert_int_equal(gp_match_read(gp_span_of(words), &arena, &match), 0);
    bool found = gp_match_incident(&match, &nothing, &incident, 1);
    gp_arena_release(&arena);
    return found;
}

static void a_word_may_be_anywhere_in_a_text(void **state)
{
    struct gp_span text = GP_SPAN("Lamp OFF at 中山路, since Monday");

    (void)state;
    assert_true(finds("lamp", text));
    assert_true(finds("MONDAY　中山路", text));
    assert_true(finds("off at", text));
    assert_false(finds("lamp tuesday", text));
    assert_false(finds("mondays", text));
    assert_false(finds("x", (struct gp_span){0}));
    assert_true(finds("", text));
}

static void the_longest_text_is_looked_through_to_its_end(void **state)
{
    char text[GP_TEXT_BYTES_MAX];

    (void)state;
    memset(text, 'A', sizeof text);
    memcpy(text + sizeof text - 3, "end", 3);
    assert_true(finds("aaend", (struct gp_span){text, sizeof text}));
    assert_false(finds("endx", (struct gp_span){text, sizeof text}));
}

/* Who writes reports may not make searches slow, nor who searches: as many as a large city has open
 * would take minutes if a word was compared anew at each place. */
static void no_text_takes_long(void **state)
{
    char text[GP_TEXT_BYTES_MAX], words[256];
    struct gp_incident incident = {.text = {text, sizeof text}};
    struct gp_arena arena;
    struct gp_match match;

    (void)state;
    memset(text, 'a', sizeof text);
    memset(words, 'a', sizeof words);
    words[128] = 'b';
    gp_arena_init(&arena, 4096);
    assert_int_equal(gp_match_read((struct gp_span){words, sizeof words}, &arena, &match), 0);
    for (unsigned i = 0; i < OFTEN; i++)
        assert_false(gp_match_incident(&match, &nothing, &incident, 1));
    gp_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_word_may_be_anywhere_in_a_text),
        cmocka_unit_test(the_longest_text_is_looked_through_to_its_end),
        cmocka_unit_test(no_text_takes_long),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
