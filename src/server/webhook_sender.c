/* webhook_sender.c - see webhook_sender.h. */
#include "server/webhook_sender.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/zone.h"
#include "server/webhook_signature.h"

enum {
    CONNECT_MS = 5000,
    RETRY_AFTER_MAX_S = 24 * 3600, /* nothing is tried for longer */
    HANDLES_KEPT = 64
};

struct sending {
    CURL *easy;
    struct curl_slist *headers;
    void *context;
    bool is_refused; /* its address is not public */
    bool only_public;
    char error[CURL_ERROR_SIZE];
    struct sending *next; /* of those that are not in use */
};

struct gy_webhook_sender {
    CURLM *multi;
    bool only_public;
    struct sending *idle;
    size_t n_idle;
    struct sending **busy;
    size_t n_busy;
    size_t capacity;
};

/* ---- where to ---- */

enum gy_status gy_webhook_check_url(struct gy_str url, struct gy_error *err)
{
    CURLU *parsed = curl_url();
    char *text = gy_strndup(url.ptr, url.len);
    char *scheme = NULL;
    char *user = NULL;
    bool is_url = memchr(url.ptr, '\0', url.len) == NULL &&
                  curl_url_set(parsed, CURLUPART_URL, text, 0) == CURLUE_OK &&
                  curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
                  (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);
    bool has_user = is_url && curl_url_get(parsed, CURLUPART_USER, &user, 0) == CURLUE_OK;
    curl_free(scheme);
    curl_free(user);
    curl_url_cleanup(parsed);
    free(text);
    if (has_user) {
        return gy_error_set(err, GY_INVALID, "a webhook's URL has no user in it");
    }
    return is_url ? GY_OK
                  : gy_error_set(err, GY_INVALID, "\"%.*s\" is no URL of http or https",
                                 GY_STR_ARG(url));
}

static bool is_public_4(uint32_t a)
{
    static const struct {
        uint32_t net;
        int bits;
    } others[] = {{0x00000000, 8},  {0x0a000000, 8},  {0x64400000, 10}, {0x7f000000, 8},
                  {0xa9fe0000, 16}, {0xac100000, 12}, {0xc0000000, 24}, {0xc0000200, 24},
                  {0xc0a80000, 16}, {0xc6120000, 15}, {0xc6336400, 24}, {0xcb007100, 24},
                  {0xe0000000, 3}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (a >> (32 - others[i].bits) == others[i].net >> (32 - others[i].bits)) {
            return false;
        }
    }
    return true;
}

/* Global unicast alone, and of that not what leads to an address of version 4. */
static bool is_public_6(const uint8_t a[16])
{
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (memcmp(a, mapped, sizeof mapped) == 0) {
        return is_public_4((uint32_t)a[12] << 24 | (uint32_t)a[13] << 16 | (uint32_t)a[14] << 8 |
                           a[15]);
    }
    bool is_6to4 = a[0] == 0x20 && a[1] == 0x02;
    bool is_special =
        a[0] == 0x20 && a[1] == 0x01 && (a[2] < 0x02 || (a[2] == 0x0d && a[3] == 0xb8));
    return a[0] >> 5 == 1 && !is_6to4 && !is_special;
}

static bool is_public(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, address, sizeof in);
        return is_public_4(ntohl(in.sin_addr.s_addr));
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 in;
        memcpy(&in, address, sizeof in);
        return is_public_6(in.sin6_addr.s6_addr);
    }
    return false;
}

/* The address that is connected to, not the name: a name may lead elsewhere each time. */
static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct sending *sending = context;
    (void)purpose;
    if (sending->only_public && !is_public(&address->addr)) {
        sending->is_refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* ---- handles ---- */

static size_t read_nothing(char *bytes, size_t size, size_t n, void *context)
{
    (void)bytes;
    (void)context;
    return size * n;
}

/* What stays the same from request to request. */
static struct sending *make_sending(const struct gy_webhook_sender *sender)
{
    struct sending *s = gy_alloc_zero(1, sizeof *s);
    s->easy = curl_easy_init();
    GY_ASSERT(s->easy != NULL);
    s->only_public = sender->only_public;
    curl_easy_setopt(s->easy, CURLOPT_PRIVATE, s);
    curl_easy_setopt(s->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(s->easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(s->easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(s->easy, CURLOPT_TIMEOUT_MS, (long)GY_WEBHOOK_TIMEOUT_MS);
    curl_easy_setopt(s->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(s->easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)(1 << 20));
    curl_easy_setopt(s->easy, CURLOPT_WRITEFUNCTION, read_nothing);
    curl_easy_setopt(s->easy, CURLOPT_USERAGENT, "gyeol");
    curl_easy_setopt(s->easy, CURLOPT_ERRORBUFFER, s->error);
    curl_easy_setopt(s->easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(s->easy, CURLOPT_OPENSOCKETDATA, s);
    if (sender->only_public) {
        curl_easy_setopt(s->easy, CURLOPT_PROXY, ""); /* it would connect in our place */
    }
    return s;
}

static void free_sending(struct sending *s)
{
    curl_slist_free_all(s->headers);
    curl_easy_cleanup(s->easy);
    free(s);
}

struct gy_webhook_sender *gy_webhook_sender_new(bool only_public)
{
    struct gy_webhook_sender *sender = gy_alloc_zero(1, sizeof *sender);
    sender->only_public = only_public;
    sender->multi = curl_multi_init();
    GY_ASSERT(sender->multi != NULL);
    curl_multi_setopt(sender->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)GY_WEBHOOK_CONNECTIONS);
    curl_multi_setopt(sender->multi, CURLMOPT_MAX_HOST_CONNECTIONS,
                      (long)GY_WEBHOOK_HOST_CONNECTIONS);
    curl_multi_setopt(sender->multi, CURLMOPT_MAXCONNECTS, (long)GY_WEBHOOK_CONNECTIONS);
    return sender;
}

void gy_webhook_sender_free(struct gy_webhook_sender *sender)
{
    if (sender == NULL) {
        return;
    }
    for (size_t i = 0; i < sender->n_busy; i++) {
        curl_multi_remove_handle(sender->multi, sender->busy[i]->easy);
        free_sending(sender->busy[i]);
    }
    while (sender->idle != NULL) {
        struct sending *s = sender->idle;
        sender->idle = s->next;
        free_sending(s);
    }
    curl_multi_cleanup(sender->multi);
    free(sender->busy);
    free(sender);
}

size_t gy_webhook_sender_n(const struct gy_webhook_sender *sender)
{
    return sender->n_busy;
}

/* ---- sending ---- */

static struct sending *take_sending(struct gy_webhook_sender *sender)
{
    struct sending *s = sender->idle;
    if (s == NULL) {
        return make_sending(sender);
    }
    sender->idle = s->next;
    sender->n_idle--;
    return s;
}

static void put_header(struct sending *s, const char *name, struct gy_str value)
{
    struct gy_buf line = {0};
    gy_buf_printf(&line, "%s: ", name);
    gy_buf_str(&line, value);
    gy_buf_char(&line, '\0');
    s->headers = curl_slist_append(s->headers, line.ptr);
    gy_buf_release(&line);
}

static void put_headers(struct sending *s, const struct gy_webhook_request *request)
{
    struct gy_buf signature = {0};
    gy_webhook_sign(request->secret, gy_now_ms(), request->body, &signature);
    curl_slist_free_all(s->headers);
    s->headers = NULL;
    put_header(s, "Content-Type", GY_STR("application/json"));
    put_header(s, "Idempotency-Key", request->id);
    put_header(s, "Gyeol-Signature", gy_buf_view(&signature));
    put_header(s, "Expect", GY_STR(""));
    gy_buf_release(&signature);
}

void gy_webhook_sender_begin(struct gy_webhook_sender *sender,
                             const struct gy_webhook_request *request)
{
    struct sending *s = take_sending(sender);
    char *url = gy_strndup(request->url.ptr, request->url.len);
    s->context = request->context;
    s->is_refused = false;
    s->error[0] = '\0';
    put_headers(s, request);
    curl_easy_setopt(s->easy, CURLOPT_URL, url);
    curl_easy_setopt(s->easy, CURLOPT_HTTPHEADER, s->headers);
    curl_easy_setopt(s->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
    curl_easy_setopt(s->easy, CURLOPT_COPYPOSTFIELDS, request->body.ptr);
    free(url);
    GY_GROW(sender->busy, sender->capacity, sender->n_busy + 1);
    sender->busy[sender->n_busy++] = s;
    GY_ASSERT(curl_multi_add_handle(sender->multi, s->easy) == CURLM_OK);
}

static struct gy_webhook_answer read_answer(struct sending *s, CURLcode code)
{
    struct gy_webhook_answer answer = {0};
    curl_off_t after = 0;
    curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &answer.http_status);
    curl_easy_getinfo(s->easy, CURLINFO_RETRY_AFTER, &after);
    answer.retry_after_s = after < 0 ? 0 : after > RETRY_AFTER_MAX_S ? RETRY_AFTER_MAX_S : after;
    if (s->is_refused) {
        snprintf(answer.reason, sizeof answer.reason, "its address is not public");
    } else if (code != CURLE_OK) {
        snprintf(answer.reason, sizeof answer.reason, "%.150s",
                 s->error[0] != '\0' ? s->error : curl_easy_strerror(code));
    } else if (answer.http_status < 200 || answer.http_status > 299) {
        snprintf(answer.reason, sizeof answer.reason, "it answered %ld", answer.http_status);
    }
    /* an answer that breaks off after its status has said what it had to */
    if (code != CURLE_OK && code != CURLE_PARTIAL_FILE && code != CURLE_FILESIZE_EXCEEDED) {
        answer.http_status = 0;
    }
    return answer;
}

static void give_back(struct gy_webhook_sender *sender, struct sending *s)
{
    size_t i = 0;
    while (sender->busy[i] != s) {
        i++;
    }
    sender->busy[i] = sender->busy[--sender->n_busy];
    if (sender->n_idle == HANDLES_KEPT) {
        free_sending(s);
        return;
    }
    s->next = sender->idle;
    sender->idle = s;
    sender->n_idle++;
}

/* How many. */
static size_t tell_answers(struct gy_webhook_sender *sender, gy_webhook_done done, void *pump)
{
    int n_left;
    size_t n = 0;
    for (CURLMsg *m; (m = curl_multi_info_read(sender->multi, &n_left)) != NULL;) {
        struct sending *s = NULL;
        CURLcode code = m->data.result;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &s);
        struct gy_webhook_answer answer = read_answer(s, code);
        void *context = s->context;
        curl_multi_remove_handle(sender->multi, s->easy);
        give_back(sender, s);
        done(pump, context, &answer);
        n++;
    }
    return n;
}

void gy_webhook_sender_wait(struct gy_webhook_sender *sender, int64_t most_ms, gy_webhook_done done,
                            void *pump)
{
    int n_running;
    curl_multi_perform(sender->multi, &n_running);
    if (tell_answers(sender, done, pump) == 0 &&
        most_ms > 0) { /* who was told may want to wait less */
        curl_multi_poll(sender->multi, NULL, 0, (int)(most_ms > 60000 ? 60000 : most_ms), NULL);
        curl_multi_perform(sender->multi, &n_running);
        (void)tell_answers(sender, done, pump);
    }
}

void gy_webhook_sender_wake(struct gy_webhook_sender *sender)
{
    curl_multi_wakeup(sender->multi);
}
