/* import_internal.h - one import as it runs: what the files import_*.c and order_*.c share. */
#ifndef GY_INGEST_IMPORT_INTERNAL_H
#define GY_INGEST_IMPORT_INTERNAL_H

#include <stdio.h>

#include "base/arena.h"
#include "base/zone.h"
#include "ingest/column_map.h"
#include "ingest/import_job.h"
#include "ingest/pack.h"
#include "ingest/source.h"
#include "ingest/time_format.h"

struct gy_json_tree;
struct gy_table; /* table.h: the rows of a CSV or XLSX file, and its header */

struct gy_import {
    struct gy_writer *writer;
    const struct gy_import_options *options;
    struct gy_import_report *report;
    const char *path;
    struct gy_source *input; /* standard input, opened to see what it is; NULL: `path` is opened */
    struct gy_zone *zone;    /* of times without an offset */
    FILE *rejects;           /* or NULL */
    struct gy_buf head;      /* the table's header, until `rejects` has it */
    struct gy_buf line;      /* a row on its way to `rejects` */
    struct gy_arena arena;   /* of the row or call in hand */
    uint64_t position;       /* bytes of the file read, as they lie on disk */
    uint64_t size;           /* 0: not known */
    int64_t next_progress_us;
    bool commits_ahead; /* chunks are committed while the next one is read */
};

/* ---- import_account.c ---- */

/* Where rejected lines are to be kept. INVALID: that is the file that is read. */
GY_CHECKED enum gy_status gy_import_open_rejects(struct gy_import *import, struct gy_error *err);

/* What stands before the first of the rejected rows, so that their file can be imported. NULL: nothing. */
void gy_import_keep_header(struct gy_import *import, const struct gy_row *header);

/* Counts the line as rejected, with its reason, and writes it to the rejects file: `raw` with its line
 * end. */
void gy_import_reject_line(struct gy_import *import, uint64_t line, struct gy_str raw,
                           const char *reason);
void gy_import_reject_row(struct gy_import *import, const struct gy_row *row, const char *reason);

/* Sorts the reasons and closes the rejects file: IO where not all of it could be written. `err` may be
 * NULL. */
GY_CHECKED enum gy_status gy_import_close_account(struct gy_import *import, struct gy_error *err);

/* ---- import_job.c ---- */

/* Gives the writer the calls that a row or an order makes (of different events, and at most one
 * identify): all of them, or, where one cannot be taken, none: then `*refused`, with the reason in `why`
 * (512 bytes). A batch that is full is committed before, so that what goes with them (the removal of
 * those they replace) can still be asked for, and what is one is committed as one. */
GY_CHECKED enum gy_status gy_import_calls(struct gy_import *import, const struct gy_call *calls,
                                          uint32_t n, bool *refused, char why[512],
                                          struct gy_error *err);

/* Commits what there is. */
GY_CHECKED enum gy_status gy_import_commit(struct gy_import *import, struct gy_error *err);

/* CANCELLED where that is wanted. */
GY_CHECKED enum gy_status gy_import_go_on(const struct gy_import *import, struct gy_error *err);

/* Takes all lines that `fill` makes, which runs in a thread of its own where the file is one that does
 * not keep a reader waiting. */
GY_CHECKED enum gy_status gy_import_packs(struct gy_import *import, gy_fill_fn fill, void *context,
                                          struct gy_error *err);

/* After each line: counts it, shows progress, stops with CANCELLED where that is wanted. */
GY_CHECKED enum gy_status gy_import_step(struct gy_import *import, struct gy_error *err);

/* The rows of a table as calls. */
GY_CHECKED enum gy_status gy_import_table(struct gy_import *import, struct gy_table *table,
                                          const struct gy_column_map *map, struct gy_error *err);
GY_CHECKED enum gy_status gy_import_orders(struct gy_import *import, struct gy_table *table,
                                           const struct gy_column_map *map, struct gy_error *err);

/* The format of a field's times: given, or recognized by the rows that were read ahead. */
GY_CHECKED enum gy_status gy_import_time_format(struct gy_import *import,
                                                const struct gy_table *table,
                                                const struct gy_column_map *map,
                                                enum gy_table_field field,
                                                struct gy_time_format *out, struct gy_error *err);

/* A value of a table's cell: a CELL in NFC, or MISSING where it is empty. Allocated in `arena` where
 * it had to be changed. */
struct gy_value gy_import_cell(struct gy_str text, struct gy_arena *arena);

/* A cell that is a JSON array of objects, as items; false if it is none (or not valid JSON). `tree` is
 * scratch. */
bool gy_import_items(struct gy_json_tree *tree, struct gy_str name, struct gy_str text,
                     struct gy_arena *arena, struct gy_item_list *out);

/* Amounts as people write them: 1,234.50, £2.55, ₩12,000, (12.00) and -12 for less than nothing. */
bool gy_import_amount(struct gy_str text, double *out);

#endif
