/** YAML files of org/, read through libyaml's document interface, so that each value has its line.
 */
#ifndef GP_ORG_YAML_H
#define GP_ORG_YAML_H

#include "org/loader.h"

#include <yaml.h>

struct gp_yaml {
    struct gp_loader *loader;
    const char *file;
    yaml_document_t document;
};

/** Reads a file. Errors: GP_ENOTFOUND; GP_EFORMAT: a finding says where; close only after success.
 */
int gp_yaml_open(struct gp_loader *loader, const char *file, struct gp_yaml *ret_yaml);
void gp_yaml_close(struct gp_yaml *yaml);

yaml_node_t *gp_yaml_root(struct gp_yaml *yaml);
/** The value of a key in a mapping; NULL. */
yaml_node_t *gp_yaml_get(struct gp_yaml *yaml, yaml_node_t *mapping, const char *key);
/** A scalar's text in the snapshot's memory; empty for anything else. */
struct gp_span gp_yaml_text(struct gp_yaml *yaml, const yaml_node_t *node);
/** The text of a key's value; empty when it is not there, and an error finding for a list. */
struct gp_span gp_yaml_get_text(struct gp_yaml *yaml, yaml_node_t *mapping, const char *key);
/** A finding at a node (its line); NULL: the file as a whole. */
void gp_yaml_find(struct gp_yaml *yaml, enum gp_severity severity, const yaml_node_t *node,
                  const char *field, struct gp_span value, const char *problem, const char *remedy);
/** An error finding at a key's value, or at the mapping that lacks it. */
void gp_yaml_find_key(struct gp_yaml *yaml, yaml_node_t *mapping, const char *key,
                      const char *problem, const char *remedy);
/** An error finding for each key of a mapping that is not in the list (NULL at its end), or stands
 * twice. */
void gp_yaml_known(struct gp_yaml *yaml, yaml_node_t *mapping, const char *const *keys);

/** Calls item for each node of a sequence; a single scalar counts as a sequence of one. */
void gp_yaml_each(struct gp_yaml *yaml, yaml_node_t *sequence,
                  void (*item)(struct gp_yaml *yaml, yaml_node_t *node, void *context),
                  void *context);

#endif
