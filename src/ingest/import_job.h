/* import_job.h - one file into the store: recognised, mapped, checked, counted, committed.
 *
 * A file is JSON lines of Segment-spec calls, or a table (CSV, TSV, XLSX) of one kind: events,
 * orders, order lines or customers. Each line is taken, found to be a duplicate, or rejected with a
 * reason; the report accounts for every one of them. Chunks of a large file are committed on the way;
 * what was committed stays if the job is cancelled or the process is killed, and importing the file
 * again finishes the job, since every call that is stored already is found to be a duplicate.
 *
 * Fields of a table, by kind; `map` says which column each is taken from, the rest is recognised by
 * its name where that is certain:
 *
 *   events       customer_id or anonymous_id, event, time, [message_id]; others become properties
 *   orders       order_id, customer_id, time, [revenue, status, status_time, …]; others become properties
 *   order-lines  order_id, customer_id, time, product_id, quantity, price, [name, category, brand,
 *                discount, coupon, channel, status, status_time]; others become properties of the line
 *   customers    customer_id, [time]; others become traits
 *
 * `trait.NAME=COLUMN` makes a column a trait of the customer; docs/import.md is the guide.
 */
#ifndef GY_INGEST_IMPORT_JOB_H
#define GY_INGEST_IMPORT_JOB_H

#include <stdatomic.h>

#include "base/buf.h"
#include "base/status.h"
#include "store/writer.h"

enum gy_import_kind {
    GY_IMPORT_AUTO,
    GY_IMPORT_CALLS, /* Segment-spec calls, JSON lines */
    GY_IMPORT_EVENTS,
    GY_IMPORT_ORDERS,
    GY_IMPORT_ORDER_LINES,
    GY_IMPORT_CUSTOMERS,
};

const char *gy_import_kind_word(enum gy_import_kind kind); /* "order-lines" */

struct gy_import_options {
    enum gy_import_kind kind;
    const char *map;         /* "order_id=InvoiceNo,trait.country=Country"; NULL: none */
    const char *const *sets; /* "event=Order Completed": a field that is the same in every line */
    size_t n_sets;
    const char *time_format;  /* NULL: recognised */
    const char *time_zone;    /* of times without an offset; NULL: the workspace's */
    const char *encoding;     /* NULL or "auto": recognised */
    const char *delimiter;    /* one character, "tab" or "blanks"; NULL: recognised */
    const char *sheet;        /* of an XLSX file; NULL: the first */
    bool no_header;           /* columns are then named by number, from 1 on */
    bool replace;             /* an order that differs from the stored one replaces it */
    bool dry_run;             /* read and check everything, change nothing */
    const char *rejects_path; /* rejected lines as they came are written here; NULL: nowhere */
    /* Called about ten times a second: bytes as they lie on disk; total 0 if it is not known. */
    void (*progress)(void *context, uint64_t bytes_done, uint64_t bytes_total, uint64_t lines);
    void *progress_context;
    const atomic_bool *cancel; /* stops with CANCELLED after the last committed chunk */
};

struct gy_import_reason {
    char text[160]; /* "no customer" */
    uint64_t count;
    uint64_t first_line;
};

/* Two columns have a usual name of one field: one was taken for it, the other is a property or trait. */
struct gy_import_choice {
    const char *field; /* "time" */
    char taken[64];    /* the headers, cut where they are longer */
    char other[64];
};

enum {
    GY_IMPORT_MAX_REASONS = 64,
    GY_IMPORT_MAX_CHOICES = 16
};

struct gy_import_report {
    enum gy_import_kind kind;
    char encoding[32]; /* as recognised or given */
    char delimiter[8]; /* "," ; empty for JSON lines and XLSX */
    char time_format[64];
    uint64_t
        lines; /* data lines read: lines = lines_taken + lines_duplicate + lines_rejected + lines_changed */
    uint64_t lines_blank; /* empty lines between JSON lines; not among `lines` */
    uint64_t lines_taken;
    uint64_t lines_duplicate;
    uint64_t lines_rejected;
    uint64_t lines_changed; /* of orders that differ from the stored ones and were not taken */
    uint64_t calls_taken;   /* what they made: events and trait calls */
    uint64_t calls_duplicate;
    uint64_t orders_changed;
    uint64_t orders_replaced;
    uint64_t misfits;
    char misfit_example[256];
    struct gy_import_reason reasons[GY_IMPORT_MAX_REASONS]; /* of rejections, most frequent first */
    uint32_t n_reasons;
    struct gy_import_choice choices[GY_IMPORT_MAX_CHOICES];
    uint32_t n_choices;
};

/* Imports the file at `path`; "-" is standard input. The report is filled as far as it came also on
 * failure. INVALID at a place for a file that cannot be read at all (wrong kind, no such column, broken
 * CSV …): then nothing of the chunk in hand was taken. */
GY_CHECKED enum gy_status gy_import_file(struct gy_writer *writer, const char *path,
                                         const struct gy_import_options *options,
                                         struct gy_import_report *report, struct gy_error *err);

#endif
