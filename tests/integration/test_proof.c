/* What the daemon proves and with which keys: receipts, signed heads, hints, a change of its key.
 */
#include "lib/sealed.h"
#include "lib/world.h"
#include "trust/hint.h"
#include "trust/receipt.h"

#include <nanomsg/nn.h>
#include <nanomsg/pubsub.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static int set_up(void **state)
{
    static struct world world;

    assert_int_equal(gp_trust_start(), 0);
    daemon_prepare(&world.daemon);
    world_start(&world, NULL);
    *state = &world;
    return 0;
}

static struct gp_proof proof_of(const struct gp_receipt *receipt)
{
    struct gp_proof proof = {
        .index = receipt->index, .count = receipt->count, .path_len = receipt->path_len};

    memcpy(proof.path, receipt->path, sizeof proof.path);
    memcpy(proof.signature, receipt->signature, sizeof proof.signature);
    return proof;
}

/* By what the client knows: the bytes of its request, and the answer. */
static void assert_proven(const struct gp_reply *reply, struct gp_span request)
{
    const struct gp_receipt *receipt = &reply->answer.receipt;
    struct gp_proof proof = proof_of(receipt);
    struct gp_leaf leaf = {.seq = reply->answer.seq, .at_ms = reply->answer.at_ms};

    assert_true(receipt->present);
    gp_request_hash(request, leaf.request_hash);
    assert_memory_equal(receipt->request_hash, leaf.request_hash, GP_DIGEST_BYTES);
    assert_true(gp_receipt_verify(&leaf, &proof, receipt->key));
    leaf.at_ms++;
    assert_false(gp_receipt_verify(&leaf, &proof, receipt->key));
}

static struct gp_span packed(const struct gp_request *request, struct gp_arena *arena)
{
    struct gp_span bytes;

    assert_int_equal(gp_wire_request_pack(request, arena, &bytes), 0);
    return bytes;
}

/* ---------------------------------------------------------------- receipts */

static void sealed_report_has_a_receipt(void **state)
{
    struct world *world = *state;
    struct gp_request request = request_report();
    struct sealed li;

    sealed_enrol(&li, &world->client, world->daemon.edge, "li", GP_ROLE_OFFICER);
    struct gp_reply reply = sealed_ask(&li, &request);
    assert_proven(&reply, li.packed);
    assert_memory_equal(reply.answer.receipt.key, li.sign, GP_KEY_BYTES); /* of the invitation */
    reply = sealed_ask(&li, &request); /* a repeat is proven as the first was */
    assert_true(reply.answer.repeated);
    assert_proven(&reply, li.packed);
    sealed_close(&li);
}

static void receipts_of_a_batch_share_a_signature(void **state)
{
    enum { CROWD = 100 };
    struct world *world = *state;
    struct gp_request request[CROWD];
    struct gp_arena arena;
    struct crowd crowd;
    uint32_t number, most = 0;

    gp_arena_init(&arena, (size_t)64 << 20);
    crowd_open(&crowd, world->daemon.socket, CROWD);
    for (uint32_t i = 0; i < CROWD; i++) {
        request[i] = request_report();
        crowd_send(&crowd, i, &request[i]);
    }
    for (uint32_t i = 0; i < CROWD; i++) {
        struct gp_reply reply;
        assert_true(crowd_receive(&crowd, 20000, &arena, &number, &reply));
        assert_proven(&reply, packed(&request[number], &arena));
        if (reply.answer.receipt.count > most)
            most = reply.answer.receipt.count;
    }
    assert_true(most > 1);
    crowd_close(&crowd);
    gp_arena_release(&arena);
}

static void refusal_has_none(void **state)
{
    struct world *world = *state;
    struct gp_request request =
        request_command(GP_VERB_ACCEPT, client_report(&world->client), "xu");
    struct gp_reply reply = client_ask(&world->client, &request);

    assert_int_equal(reply.status, GP_STATUS_REFUSED);
    assert_false(reply.answer.receipt.present);
}

/* ---------------------------------------------------------------- the head */

static void signed_head_is_the_chains(void **state)
{
    struct world *world = *state;
    struct gp_request request = {.kind = GP_REQUEST_HEAD};

    (void)client_report(&world->client);
    struct gp_reply reply = client_ask(&world->client, &request);
    assert_int_equal(reply.kind, GP_REPLY_HEAD);
    struct gp_head head = {.seq = reply.head.seq, .at_ms = reply.head.at_ms};
    memcpy(head.hash, reply.head.hash, sizeof head.hash);
    assert_true(gp_head_verify(&head, reply.head.signature, reply.head.key));
    request = (struct gp_request){.kind = GP_REQUEST_VERIFY, .verify = {.upto = head.seq}};
    reply = client_ask(&world->client, &request);
    assert_int_equal(reply.kind, GP_REPLY_VERIFIED);
    assert_int_equal(reply.verified.bad, 0);
    assert_int_equal(reply.verified.upto, head.seq);
    assert_memory_equal(reply.verified.hash, head.hash, sizeof head.hash);
    head.seq++;
    assert_false(gp_head_verify(&head, (unsigned char[GP_SIGNATURE_BYTES]){0}, head.hash));
}

/* ---------------------------------------------------------------- hints */

static struct gp_hint_key hint_key(struct world *world)
{
    struct gp_request request = request_feed(0, 0);

    request.feed.hint = true;
    struct gp_reply reply = client_ask(&world->client, &request);
    assert_true(reply.feed.hint.present);
    return reply.feed.hint;
}

static int subscribe(const char *address)
{
    int wait_ms = 20000, socket = nn_socket(AF_SP, NN_SUB);

    assert_true(socket >= 0);
    assert_int_equal(nn_setsockopt(socket, NN_SUB, NN_SUB_SUBSCRIBE, "gph1", 4), 0);
    assert_int_equal(nn_setsockopt(socket, NN_SOL_SOCKET, NN_RCVTIMEO, &wait_ms, sizeof wait_ms),
                     0);
    assert_true(nn_connect(socket, address) >= 0);
    return socket;
}

static struct gp_hint_body next_hint(int socket, const struct gp_hint_key *key)
{
    unsigned char message[64];
    struct gp_hint_body body;
    int len = nn_recv(socket, message, sizeof message, 0);

    assert_int_equal(len, GP_HINT_BYTES);
    assert_int_equal(gp_hint_check((struct gp_span){(char *)message, (size_t)len}, key->key, &body),
                     0);
    return body;
}

static void hints_key_turns_with_a_revocation(void **state)
{
    struct world *world = *state;
    struct gp_hint_key before = hint_key(world), after;
    int socket = subscribe(world->daemon.hint);
    struct sealed li;

    struct gp_hint_body body = next_hint(socket, &before); /* the heartbeat, at the latest */
    assert_memory_equal(body.feed, before.feed, sizeof body.feed);
    assert_int_equal(body.epoch, before.epoch);
    sealed_enrol(&li, &world->client, world->daemon.edge, "li", GP_ROLE_OFFICER);
    sealed_revoke(&world->client, li.device);
    after = hint_key(world);
    assert_int_equal(after.epoch, before.epoch + 1);
    assert_memory_not_equal(after.feed, before.feed, sizeof after.feed);
    assert_memory_not_equal(after.key, before.key, sizeof after.key);
    for (;;) {
        unsigned char message[64];
        int len = nn_recv(socket, message, sizeof message, 0);
        assert_int_equal(len, GP_HINT_BYTES);
        if (memcmp(message + 4, after.feed, sizeof after.feed) == 0)
            break; /* those before were on their way */
    }
    body = next_hint(socket, &after);
    assert_int_equal(body.epoch, after.epoch);
    assert_in_range(body.head, 1, client_status(&world->client).head);
    sealed_close(&li);
    assert_int_equal(nn_close(socket), 0);
}

static void hint_key_comes_only_when_asked_for(void **state)
{
    struct world *world = *state;
    struct gp_request request = request_feed(0, 0);

    assert_false(client_ask(&world->client, &request).feed.hint.present);
}

/* ---------------------------------------------------------------- the server's keys */

static void rotate(struct world *world, uint8_t result)
{
    struct gp_request request = request_command(GP_VERB_ROTATE, 0, "feng");

    request.command.result = result;
    assert_int_equal(client_ask(&world->client, &request).status, GP_STATUS_OK);
}

static void assert_dropped(struct sealed *device)
{
    unsigned char hello[GP_HELLO_BYTES];
    struct gp_noise noise;
    int len;

    assert_int_equal(gp_hello_write(&device->own, device->server, &noise, hello), 0);
    sealed_send_bytes(device, hello, sizeof hello);
    assert_null(sealed_receive_bytes(device, 300, &len));
}

static void two_keys_are_alive_during_a_change(void **state)
{
    struct world *world = *state;
    unsigned char old[GP_KEY_BYTES], fresh[GP_KEY_BYTES];
    struct sealed li;

    sealed_enrol(&li, &world->client, world->daemon.edge, "li", GP_ROLE_OFFICER);
    memcpy(old, li.server, sizeof old);
    rotate(world, GP_RESULT_YES);
    assert_int_equal(sealed_hello(&li), GP_WELCOME_OK); /* by the old key, and told of the new */
    memcpy(fresh, li.welcome.server_key, sizeof fresh);
    assert_memory_not_equal(fresh, old, sizeof old);
    memcpy(li.server, fresh, sizeof fresh);
    assert_int_equal(sealed_hello(&li), GP_WELCOME_OK);
    rotate(world, GP_RESULT_NO);
    assert_int_equal(sealed_hello(&li), GP_WELCOME_OK);
    memcpy(li.server, old, sizeof old);
    assert_dropped(&li);
    world_stop(world);
    world_start(world, NULL); /* and it stays so */
    sealed_reconnect(&li, world->daemon.edge);
    assert_dropped(&li);
    memcpy(li.server, fresh, sizeof fresh);
    assert_int_equal(sealed_hello(&li), GP_WELCOME_OK);
    sealed_close(&li);
}

/* A refusal that says why, and nothing of it in the journal. */
static void assert_not_rotated(struct world *world, const char *why)
{
    struct gp_request request = request_command(GP_VERB_ROTATE, 0, "feng");
    struct gp_request feed = request_feed(0, 0);
    struct gp_reply reply;

    for (uint8_t result = GP_RESULT_YES; result <= GP_RESULT_NO; result++) {
        request.command.result = result;
        request.command.id[0]++;
        reply = client_ask(&world->client, &request);
        assert_int_equal(reply.status, GP_STATUS_REFUSED);
        assert_int_equal(reply.reason, GP_REASON_STATE);
        assert_non_null(memmem(reply.detail.ptr, reply.detail.len, why, strlen(why)));
    }
    reply = client_ask(&world->client, &feed);
    for (uint32_t i = 0; i < reply.feed.count; i++)
        assert_int_not_equal(reply.feed.item[i]->what, GP_WHAT_DEVICE);
}

static void move(const char *from_folder, const char *from, const char *to_folder, const char *to)
{
    char a[DAEMON_PATH_BYTES + 64], b[DAEMON_PATH_BYTES + 64];

    (void)snprintf(a, sizeof a, "%s/%s", from_folder, from);
    (void)snprintf(b, sizeof b, "%s/%s", to_folder, to);
    assert_int_equal(rename(a, b), 0);
}

static void credentials_are_changed_where_they_are_kept(void **state)
{
    struct world *world = *state;
    char credentials[] = "/tmp/gridpost-credentials-XXXXXX";

    assert_non_null(mkdtemp(credentials));
    world_stop(world);
    move(world->daemon.keys, "server.key", credentials, "gridpost-server.key");
    assert_int_equal(setenv("CREDENTIALS_DIRECTORY", credentials, 1), 0);
    world_start(world, NULL);
    assert_not_rotated(world, "credential of the service");
    world_stop(world);
    assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
    move(credentials, "gridpost-server.key", world->daemon.keys, "server.key");
    assert_int_equal(rmdir(credentials), 0);
    world_start(world, NULL);
    rotate(world, GP_RESULT_YES);
}

static void keys_that_are_out_of_reach_are_not_changed(void **state)
{
    struct world *world = *state;

    move(world->daemon.keys, "server.key", world->daemon.keys, "away");
    assert_not_rotated(world, "server.key");
    move(world->daemon.keys, "away", world->daemon.keys, "server.key");
    rotate(world, GP_RESULT_YES);
}

static void keys_are_for_the_daemon_alone(void **state)
{
    struct world *world = *state;
    char path[DAEMON_PATH_BYTES + 16];
    struct stat stat_key;

    assert_int_equal(stat(world->daemon.keys, &stat_key), 0);
    assert_int_equal(stat_key.st_mode & 07777, 0700);
    (void)snprintf(path, sizeof path, "%s/server.key", world->daemon.keys);
    assert_int_equal(stat(path, &stat_key), 0);
    assert_int_equal(stat_key.st_mode & 07777, 0600);
    world_stop(world);
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(daemon_run(&world->daemon, NULL), EX_CONFIG);
    daemon_assert_log(&world->daemon, "server.key");
    assert_int_equal(chmod(path, 0600), 0);
    world_start(world, NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, world_end)
    const struct CMUnitTest tests[] = {
        TEST(sealed_report_has_a_receipt),
        TEST(receipts_of_a_batch_share_a_signature),
        TEST(refusal_has_none),
        TEST(signed_head_is_the_chains),
        TEST(hints_key_turns_with_a_revocation),
        TEST(hint_key_comes_only_when_asked_for),
        TEST(two_keys_are_alive_during_a_change),
        TEST(credentials_are_changed_where_they_are_kept),
        TEST(keys_that_are_out_of_reach_are_not_changed),
        TEST(keys_are_for_the_daemon_alone),
    };

    return cmocka_run_group_tests_name("proof", tests, NULL, NULL);
}
