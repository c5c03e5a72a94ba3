/* arrival.c - see arrival.h. */
#include "arrival.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "season.h"

enum {
    EVENTS_PER_BUCKET = 250000,
    MAX_BUCKETS = 400,
    LATEST_S = 2 * 86400 /* the last event may arrive this much later */
};

struct bucket {
    FILE *file;
    uint64_t n_events;
};

struct arrival {
    uint32_t n_buckets;
    uint32_t next;
    uint64_t span_s; /* of a bucket */
    struct bucket buckets[MAX_BUCKETS];
    struct gy_buf records;
    const struct shop_event **events;
    size_t capacity;
};

/* A file that has no name any more, so that it is gone however the program ends. */
static FILE *open_nameless(const char *dir)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/arrival-XXXXXX", dir);
    int fd = mkstemp(path);
    if (fd < 0)
        return NULL;
    (void)unlink(path);
    return fdopen(fd, "w+b");
}

enum gy_status arrival_open(const char *dir, uint64_t n_events, struct arrival **out,
                            struct gy_error *err)
{
    struct arrival *a = gy_alloc_zero(1, sizeof *a);
    uint64_t n = 1 + n_events / EVENTS_PER_BUCKET;
    a->n_buckets = n > MAX_BUCKETS ? MAX_BUCKETS : (uint32_t)n;
    a->span_s = (SHOP_END - SHOP_START + LATEST_S) / a->n_buckets + 1;
    *out = a;
    for (uint32_t i = 0; i < a->n_buckets; i++) {
        a->buckets[i].file = open_nameless(dir);
        if (a->buckets[i].file == NULL)
            return gy_error_sys(err, errno, "could not make a temporary file in \"%s\"", dir);
    }
    return GY_OK;
}

void arrival_close(struct arrival *a)
{
    if (a == NULL)
        return;
    for (uint32_t i = 0; i < a->n_buckets; i++) {
        if (a->buckets[i].file != NULL)
            fclose(a->buckets[i].file);
    }
    gy_buf_release(&a->records);
    free(a->events);
    free(a);
}

enum gy_status arrival_add(struct arrival *a, const struct shop_event *event, struct gy_error *err)
{
    struct bucket *bucket = &a->buckets[(event->arrival - SHOP_START) / a->span_s];
    bucket->n_events++;
    if (fwrite(event, shop_event_size(event), 1, bucket->file) != 1)
        return gy_error_sys(err, errno, "could not write a temporary file");
    return GY_OK;
}

static int compare_arrivals(const void *a, const void *b)
{
    const struct shop_event *l = *(const struct shop_event *const *)a;
    const struct shop_event *r = *(const struct shop_event *const *)b;
    if (l->arrival != r->arrival)
        return l->arrival < r->arrival ? -1 : 1;
    if (l->customer != r->customer)
        return l->customer < r->customer ? -1 : 1;
    return (l->time > r->time) - (l->time < r->time);
}

static enum gy_status read_records(struct arrival *a, FILE *file, struct gy_error *err)
{
    long size = ftell(file);
    gy_buf_reset(&a->records);
    char *room = gy_buf_room(&a->records, (size_t)size);
    rewind(file);
    if (fread(room, 1, (size_t)size, file) != (size_t)size)
        return gy_error_sys(err, errno, "could not read a temporary file");
    gy_buf_added(&a->records, (size_t)size);
    return GY_OK;
}

enum gy_status arrival_next(struct arrival *a, const struct shop_event *const **events, size_t *n,
                            struct gy_error *err)
{
    *n = 0;
    while (a->next < a->n_buckets && *n == 0) {
        struct bucket *bucket = &a->buckets[a->next++];
        GY_TRY(read_records(a, bucket->file, err));
        fclose(bucket->file);
        bucket->file = NULL;
        const char *at = a->records.ptr;
        GY_GROW(a->events, a->capacity, bucket->n_events);
        for (; *n < bucket->n_events; (*n)++) {
            a->events[*n] = (const struct shop_event *)(const void *)at;
            at += shop_event_size(a->events[*n]);
        }
        qsort(a->events, *n, sizeof *a->events, compare_arrivals);
    }
    *events = a->events;
    return GY_OK;
}
