/* bench_online_retail.c - the demo's figures: import rate, and the ten segments, once and a hundredfold.
 *
 *     bench_online_retail FILE.csv [COPIES [DIR]]
 *
 * COPIES is 100 unless given. DIR is where the store is made and kept; one that is there already is only asked.
 *
 * 1. imports the file's order lines into a new store: lines a second, from opening the file to the last
 *    commit and merge;
 * 2. evaluates the example's ten segments one after the other, and all in one pass: one warm-up and five
 *    runs, the median of each;
 * 3. imports the same lines again under new customers and orders, COPIES - 1 times, and evaluates again.
 *
 * Times are wall time on a monotonic clock; parsing, checking and planning of a segment are in it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/zone.h"
#include "engine/engine.h"
#include "engine/vocabulary.h"
#include "ingest/csv.h"
#include "ingest/import_job.h"

enum {
    RUNS = 5
};

static const char map[] = "order_id=InvoiceNo,customer_id=CustomerID,time=InvoiceDate,product_id="
                          "StockCode,quantity=Quantity,price=UnitPrice,name=Description,"
                          "trait.country=Country";

static void check(enum gy_status status, const struct gy_error *err)
{
    if (status != GY_OK) {
        fprintf(stderr, "bench_online_retail: %s %s\n", err->message, err->hint);
        exit(1);
    }
}

static double seconds_since(int64_t start_us)
{
    return (double)(gy_monotonic_us() - start_us) / 1e6;
}

static struct gy_import_report import(const char *dir, const char *file)
{
    struct gy_error err;
    struct gy_writer *writer = NULL;
    struct gy_import_report report;
    struct gy_import_options options = {.kind = GY_IMPORT_ORDER_LINES, .map = map};
    check(gy_writer_open(dir, &writer, &err), &err);
    check(gy_import_file(writer, file, &options, &report, &err), &err);
    check(gy_writer_maintain(writer, &err), &err);
    gy_writer_close(writer);
    return report;
}

/* Writes the lines that have a customer, with "-k" behind the order's and the customer's id. */
static void write_copy(const char *from, const char *to, unsigned k)
{
    struct gy_error err;
    struct gy_source *source = NULL;
    struct gy_csv *csv = NULL;
    FILE *out = fopen(to, "wb");
    if (out == NULL) {
        perror(to);
        exit(1);
    }
    check(gy_source_open(from, NULL, &source, &err), &err);
    check(gy_csv_open(source, ',', &csv, &err), &err);
    for (bool is_header = true;; is_header = false) {
        struct gy_row row;
        bool has_row;
        check(gy_csv_next(csv, &row, &has_row, &err), &err);
        if (!has_row) {
            break;
        }
        const struct gy_cell *customer = &row.cells[6];
        size_t order_end = row.cells[0].offset + row.cells[0].text.len;
        size_t customer_end = customer->offset + customer->text.len;
        if (is_header) {
            fprintf(out, "%.*s\n", GY_STR_ARG(row.raw));
        } else if (customer->text.len > 0) {
            fprintf(out, "%.*s-%u%.*s-%u%.*s\n", (int)order_end, row.raw.ptr, k,
                    (int)(customer_end - order_end), row.raw.ptr + order_end, k,
                    (int)(row.raw.len - customer_end), row.raw.ptr + customer_end);
        }
    }
    gy_csv_close(csv);
    gy_source_close(source);
    fclose(out);
}

static int by_time(const void *x, const void *y)
{
    int64_t a = *(const int64_t *)x;
    int64_t b = *(const int64_t *)y;
    return (a > b) - (a < b);
}

enum {
    MAX_SEGMENTS = 32
};

/* Reads, checks, plans and evaluates n of the segments, from `first` on, in one pass; the size of each. */
static void ask(const struct gy_snapshot *snapshot, uint32_t first, uint32_t n, int64_t now,
                uint64_t *sizes)
{
    struct gy_error err;
    struct gy_vocabulary vocabulary = gy_vocabulary_of(snapshot);
    struct gy_check_options options = {0};
    struct gy_definition definitions[MAX_SEGMENTS] = {0};
    const struct gy_expr *exprs[MAX_SEGMENTS];
    int64_t instants_ms[MAX_SEGMENTS];
    roaring_bitmap_t *audiences[MAX_SEGMENTS];
    for (uint32_t i = 0; i < n; i++) {
        struct gy_str text = gy_snapshot_segment(snapshot, first + i)->text;
        check(gy_define(text, &vocabulary, &options, &definitions[i], &err), &err);
        exprs[i] = definitions[i].expr;
        instants_ms[i] = now;
    }
    check(gy_audiences(snapshot, exprs, instants_ms, n, NULL, audiences, &err), &err);
    for (uint32_t i = 0; i < n; i++) {
        sizes[i] = roaring_bitmap_get_cardinality(audiences[i]);
        roaring_bitmap_free(audiences[i]);
        gy_definition_release(&definitions[i]);
    }
}

/* The times of RUNS runs after one to warm up, ascending, in milliseconds. */
static void measure(const struct gy_snapshot *snapshot, uint32_t first, uint32_t n, int64_t now,
                    uint64_t *sizes, double times_ms[RUNS])
{
    int64_t times_us[RUNS];
    ask(snapshot, first, n, now, sizes);
    for (int run = 0; run < RUNS; run++) {
        int64_t start = gy_monotonic_us();
        ask(snapshot, first, n, now, sizes);
        times_us[run] = gy_monotonic_us() - start;
    }
    qsort(times_us, RUNS, sizeof *times_us, by_time);
    for (int run = 0; run < RUNS; run++)
        times_ms[run] = (double)times_us[run] / 1e3;
}

static void print_times(struct gy_str name, const char *size, const double times_ms[RUNS])
{
    printf("  %-24.*s %12s %10.2f   (%.2f to %.2f)\n", GY_STR_ARG(name), size, times_ms[RUNS / 2],
           times_ms[0], times_ms[RUNS - 1]);
}

static void ask_all(const char *dir, int64_t now)
{
    struct gy_error err;
    struct gy_snapshot *snapshot = NULL;
    uint64_t sizes[MAX_SEGMENTS];
    double times_ms[RUNS];
    double total_ms = 0;
    check(gy_snapshot_open(dir, &snapshot, &err), &err);
    printf("  %-24s %12s %10s   of %u ids\n", "segment", "customers", "ms",
           gy_snapshot_n_ordinals(snapshot));
    uint32_t n = gy_snapshot_n_segments(snapshot);
    for (uint32_t i = 0; i < n; i++) {
        char size[32];
        measure(snapshot, i, 1, now, sizes, times_ms);
        snprintf(size, sizeof size, "%llu", (unsigned long long)sizes[0]);
        print_times(gy_snapshot_segment(snapshot, i)->name, size, times_ms);
        total_ms += times_ms[RUNS / 2];
    }
    printf("  %-24s %12s %10.2f\n", "one after the other", "", total_ms);
    measure(snapshot, 0, n, now, sizes, times_ms);
    print_times(GY_STR("all in one pass"), "", times_ms);
    gy_snapshot_close(snapshot);
}

static void apply_segments(const char *self, const char *dir)
{
    const char *slash = strrchr(self, '/');
    char command[GY_COMMAND_MAX];
    snprintf(command, sizeof command,
             "'%.*s/../gyeol' --data '%s' segment apply --as-of 2011-12-10 '%s' >/dev/null 2>&1",
             slash == NULL ? 1 : (int)(slash - self), slash == NULL ? "." : self, dir,
             GYEOL_SEGMENTS);
    if (system(command) != 0) {
        fprintf(stderr, "bench_online_retail: could not run: %s\n", command);
        exit(1);
    }
}

static void make_store(const char *self, const char *data, const char *file)
{
    struct gy_error err;
    struct gy_init_options options = {.time_zone = "Europe/London", .currency = "GBP"};
    check(gy_workspace_init(data, &options, &err), &err);
    int64_t start = gy_monotonic_us();
    struct gy_import_report report = import(data, file);
    double seconds = seconds_since(start);
    printf("  import: %llu lines in %.2f s, %.0f lines/s\n", (unsigned long long)report.lines,
           seconds, (double)report.lines / seconds);
    apply_segments(self, data);
}

static void add_copies(const char *data, const char *file, const char *dir, unsigned copies)
{
    char copy[GY_COMMAND_MAX];
    double seconds = 0;
    uint64_t lines = 0;
    snprintf(copy, sizeof copy, "%s/copy.csv", dir);
    for (unsigned k = 1; k < copies; k++) {
        write_copy(file, copy, k);
        int64_t start = gy_monotonic_us();
        lines += import(data, copy).lines;
        seconds += seconds_since(start);
    }
    (void)unlink(copy);
    printf("\n  %u times as many customers; import of the others: %.0f lines/s\n", copies,
           (double)lines / seconds);
}

/* The instant as of which the demo asks: the day after the shop's data ends. */
static int64_t demo_now(void)
{
    int64_t now = 0;
    (void)gy_time_read(GY_STR("2011-12-10T00:00:00Z"), NULL, &now, NULL);
    return now;
}

static void run_in(const char *dir, const char *self, const char *file, unsigned copies)
{
    char data[GY_COMMAND_MAX / 4];
    snprintf(data, sizeof data, "%s/data", dir);
    if (access(data, F_OK) != 0) {
        make_store(self, data, file);
        if (copies > 1) {
            ask_all(data, demo_now());
            add_copies(data, file, dir, copies);
        }
    }
    ask_all(data, demo_now());
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: bench_online_retail FILE.csv [COPIES [DIR]]\n");
        return 2;
    }
    unsigned copies = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 100;
    if (argc > 3) {
        run_in(argv[3], argv[0], argv[1], copies);
        return 0;
    }
    char dir[] = "/tmp/gyeol-bench-XXXXXX";
    char command[128];
    if (mkdtemp(dir) == NULL) {
        perror(dir);
        return 1;
    }
    run_in(dir, argv[0], argv[1], copies);
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    return system(command) == 0 ? 0 : 1;
}
