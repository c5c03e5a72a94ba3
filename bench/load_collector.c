/* load_collector.c - how many events the server takes, each acknowledged after its commit.
 *
 *     load_collector HOST:PORT KEY [--seconds S] [--connections N] [--batch N] [--customers N]
 *                    [--rate EVENTS] [--pid PID] [--gyeol PROGRAM --data DIR [--query TEXT]]
 *
 * Keeps a request on its way on each of a few connections that stay open. A batch is so many track calls as
 * @segment/analytics-node writes them, --batch 0 sends single calls to /v1/track. The calls are made ready before, and
 * only the digits that differ are written while it runs, so that most of the machine is the server's.
 *
 * With --rate so many events are sent a second, evenly, each on the first connection that is free; a request's
 * time counts from when it was due, so that what waited for a connection is not forgotten.
 *
 * Prints what was acknowledged and how long that took; each second on standard error, the sum on standard
 * output. --pid is the server's: then its resident size is printed too, and how much it grew from the tenth second to the
 * last. With --gyeol the data are asked afterwards whether every acknowledged event is there, once: it fails
 * where one is missing or doubled. --query is asked four times a second meanwhile (`gyeol count`), and its times
 * are printed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/zone.h"

enum {
    CONNECTIONS_MAX = 1000,
    LATENCIES = 10000, /* of a tenth of a millisecond */
    ANSWER_MAX = 4096,
    DIGITS = 10,
    QUERIES_MAX = 10000
};

struct options {
    const char *host;
    int port;
    const char *key;
    int seconds;
    int n_connections;
    int batch;
    int customers;
    double rate; /* events a second; 0: as fast as it goes */
    int pid;     /* of the server; 0: not known */
    const char *gyeol;
    const char *data;
    const char *query;
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
    double began; /* when the request was due */
    bool is_free;
};

/* Questions asked meanwhile. */
struct asker {
    const struct options *o;
    pthread_t thread;
    atomic_bool is_over;
    double took[QUERIES_MAX]; /* seconds */
    int n;
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
    double next_due; /* with a rate */
    long sizes[3]; /* of the server, resident, kB: at the tenth second, now, at the most */
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

static void begin(struct load *load, struct connection *c, double due)
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
    c->began = due;
    c->is_free = false;
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

static double events_of(const struct options *o)
{
    return o->batch == 0 ? 1 : o->batch;
}

/* The next request, if one is due. */
static void send_next(struct load *load, struct connection *c)
{
    double due = now();
    if (load->o.rate > 0) {
        if (due < load->next_due) {
            c->is_free = true;
            return;
        }
        due = load->next_due;
        load->next_due += events_of(&load->o) / load->o.rate;
    }
    begin(load, c, due);
    send_on(c);
}

static void go_on(struct load *load, struct connection *c, bool goes_on)
{
    if (c->is_free) {
        return;
    }
    send_on(c);
    int status = read_on(c);
    if (status == 0) {
        return;
    }
    take_answer(load, c, status);
    if (goes_on) {
        send_next(load, c);
    } else {
        c->is_free = true;
    }
}

/* Those that wait for something to be due. */
static void use_free(struct load *load)
{
    for (int i = 0; i < load->o.n_connections && now() >= load->next_due; i++) {
        if (load->connections[i].is_free) {
            send_next(load, &load->connections[i]);
        }
    }
}

/* ---- the server's size ---- */

static long resident_kb(int pid)
{
    char path[64];
    char line[256];
    long kb = 0;
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *f = fopen(path, "r");
    while (f != NULL && fgets(line, sizeof line, f) != NULL) {
        if (strncmp(line, "VmRSS:", 6) == 0) {
            kb = strtol(line + 6, NULL, 10);
        }
    }
    if (f != NULL) {
        (void)fclose(f);
    }
    return kb;
}

static void measure(struct load *load, double second)
{
    long kb = load->o.pid == 0 ? 0 : resident_kb(load->o.pid);
    load->sizes[0] = load->sizes[0] == 0 && second >= 10 ? kb : load->sizes[0];
    load->sizes[1] = kb;
    load->sizes[2] = kb > load->sizes[2] ? kb : load->sizes[2];
}

/* ---- questions ---- */

/* What the program prints, up to a size; false where it fails. */
static bool ask(const struct options *o, const char *const *words, char *text, size_t size)
{
    const char *argv[8] = {o->gyeol, "--data", o->data};
    int ends[2];
    pid_t pid;
    int status = 1;
    posix_spawn_file_actions_t actions;
    for (size_t i = 0; words[i] != NULL; i++) {
        argv[3 + i] = words[i];
    }
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return false;
    }
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    int code = posix_spawn(&pid, o->gyeol, &actions, NULL, (char *const *)(uintptr_t)argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    size_t n = 0;
    for (ssize_t more = 1; code == 0 && more > 0 && n < size - 1;) {
        more = read(ends[0], text + n, size - 1 - n);
        n += more > 0 ? (size_t)more : 0;
    }
    text[n] = '\0';
    close(ends[0]);
    return code == 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static void *ask_on(void *context)
{
    struct asker *asker = context;
    struct timespec pause = {0, 250000000};
    while (!atomic_load(&asker->is_over) && asker->n < QUERIES_MAX) {
        char text[256];
        const char *const words[] = {"count", asker->o->query, NULL};
        double began = now();
        if (ask(asker->o, words, text, sizeof text)) {
            asker->took[asker->n++] = now() - began;
        }
        nanosleep(&pause, NULL);
    }
    return NULL;
}

static int by_size(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;
    return (*x > *y) - (*x < *y);
}

static void say_queries(struct asker *asker)
{
    if (asker->n == 0) {
        return;
    }
    qsort(asker->took, (size_t)asker->n, sizeof *asker->took, by_size);
    printf(
        "%d queries meanwhile, milliseconds with the program's start: median %.0f, p90 %.0f, most %.0f\n",
        asker->n, asker->took[asker->n / 2] * 1e3, asker->took[asker->n * 9 / 10] * 1e3,
        asker->took[asker->n - 1] * 1e3);
}

/* ---- whether all of it is there ---- */

/* How many events are stored; 0 where nobody is to be asked. */
static uint64_t count_stored(const struct options *o)
{
    char text[65536];
    const char *const words[] = {"status", "--json", NULL};
    if (o->gyeol == NULL) {
        return 0;
    }
    const char *at = ask(o, words, text, sizeof text) ? strstr(text, "\"events\":") : NULL;
    if (at == NULL) {
        errno = EIO;
        die("could not ask how many events are stored");
    }
    return strtoull(at + sizeof "\"events\":" - 1, NULL, 10);
}

/* No call of a run is one of another's, so each acknowledged one has to be there and no other, but for those of refused
 * requests: what became of them is not known. */
static bool is_all_there(const struct load *load, uint64_t before)
{
    if (load->o.gyeol == NULL) {
        return true;
    }
    uint64_t stored = count_stored(&load->o) - before;
    uint64_t most = load->acknowledged + load->refused * (uint64_t)events_of(&load->o);
    bool is = stored >= load->acknowledged && stored <= most;
    printf("%" PRIu64 " events stored: %s\n", stored,
           is ? "every acknowledged one, once" : "not what was acknowledged");
    return is;
}

/* ---- all of it ---- */

static void say_second(const struct load *load, uint64_t before, double second)
{
    (void)fprintf(stderr, "%6.1f s  %9" PRIu64 " events/s  %6.1f MB\n", second,
                  load->acknowledged - before, (double)load->sizes[1] / 1024);
}

static bool is_busy(const struct load *load)
{
    for (int i = 0; i < load->o.n_connections; i++) {
        if (!load->connections[i].is_free) {
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
    load->next_due = began;
    for (int i = 0; i < load->o.n_connections; i++) {
        open_connection(load, &load->connections[i]);
        send_next(load, &load->connections[i]);
    }
    for (bool goes_on = true; goes_on || is_busy(load);) {
        struct epoll_event events[CONNECTIONS_MAX];
        int n = epoll_wait(load->epoll, events, load->o.n_connections, load->o.rate > 0 ? 1 : 1000);
        goes_on = now() - began < load->o.seconds;
        for (int i = 0; i < n; i++) {
            go_on(load, events[i].data.ptr, goes_on);
        }
        if (load->o.rate > 0 && goes_on) {
            use_free(load);
        }
        if (now() - said >= 1) {
            measure(load, now() - began);
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

static bool read_address(const char *text, struct options *o)
{
    static char host[64];
    const char *colon = strrchr(text, ':');
    if (colon == NULL || (size_t)(colon - text) >= sizeof host) {
        return false;
    }
    memcpy(host, text, (size_t)(colon - text));
    o->host = host;
    o->port = (int)strtol(colon + 1, NULL, 10);
    return true;
}

static bool read_options(int argc, char **argv, struct options *o)
{
    static const struct option names[] = {
        {"seconds", required_argument, NULL, 's'}, {"connections", required_argument, NULL, 'n'},
        {"batch", required_argument, NULL, 'b'},   {"customers", required_argument, NULL, 'c'},
        {"rate", required_argument, NULL, 'r'},    {"pid", required_argument, NULL, 'p'},
        {"gyeol", required_argument, NULL, 'g'},   {"data", required_argument, NULL, 'd'},
        {"query", required_argument, NULL, 'q'},   {NULL, 0, NULL, 0},
    };
    *o = (struct options){.seconds = 10, .n_connections = 16, .batch = 100, .customers = 100000};
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): before there are threads */
    for (int c; (c = getopt_long(argc, argv, "", names, NULL)) != -1;) {
        switch (c) {
        case 's':
            o->seconds = (int)strtol(optarg, NULL, 10);
            break;
        case 'n':
            o->n_connections = (int)strtol(optarg, NULL, 10);
            break;
        case 'b':
            o->batch = (int)strtol(optarg, NULL, 10);
            break;
        case 'c':
            o->customers = (int)strtol(optarg, NULL, 10);
            break;
        case 'r':
            o->rate = strtod(optarg, NULL);
            break;
        case 'p':
            o->pid = (int)strtol(optarg, NULL, 10);
            break;
        case 'g':
            o->gyeol = optarg;
            break;
        case 'd':
            o->data = optarg;
            break;
        case 'q':
            o->query = optarg;
            break;
        default:
            return false;
        }
    }
    if (argc - optind != 2 || !read_address(argv[optind], o)) {
        return false;
    }
    o->key = argv[optind + 1];
    return o->seconds > 0 && o->n_connections > 0 && o->n_connections <= CONNECTIONS_MAX &&
           o->batch >= 0 && o->batch <= 1000 && o->customers > 0 && o->rate >= 0 &&
           (o->gyeol == NULL) == (o->data == NULL) && (o->query == NULL || o->gyeol != NULL);
}

static void say_all(const struct load *load, double seconds)
{
    printf("%" PRIu64 " events acknowledged in %.1f s: %.0f events/s, %.0f requests/s; %" PRIu64
           " requests refused\n",
           load->acknowledged, seconds, (double)load->acknowledged / seconds,
           (double)load->n_requests / seconds, load->refused);
    printf("milliseconds: p50 %.1f, p90 %.1f, p99 %.1f, p99.9 %.1f\n", percentile(load, 0.5),
           percentile(load, 0.9), percentile(load, 0.99), percentile(load, 0.999));
    if (load->sizes[0] > 0) {
        printf(
            "resident: %.1f MB after 10 s, %.1f MB at the end (%.2f times), %.1f MB at the most\n",
            (double)load->sizes[0] / 1024, (double)load->sizes[1] / 1024,
            (double)load->sizes[1] / (double)load->sizes[0], (double)load->sizes[2] / 1024);
    }
}

int main(int argc, char **argv)
{
    struct load load = {.random = (uint64_t)gy_now_ms()};
    struct asker asker = {.o = &load.o};
    if (!read_options(argc, argv, &load.o)) {
        (void)fprintf(stderr, "usage: load_collector HOST:PORT KEY [--seconds S] [--connections N] "
                              "[--batch N] [--customers N]\n"
                              "       [--rate EVENTS] [--pid PID] [--gyeol PROGRAM --data DIR "
                              "[--query TEXT]]\n");
        return 2;
    }
    load.n_messages = (uint64_t)gy_now_ms() % 10000000 * 1000; /* apart from another run's */
    load.epoll = epoll_create1(EPOLL_CLOEXEC);
    load.connections = gy_alloc_zero((size_t)load.o.n_connections, sizeof *load.connections);
    for (int i = 0; i < load.o.n_connections; i++) {
        make_request(&load.o, &load.connections[i]);
    }
    uint64_t before = count_stored(&load.o);
    bool asks = load.o.query != NULL && pthread_create(&asker.thread, NULL, ask_on, &asker) == 0;
    double seconds = run(&load);
    if (asks) {
        atomic_store(&asker.is_over, true);
        pthread_join(asker.thread, NULL);
    }
    say_all(&load, seconds);
    say_queries(&asker);
    return is_all_there(&load, before) ? 0 : 1;
}
