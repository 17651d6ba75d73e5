/**
 * A replayed export as an organisation: areas, departments, posts, people and a catalogue are made
 * from what its columns say, in the files that any office keeps.
 *
 * Ids: department "d01", category "c001", area codes below 900001; the A post of a street and
 * department "A.d01.900001001", the field post "F.d01", its holder "p.F.d01": the person behind a
 * post is always "p." and the post's id.
 */
#ifndef GP_REPLAY_CITY_H
#define GP_REPLAY_CITY_H

#include "replay/table.h"

#define GP_REPLAY_CODE_BYTES 24

/**
 * Writes the configuration folder for a table.
 *
 * Requires: the folder does not exist yet, its parent does
 * Errors:   GP_EEXIST, GP_EIO, GP_ENOTFOUND (calendar, ladders or rights of the mapping), GP_ELIMIT
 * (more than 999 areas below one), GP_EFORMAT (a limit of the mapping); the reason was written to
 * stderr
 */
int gp_replay_city_write(const char *folder, const char *mapping_path,
                         const struct gp_mapping *mapping, const struct gp_replay_table *table);

/** Digits code of a grid of the table. */
void gp_replay_grid_code(const struct gp_replay_table *table, uint32_t grid,
                         char ret_code[GP_REPLAY_CODE_BYTES]);
/** Category and condition of a catalogue row of the table. */
void gp_replay_row_code(const struct gp_replay_row *row, char ret_category[GP_REPLAY_CODE_BYTES],
                        char ret_condition[GP_REPLAY_CODE_BYTES]);

#endif
