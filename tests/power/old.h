/** Stores of an older format, to be brought up. */
#ifndef GP_TESTS_POWER_OLD_H
#define GP_TESTS_POWER_OLD_H

/** Makes the closed store in root/store one of format 3, whose journal was a table and which had
 * neither log nor data.synced. Ends the process with a message when it cannot. */
void old_make(const char *root);

#endif
