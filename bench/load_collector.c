/* load_collector.c - how many events the server takes, each acknowledged after its commit.
 *
 *     load_collector HOST:PORT KEY [SECONDS [CONNECTIONS [BATCH [CUSTOMERS]]]]
 *
 * Keeps a request on its way on each of a few connections that stay open. A batch is BATCH track calls as
 * @segment/analytics-node writes them, 0 sends single calls to /v1/track. The calls are made ready before, and only the
 * digits that differ are written while it runs, so that most of the machine is the server's.
 *
 * Prints what was acknowledged and how long that took; each second on standard error, the sum on standard
 * output. `gyeol status` then says whether as many events are stored.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/zone.h"

enum {
    CONNECTIONS_MAX = 1000,
    LATENCIES = 10000, /* of a tenth of a millisecond */
    ANSWER_MAX = 4096,
    DIGITS = 10
};

struct options {
    const char *host;
    int port;
    const char *key;
    int seconds;
    int n_connections;
    int batch;
    int customers;
};

/* Where in a request the digits are that differ from one to the next. */
struct place {
    size_t user;
    size_t message;
    size_t second;
};

struct connection {
    int fd;
    struct gy_buf request;
    struct place *places;
    size_t sent;
    char answer[ANSWER_MAX];
    size_t n_answer;
    double began;
};

struct load {
    struct options o;
    int epoll;
    struct connection *connections;
    uint64_t n_messages;
    uint64_t random;
    uint64_t acknowledged; /* events */
    uint64_t refused;      /* requests: 429 and 503 */
    uint64_t n_requests;
    uint32_t latencies[LATENCIES];
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void die(const char *what)
{
    (void)fprintf(stderr, "load_collector: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* ---- requests ---- */

static void put_call(struct gy_buf *out, struct place *place)
{
    char time[GY_TIME_TEXT];
    gy_time_print(gy_now_ms(), time);
    gy_buf_text(out, "{\"userId\":\"u");
    place->user = out->len;
    gy_buf_text(
        out, "0000000000\",\"event\":\"Product Viewed\",\"type\":\"track\",\"properties\":{"
             "\"product_id\":\"507f1f77bcf86cd799439011\",\"category\":\"Games\",\"price\":18.99,"
             "\"quantity\":1},\"context\":{\"library\":{\"name\":\"@segment/analytics-node\","
             "\"version\":\"2.3.0\"}},\"timestamp\":\"");
    gy_buf_text(out, time);
    place->second = out->len - 7; /* "SS.mmmZ" */
    gy_buf_text(out, "\",\"messageId\":\"node-next-1735689600000-");
    place->message = out->len;
    gy_buf_text(out,
                "0000000000-4bd1-8d0c-d1a1f6b0d1a1\",\"_metadata\":{\"nodeVersion\":\"20.20.2\"}}");
}

static void put_body(const struct options *o, struct gy_buf *body, struct place *places)
{
    char time[GY_TIME_TEXT];
    gy_time_print(gy_now_ms(), time);
    if (o->batch == 0) {
        put_call(body, &places[0]);
        return;
    }
    gy_buf_text(body, "{\"batch\":[");
    for (int i = 0; i < o->batch; i++) {
        gy_buf_text(body, i == 0 ? "" : ",");
        put_call(body, &places[i]);
    }
    gy_buf_printf(body, "],\"sentAt\":\"%s\"}", time);
}

static void base64(const char *text, char *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t len = strlen(text);
    for (size_t i = 0; i < len; i += 3) {
        uint32_t bits = (uint32_t)(unsigned char)text[i] << 16;
        bits |= i + 1 < len ? (uint32_t)(unsigned char)text[i + 1] << 8 : 0;
        bits |= i + 2 < len ? (uint32_t)(unsigned char)text[i + 2] : 0;
        *out++ = digits[bits >> 18];
        *out++ = digits[bits >> 12 & 63];
        *out++ = i + 1 < len ? digits[bits >> 6 & 63] : '=';
        *out++ = i + 2 < len ? digits[bits & 63] : '=';
    }
    *out = '\0';
}

static void make_request(const struct options *o, struct connection *c)
{
    struct gy_buf body = {0};
    char user[256];
    char authorization[512];
    size_t n = o->batch == 0 ? 1 : (size_t)o->batch;
    c->places = gy_alloc_zero(n, sizeof *c->places);
    put_body(o, &body, c->places);
    snprintf(user, sizeof user, "%.200s:", o->key);
    base64(user, authorization);
    gy_buf_printf(&c->request,
                  "POST %s HTTP/1.1\r\nHost: %s:%d\r\nAuthorization: Basic %s\r\n"
                  "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
                  o->batch == 0 ? "/v1/track" : "/v1/batch", o->host, o->port, authorization,
                  body.len);
    for (size_t i = 0; i < n; i++) {
        c->places[i].user += c->request.len;
        c->places[i].message += c->request.len;
        c->places[i].second += c->request.len;
    }
    gy_buf_str(&c->request, gy_buf_view(&body));
    gy_buf_release(&body);
}

static void put_digits(char *at, int n, uint64_t value)
{
    while (n > 0) {
        at[--n] = (char)('0' + value % 10);
        value /= 10;
    }
}

/* splitmix64 */
static uint64_t draw(struct load *load)
{
    uint64_t z = load->random += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static void begin(struct load *load, struct connection *c)
{
    int n = load->o.batch == 0 ? 1 : load->o.batch;
    for (int i = 0; i < n; i++) {
        const struct place *p = &c->places[i];
        put_digits(c->request.ptr + p->user, DIGITS, draw(load) % (uint64_t)load->o.customers);
        put_digits(c->request.ptr + p->message, DIGITS, ++load->n_messages);
        put_digits(c->request.ptr + p->second + 3, 3, load->n_messages % 1000);
    }
    c->sent = 0;
    c->n_answer = 0;
    c->began = now();
}

/* ---- one connection ---- */

static void open_connection(struct load *load, struct connection *c)
{
    int one = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)load->o.port)};
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || inet_pton(AF_INET, load->o.host, &address.sin_addr) != 1 ||
        connect(c->fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        die("could not connect");
    }
    (void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = c};
    if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, c->fd, &event) != 0) {
        die("could not watch a connection");
    }
}

static void send_on(struct connection *c)
{
    while (c->sent < c->request.len) {
        ssize_t n = send(c->fd, c->request.ptr + c->sent, c->request.len - c->sent,
                         MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) {
            return;
        }
        if (n < 0) {
            die("the server ended a connection");
        }
        c->sent += (size_t)n;
    }
}

/* The status, once the answer is whole; 0 before. */
static int read_on(struct connection *c)
{
    ssize_t n = recv(c->fd, c->answer + c->n_answer, ANSWER_MAX - 1 - c->n_answer, MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN) {
        return 0;
    }
    if (n <= 0) {
        die("the server ended a connection");
    }
    c->n_answer += (size_t)n;
    c->answer[c->n_answer] = '\0';
    const char *end = strstr(c->answer, "\r\n\r\n");
    const char *length = strstr(c->answer, "Content-Length: ");
    if (end == NULL || length == NULL ||
        strlen(end + 4) < strtoul(length + sizeof "Content-Length: " - 1, NULL, 10)) {
        return 0;
    }
    return (int)strtol(c->answer + sizeof "HTTP/1.1 " - 1, NULL, 10);
}

static void take_answer(struct load *load, struct connection *c, int status)
{
    double took = (now() - c->began) * 1e4;
    load->latencies[took < LATENCIES - 1 ? (int)took : LATENCIES - 1]++;
    load->n_requests++;
    if (status == 200 && strstr(c->answer, "rejected") == NULL) {
        load->acknowledged += load->o.batch == 0 ? 1 : (uint64_t)load->o.batch;
    } else if (status == 429 || status == 503) {
        load->refused++;
    } else {
        (void)fprintf(stderr, "load_collector: an answer that was not to be: %s\n", c->answer);
        exit(1);
    }
}

static void go_on(struct load *load, struct connection *c, bool goes_on)
{
    send_on(c);
    int status = read_on(c);
    if (status == 0) {
        return;
    }
    take_answer(load, c, status);
    if (goes_on) {
        begin(load, c);
        send_on(c);
    } else {
        close(c->fd);
        c->fd = -1;
    }
}

/* ---- all of it ---- */

static void say_second(const struct load *load, uint64_t before, double second)
{
    (void)fprintf(stderr, "%6.1f s  %9" PRIu64 " events/s\n", second, load->acknowledged - before);
}

static bool is_open(const struct load *load)
{
    for (int i = 0; i < load->o.n_connections; i++) {
        if (load->connections[i].fd >= 0) {
            return true;
        }
    }
    return false;
}

/* Ends when every request that was sent is answered. */
static double run(struct load *load)
{
    double began = now();
    double said = began;
    uint64_t before = 0;
    for (int i = 0; i < load->o.n_connections; i++) {
        begin(load, &load->connections[i]);
        open_connection(load, &load->connections[i]);
    }
    while (is_open(load)) {
        struct epoll_event events[CONNECTIONS_MAX];
        int n = epoll_wait(load->epoll, events, load->o.n_connections, 1000);
        for (int i = 0; i < n; i++) {
            go_on(load, events[i].data.ptr, now() - began < load->o.seconds);
        }
        if (now() - said >= 1) {
            say_second(load, before, now() - began);
            before = load->acknowledged;
            said = now();
        }
    }
    return now() - began;
}

static double percentile(const struct load *load, double share)
{
    uint64_t n = 0;
    int i = 0;
    while (i < LATENCIES - 1 &&
           (double)(n += load->latencies[i]) < share * (double)load->n_requests) {
        i++;
    }
    return (i + 1) / 10.0;
}

static bool read_options(int argc, char **argv, struct options *o)
{
    static char host[64];
    char *colon = argc > 2 ? strrchr(argv[1], ':') : NULL;
    if (colon == NULL || (size_t)(colon - argv[1]) >= sizeof host) {
        return false;
    }
    memcpy(host, argv[1], (size_t)(colon - argv[1]));
    *o = (struct options){host, (int)strtol(colon + 1, NULL, 10), argv[2], 10, 16, 100, 100000};
    int *const numbers[] = {&o->seconds, &o->n_connections, &o->batch, &o->customers};
    for (int i = 3; i < argc && i < 7; i++) {
        *numbers[i - 3] = (int)strtol(argv[i], NULL, 10);
    }
    return argc <= 7 && o->seconds > 0 && o->n_connections > 0 &&
           o->n_connections <= CONNECTIONS_MAX && o->batch >= 0 && o->batch <= 1000 &&
           o->customers > 0;
}

int main(int argc, char **argv)
{
    struct load load = {.random = (uint64_t)gy_now_ms()};
    if (!read_options(argc, argv, &load.o)) {
        (void)fprintf(stderr, "usage: load_collector HOST:PORT KEY [SECONDS [CONNECTIONS [BATCH "
                              "[CUSTOMERS]]]]\n");
        return 2;
    }
    load.n_messages = (uint64_t)gy_now_ms() % 10000000 * 1000; /* apart from another run's */
    load.epoll = epoll_create1(EPOLL_CLOEXEC);
    load.connections = gy_alloc_zero((size_t)load.o.n_connections, sizeof *load.connections);
    for (int i = 0; i < load.o.n_connections; i++) {
        make_request(&load.o, &load.connections[i]);
    }
    double seconds = run(&load);
    printf("%" PRIu64 " events acknowledged in %.1f s: %.0f events/s, %.0f requests/s; %" PRIu64
           " requests refused\n",
           load.acknowledged, seconds, (double)load.acknowledged / seconds,
           (double)load.n_requests / seconds, load.refused);
    printf("milliseconds: p50 %.1f, p90 %.1f, p99 %.1f, p99.9 %.1f\n", percentile(&load, 0.5),
           percentile(&load, 0.9), percentile(&load, 0.99), percentile(&load, 0.999));
    return 0;
}
