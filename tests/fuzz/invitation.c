/*
 * Invitations and hints. An even first byte: the rest is the text of an invitation, perhaps with a
 * check sum that the target makes right. What is promised: what is read is written as a text that
 * is read as the same, and that differs by case and blanks only.
 *
 * An odd one: a hint, damaged as the rest says. What is promised: only the one that was written is
 * taken.
 */
#include "fuzz.h"

#include "trust/hint.h"
#include "trust/invitation.h"

#include <ctype.h>

/* Without blanks, in upper case; longer than any that is read is cut. */
static size_t plain(struct gp_span text, char to[GP_INVITATION_TEXT])
{
    size_t len = 0;

    for (size_t i = 0; i < text.len && len < GP_INVITATION_TEXT; i++) {
        if (strchr(" \t\r\n", text.ptr[i]) == NULL)
            to[len++] = (char)toupper((unsigned char)text.ptr[i]);
    }
    return len;
}

static void try_invitation(struct gp_span text)
{
    char written[GP_INVITATION_TEXT], said[GP_INVITATION_TEXT];
    struct gp_invitation invitation, again;
    int rc = gp_invitation_read(text, &invitation);

    PROMISE(rc == 0 || rc == GP_EINVAL || rc == GP_EVERSION || rc == GP_EFORMAT);
    if (rc != 0)
        return;
    gp_invitation_write(&invitation, written);
    PROMISE(gp_invitation_read(gp_span_of(written), &again) == 0);
    PROMISE(again.device == invitation.device && again.expires_s == invitation.expires_s);
    PROMISE(memcmp(again.psk, invitation.psk, GP_KEY_BYTES) == 0);
    PROMISE(plain(text, said) == strlen(written));
    PROMISE(memcmp(said, written, strlen(written)) == 0);
    (void)gp_invitation_over(&invitation, INT64_MAX);
    (void)gp_invitation_over(&invitation, INT64_MIN);
}

/* An invitation with the input's number, time and keys, and its text damaged: the check sum would
 * keep nearly everything that is mistyped from being looked at. */
static void try_written(struct fuzz_bytes *input)
{
    struct gp_invitation invitation = {.device = fuzz_number(input, 8)};
    char text[2 * GP_INVITATION_TEXT];
    size_t len;

    invitation.expires_s = (int64_t)fuzz_number(input, 8);
    memset(invitation.psk, fuzz_byte(input), GP_KEY_BYTES);
    gp_invitation_write(&invitation, text);
    len = strlen(text);
    try_invitation((struct gp_span){text, len});
    fuzz_damage(input, (unsigned char *)text, &len, sizeof text);
    try_invitation((struct gp_span){text, len});
}

static void try_hint(struct fuzz_bytes *input)
{
    static const unsigned char key[GP_KEY_BYTES] = {9};
    unsigned char honest[GP_HINT_BYTES], bytes[2 * GP_HINT_BYTES];
    struct gp_hint_body body = {.epoch = (uint32_t)fuzz_number(input, 4)}, read;
    size_t len = sizeof honest;

    body.head = fuzz_number(input, 8);
    gp_hint_write(&body, key, honest);
    PROMISE(gp_hint_check((struct gp_span){(char *)honest, len}, key, &read) == 0);
    PROMISE(read.epoch == body.epoch && read.head == body.head);
    memcpy(bytes, honest, len);
    fuzz_damage(input, bytes, &len, sizeof bytes);
    bool same = len == sizeof honest && memcmp(bytes, honest, len) == 0;
    PROMISE((gp_hint_check((struct gp_span){(char *)bytes, len}, key, &read) == 0) == same);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_bytes input = {data, size};
    uint8_t which = fuzz_byte(&input) % 3;

    PROMISE(gp_trust_start() == 0);
    if (which == 0)
        try_invitation(fuzz_rest(&input));
    else if (which == 1)
        try_hint(&input);
    else
        try_written(&input);
    return 0;
}
