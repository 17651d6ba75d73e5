/*
 * bench_handshakes [SECONDS per figure, default 2]   what trust/ costs on one core
 *
 * Prints one line of key=value pairs: handshakes a second at the server (HELLO read, WELCOME
 * written), libsodium's bare four scalar multiplications that each of them needs beside its
 * ephemeral key, the ratio of both, requests of 300 bytes sealed and opened a second, and batches
 * of one receipt and of 64 receipts signed.
 */
#include "trust/handshake.h"
#include "trust/receipt.h"
#include "trust/session.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define TEXT_BYTES 300
#define RECEIPTS   64

static struct gp_server_keys keys;
static struct gp_keypair own;
static struct gp_channel device, server;
static unsigned char hello[GP_HELLO_BYTES];

static void check(bool good)
{
    if (!good) {
        fprintf(stderr, "bench_handshakes: a step failed\n");
        exit(1);
    }
}

static double now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* How often a second. */
static double rate(void (*once)(void), double seconds)
{
    double begin = now(), spent;
    unsigned long count = 0;

    do {
        for (int i = 0; i < 16; i++, count++)
            once();
        spent = now() - begin;
    } while (spent < seconds);
    return (double)count / spent;
}

static void answer(struct gp_noise *ret_noise, unsigned char ret_message[GP_WELCOME_BYTES])
{
    struct gp_welcome welcome = {.status = GP_WELCOME_OK};
    struct gp_envelope envelope;

    check(gp_envelope_read((struct gp_span){(char *)hello, sizeof hello}, &envelope) == 0);
    check(gp_hello_read(&keys, &envelope, ret_noise) == 0);
    check(gp_welcome_write(ret_noise, &welcome, ret_message) == 0);
}

static void handshake(void)
{
    unsigned char message[GP_WELCOME_BYTES];
    struct gp_noise noise;

    answer(&noise, message);
}

static void multiply(void)
{
    unsigned char shared[GP_KEY_BYTES];

    for (int i = 0; i < 4; i++)
        check(crypto_scalarmult(shared, keys.box[0].secret, own.public) == 0);
}

static void seal_and_open(void)
{
    static const char text[TEXT_BYTES];
    unsigned char message[TEXT_BYTES + GP_ENVELOPE_OVERHEAD], plain[TEXT_BYTES + GP_TAG_BYTES];
    struct gp_envelope envelope;
    struct gp_asked asked;
    size_t len;

    if (device.sent == GP_SESSION_MESSAGES) { /* goes on as a new session would */
        device.sent = 0;
        server.window = (struct gp_window){0};
    }
    check(gp_channel_seal_request(&device, (struct gp_span){text, TEXT_BYTES}, message, &asked) ==
          0);
    check(gp_envelope_read((struct gp_span){(char *)message, sizeof message}, &envelope) == 0);
    check(gp_channel_open_request(&server, &envelope, plain, &len) == 0);
}

static struct gp_leaf leaves[RECEIPTS];
static struct gp_proof proofs[RECEIPTS];

static void sign_one(void)
{
    gp_receipts_sign(leaves, 1, &keys, proofs);
}

static void sign_batch(void)
{
    gp_receipts_sign(leaves, RECEIPTS, &keys, proofs);
}

static void set_up(void)
{
    unsigned char message[GP_WELCOME_BYTES];
    struct gp_noise device_end, server_end;
    struct gp_welcome welcome;

    check(gp_trust_start() == 0);
    gp_keys_new(&keys);
    gp_keypair_new(&own);
    check(gp_hello_write(&own, keys.box[0].public, &device_end, hello) == 0);
    answer(&server_end, message);
    check(gp_welcome_read(&device_end, (struct gp_span){(char *)message, sizeof message},
                          &welcome) == 0);
    gp_channel_init(&device, &device_end, welcome.session);
    gp_channel_init(&server, &server_end, welcome.session);
}

int main(int argc, char **argv)
{
    double seconds = argc > 1 ? strtod(argv[1], NULL) : 2, handshakes, multiplications;

    set_up();
    handshakes = rate(handshake, seconds);
    multiplications = rate(multiply, seconds);
    printf("handshakes=%.0f four_multiplications=%.0f ratio=%.2f seal_open_300=%.0f "
           "receipts_of_1=%.0f receipts_of_64=%.0f\n",
           handshakes, multiplications, handshakes / multiplications, rate(seal_and_open, seconds),
           rate(sign_one, seconds), rate(sign_batch, seconds));
    return 0;
}
