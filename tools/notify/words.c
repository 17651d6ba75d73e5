#include "notify/words.h"

/* Both languages of each name; a test holds the Chinese against the command's catalogue. */
static const struct word {
    const char *name, *zh, *en;
} words[] = {
    {"dispatch", "派遣", "dispatched"},
    {"unaccepted", "未接单", "not accepted"},
    {"yellow1", "黄色预警一", "first warning"},
    {"yellow", "黄色预警", "warning"},
    {"red", "红色超期", "overdue"},
    {"blue", "蓝色督办", "supervision (blue)"},
    {"orange", "橙色督办", "supervision (orange)"},
    {"card", "督办卡", "supervision card"},
    {"repeat", "重复督办", "supervision, again"},
    {"dispatch_late", "派遣超时", "late dispatch"},
    {"verify_late", "核查超时", "late verification"},
    {"resume_notice", "恢复提醒", "goes on soon"},
    {"reported", "已上报", "reported"},
    {"dispatched", "已派遣", "dispatched"},
    {"noted", "备注", "noted"},
    {"returned", "已退回", "returned"},
    {"ruled", "已裁定", "ruled"},
    {"extended", "已延期", "extension"},
    {"suspended", "已挂起", "suspended"},
    {"resumed", "已恢复", "goes on"},
    {"finished", "已办结", "finished"},
    {"verified", "已核查", "verified"},
    {"rework", "返工", "to be done again"},
    {"informed", "已告知居民", "residents told"},
    {"closed", "已结案", "closed"},
    {"reopened", "已重开", "reopened"},
    {"owner_shift", "换人办理", "stand-in takes over"},
    {"vacant", "岗位空缺", "vacant post"},
    {"handover", "移交部门", "handed to the department"},
    {"staged", "阶段完成", "stage met"},
    {"arbitrated", "已仲裁", "to be arbitrated"},
    {"declined", "已谢绝", "declined"},
    {"reassigned", "改派", "given to another"},
    {"replanned", "重新计划", "planned anew"},
    {"strike", "问责待定", "strike"},
    {"appealed", "已申诉", "appeal"},
    {"leave", "请假", "leave"},
};

const char *gp_word_in(enum gp_language language, const char *word)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i].name, word) == 0)
            return language == GP_LANGUAGE_ZH ? words[i].zh : words[i].en;
    }
    return word;
}

/* ---------------------------------------------------------------- places */

/* The area to be named; GP_NONE: the directory does not know it, or there is none. */
static uint32_t area_of(const struct gp_org *org, const struct gp_note *note)
{
    uint32_t area = org != NULL ? gp_org_area_ref(org, note->area) : GP_NONE;

    while (note->is_private && area != GP_NONE && org->areas[area].ref.level > GP_LEVEL_COMMUNITY)
        area = org->areas[area].parent;
    return area;
}

void gp_code_of_area(const struct gp_org *org, const struct gp_note *note, char ret_code[16])
{
    uint32_t area = area_of(org, note);

    ret_code[0] = '\0';
    if (area != GP_NONE)
        gp_area_format(org->areas[area].ref, ret_code);
    else if (note->area.padded != 0 && !(note->is_private && note->area.level > GP_LEVEL_COMMUNITY))
        gp_area_format(note->area, ret_code);
}

/* The code of an area that the directory does not know lies in the note only as a number. */
static struct gp_span code_kept(const struct gp_note *note)
{
    static _Thread_local char code[16];

    gp_code_of_area(NULL, note, code);
    return gp_span_of(code);
}

struct gp_span gp_name_of_area(const struct gp_org *org, const struct gp_note *note)
{
    uint32_t area = area_of(org, note);

    return area != GP_NONE ? org->areas[area].name : code_kept(note);
}

/* ---------------------------------------------------------------- the rest */

static struct gp_span in_language(enum gp_language language, struct gp_span zh, struct gp_span en,
                                  struct gp_span code)
{
    if (language == GP_LANGUAGE_EN && en.len > 0)
        return en;
    return zh.len > 0 ? zh : code;
}

static const struct gp_row *row_of(const struct gp_org *org, const struct gp_note *note)
{
    uint32_t row =
        org != NULL ? gp_org_row(org, note->category, note->condition, note->at_ms) : GP_NONE;
    return row != GP_NONE ? &org->rows[row] : NULL;
}

struct gp_span gp_name_of_category(const struct gp_org *org, const struct gp_note *note,
                                   enum gp_language language)
{
    const struct gp_row *row = row_of(org, note);

    return row != NULL ? in_language(language, row->name_zh, row->name_en, note->category)
                       : note->category;
}

struct gp_span gp_name_of_condition(const struct gp_org *org, const struct gp_note *note)
{
    const struct gp_row *row = row_of(org, note);

    if (gp_span_is(note->condition, "default"))
        return (struct gp_span){0};
    return row != NULL && row->condition_zh.len > 0 ? row->condition_zh : note->condition;
}

struct gp_span gp_name_of_department(const struct gp_org *org, struct gp_span code,
                                     enum gp_language language)
{
    uint32_t at = org != NULL ? gp_org_department(org, code) : GP_NONE;

    return at != GP_NONE ? in_language(language, org->departments[at].name_zh,
                                       org->departments[at].name_en, code)
                         : code;
}

struct gp_span gp_name_of_line(const struct gp_org *org, struct gp_span code,
                               enum gp_language language)
{
    uint32_t at = org != NULL ? gp_org_line(org, code) : GP_NONE;

    return at != GP_NONE
               ? in_language(language, org->lines[at].name_zh, org->lines[at].name_en, code)
               : code;
}

struct gp_span gp_name_of_person(const struct gp_org *org, struct gp_span id)
{
    uint32_t at = org != NULL ? gp_org_person(org, id) : GP_NONE;

    return at != GP_NONE && org->persons[at].name.len > 0 ? org->persons[at].name : id;
}

bool gp_note_is_urgent(const struct gp_org *org, const struct gp_note *note)
{
    const struct gp_row *row = row_of(org, note);

    if (row == NULL)
        return false;
    return gp_span_is(row->urgency, "urgent") || gp_span_is(row->urgency, "紧急") ||
           (row->ladder < org->ladder_count && org->ladders[row->ladder].continuous);
}
