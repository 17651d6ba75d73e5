/* Templates: what notices say, in both languages. What a city does not write is said as here. */
#include "notify/settings_internal.h"

struct wording_text { /* texts as they are written; "" : as before */
    const char *subject, *text, *line, *title;
    int language;
};

#define TEXT_ZH                                                                                                  \
    "{name}：案卷 {incident}\n类别：{category}\n地点：{area}\n责任岗位：{owner}\n时限：{due}\n" \
    "已超时：{late}\n通知：{persons}\n时间：{time}\n编号：{id}"
#define TEXT_EN                                                                                    \
    "{name}: incident {incident}\nCategory: {category}\nPlace: {area}\nOwner: {owner}\n"           \
    "Due: {due}\nLate by: {late}\nTold: {persons}\nTime: {time}\nId: {id}"

static const struct wording_text own[GP_LANGUAGES] = {
    [GP_LANGUAGE_ZH] = {.subject = "{name} 案卷{incident} {category} {area}",
                        .text = TEXT_ZH,
                        .line =
                            "{name} 案卷{incident} {category} {area} 时限{due} {persons} [{id}]",
                        .title = "督办通知 {count} 条"},
    [GP_LANGUAGE_EN] =
        {.subject = "{name}: incident {incident}, {category}, {area}",
         .text = TEXT_EN,
         .line = "{name}: incident {incident}, {category}, {area}, due {due}, {persons} [{id}]",
         .title = "{count} notices"},
};

/* Of a city whose settings say where an incident's page is. */
static const char *const linked[GP_LANGUAGES] = {
    [GP_LANGUAGE_ZH] = TEXT_ZH "\n详情：{link}",
    [GP_LANGUAGE_EN] = TEXT_EN "\nPage: {link}",
};

#define TO(member) offsetof(struct wording_text, member)
#define TEXT_MOST  4000

static const struct gp_field fields[] = {
    {"language", GP_FIELD_CHOICE, TO(language), NULL, 0, 0, NULL, gp_language_names, "use: zh en"},
    {"subject", GP_FIELD_TEXT, TO(subject), "", 0, 400, NULL, NULL, "at most 400 bytes"},
    {"text", GP_FIELD_TEXT, TO(text), "", 0, TEXT_MOST, NULL, NULL, "at most 4000 bytes"},
    {"line", GP_FIELD_TEXT, TO(line), "", 0, 400, NULL, NULL, "at most 400 bytes"},
    {"title", GP_FIELD_TEXT, TO(title), "", 0, 200, NULL, NULL, "at most 200 bytes"},
    {"for", GP_FIELD_OTHER, 0, NULL, 0, 0, NULL, NULL, ""},
    {0},
};

/* ---------------------------------------------------------------- one text */

/* A digest's title is of many notices: it can only say how many. */
static bool fits_title(const struct gp_template *template, const char *key)
{
    for (const struct gp_piece *piece = template->first; piece != NULL; piece = piece->next) {
        bool counts = piece->kind == GP_PLACE_COUNT, title = strcmp(key, "title") == 0;
        if (piece->kind != GP_PLACE_NONE && counts != title)
            return false;
    }
    return true;
}

/* The line of the file in which a place of a text stands: of a block, which keeps its lines,
 * exactly. */
static unsigned line_of(const yaml_node_t *node, struct gp_span before)
{
    unsigned line = (unsigned)node->start_mark.line + 1;

    if (node->type != YAML_SCALAR_NODE || node->data.scalar.style != YAML_LITERAL_SCALAR_STYLE)
        return line;
    return line + gp_text_line(before);
}

static void find_wrong(struct gp_settings_reader *reader, yaml_node_t *node, const char *key,
                       const char *text, struct gp_span wrong)
{
    const yaml_node_t *value = gp_yaml_get(&reader->yaml, node, key);
    struct gp_span before = {text, (size_t)(wrong.ptr - text)};

    gp_findings_add(reader->yaml.loader->findings, GP_FINDING_ERROR, reader->yaml.file,
                    line_of(value, before), key, wrong, "no such placeholder",
                    "docs/NOTIFY.md lists them; {{ and }} stand for braces");
}

static void read_text(struct gp_settings_reader *reader, yaml_node_t *node, const char *key,
                      const char *text, struct gp_template *template)
{
    struct gp_template read;
    struct gp_span wrong = {0};

    if (text[0] == '\0')
        return;
    int rc = gp_template_parse(gp_span_of(text), &reader->settings->arena, &read, &wrong);
    if (rc == GP_ENOMEM)
        reader->yaml.loader->error = rc;
    else if (rc != 0)
        find_wrong(reader, node, key, text, wrong);
    else if (!fits_title(&read, key))
        gp_yaml_find_key(&reader->yaml, node, key, "{count} belongs into titles, and nothing else",
                         "say the rest in text and line");
    else
        *template = read;
}

static void read_texts(struct gp_settings_reader *reader, yaml_node_t *node,
                       const struct wording_text *text, struct gp_wording *wording)
{
    read_text(reader, node, "subject", text->subject, &wording->subject);
    read_text(reader, node, "text", text->text, &wording->text);
    read_text(reader, node, "line", text->line, &wording->line);
    read_text(reader, node, "title", text->title, &wording->title);
}

/* ---------------------------------------------------------------- all of them */

/* What a list of templates changes; the base ones before those for single steps. */
struct pass {
    struct gp_settings_reader *reader;
    yaml_node_t *node;
    struct wording_text text;
    struct gp_wording *base[GP_LANGUAGES];
};

static void read_for(struct gp_yaml *yaml, yaml_node_t *item, void *context)
{
    struct pass *pass = context;
    struct gp_notify_settings *settings = pass->reader->settings;
    struct gp_span word = gp_yaml_text(yaml, item);
    unsigned slot = gp_word_slot(word);

    if (slot == 0) {
        gp_yaml_find(yaml, GP_FINDING_ERROR, item, "for", word, "no such step or entry",
                     "use red, card, vacant … as docs/NOTIFY.md lists them");
        return;
    }
    struct gp_wording *wording = gp_reader_array(pass->reader, 1, sizeof *wording);
    if (wording == NULL)
        return;
    const struct gp_wording *before = settings->wording[pass->text.language][slot];
    *wording = before != NULL ? *before : *pass->base[pass->text.language];
    read_texts(pass->reader, pass->node, &pass->text, wording);
    settings->wording[pass->text.language][slot] = wording;
}

static void read_entry(struct pass *pass, yaml_node_t *node, bool single)
{
    struct gp_yaml *yaml = &pass->reader->yaml;
    yaml_node_t *list = gp_yaml_get(yaml, node, "for");
    size_t errors = yaml->loader->findings->errors;

    if ((list != NULL) != single)
        return;
    pass->node = node;
    gp_fields_read(yaml, node, fields, &pass->text);
    if (yaml->loader->error != 0 || yaml->loader->findings->errors > errors)
        return;
    if (single)
        gp_yaml_each(yaml, list, read_for, pass);
    else
        read_texts(pass->reader, node, &pass->text, pass->base[pass->text.language]);
}

void gp_read_templates(struct gp_settings_reader *reader)
{
    struct pass pass = {.reader = reader};
    size_t count;
    yaml_node_t *list = gp_reader_list(reader, "templates", GP_TEMPLATES_MAX, &count);

    for (int i = 0; i < GP_LANGUAGES; i++) {
        pass.base[i] = gp_reader_array(reader, 1, sizeof *pass.base[i]);
        if (pass.base[i] == NULL)
            return;
        struct wording_text text = own[i];
        if (reader->settings->link[0] != '\0')
            text.text = linked[i];
        read_texts(reader, reader->root, &text, pass.base[i]);
        reader->settings->wording[i][0] = pass.base[i];
    }
    for (int single = 0; single <= 1; single++) {
        for (size_t i = 0; i < count && reader->yaml.loader->error == 0; i++)
            read_entry(&pass, gp_reader_item(reader, list, i), single != 0);
    }
}

const struct gp_wording *gp_wording_of(const struct gp_notify_settings *settings,
                                       enum gp_language language, const struct gp_note *note)
{
    unsigned slot = note->what == GP_WHAT_STEP ? note->step : 16U + note->what;
    const struct gp_wording *single = slot < 64 ? settings->wording[language][slot] : NULL;

    return single != NULL ? single : settings->wording[language][0];
}
