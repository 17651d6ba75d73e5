#include "replay/mapping.h"

#include "base/error.h"

#include <cyaml/cyaml.h>
#include <stdio.h>

static const cyaml_schema_field_t limit_fields[] = {
    CYAML_FIELD_STRING_PTR("category", CYAML_FLAG_POINTER, struct gp_mapping_limit, category, 1,
                           200),
    CYAML_FIELD_STRING_PTR("limit", CYAML_FLAG_POINTER, struct gp_mapping_limit, limit, 1, 40),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t limit_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct gp_mapping_limit, limit_fields),
};
static const cyaml_schema_value_t area_schema = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 100),
};

#define MUST(key, member)                                                                          \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER, struct gp_mapping, member, 1, 300)
#define MAY(key, member)                                                                           \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct gp_mapping,       \
                           member, 0, 300)

static const cyaml_schema_field_t mapping_fields[] = {
    MUST("name", name),
    MUST("source", source),
    MUST("time_format", time_format),
    MUST("zone", zone),
    MUST("calendar", calendar),
    MUST("ladders", ladders),
    MUST("rights", rights),
    MUST("policy", policy),
    MUST("wd_mode", wd_mode),
    MUST("default_limit", default_limit),
    MUST("accept_after", accept_after),
    MAY("id", id),
    MUST("opened", opened),
    MAY("due", due),
    MAY("closed", closed),
    MAY("verdict", verdict),
    MAY("verdict_on_time", verdict_on_time),
    MAY("verdict_overdue", verdict_overdue),
    MUST("category", category),
    MUST("department", department),
    MAY("latitude", latitude),
    MAY("longitude", longitude),
    MAY("text", text),
    CYAML_FIELD_SEQUENCE("areas", CYAML_FLAG_POINTER, struct gp_mapping, areas, &area_schema, 1, 3),
    CYAML_FIELD_SEQUENCE("limits", CYAML_FLAG_POINTER, struct gp_mapping, limits, &limit_schema, 0,
                         CYAML_UNLIMITED),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t mapping_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct gp_mapping, mapping_fields),
};

/* libcyaml explains a mistake in several lines, each with its place; they go to stderr. */
__attribute__((format(printf, 3, 0))) static void explain(cyaml_log_t level, void *context,
                                                          const char *format, va_list arguments)
{
    (void)level;
    fprintf(stderr, "%s: ", (const char *)context);
    vfprintf(stderr, format, arguments);
}

static cyaml_config_t config_for(const char *path)
{
    return (cyaml_config_t){
        .log_level = CYAML_LOG_ERROR,
        .log_fn = explain,
        .log_ctx = (void *)(uintptr_t)path, /* only printed */
        .mem_fn = cyaml_mem,
    };
}

int gp_mapping_load(const char *path, struct gp_mapping **ret_mapping)
{
    cyaml_config_t config = config_for(path);
    struct gp_mapping *mapping = NULL;
    cyaml_err_t rc =
        cyaml_load_file(path, &config, &mapping_schema, (cyaml_data_t **)&mapping, NULL);

    if (rc == CYAML_ERR_OOM)
        return GP_ENOMEM;
    if (rc != CYAML_OK) {
        fprintf(stderr, "%s: %s\n", path, cyaml_strerror(rc));
        return GP_ECONFIG;
    }
    if (mapping == NULL) { /* to libcyaml a file without anything in it is fine */
        fprintf(stderr, "%s: the file is empty\n", path);
        return GP_ECONFIG;
    }
    *ret_mapping = mapping;
    return 0;
}

void gp_mapping_free(struct gp_mapping *mapping)
{
    cyaml_config_t config = config_for("");
    (void)cyaml_free(&config, &mapping_schema, mapping, 0); /* cannot fail for what was loaded */
}
