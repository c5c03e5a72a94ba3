/* merge_ties.c - new ranks where one customer's rows of one millisecond come from several sources.
 *
 * Ranks order the rows of one customer and millisecond over all event streams of one part. Where
 * such rows come from two inputs, or from two ordinals that are now one customer, they are numbered
 * anew: in the order (input, old rank, own before moved). That is rare: a customer can have such rows
 * only if the times of two of its sources overlap, so first only the time spans are compared, and
 * rows are looked at for the few customers left. */
#include <stdlib.h>

#include "base/mem.h"
#include "store/merge_internal.h"

enum {
    GROUP_SIZE = 4096 /* customers whose rows are sorted at a time */
};

struct span {
    int64_t first_ms;
    int64_t last_ms;
};

enum {
    WORDS = GY_BLOCK_SIZE / 64
};

/* Per customer of the block. A span counts only where its bit is set, so that small inputs take little time. */
struct gy_merge_spans {
    struct span before[GY_BLOCK_SIZE]; /* of all inputs so far */
    struct span now[GY_BLOCK_SIZE];    /* of the present input */
    uint64_t has_before[WORDS];
    uint64_t has_now[WORDS];
    uint64_t suspects[WORDS]; /* customers whose rows must be looked at */
    size_t n_suspects;
};

struct tied_row {
    int64_t time_ms;
    uint32_t input;
    uint32_t rank;
    uint32_t place; /* 0 for the customer's own rows, from + 1 for moved ones */
    uint32_t stream;
    uint32_t block_no;
    uint32_t row;
    uint16_t customer;
};

struct tied_rows {
    struct tied_row *rows;
    size_t n;
    size_t capacity;
};

static int64_t time_of(const struct gy_times *times, uint32_t row)
{
    return gy_times_ms(times, row);
}

/* ---- customers that may have ties ---- */

static void widen(struct span *span, int64_t first_ms, int64_t last_ms)
{
    span->first_ms = first_ms < span->first_ms ? first_ms : span->first_ms;
    span->last_ms = last_ms > span->last_ms ? last_ms : span->last_ms;
}

static bool take_bit(uint64_t *bits, uint32_t customer)
{
    uint64_t bit = UINT64_C(1) << (customer & 63);
    bool was_set = (bits[customer >> 6] & bit) != 0;
    bits[customer >> 6] |= bit;
    return was_set;
}

/* Joins a customer's span to what is there already. */
static void join(struct span *spans, uint64_t *has, uint32_t customer, struct span more)
{
    if (take_bit(has, customer)) {
        widen(&spans[customer], more.first_ms, more.last_ms);
    } else {
        spans[customer] = more;
    }
}

static enum gy_status widen_spans(const struct gy_part *part, const struct gy_slice *slice,
                                  struct gy_merge_spans *spans, struct gy_error *err)
{
    struct gy_runs runs;
    struct gy_times times;
    GY_TRY(gy_part_runs(part, slice, &runs, err));
    GY_TRY(gy_part_times(part, slice, &times, err));
    for (uint32_t i = 0; i < runs.n; i++) {
        uint16_t customer = runs.customers == NULL ? (uint16_t)i : runs.customers[i];
        uint32_t first = gy_runs_start(&runs, i);
        uint32_t last = gy_runs_start(&runs, i + 1) - 1;
        struct span more = {time_of(&times, first), time_of(&times, last)};
        join(spans->now, spans->has_now, customer, more);
    }
    return GY_OK;
}

static void suspect(struct gy_merge_spans *spans, uint32_t customer)
{
    spans->n_suspects += !take_bit(spans->suspects, customer);
}

static void fold_span(struct gy_merge_spans *spans, uint32_t customer)
{
    struct span now = spans->now[customer];
    const struct span *before = &spans->before[customer];
    if ((spans->has_before[customer >> 6] >> (customer & 63) & 1) != 0 &&
        now.first_ms <= before->last_ms && before->first_ms <= now.last_ms) {
        suspect(spans, customer);
    }
    join(spans->before, spans->has_before, customer, now);
}

/* Joins the spans of one input to those before it. */
static void fold_spans(struct gy_merge_spans *spans)
{
    for (uint32_t word = 0; word < WORDS; word++) {
        for (uint64_t bits = spans->has_now[word]; bits != 0; bits &= bits - 1) {
            fold_span(spans, word * 64 + (uint32_t)__builtin_ctzll(bits));
        }
        spans->has_now[word] = 0;
    }
}

static enum gy_status find_suspects(const struct gy_merge_job *job, uint32_t block_no,
                                    struct gy_merge_spans *spans, struct gy_error *err)
{
    for (size_t input = 0; input < job->merge->n_inputs; input++) {
        const struct gy_part *part = job->merge->inputs[input];
        for (size_t i = 0; i < job->n_streams; i++) {
            const struct gy_slice *slice = gy_part_find(part, block_no, job->streams[i]);
            if (slice != NULL && gy_merge_is_event(job, job->streams[i])) {
                GY_TRY(widen_spans(part, slice, spans, err));
            }
        }
        fold_spans(spans);
    }
    size_t move;
    size_t end;
    gy_merge_moves_into(job, block_no, &move, &end);
    for (; move < end; move++) {
        suspect(spans, job->merge->moves[move].to % GY_BLOCK_SIZE);
    }
    return GY_OK;
}

/* ---- their rows ---- */

static void add_rows(const struct gy_merge_rows *rows, const struct gy_merge_run *run,
                     struct tied_rows *out)
{
    const struct gy_merge_source *source = &rows->sources[run->source];
    uint32_t ordinal = source->slice->block_no * GY_BLOCK_SIZE + run->from;
    uint32_t own = rows->block_no * GY_BLOCK_SIZE + run->customer;
    for (uint32_t row = run->first; row < run->end; row++) {
        GY_GROW(out->rows, out->capacity, out->n + 1);
        out->rows[out->n++] = (struct tied_row){
            .time_ms = time_of(&source->times, row),
            .input = (uint32_t)source->input,
            .rank = (uint32_t)gy_column_int(&source->ranks, row),
            .place = ordinal == own ? 0 : ordinal + 1,
            .stream = rows->stream,
            .block_no = source->slice->block_no,
            .row = row,
            .customer = run->customer,
        };
    }
}

static enum gy_status collect_group(const struct gy_merge_job *job, struct gy_merge_rows *rows,
                                    uint32_t block_no, uint32_t group,
                                    const struct gy_merge_spans *spans, struct tied_rows *out,
                                    struct gy_error *err)
{
    out->n = 0;
    for (size_t i = 0; i < job->n_streams; i++) {
        if (!gy_merge_is_event(job, job->streams[i])) {
            continue;
        }
        GY_TRY(gy_merge_collect(job, block_no, job->streams[i], rows, err));
        for (uint32_t r = 0; r < rows->n_runs; r++) {
            uint16_t customer = rows->runs[r].customer;
            if (customer / GROUP_SIZE == group &&
                (spans->suspects[customer >> 6] >> (customer & 63) & 1) != 0) {
                add_rows(rows, &rows->runs[r], out);
            }
        }
    }
    return GY_OK;
}

#define COMPARE(field)                           \
    do {                                         \
        if (a->field != b->field) {              \
            return a->field < b->field ? -1 : 1; \
        }                                        \
    } while (0)

static int compare_tied_rows(const void *left, const void *right)
{
    const struct tied_row *a = left;
    const struct tied_row *b = right;
    COMPARE(customer);
    COMPARE(time_ms);
    COMPARE(input);
    COMPARE(rank);
    COMPARE(place);
    COMPARE(stream);
    COMPARE(row);
    return 0;
}

static int compare_ties(const void *left, const void *right)
{
    const struct gy_merge_tie *a = left;
    const struct gy_merge_tie *b = right;
    COMPARE(stream);
    COMPARE(input);
    COMPARE(block_no);
    COMPARE(row);
    return 0;
}

#undef COMPARE

static bool have_several_sources(const struct tied_row *rows, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        if (rows[i].input != rows[0].input || rows[i].place != rows[0].place) {
            return true;
        }
    }
    return false;
}

static void rank_rows(const struct tied_row *rows, size_t n, struct gy_merge_ties *ties)
{
    for (size_t i = 0; i < n; i++) {
        if (rows[i].rank == i) {
            continue;
        }
        GY_GROW(ties->ties, ties->capacity, ties->n + 1);
        ties->ties[ties->n++] = (struct gy_merge_tie){
            .stream = rows[i].stream,
            .input = rows[i].input,
            .block_no = rows[i].block_no,
            .row = rows[i].row,
            .rank = (uint32_t)i,
        };
    }
}

static void rank_group(struct tied_rows *group, struct gy_merge_ties *ties)
{
    if (group->n > 0) {
        qsort(group->rows, group->n, sizeof *group->rows, compare_tied_rows);
    }
    size_t end;
    for (size_t first = 0; first < group->n; first = end) {
        const struct tied_row *row = &group->rows[first];
        end = first + 1;
        while (end < group->n && group->rows[end].customer == row->customer &&
               group->rows[end].time_ms == row->time_ms) {
            end++;
        }
        if (have_several_sources(row, end - first)) {
            rank_rows(row, end - first, ties);
        }
    }
}

static enum gy_status rank_suspects(const struct gy_merge_job *job, uint32_t block_no,
                                    const struct gy_merge_spans *spans, struct gy_merge_rows *rows,
                                    struct gy_merge_ties *ties, struct gy_error *err)
{
    struct tied_rows group = {0};
    enum gy_status status = GY_OK;
    for (uint32_t i = 0; i < GY_BLOCK_SIZE / GROUP_SIZE && status == GY_OK; i++) {
        uint64_t any = 0;
        for (uint32_t word = 0; word < GROUP_SIZE / 64; word++) {
            any |= spans->suspects[i * (GROUP_SIZE / 64) + word];
        }
        if (any == 0) {
            continue;
        }
        status = collect_group(job, rows, block_no, i, spans, &group, err);
        if (status == GY_OK) {
            rank_group(&group, ties);
        }
    }
    free(group.rows);
    return status;
}

static struct gy_merge_spans *start_spans(struct gy_merge_ties *ties)
{
    if (ties->spans == NULL) {
        ties->spans = gy_alloc(sizeof *ties->spans);
    }
    memset(ties->spans->has_before, 0, sizeof ties->spans->has_before);
    memset(ties->spans->has_now, 0, sizeof ties->spans->has_now);
    memset(ties->spans->suspects, 0, sizeof ties->spans->suspects);
    ties->spans->n_suspects = 0;
    return ties->spans;
}

void gy_merge_ties_release(struct gy_merge_ties *ties)
{
    free(ties->ties);
    free(ties->spans);
    *ties = (struct gy_merge_ties){0};
}

enum gy_status gy_merge_find_ties(const struct gy_merge_job *job, uint32_t block_no,
                                  struct gy_merge_rows *rows, struct gy_merge_ties *ties,
                                  struct gy_error *err)
{
    ties->n = 0;
    if (job->merge->n_inputs < 2 && job->merge->n_moves == 0) {
        return GY_OK;
    }
    struct gy_merge_spans *spans = start_spans(ties);
    GY_TRY(find_suspects(job, block_no, spans, err));
    if (spans->n_suspects > 0) {
        GY_TRY(rank_suspects(job, block_no, spans, rows, ties, err));
    }
    if (ties->n > 0) {
        qsort(ties->ties, ties->n, sizeof *ties->ties, compare_ties);
    }
    return GY_OK;
}
