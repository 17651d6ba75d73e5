/*
 * The server's key files and a device's identity. The input's first byte says which file the rest
 * is. What is promised: a refusal says why; an identity that is read is saved as a file that is
 * read as the same; a key file says the key that it says in base64, and opening it writes nothing.
 */
#include "fuzz.h"

#include "scratch.h"
#include "trust/identity.h"
#include "trust/keys.h"

#define KEY  "gridpost-key-1 x25519 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
#define SIGN "gridpost-key-1 ed25519 ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=\n"

static void try_identity(struct gp_span text)
{
    const char *path = scratch_put("identity", text), *reason = NULL;
    struct gp_identity identity, again;

    memset(&identity, 0xA5, sizeof identity);
    memset(&again, 0xA5, sizeof again);
    if (gp_identity_load(path, &identity, &reason) != 0) {
        PROMISE(reason != NULL && reason[0] != '\0');
        PROMISE(memcmp(&identity, &again, sizeof identity) == 0);
        return;
    }
    path = scratch_path("saved");
    PROMISE(gp_identity_save(path, &identity, &reason) == 0);
    PROMISE(gp_identity_load(path, &again, &reason) == 0);
    PROMISE(identity.device == again.device && strcmp(identity.address, again.address) == 0);
    PROMISE(memcmp(identity.server, again.server, GP_KEY_BYTES) == 0);
    PROMISE(memcmp(identity.sign, again.sign, GP_KEY_BYTES) == 0);
    PROMISE(memcmp(&identity.own, &again.own, sizeof identity.own) == 0);
}

static void try_keys(const char *name, struct gp_span text)
{
    const char *reason = NULL;
    struct gp_server_keys keys;
    char folder[SCRATCH_PATH_BYTES], secret[GP_KEY_TEXT];

    scratch_remove("keys");
    (void)scratch_put("keys/server.key", GP_SPAN(KEY));
    (void)scratch_put("keys/sign.key", GP_SPAN(SIGN));
    (void)scratch_put(name, text);
    (void)snprintf(folder, sizeof folder, "%s", scratch_path("keys"));
    if (gp_keys_open(folder, false, &keys, &reason) != 0) {
        PROMISE(reason != NULL && reason[0] != '\0');
        return;
    }
    PROMISE(keys.box_count >= 1 && keys.box_count <= GP_SERVER_KEYS_MAX);
    if (strcmp(name, "keys/server.key") == 0) {
        gp_key_format(keys.box[0].secret, secret);
        PROMISE(memmem(text.ptr, text.len, secret, sizeof secret - 1) != NULL);
    }
    gp_keys_clear(&keys);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_bytes input = {data, size};
    uint8_t which = fuzz_byte(&input) % 4;

    PROMISE(gp_trust_start() == 0);
    if (which == 0)
        try_identity(fuzz_rest(&input));
    else
        try_keys(which == 1   ? "keys/server.key"
                 : which == 2 ? "keys/server-old.key"
                              : "keys/sign.key",
                 fuzz_rest(&input));
    return 0;
}
