#include "tools/fake.h"

#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

atomic_uint fake_fence;

/* cmocka's assertions jump back into the test, which only the test's own thread may do. */
static void must(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "fake daemon: %s\n", what);
    abort();
}

struct fake {
    int socket;
    fake_answer *answer;
    void *context;
    struct sealed *sealed; /* NULL: messages come as they are */
    pthread_t thread;
    pthread_mutex_t lock; /* over request and count */
    pthread_cond_t grown;
    struct gp_span request[FAKE_REQUESTS_MAX];
    unsigned count;
};

static void keep(struct fake *fake, const void *bytes, size_t len)
{
    void *copy = malloc(len);

    must(copy != NULL, "out of memory");
    memcpy(copy, bytes, len);
    pthread_mutex_lock(&fake->lock);
    must(fake->count < FAKE_REQUESTS_MAX, "more requests than a test should make");
    fake->request[fake->count++] = (struct gp_span){copy, len};
    pthread_cond_broadcast(&fake->grown);
    pthread_mutex_unlock(&fake->lock);
}

static void answer(struct fake *fake, struct gp_span message, unsigned nth)
{
    struct gp_arena arena;
    struct gp_request request;
    struct gp_reply reply = {0};
    const char *field = "";
    struct gp_span bytes;

    (void)atomic_load(&fake_fence);
    gp_arena_init(&arena, GP_REPLY_UNPACK_BYTES_MAX);
    must(gp_wire_request_unpack(message, &arena, &request, &field) == 0, field);
    if (fake->answer(fake->context, &request, nth, &reply)) {
        must(gp_wire_reply_pack(&reply, &arena, &bytes) == 0, "the test's reply does not pack");
        if (fake->sealed != NULL)
            bytes = sealed_reply(fake->sealed, bytes);
        atomic_fetch_add(&fake_fence, 1);
        (void)nn_send(fake->socket, bytes.ptr, bytes.len, 0); /* the client may have gone */
    }
    gp_arena_release(&arena);
}

/* Whether a letter is, or has in it, a request: what is none is answered here. */
static bool open_letter(struct fake *fake, struct gp_span *letter)
{
    struct gp_span inside;

    if (fake->sealed == NULL)
        return true;
    (void)atomic_load(&fake_fence);
    if (sealed_take(fake->sealed, *letter, &inside) == SEALED_REQUEST) {
        *letter = inside;
        return true;
    }
    atomic_fetch_add(&fake_fence, 1);
    if (inside.len > 0)
        (void)nn_send(fake->socket, inside.ptr, inside.len, 0); /* the client may have gone */
    return false;
}

static void *serve(void *context)
{
    struct fake *fake = context;
    void *bytes;

    for (unsigned nth = 0;;) {
        int len = nn_recv(fake->socket, &bytes, NN_MSG, 0);
        if (len < 0)
            return NULL; /* closed by fake_stop */
        struct gp_span letter = {bytes, (size_t)len};
        if (open_letter(fake, &letter)) {
            keep(fake, letter.ptr, letter.len);
            answer(fake, letter, nth++);
        }
        nn_freemsg(bytes);
    }
}

struct fake *fake_start(const char *address, fake_answer *answer_with, void *context)
{
    return fake_start_sealed(address, answer_with, context, NULL);
}

struct fake *fake_start_sealed(const char *address, fake_answer *answer_with, void *context,
                               struct sealed *sealed)
{
    struct fake *fake = calloc(1, sizeof *fake);

    must(fake != NULL, "out of memory");
    fake->answer = answer_with;
    fake->context = context;
    fake->sealed = sealed;
    pthread_mutex_init(&fake->lock, NULL);
    pthread_cond_init(&fake->grown, NULL);
    fake->socket = nn_socket(AF_SP, NN_REP);
    must(fake->socket >= 0 && nn_bind(fake->socket, address) >= 0, "cannot bind");
    must(pthread_create(&fake->thread, NULL, serve, fake) == 0, "no thread");
    return fake;
}

void fake_wait(struct fake *fake, unsigned count)
{
    pthread_mutex_lock(&fake->lock);
    while (fake->count < count)
        pthread_cond_wait(&fake->grown, &fake->lock);
    pthread_mutex_unlock(&fake->lock);
}

unsigned fake_count(struct fake *fake)
{
    pthread_mutex_lock(&fake->lock);
    unsigned count = fake->count;
    pthread_mutex_unlock(&fake->lock);
    return count;
}

struct gp_span fake_request(struct fake *fake, unsigned nth)
{
    pthread_mutex_lock(&fake->lock);
    must(nth < fake->count, "no such request");
    struct gp_span request = fake->request[nth];
    pthread_mutex_unlock(&fake->lock);
    return request;
}

void fake_stop(struct fake *fake)
{
    must(nn_close(fake->socket) == 0, "close");
    must(pthread_join(fake->thread, NULL) == 0, "join");
    for (unsigned i = 0; i < fake->count; i++)
        free((void *)(uintptr_t)fake->request[i].ptr);
    pthread_cond_destroy(&fake->grown);
    pthread_mutex_destroy(&fake->lock);
    free(fake);
}
