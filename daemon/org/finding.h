/**
 * Findings: what is wrong or doubtful in files, said so that the person who keeps the file can
 * mend it.
 */
#ifndef GP_ORG_FINDING_H
#define GP_ORG_FINDING_H

#include "base/span.h"

#include <stddef.h>

enum gp_severity { GP_FINDING_WARNING = 1, GP_FINDING_ERROR = 2 };

struct gp_finding {
    enum gp_severity severity;
    char *file;    /* "org/posts.csv" */
    unsigned line; /* 1-based; 0: the file as a whole */
    char *field;   /* "kind"; "" */
    char *value;   /* as written, its first 200 bytes; "" */
    char *problem; /* "no such department" */
    char *remedy;  /* "add it to org/departments.csv, or correct the code" */
};

struct gp_findings {
    struct gp_finding *item;
    size_t count, capacity;
    size_t errors, warnings;
    size_t dropped; /* beyond GP_FINDINGS_MAX */
};

#define GP_FINDINGS_MAX 1000

void gp_findings_init(struct gp_findings *findings);
void gp_findings_release(struct gp_findings *findings);

/** Adds one; texts are copied. problem and remedy are message ids for gettext (English). */
void gp_findings_add(struct gp_findings *findings, enum gp_severity severity, const char *file,
                     unsigned line, const char *field, struct gp_span value, const char *problem,
                     const char *remedy);

#endif
