/* shop_make.c - makes the shop that the benchmark is asked over: see schema.md.
 *
 *   shop_make [--events N] [--seed N] [--only FILE,…] [--products] [--no-message-ids] DIR
 *
 * N is 1000000 unless given, and may end in k or M; there are 50 events a customer. FILE is customers,
 * events, items or calls; all four unless given. The files are in DIR, which is made where it is not
 * there. The same size and seed give the same bytes on every machine.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arrival.h"
#include "base/mem.h"
#include "base/zone.h"
#include "shop_files.h"

enum {
    EVENTS_PER_CUSTOMER = 50,
    MOST_CUSTOMERS = 9999999 /* seven digits */
};

struct settings {
    uint64_t seed;
    uint64_t n_events;
    struct shop_files_options files;
    const char *dir;
};

/* ---- the command line ---- */

static const char usage[] =
    "usage: shop_make [--events N] [--seed N] [--only customers,events,items,calls] [--products]\n"
    "                 [--no-message-ids] DIR\n"
    "  shop_make --events 10M --only events,items,customers /tmp/shop\n";

static uint64_t read_count(const char *text)
{
    char *end;
    errno = 0;
    uint64_t n = strtoull(text, &end, 10);
    uint64_t unit = *end == 'k' ? 1000 : *end == 'M' ? 1000000 : 1;
    end += unit > 1;
    if (errno != 0 || end == text || *end != '\0' || text[0] == '-' || n > UINT64_MAX / unit) {
        fprintf(stderr, "shop_make: \"%s\" is no number of events, like 500k or 10M\n", text);
        exit(2);
    }
    return n * unit;
}

static void read_only(char *list, struct shop_files_options *files)
{
    for (char *word = strsep(&list, ","); word != NULL; word = strsep(&list, ",")) {
        if (strcmp(word, "customers") == 0)
            files->customers = true;
        else if (strcmp(word, "events") == 0)
            files->events = true;
        else if (strcmp(word, "items") == 0)
            files->items = true;
        else if (strcmp(word, "calls") == 0)
            files->calls = true;
        else {
            fprintf(stderr, "shop_make: there is no file \"%s\"\n%s", word, usage);
            exit(2);
        }
    }
}

static void read_option(int option, struct settings *s)
{
    switch (option) {
    case 'e':
        s->n_events = read_count(optarg);
        return;
    case 's':
        s->seed = read_count(optarg);
        return;
    case 'o':
        read_only(optarg, &s->files);
        return;
    case 'p':
        s->files.has_products = true;
        return;
    case 'm':
        s->files.has_message_ids = false;
        return;
    default:
        fputs(usage, option == 'h' ? stdout : stderr);
        exit(option == 'h' ? 0 : 2);
    }
}

static struct settings read_settings(int argc, char **argv)
{
    static const struct option options[] = {
        {"events", required_argument, NULL, 'e'},
        {"seed", required_argument, NULL, 's'},
        {"only", required_argument, NULL, 'o'},
        {"products", no_argument, NULL, 'p'},
        {"no-message-ids", no_argument, NULL, 'm'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct settings s = {.seed = 20251231, .n_events = 1000000, .files.has_message_ids = true};
    for (int o = getopt_long(argc, argv, "", options, NULL); o != -1;
         o = getopt_long(argc, argv, "", options, NULL))
        read_option(o, &s);
    if (optind + 1 != argc)
        read_option('?', &s);
    s.dir = argv[optind];
    if (s.n_events < EVENTS_PER_CUSTOMER || s.n_events / EVENTS_PER_CUSTOMER > MOST_CUSTOMERS) {
        fprintf(stderr, "shop_make: the number of events is 50 to 499,999,950\n");
        exit(2);
    }
    struct shop_files_options *f = &s.files;
    if (!f->customers && !f->events && !f->items && !f->calls)
        f->customers = f->events = f->items = f->calls = true;
    return s;
}

/* ---- the shop ---- */

static enum gy_status make_lives(const struct shop *shop, uint32_t n_customers,
                                 struct shop_files *files, struct arrival *arrival,
                                 struct gy_error *err)
{
    struct shop_history history = {0};
    enum gy_status status = GY_OK;
    uint32_t next_order = 1;
    for (uint32_t c = 1; c <= n_customers && status == GY_OK; c++) {
        struct shopper shopper;
        shopper_init(&shopper, shop, c);
        status = shop_files_customer(files, &shopper, err);
        shopper_live(&shopper, shop, &next_order, &history);
        for (uint32_t i = 0; i < history.n && status == GY_OK; i++)
            status = arrival_add(arrival, &history.events[i], err);
    }
    free(history.events);
    return status;
}

static enum gy_status write_arrivals(struct arrival *arrival, struct shop_files *files,
                                     uint64_t *n_events, struct gy_error *err)
{
    for (;;) {
        const struct shop_event *const *events;
        size_t n;
        GY_TRY(arrival_next(arrival, &events, &n, err));
        if (n == 0)
            return shop_files_finish(files, err);
        *n_events += n;
        GY_TRY(shop_files_events(files, events, n, err));
    }
}

static enum gy_status make(const struct settings *s, struct gy_error *err)
{
    uint64_t n_events = 0;
    uint32_t n_customers = (uint32_t)(s->n_events / EVENTS_PER_CUSTOMER);
    struct shop *shop = gy_alloc_zero(1, sizeof *shop);
    struct shop_files *files = NULL;
    struct arrival *arrival = NULL;
    int64_t start_us = gy_monotonic_us();
    shop_init(shop, s->seed, n_customers, s->n_events);
    enum gy_status status = gy_dir_make(s->dir, 0777, err);
    if (status == GY_OK)
        status = arrival_open(s->dir, s->n_events, &arrival, err);
    if (status == GY_OK)
        status = shop_files_open(s->dir, &shop->catalogue, &s->files, &files, err);
    if (status == GY_OK)
        status = make_lives(shop, n_customers, files, arrival, err);
    if (status == GY_OK)
        status = write_arrivals(arrival, files, &n_events, err);
    if (status == GY_OK)
        printf("%llu events of %u customers in %.1f s\n", (unsigned long long)n_events, n_customers,
               (double)(gy_monotonic_us() - start_us) / 1e6);
    shop_files_close(files);
    arrival_close(arrival);
    shop_release(shop);
    free(shop);
    return status;
}

int main(int argc, char **argv)
{
    struct gy_error err = {0};
    struct settings settings = read_settings(argc, argv);
    if (make(&settings, &err) == GY_OK)
        return 0;
    fprintf(stderr, "shop_make: %s\n", err.message);
    return 1;
}
