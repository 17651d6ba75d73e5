/** check --rights: who may what, as the table of rights of a folder says it. */
#ifndef GP_CLI_RIGHTS_H
#define GP_CLI_RIGHTS_H

#include "core/org.h"
#include "gridpost/cli.h"

/** Prints the table: each role with its scopes, each scope with what it is for; as JSON an object
 * for each role and action. */
void gp_rights_print(const struct gp_cli *cli, const struct gp_org *org);

#endif
