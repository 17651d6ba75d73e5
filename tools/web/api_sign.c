/* Signing in and out. Passwords are compared in libuv's pool, one on each of its four threads: each
 * takes 64 MiB. */
#include "web/api.h"

#include "core/permit.h"
#include "core/post.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define HASHING_MAX 8 /* waiting ones included; one more is asked to come again */

struct trial {
    uv_work_t work;
    struct gp_web *web;
    struct gp_exchange *exchange; /* NULL: the browser has left */
    char user[GP_SIGN_ID_BYTES], peer[64], password[GP_PASSWORD_MAX + 1], totp[8];
    struct gp_secret secret;
    bool known, fits;
};

/* ---------------------------------------------------------------- who is there */

static json_t *codes_of_posts(const struct gp_org *org, uint32_t person, int64_t now_ms,
                              json_t *areas, json_t *departments)
{
    json_t *posts = json_array();

    for (uint32_t i = 0; i < org->post_count; i++) {
        const struct gp_post *post = &org->posts[i];
        if (!gp_person_listed(org, person, i, now_ms))
            continue;
        json_array_append_new(posts, json_stringn(post->id.ptr, post->id.len));
        for (uint32_t k = 0; k < post->area_count; k++) {
            struct gp_span code = org->areas[post->areas[k]].code;
            json_array_append_new(areas, json_stringn(code.ptr, code.len));
        }
        if (post->department != GP_NONE) {
            struct gp_span code = org->departments[post->department].code;
            json_array_append_new(departments, json_stringn(code.ptr, code.len));
        }
    }
    return posts;
}

/* The rights of the role, whatever their scope. */
static json_t *actions_of(const struct gp_speaker *speaker)
{
    json_t *actions = json_array();

    for (int action = 1; action < GP_ACTIONS_END; action++) {
        if (gp_action_parse(gp_span_of(gp_action_name(action))) == action &&
            gp_has_right(speaker, action))
            json_array_append_new(actions, json_string(gp_action_name(action)));
    }
    return actions;
}

static int by_length(const void *a, const void *b)
{
    const char *const *left = a, *const *right = b;
    size_t left_len = strlen(*left), right_len = strlen(*right);

    if (left_len != right_len)
        return left_len < right_len ? -1 : 1;
    return strcmp(*left, *right);
}

/* The widest first, each once. */
static json_t *sorted(json_t *codes)
{
    size_t count = json_array_size(codes);
    const char **text = calloc(count + 1, sizeof *text);
    json_t *result = json_array();

    for (size_t i = 0; text != NULL && i < count; i++)
        text[i] = json_string_value(json_array_get(codes, i));
    if (text != NULL)
        qsort(text, count, sizeof *text, by_length);
    for (size_t i = 0; text != NULL && i < count; i++) {
        if (i == 0 || strcmp(text[i], text[i - 1]) != 0)
            json_array_append_new(result, json_string(text[i]));
    }
    free(text);
    json_decref(codes);
    return result;
}

static json_t *home(const char *area, const char *department, const char *person)
{
    return json_pack("{s:s?, s:s?, s:s?}", "area", area, "department", department, "person",
                     person);
}

/* The filters with which a page opens: the first department, else the widest area, where the daemon
 * lets such a question pass; else what is the person's own. */
static json_t *home_of(const struct gp_speaker *speaker, const char *person, const json_t *areas,
                       const json_t *departments)
{
    const char *department = json_string_value(json_array_get(departments, 0));
    const char *area = json_string_value(json_array_get(areas, 0));
    struct gp_query query = {0};

    if (department != NULL) {
        query.department = gp_span_of(department);
        if (gp_permit_query(speaker, &query))
            return home(NULL, department, NULL);
    }
    query = (struct gp_query){0};
    if (area != NULL && gp_area_parse(gp_span_of(area), &query.area) == 0 &&
        gp_permit_query(speaker, &query))
        return home(area, NULL, NULL);
    query = (struct gp_query){0};
    return home(NULL, NULL, gp_permit_query(speaker, &query) ? NULL : person);
}

static json_t *assess(const char *area, enum gp_assess_by by, const char *unit)
{
    return json_pack("{s:s?, s:s?, s:s?}", "area", area, "by",
                     by != GP_BY_NONE ? gp_assess_by_name(by) : NULL, "unit", unit);
}

static bool may_assess_unit(const struct gp_speaker *speaker, enum gp_assess_by by,
                            const char *unit)
{
    const struct gp_assess_ask ask = {.by = (uint8_t)by, .unit = gp_span_of(unit)};

    return unit != NULL && gp_permit_assess(speaker, &ask);
}

static const char *area_to_assess(const struct gp_speaker *speaker, const json_t *areas)
{
    const json_t *area;
    size_t i;

    json_array_foreach(areas, i, area)
    {
        struct gp_assess_ask ask = {.by = GP_BY_AREA};
        if (gp_area_parse(gp_span_of(json_string_value(area)), &ask.area) == 0 &&
            gp_permit_assess(speaker, &ask))
            return json_string_value(area);
    }
    return NULL;
}

/* The assessment with which its page opens: of the widest area, or everywhere, or of the
 * department, or of the person; what the board is of narrows it, too. Null: there is none. */
static json_t *assess_of(const struct gp_speaker *speaker, const char *person, const json_t *areas,
                         const json_t *departments, bool own_only)
{
    const char *department = json_string_value(json_array_get(departments, 0));
    const char *area = own_only ? NULL : area_to_assess(speaker, areas);

    if (area != NULL)
        return assess(area, GP_BY_NONE, NULL);
    if (gp_permit_assess(speaker, &(const struct gp_assess_ask){.by = GP_BY_AREA}))
        return assess(NULL, GP_BY_NONE, NULL);
    if (may_assess_unit(speaker, GP_BY_DEPARTMENT, department))
        return assess(NULL, GP_BY_DEPARTMENT, department);
    return may_assess_unit(speaker, GP_BY_PERSON, person) ? assess(NULL, GP_BY_PERSON, person)
                                                          : json_null();
}

json_t *gp_api_me_json(struct gp_web *web, const struct gp_signed *session)
{
    const struct gp_org *org = gp_web_org(web);
    uint32_t user = gp_web_user(web, session->user);
    int64_t now_ms = gp_web_now(web);

    if (user == GP_NONE)
        return NULL;
    json_t *areas = json_array(), *departments = json_array();
    struct gp_speaker speaker = {org, org->users[user].person, org->users[user].role, now_ms};
    const struct gp_person *person = &org->persons[speaker.person];
    json_t *posts = codes_of_posts(org, speaker.person, now_ms, areas, departments);
    areas = sorted(areas);
    departments = sorted(departments);
    json_t *start = home_of(&speaker, session->person, areas, departments);
    json_t *counts = assess_of(&speaker, session->person, areas, departments,
                               !json_is_null(json_object_get(start, "person")));
    return json_pack("{s:s, s:s, s:s%, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:b, s:i, s:o, s:I, s:o}",
                     "user", session->user, "person", session->person, "name", person->name.ptr,
                     person->name.len, "role", gp_role_name(speaker.role), "csrf", session->csrf,
                     "posts", posts, "areas", areas, "departments", departments, "home", start,
                     "assess", counts, "drill", web->daemon.drill, "rate", (int)web->daemon.rate,
                     "now", gp_ask_time(now_ms), "head", (json_int_t)web->daemon.head, "actions",
                     actions_of(&speaker));
}

void gp_api_me(struct gp_exchange *exchange, void *context)
{
    struct gp_web *web = context;
    struct gp_signed *session = gp_ask_session(exchange, web);
    json_t *me = session != NULL ? gp_api_me_json(web, session) : NULL;

    if (me == NULL)
        gp_http_refuse(exchange, 401, "signed_out", "sign in first");
    else
        gp_http_json(exchange, 200, me);
}

/* ---------------------------------------------------------------- cookies */

/* Over plain HTTP on this machine a browser keeps no Secure cookie, and needs none. */
static void set_cookie(struct gp_exchange *exchange, const struct gp_web *web, const char *token)
{
    char cookie[256];

    (void)snprintf(cookie, sizeof cookie, "%s=%s; Path=/; HttpOnly; SameSite=Strict%s%s",
                   gp_ask_cookie(web), token, gp_ask_is_secure(web) ? "; Secure" : "",
                   token[0] == '\0' ? "; Max-Age=0" : "");
    gp_http_add(exchange, "set-cookie:", cookie);
}

/* ---------------------------------------------------------------- signing in */

static void forget(struct trial *trial)
{
    sodium_memzero(trial, sizeof *trial);
    free(trial);
}

static void compare(uv_work_t *work)
{
    struct trial *trial = work->data;

    trial->fits = gp_password_fits(trial->known ? &trial->secret : NULL, trial->password);
}

int gp_api_begin_session(struct gp_exchange *exchange, struct gp_web *web, const char *user,
                         struct gp_signed **ret_session)
{
    const struct gp_org *org = gp_web_org(web);
    const struct gp_user *row = &org->users[gp_web_user(web, user)];
    char token[GP_SIGN_TOKEN_TEXT], person[GP_SIGN_ID_BYTES];

    (void)snprintf(person, sizeof person, "%.*s", GP_SPAN_ARG(org->persons[row->person].id));
    int rc = gp_sign_begin(web->sign, user, person, row->role, (int64_t)uv_now(&web->loop), token,
                           ret_session);
    if (rc != 0)
        return rc;
    set_cookie(exchange, web, token);
    sodium_memzero(token, sizeof token);
    return 0;
}

static void let_in(struct trial *trial)
{
    struct gp_web *web = trial->web;
    struct gp_signed *session;

    if (gp_api_begin_session(trial->exchange, web, trial->user, &session) != 0) {
        gp_http_refuse(trial->exchange, 503, "unavailable", "too many are signed in");
        return;
    }
    gp_sign_succeeded(web->sign, trial->peer, trial->user);
    gp_http_json(trial->exchange, 200, gp_api_me_json(web, session));
}

static void turn_away(struct trial *trial, const char *why)
{
    struct gp_web *web = trial->web;

    gp_sign_failed(web->sign, trial->peer, trial->user, (int64_t)uv_now(&web->loop));
    gp_http_refuse(trial->exchange, 401, why,
                   strcmp(why, "totp") == 0 ? "the six digits are wanted" : "user or password");
}

static bool needs_totp(const struct gp_web *web, uint32_t user, const struct gp_secret *secret)
{
    return gp_web_org(web)->users[user].role == GP_ROLE_ADMIN || secret->totp[0] != '\0';
}

/* An admin without a second factor does not come in: it is made with `gridpost-web totp`. */
static bool totp_fits(struct trial *trial)
{
    struct gp_web *web = trial->web;
    int64_t *step = gp_sign_totp_step(web->sign, trial->user);

    return trial->secret.totp[0] != '\0' && step != NULL &&
           gp_totp_fits(trial->secret.totp, trial->totp, time(NULL), step);
}

static void judge(struct trial *trial)
{
    uint32_t user = gp_web_user(trial->web, trial->user);

    if (!trial->fits || user == GP_NONE)
        turn_away(trial, "wrong");
    else if (!needs_totp(trial->web, user, &trial->secret))
        let_in(trial);
    else if (trial->totp[0] == '\0')
        gp_http_refuse(trial->exchange, 401, "totp", "the six digits are wanted");
    else if (totp_fits(trial))
        let_in(trial);
    else
        turn_away(trial, "totp");
}

static void on_compared(uv_work_t *work, int status)
{
    struct trial *trial = work->data;

    (void)status; /* nothing of ours is ever cancelled */
    trial->web->hashing--;
    if (trial->exchange != NULL) {
        gp_http_on_gone(trial->exchange, NULL, NULL);
        judge(trial);
    }
    forget(trial);
}

static void on_gone(struct gp_exchange *exchange, void *context)
{
    struct trial *trial = context;

    (void)exchange;
    trial->exchange = NULL;
}

static bool copy(const json_t *from, const char *key, char *to, size_t size)
{
    const char *text = json_string_value(json_object_get(from, key));

    if (text == NULL)
        text = "";
    if (strlen(text) >= size)
        return false;
    memcpy(to, text, strlen(text) + 1);
    return true;
}

static bool read_trial(struct gp_exchange *exchange, struct trial *trial)
{
    struct gp_span body = gp_http_body(exchange);
    json_t *object = json_loadb(gp_span_text(body), body.len, JSON_REJECT_DUPLICATES, NULL);
    bool good = json_is_object(object) && copy(object, "user", trial->user, sizeof trial->user) &&
                copy(object, "password", trial->password, sizeof trial->password) &&
                copy(object, "totp", trial->totp, sizeof trial->totp) && trial->user[0] != '\0';

    json_decref(object);
    (void)snprintf(trial->peer, sizeof trial->peer, "%s", gp_http_peer(exchange));
    return good;
}

static void refuse_until(struct gp_exchange *exchange, int64_t wait_ms)
{
    gp_http_json(exchange, 429,
                 json_pack("{s:s, s:s, s:I}", "error", "limited", "detail",
                           "too many tries were in vain", "retry_ms", (json_int_t)wait_ms));
}

static void try_it(struct trial *trial)
{
    struct gp_web *web = trial->web;
    const struct gp_secret *secret = gp_vault_find(&web->vault, trial->user);

    trial->known = secret != NULL;
    if (secret != NULL)
        trial->secret = *secret;
    trial->work.data = trial;
    gp_http_on_gone(trial->exchange, on_gone, trial);
    web->hashing++;
    (void)uv_queue_work(&web->loop, &trial->work, compare, on_compared); /* fails without work */
}

void gp_api_sign_in(struct gp_exchange *exchange, void *context)
{
    struct gp_web *web = context;
    int64_t now_ms = (int64_t)uv_now(&web->loop);

    if (!gp_ask_origin_fits(exchange, web))
        return;
    struct trial *trial = calloc(1, sizeof *trial);
    if (trial == NULL || web->hashing >= HASHING_MAX) {
        free(trial);
        gp_http_refuse(exchange, 503, "unavailable", "too many sign in at this moment");
        return;
    }
    trial->web = web;
    trial->exchange = exchange;
    int64_t wait_ms = 0;
    if (!read_trial(exchange, trial))
        gp_http_refuse(exchange, 400, "malformed", "user, password");
    else if ((wait_ms = gp_sign_wait_ms(web->sign, trial->peer, trial->user, now_ms)) > 0)
        refuse_until(exchange, wait_ms);
    else {
        try_it(trial);
        return;
    }
    forget(trial);
}

void gp_api_sign_out(struct gp_exchange *exchange, void *context)
{
    struct gp_web *web = context;
    struct gp_ask *ask = gp_ask_change(exchange, web);

    if (ask == NULL)
        return;
    set_cookie(exchange, web, "");
    gp_sign_end(web->sign, ask->session);
    gp_ask_json(ask, json_object());
}
