/** check --rights, check --users: who may what, and who signs in, as a folder says it. */
#ifndef GP_CLI_RIGHTS_H
#define GP_CLI_RIGHTS_H

#include "core/org.h"
#include "gridpost/cli.h"

/** Prints the table: each role with its scopes, each scope with what it is for; as JSON an object
 * for each role and action. */
void gp_rights_print(const struct gp_cli *cli, const struct gp_org *org);

/** Prints who works through a bridge, by user name: a line, or as JSON an object, for each. */
void gp_users_print(const struct gp_cli *cli, const struct gp_org *org);

#endif
