/* Options about Open311. */
#include "web/options.h"

#include "web/open311/open311.h"

enum {
    OPT_USER = 400,
    OPT_JURISDICTION,
    OPT_CONTACT,
    OPT_KEYS,
    OPT_FALLBACK,
    OPT_AREA,
    OPT_TEXTS,
    OPT_LANGUAGE,
    OPT_TEST
};

static const struct argp_option arguments[] = {
    {"open311-user", OPT_USER, "USER", 0,
     "for whom of org/users.csv it reads and reports; without it there is no Open311", 0},
    {"open311-jurisdiction", OPT_JURISDICTION, "ID", 0,
     "the city's jurisdiction_id; without it any is right", 0},
    {"open311-contact", OPT_CONTACT, "TEXT", 0, "whom to ask about it", 0},
    {"open311-key-service", OPT_KEYS, "TEXT", 0, "how to get a key", 0},
    {"open311-fallback-grid", OPT_FALLBACK, "CODE", 0,
     "where reports go whose grid cannot be told; without it they are refused", 0},
    {"open311-area", OPT_AREA, "CODE", 0, "show and take what lies there alone", 0},
    {"open311-texts", OPT_TEXTS, "own|all|none", 0,
     "whose texts are shown: of reports that came by Open311 (own)", 0},
    {"open311-language", OPT_LANGUAGE, "zh|en", 0, "of whoever asks for none (zh)", 0},
    {"open311-test", OPT_TEST, NULL, 0, "say that this is a test and no production", 0},
    {0},
};

static void read_texts(struct argp_state *state, const char *word, uint8_t *ret_texts)
{
    static const char *const words[] = {[GP_OPEN311_TEXTS_OWN] = "own",
                                        [GP_OPEN311_TEXTS_ALL] = "all",
                                        [GP_OPEN311_TEXTS_NONE] = "none"};

    for (uint8_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(word, words[i]) == 0) {
            *ret_texts = i;
            return;
        }
    }
    argp_error(state, "--open311-texts %s: own, all or none", word);
}

static void read_language(struct argp_state *state, const char *word, uint8_t *ret_language)
{
    if (strcmp(word, "zh") != 0 && strcmp(word, "en") != 0)
        argp_error(state, "--open311-language %s: zh or en", word);
    *ret_language = strcmp(word, "en") == 0 ? GP_OPEN311_EN : GP_OPEN311_ZH;
}

static error_t on_argument(int key, char *value, struct argp_state *state)
{
    struct gp_web_open311_options *options = state->input;

    switch (key) {
    case OPT_USER:
        options->user = value;
        break;
    case OPT_JURISDICTION:
        options->jurisdiction = value;
        break;
    case OPT_CONTACT:
        options->contact = value;
        break;
    case OPT_KEYS:
        options->key_service = value;
        break;
    case OPT_FALLBACK:
        options->fallback_grid = value;
        break;
    case OPT_AREA:
        if (gp_area_parse(gp_span_of(value), &options->area) != 0)
            argp_error(state, "--open311-area %s: not the code of an area", value);
        break;
    case OPT_TEXTS:
        read_texts(state, value, &options->texts);
        break;
    case OPT_LANGUAGE:
        read_language(state, value, &options->language);
        break;
    case OPT_TEST:
        options->test = true;
        break;
    case ARGP_KEY_INIT:
        options->user = options->jurisdiction = options->contact = options->key_service =
            options->fallback_grid = "";
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

const struct argp gp_web_open311_argp = {.options = arguments, .parser = on_argument};
