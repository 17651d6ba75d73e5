#include "web/match.h"

#include "base/error.h"
#include "base/limits.h"
#include "web/row.h"

/* What is looked through, of one incident. */
struct seen {
    const struct gp_org *org;
    const struct gp_incident *incident;
    uint32_t row, department, owner, reporter, area;
};

/* ---------------------------------------------------------------- words */

static char small(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Bytes of the blank that a text begins with; 0: none. */
static size_t blank(struct gp_span text)
{
    static const struct gp_span wide = {"\u3000", 3};

    if (text.len >= wide.len && memcmp(text.ptr, wide.ptr, wide.len) == 0)
        return wide.len;
    return text.len > 0 && (text.ptr[0] == ' ' || (text.ptr[0] >= '\t' && text.ptr[0] <= '\r'));
}

static struct gp_span behind(struct gp_span text, size_t bytes)
{
    return (struct gp_span){text.ptr + bytes, text.len - bytes};
}

/* The next word, which leaves the text; empty at the end. */
static struct gp_span take_word(struct gp_span *text)
{
    size_t skipped, len = 0;

    while ((skipped = blank(*text)) > 0)
        *text = behind(*text, skipped);
    while (len < text->len && blank(behind(*text, len)) == 0)
        len++;
    struct gp_span word = {text->ptr, len};
    *text = behind(*text, len);
    return word;
}

int gp_match_read(struct gp_span text, struct gp_arena *arena, struct gp_match *ret_match)
{
    struct gp_match match = {.words = 0};
    char *copy = gp_arena_alloc(arena, text.len + 1);

    if (copy == NULL)
        return GP_ENOMEM;
    for (size_t i = 0; i < text.len; i++)
        copy[i] = small(text.ptr[i]);
    text.ptr = copy;
    for (struct gp_span word; (word = take_word(&text)).len > 0;) {
        if (match.words == GP_MATCH_WORDS_MAX)
            return GP_ELIMIT;
        match.word[match.words++] = word;
    }
    *ret_match = match;
    return 0;
}

/* ---------------------------------------------------------------- one incident */

/* In linear time, whatever the text is: strangers write it, and all users wait for one thread. */
static bool has(struct gp_span text, struct gp_span word)
{
    char copy[GP_TEXT_BYTES_MAX];
    size_t len = text.len < sizeof copy ? text.len : sizeof copy;

    for (size_t i = 0; i < len; i++)
        copy[i] = small(text.ptr[i]);
    return memmem(copy, len, word.ptr, word.len) != NULL;
}

static bool is(struct gp_span code, struct gp_span word)
{
    size_t same = 0;

    while (same < code.len && same < word.len && small(code.ptr[same]) == word.ptr[same])
        same++;
    return same == code.len && same == word.len;
}

static bool is_person(const struct gp_org *org, uint32_t person, struct gp_span word)
{
    return person != GP_NONE &&
           (is(org->persons[person].id, word) || has(org->persons[person].name, word));
}

static bool is_department(const struct gp_org *org, uint32_t department, struct gp_span word)
{
    if (department == GP_NONE)
        return false;
    const struct gp_department *of = &org->departments[department];
    return is(of->code, word) || has(of->name_zh, word) || has(of->name_en, word);
}

static bool is_category(const struct seen *seen, struct gp_span word)
{
    if (is(seen->incident->row.code, word))
        return true;
    if (seen->row == GP_NONE)
        return false;
    const struct gp_row *row = &seen->org->rows[seen->row];
    return has(row->name_zh, word) || has(row->name_en, word) || has(row->condition_zh, word);
}

/* Where it is, and everything above. */
static bool is_area(const struct seen *seen, struct gp_span word)
{
    for (uint32_t at = seen->area; at != GP_NONE; at = seen->org->areas[at].parent) {
        if (is(seen->org->areas[at].code, word) || has(seen->org->areas[at].name, word))
            return true;
    }
    return false;
}

static bool fits(const struct seen *seen, struct gp_span word)
{
    const struct gp_incident *incident = seen->incident;

    return has(incident->text, word) || is(incident->owner, word) || is_category(seen, word) ||
           is_department(seen->org, seen->department, word) ||
           is_person(seen->org, seen->owner, word) || is_person(seen->org, seen->reporter, word) ||
           is_area(seen, word);
}

bool gp_match_incident(const struct gp_match *match, const struct gp_org *org,
                       const struct gp_incident *incident, int64_t now_ms)
{
    const struct gp_row_copy *row = &incident->row;
    const struct seen seen = {
        .org = org,
        .incident = incident,
        .row = gp_org_row_version(org, row->code, row->condition, row->valid_from_ms),
        .department = gp_org_department(org, row->department),
        .owner = gp_row_owner(org, incident, now_ms),
        .reporter = incident->reporter.len > 0 ? gp_org_person(org, incident->reporter) : GP_NONE,
        .area = gp_org_area_ref(org, incident->area),
    };

    for (unsigned i = 0; i < match->words; i++) {
        if (!fits(&seen, match->word[i]))
            return false;
    }
    return true;
}
