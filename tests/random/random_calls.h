/* random_calls.h - seeded JSON lines of calls, made to stand on the edges of the language.
 *
 * A few customers share few names, values and instants, so that conditions hit and ties are common:
 * events in one millisecond, at a window's very end, within an hour that occurs twice or never, on
 * leap days, after `now`; devices that are claimed, shared or never claimed; customers merged by
 * `alias`; calls said twice; values that do not read as their name's type, or are null.
 *
 * The first lines name everything once with a value of its type, so that what a name is does not
 * depend on chance: they are to be the first file, or the first commit.
 */
#ifndef GY_TESTS_RANDOM_CALLS_H
#define GY_TESTS_RANDOM_CALLS_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/zone.h"

#define RANDOM_UNTIMED INT64_MIN

struct random_line {
    struct gy_str json;
    int64_t time_ms; /* or RANDOM_UNTIMED */
    bool is_link;    /* it claims or merges ids, so its place among its like matters */
    uint32_t person;
};

/* A millisecond that an id has rows in. Two ids of one person never share one: which of two calls of
 * one millisecond came first is kept for one id only. */
struct random_used {
    int64_t time_ms;
    uint32_t person; /* UINT32_MAX: of a device that anybody may turn out to own */
    unsigned id;     /* which of the person's */
};

struct random_calls {
    struct gy_arena arena;
    const struct gy_zone *zone;
    uint32_t n_persons;
    int64_t centre_ms;     /* the instant around which everything happens */
    uint64_t style;        /* of chance: what the values of each name are like */
    bool is_tidy;          /* every field is there, of its type */
    bool is_to_the_second; /* no event has milliseconds */
    int64_t *instants;     /* which are met again and again */
    size_t n_instants;
    struct random_line *lines;
    size_t n_lines;
    size_t capacity;
    size_t n_first;           /* so many lines belong to the first file */
    uint64_t *untimed;        /* a bit for each trait that a person has had without a time */
    uint32_t n_messages;      /* message ids given out */
    struct random_used *used; /* milliseconds, by whom */
    size_t n_used;
    size_t used_capacity;
};

struct random_calls_options {
    const struct gy_zone *zone;
    uint32_t n_persons;        /* at least 1 */
    uint32_t calls_per_person; /* on average */
    bool
        without_device_aliases; /* no `alias` of an anonymous id: what it says depends on what came before */
};

/* All of it is made from `*state`, which moves on. `calls` is released by the caller. */
void random_calls_make(uint64_t *state, const struct random_calls_options *options,
                       struct random_calls *calls);
void random_calls_release(struct random_calls *calls);

/* Puts the lines behind the first file into another order that says the same: those of one
 * millisecond stay in their order, and so do those that link ids. */
void random_calls_permute(uint64_t *state, struct random_calls *calls);

/* Says about one line in `one_of` again, later. */
void random_calls_repeat(uint64_t *state, struct random_calls *calls, uint32_t one_of);

/* Lines [first, end), each ended by a line feed. */
void random_calls_text(const struct random_calls *calls, size_t first, size_t end,
                       struct gy_buf *out);

/* ---- what it is made of, for definitions that are to meet it ---- */

/* A number as JSON and the language write it, without a sign. */
const char *random_number(uint64_t *state);
struct gy_str random_string(uint64_t *state); /* UTF-8, not always NFC; may hold a NUL */
struct gy_str random_id(uint64_t *state, const struct random_calls *calls, struct gy_arena *arena);

/* An instant at, or very near to, one that the calls have. */
int64_t random_instant(uint64_t *state, const struct random_calls *calls);

/* A time as text: a date, an instant, a local time. */
struct gy_str random_time(uint64_t *state, const struct random_calls *calls,
                          struct gy_arena *arena);

#endif
