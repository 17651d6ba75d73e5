/** What the files that read the settings share. */
#ifndef GP_NOTIFY_SETTINGS_INTERNAL_H
#define GP_NOTIFY_SETTINGS_INTERNAL_H

#include "notify/fields.h"
#include "notify/settings.h"

struct gp_settings_reader {
    struct gp_yaml yaml;
    yaml_node_t *root;
    struct gp_notify_settings *settings;
};

/* Each fills in its part of reader->settings; mistakes are findings. */
void gp_read_channels(struct gp_settings_reader *reader);
void gp_read_rules(struct gp_settings_reader *reader);
void gp_read_templates(struct gp_settings_reader *reader);

/** A zeroed array in the settings' memory; NULL: the loader's error is set. */
void *gp_reader_array(struct gp_settings_reader *reader, size_t count, size_t size);

/** The list under a key, which has at most `max` mappings; NULL: there is none, or a finding. */
yaml_node_t *gp_reader_list(struct gp_settings_reader *reader, const char *key, size_t max,
                            size_t *ret_count);

/** The mapping at a place of a list. */
yaml_node_t *gp_reader_item(struct gp_settings_reader *reader, yaml_node_t *list, size_t at);

/** Text that may stand in a header, a log or a URL: no control characters. */
bool gp_text_is_plain(struct gp_span text);

/** A step's or an entry's name as a bit or place: 1 … 15 a step, 16 … 63 an entry; 0: neither. */
unsigned gp_word_slot(struct gp_span word);

extern const char *const gp_language_names[GP_LANGUAGES + 1];

#endif
