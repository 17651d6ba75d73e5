/**
 * Plays sequences: each act through the engine, each answer checked.
 */
#ifndef GP_TESTS_PROPERTY_PLAY_H
#define GP_TESTS_PROPERTY_PLAY_H

#include "property/world.h"

/** Makes up a sequence of so many commands while it is played. */
void play_new(struct sequence *sequence, uint64_t seed, uint64_t number, int commands);

/** Plays the acts of a sequence; returns the hash of its journal. */
void play_again(struct sequence *sequence);

/** The hash of the journal that the last sequence wrote. */
extern unsigned char play_hash[GP_HASH_BYTES];

#endif
