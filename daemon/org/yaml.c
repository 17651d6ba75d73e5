#include "org/yaml.h"

#include <stdio.h>

/* Where a file stops being YAML. Of a text that is never closed the beginning says more. */
static unsigned problem_line(const yaml_parser_t *parser, struct gp_span text)
{
    size_t offset = parser->problem_offset < text.len ? parser->problem_offset : text.len;

    if (parser->error == YAML_READER_ERROR)
        return gp_text_line((struct gp_span){text.ptr, offset});
    if (parser->error == YAML_SCANNER_ERROR && parser->context != NULL)
        return (unsigned)parser->context_mark.line + 1;
    return (unsigned)parser->problem_mark.line + 1;
}

int gp_yaml_open(struct gp_loader *loader, const char *file, struct gp_yaml *ret_yaml)
{
    yaml_parser_t parser;
    struct gp_span text;
    int rc = gp_text_load(loader, file, &text);

    if (rc != 0)
        return rc;
    if (!yaml_parser_initialize(&parser))
        return loader->error = GP_ENOMEM;
    yaml_parser_set_input_string(&parser, (const unsigned char *)text.ptr, text.len);
    *ret_yaml = (struct gp_yaml){.loader = loader, .file = file};
    if (!yaml_parser_load(&parser, &ret_yaml->document)) {
        /* libyaml does not say everywhere that it was memory */
        if (parser.error == YAML_MEMORY_ERROR || parser.error == YAML_NO_ERROR) {
            yaml_parser_delete(&parser);
            return loader->error = GP_ENOMEM;
        }
        gp_findings_add(loader->findings, GP_FINDING_ERROR, file, problem_line(&parser, text), "",
                        (struct gp_span){0}, parser.problem != NULL ? parser.problem : "not YAML",
                        "indent with blanks, write key: value, quote text with colons");
        yaml_parser_delete(&parser);
        return GP_EFORMAT;
    }
    yaml_parser_delete(&parser);
    return 0;
}

void gp_yaml_close(struct gp_yaml *yaml)
{
    yaml_document_delete(&yaml->document);
}

yaml_node_t *gp_yaml_root(struct gp_yaml *yaml)
{
    return yaml_document_get_root_node(&yaml->document);
}

static bool is_key(const yaml_node_t *node, const char *key)
{
    return node != NULL && node->type == YAML_SCALAR_NODE &&
           node->data.scalar.length == strlen(key) &&
           memcmp(node->data.scalar.value, key, node->data.scalar.length) == 0;
}

yaml_node_t *gp_yaml_get(struct gp_yaml *yaml, yaml_node_t *mapping, const char *key)
{
    if (mapping == NULL || mapping->type != YAML_MAPPING_NODE)
        return NULL;
    for (yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
         pair < mapping->data.mapping.pairs.top; pair++) {
        if (is_key(yaml_document_get_node(&yaml->document, pair->key), key))
            return yaml_document_get_node(&yaml->document, pair->value);
    }
    return NULL;
}

struct gp_span gp_yaml_text(struct gp_yaml *yaml, const yaml_node_t *node)
{
    struct gp_span copy;

    if (node == NULL || node->type != YAML_SCALAR_NODE)
        return (struct gp_span){0};
    copy =
        gp_arena_copy(yaml->loader->arena, (struct gp_span){(const char *)node->data.scalar.value,
                                                            node->data.scalar.length});
    if (copy.ptr == NULL) {
        yaml->loader->error = GP_ENOMEM;
        return (struct gp_span){0};
    }
    return copy;
}

struct gp_span gp_yaml_get_text(struct gp_yaml *yaml, yaml_node_t *mapping, const char *key)
{
    yaml_node_t *node = gp_yaml_get(yaml, mapping, key);

    if (node != NULL && node->type != YAML_SCALAR_NODE)
        gp_yaml_find_key(yaml, mapping, key, "expected one value", "write key: value");
    return gp_yaml_text(yaml, node);
}

void gp_yaml_find(struct gp_yaml *yaml, enum gp_severity severity, const yaml_node_t *node,
                  const char *field, struct gp_span value, const char *problem, const char *remedy)
{
    unsigned line = node != NULL ? (unsigned)node->start_mark.line + 1 : 0;
    gp_findings_add(yaml->loader->findings, severity, yaml->file, line, field, value, problem,
                    remedy);
}

void gp_yaml_find_key(struct gp_yaml *yaml, yaml_node_t *mapping, const char *key,
                      const char *problem, const char *remedy)
{
    yaml_node_t *node = gp_yaml_get(yaml, mapping, key);

    gp_yaml_find(yaml, GP_FINDING_ERROR, node != NULL ? node : mapping, key,
                 gp_yaml_text(yaml, node), problem, remedy);
}

static bool in_list(const yaml_node_t *node, const char *const *keys)
{
    for (; *keys != NULL; keys++) {
        if (is_key(node, *keys))
            return true;
    }
    return false;
}

/* "one of: from to hours" */
static void list_keys(const char *const *keys, char *to, size_t size)
{
    size_t used = (size_t)snprintf(to, size, "use one of:");

    for (; *keys != NULL && used < size; keys++)
        used += (size_t)snprintf(to + used, size - used, " %s", *keys);
}

static void find_twice(struct gp_yaml *yaml, yaml_node_t *mapping, const char *key)
{
    bool seen = false;

    for (yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
         pair < mapping->data.mapping.pairs.top; pair++) {
        yaml_node_t *node = yaml_document_get_node(&yaml->document, pair->key);
        if (!is_key(node, key))
            continue;
        if (seen)
            gp_yaml_find(yaml, GP_FINDING_ERROR, node, "", gp_span_of(key),
                         "the key is there twice", "remove one");
        seen = true;
    }
}

void gp_yaml_known(struct gp_yaml *yaml, yaml_node_t *mapping, const char *const *keys)
{
    char remedy[400];

    if (mapping == NULL || mapping->type != YAML_MAPPING_NODE) {
        gp_yaml_find(yaml, GP_FINDING_ERROR, mapping, "", (struct gp_span){0},
                     "expected key: value lines here", "see docs/CONFIG.md");
        return;
    }
    list_keys(keys, remedy, sizeof remedy);
    for (yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
         pair < mapping->data.mapping.pairs.top; pair++) {
        yaml_node_t *key = yaml_document_get_node(&yaml->document, pair->key);
        if (!in_list(key, keys))
            gp_yaml_find(yaml, GP_FINDING_ERROR, key, "", gp_yaml_text(yaml, key), "unknown key",
                         remedy);
    }
    for (; *keys != NULL; keys++)
        find_twice(yaml, mapping, *keys);
}

void gp_yaml_each(struct gp_yaml *yaml, yaml_node_t *sequence,
                  void (*item)(struct gp_yaml *yaml, yaml_node_t *node, void *context),
                  void *context)
{
    if (sequence == NULL)
        return;
    if (sequence->type == YAML_SCALAR_NODE) {
        if (sequence->data.scalar.length > 0)
            item(yaml, sequence, context);
        return;
    }
    if (sequence->type != YAML_SEQUENCE_NODE) {
        gp_yaml_find(yaml, GP_FINDING_ERROR, sequence, "", (struct gp_span){0}, "expected a list",
                     "write [a, b] or one '- item' a line");
        return;
    }
    for (yaml_node_item_t *at = sequence->data.sequence.items.start;
         at < sequence->data.sequence.items.top; at++)
        item(yaml, yaml_document_get_node(&yaml->document, *at), context);
}
