/* bench_csv.c - how fast rows come out of a CSV file: gyeol's scanner beside libcsv.
 *
 *     bench_csv FILE     one warm-up and five runs of each, in memory; best and slowest, of processor time
 *
 * Both count cells and bytes of cells, so that neither is allowed to skip its work.
 */
#include <csv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "ingest/csv.h"

enum {
    RUNS = 5
};

struct tally {
    size_t rows;
    size_t cells;
    size_t bytes;
};

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void die(const struct gy_error *err)
{
    fprintf(stderr, "%u:%u: %s\n", err->line, err->column, err->message);
    exit(1);
}

static struct tally run_ours(struct gy_str text)
{
    struct tally t = {0};
    struct gy_error err;
    struct gy_source *source = NULL;
    struct gy_csv *csv = NULL;
    if (gy_source_open_bytes("bench", text, NULL, &source, &err) != GY_OK ||
        gy_csv_open(source, 0, &csv, &err) != GY_OK) {
        die(&err);
    }
    for (;;) {
        struct gy_row row;
        bool has_row = false;
        if (gy_csv_next(csv, &row, &has_row, &err) != GY_OK) {
            die(&err);
        }
        if (!has_row) {
            break;
        }
        t.rows++;
        t.cells += row.n_cells;
        for (uint32_t i = 0; i < row.n_cells; i++) {
            t.bytes += row.cells[i].text.len;
        }
    }
    gy_csv_close(csv);
    gy_source_close(source);
    return t;
}

static void take_cell(void *cell, size_t len, void *context)
{
    struct tally *t = context;
    (void)cell;
    t->cells++;
    t->bytes += len;
}

static void take_row(int end, void *context)
{
    struct tally *t = context;
    (void)end;
    t->rows++;
}

static struct tally run_libcsv(struct gy_str text)
{
    struct tally t = {0};
    struct csv_parser parser;
    csv_init(&parser, 0);
    csv_parse(&parser, text.ptr, text.len, take_cell, take_row, &t);
    csv_fini(&parser, take_cell, take_row, &t);
    csv_free(&parser);
    return t;
}

static void measure(const char *name, struct tally (*run)(struct gy_str), struct gy_str text)
{
    struct tally t = run(text);
    double best = 1e9;
    double worst = 0;
    for (int i = 0; i < RUNS; i++) {
        double begin = seconds();
        t = run(text);
        double took = seconds() - begin;
        best = took < best ? took : best;
        worst = took > worst ? took : worst;
    }
    printf("%-8s %9zu rows %10zu cells %12zu bytes  %7.1f MB/s (slowest %.1f)\n", name, t.rows,
           t.cells, t.bytes, (double)text.len / 1e6 / best, (double)text.len / 1e6 / worst);
}

int main(int argc, char **argv)
{
    struct gy_buf text = {0};
    struct gy_error err;
    if (argc != 2) {
        fprintf(stderr, "usage: bench_csv FILE\n");
        return 2;
    }
    if (gy_file_read(argv[1], &text, &err) != GY_OK) {
        die(&err);
    }
    measure("gyeol", run_ours, gy_buf_view(&text));
    measure("libcsv", run_libcsv, gy_buf_view(&text));
    gy_buf_release(&text);
    return 0;
}
