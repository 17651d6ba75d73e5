/**
 * What things are called in the two languages that notices are written in. Recipients differ in
 * language, so this is not gettext's business; the Chinese words are the command's.
 */
#ifndef GP_NOTIFY_WORDS_H
#define GP_NOTIFY_WORDS_H

#include "core/org.h"
#include "notify/note.h"

enum gp_language { GP_LANGUAGE_ZH = 0, GP_LANGUAGE_EN = 1, GP_LANGUAGES = 2 };

/** A step's or an entry's name, as gp_note_word says it; itself where it has none. */
const char *gp_word_in(enum gp_language language, const char *word);

/*
 * Names out of the directory, for people. Without one (org NULL), and for what it does not know,
 * ids and codes stand for themselves. Of private incidents no area below the community is named.
 *
 * Lifetime: of the directory and the note
 */
struct gp_span gp_name_of_area(const struct gp_org *org, const struct gp_note *note);
struct gp_span gp_name_of_category(const struct gp_org *org, const struct gp_note *note,
                                   enum gp_language language);
/** Empty where the category has one condition only. */
struct gp_span gp_name_of_condition(const struct gp_org *org, const struct gp_note *note);
struct gp_span gp_name_of_department(const struct gp_org *org, struct gp_span code,
                                     enum gp_language language);
struct gp_span gp_name_of_line(const struct gp_org *org, struct gp_span code,
                               enum gp_language language);
struct gp_span gp_name_of_person(const struct gp_org *org, struct gp_span id);

/** The code of the place as far as it may be told: 16 bytes, "" for none. */
void gp_code_of_area(const struct gp_org *org, const struct gp_note *note, char ret_code[16]);

/** Whether the catalogue calls it urgent, or lets its limit run without a break. */
bool gp_note_is_urgent(const struct gp_org *org, const struct gp_note *note);

#endif
