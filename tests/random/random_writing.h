/* random_writing.h - what the files that write random definitions share: the text as it grows, and the
 * pieces that stand in several places of the grammar. */
#ifndef GY_TESTS_RANDOM_WRITING_H
#define GY_TESTS_RANDOM_WRITING_H

#include "harness.h"
#include "lang/quote.h"
#include "random/random_definition.h"

struct writing {
    uint64_t *state;
    const struct random_definition_options *o;
    const struct random_names *names;
    struct gy_arena *arena;
    struct gy_buf *out;
    unsigned n_populations; /* one within another: each is asked of everyone for everyone */
};

static inline uint64_t below(struct writing *w, uint64_t n)
{
    return gy_test_below(w->state, n);
}

static inline bool one_in(struct writing *w, uint64_t n)
{
    return below(w, n) == 0;
}

static inline void put(struct writing *w, const char *text)
{
    gy_buf_text(w->out, text);
}

static inline void put_any(struct writing *w, const char *const *texts, size_t n)
{
    put(w, texts[below(w, n)]);
}
#define PUT_ANY(w, ...)                              \
    put_any((w), (const char *const[]){__VA_ARGS__}, \
            sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static inline void put_string(struct writing *w, struct gy_str s)
{
    gy_quote(s, w->out);
}

static inline void put_name(struct writing *w, struct gy_str name, enum gy_name_position position)
{
    if (one_in(w, 8)) {
        gy_quote(name, w->out);
    } else {
        gy_quote_name(name, position, w->out);
    }
}

static inline bool is_without(const struct writing *w, unsigned kind)
{
    return (w->o->without & kind) != 0;
}

static inline const struct random_named *pick(struct writing *w, const struct random_named *from,
                                              size_t n, enum gy_type type)
{
    for (unsigned tries = 0; n > 0 && tries < 12; tries++) {
        const struct random_named *one = &from[below(w, n)];
        if (one->type == type) {
            return one;
        }
    }
    return NULL;
}

/* ---- random_literal.c ---- */

void random_put_literal(struct writing *w, enum gy_type type);
void random_put_time_literal(struct writing *w);
void random_put_signed(struct writing *w); /* a number, with a minus sign or without */
enum gy_type random_any_type(struct writing *w);
void random_put_compare(struct writing *w, enum gy_type type); /* an operator that takes the type */
void random_put_duration(struct writing *w);
void random_put_any_duration(struct writing *w); /* also beyond the calendar */
void random_put_window(struct writing *w);

/* ---- random_filter.c ---- */

const struct random_event *random_pick_event(struct writing *w);
void random_put_where(struct writing *w, const struct random_event *event);
void random_put_chain(struct writing *w);
void random_put_in(struct writing *w, enum gy_type type);
void random_put_text_test(struct writing *w, bool is_list);

#endif
