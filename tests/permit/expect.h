/**
 * What the prose of docs/CONFIG.md (org/rights.csv) expects: a model of its own, that reads the
 * sample's files as plain text and knows places as strings of digits. Nothing of gridpost is in it,
 * so that a mistake there is not made here again.
 *
 * It is for an hour at which nobody is away and nobody is on duty, in a city without vacant posts:
 * then a post is yours when you hold it or are one of its deputies.
 */
#ifndef GP_TESTS_PERMIT_EXPECT_H
#define GP_TESTS_PERMIT_EXPECT_H

#include <stdbool.h>

/* What a command or an ask is about; NULL: not said. */
struct expect_about {
    const char *place; /* code of an area */
    const char *department, *owner, *assistant, *reporter, *person;
};

/** Reads rights.csv, posts.csv and holdings.csv of a configuration folder. Fails the test when it
 * cannot. */
void expect_load(const char *folder);

/** Whether a role may do or read this there, when this person speaks, one of at most forty whose
 * names stay where they are. */
bool expect_right(const char *role, const char *action, const char *person,
                  const struct expect_about *about);

/** Whether a role may anywhere. */
bool expect_somewhere(const char *role, const char *action);

#endif
