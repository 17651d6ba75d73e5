#include "web/open311/words.h"

const char *gp_open311_word(int language, enum gp_open311_word word)
{
    static const char *const words[][2] = {
#define X(name, zh, en) {zh, en},
        GP_OPEN311_WORDS(X)
#undef X
    };

    return words[word][language == GP_OPEN311_EN];
}

struct gp_span gp_open311_say(struct gp_arena *arena, int language, enum gp_open311_word word,
                              struct gp_span about)
{
    struct gp_span plain = gp_span_of(gp_open311_word(language, word));
    const char *gap = strstr(plain.ptr, "{}");
    size_t before = gap != NULL ? (size_t)(gap - plain.ptr) : 0;
    char *text;

    if (gap == NULL)
        return plain;
    text = gp_arena_alloc(arena, plain.len - 2 + about.len + 1);
    if (text == NULL)
        return plain;
    memcpy(text, plain.ptr, before);
    if (about.len > 0)
        memcpy(text + before, about.ptr, about.len);
    memcpy(text + before + about.len, gap + 2, plain.len - before - 2);
    return (struct gp_span){text, plain.len - 2 + about.len};
}

int gp_open311_language(struct gp_span locale, int otherwise)
{
    if (locale.len >= 2 && memcmp(locale.ptr, "zh", 2) == 0)
        return GP_OPEN311_ZH;
    if (locale.len >= 2 && memcmp(locale.ptr, "en", 2) == 0)
        return GP_OPEN311_EN;
    return otherwise;
}
