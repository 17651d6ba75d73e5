/* The channel: what is sealed opens once, in one direction, unchanged, as the answer to its very
 * request; the window. */
#include "trust/pair.h"

#include "base/bytes.h"

#include <sodium.h>
#include <stdlib.h>

#define MESSAGE_MAX 512

struct letter {
    unsigned char byte[MESSAGE_MAX];
    size_t len;
    struct gp_asked asked;
};

static struct letter request_of(struct gp_channel *device, const char *text)
{
    struct letter letter = {.len = strlen(text) + GP_ENVELOPE_OVERHEAD};

    assert_int_equal(gp_channel_seal_request(device, gp_span_of(text), letter.byte, &letter.asked),
                     0);
    return letter;
}

static struct letter answer_of(struct gp_channel *server, const struct gp_asked *asked,
                               const char *text)
{
    struct letter letter = {.len = strlen(text) + GP_ENVELOPE_OVERHEAD};

    assert_int_equal(gp_channel_seal_answer(server, asked, gp_span_of(text), letter.byte), 0);
    return letter;
}

static int open_at_server(struct gp_channel *server, const struct letter *letter, const char *want)
{
    struct gp_envelope envelope;
    unsigned char plain[MESSAGE_MAX];
    size_t len;
    int error = gp_envelope_read(over(letter->byte, letter->len), &envelope);

    if (error == 0)
        error = gp_channel_open_request(server, &envelope, plain, &len);
    if (error == 0) {
        assert_int_equal(len, strlen(want));
        assert_memory_equal(plain, want, len);
    }
    return error;
}

static int open_at_device(struct gp_channel *device, const struct gp_asked *asked,
                          const struct letter *letter, const char *want)
{
    struct gp_envelope envelope;
    unsigned char plain[MESSAGE_MAX];
    size_t len;
    int error = gp_envelope_read(over(letter->byte, letter->len), &envelope);

    if (error == 0)
        error = gp_channel_open_answer(device, asked, &envelope, plain, &len);
    if (error == 0) {
        assert_int_equal(len, strlen(want));
        assert_memory_equal(plain, want, len);
    }
    return error;
}

/* ---------------------------------------------------------------- there and back */

static void a_request_opens_once_and_so_does_its_answer(void **state)
{
    struct pair pair;
    struct letter request, answer, again;
    struct gp_envelope envelope;
    struct gp_asked asked;

    (void)state;
    pair_init(&pair, 0);
    request = request_of(&pair.device, "report");
    assert_int_equal(open_at_server(&pair.server, &request, "report"), 0);
    assert_int_equal(open_at_server(&pair.server, &request, "report"), GP_EEXIST);

    assert_int_equal(gp_envelope_read(over(request.byte, request.len), &envelope), 0);
    gp_asked_of(&envelope, &asked);
    assert_int_equal(asked.counter, request.asked.counter);
    assert_memory_equal(asked.tag, request.asked.tag, GP_TAG_BYTES);
    answer = answer_of(&pair.server, &asked, "done");
    again = answer_of(&pair.server, &asked, "done");
    assert_memory_not_equal(answer.byte, again.byte, answer.len);
    assert_int_equal(open_at_device(&pair.device, &request.asked, &answer, "done"), 0);
    assert_int_equal(open_at_device(&pair.device, &request.asked, &answer, "done"), GP_EEXIST);
    assert_int_equal(open_at_device(&pair.device, &request.asked, &again, "done"), 0);
}

static void an_empty_text_is_a_text(void **state)
{
    struct pair pair;
    struct letter request;

    (void)state;
    pair_init(&pair, 0);
    request = request_of(&pair.device, "");
    assert_int_equal(open_at_server(&pair.server, &request, ""), 0);
}

static void an_answer_opens_for_its_own_request_only(void **state)
{
    struct pair pair;
    struct letter first, second, answer;
    struct gp_asked other;

    (void)state;
    pair_init(&pair, 0);
    first = request_of(&pair.device, "first");
    second = request_of(&pair.device, "second");
    answer = answer_of(&pair.server, &first.asked, "done");
    assert_int_equal(open_at_device(&pair.device, &second.asked, &answer, ""), GP_EFORMAT);
    other = first.asked;
    other.counter = second.asked.counter;
    assert_int_equal(open_at_device(&pair.device, &other, &answer, ""), GP_EFORMAT);
    other = first.asked;
    memcpy(other.tag, second.asked.tag, GP_TAG_BYTES);
    assert_int_equal(open_at_device(&pair.device, &other, &answer, ""), GP_EFORMAT);
    assert_int_equal(open_at_device(&pair.device, &first.asked, &answer, "done"), 0);
}

static void nothing_comes_back_as_its_own_reflection(void **state)
{
    struct pair pair;
    struct letter request, answer;

    (void)state;
    pair_init(&pair, 0);
    request = request_of(&pair.device, "report");
    answer = answer_of(&pair.server, &request.asked, "done");
    /* as it is: the type is wrong */
    assert_int_equal(open_at_device(&pair.device, &request.asked, &request, ""), GP_EFORMAT);
    assert_int_equal(open_at_server(&pair.server, &answer, ""), GP_EFORMAT);
    /* with its type turned: the direction's key is wrong */
    request.byte[1] = GP_ENVELOPE_ANSWER;
    answer.byte[1] = GP_ENVELOPE_REQUEST;
    assert_int_equal(open_at_device(&pair.device, &request.asked, &request, ""), GP_EFORMAT);
    assert_int_equal(open_at_server(&pair.server, &answer, ""), GP_EFORMAT);
    assert_memory_not_equal(pair.device.send, pair.device.receive, GP_KEY_BYTES);
}

static void sessions_do_not_open_each_others_letters(void **state)
{
    struct pair one, other;
    struct letter request;

    (void)state;
    pair_init(&one, 0);
    pair_init(&other, 5);
    request = request_of(&one.device, "report");
    assert_int_equal(open_at_server(&other.server, &request, ""), GP_EFORMAT);
    memcpy(request.byte + 2, other.server.session, GP_SESSION_ID_BYTES);
    assert_int_equal(open_at_server(&other.server, &request, ""), GP_EFORMAT);
    assert_int_equal(open_at_server(&one.server, &request, ""), GP_EFORMAT);
}

/* ---------------------------------------------------------------- damage */

static void every_bit_counts(void **state)
{
    struct pair pair;
    struct letter request, answer;
    struct gp_channel before;

    (void)state;
    pair_init(&pair, 0);
    request = request_of(&pair.device, "report");
    answer = answer_of(&pair.server, &request.asked, "done");
    before = pair.server;
    for (size_t bit = 0; bit < request.len * 8; bit++) {
        struct letter changed = request;
        changed.byte[bit / 8] ^= (unsigned char)(1 << bit % 8);
        assert_int_not_equal(open_at_server(&pair.server, &changed, ""), 0);
    }
    assert_memory_equal(&pair.server, &before, sizeof before);
    for (size_t bit = 0; bit < answer.len * 8; bit++) {
        struct letter changed = answer;
        changed.byte[bit / 8] ^= (unsigned char)(1 << bit % 8);
        assert_int_not_equal(open_at_device(&pair.device, &request.asked, &changed, ""), 0);
    }
    assert_int_equal(open_at_server(&pair.server, &request, "report"), 0);
    assert_int_equal(open_at_device(&pair.device, &request.asked, &answer, "done"), 0);
}

static void a_cut_or_grown_letter_is_refused(void **state)
{
    struct pair pair;
    struct letter request;
    struct gp_envelope envelope;
    unsigned char plain[MESSAGE_MAX], *copy;
    size_t len;

    (void)state;
    pair_init(&pair, 0);
    request = request_of(&pair.device, "report");
    for (size_t cut = 0; cut < request.len; cut++) {
        copy = copy_of(request.byte, cut);
        int error = gp_envelope_read(over(copy, cut), &envelope);
        if (cut < GP_ENVELOPE_OVERHEAD)
            assert_int_equal(error, GP_EFORMAT);
        else
            assert_int_equal(gp_channel_open_request(&pair.server, &envelope, plain, &len),
                             GP_EFORMAT);
        free(copy);
    }
    request.len++;
    assert_int_equal(open_at_server(&pair.server, &request, ""), GP_EFORMAT);
    request.len--;
    assert_int_equal(open_at_server(&pair.server, &request, "report"), 0);
}

/* ---------------------------------------------------------------- counters */

static void the_window_has_1024_places(void **state)
{
    struct gp_window window = {0};

    (void)state;
    assert_int_equal(gp_window_look(&window, 0), GP_WINDOW_NEW);
    gp_window_mark(&window, 0);
    assert_int_equal(gp_window_look(&window, 0), GP_WINDOW_SEEN);
    gp_window_mark(&window, 1023);
    assert_int_equal(gp_window_look(&window, 0), GP_WINDOW_SEEN);
    for (uint64_t i = 1; i < 1023; i++)
        assert_int_equal(gp_window_look(&window, i), GP_WINDOW_NEW);
    gp_window_mark(&window, 1024);
    assert_int_equal(gp_window_look(&window, 0), GP_WINDOW_OLD);
    assert_int_equal(gp_window_look(&window, 1), GP_WINDOW_NEW);
    gp_window_mark(&window, 1);
    assert_int_equal(gp_window_look(&window, 1), GP_WINDOW_SEEN);
    gp_window_mark(&window, 1025);
    assert_int_equal(gp_window_look(&window, 1), GP_WINDOW_OLD);
}

static void a_jump_empties_the_window(void **state)
{
    static const uint64_t jumps[] = {1,    2,    63,   64,   65,   1022,   1023,
                                     1024, 1025, 2047, 2048, 5000, 1 << 19};

    (void)state;
    for (size_t i = 0; i < GP_COUNT(jumps); i++) {
        struct gp_window window = {0};
        uint64_t high = 3000 + jumps[i];
        for (uint64_t c = 0; c <= 3000; c++)
            gp_window_mark(&window, c);
        gp_window_mark(&window, high);
        for (uint64_t c = 0; c <= high + 1; c++) {
            enum gp_window_look want = c > 3000 && c != high ? GP_WINDOW_NEW : GP_WINDOW_SEEN;
            if (c + GP_WINDOW <= high)
                want = GP_WINDOW_OLD;
            assert_int_equal(gp_window_look(&window, c), want);
        }
    }
}

/* Against a model that remembers every counter. */
static void the_window_agrees_with_a_list(void **state)
{
    static bool seen[1 << 16];
    struct gp_window window = {0};
    uint64_t random = 1, high = 0;

    (void)state;
    for (int i = 0; i < 200000; i++) {
        random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        uint64_t c = high + (random >> 33) % 1400;
        c = c > 1300 ? c - 1300 : 0;
        if (c >= GP_COUNT(seen))
            break;
        enum gp_window_look want = seen[c] ? GP_WINDOW_SEEN : GP_WINDOW_NEW;
        if (high >= GP_WINDOW && c <= high - GP_WINDOW)
            want = GP_WINDOW_OLD;
        assert_int_equal(gp_window_look(&window, c), want);
        if (want != GP_WINDOW_NEW)
            continue;
        gp_window_mark(&window, c);
        seen[c] = true;
        high = c > high ? c : high;
    }
    assert_true(high > 20000);
}

static void letters_may_come_out_of_order(void **state)
{
    struct pair pair;
    struct letter letters[3];

    (void)state;
    pair_init(&pair, 0);
    for (int i = 0; i < 3; i++)
        letters[i] = request_of(&pair.device, "x");
    assert_int_equal(open_at_server(&pair.server, &letters[2], "x"), 0);
    assert_int_equal(open_at_server(&pair.server, &letters[0], "x"), 0);
    assert_int_equal(open_at_server(&pair.server, &letters[1], "x"), 0);
    assert_int_equal(open_at_server(&pair.server, &letters[0], "x"), GP_EEXIST);
}

static void a_letter_behind_the_window_is_refused(void **state)
{
    struct pair pair;
    struct letter first, last;

    (void)state;
    pair_init(&pair, 0);
    first = request_of(&pair.device, "x");
    pair.device.sent = GP_WINDOW;
    last = request_of(&pair.device, "x");
    assert_int_equal(open_at_server(&pair.server, &last, "x"), 0);
    assert_int_equal(open_at_server(&pair.server, &first, "x"), GP_EEXIST);
}

static void a_session_ends_at_its_last_counter(void **state)
{
    struct pair pair;
    struct letter last;
    unsigned char bytes[MESSAGE_MAX] = {0};
    struct gp_asked asked = {.counter = 4711};

    (void)state;
    pair_init(&pair, 0);
    pair.device.sent = GP_SESSION_MESSAGES - 1;
    last = request_of(&pair.device, "x");
    assert_int_equal(open_at_server(&pair.server, &last, "x"), 0);
    assert_int_equal(gp_channel_seal_request(&pair.device, GP_SPAN("x"), bytes, &asked), GP_ELIMIT);
    assert_int_equal(bytes[0], 0);
    assert_int_equal(asked.counter, 4711);
    pair.server.sent = GP_SESSION_MESSAGES - 1;
    (void)answer_of(&pair.server, &last.asked, "x");
    assert_int_equal(gp_channel_seal_answer(&pair.server, &last.asked, GP_SPAN("x"), bytes),
                     GP_ELIMIT);
}

/* Sealed with the true key by a device that does not stop: the server does. */
static void a_counter_beyond_the_last_is_refused_though_true(void **state)
{
    struct pair pair;
    struct letter letter = {.len = 1 + GP_ENVELOPE_OVERHEAD};
    struct gp_envelope envelope = {.type = GP_ENVELOPE_REQUEST, .counter = GP_SESSION_MESSAGES};
    unsigned char nonce[12] = {0};

    (void)state;
    pair_init(&pair, 0);
    memcpy(envelope.session, pair.device.session, GP_SESSION_ID_BYTES);
    size_t head = gp_envelope_write_head(&envelope, letter.byte);
    nonce[4 + 2] = 0x10; /* 2^20, little-endian */
    (void)crypto_aead_chacha20poly1305_ietf_encrypt(letter.byte + head, NULL,
                                                    (const unsigned char *)"x", 1, letter.byte,
                                                    head, NULL, nonce, pair.device.send);
    assert_int_equal(open_at_server(&pair.server, &letter, "x"), GP_ELIMIT);
}

static void clearing_wipes(void **state)
{
    static const struct gp_channel nothing;
    struct pair pair;

    (void)state;
    pair_init(&pair, 0);
    gp_channel_clear(&pair.device);
    assert_memory_equal(&pair.device, &nothing, sizeof nothing);
    gp_channel_clear(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_opens_once_and_so_does_its_answer),
        cmocka_unit_test(an_empty_text_is_a_text),
        cmocka_unit_test(an_answer_opens_for_its_own_request_only),
        cmocka_unit_test(nothing_comes_back_as_its_own_reflection),
        cmocka_unit_test(sessions_do_not_open_each_others_letters),
        cmocka_unit_test(every_bit_counts),
        cmocka_unit_test(a_cut_or_grown_letter_is_refused),
        cmocka_unit_test(the_window_has_1024_places),
        cmocka_unit_test(a_jump_empties_the_window),
        cmocka_unit_test(the_window_agrees_with_a_list),
        cmocka_unit_test(letters_may_come_out_of_order),
        cmocka_unit_test(a_letter_behind_the_window_is_refused),
        cmocka_unit_test(a_session_ends_at_its_last_counter),
        cmocka_unit_test(a_counter_beyond_the_last_is_refused_though_true),
        cmocka_unit_test(clearing_wipes),
    };
    return cmocka_run_group_tests_name("session", tests, start_trust, NULL);
}
