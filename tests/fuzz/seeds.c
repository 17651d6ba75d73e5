/*
 * Writes the seeds that are made: one of each message with every field set (the samples of
 * tests/wire), scripts of damage, and pieces of a log. Those that are text are made by `seeds`, the
 * script, which runs this.
 */
#include "seeds.h"

#include "trust/handshake.h"
#include "trust/hint.h"
#include "trust/invitation.h"
#include "wire/sample.h"

#include <string.h>

static const char *corpus;

/* ---------------------------------------------------------------- writing */

void seed_bytes(const char *target, const char *name, struct gp_span head, struct gp_span rest)
{
    char path[512];

    (void)snprintf(path, sizeof path, "%s/%s/%s", corpus, target, name);
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        perror(path);
        exit(1);
    }
    (void)fwrite(head.ptr, 1, head.len, file);
    (void)fwrite(rest.ptr, 1, rest.len, file);
    PROMISE(fclose(file) == 0);
}

void seed_kind(const char *target, const char *name, char kind, struct gp_span rest)
{
    seed_bytes(target, name, (struct gp_span){&kind, 1}, rest);
}

/* ---------------------------------------------------------------- wire */

static struct gp_arena arena;

static void seed_requests(void)
{
    struct gp_span bytes;
    char name[32];

    for (int kind = GP_REQUEST_COMMAND; kind <= GP_REQUEST_SUMMARY; kind++) {
        (void)snprintf(name, sizeof name, "every-field-%02d", kind);
        PROMISE(gp_wire_request_pack(sample_request((enum gp_request_kind)kind), &arena, &bytes) ==
                0);
        seed_bytes("request", name, bytes, (struct gp_span){0});
    }
}

/* Good but for its length: a status with a field that nobody knows. */
static void seed_over_the_cap(void)
{
    static char padding[GP_MESSAGE_BYTES_MAX + 3] = {(char)0xFA, 0x3F, (char)0xFF, 0x7F};
    struct gp_span bytes;

    PROMISE(gp_wire_request_pack(sample_request(GP_REQUEST_STATUS), &arena, &bytes) == 0);
    seed_bytes("request", "over-the-cap", bytes, (struct gp_span){padding, sizeof padding});
}

static void seed_replies(void)
{
    struct gp_span bytes;
    char name[32];

    for (int kind = GP_REPLY_ANSWER; kind <= GP_REPLY_SUMMARY; kind++) {
        (void)snprintf(name, sizeof name, "every-field-%02d", kind);
        PROMISE(gp_wire_reply_pack(sample_reply((enum gp_reply_kind)kind), &arena, &bytes) == 0);
        seed_bytes("reply", name, bytes, (struct gp_span){0});
    }
}

static void seed_stored(void)
{
    struct gp_entry *entry = sample_entry();
    struct gp_span bytes;

    PROMISE(gp_wire_entry_pack(entry, &arena, &bytes) == 0);
    seed_bytes("entry", "every-field", bytes, (struct gp_span){0});
    PROMISE(gp_wire_incident_pack(sample_incident(), &arena, &bytes) == 0);
    seed_bytes("incident", "every-field", bytes, (struct gp_span){0});
    PROMISE(gp_wire_strike_pack(&entry->strike, &arena, &bytes) == 0);
    seed_kind("record", "strike", 0, bytes);
    PROMISE(gp_wire_leave_pack(&entry->leave, &arena, &bytes) == 0);
    seed_kind("record", "leave", 1, bytes);
    struct gp_tenure tenure = {.id = 7,
                               .post = GP_SPAN("A-001"),
                               .person = GP_SPAN("li"),
                               .from_ms = SAMPLE_MS,
                               .to_ms = SAMPLE_MS + 1};
    PROMISE(gp_wire_tenure_pack(&tenure, &arena, &bytes) == 0);
    seed_kind("record", "holding", 2, bytes);
    PROMISE(gp_wire_device_pack(&entry->device, &arena, &bytes) == 0);
    seed_kind("record", "device-every-field", 3, bytes);
}

/* ---------------------------------------------------------------- trust */

static void seed_envelopes(void)
{
    struct gp_envelope envelope = {.session = {1}, .counter = 5, .key_id = {2}, .device = 17};
    static const char *const names[] = {"",       "hello",   "welcome", "join",
                                        "joined", "request", "answer",  "again"};
    static const size_t bytes[] = {
        0,  GP_HELLO_BYTES, GP_WELCOME_BYTES, GP_JOIN_BYTES, GP_JOINED_BYTES, 60,
        60, GP_AGAIN_BYTES};
    unsigned char message[GP_HANDSHAKE_BYTES_MAX] = {0};

    for (int type = GP_ENVELOPE_HELLO; type <= GP_ENVELOPE_AGAIN; type++) {
        envelope.type = (enum gp_envelope_type)type;
        (void)gp_envelope_write_head(&envelope, message);
        seed_kind("envelope", names[type], 0, (struct gp_span){(char *)message, bytes[type]});
    }
    /* counters of both sides, length and text of the plain one, damage of request and answer */
    SEED("envelope", "session-honest", "\1\0\5\0\0\5hello\0\0");
    SEED("envelope", "session-flips", "\1\0\0\0\0\5hello\1\0\3\1\0\1\0\40\x80\0");
    SEED("envelope", "session-cut", "\1\7\0\0\3\10request!\2\0\31\0\0\2\0\33\0\0");
    SEED("envelope", "session-empty-plain", "\1\0\1\0\0\0\3\0\4\xff\0\4\0\2\x80\0");
    SEED("envelope", "session-counter", "\1\xff\xff\xff\xf0\5hello\5\0\22\0\0\0\0\0\0");
}

static void seed_handshakes(void)
{
    SEED("handshake", "hello-honest", "\0\0");
    SEED("handshake", "hello-flip", "\0\1\0\50\1\0");
    SEED("handshake", "hello-other-key", "\0\1\0\3\xff\0");
    SEED("handshake", "hello-low-order", "\0\5\0\6\0\0\0\0\5\0\12\0\0\0\0\0");
    SEED("handshake", "hello-cut", "\0\2\0\52\0\0");
    SEED("handshake", "welcome-flip", "\2\1\0\42\20\0");
    SEED("handshake", "welcome-foreign", "\6\xe1\2");
    SEED("handshake", "join-honest", "\1\0");
    SEED("handshake", "join-other-device", "\1\1\0\15\1\0");
    SEED("handshake", "join-flip", "\1\1\0\71\x80\0");
    SEED("handshake", "join-foreign", "\5\xe1\3");
    SEED("handshake", "joined-copied", "\3\4\0\60\x80\0");
}

static void seed_papers(void)
{
    struct gp_invitation invitation = {.device = 17, .expires_s = 1790757600};
    char text[GP_INVITATION_TEXT];

    memset(invitation.server, 1, sizeof invitation.server);
    memset(invitation.psk, 2, sizeof invitation.psk);
    memset(invitation.sign, 3, sizeof invitation.sign);
    gp_invitation_write(&invitation, text);
    seed_kind("invitation", "text", 0, gp_span_of(text));
    seed_kind("invitation", "text-cut", 0, (struct gp_span){text, 100});
    text[50] = text[50] == 'A' ? 'B' : 'A';
    seed_kind("invitation", "text-mistyped", 0, gp_span_of(text));
    SEED("invitation", "none", "\0https://example.org/");
    SEED("invitation", "hint-honest", "\1\0\0\0\1\0\0\0\0\0\0\0\7\0");
    SEED("invitation", "hint-head", "\1\0\0\0\1\0\0\0\0\0\0\0\7\1\0\27\1\0");
    SEED("invitation", "hint-longer", "\1\0\0\0\1\0\0\0\0\0\0\0\7\3\0\47\0\0");
    SEED("invitation", "written", "\2\0\0\0\0\0\0\0\21\0\0\0\0\152\274\6\0\5\3\0\12\40\3\0\1\12\0");
    /* leaves, which of them, damage; offsets are those of the struct */
    SEED("receipt", "honest", "\0\7\3\0");
    SEED("receipt", "alone", "\0\0\0\0");
    SEED("receipt", "seq", "\0\7\3\1\0\40\1\0");
    SEED("receipt", "index", "\0\7\3\1\0\60\1\0");
    SEED("receipt", "count", "\0\7\3\1\0\64\3\0");
    SEED("receipt", "path-longer", "\0\7\3\1\0\70\14\0");
    SEED("receipt", "path", "\0\7\3\1\0\71\1\0");
    SEED("receipt", "head-honest", "\1\0\0\0\0\0\0\0\7\0\0\0\0\0\0\0\1\0");
    SEED("receipt", "head-seq", "\1\0\0\0\0\0\0\0\7\0\0\0\0\0\0\0\1\1\0\0\1\0");
    SEED("receipt", "head-signature", "\1\0\0\0\0\0\0\0\7\0\0\0\0\0\0\0\1\1\0\121\1\0");
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        (void)fprintf(stderr, "usage: %s CORPUS CONFIG\n", argv[0]);
        return 64;
    }
    corpus = argv[1];
    PROMISE(gp_trust_start() == 0);
    gp_arena_init(&arena, (size_t)16 << 20);
    seed_requests();
    seed_over_the_cap();
    seed_replies();
    seed_stored();
    gp_arena_release(&arena);
    seed_envelopes();
    seed_handshakes();
    seed_papers();
    seed_store_rows();
    seed_stores();
    seed_log();
    seed_journals(argv[2]);
    return 0;
}
