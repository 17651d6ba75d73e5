/**
 * What befalls a city: machines stop at every kind of moment, clocks are wrong, networks fail,
 * offices change their directory.
 */
#ifndef GP_TESTS_SIM_FATE_H
#define GP_TESTS_SIM_FATE_H

void fate_begin(void);

/** The daemon begins something that is rare: in so many of a thousand cases the machine stops at
 * one of its first `calls` writing calls. */
void fate_tempt(unsigned permille, unsigned calls);

/** From now on nothing bad happens, and what is wrong is put right: the end of a run. */
void fate_end(void);

#endif
