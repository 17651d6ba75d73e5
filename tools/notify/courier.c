#include "notify/courier.h"

#include "notify/address.h"

#include <curl/curl.h>
#include <stdlib.h>

struct transfer {
    struct transfer *next, **before;
    CURL *easy;
    struct curl_slist *headers, *to;
    struct gp_outgoing outgoing;
    size_t given; /* bytes of the mail */
    struct gp_answer answer;
    void *tag;
};

struct gp_courier {
    CURLM *multi;
    struct transfer *first;
    size_t count;
};

int gp_courier_open(struct gp_courier **ret_courier)
{
    struct gp_courier *courier = calloc(1, sizeof *courier);

    if (courier == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != 0) {
        free(courier);
        return GP_ENOMEM;
    }
    courier->multi = curl_multi_init();
    if (courier->multi == NULL) {
        curl_global_cleanup();
        free(courier);
        return GP_ENOMEM;
    }
    *ret_courier = courier;
    return 0;
}

/* ---------------------------------------------------------------- one transfer */

static void free_transfer(struct transfer *transfer)
{
    if (transfer->easy != NULL)
        curl_easy_cleanup(transfer->easy);
    curl_slist_free_all(transfer->headers);
    curl_slist_free_all(transfer->to);
    gp_outgoing_release(&transfer->outgoing);
    free(transfer);
}

static void unlink_transfer(struct gp_courier *courier, struct transfer *transfer)
{
    *transfer->before = transfer->next;
    if (transfer->next != NULL)
        transfer->next->before = transfer->before;
    courier->count--;
    (void)curl_multi_remove_handle(courier->multi, transfer->easy);
}

bool gp_courier_abort(struct gp_courier *courier, void **ret_tag)
{
    struct transfer *transfer = courier->first;

    if (transfer == NULL)
        return false;
    *ret_tag = transfer->tag;
    unlink_transfer(courier, transfer);
    free_transfer(transfer);
    return true;
}

void gp_courier_close(struct gp_courier *courier)
{
    void *tag;

    if (courier == NULL)
        return;
    while (gp_courier_abort(courier, &tag))
        continue;
    (void)curl_multi_cleanup(courier->multi);
    curl_global_cleanup();
    free(courier);
}

/* What is beyond the bound is read and dropped: whoever answers at length gets no memory for it. */
static size_t on_answer(char *bytes, size_t size, size_t count, void *context)
{
    struct gp_answer *answer = &((struct transfer *)context)->answer;
    size_t len = size * count, room = GP_ANSWER_BYTES - answer->body_len;
    size_t take = len < room ? len : room;

    memcpy(answer->body + answer->body_len, bytes, take);
    answer->body_len += take;
    answer->body[answer->body_len] = '\0';
    return len;
}

static size_t on_mail(char *to, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    const struct gp_buffer *body = &transfer->outgoing.body;
    size_t room = size * count, left = body->len - transfer->given;
    size_t take = left < room ? left : room;

    memcpy(to, body->ptr + transfer->given, take);
    transfer->given += take;
    return take;
}

static bool add_line(struct curl_slist **list, const char *line)
{
    struct curl_slist *longer = curl_slist_append(*list, line);

    if (longer != NULL)
        *list = longer;
    return longer != NULL;
}

/* An option that libcurl refuses is memory, or an address that it does not take. */
#define SET(option, value) ok = ok && curl_easy_setopt(easy, option, value) == CURLE_OK

static bool set_http(struct transfer *transfer)
{
    CURL *easy = transfer->easy;
    bool ok = true;

    for (size_t i = 0; ok && i < transfer->outgoing.header_count; i++)
        ok = add_line(&transfer->headers, transfer->outgoing.header[i].ptr);
    /* libcurl asks before it sends more than 1 MiB; some servers never answer that */
    ok = ok && add_line(&transfer->headers, "Expect:");
    SET(CURLOPT_PROTOCOLS_STR, "https,http");
    SET(CURLOPT_HTTPHEADER, transfer->headers);
    SET(CURLOPT_POSTFIELDS, transfer->outgoing.body.ptr);
    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)transfer->outgoing.body.len);
    return ok;
}

static bool set_mail(struct transfer *transfer)
{
    const struct gp_outgoing *outgoing = &transfer->outgoing;
    struct gp_span url = {outgoing->url.ptr, outgoing->url.len};
    CURL *easy = transfer->easy;
    bool ok = add_line(&transfer->to, outgoing->to);
    /* To a server on this machine nothing is lost on the way, so there STARTTLS may be lacking. */
    long tls = gp_address_is_here(url) ? CURLUSESSL_TRY : CURLUSESSL_ALL;

    SET(CURLOPT_PROTOCOLS_STR, "smtps,smtp");
    SET(CURLOPT_USE_SSL, tls);
    SET(CURLOPT_MAIL_FROM, outgoing->from);
    SET(CURLOPT_MAIL_RCPT, transfer->to);
    SET(CURLOPT_UPLOAD, 1L);
    SET(CURLOPT_READFUNCTION, on_mail);
    SET(CURLOPT_READDATA, transfer);
    SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)outgoing->body.len);
    if (outgoing->user != NULL) {
        SET(CURLOPT_USERNAME, outgoing->user);
        SET(CURLOPT_PASSWORD, outgoing->password);
    }
    return ok;
}

static bool set_common(struct transfer *transfer, int64_t timeout_ms)
{
    const struct gp_outgoing *outgoing = &transfer->outgoing;
    CURL *easy = transfer->easy;
    bool ok = true;

    SET(CURLOPT_URL, outgoing->url.ptr);
    SET(CURLOPT_PRIVATE, transfer);
    SET(CURLOPT_WRITEFUNCTION, on_answer);
    SET(CURLOPT_WRITEDATA, transfer);
    SET(CURLOPT_TIMEOUT_MS, (long)timeout_ms);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_PROXY, outgoing->proxy);
    SET(CURLOPT_NOPROXY, "");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_USERAGENT, "gridpost-notify/" GP_VERSION);
    if (outgoing->ca_file[0] != '\0')
        SET(CURLOPT_CAINFO, outgoing->ca_file);
    return ok;
}

int gp_courier_start(struct gp_courier *courier, struct gp_outgoing *outgoing, int64_t timeout_ms,
                     void *tag)
{
    struct transfer *transfer = calloc(1, sizeof *transfer);

    if (transfer == NULL) {
        gp_outgoing_release(outgoing);
        return GP_ENOMEM;
    }
    transfer->outgoing = *outgoing;
    *outgoing = (struct gp_outgoing){0};
    transfer->tag = tag;
    transfer->easy = curl_easy_init();
    if (transfer->easy == NULL || !set_common(transfer, timeout_ms) ||
        !(transfer->outgoing.mail ? set_mail(transfer) : set_http(transfer)) ||
        curl_multi_add_handle(courier->multi, transfer->easy) != CURLM_OK) {
        free_transfer(transfer);
        return GP_EINVAL;
    }
    transfer->next = courier->first;
    transfer->before = &courier->first;
    if (courier->first != NULL)
        courier->first->before = &transfer->next;
    courier->first = transfer;
    courier->count++;
    return 0;
}

size_t gp_courier_count(const struct gp_courier *courier)
{
    return courier->count;
}

/* ---------------------------------------------------------------- all of them */

void gp_courier_wait(struct gp_courier *courier, int timeout_ms)
{
    int running;

    (void)curl_multi_perform(courier->multi, &running); /* what fails is a transfer's own end */
    if (running == (int)courier->count) /* else one is over, and nobody should wait */
        (void)curl_multi_poll(courier->multi, NULL, 0, timeout_ms, NULL);
    (void)curl_multi_perform(courier->multi, &running);
}

void gp_courier_wake(struct gp_courier *courier)
{
    (void)curl_multi_wakeup(courier->multi); /* it can only fail when a wake-up stands already */
}

static enum gp_ending ending_of(CURLcode code, long status)
{
    switch (code) {
    case CURLE_OK:
        return GP_ENDING_ANSWERED;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
        return GP_ENDING_UNREACHED;
    case CURLE_OPERATION_TIMEDOUT:
        return GP_ENDING_TIMED_OUT;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_USE_SSL_FAILED:
        return GP_ENDING_TLS;
    case CURLE_LOGIN_DENIED:
        return GP_ENDING_DENIED;
    case CURLE_SEND_ERROR: /* of mail: a reply that says no is an answer, too */
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_RECV_ERROR:
    default:
        return status >= 400 && status < 600 ? GP_ENDING_ANSWERED : GP_ENDING_BROKEN;
    }
}

static void read_end(struct transfer *transfer, CURLcode code)
{
    struct gp_answer *answer = &transfer->answer;
    curl_off_t after = 0;

    (void)curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &answer->status);
    (void)curl_easy_getinfo(transfer->easy, CURLINFO_RETRY_AFTER, &after);
    if (after > 0)
        answer->after_ms =
            after < GP_RETRY_AFTER_MS / 1000 ? (int64_t)after * 1000 : GP_RETRY_AFTER_MS;
    /* HTTP without a whole answer is none, whatever its first line said */
    answer->ending = ending_of(code, transfer->outgoing.mail ? answer->status : 0);
}

bool gp_courier_next(struct gp_courier *courier, struct gp_answer *ret_answer, void **ret_tag)
{
    struct transfer *transfer;
    const CURLMsg *message;
    int left;

    do {
        message = curl_multi_info_read(courier->multi, &left);
    } while (message != NULL && message->msg != CURLMSG_DONE);
    if (message == NULL)
        return false;
    CURLcode code = message->data.result;
    (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    read_end(transfer, code);
    *ret_answer = transfer->answer;
    *ret_tag = transfer->tag;
    unlink_transfer(courier, transfer);
    free_transfer(transfer);
    return true;
}
