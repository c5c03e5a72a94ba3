/* shop_files.c - see shop_files.h. */
#include "shop_files.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "shop_calls.h"
#include "shop_csv.h"

enum {
    FLUSH_BYTES = 1 << 20
};

/* A file, and the lines that are on their way to it. */
struct sheet {
    bool is_wanted;
    bool is_open;
    struct gy_file_writer writer;
    struct gy_buf lines;
};

struct shop_files {
    const struct catalogue *catalogue;
    struct shop_files_options options;
    uint64_t n_calls;
    struct sheet customers;
    struct sheet events;
    struct sheet items;
    struct sheet calls;
};

/* ---- sheets ---- */

static enum gy_status open_sheet(struct sheet *s, const char *dir, const char *name,
                                 struct gy_error *err)
{
    char path[4096];
    if (!s->is_wanted)
        return GY_OK;
    snprintf(path, sizeof path, "%s/%s", dir, name);
    GY_TRY(gy_file_writer_open(&s->writer, path, err));
    s->is_open = true;
    return GY_OK;
}

static enum gy_status flush_sheet(struct sheet *s, size_t at_least, struct gy_error *err)
{
    if (!s->is_open || s->lines.len < at_least || s->lines.len == 0)
        return GY_OK;
    GY_TRY(gy_file_writer_append(&s->writer, s->lines.ptr, s->lines.len, err));
    gy_buf_reset(&s->lines);
    return GY_OK;
}

static enum gy_status finish_sheet(struct sheet *s, struct gy_error *err)
{
    if (!s->is_open)
        return GY_OK;
    GY_TRY(flush_sheet(s, 0, err));
    s->is_open = false;
    return gy_file_writer_finish(&s->writer, err);
}

static void close_sheet(struct sheet *s)
{
    if (s->is_open)
        gy_file_writer_abandon(&s->writer);
    gy_buf_release(&s->lines);
}

/* ---- lines ---- */

static uint64_t next_message(struct shop_files *files)
{
    files->n_calls++;
    return files->options.has_message_ids ? files->n_calls : 0;
}

enum gy_status shop_files_customer(struct shop_files *files, const struct shopper *s,
                                   struct gy_error *err)
{
    if (files->customers.is_wanted)
        shop_csv_customer(&files->customers.lines, s);
    if (files->calls.is_wanted)
        shop_call_identify(&files->calls.lines, s, next_message(files));
    GY_TRY(flush_sheet(&files->customers, FLUSH_BYTES, err));
    return flush_sheet(&files->calls, FLUSH_BYTES, err);
}

struct batch {
    struct shop_files *files;
    const struct shop_event *const *events;
    size_t n;
};

static enum gy_status write_tables(const struct batch *batch, struct gy_error *err)
{
    struct shop_files *files = batch->files;
    for (size_t i = 0; i < batch->n; i++) {
        const struct shop_event *e = batch->events[i];
        if (files->events.is_wanted)
            shop_csv_event(&files->events.lines, files->catalogue, e, files->options.has_products);
        if (files->items.is_wanted && e->kind == ORDER_COMPLETED)
            shop_csv_items(&files->items.lines, files->catalogue, e);
        GY_TRY(flush_sheet(&files->events, FLUSH_BYTES, err));
        GY_TRY(flush_sheet(&files->items, FLUSH_BYTES, err));
    }
    return GY_OK;
}

static enum gy_status write_calls(const struct batch *batch, struct gy_error *err)
{
    struct shop_files *files = batch->files;
    for (size_t i = 0; i < batch->n && files->calls.is_wanted; i++) {
        shop_call_track(&files->calls.lines, files->catalogue, batch->events[i],
                        next_message(files));
        GY_TRY(flush_sheet(&files->calls, FLUSH_BYTES, err));
    }
    return GY_OK;
}

static enum gy_status write_half(void *context, size_t piece, unsigned worker, struct gy_error *err)
{
    (void)worker;
    return piece == 0 ? write_tables(context, err) : write_calls(context, err);
}

enum gy_status shop_files_events(struct shop_files *files, const struct shop_event *const *events,
                                 size_t n, struct gy_error *err)
{
    struct batch batch = {files, events, n};
    return gy_parallel(2, 2, write_half, &batch, err);
}

/* ---- all ---- */

static void put_heads(struct shop_files *files)
{
    gy_buf_text(&files->customers.lines, SHOP_CUSTOMERS_HEAD);
    gy_buf_text(&files->events.lines, SHOP_EVENTS_HEAD);
    gy_buf_text(&files->events.lines, files->options.has_products ? ",products\n" : "\n");
    gy_buf_text(&files->items.lines, SHOP_ITEMS_HEAD);
}

enum gy_status shop_files_open(const char *dir, const struct catalogue *catalogue,
                               const struct shop_files_options *options, struct shop_files **out,
                               struct gy_error *err)
{
    struct shop_files *files = gy_alloc_zero(1, sizeof *files);
    *out = files;
    files->catalogue = catalogue;
    files->options = *options;
    files->customers.is_wanted = options->customers;
    files->events.is_wanted = options->events;
    files->items.is_wanted = options->items;
    files->calls.is_wanted = options->calls;
    put_heads(files);
    GY_TRY(open_sheet(&files->customers, dir, "customers.csv", err));
    GY_TRY(open_sheet(&files->events, dir, "events.csv", err));
    GY_TRY(open_sheet(&files->items, dir, "items.csv", err));
    return open_sheet(&files->calls, dir, "calls.jsonl", err);
}

enum gy_status shop_files_finish(struct shop_files *files, struct gy_error *err)
{
    GY_TRY(finish_sheet(&files->customers, err));
    GY_TRY(finish_sheet(&files->events, err));
    GY_TRY(finish_sheet(&files->items, err));
    return finish_sheet(&files->calls, err);
}

void shop_files_close(struct shop_files *files)
{
    if (files == NULL)
        return;
    close_sheet(&files->customers);
    close_sheet(&files->events);
    close_sheet(&files->items);
    close_sheet(&files->calls);
    free(files);
}
