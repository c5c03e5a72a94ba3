/* output.h - tables for people, and files.
 *
 * A table is filled cell by cell and printed once all widths are known; a wide character counts as
 * two columns.
 */
#ifndef GY_CLI_OUTPUT_H
#define GY_CLI_OUTPUT_H

#include <stdio.h>

#include "base/status.h"
#include "workspace/figures.h"

enum {
    GY_LISTING_COLUMNS = 16
};

struct gy_listing {
    const char *aligns; /* a letter a column: l, r */
    size_t n_columns;
    struct gy_buf bytes;
    size_t *ends; /* of cells in `bytes` */
    size_t n_cells;
    size_t capacity;
    bool has_head; /* the first row is the heading */
};

/* `aligns` is borrowed; as many columns as letters. */
void gy_listing_init(struct gy_listing *table, const char *aligns);
void gy_listing_release(struct gy_listing *table);

/* The next cell. */
void gy_listing_str(struct gy_listing *table, struct gy_str s);
void gy_listing_text(struct gy_listing *table, const char *terminated);
void gy_listing_count(struct gy_listing *table, uint64_t n);
void gy_listing_decimal(struct gy_listing *table, double value, int places);
void gy_listing_money(struct gy_listing *table, double value, const char *currency);
void gy_listing_share(struct gy_listing *table, double part, double whole);

/* With a first row that is a heading: set off by a line, or by colour. */
void gy_listing_print(const struct gy_listing *table, bool color, FILE *out);

/* Writes to `path` by way of a file beside it, or to standard output where it is NULL or "-". */
GY_CHECKED enum gy_status gy_output_write(const char *path, struct gy_str bytes,
                                          struct gy_error *err);

#endif
