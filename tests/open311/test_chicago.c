/* Fifty answers of Chicago: real data through our writer, and as questions through our readers. */
#include "open311/city.h"

#include "web/open311/form.h"
#include "web/open311/markup.h"

#include <jansson.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static json_t *chicago;

static int load(void **state)
{
    (void)state;
    chicago = json_load_file(GP_SOURCE_DIR "/tests/data/open311/chicago.json", 0, NULL);
    return chicago == NULL || json_array_size(chicago) != 50 ? -1 : 0;
}

static int unload(void **state)
{
    (void)state;
    json_decref(chicago);
    return 0;
}

/* ---------------------------------------------------------------- through the writer */

static int32_t e7(double degrees)
{
    return (int32_t)(degrees * 1e7 + (degrees < 0 ? -0.5 : 0.5));
}

static void write_value(struct gp_markup *markup, const char *name, const json_t *value);

static void write_members(struct gp_markup *markup, const json_t *object)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)object, key, value) write_value(markup, key, value);
}

static void write_value(struct gp_markup *markup, const char *name, const json_t *value)
{
    if (json_is_real(value)) {
        gp_markup_degrees(markup, name, e7(json_real_value(value)));
    } else if (json_is_string(value)) {
        gp_markup_text(markup, name,
                       (struct gp_span){json_string_value(value), json_string_length(value)});
    } else if (json_is_object(value)) {
        gp_markup_object(markup, name);
        write_members(markup, value);
        gp_markup_close(markup);
    } else if (json_is_array(value)) {
        gp_markup_list(markup, name);
        for (size_t i = 0; i < json_array_size(value); i++)
            write_value(markup, "item", json_array_get(value, i));
        gp_markup_close(markup);
    } else if (json_is_integer(value)) {
        gp_markup_number(markup, name, json_integer_value(value));
    } else if (json_is_boolean(value)) {
        gp_markup_bool(markup, name, json_is_true(value));
    } else {
        fail_msg("%s is of another type", name);
    }
}

static char *written(enum gp_markup_format format)
{
    struct gp_markup *markup;
    char *bytes;
    size_t len;

    assert_int_equal(gp_markup_open(format, &markup), 0);
    write_value(markup, "service_requests", chicago);
    assert_int_equal(gp_markup_finish(markup, &bytes, &len), 0);
    return bytes;
}

/* Positions have seven places here; all else is the same. */
static void round_positions(json_t *request)
{
    static const char *const names[] = {"lat", "long"};

    for (size_t i = 0; i < 2; i++) {
        double value = json_real_value(json_object_get(request, names[i]));
        assert_int_equal(json_object_set_new(request, names[i], json_real(e7(value) / 1e7)), 0);
    }
}

static void json_comes_back_as_it_was(void **state)
{
    char *bytes = written(GP_MARKUP_JSON);
    json_t *again = json_loads(bytes, 0, NULL), *rounded = json_deep_copy(chicago);

    (void)state;
    for (size_t i = 0; i < json_array_size(rounded); i++)
        round_positions(json_array_get(rounded, i));
    assert_non_null(again);
    assert_true(json_equal(again, rounded));
    json_decref(again);
    json_decref(rounded);
    free(bytes);
}

static const char *text_of(const json_t *value, char *number, size_t room)
{
    if (json_is_string(value))
        return json_string_value(value);
    if (json_is_boolean(value))
        return json_is_true(value) ? "true" : "false";
    (void)snprintf(number, room, "%lld", (long long)json_integer_value(value));
    return number;
}

/* But for positions, which the other test compares. */
static void same(const xmlNode *node, const json_t *value)
{
    size_t i = 0;
    const char *key;
    json_t *member;

    if (json_is_string(value) || json_is_boolean(value) || json_is_integer(value)) {
        char number[24];
        xmlChar *text = xmlNodeGetContent(node);
        assert_string_equal((const char *)text, text_of(value, number, sizeof number));
        xmlFree(text);
    } else if (json_is_array(value)) {
        assert_int_equal(xmlChildElementCount((xmlNode *)(uintptr_t)node), json_array_size(value));
        for (xmlNode *child = xmlFirstElementChild((xmlNode *)(uintptr_t)node); child != NULL;
             child = xmlNextElementSibling(child))
            same(child, json_array_get(value, i++));
    } else if (json_is_object(value)) {
        xmlNode *child = xmlFirstElementChild((xmlNode *)(uintptr_t)node);
        json_object_foreach((json_t *)(uintptr_t)value, key, member)
        {
            assert_non_null(child);
            assert_string_equal((const char *)child->name, key);
            same(child, member);
            child = xmlNextElementSibling(child);
        }
        assert_null(child);
    }
}

static void xml_comes_back_as_it_was(void **state)
{
    char *bytes = written(GP_MARKUP_XML);
    xmlDoc *doc = xmlReadMemory(bytes, (int)strlen(bytes), "x", NULL, XML_PARSE_NONET);

    (void)state;
    assert_non_null(doc);
    same(xmlDocGetRootElement(doc), chicago);
    xmlFreeDoc(doc);
    free(bytes);
}

/* ---------------------------------------------------------------- through the readers */

static const char *word(size_t row, const char *name)
{
    return json_string_value(json_object_get(json_array_get(chicago, row), name));
}

static void its_times_and_ids_are_understood(void **state)
{
    (void)city_begin(state);
    for (size_t i = 0; i < json_array_size(chicago); i++) {
        char path[400];
        int64_t from, to;
        assert_int_equal(gp_instant_parse(gp_span_of(word(i, "requested_datetime")), &from), 0);
        assert_int_equal(gp_instant_parse(gp_span_of(word(i, "updated_datetime")), &to), 0);
        (void)snprintf(path, sizeof path, "requests.json?start_date=%s&service_code=%s&status=%s",
                       word(i, "requested_datetime"), word(i, "service_code"), word(i, "status"));
        assert_int_equal(get(path).status, 200);
        assert_int_equal(desk.last.query.from_ms, from);
        (void)snprintf(path, sizeof path, "requests.json?updated_after=%s&service_request_id=%s",
                       word(i, "updated_datetime"), word(i, "service_request_id"));
        assert_int_equal(get(path).status, 200); /* "14-00684314" is no number of ours */
        assert_int_equal(desk.asks, 0);
    }
    (void)city_end(state);
}

static void its_positions_are_understood(void **state)
{
    (void)state;
    for (size_t i = 0; i < json_array_size(chicago); i++) {
        char text[64];
        int32_t got;
        double lat = json_real_value(json_object_get(json_array_get(chicago, i), "lat"));
        double lon = json_real_value(json_object_get(json_array_get(chicago, i), "long"));
        (void)snprintf(text, sizeof text, "%.14f", lat);
        assert_true(gp_open311_degrees(gp_span_of(text), 90, &got));
        assert_int_equal(got, e7(lat));
        (void)snprintf(text, sizeof text, "%.14f", lon);
        assert_true(gp_open311_degrees(gp_span_of(text), 180, &got));
        assert_int_equal(got, e7(lon));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_comes_back_as_it_was),
        cmocka_unit_test(xml_comes_back_as_it_was),
        cmocka_unit_test(its_times_and_ids_are_understood),
        cmocka_unit_test(its_positions_are_understood),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
