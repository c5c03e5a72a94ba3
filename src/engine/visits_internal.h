/* visits_internal.h - what the files of visits share. */
#ifndef GY_ENGINE_VISITS_INTERNAL_H
#define GY_ENGINE_VISITS_INTERNAL_H

#include "engine/derived.h"
#include "engine/reader.h"

/* A row of pages. */
struct gy_visit_page {
    uint32_t slice; /* its place in `views` */
    uint32_t row;
};

struct gy_visit {
    uint32_t first_page; /* in `pages`; the others follow */
    uint32_t n_pages;
    int64_t first_ms;
    int64_t last_ms;
    uint32_t rank;  /* of the first page */
    uint32_t slice; /* that the first page lies in */
    uint16_t customer;
};

enum {
    GY_PAGE_TEXTS = 256
};

/* What was reckoned from the first pages of visits that begin in a slice, by property. It is the same as of every instant,
 * and lives as long as the slice's view. Visits are numbered as they are met, since of many pages few begin one. */
struct gy_page_texts {
    uint32_t *visit_of_row; /* its number + 1; 0: it has none */
    uint32_t n_visits;
    /* GY_PAGE_TEXTS at a time, by that number; without a pointer: not yet */
    struct gy_str **texts[GY_N_VISIT_PROPERTIES];
};

/* The visits of a block or of one customer, as of an instant. */
struct gy_visits {
    struct gy_visits *next; /* in the reader's list */
    bool is_of_block;
    uint32_t whose; /* the block's number or the customer's root */
    uint32_t stream;
    int64_t now_ms;
    struct gy_slice_view **views; /* of the pages */
    uint32_t n_views;
    struct gy_visit_page *pages; /* by customer, in the order of events */
    size_t n_pages;
    struct gy_visit *visits;
    size_t n_visits;
    struct gy_stream_view stream_view;
    struct gy_arena arena; /* of all that rows are made of */
};

/* The rows of one slice. */
struct gy_visit_slice {
    const struct gy_visits *all;
    struct gy_arena *arena; /* that of `all` */
    const struct gy_visit **at;
    uint32_t n;
    struct gy_view_column *columns[GY_N_VISIT_PROPERTIES]; /* NULL: not asked for yet */
};

/* n elements, laid as parts lay them: on a 64-byte boundary, with 64 readable bytes behind. */
void *gy_visit_array(struct gy_arena *arena, size_t n, size_t size);

#endif
