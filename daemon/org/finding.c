#include "org/finding.h"

#include <stdlib.h>

/* What is kept of a value: enough to recognise it, and no cell floods a terminal. */
#define GP_FINDING_VALUE_BYTES 200

void gp_findings_init(struct gp_findings *findings)
{
    *findings = (struct gp_findings){0};
}

static void release_one(struct gp_finding *finding)
{
    free(finding->file);
    free(finding->field);
    free(finding->value);
    free(finding->problem);
    free(finding->remedy);
}

void gp_findings_release(struct gp_findings *findings)
{
    for (size_t i = 0; i < findings->count; i++)
        release_one(&findings->item[i]);
    free(findings->item);
    *findings = (struct gp_findings){0};
}

static bool grow(struct gp_findings *findings)
{
    size_t capacity = findings->capacity == 0 ? 16 : findings->capacity * 2;
    struct gp_finding *item;

    if (findings->count < findings->capacity)
        return true;
    item = realloc(findings->item, capacity * sizeof *item);
    if (item == NULL)
        return false;
    findings->item = item;
    findings->capacity = capacity;
    return true;
}

/* Cuts between characters of UTF-8 and says so. */
static char *copy_value(struct gp_span value)
{
    char *copy;
    size_t len = value.len;

    if (len <= GP_FINDING_VALUE_BYTES)
        return strndup(value.ptr != NULL ? value.ptr : "", len);
    len = GP_FINDING_VALUE_BYTES;
    while (len > 0 && ((unsigned char)value.ptr[len] & 0xC0) == 0x80)
        len--;
    copy = malloc(len + sizeof "…");
    if (copy != NULL) {
        memcpy(copy, value.ptr, len);
        memcpy(copy + len, "…", sizeof "…");
    }
    return copy;
}

void gp_findings_add(struct gp_findings *findings, enum gp_severity severity, const char *file,
                     unsigned line, const char *field, struct gp_span value, const char *problem,
                     const char *remedy)
{
    struct gp_finding finding = {.severity = severity, .line = line};

    if (severity == GP_FINDING_ERROR)
        findings->errors++;
    else
        findings->warnings++;
    if (findings->count == GP_FINDINGS_MAX || !grow(findings)) {
        findings->dropped++;
        return;
    }
    finding.file = strdup(file);
    finding.field = strdup(field);
    finding.value = copy_value(value);
    finding.problem = strdup(problem);
    finding.remedy = strdup(remedy);
    if (finding.file == NULL || finding.field == NULL || finding.value == NULL ||
        finding.problem == NULL || finding.remedy == NULL) {
        release_one(&finding);
        findings->dropped++;
        return;
    }
    findings->item[findings->count++] = finding;
}
