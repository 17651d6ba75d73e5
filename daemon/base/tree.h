/**
 * Folders of ours with all that is in them: walking through one, and taking one away.
 *
 * Thread: any.
 */
#ifndef GP_BASE_TREE_H
#define GP_BASE_TREE_H

#include <stdbool.h>

/** What is done with an entry of a folder, which is never "." or ".."; not 0 ends the walk. */
typedef int gp_tree_act(void *context, int folder_fd, const char *name);

/**
 * Hands each entry of a folder to `act`; no link is followed to the folder.
 *
 * Requires: at_fd is a folder that `name` is looked up in, or AT_FDCWD
 * Errors:   what `act` gave; GP_ENOTFOUND: no such folder; and as gp_errno
 */
int gp_tree_walk(int at_fd, const char *name, gp_tree_act *act, void *context);

/** Whether it is a folder, and no link to one. */
bool gp_tree_is_folder(int at_fd, const char *name);

#define GP_TREE_STORE 2 /* a store: its folder, and the journal's in that */
#define GP_TREE_ROUND 3 /* a folder around one */

/**
 * Removes a folder of ours with all that is in it. What is large goes in pieces, as a sync of the
 * log waits behind it; a file that has another name, too, is left as it is there, and so is what a
 * link points to.
 *
 * Requires: deep, how many folders lie in each other, this one among them
 * Ensures:  not being there is no error, nor is ""
 * Errors:   GP_ELIMIT: it is deeper, so not all in it is ours; and as gp_errno. Some may be left
 */
int gp_tree_remove(const char *path, unsigned deep);

#endif
