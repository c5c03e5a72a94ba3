/* batch_types.c - which type a name has, and which of its values read as it.
 *
 * A name that is new takes its type from this batch:
 *   - from the kind of its first value, where values say what they are. Strings are times if every one
 *     of them reads as a time;
 *   - from all of its cells, where they are cells of a table: numbers if every one is a plain
 *     decimal that a double gives back digit by digit ("007" and ids of 19 digits are not), booleans if
 *     every one is true or false in any case, times if every one reads as a time; else strings.
 * Afterwards a value that does not read as the type is a misfit.
 *
 * What was found out about a string is kept for the whole batch: columns repeat each other's.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/mem.h"
#include "base/number.h"
#include "base/zone.h"
#include "store/batch_plan.h"

/* ---- what a string reads as ---- */

enum {
    KNOWN_NUMBER = 1,
    IS_NUMBER = 2,
    KNOWN_TIME = 4,
    IS_TIME = 8,
    MAX_PLAIN = 32 /* characters of a plain number */
};

/* "-12.50" -> "-12.5", "3." is none. The digits as gy_number_print writes them, or nothing. */
static size_t plain_digits(struct gy_str s, char out[MAX_PLAIN + 1])
{
    size_t i = s.len > 0 && s.ptr[0] == '-';
    size_t first = i;
    size_t dot = SIZE_MAX;
    if (s.len > MAX_PLAIN)
        return 0;
    for (; i < s.len; i++) {
        if (s.ptr[i] == '.' && dot == SIZE_MAX && i > first && i + 1 < s.len) {
            dot = i;
        } else if (s.ptr[i] < '0' || s.ptr[i] > '9') {
            return 0;
        }
    }
    size_t whole = (dot == SIZE_MAX ? s.len : dot) - first;
    if (whole == 0 || (whole > 1 && s.ptr[first] == '0'))
        return 0;
    size_t len = s.len;
    while (dot != SIZE_MAX && s.ptr[len - 1] == '0')
        len--;
    len -= dot != SIZE_MAX && s.ptr[len - 1] == '.';
    memcpy(out, s.ptr, len);
    return len;
}

static bool is_plain_number(struct gy_str s)
{
    char digits[MAX_PLAIN + 1];
    char printed[GY_NUMBER_TEXT];
    double value;
    size_t len = plain_digits(s, digits);
    if (len == 0 || !gy_number_read(s, &value))
        return false;
    if (value == 0)
        return true;
    if (value == trunc(value) && fabs(value) > 9007199254740992.0)
        return false;
    size_t printed_len = gy_number_print(value, printed);
    return gy_str_equal((struct gy_str){digits, len}, (struct gy_str){printed, printed_len});
}

static bool reads_as_number(struct gy_plan *plan, uint64_t string)
{
    uint8_t *class = &plan->string_classes[string];
    if ((*class & KNOWN_NUMBER) == 0) {
        *class |=
            KNOWN_NUMBER | (is_plain_number(gy_batch_string(plan->batch, string)) ? IS_NUMBER : 0);
    }
    return (*class & IS_NUMBER) != 0;
}

static bool read_time(const struct gy_plan *plan, uint64_t string, int64_t *ms)
{
    return gy_time_read(gy_batch_string(plan->batch, string), plan->identity->live->zone, ms, NULL);
}

static bool reads_as_time(struct gy_plan *plan, uint64_t string)
{
    uint8_t *class = &plan->string_classes[string];
    int64_t ms;
    if ((*class & KNOWN_TIME) == 0)
        *class |= KNOWN_TIME | (read_time(plan, string, &ms) ? IS_TIME : 0);
    return (*class & IS_TIME) != 0;
}

static bool read_bool(struct gy_str s, bool *out)
{
    *out = s.len == 4;
    return (s.len == 4 && strncasecmp(s.ptr, "true", 4) == 0) ||
           (s.len == 5 && strncasecmp(s.ptr, "false", 5) == 0);
}

static bool reads_as_bool(struct gy_plan *plan, uint64_t string)
{
    bool value;
    return read_bool(gy_batch_string(plan->batch, string), &value);
}

/* ---- the type of a new name ---- */

struct column_at {
    struct gy_plan *plan;
    const struct gy_batch_stream *stream;
    const struct gy_batch_column *from;
};

static bool stays(const struct column_at *at, uint32_t entry)
{
    return at->plan->n_dropped == 0 ||
           !gy_plan_is_dropped(at->plan, at->stream->calls[gy_batch_row(at->from, entry)]);
}

/* True if every value of that kind which stays reads so. */
static bool all_read(const struct column_at *at, enum gy_value_type kind,
                     bool (*reads)(struct gy_plan *, uint64_t))
{
    for (uint32_t e = 0; e < at->from->n; e++) {
        if (gy_batch_entry_kind(at->from, e) == kind && stays(at, e) &&
            !reads(at->plan, at->from->bits[e]))
            return false;
    }
    return true;
}

static enum gy_value_type type_of_cells(const struct column_at *at)
{
    if (all_read(at, GY_VALUE_CELL, reads_as_number))
        return GY_VALUE_NUMBER;
    if (all_read(at, GY_VALUE_CELL, reads_as_bool))
        return GY_VALUE_BOOL;
    return all_read(at, GY_VALUE_CELL, reads_as_time) ? GY_VALUE_TIME : GY_VALUE_STRING;
}

/* MISSING if no value stays. */
static enum gy_value_type decide_type(const struct column_at *at)
{
    uint32_t e = 0;
    while (e < at->from->n && !stays(at, e))
        e++;
    if (e == at->from->n)
        return GY_VALUE_MISSING;
    enum gy_value_type kind = gy_batch_entry_kind(at->from, e);
    if (kind == GY_VALUE_CELL)
        return type_of_cells(at);
    if (kind == GY_VALUE_STRING && all_read(at, GY_VALUE_STRING, reads_as_time))
        return GY_VALUE_TIME;
    return kind;
}

/* ---- values as that type ---- */

static bool number_value(const struct column_at *at, uint32_t e, uint64_t *out)
{
    double number;
    enum gy_value_type kind = gy_batch_entry_kind(at->from, e);
    *out = at->from->bits[e];
    if (kind == GY_VALUE_NUMBER)
        return true;
    if (kind != GY_VALUE_CELL ||
        !gy_number_read(gy_batch_string(at->plan->batch, at->from->bits[e]), &number))
        return false;
    number = number == 0 ? 0 : number;
    memcpy(out, &number, sizeof number);
    return true;
}

static bool bool_value(const struct column_at *at, uint32_t e, uint64_t *out)
{
    bool value;
    enum gy_value_type kind = gy_batch_entry_kind(at->from, e);
    *out = at->from->bits[e];
    if (kind == GY_VALUE_BOOL)
        return true;
    if (kind != GY_VALUE_CELL ||
        !read_bool(gy_batch_string(at->plan->batch, at->from->bits[e]), &value))
        return false;
    *out = value;
    return true;
}

static bool time_value(const struct column_at *at, uint32_t e, uint64_t *out)
{
    int64_t ms;
    enum gy_value_type kind = gy_batch_entry_kind(at->from, e);
    *out = at->from->bits[e];
    if (kind == GY_VALUE_TIME)
        return true;
    if ((kind != GY_VALUE_CELL && kind != GY_VALUE_STRING) ||
        !read_time(at->plan, at->from->bits[e], &ms))
        return false;
    *out = (uint64_t)ms;
    return true;
}

static bool value_as(const struct column_at *at, enum gy_value_type type, uint32_t e, uint64_t *out)
{
    switch (type) {
    case GY_VALUE_NUMBER:
        return number_value(at, e, out);
    case GY_VALUE_BOOL:
        return bool_value(at, e, out);
    case GY_VALUE_TIME:
        return time_value(at, e, out);
    case GY_VALUE_STRING:
        *out = at->from->bits[e];
        return gy_batch_entry_kind(at->from, e) == GY_VALUE_STRING ||
               gy_batch_entry_kind(at->from, e) == GY_VALUE_CELL;
    case GY_VALUE_LIST:
        *out = at->from->bits[e];
        return gy_batch_entry_kind(at->from, e) == GY_VALUE_LIST;
    case GY_VALUE_MISSING:
    case GY_VALUE_CELL:
        break;
    }
    return false;
}

static bool is_plain(const struct column_at *at, enum gy_value_type type)
{
    return at->from->kinds == NULL && at->from->kind == type;
}

static void note_misfit(const struct column_at *at, struct gy_plan_column *to, uint32_t e)
{
    if (to->is_misfit == NULL)
        to->is_misfit = gy_alloc_zero(at->from->n, 1);
    to->is_misfit[e] = 1;
    to->n_misfits++;
}

/* The number of values that stay, misfits too. */
static uint32_t convert(const struct column_at *at, struct gy_plan_column *to)
{
    uint32_t n = 0;
    if (at->plan->n_dropped == 0 && is_plain(at, to->type))
        return at->from->n;
    to->values = gy_alloc_zero(at->from->n, sizeof *to->values);
    for (uint32_t e = 0; e < at->from->n; e++) {
        if (!stays(at, e))
            continue;
        n++;
        if (!value_as(at, to->type, e, &to->values[e]))
            note_misfit(at, to, e);
    }
    return n;
}

/* ---- dictionaries ---- */

struct distinct {
    uint64_t prefix; /* the first eight bytes, so that most comparisons need no more */
    uint32_t string;
};

static void mark(struct gy_plan *plan, uint32_t string, uint32_t **list, uint32_t *n,
                 uint32_t *capacity)
{
    if (plan->string_marks[string] != 0)
        return;
    GY_GROW(*list, *capacity, *n + 1);
    (*list)[(*n)++] = string;
    plan->string_marks[string] = *n;
}

static void unmark(struct gy_plan *plan, const uint32_t *list, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        plan->string_marks[list[i]] = 0;
}

static bool has_value(const struct column_at *at, const struct gy_plan_column *to, uint32_t e)
{
    return stays(at, e) && (to->is_misfit == NULL || to->is_misfit[e] == 0);
}

static void mark_strings(const struct column_at *at, const struct gy_plan_column *to,
                         uint32_t **list, uint32_t *n, uint32_t *capacity)
{
    const struct gy_batch *b = at->plan->batch;
    for (uint32_t e = 0; e < at->from->n; e++) {
        if (!has_value(at, to, e))
            continue;
        uint64_t bits = at->from->bits[e];
        if (to->type == GY_VALUE_STRING) {
            mark(at->plan, (uint32_t)bits, list, n, capacity);
            continue;
        }
        for (uint64_t i = 0; i < (uint32_t)bits; i++)
            mark(at->plan, b->list_codes[(bits >> 32) + i], list, n, capacity);
    }
}

static int by_text(const void *a, const void *b, void *context)
{
    const struct distinct *x = a;
    const struct distinct *y = b;
    if (x->prefix != y->prefix)
        return x->prefix < y->prefix ? -1 : 1;
    const struct gy_batch *batch = context;
    return gy_str_compare(gy_batch_string(batch, x->string), gy_batch_string(batch, y->string));
}

static uint64_t prefix_of(struct gy_str s)
{
    unsigned char bytes[8] = {0};
    uint64_t prefix;
    if (s.len > 0)
        memcpy(bytes, s.ptr, s.len < 8 ? s.len : 8);
    memcpy(&prefix, bytes, sizeof prefix);
    return __builtin_bswap64(prefix);
}

static void sort_strings(struct gy_plan *plan, uint32_t *strings, uint32_t n)
{
    struct gy_batch batch = *plan->batch; /* a view: qsort_r takes no const */
    struct distinct *sorted = gy_realloc(NULL, (size_t)n + 1, sizeof *sorted);
    for (uint32_t i = 0; i < n; i++)
        sorted[i] = (struct distinct){prefix_of(gy_batch_string(&batch, strings[i])), strings[i]};
    qsort_r(sorted, n, sizeof *sorted, by_text, &batch);
    for (uint32_t i = 0; i < n; i++)
        strings[i] = sorted[i].string;
    free(sorted);
}

/* The lists of one trait only: all traits' plans are there at the same time. */
static void encode_lists(const struct column_at *at, struct gy_plan_column *to)
{
    const struct gy_batch *b = at->plan->batch;
    size_t n = 0;
    for (uint32_t e = 0; e < at->from->n; e++)
        n += has_value(at, to, e) ? (uint32_t)at->from->bits[e] : 0;
    to->list_codes = gy_realloc(NULL, n + 1, sizeof *to->list_codes);
    n = 0;
    for (uint32_t e = 0; e < at->from->n; e++) {
        uint64_t bits = at->from->bits[e];
        uint32_t len = has_value(at, to, e) ? (uint32_t)bits : 0;
        to->values[e] = (uint64_t)n << 32 | len;
        for (uint32_t i = 0; i < len; i++)
            to->list_codes[n++] = at->plan->string_marks[b->list_codes[(bits >> 32) + i]] - 1;
    }
}

/* Strings' numbers become codes. */
static void encode(const struct column_at *at, struct gy_plan_column *to)
{
    struct gy_plan *plan = at->plan;
    for (uint32_t i = 0; i < to->n_dictionary; i++)
        plan->string_marks[to->dictionary[i]] = i + 1;
    if (to->values == NULL)
        to->values = gy_realloc(NULL, at->from->n, sizeof *to->values);
    if (to->type == GY_VALUE_LIST) {
        encode_lists(at, to);
        return;
    }
    for (uint32_t e = 0; e < at->from->n; e++)
        to->values[e] = plan->string_marks[at->from->bits[e] * has_value(at, to, e)] - 1;
}

static void make_dictionary(const struct column_at *at, struct gy_plan_column *to, uint32_t n)
{
    uint32_t *strings = NULL;
    uint32_t n_strings = 0;
    uint32_t capacity = 0;
    mark_strings(at, to, &strings, &n_strings, &capacity);
    if (to->type == GY_VALUE_LIST || gy_dictionary_pays(n_strings, n - to->n_misfits)) {
        sort_strings(at->plan, strings, n_strings);
        to->dictionary = strings;
        to->n_dictionary = n_strings;
        encode(at, to);
    }
    unmark(at->plan, strings, n_strings);
    if (to->dictionary == NULL)
        free(strings);
}

/* ---- finding a row's entry ---- */

static void set_bit(uint64_t *words, uint32_t i)
{
    words[i >> 6] |= UINT64_C(1) << (i & 63);
}

static void index_rows(const struct column_at *at, struct gy_plan_column *to)
{
    uint32_t n_words = at->stream->n_rows / 64 + 1;
    if (at->from->n == at->stream->n_rows)
        return;
    to->has_entry = gy_alloc_zero(n_words, sizeof *to->has_entry);
    to->before = gy_alloc_zero(n_words, sizeof *to->before);
    for (uint32_t e = 0; e < at->from->n; e++)
        set_bit(to->has_entry, gy_batch_row(at->from, e));
    for (uint32_t w = 1; w < n_words; w++)
        to->before[w] = to->before[w - 1] + (uint32_t)__builtin_popcountll(to->has_entry[w - 1]);
}

bool gy_plan_settle_column(struct gy_plan *plan, const struct gy_batch_stream *stream,
                           enum gy_value_type type, struct gy_plan_column *column)
{
    struct column_at at = {plan, stream, column->from};
    column->type = type == GY_VALUE_MISSING ? decide_type(&at) : type;
    if (column->type == GY_VALUE_MISSING || column->from->n == 0)
        return false;
    uint32_t n = convert(&at, column);
    if (n > 0 && (column->type == GY_VALUE_STRING || column->type == GY_VALUE_LIST))
        make_dictionary(&at, column, n);
    if (n > 0) {
        index_rows(&at, column);
    } else {
        free(column->values);
    }
    return n > 0;
}

void gy_batch_value(const struct gy_batch *batch, const struct gy_batch_column *column,
                    uint32_t entry, struct gy_arena *arena, struct gy_value *out)
{
    uint64_t bits = column->bits[entry];
    *out = (struct gy_value){.type = gy_batch_entry_kind(column, entry)};
    switch (out->type) {
    case GY_VALUE_NUMBER:
        memcpy(&out->number, &bits, sizeof bits);
        break;
    case GY_VALUE_BOOL:
        out->boolean = bits != 0;
        break;
    case GY_VALUE_TIME:
        out->time_ms = (int64_t)bits;
        break;
    case GY_VALUE_STRING:
    case GY_VALUE_CELL:
        out->string = gy_batch_string(batch, bits);
        break;
    case GY_VALUE_LIST: {
        struct gy_str *strings =
            gy_arena_alloc(arena, ((uint32_t)bits + (size_t)1) * sizeof *strings);
        for (uint64_t i = 0; i < (uint32_t)bits; i++)
            strings[i] = gy_batch_string(batch, batch->list_codes[(bits >> 32) + i]);
        out->list.strings = strings;
        out->list.n = (uint32_t)bits;
        break;
    }
    case GY_VALUE_MISSING:
        break;
    }
}
