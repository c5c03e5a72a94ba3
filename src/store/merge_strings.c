/* merge_strings.c - the dictionaries of an output file: exactly the strings that its rows have.
 *
 * Codes of the inputs are marked as they are met; strings that stand elsewhere (texts, values that
 * were of another type) are interned. Then the marked parts of the inputs' sorted dictionaries and
 * the sorted rest are merged into one, which gives every old code its new one. */
#include <stdlib.h>

#include "base/mem.h"
#include "store/merge_internal.h"

static void release_text(struct gy_merge_text *text, size_t n_inputs)
{
    for (size_t i = 0; i < n_inputs && text->codes != NULL; i++) {
        free(text->codes[i]);
    }
    free(text->codes);
    free(text->dictionaries);
    free(text->other_codes);
    free(text->strings);
    gy_intern_release(&text->others);
}

void gy_merge_texts_release(struct gy_merge_texts *texts)
{
    for (size_t i = 0; i < texts->n; i++) {
        release_text(&texts->texts[i], texts->n_inputs);
    }
    free(texts->texts);
    *texts = (struct gy_merge_texts){0};
}

static size_t find_place(const struct gy_merge_texts *texts, uint32_t stream, uint32_t property)
{
    size_t low = 0;
    size_t high = texts->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct gy_merge_text *text = &texts->texts[middle];
        if (text->stream < stream || (text->stream == stream && text->property < property)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct gy_merge_text *find_text(const struct gy_merge_texts *texts, uint32_t stream,
                                       uint32_t property)
{
    size_t place = find_place(texts, stream, property);
    if (place == texts->n || texts->texts[place].stream != stream ||
        texts->texts[place].property != property) {
        return NULL;
    }
    return &texts->texts[place];
}

const struct gy_merge_text *gy_merge_find_text(const struct gy_merge_texts *texts, uint32_t stream,
                                               uint32_t property)
{
    return find_text(texts, stream, property);
}

static struct gy_merge_text *need_text(struct gy_merge_texts *texts, uint32_t stream,
                                       uint32_t property, enum gy_value_type type)
{
    struct gy_merge_text *text = find_text(texts, stream, property);
    if (text != NULL) {
        return text;
    }
    size_t place = find_place(texts, stream, property);
    GY_GROW(texts->texts, texts->capacity, texts->n + 1);
    text = &texts->texts[place];
    memmove(text + 1, text, (texts->n - place) * sizeof *text);
    texts->n++;
    *text = (struct gy_merge_text){
        .stream = stream,
        .property = property,
        .type = type,
        .codes = gy_alloc_zero(texts->n_inputs, sizeof *text->codes),
        .dictionaries = gy_alloc_zero(texts->n_inputs, sizeof *text->dictionaries),
    };
    return text;
}

/* ---- finding what is used ---- */

struct scan {
    const struct gy_merge_job *job;
    struct gy_merge_text *text;
    const struct gy_merge_source *source;
    struct gy_column column;
    struct gy_dictionary *dictionary;
    uint32_t *used; /* by old code */
    struct gy_arena arena;
};

#define DEFINE_SCAN(type)                                                        \
    static void scan_##type(struct scan *scan, uint32_t first, uint32_t end)     \
    {                                                                            \
        const type *raw = scan->column.data;                                     \
        const uint64_t *present = scan->column.present;                          \
        for (uint32_t row = first; row < end; row++) {                           \
            if (present == NULL || (present[row >> 6] >> (row & 63) & 1) != 0) { \
                scan->used[raw[row]] = 1;                                        \
                scan->text->n_values++;                                          \
            }                                                                    \
        }                                                                        \
    }

DEFINE_SCAN(uint8_t)
DEFINE_SCAN(uint16_t)
DEFINE_SCAN(uint32_t)

static void scan_codes(struct scan *scan, uint32_t first, uint32_t end)
{
    if (scan->column.width == 1) {
        scan_uint8_t(scan, first, end);
    } else if (scan->column.width == 2) {
        scan_uint16_t(scan, first, end);
    } else {
        scan_uint32_t(scan, first, end);
    }
}

static void scan_lists(struct scan *scan, uint32_t first, uint32_t end)
{
    const struct gy_column *c = &scan->column;
    for (uint32_t i = c->starts[first]; i < c->starts[end]; i++) {
        scan->used[gy_column_raw(c, i)] = 1;
    }
}

static void scan_texts(struct scan *scan, uint32_t first, uint32_t end)
{
    const struct gy_column *c = &scan->column;
    for (uint32_t row = first; row < end; row++) {
        if (gy_column_is_present(c, row)) {
            gy_intern_add(&scan->text->others, gy_column_text(c, row));
            scan->text->n_values++;
        }
    }
}

static void scan_other_type(struct scan *scan, uint32_t first, uint32_t end)
{
    for (uint32_t row = first; row < end; row++) {
        struct gy_value value;
        struct gy_str misfit;
        if (!gy_merge_reread(scan->job, &scan->column, scan->dictionary, row, scan->text->type,
                             &scan->arena, &value, &misfit)) {
            continue;
        }
        if (value.type == GY_VALUE_STRING) {
            gy_intern_add(&scan->text->others, value.string);
            scan->text->n_values++;
        }
        for (uint32_t i = 0; value.type == GY_VALUE_LIST && i < value.list.n; i++) {
            gy_intern_add(&scan->text->others, value.list.strings[i]);
        }
        gy_arena_reset(&scan->arena);
    }
}

static void scan_piece(struct scan *scan, uint32_t first, uint32_t end)
{
    if (scan->column.type != scan->text->type) {
        scan_other_type(scan, first, end);
        return;
    }
    switch (scan->column.encoding) {
    case GY_ENCODING_CODE:
        scan_codes(scan, first, end);
        return;
    case GY_ENCODING_LIST:
        scan_lists(scan, first, end);
        return;
    case GY_ENCODING_TEXT:
        scan_texts(scan, first, end);
        return;
    case GY_ENCODING_NONE:
    case GY_ENCODING_INT:
    case GY_ENCODING_DOUBLE:
        return;
    }
}

/* Opens the column and its dictionary, and makes room for marks. */
static enum gy_status begin_scan(struct scan *scan, struct gy_error *err)
{
    const struct gy_merge_source *source = scan->source;
    struct gy_merge_text *text = scan->text;
    GY_TRY(gy_part_column(source->part, source->slice, text->property, &scan->column, err));
    scan->dictionary = &text->dictionaries[source->input];
    if (scan->dictionary->n == 0) {
        GY_TRY(
            gy_part_dictionary(source->part, text->stream, text->property, scan->dictionary, err));
    }
    if (text->codes[source->input] == NULL && scan->dictionary->n > 0) {
        text->codes[source->input] = gy_alloc_zero(scan->dictionary->n, sizeof(uint32_t));
    }
    scan->used = text->codes[source->input];
    return GY_OK;
}

static enum gy_status scan_text(const struct gy_merge_job *job, const struct gy_merge_rows *rows,
                                struct gy_merge_text *text, struct gy_error *err)
{
    struct scan *scans = gy_alloc_zero(rows->n_sources, sizeof *scans);
    enum gy_status status = GY_OK;
    for (uint32_t i = 0; i < rows->n_sources && status == GY_OK; i++) {
        scans[i] = (struct scan){.job = job, .text = text, .source = &rows->sources[i]};
        status = begin_scan(&scans[i], err);
    }
    for (uint32_t i = 0; i < rows->n_pieces && status == GY_OK; i++) {
        const struct gy_merge_piece *piece = &rows->pieces[i];
        scan_piece(&scans[piece->source], piece->first, piece->first + piece->n);
    }
    for (uint32_t i = 0; i < rows->n_sources; i++) {
        gy_arena_release(&scans[i].arena);
    }
    free(scans);
    return status;
}

static enum gy_status scan_property(const struct gy_merge_job *job,
                                    const struct gy_merge_rows *rows, uint32_t property,
                                    struct gy_merge_texts *texts, struct gy_error *err)
{
    enum gy_value_type type;
    GY_TRY(gy_merge_type(job, rows->stream, property, &type, err));
    if (type != GY_VALUE_STRING && type != GY_VALUE_LIST) {
        return GY_OK;
    }
    return scan_text(job, rows, need_text(texts, rows->stream, property, type), err);
}

enum gy_status gy_merge_scan_strings(const struct gy_merge_job *job,
                                     const struct gy_merge_rows *rows, struct gy_merge_texts *texts,
                                     struct gy_error *err)
{
    uint32_t n = 0;
    uint32_t *properties = gy_merge_properties(rows, &n);
    enum gy_status status = GY_OK;
    for (uint32_t i = 0; i < n && status == GY_OK && rows->n_rows > 0; i++) {
        status = scan_property(job, rows, properties[i], texts, err);
    }
    free(properties);
    return status;
}

/* ---- numbering ---- */

/* One sorted list of strings that goes into the union: the used codes of one dictionary, or the
 * other strings by `order`. There may be a hundred lists: those that have strings left stand in a heap. */
struct cursor {
    const struct gy_dictionary *dictionary; /* NULL: the others */
    uint32_t *codes;                        /* 1 where used, then the new code */
    const uint32_t *order;
    uint32_t next;
    uint32_t n;
    struct gy_str string;
    uint64_t prefix; /* its first eight bytes, which mostly tell two strings apart */
};

static uint64_t prefix_of(struct gy_str s)
{
    unsigned char bytes[8] = {0};
    uint64_t prefix;
    if (s.len > 0) {
        memcpy(bytes, s.ptr, s.len < 8 ? s.len : 8);
    }
    memcpy(&prefix, bytes, sizeof prefix);
    return __builtin_bswap64(prefix);
}

/* Goes on to the next string; false where there is none. */
static bool settle_cursor(struct cursor *c, const struct gy_merge_text *text)
{
    while (c->dictionary != NULL && c->next < c->n && c->codes[c->next] == 0) {
        c->next++;
    }
    if (c->next == c->n) {
        return false;
    }
    c->string = c->dictionary == NULL ? text->others.strings[c->order[c->next]]
                                      : gy_dictionary_str(c->dictionary, c->next);
    c->prefix = prefix_of(c->string);
    return true;
}

static int compare_others(const void *left, const void *right, void *context)
{
    const struct gy_intern *others = context;
    return gy_str_compare(others->strings[*(const uint32_t *)left],
                          others->strings[*(const uint32_t *)right]);
}

static uint32_t *sort_others(struct gy_intern *others)
{
    uint32_t *order = gy_alloc(others->n * sizeof *order);
    for (uint32_t i = 0; i < others->n; i++) {
        order[i] = i;
    }
    if (others->n > 0) {
        qsort_r(order, others->n, sizeof *order, compare_others, others);
    }
    return order;
}

static bool is_before(const struct cursor *a, const struct cursor *b)
{
    return a->prefix != b->prefix ? a->prefix < b->prefix
                                  : gy_str_compare(a->string, b->string) < 0;
}

/* Lets the cursor at a place of the heap sink to where it belongs. */
static void sink(struct cursor **heap, size_t n, size_t place)
{
    struct cursor *moved = heap[place];
    for (size_t child = 2 * place + 1; child < n; child = 2 * place + 1) {
        if (child + 1 < n && is_before(heap[child + 1], heap[child])) {
            child++;
        }
        if (!is_before(heap[child], moved)) {
            break;
        }
        heap[place] = heap[child];
        place = child;
    }
    heap[place] = moved;
}

/* Gives the next string its number: that of the last one if it is the same. */
static void number_string(struct gy_merge_text *text, struct cursor *c, uint32_t *capacity)
{
    bool is_new =
        text->n_strings == 0 || !gy_str_equal(text->strings[text->n_strings - 1], c->string);
    if (is_new) {
        GY_GROW(text->strings, *capacity, text->n_strings + 1);
        text->strings[text->n_strings++] = c->string;
    }
    uint32_t code = text->n_strings - 1;
    if (c->dictionary == NULL) {
        text->other_codes[c->order[c->next]] = code;
    } else {
        c->codes[c->next] = code;
    }
    c->next++;
}

/* Numbers the strings of all cursors in order. */
static void number_strings(struct gy_merge_text *text, struct cursor *cursors, size_t n)
{
    struct cursor **heap = gy_alloc(n * sizeof *heap);
    uint32_t capacity = 0;
    size_t n_left = 0;
    for (size_t i = 0; i < n; i++) {
        if (settle_cursor(&cursors[i], text)) {
            heap[n_left++] = &cursors[i];
        }
    }
    for (size_t i = n_left / 2; i-- > 0;) {
        sink(heap, n_left, i);
    }
    while (n_left > 0) {
        number_string(text, heap[0], &capacity);
        if (!settle_cursor(heap[0], text)) {
            heap[0] = heap[--n_left];
        }
        sink(heap, n_left, 0);
    }
    free(heap);
}

/* Strings that are mostly distinct (numbers of orders) are neither sorted nor numbered. */
static void settle_text(struct gy_merge_text *text, size_t n_inputs)
{
    if (text->type != GY_VALUE_LIST && !gy_dictionary_pays(text->others.n, text->n_values)) {
        return;
    }
    uint32_t *order = sort_others(&text->others);
    struct cursor *cursors = gy_alloc_zero(n_inputs + 1, sizeof *cursors);
    size_t n = 0;
    for (size_t i = 0; i < n_inputs; i++) {
        if (text->codes[i] != NULL) {
            cursors[n++] = (struct cursor){.dictionary = &text->dictionaries[i],
                                           .codes = text->codes[i],
                                           .n = text->dictionaries[i].n};
        }
    }
    cursors[n++] = (struct cursor){.order = order, .n = text->others.n};
    text->other_codes = gy_alloc(text->others.n * sizeof *text->other_codes);
    number_strings(text, cursors, n);
    text->is_dictionary =
        text->type == GY_VALUE_LIST || gy_dictionary_pays(text->n_strings, text->n_values);
    free(cursors);
    free(order);
}

void gy_merge_settle_strings(struct gy_merge_texts *texts)
{
    for (size_t i = 0; i < texts->n; i++) {
        settle_text(&texts->texts[i], texts->n_inputs);
    }
}
