/* The writer of both formats: what hostile texts and odd numbers come to. */
#include "base/error.h"
#include "web/open311/markup.h"

#include <jansson.h>
#include <libxml/parser.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

/* One object with one text. The caller frees it. */
static char *written(enum gp_markup_format format, struct gp_span text)
{
    struct gp_markup *markup;
    char *bytes;
    size_t len;

    assert_int_equal(gp_markup_open(format, &markup), 0);
    gp_markup_object(markup, "o");
    gp_markup_text(markup, "t", text);
    gp_markup_close(markup);
    assert_int_equal(gp_markup_finish(markup, &bytes, &len), 0);
    assert_int_equal(strlen(bytes), len);
    return bytes;
}

/* The text as a reader of that format gets it back. */
static void expect_read(struct gp_span text, const char *expected)
{
    char *json = written(GP_MARKUP_JSON, text), *xml = written(GP_MARKUP_XML, text);
    json_t *object = json_loads(json, 0, NULL);
    xmlDoc *doc = xmlReadMemory(xml, (int)strlen(xml), "x", NULL, XML_PARSE_NONET);

    assert_non_null(object);
    assert_string_equal(json_string_value(json_object_get(object, "t")), expected);
    assert_non_null(doc);
    xmlChar *content = xmlNodeGetContent(xmlFirstElementChild(xmlDocGetRootElement(doc)));
    assert_string_equal((const char *)content, expected);
    xmlFree(content);
    xmlFreeDoc(doc);
    json_decref(object);
    free(json);
    free(xml);
}

static void hostile_texts_are_harmless(void **state)
{
    (void)state;
    expect_read(GP_SPAN("<script>alert('x')</script> & \"]]>"),
                "<script>alert('x')</script> & \"]]>");
    expect_read(GP_SPAN("<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]>&b;"),
                "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]>&b;");
    expect_read(GP_SPAN("a\nb\tc"), "a\nb\tc");
    expect_read(GP_SPAN("a\0b\x01\x1B\r\x7F"), "a\xEF\xBF\xBD"
                                               "b\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    expect_read(GP_SPAN("\xC2\x85|\xC2\xA0"), "\xEF\xBF\xBD|\xC2\xA0");
    expect_read(GP_SPAN("\xEF\xBF\xBE\xEF\xBF\xBF\xEF\xBF\xBC"),
                "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBC");
    expect_read(GP_SPAN("a\xE2\x80\xAE"
                        "b\xE2\x81\xA6"
                        "c\xE2\x80\xA9"),
                "a\xEF\xBF\xBD"
                "b\xEF\xBF\xBD"
                "c\xE2\x80\xA9");
    expect_read(GP_SPAN("\xFFx\xE4\xB8|\xF0\x9F\x98\x80\xED\xA0\x80"),
                "\xEF\xBF\xBDx\xEF\xBF\xBD\xEF\xBF\xBD|\xF0\x9F\x98\x80"
                "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    expect_read(GP_SPAN("井盖"), "井盖");
}

static void write_all(struct gp_markup *markup)
{
    gp_markup_list(markup, "things");
    gp_markup_object(markup, "thing");
    gp_markup_degrees(markup, "lat", 377652408);
    gp_markup_degrees(markup, "long", -1224212043);
    gp_markup_degrees(markup, "zero", 0);
    gp_markup_degrees(markup, "ten", -100000000);
    gp_markup_degrees(markup, "most", 1800000000);
    gp_markup_degrees(markup, "least", -1);
    gp_markup_number(markup, "number", INT64_MIN);
    gp_markup_bool(markup, "yes", true);
    gp_markup_bool(markup, "no", false);
    gp_markup_null(markup, "nothing");
    gp_markup_word(markup, "empty", "");
    gp_markup_instant(markup, "never", 0, 0);
    gp_markup_instant(markup, "when", INT64_C(1781488800999), INT64_C(28800000));
    gp_markup_instant(markup, "there", INT64_C(1781488800000), -INT64_C(18000000));
    gp_markup_list(markup, "formats");
    gp_markup_word(markup, "format", "a");
    gp_markup_word(markup, "format", "b");
    gp_markup_close(markup);
    gp_markup_list(markup, "none");
    gp_markup_close(markup);
    gp_markup_close(markup);
    gp_markup_close(markup);
}

static void expect_all(enum gp_markup_format format, const char *expected)
{
    struct gp_markup *markup;
    char *bytes;
    size_t len;

    assert_int_equal(gp_markup_open(format, &markup), 0);
    write_all(markup);
    assert_int_equal(gp_markup_finish(markup, &bytes, &len), 0);
    assert_string_equal(bytes, expected);
    free(bytes);
}

static void the_same_calls_give_both_formats(void **state)
{
    (void)state;
    expect_all(GP_MARKUP_XML, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                              "<things>\n <thing>\n  <lat>37.7652408</lat>\n"
                              "  <long>-122.4212043</long>\n  <zero>0.0</zero>\n"
                              "  <ten>-10.0</ten>\n  <most>180.0</most>\n"
                              "  <least>-0.0000001</least>\n"
                              "  <number>-9223372036854775808</number>\n  <yes>true</yes>\n"
                              "  <no>false</no>\n  <nothing/>\n  <empty/>\n  <never/>\n"
                              "  <when>2026-06-15T10:00:00+08:00</when>\n"
                              "  <there>2026-06-14T21:00:00-05:00</there>\n"
                              "  <formats>\n   <format>a</format>\n   <format>b</format>\n"
                              "  </formats>\n  <none/>\n </thing>\n</things>\n");
    expect_all(GP_MARKUP_JSON,
               "[\n {\n  \"lat\": 37.7652408,\n  \"long\": -122.4212043,\n  \"zero\": 0.0,\n"
               "  \"ten\": -10.0,\n  \"most\": 180.0,\n  \"least\": -1e-7,\n"
               "  \"number\": -9223372036854775808,\n  \"yes\": true,\n  \"no\": false,\n"
               "  \"nothing\": null,\n  \"empty\": null,\n  \"never\": null,\n"
               "  \"when\": \"2026-06-15T10:00:00+08:00\",\n"
               "  \"there\": \"2026-06-14T21:00:00-05:00\",\n"
               "  \"formats\": [\n   \"a\",\n   \"b\"\n  ],\n  \"none\": []\n }\n]");
}

/* Whichever of the first allocations fails, there is an error and no leak; then all is well. */
static unsigned left;

const char *__lsan_default_suppressions(void);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);

void *__wrap_malloc(size_t size)
{
    return left > 0 && --left == 0 ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return left > 0 && --left == 0 ? NULL : __real_calloc(count, size);
}

/* Where its list of open elements cannot grow, libxml2 loses the element that it made for it. */
const char *__lsan_default_suppressions(void)
{
    return "leak:xmlTextWriterStartElement";
}

static void *scarce(size_t size)
{
    return __wrap_malloc(size);
}

/* What comes to an end is whole: `ret_len` is the same then. */
static int try_with(enum gp_markup_format format, unsigned nth, size_t *ret_len)
{
    struct gp_markup *markup;
    char *bytes = NULL;
    size_t len = 0;
    int rc;

    left = nth;
    rc = gp_markup_open(format, &markup);
    if (rc == 0) {
        write_all(markup);
        rc = gp_markup_finish(markup, &bytes, &len);
    }
    left = 0;
    free(bytes);
    *ret_len = len;
    return rc;
}

static void say_nothing(void *context, const char *format, ...)
{
    (void)context;
    (void)format;
}

static void memory_may_be_out(void **state)
{
    unsigned failed = 0;

    (void)state;
    json_set_alloc_funcs(scarce, free);
    assert_int_equal(xmlMemSetup(free, scarce, realloc, strdup), 0);
    xmlSetGenericErrorFunc(NULL, say_nothing);
    for (int format = GP_MARKUP_XML; format <= GP_MARKUP_JSON; format++) {
        size_t len, whole;
        assert_int_equal(try_with((enum gp_markup_format)format, 0, &whole), 0);
        for (unsigned nth = 1; nth < 500; nth++) {
            int rc = try_with((enum gp_markup_format)format, nth, &len);
            assert_true(rc == 0 ? len == whole : rc == GP_ENOMEM);
            failed += rc != 0;
        }
    }
    assert_true(failed > 60);
    gp_markup_abandon(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_texts_are_harmless),
        cmocka_unit_test(the_same_calls_give_both_formats),
        cmocka_unit_test(memory_may_be_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
