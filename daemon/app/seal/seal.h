/**
 * Sealed messages: envelopes to jobs and answers to envelopes, handshakes and joins in the pool,
 * limits, denials, receipts, the server's keys. What files of app/seal/ share, and what the rest of
 * app/ calls. Everything is the loop's, but for what a handshake holds while it is in the pool.
 */
#ifndef GP_APP_SEAL_SEAL_H
#define GP_APP_SEAL_SEAL_H

#include "app/internal.h"
#include "app/seal/denials.h"
#include "app/seal/invites.h"
#include "app/seal/queue.h"
#include "app/seal/rate.h"
#include "app/seal/sessions.h"
#include "trust/receipt.h"

#define GP_BRIDGES_MAX    64 /* that ask at a time and are counted without a loss */
#define GP_HANDSHAKES_MAX 8  /* in the pool; others wait */
/* Answers to who is not known, in a second, all together. */
#define GP_AGAINS_PER_S      1000
#define GP_SEALED_ONLY_PER_S 100

/* What a join needs while its command is in a batch: both answers, and only one leaves. */
struct gp_join {
    unsigned char joined[GP_JOINED_BYTES], refused[GP_JOINED_BYTES];
    char label[GP_LABEL_BYTES + 1];
    uint32_t digits;
};

/* A handshake on its way through the pool, which has all of it until `done`. */
struct gp_handshake {
    struct gp_await await;
    uv_work_t work;
    struct gp_app *app;
    bool used;
    struct gp_letter letter;
    struct gp_envelope envelope; /* points into the letter */
    struct gp_server_keys keys;
    unsigned char psk[GP_PSK_BYTES]; /* JOIN: of the invitation, or random */
    bool invited;                    /* JOIN: there is one */
    int64_t now_ms;
    uint64_t revocations; /* when it began */
    /* out */
    int error; /* no answer is due */
    struct gp_arena arena;
    struct gp_device device; /* HELLO: of the key; JOIN: of the invitation. Points into the arena */
    struct gp_welcome welcome;
    struct gp_noise noise;
    unsigned char answer[GP_WELCOME_BYTES];
    struct gp_join join;
};

/* So many in a second. */
struct gp_allowance {
    uint64_t second;
    unsigned used;
};

struct gp_seal {
    struct gp_server_keys keys;
    struct gp_sessions *sessions;
    struct gp_rate *device_rate, *person_rate, *bridge_rate;
    struct gp_invites invites;
    struct gp_handshake handshake[GP_HANDSHAKES_MAX];
    unsigned in_pool;
    struct gp_queue waiting;
    uint64_t revocations; /* that came back from the store since start */
    struct gp_hint_key hint;
    struct gp_allowance agains, sealed_onlys;
    struct gp_denials denials;
    uint64_t handshakes, denied, limited, dropped;
    /* of one batch */
    struct gp_leaf leaf[GP_BATCH_ITEMS_MAX];
    struct gp_proof proof[GP_BATCH_ITEMS_MAX];
    uint32_t proofs, proofs_used;
    /* of one message */
    unsigned char plain[GP_MESSAGE_BYTES_MAX + GP_ENVELOPE_OVERHEAD + 256];
    unsigned char sealed[GP_REPLY_BYTES_MAX + GP_ENVELOPE_OVERHEAD];
};

/* ---- seal.c ---- */
/** Opens keys and tables; 0, or the exit code after what is wrong was logged. */
int gp_seal_open(struct gp_app *app);
void gp_seal_close(struct gp_app *app);
void gp_seal_tick(struct gp_app *app, int64_t now_ms);
/** A batch is on disk: revoked devices are locked out and key changes done, before any answer. */
void gp_seal_batch(struct gp_app *app, struct gp_batch_slot *slot);
/**
 * Says why the server's key files cannot be changed, before anything is journalled; NULL where
 * nothing is in the way. Lifetime: the job's arena, or static.
 */
const char *gp_seal_obstacle(struct gp_job *job);
bool gp_allowance_take(const struct gp_app *app, struct gp_allowance *allowance, unsigned most);

/* ---- sealed.c ---- */
/** Takes a message that begins like an envelope. */
void gp_sealed_letter(struct gp_app *app, struct gp_letter letter);
/** Answers an unsealed message where none are taken. */
void gp_sealed_only(struct gp_app *app, struct gp_letter letter);
/** Sends AGAIN for a session that is not known, GP_AGAINS_PER_S at the most. */
void gp_sealed_unknown(struct gp_app *app, struct gp_letter *letter,
                       const unsigned char session[GP_SESSION_ID_BYTES]);
/** Answers a sealed job along all its return paths; AGAIN where its session has ended. */
void gp_sealed_answer(struct gp_job *job, struct gp_span answer);
/** A job that ends lets go of its session. */
void gp_sealed_leave(struct gp_job *job);
/** A session ends: its jobs have none any more. */
void gp_sealed_orphan(void *context, struct gp_session *session);

/* ---- handshake.c ---- */
void gp_handshake_letter(struct gp_app *app, struct gp_letter letter);
/** Whether none is in the pool. */
bool gp_handshakes_idle(const struct gp_app *app);
/** Throws away those that wait. */
void gp_handshakes_drop(struct gp_app *app);

/* ---- join.c ---- */
/** Answers a JOIN by an invitation that is not known, or not any more. */
void gp_join_unknown(struct gp_app *app, struct gp_letter *letter);
/** In the pool: reads a JOIN and writes both answers. */
int gp_join_work(struct gp_handshake *handshake);
/** On the loop: hands the join's command to the batch; takes the letter. */
void gp_join_submit(struct gp_handshake *handshake);
/** The command came back: the one answer or the other leaves, and the job ends. */
void gp_join_answer(struct gp_job *job, const struct gp_answer *answer);
/** The invitation's text for the answer to an `invite`, empty where none can be made. */
struct gp_span gp_invitation_for(struct gp_job *job, const struct gp_answer *answer);

/* ---- limit.c ---- */
/** Whether the job's device and person may ask once more; false: the job was answered. */
bool gp_limit_allows(struct gp_job *job);
/** Whether its session may read once more at the same time, and counts it until the job ends;
 * false: the job was answered. */
bool gp_limit_allows_read(struct gp_job *job);

/* ---- denial.c ---- */
/** Counts a denial of a device and its person, and journals the first of a minute. `what` is what
 * was asked. */
void gp_denied(struct gp_app *app, uint64_t device, struct gp_span person, const char *what);

/* ---- proof.c ---- */
/** Signs the receipts of a batch. */
void gp_receipts_make(struct gp_app *app, const struct gp_batch_slot *slot);
/** The receipt of the next item that has one, in the order of the batch. */
void gp_receipt_take(struct gp_app *app, const struct gp_item *item,
                     struct gp_receipt *ret_receipt);

#endif
